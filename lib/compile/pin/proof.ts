import { literals } from "../../data/sql.ts";
import type { Migration } from "../../define/definition.ts";
import { type Check, type Fact, facts, type MustNotBe } from "../../define/proof.ts";
import { partOf, partsOf, type WholeMigration } from "../../define/several.ts";
import { compileCondition, stagedFrom } from "../condition.ts";
import { placeholdersCommitted } from "./placeholders-committed.ts";

/** A check of a wave that counts what must not be. */
export interface PinnedCheck {
  readonly id: string;
  readonly says: string;
  /** Returns `rows`; `{run}` is the run's id and `{wave}` a wave's number, or null for all of them. */
  readonly sql?: string;
  /** Tables that a wave's own transaction may not have written. */
  readonly untouched?: readonly string[];
  /** Also at the run's end, over all of its waves. */
  readonly again?: true;
}

/** An item of the go/no-go list (R18): what is known of it is the program's, its words are the migration's. */
export interface PinnedItem {
  readonly id: Fact;
  readonly says: string;
  /** The sample quota of which a row has to be judged right, if it has any; of whichever unless said. */
  readonly of?: string;
  /** What is said where that quota has no row. */
  readonly empty?: string;
}

/** A migration's checks; guarded tables that none of them is about are one more. */
export function pinChecks(migration: WholeMigration): PinnedCheck[] {
  const checks = migration.checks ?? [];
  const named = checks.flatMap(({ never }) => ("untouched" in never ? never.untouched : []));
  const others = migration.guarded.filter((table) => !named.includes(table));
  return [
    ...checks.map((check) => pinCheck(migration, check)),
    ...partsOf(migration).flatMap(unnamedPlaceholders),
    ...(others.length === 0 ? [] : [guardedUntouched(others)]),
  ];
}

/** Of references by code that no check is about: nothing is written with what they are, if they are none. */
function unnamedPlaceholders(migration: Migration): PinnedCheck[] {
  const named = (migration.checks ?? []).flatMap(({ never }) =>
    "placeholder" in never ? [never.placeholder] : [],
  );
  return Object.keys(migration.references).flatMap((name) => {
    const sql = placeholdersCommitted(migration, name);
    if (sql === undefined || named.includes(name)) return [];
    const says = `Nothing was written with a placeholder for “${name}”.`;
    return [{ id: `no_placeholder_${name}`, says, sql, again: true as const }];
  });
}

const guardedUntouched = (tables: readonly string[]): PinnedCheck => ({
  id: "guarded_untouched",
  says: "No guarded table was written.",
  untouched: tables,
});

function pinCheck(migration: WholeMigration, { id, says, never, again }: Check): PinnedCheck {
  const kept = { id, says, ...(again ? { again } : {}) };
  if ("untouched" in never) return { ...kept, untouched: never.untouched };
  if ("placeholder" in never) {
    // By the mapping and the rule themselves, not by what was decided about the row: both could be wrong alike.
    const all = partsOf(migration).flatMap((part) =>
      Object.hasOwn(part.references, never.placeholder)
        ? (placeholdersCommitted(part, never.placeholder) ?? [])
        : [],
    );
    return { ...kept, sql: all.length === 1 ? (all[0] as string) : sumOf(all) };
  }
  const part = partOf(migration, never.of);
  if (part === undefined) throw new Error(`The check “${id}” is about no entity.`);
  return { ...kept, sql: countOf(part, never) };
}

type Counted = Extract<MustNotBe, { standing: unknown }>;

/** The rows of several counts as one. */
const sumOf = (counts: readonly string[]): string =>
  `select coalesce(sum(rows), 0)::bigint as rows from (${[...counts, "select 0::bigint as rows"].join(" union all ")}) c`;

function countOf(migration: Migration, never: Counted): string {
  const condition = compileCondition(never.standing, migration);
  if (never.outside === undefined) {
    return `select count(*) as rows from ${stagedFrom(migration)}
   where ${ofTheRun} and s.import_state in ('committed', 'linked') and ${condition}`;
  }
  const outside =
    never.outside.length === 0 ? "true" : `l.target_table not in (${literals(never.outside)})`;
  return `select count(*) as rows from wavegate.legacy_import_commit_logs l
    join ${stagedFrom(migration)} on s.run_id = l.run_id and s.id = l.staged_id
   where l.run_id = {run} and ({wave} is null or l.wave = {wave}) and l.action = 'commit'
     and l.rolled_back_at is null and l.conflict is null and ${outside} and ${condition}`;
}

const ofTheRun = "s.run_id = {run} and s.wave is not null and ({wave} is null or s.wave = {wave})";

/** The go/no-go list of a migration: in its own words, the others in the engine's. */
export function pinItems(migration: WholeMigration): PinnedItem[] {
  const own = migration.goNoGo ?? [];
  const [first] = partsOf(migration).flatMap(({ samples }) => samples);
  return facts
    .filter((id) => id !== "sample_approved" || first !== undefined)
    .filter(
      (id) => id !== "no_mutations" || pinChecks(migration).some(({ untouched }) => untouched),
    )
    .map((id) => ({
      ...neutral(id),
      ...(id === "sample_approved" && first !== undefined ? { of: first.id } : {}),
      ...own.find((item) => item.id === id),
    }));
}

const says: Readonly<Record<Fact, string>> = {
  connection_verified: "The legacy connection is verified.",
  dry_run_reviewed: "A person reviewed the dry run.",
  sample_approved: "The samples are approved.",
  mappings_reviewed: "The mappings are the ones that were reviewed.",
  first_batch_passed: "The first safe batch passed its verification.",
  drill_passed: "The rollback drill passed.",
  logs_correct: "The commit logs agree with the platform.",
  no_mutations: "No unexpected change of guarded tables.",
};

/** An item in the engine's words. */
export const neutral = (id: Fact): PinnedItem => ({
  id,
  says: says[id],
  ...(id === "sample_approved"
    ? {
        empty:
          "The first sample is empty, as the source has no such row; the other samples are approved.",
      }
    : {}),
});
