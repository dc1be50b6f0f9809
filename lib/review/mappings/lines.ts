import { typesOf } from "../../compile/condition.ts";
import type { PinnedLook, PinnedRows } from "../../compile/pin/look.ts";
import type { PinnedReference } from "../../compile/shown/references.ts";
import { type Database, onlyReading } from "../../data/database.ts";
import type { ExactId } from "../../data/exact.ts";
import { rowsWhole } from "../../data/records.ts";
import type { Run } from "../../data/runs.ts";
import { identifier, join, literal, raw, type Sql, sql, uuid } from "../../data/sql.ts";
import { partsOf } from "../../define/several.ts";
import { Refusal } from "../../services/errors.ts";
import { plural } from "../../services/words.ts";
import { usesOf } from "../rows/kept-counts.ts";
import { type Carried, carriedInto } from "./carried.ts";

/** A legacy thing that rows refer to, its counterpart, and how much depends on it. */
export interface MappingLine {
  readonly id: ExactId;
  readonly legacy: string | null;
  readonly type?: string;
  readonly target: ExactId | null;
  readonly platform: string | null;
  readonly confidence?: number | string | null;
  readonly status: string;
  readonly decided_by: string | null;
  /** Where it was decided, if that was in an earlier run and stands in this one. */
  readonly carried?: Carried | null;
  readonly rows: number;
  /** Where a person is asked which of several is meant: what is shown of each, by its key. */
  readonly candidates?: Readonly<Record<string, string | null>>;
  /** Rows of each weight that the migration names, by its id. */
  readonly [weight: string]: unknown;
}

/** How alike both names are; null where nothing is suggested, so that there is nothing to be like. */
export const likenessOf = ({ confidence = null, target }: MappingLine): number | null =>
  confidence === null || (target === null && Number(confidence) === 0) ? null : Number(confidence);

/** Which of them are listed. */
export interface Listed {
  /** What a person should look at, what is the same by its very name and nobody decided about, or everything. */
  readonly which: "open" | "exact" | "all";
  readonly limit: number;
  readonly offset?: number;
}

/** A kind of things whose rows refer to something, and the reference by which they do. */
export interface Use {
  readonly part: PinnedRows;
  readonly reference: PinnedReference;
}

/** A reference by its name, as the first kind of things has it whose rows refer by it, and all kinds that do. */
export function referenceFor(
  { migration }: Run,
  { parts }: PinnedLook,
  name: string,
): { readonly reference: PinnedReference; readonly uses: readonly Use[] } {
  const uses = parts.flatMap((part) =>
    part.references
      .filter((each) => [each.name, plural(each.name)].includes(name))
      .map((reference) => ({ part, reference })),
  );
  const [first] = uses;
  if (first !== undefined)
    return {
      reference: first.reference,
      uses: uses.filter(({ reference }) => reference.name === first.reference.name),
    };
  const names = [
    ...new Set(parts.flatMap(({ references }) => references.map((each) => each.name))),
  ];
  throw new Refusal(
    "NoMappings",
    `The migration ${migration} maps no ${name}${names.length === 0 ? "" : `, but ${names.join(", ")}`}. Nothing was written.`,
  );
}

/** The type of what stands for nothing real, which nobody can say what it is; null where a reference has none. */
export function placeholderType(
  { definition }: Run,
  { name, kind }: PinnedReference,
): string | null {
  if (kind !== "by_code") return null;
  const found = partsOf(definition)
    .map(({ references }) => references[name])
    .find((each) => each?.kind === "by_code");
  return found === undefined ? null : typesOf(found).placeholder;
}

/** What a person should look at, over `m`. */
export function openMappings({ type }: PinnedReference): Sql {
  if (type === null) return sql`m.status not in ('mapped', 'confirmed', 'rejected')`;
  const settled = sql`m.status not in ('confirmed', 'rejected')`;
  return type.real === null
    ? settled
    : sql`${settled} and m.${raw(identifier(type.column))} = ${type.real}`;
}

/** The same by its very name, and nobody's decision yet, over `m`; what goes by code never is. */
export const exactMappings: Sql = sql`m.status = 'mapped' and m.decided_by is null`;

/** What the migration weighs mappings by, of all kinds of things that refer to them: each once. */
export const weightsOf = (uses: readonly Use[]): PinnedRows["weights"] =>
  uses
    .flatMap(({ part }) => part.weights)
    .filter(({ id }, at, all) => all.findIndex((each) => each.id === id) === at);

/** By the weights that the migration names, then by all rows (R8), of whatever kinds refer to each. */
export async function mappingLines(
  db: Database,
  run: Run,
  uses: readonly Use[],
  { which, limit, offset = 0 }: Listed,
): Promise<MappingLine[]> {
  const [first] = uses;
  if (first === undefined) return [];
  const { reference } = first;
  const { staging, platform, type } = reference;
  const column = (name: string) => raw(identifier(name));
  const extra =
    reference.kind === "chosen"
      ? sql`m.confidence, m.keys as candidates`
      : type === null
        ? sql`m.confidence`
        : sql`m.${column(type.column)} as type`;
  const weights = weightsOf(uses);
  const named = await Promise.all(
    uses.map(({ part, reference }) => usesOf(db, run, part, reference)),
  );
  const weighed = weights.map(
    ({ id }) => `sum((weights ->> ${literal(id)})::bigint)::bigint as ${identifier(id)}`,
  );
  const open = { open: openMappings(reference), exact: exactMappings, all: sql`true` }[which];
  // Weights are conditions of the run's own: whoever runs them writes nothing by them.
  return onlyReading(db, (transaction) =>
    rowsWhole<MappingLine>(
      transaction,
      sql`
    with carried as (${carriedInto(run.id, staging.table)}),
    named as (${join(named, "\n  union all")}),
    used as (select named.id, ${raw(["sum(named.rows)::bigint as rows", ...weighed].join(", "))} from named group by 1)
    select to_jsonb(m.${column(staging.id)}) as id, left(m.${column(staging.label)}, 300) as legacy,
           ${extra}, to_jsonb(m.${column(staging.target)}) as target,
           ${platform === null ? sql`null` : sql`left(p.${column(platform.label)}::text, 300)`} as platform, m.status, m.decided_by,
           case when c.id is not null then jsonb_build_object('run', c.run, 'at', c.said) end as carried,
           ${raw(weights.map(({ id }) => `coalesce(used.${identifier(id)}, 0) as ${identifier(id)},`).join(" "))}
           coalesce(used.rows, 0) as rows
      from wavegate.${column(staging.table)} m
      ${platform === null ? sql`` : sql`left join ${column(platform.table)} p on p.${column(platform.id)} = m.${column(staging.target)}`}
      left join carried c on c.id = m.${column(staging.id)}::text and c.by = m.decided_by and c.at = m.decided_at
      left join used on used.id = m.${column(staging.id)}::text
     where m.run_id = ${uuid(run.id)} and ${open}
     order by ${raw(weights.map(({ id }) => `${identifier(id)} desc, `).join(""))}rows desc, m.${column(staging.id)}
     limit ${limit} offset ${offset}`,
    ),
  );
}
