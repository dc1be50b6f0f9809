import { referenceAlias } from "../../compile/condition.ts";
import { askedFrom, type PinnedLook, type PinnedRows } from "../../compile/pin/look.ts";
import type { PinnedReference } from "../../compile/shown/references.ts";
import type { Database } from "../../data/database.ts";
import type { Run } from "../../data/runs.ts";
import { identifier, json, literal, raw, type Sql, sql, uuid } from "../../data/sql.ts";
import { pinOf } from "../../evidence/pinned.ts";
import { type Shared, sharedOf } from "./held-common.ts";

/** Writes something in one transaction of the dry run that keeps the counts. */
type Write = (work: (transaction: Database) => Promise<unknown>) => Promise<unknown>;

/**
 * What a dry run kept of a reference of a kind of things, as {@link keptUses}; undefined where it keeps none.
 */
export type KeptUses = (part: string | undefined, reference: string) => Sql | undefined;

/**
 * Counts what pages need of all rows at the end of a dry run, so that no page looks at them all: how many rows name
 * each thing that is mapped, and what those that the plan holds share. Only stages change what is counted, and each
 * begins with a claim of its own: holds, decisions, waves and rollbacks leave it as it is.
 */
export async function keepCounts(
  db: Database,
  run: Run,
  { parts }: PinnedLook,
  { claim, write }: { readonly claim: string; readonly write: Write },
): Promise<KeptUses> {
  const { entities } = pinOf(run);
  const shared: (Shared & { readonly part: string })[] = [];
  for (const [at, look] of parts.entries()) {
    const staging = entities[at]?.staging;
    if (staging === undefined) continue;
    for (const each of await sharedOf(db, run, look, staging))
      shared.push({ ...each, part: partName(look) });
  }
  // All at once: whoever looks meanwhile finds all of them or none.
  await write(async (transaction) => {
    const into = sql`insert into wavegate.kept_counts (run_id, claim, part, about, name, held_by, value, rows, weights)`;
    const of = sql`${uuid(run.id)}, ${uuid(claim)}`;
    await transaction.execute(sql`delete from wavegate.kept_counts where run_id = ${uuid(run.id)}`);
    for (const look of parts.filter(areSettled)) {
      const references = look.references.filter(areFewerThanRows);
      if (references.length === 0) continue;
      await transaction.execute(sql`
          ${into} select ${of}, ${partName(look)}::text, 'mapping', used.name, '', used.id, used.rows, used.weights
            from (${allUsesCounted(run, look, references)}) used`);
    }
    await transaction.execute(sql`
      ${into} select ${of}, e ->> 'part', 'hold', e ->> 'reason', e ->> 'column', e ->> 'value', (e ->> 'rows')::bigint, null
        from jsonb_array_elements(${json(shared)}) e`);
  });
  return (part, name) => {
    const look = parts.find((each) => each.part === (part ?? null));
    const reference = look?.references.find((each) => each.name === name);
    return look && reference && keptUses(run, look, reference);
  };
}

/** Of what a person is asked about row by row each row names its own: a count would be kept for every one. */
const areFewerThanRows = ({ kind }: PinnedReference): boolean => kind !== "chosen";

/** The same as {@link usesCounted} of several references that are mapped, each by its name: one look at the rows. */
function allUsesCounted(run: Run, look: PinnedRows, references: readonly PinnedReference[]): Sql {
  const columns = [...new Set(references.map(({ column }) => `s.${identifier(column)}`))];
  // Of each row the column that its group is about; the others are not grouped by, and are null in it.
  const about = (then: (column: string, at: number) => string) =>
    raw(columns.map((c, at) => `when grouping(${c}) = 0 then ${then(c, at)}`).join(" "));
  const named = references.map(
    ({ name, column }) => `(${literal(name)}, ${columns.indexOf(`s.${identifier(column)}`)})`,
  );
  return sql`
  select named.name, counted.id, counted.rows, counted.weights
    from (select case ${about((_, at) => String(at))} end as at, case ${about((c) => `${c}::text`)} end as id,
                 count(*) as rows, ${weightsCounted(look)} as weights
            from ${raw(askedFrom(look))} where s.run_id = ${uuid(run.id)}
           group by grouping sets (${raw(columns.map((c) => `(${c})`).join(", "))})) counted
    join (values ${raw(named.join(", "))}) named(name, at) using (at)`;
}

/** How many rows name each thing of a reference, as text, and how many of each weight; of choices those asked about. */
const usesCounted = (run: Run, look: PinnedRows, reference: PinnedReference): Sql => {
  const { column, staging } = reference;
  const asked = areFewerThanRows(reference)
    ? sql``
    : sql`and s.${raw(identifier(column))} in (
             select c.${raw(identifier(staging.id))} from wavegate.${raw(identifier(staging.table))} c where c.run_id = ${uuid(run.id)})`;
  return sql`
  select s.${raw(identifier(column))}::text as id, count(*) as rows, ${weightsCounted(look)} as weights
    from ${raw(askedFrom(look))} where s.run_id = ${uuid(run.id)} ${asked} group by 1`;
};

const weightsCounted = ({ weights }: PinnedRows): Sql =>
  raw(
    `jsonb_build_object(${weights
      .map(({ id, sql: holds }) => `${literal(id)}, count(*) filter (where ${holds})`)
      .join(", ")})`,
  );

/**
 * How many rows name each thing of a reference, as a dry run keeps it: `id`, as text, `rows` and `weights`. Undefined
 * where it keeps none.
 */
const keptUses = (
  run: Pick<Run, "id">,
  look: PinnedRows,
  reference: PinnedReference,
): Sql | undefined =>
  areFewerThanRows(reference) && areSettled(look)
    ? sql`
  select k.value as id, k.rows, k.weights from wavegate.kept_counts k
   where k.run_id = ${uuid(run.id)} and k.part = ${partName(look)} and k.about = 'mapping' and k.name = ${reference.name}`
    : undefined;

/**
 * How many rows name each thing of a reference: as they were kept, if nothing began since, else counted, which takes
 * a look at every row.
 */
export async function usesOf(
  db: Database,
  run: Run,
  look: PinnedRows,
  reference: PinnedReference,
): Promise<Sql> {
  const kept = keptUses(run, look, reference);
  return kept !== undefined && (await areKept(db, run)) ? kept : usesCounted(run, look, reference);
}

/** What the rows that are held share of what the plan looked at, as it was kept; undefined where it is not. */
export async function sharedKept(
  db: Database,
  run: Run,
  look: PinnedRows,
): Promise<readonly Shared[] | undefined> {
  if (!(await areKept(db, run))) return undefined;
  return db.rows<Shared>(sql`
    select name as reason, held_by as "column", value, rows from wavegate.kept_counts
     where run_id = ${uuid(run.id)} and part = ${partName(look)} and about = 'hold'`);
}

/** Whether the counts are those of the stage that judged the run's rows last. */
async function areKept(db: Database, run: Run): Promise<boolean> {
  const { kept } = await db.one<{ kept: boolean }>(sql`
    select exists (select from wavegate.kept_counts k join wavegate.stage_claims c on c.run_id = k.run_id and c.claim = k.claim
                    where k.run_id = ${uuid(run.id)}) as kept`);
  return kept;
}

/** Weights that look at what a mapping says change with each decision about one. */
const areSettled = ({ weights, references }: PinnedRows): boolean =>
  !weights.some(({ sql: holds }) =>
    references.some(({ name }) => holds.includes(referenceAlias(name))),
  );

const partName = ({ part }: Pick<PinnedRows, "part">): string => part ?? "";
