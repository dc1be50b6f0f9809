import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Database } from "../../lib/data/database.ts";
import { definitionDigest, findRun } from "../../lib/data/runs.ts";
import { raw } from "../../lib/data/sql.ts";
import type { Migration } from "../../lib/define/definition.ts";
import { digestOfParts, type SignedParts, signedDigest } from "../../lib/evidence/review-digest.ts";
import { reviewDigest } from "../../lib/review/digest/digest.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import { completed, runId, stageRun } from "./fixture.ts";
import { startWorld, type World } from "./support.ts";

const words = (text: string): string[] => text.split(/\s+/);

/** The tables of what is reviewed with the part that they belong to, and the columns that belong to none, each for its reason. */
const tables: Readonly<Record<string, { part: string; not: readonly string[] }>> = {
  legacy_student_imports_source: { part: "rows", not: [] },
  // What waves write: it changes though nothing of what was reviewed did (D13).
  legacy_student_imports_decisions: {
    part: "rows",
    not: words(
      "import_state state_reason state_detail wave imported_user_id imported_lead_id imported_completed_training_id imported_enrollment_id",
    ),
  },
  duplicate_hints: { part: "rows", not: [] },
  source_hints: { part: "rows", not: [] },
  rows_there: { part: "rows", not: [] },
  // The same decision made again is none: when it was made is in the audit log.
  legacy_course_mappings: { part: "mappings", not: ["decided_at"] },
  legacy_session_mappings: { part: "mappings", not: ["decided_at"] },
  // What the platform calls what a mapping means (D38).
  called_things: { part: "mappings", not: [] },
  // Names and places of a run, what the definition is compared by, how far it is, what became of its people, and how its
  // keys stand, which nothing changes.
  legacy_import_runs: {
    part: "run",
    not: words(
      "reference migration definition_digest definition pin long_as source execution_arn acknowledgements preflight counts stage control status halted_because created_at updated_at erased_at erased_by erased_rows erased_up_to due_seen trial watching key_digests",
    ),
  },
};

/** ECOIN's, as if its rows were looked for on the platform (D38). */
const definition: Migration = { ...ecoin, entity: { ...ecoin.entity, is: [] } };

let world: World;
const query = async <Row>(text: string): Promise<Row[]> => (await world.admin.query(text)).rows;

beforeAll(async () => {
  world = await startWorld();
  await stageRun(world.admin, completed(3));
  await query(`
    insert into wavegate.duplicate_hints (run_id, staged_id, level, rule, target_table, target_id)
    select run_id, id, 'high', 'phone', 'users', 1 from wavegate.legacy_student_imports where run_id = '${runId}';
    insert into wavegate.source_hints (run_id, staged_id, level, rule, first_id, hits)
    select run_id, id, 'high', 'phone', id, 1 from wavegate.legacy_student_imports where run_id = '${runId}';
    insert into wavegate.rows_there (run_id, staged_id, there_is, target_table, target_key, before, after, seen)
    select run_id, id, 'same', 'users', '{"id": 1}', '{}', '{}', '{}' from wavegate.legacy_student_imports where run_id = '${runId}';
    insert into wavegate.called_things (run_id, reference, target_id, called) values ('${runId}', 'course', '11', 'a'), ('${runId}', 'course', '12', 'b')`);
  const checks = await query<{ table: string; name: string }>(
    "select conrelid::regclass::text as table, conname as name from pg_constraint where contype = 'c' and connamespace = 'wavegate'::regnamespace and conrelid <> 0",
  );
  // A value that no program writes is looked at like any other.
  for (const { table, name } of checks) await query(`alter table ${table} drop constraint ${name}`);
});
afterAll(() => world.close());

const undone = new Error("It is undone.");

/** The reviewed parts after these statements, which are undone. */
async function partsAfter(...statements: string[]) {
  let parts = {};
  const look = async (db: Database) => {
    await db.execute(raw("set local session_replication_role = replica"));
    for (const statement of statements) await db.execute(raw(statement));
    parts = (await reviewDigest(db, definition, await findRun(db, runId))).parts;
    throw undone;
  };
  await world.administrator.transaction(look).catch((error) => {
    if (error !== undone) throw error;
  });
  return parts;
}

const changed = (before: object, after: object): string[] =>
  Object.keys(before).filter(
    (part) => before[part as keyof object] !== after[part as keyof object],
  );

/** Another value of a column, whatever it holds. */
function other(name: string, type: string): string {
  if (type === "boolean") return `not ${name}`;
  if (type === "uuid") return "'7f3a0000-0000-4000-8000-00000000ffff'";
  if (type === "jsonb") return `jsonb_build_array(${name})`;
  if (type === "text[]") return `array_append(${name}, 'x')`;
  if (type === "text") return `coalesce(${name}, '') || 'x'`;
  if (/date|timestamp/.test(type)) return `coalesce(${name} + interval '1 day', now())`;
  return `coalesce(${name}, 0) + 100`;
}

