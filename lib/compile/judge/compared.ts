import { identifier, join, literal, raw, type Sql, sql, uuid } from "../../data/sql.ts";
import type { InsertAction, Migration } from "../../define/definition.ts";
import { givenKey } from "../../define/target-key.ts";
import { referenceJoins } from "../condition.ts";
import { stagedTable } from "../rows.ts";
import { type Ahead, aheadJoins, aheadOf, type Targets } from "../target/ahead.ts";
import type { TargetExclusion, TargetKey, TargetReference, TargetTable } from "../target/table.ts";
import { refusedByPlatform } from "../wave/refused.ts";
import { holdPlanned } from "./plan.ts";

/** What a target refuses of rows beside others: those of the platform, and those that waves would write before. */
export type Compared =
  | { readonly key: TargetKey }
  | { readonly exclusion: TargetExclusion }
  | { readonly reference: TargetReference };

export type Writer = readonly [kind: Migration, name: string, action: InsertAction];

const ruleOf = (compared: Compared): TargetKey | TargetExclusion | TargetReference =>
  "key" in compared
    ? compared.key
    : "exclusion" in compared
      ? compared.exclusion
      : compared.reference;

/**
 * The columns of a key that are whole parts of it and nothing else: where the platform will draw one for a new row above,
 * that row tells it apart as well.
 */
const wholeParts = (compared: Compared): readonly string[] => {
  if (!("key" in compared)) return [];
  const { columns, parts, where } = compared.key;
  return columns.filter(
    (column) =>
      ![...parts.filter((part) => !isColumn(part, column)), where ?? ""].some((text) =>
        text.includes(column),
      ),
  );
};

export const isColumn = (part: string, column: string): boolean =>
  part === column || part === identifier(column);

/** The columns of a row that a rule looks at. */
const columnsOf = (compared: Compared): readonly string[] =>
  "reference" in compared
    ? [...compared.reference.columns, ...compared.reference.within]
    : ruleOf(compared).columns;

/** The actions of some kinds of things that write into a table. */
export const writersOf = (kinds: readonly Migration[], targets: Targets, oid: string): Writer[] =>
  kinds.flatMap((kind) =>
    Object.entries(kind.entity.actions).flatMap(([name, action]): Writer[] =>
      targets.get(action.into)?.oid === oid ? [[kind, name, action]] : [],
    ),
  );

/**
 * What rows are compared by, target by target. What `identity` says needs no comparing: of rows that have one all are held
 * already (`given-twice.ts`), and what is on the platform is skipped (M11). Nor does a reference to what a row above is.
 */
export function comparisonsOf(
  migration: Migration,
  targets: Targets,
): readonly { readonly table: TargetTable; readonly compared: readonly Compared[] }[] {
  return targetsWritten(migration, targets).map((table) => {
    const writers = writersOf([migration], targets, table.oid);
    const all: Compared[] = [
      ...table.keys
        .filter((key) => !writers.every((writer) => isByOne(writer, key)))
        .map((key) => ({ key })),
      ...table.exclusions.map((exclusion) => ({ exclusion })),
      ...table.references
        .filter((reference) => isCompared(migration, targets, table, reference))
        .map((reference) => ({ reference })),
    ];
    return { table, compared: all.filter((each) => isKnown(writers, targets, columnsOf(each))) };
  });
}

/** The tables that a kind of things writes into. */
export const targetsWritten = (migration: Migration, targets: Targets): readonly TargetTable[] => [
  ...new Set(
    Object.values(migration.entity.actions).map(({ into }) => targets.get(into) as TargetTable),
  ),
];

/** Whether something can be said of a rule before a wave, of the rows of one action at least. */
export const isKnown = (writers: readonly Writer[], targets: Targets, columns: readonly string[]) =>
  writers.some(([kind, , action]) =>
    columns.every((column) => aheadOf(kind, targets, action, column) !== undefined),
  );

/**
 * Whether a foreign key refers to what kinds above write, and to nothing else of the run, and not simply to the row
 * above that its columns name.
 */
function isCompared(
  migration: Migration,
  targets: Targets,
  table: TargetTable,
  reference: TargetReference,
): boolean {
  // Of rows of one kind, whichever of its actions writes them, only a wave knows which it writes first.
  if (writersOf([migration], targets, reference.to).length > 0) return false;
  const above = writersOf(migration.above ?? [], targets, reference.to);
  if (above.length === 0) return false;
  const { columns, others } = reference;
  const writers = writersOf([migration], targets, table.oid);
  const isAbove = writers.every(([, , action]) => {
    const given = columns.map((column) => givenBy(action, column));
    const [first] = given;
    return (
      first !== undefined &&
      given.every(
        (value, at) => value?.of === first.of && (value.column ?? others[at]) === others[at],
      )
    );
  });
  return (
    !isAbove &&
    // What every row above writes of those columns has to be known.
    above.every(([kind, , action]) =>
      others.every((column) => aheadOf(kind, targets, action, column) !== undefined),
    )
  );
}

