import { join, literal, raw, type Sql, sql } from "../../data/sql.ts";
import type { Migration } from "../../define/definition.ts";
import type { Targets } from "../target/ahead.ts";
import type { TargetExclusion } from "../target/table.ts";
import {
  drawnAs,
  isColumn,
  isKnown,
  partsAs,
  plannedRows,
  targetsWritten,
  type Writer,
  writersOf,
} from "./compared.ts";
import { holdPlanned } from "./plan.ts";

/** Why rows are held of which the platform takes one beside another only. */
export const excludesAnother = "excludes_another";

/**
 * Holds all planned rows of a kind that exclude one another on the platform, as two bookings of one room at one time: which
 * of them is right nobody can tell, and a wave would take whichever comes first. So it is told of constraints whose parts
 * are equal, or ranges that overlap in one part at most; of others the wave tells. Beside a row of a kind above, which is
 * written before, only the later one is held. What people hold is as in `given-twice.ts`. By target; answers as
 * {@link holdPlanned}.
 */
export const holdExcluding = (
  migration: Migration,
  run: string,
  targets: Targets,
): readonly Sql[] =>
  targetsWritten(migration, targets).flatMap((table) => {
    const ours = writersOf([migration], targets, table.oid);
    const theirs = writersOf(migration.above ?? [], targets, table.oid);
    return table.exclusions
      .filter(({ kinds, columns }) => isTold(kinds) && isKnown(ours, targets, columns))
      .map((exclusion) => held(migration, run, targets, { exclusion, ours, theirs }));
  });

const isTold = (kinds: TargetExclusion["kinds"]): boolean =>
  kinds.every((kind) => kind !== "other") && kinds.filter((kind) => kind === "overlap").length < 2;

function held(
  migration: Migration,
  run: string,
  targets: Targets,
  {
    exclusion,
    ours,
    theirs,
  }: {
    readonly exclusion: TargetExclusion;
    readonly ours: readonly Writer[];
    readonly theirs: readonly Writer[];
  },
): Sql {
  const { name, columns, parts, kinds, where } = exclusion;
  const equal = parts.flatMap((part, k) => (kinds[k] === "equal" ? [{ part, k }] : []));
  const span = kinds.indexOf("overlap");
  // Columns that are equal parts and nothing else: where the platform will draw one for a new row above, that row tells it.
  const others = [...parts.filter((_, k) => kinds[k] !== "equal"), where ?? ""];
  const whole = columns.filter(
    (column) =>
      equal.some(({ part }) => isColumn(part, column)) &&
      ![...others, ...equal.map(({ part }) => part).filter((part) => !isColumn(part, column))].some(
        (text) => text.includes(column),
      ),
  );
  const rows = [...ours, ...theirs].map((writer) =>
    plannedRows(run, targets, writer, columns, {
      ours: writer[0] === migration,
      known: [columns],
      orDrawn: [whole],
      also: "s.import_state = 'held' and s.state_reason = 'held_by_person'",
    }),
  );
  const drawn = equal.map(({ part }) => {
    const at = columns.findIndex((column) => whole.includes(column) && isColumn(part, column));
    return at === -1 ? "null::bigint" : `r.${drawnAs(at)}`;
  });
  const given = [
    'r."own known 0"',
    ...(where === null ? [] : [`(${where})`]),
    ...equal.map(({ k }, n) => `num_nonnulls(v.k${k}, ${drawn[n]}) > 0`),
    ...(span === -1 ? [] : [`not isempty(v.k${span})`]),
  ];
  const same = [...equal.map(({ k }) => `k${k}`), ...equal.map((_, n) => `d${n}`)];
  const alike = same.length === 0 ? "" : `partition by ${same.join(", ")} `;
  return holdPlanned(
    migration,
    run,
    sql`wanted as materialized (${join(rows, "\n    union all ")}),
  compared as materialized (
    select r."own staged" as staged, r."own open" as open, v.*${raw(drawn.map((above, n) => `, ${above} as d${n}`).join(""))}
      from wanted r cross join lateral (select ${raw(partsAs(parts))}) v
     where ${raw(given.join(" and "))}),
  ${raw(meeting("meeting_open", "where open", span, alike))},
  ${raw(meeting("meeting_any", "", span, alike))},
  refused as (
    select staged, ${raw(literal(name))} as by from meeting_open
     union
    select staged, ${raw(literal(name))} from meeting_any where not open)`,
    { reason: excludesAnother },
  );
}

/**
 * Rows of `compared` that meet another one. Of ranges in the order of their beginnings one meets a later one if it meets
 * the next, and an earlier one if that which ends last has not ended: no row is compared with each.
 */
function meeting(as: string, which: string, span: number, alike: string): string {
  const range = `k${span}`;
  const meets =
    span === -1
      ? "count(*) over same > 1"
      : `coalesce(${range} && first_value(${range}) over next, false)
           or count(*) over before > 0 and lower_inf(${range})
           or coalesce(bool_or(upper_inf(${range})) over before, false)
           or coalesce(lower(${range}) < max(upper(${range})) over before, false)
           or coalesce(lower_inc(${range}) and lower(${range}) = max(upper(${range})) filter (where upper_inc(${range})) over before, false)`;
  const windows =
    span === -1
      ? `same as (${alike})`
      : `same as (${alike}order by ${range}, staged),
                next as (same rows between 1 following and 1 following),
                before as (same rows between unbounded preceding and 1 preceding)`;
  return `${as} as (
    select * from (
      select staged, open, ${meets} as meets from compared ${which} window ${windows}) m where meets)`;
}