describe("W7 the digest, column by column", () => {
  it.each(Object.entries(tables))(
    "every column of %s belongs to it, but those that are listed here",
    async (table, { part, not }) => {
      const columns = await query<{ name: string; type: string }>(
        `select attname as name, format_type(atttypid, atttypmod) as type from pg_attribute
          where attrelid = 'wavegate.${table}'::regclass and attnum > 0 and not attisdropped order by attnum`,
      );
      const before = await partsAfter();
      const found: Record<string, string[]> = {};
      for (const { name, type } of columns) {
        // The run's own id is how it is found at all.
        if (table === "legacy_import_runs" && name === "id") continue;
        const row = `ctid = (select max(ctid) from wavegate.${table} where ${table === "legacy_import_runs" ? "id" : "run_id"} = '${runId}')`;
        const after = await partsAfter(
          `update wavegate.${table} set ${name} = ${other(name, type)} where ${row}`,
        );
        found[name] = changed(before, after);
      }
      expect(Object.keys(found).length).toBeGreaterThan(3);
      expect(found).toEqual(
        Object.fromEntries(
          Object.keys(found).map((name) => [name, not.includes(name) ? [] : [part]]),
        ),
      );
      expect(not.filter((name) => !(name in found))).toEqual([]);
    },
  );

  it("a table of the same name in another schema is none of it", async () => {
    const before = await partsAfter();
    for (const table of Object.keys(tables))
      expect([table, await partsAfter(`create table public.${table} (strange int)`)]).toEqual([
        table,
        before,
      ]);
  });

  it("a column that comes later belongs to it, and a row that goes or comes is a change", async () => {
    const before = await partsAfter();
    for (const [table, { part }] of Object.entries(tables)) {
      if (part === "run" || /_hints$|^(rows_there|called_things)$/.test(table)) continue;
      const later = `alter table wavegate.${table} add column later text default 'x'`;
      expect([table, changed(before, await partsAfter(later))]).toEqual([table, [part]]);
    }
    for (const [table, { part }] of Object.entries(tables)) {
      if (part === "run") continue;
      const gone = `delete from wavegate.${table} where ctid = (select max(ctid) from wavegate.${table} where run_id = '${runId}')`;
      expect([table, changed(before, await partsAfter(gone))]).toEqual([table, [part]]);
    }
  });
});

it("W7 each member of the definition, and the order of each of its lists, is part of its digest", () => {
  const digests = new Set([definitionDigest(ecoin)]);
  let changes = 0;
  const whole = JSON.stringify(ecoin);
  const with_ = (path: readonly (string | number)[], value: unknown) => {
    const copy = JSON.parse(whole);
    const holder = path.slice(0, -1).reduce((at, key) => at[key], copy);
    holder[path.at(-1) as string] = value;
    changes += 1;
    digests.add(definitionDigest(copy));
  };
  const walk = (value: unknown, path: readonly (string | number)[]): void => {
    if (
      Array.isArray(value) &&
      value.length > 1 &&
      JSON.stringify(value[0]) !== JSON.stringify(value[1])
    ) {
      with_(path, [value[1], value[0], ...value.slice(2)]);
    }
    if (typeof value === "object" && value !== null) {
      for (const [key, member] of Object.entries(value))
        walk(member, [...path, Array.isArray(value) ? Number(key) : key]);
    } else with_(path, typeof value === "number" ? value + 0.5 : `${value}.`);
  };
  walk(JSON.parse(whole), []);
  expect(changes).toBeGreaterThan(500);
  expect(digests.size).toBe(changes + 1);
});

it("W7 R10 what is signed is every reviewed part and the export", () => {
  const parts: SignedParts = { definition: "1", run: "2", rows: "3", mappings: "4", export: "5" };
  const names = ["definition", "run", "rows", "mappings"] as const;
  const signed = names.map((name) => signedDigest({ ...parts, [name]: "x" }, "5"));
  expect(
    new Set([
      signedDigest(parts, "5"),
      signedDigest(parts, "6"),
      signedDigest(parts, null),
      ...signed,
    ]).size,
  ).toBe(7);
  const keys = names.map((name) => digestOfParts({ ...parts, [name]: "x" }));
  expect(new Set([digestOfParts(parts), ...keys]).size).toBe(5);
});

it("W7 whatever writes into a table of reviewed rows or mappings is noted, so that no wave goes by what was read before", async () => {
  const noted = await query<{ table: string }>(
    "select tgrelid::regclass::text as table from pg_trigger where tgname = 'note_review_change' and tgenabled in ('O', 'A') and tgtype & 28 = 28",
  );
  const reviewed = Object.entries(tables).flatMap(([table, { part }]) =>
    part === "run" ? [] : [table],
  );
  const names = noted.map(({ table }) => table.replace(/^wavegate\./u, ""));
  expect(reviewed.filter((table) => !names.includes(table))).toEqual([]);
});