/** Whether an index tells apart what `identity` of an action does: of rows that have one all are held already. */
const isByOne = ([, , action]: Writer, key: TargetKey): boolean =>
  key.where === null &&
  key.columns.toSorted().join() ===
    Object.keys(action.identity ?? {})
      .sort()
      .join() &&
  key.parts.every((part) => key.columns.some((column) => isColumn(part, column)));

function givenBy({ id, values }: InsertAction, column: string) {
  const value = values[column] ?? givenKey(id)[column];
  return value !== undefined && "of" in value ? value : undefined;
}

/**
 * Holds rows that a target refuses beside others, by the name of what does (B6): beside a row of the platform or, by a
 * key, one that waves would write before, of this kind or of one above, or for want of one that they refer to. Rows that
 * one rule holds are none for the next. Answers with what that changes of the counts of `planRows`.
 */
export function holdCompared(
  migration: Migration,
  run: string,
  targets: Targets,
  { table, compared }: { readonly table: TargetTable; readonly compared: readonly Compared[] },
): Sql {
  const columns = [...new Set(compared.flatMap(columnsOf))];
  const ours = writersOf([migration], targets, table.oid);
  const theirs = writersOf(migration.above ?? [], targets, table.oid);
  const rows = [...ours, ...theirs].map((writer) =>
    plannedRows(run, targets, writer, columns, {
      ours: writer[0] === migration,
      known: compared.map(columnsOf),
      orDrawn: compared.map(wholeParts),
    }),
  );
  const steps = compared.map((each, n) => {
    const before = Array.from({ length: n }, (_, at) => `refused_${at}`);
    return stepOf(migration, run, targets, table, each, { n, before, columns });
  });
  const refused = sql`wanted as materialized (${join(rows, "\n    union all ")}),
  ${join(steps, ",\n  ")},
  refused as (${raw(compared.map((_, n) => `select staged, by from refused_${n}`).join(" union all "))})`;
  return holdPlanned(migration, run, refused, { reason: refusedByPlatform });
}

/** The rows that are planned for an action, with some columns as they would be written, and for each rule whether it is known. */
export function plannedRows(
  run: string,
  targets: Targets,
  [kind, name, action]: Writer,
  columns: readonly string[],
  {
    ours,
    known,
    orDrawn = [],
    also,
  }: {
    readonly ours: boolean;
    readonly known: readonly (readonly string[])[];
    /** Of each rule the columns that are as good as known where a new row above has them drawn: {@link drawnAs}. */
    readonly orDrawn?: readonly (readonly string[])[];
    /** Rows beside those that a wave may take. */
    readonly also?: string;
  },
): Sql {
  const ahead = new Map(
    columns.map((column) => [column, aheadOf(kind, targets, action, column)] as const),
  );
  const place = kind.waves.order
    .map((word, rank) => `when ${literal(word)} then ${rank}`)
    .join(" ");
  const into = identifier(action.into);
  const shown = columns.map((column) => {
    const is =
      ahead.get(column)?.is ?? `(select o.${identifier(column)} from ${into} o where false)`;
    // A cast leaves a column's own collation behind.
    const collation = targets
      .get(action.into)
      ?.columns.find(({ name: each }) => each === column)?.collation;
    return `${collation == null ? is : `(${is}) collate ${collation}`} as ${identifier(column)}`;
  });
  return sql`
    select s.id as "own staged", ${raw(ours ? `case s.classification ${place} end` : "-1")} as "own rank", ${ours} as "own ours", s.import_state in ('pending', 'rolled_back') as "own open", ${raw(
      [
        ...known.map(
          (of, n) =>
            `${isSaid(of.map((column) => [ahead.get(column), orDrawn[n]?.includes(column) === true]))} as "own known ${n}"`,
        ),
        ...columns.flatMap((column, at) =>
          orDrawn.some((of) => of.includes(column))
            ? [`${ahead.get(column)?.drawn ?? "null::bigint"} as ${drawnAs(at)}`]
            : [],
        ),
        ...shown,
      ].join(", "),
    )}
      from ${raw(stagedTable(kind))} s ${raw(referenceJoins(kind))}
      ${raw(aheadJoins(kind, targets, {}, new Set(columns)))}
     where s.run_id = ${uuid(run)} and s.planned = 'commit' and s.planned_action = ${name}
       and (s.import_state in ('pending', 'rolled_back')${raw(also === undefined ? "" : ` or ${also}`)})`;
}

/** The new row above that has a column drawn, by the column's place among those that are shown. */
export const drawnAs = (at: number): string => `"own drawn ${at}"`;

const isSaid = (
  values: readonly (readonly [value: Ahead | undefined, orDrawn: boolean])[],
): string =>
  values.some(([value]) => value === undefined)
    ? "false"
    : [
        ...new Set(
          values.flatMap(([value, orDrawn]) =>
            orDrawn && value?.drawn !== undefined
              ? [`(${[...value.known].join(" and ") || "true"} or ${value.drawn} is not null)`]
              : (value?.known ?? []),
          ),
        ),
      ].join(" and ") || "true";

