import { type Asked, comparePeople, drawPeople } from "../../compile/around/reconcile.ts";
import { type Database, readable } from "../../data/database.ts";
import type { Reconciled } from "../../define/reconcile.ts";
import { partsOf, type WholeMigration } from "../../define/several.ts";
import { several } from "../../services/words.ts";
import type { Check } from "../run/check.ts";

/** What is compared of one person, by their id on the platform. */
interface Compared {
  readonly person: string;
  readonly things: number;
  readonly entries: number;
  readonly missing: number;
  readonly foreign_entries: number;
  readonly told: number;
}

/** A check with what was found of each of the people who were drawn. */
interface ReconciledCheck extends Check {
  readonly people: readonly Compared[];
}

/**
 * Both sides of the platform, of people who are drawn anew (C8): every thing that the run was asked for has its entry or
 * is told of, and no entry is of nothing. A side that cannot be read is one that does not agree.
 */
export async function reconcile(
  db: Database,
  migration: WholeMigration,
  run: Asked,
): Promise<ReconciledCheck[]> {
  const { people = 0, sides = [] } = migration.reconcile ?? {};
  if (sides.length === 0) return [];
  const drawn = await readable(db, (reading) =>
    reading.rows<{ person: string }>(drawPeople(sides, run, people)),
  );
  const named = drawn?.map(({ person }) => person);
  const checks: ReconciledCheck[] = [];
  for (const side of sides) {
    checks.push(checkOf(side, named && (await compare(db, migration, run, side, named))));
  }
  return checks;
}

/** Ids of what could not be compared at the run's end, looked at before it begins: nobody is drawn for it. */
export async function notComparable(
  db: Database,
  migration: WholeMigration,
  run: Asked,
): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const side of migration.reconcile?.sides ?? []) {
    const drawn = await readable(db, (reading) => reading.rows(drawPeople([side], run, 0)));
    if (drawn && (await compare(db, migration, run, side, []))) continue;
    ids.push(side.id);
  }
  return ids;
}

async function compare(
  db: Database,
  migration: WholeMigration,
  run: Asked,
  side: Reconciled,
  people: readonly string[],
): Promise<readonly Compared[] | undefined> {
  const staging = partsOf(migration).find(({ part }) => part === side.of)?.entity.staging.table;
  if (staging === undefined) return undefined;
  return readable(db, (reading) =>
    reading.rows<Compared>(comparePeople(side, staging, run, people)),
  );
}

function checkOf(
  { id, says }: Reconciled,
  compared: readonly Compared[] | undefined,
): ReconciledCheck {
  const people = compared ?? [];
  const sum = (of: keyof Omit<Compared, "person">) =>
    people.reduce((all, each) => all + each[of], 0);
  const things = sum("things");
  const expected = `${things} of ${things}`;
  const got =
    compared === undefined
      ? "not readable"
      : `${things - sum("missing")} of ${things + sum("foreign_entries")}`;
  return {
    id: `${id}_reconciled`,
    says: `Of ${several(people.length, "person who was", "people who were")} drawn their ${says} agree.`,
    passed: expected === got,
    expected,
    got,
    people: people.filter(({ things, entries }) => things + entries > 0),
  };
}
