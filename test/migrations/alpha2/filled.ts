import type { TestServices } from "../../support/services.ts";

type Row = Record<string, unknown>;

/** What another hand makes of the nth row of a table: as it would come, under another key, with something else in it; or nothing. */
type Hand = (row: Row, n: number) => Row | undefined;

const anew = { id: undefined };
const before = "0f0f0f0f-0000-4000-8000-000000000003";
const one =
  (...hands: readonly (Row | undefined)[]): Hand =>
  (row, n) => {
    const hand = hands[n % hands.length];
    return hand === undefined ? undefined : { ...row, ...hand };
  };
/** As it would come. */
const same: Row = {};

const hands: Readonly<Record<string, Hand>> = {
  legacy_user_map: (row, n) =>
    one(
      same,
      { sub: `renamed-${n}` },
      undefined,
      // Somebody else has the name.
      { legacy_id: `0f0f0f0f-0000-4000-9000-${String(n).padStart(12, "0")}` },
      undefined,
      undefined,
    )(row, n),
  courses: one(same, { teacher_id: "another" }, undefined, same),
  course_memberships: one(same, undefined),
  units: one(same, undefined, { title: "Renamed" }, same),
  // In another unit; its place is taken; it is there.
  unit_sections: one(same, anew, { unit_id: before, position: undefined }, same, undefined),
  // Told by course and unit; its place is taken by another unit; its id by another pair.
  course_modules: (row, n) =>
    one(anew, { ...anew, unit_id: before }, same, undefined, {
      unit_id: before,
      position: 900 + n,
    })(row, n),
  module_section_releases: one(same, undefined),
  unit_materials: one(same, anew, undefined, { position: 900 }),
  unit_tasks: one(same, anew, undefined, { instruction_md: "Another" }),
  learning_submissions: (row, n) =>
    one(
      same,
      { ...anew, idempotency_key: null },
      { idempotency_key: null, attempt_nr: 900 + n },
      undefined,
    )(row, n),
};

/** Fills in a platform in part, by another hand, with what a run would write; answers how many rows of each table. */
export async function fillIn(
  test: TestServices,
  rows: Readonly<Record<string, readonly { readonly row: string }[]>>,
): Promise<Record<string, number>> {
  const filled: Record<string, number> = {};
  for (const [table, hand] of Object.entries(hands)) {
    filled[table] = 0;
    for (const [n, { row }] of (rows[table] ?? []).entries()) {
      const own = hand(JSON.parse(row), n);
      if (own === undefined) continue;
      const columns = Object.keys(own).filter((name) => own[name] !== undefined);
      const place = own.position === undefined && "position" in own ? ", position" : "";
      const at = place === "" ? "" : `, (select coalesce(max(position), 0) + 1 from ${table})`;
      // What it would refer to is not there, or somebody has its place: another hand is refused, too.
      await test
        .query(
          `insert into ${table} (${columns.join(", ")}${place}) select ${columns.join(", ")}${at} from jsonb_populate_record(null::${table}, $1) returning 1`,
          [JSON.stringify(own)],
        )
        .then(
          (made) => {
            filled[table] = (filled[table] ?? 0) + made.length;
          },
          (error: { code?: string }) => {
            if (!error.code?.startsWith("23")) throw error;
          },
        );
    }
  }
  return filled;
}