/** What one rule refuses, as `refused_N`, of rows that no rule before it does. */
function stepOf(
  migration: Migration,
  run: string,
  targets: Targets,
  table: TargetTable,
  compared: Compared,
  {
    n,
    before,
    columns,
  }: {
    readonly n: number;
    readonly before: readonly string[];
    /** All that are shown of a row. */
    readonly columns: readonly string[];
  },
): Sql {
  const open = before.map(
    (each) => ` and not exists (select from ${each} f where f.staged = r."own staged")`,
  );
  const asked = (parts: readonly string[], where: string | null, above: readonly string[] = []) => `
    select ${['r."own staged" as staged', 'r."own rank" as rank', 'r."own ours" as ours', "v.*", ...above.map((each, k) => `${each} as d${k}`)].join(", ")} from wanted r
      cross join lateral (select ${partsAs(parts)}, (${where ?? "true"}) as inside) v
     where r."own known ${n}" and v.inside${open.join("")}`;
  const by = literal(ruleOf(compared).name);
  if ("reference" in compared)
    return withoutTarget(migration, run, targets, compared.reference, { n, by, asked });
  if ("exclusion" in compared) {
    const { parts, operators, where } = compared.exclusion;
    const all = operators.map((each, k) => `t.k${k} ${each} w.k${k}`).join(" and ");
    // Beside rows of the platform alone, and row by row: the index that each such constraint has finds them, however many
    // share what is equal, where a join could compare each with each. Rows of the run beside each other: `excluding.ts`.
    return raw(`refused_${n} as (
    select w.staged, ${by} as by from (${asked(parts, where)}) w
     where case when w.ours then ${standing(table, parts, where, all)} end)`);
  }
  const { parts, where, nullsDistinct } = compared.key;
  const keys = parts.map((_, k) => `k${k}`);
  const drawn = parts.map((part) =>
    columns.findIndex((each) => wholeParts(compared).includes(each) && isColumn(part, each)),
  );
  const above = drawn.map((at) => (at === -1 ? "null::bigint" : `r.${drawnAs(at)}`));
  const drawnBy = keys.map((_, k) => `d${k}`);
  const equal = keys.map((k) => `t.${k} = w.${k}`).join(" and ");
  const complete = keys.map((k, at) => `num_nonnulls(${k}, d${at}) > 0`).join(" and ");
  // What a row above will have drawn for it no row of the platform has: it equals nothing there.
  const taken = standing(table, parts, where, equal);
  // What is null in part no index finds by what it equals: rows of the platform that lack something come before all others.
  const lacking = nullsDistinct
    ? ""
    : `
        union all select null, -2, false, t.*, true, ${drawnBy.map(() => "null").join(", ")}
          from (select ${partsAs(parts)} from ${identifier(table.name)} where ${where ?? "true"}) t where num_nulls(${keys.join(", ")}) > 0`;
  return raw(`refused_${n} as (
    select w.staged, ${by} as by from (
      select *, row_number() over (partition by ${[...keys, ...drawnBy].join(", ")} order by rank, staged) as nth
        from (${asked(parts, where, above)}${lacking}) a where ${nullsDistinct ? complete : "true"}) w
     where w.ours and (nth > 1 or ${complete} and ${taken}))`);
}

export const partsAs = (parts: readonly string[]): string =>
  parts.map((part, k) => `(${part}) as k${k}`).join(", ");

const standing = (
  { name }: TargetTable,
  parts: readonly string[],
  where: string | null,
  same: string,
) =>
  `exists (
       select from (select ${partsAs(parts)} from ${identifier(name)} where ${where ?? "true"}) t where ${same})`;

/** Rows that refer to what neither stands on the platform nor is written before them. */
function withoutTarget(
  migration: Migration,
  run: string,
  targets: Targets,
  { columns, table: other, to, others, where }: TargetReference,
  {
    n,
    by,
    asked,
  }: { n: number; by: string; asked: (parts: readonly string[], where: string | null) => string },
): Sql {
  const planned = writersOf(migration.above ?? [], targets, to).map((writer) =>
    plannedRows(run, targets, writer, others, { ours: false, known: [others] }),
  );
  const same = (t: string) =>
    others.map((column, k) => `${t}.${identifier(column)} = w.k${k}`).join(" and ");
  return sql`target_${raw(`${n}`)} as materialized (${join(planned, "\n    union all ")}),
  ${raw(`refused_${n} as (
    select w.staged, ${by} as by from (${asked(columns.map(identifier), where)}) w
     where w.ours and num_nulls(${others.map((_, k) => `w.k${k}`).join(", ")}) = 0
       and not exists (select from ${other} t where ${same("t")})
       and not exists (select from target_${n} t where ${same("t")})
       and not exists (select from target_${n} t where not t."own known 0"))`)}`;
}
