import {
  countedConditions,
  countedValues,
  listedStatuses,
  longestTold,
  type OfAll,
} from "../../compile/judge/report.ts";
import type { Condition, Count, Migration } from "../../define/definition.ts";
import { damageOf } from "../../normalize/damage.ts";
import { disguised } from "../../normalize/look-alikes.ts";
import { nearest } from "../../normalize/status.ts";
import type {
  Counted,
  Distribution,
  DryRunReport,
  More,
  NearPlaceholder,
} from "../../review/report.ts";
import { holdsSomebody, shapeOf } from "../../review/shape.ts";
import { type Measured, stopConditions } from "../../review/sign-off/stop-conditions.ts";

/** Rows that agree in everything that is counted: the columns of `countedValues`, and these. */
export interface DecisionCount extends Readonly<Record<string, string | number | null>> {
  readonly planned: string | null;
  readonly planned_action: string | null;
  readonly planned_reason: string | null;
  /** Which of the counted conditions hold, see `countedMarks`. */
  readonly marks: string;
  readonly rows: number;
}

/** A spelling that the definition does not list, and how many rows have it. */
export interface UnlistedStatus extends OfAll {
  readonly field: string;
  readonly status: string | null;
  readonly rows: number;
  /** Every row has a word of its own name in it. */
  readonly named: boolean;
}

/** What a dry run looks at besides the decisions. */
interface DryRunFacts {
  readonly statuses: readonly UnlistedStatus[];
  readonly sharedEmails: number;
  readonly sharedPhones: number;
  readonly cappedGroups: number;
  readonly nearPlaceholders: readonly (NearPlaceholder & OfAll)[];
  /** Rows whose reference was staged as real against the rule, by the reference's name. */
  readonly takenForReal: Readonly<Record<string, number>>;
}

/** The report of a dry run from its counts. Pure: the same counts give the same report. */
export function dryRunReport(
  migration: Migration,
  counts: readonly DecisionCount[],
  facts: DryRunFacts,
): DryRunReport {
  const { report, stops } = migration;
  const sum = (some: readonly DecisionCount[]) => some.reduce((all, { rows }) => all + rows, 0);
  const holds = holding(migration);
  const where = (...conditions: Condition[]) =>
    sum(counts.filter((count) => conditions.every((condition) => holds(count, condition))));
  const counted = ({ id, says, when }: Count): Counted => ({ id, says, rows: where(when) });
  const by = (column: string, of: (count: DecisionCount) => boolean = () => true): Distribution => {
    const found: Record<string, number> = {};
    for (const count of counts.filter(of)) {
      const value = count[column] ?? null;
      if (value !== null) found[String(value)] = (found[String(value)] ?? 0) + count.rows;
    }
    // Rows that were planned and then held by a key, or for want of room, are taken off again: of none left nothing is said.
    return Object.fromEntries(Object.entries(found).filter(([, rows]) => rows !== 0));
  };
  const names = new Map(countedValues(migration).map(({ column, as }) => [column, as]));
  const updates = by("planned_action", ({ planned }) => planned === "update");
  const statuses = toldOnce(migration, facts.statuses);
  const fields = new Set(statuses.map(({ field }) => field));
  const measured: Measured = {
    rows: sum(counts),
    where,
    takenForReal: (reference) => facts.takenForReal[reference] ?? 0,
  };
  return {
    rows: measured.rows,
    counts: report.counts.map(counted),
    distributions: report.distributions.map(({ column, says }) => ({
      id: column,
      says,
      values: by(names.get(column) ?? column),
    })),
    sections: report.sections.map(({ id, says, lines, rest }) => ({
      id,
      says,
      lines: [
        ...lines.map(counted),
        ...(rest === undefined
          ? []
          : [
              {
                id: "rest",
                says: rest,
                rows: sum(counts.filter((count) => !lines.some(({ when }) => holds(count, when)))),
              },
            ]),
      ],
    })),
    plan: by("planned"),
    creates: by("planned_action", ({ planned }) => planned !== "update"),
    ...(Object.keys(updates).length === 0 ? {} : { updates }),
    reasons: by("planned_reason"),
    unlisted_statuses: statuses.map((status) => ({
      ...(fields.size > 1 ? { field: status.field } : {}),
      ...unlisted(migration, status),
    })),
    ...moreOf("unlisted_more", statuses, ({ field }) => field),
    shared_emails: facts.sharedEmails,
    shared_phones: facts.sharedPhones,
    capped_groups: facts.cappedGroups,
    near_placeholders: facts.nearPlaceholders.map(({ reference, code, ids, rows }) => ({
      ...{ reference, code, ids, rows },
    })),
    ...moreOf("near_more", facts.nearPlaceholders, ({ reference }) => reference),
    stops: stopConditions(stops, measured, 0),
  };
}

/** Whether a counted condition holds for rows that agree, as the database said. */
function holding(migration: Migration): (count: DecisionCount, condition: Condition) => boolean {
  const places = new Map(
    countedConditions(migration).map((condition, place) => [JSON.stringify(condition), place]),
  );
  return ({ marks }, condition) => marks[places.get(JSON.stringify(condition)) ?? -1] === "1";
}

/** What is told of a spelling that no line lists: itself with the nearest listed one, or its shape alone where it may be about somebody. */
function unlisted(
  migration: Migration,
  { field, status, rows, named }: UnlistedStatus,
): Omit<DryRunReport["unlisted_statuses"][number], "field"> {
  if (status === null) return { status, rows, nearest: null };
  if (named || status.length > longestTold || holdsSomebody(status))
    return { status: shapeOf(status.slice(0, longestTold)), rows, nearest: null };
  const letters = disguised(status);
  return {
    status,
    rows,
    nearest: nearest(undamaged(status), listedStatuses(migration, field))?.word ?? null,
    ...(letters.length === 0 ? {} : { letters }),
  };
}

/**
 * Without spellings that an earlier field of the same column tells already, of as many rows: where a list is told as a whole, as
 * else nobody knows what is left of it.
 */
function toldOnce(
  { entity }: Migration,
  statuses: readonly UnlistedStatus[],
): readonly UnlistedStatus[] {
  const columnOf = (name: string) => {
    const field = entity.fields[name];
    return field !== undefined && "from" in field ? field.from : name;
  };
  const told = new Set<string>();
  return [...Map.groupBy(statuses, ({ field }) => field)].flatMap(([field, listed]) => {
    const own = (line: UnlistedStatus) => JSON.stringify([columnOf(field), line.status, line.rows]);
    const left =
      listed.length < (listed[0]?.ofAll ?? 0)
        ? listed
        : listed.filter((line) => !told.has(own(line)));
    for (const line of listed) told.add(own(line));
    const rowsOfAll = left.reduce((all, { rows }) => all + rows, 0);
    return left.length === listed.length
      ? listed
      : left.map((line) => ({ ...line, ofAll: left.length, rowsOfAll }));
  });
}

/** What a status is near to is told by what damaged letters may have been (`FormÃ©e`). */
const undamaged = (status: string): string => damageOf(status)?.proposal ?? status;

/** What lists leave out together, under a name; nothing where all is told. */
function moreOf<Name extends string, Line extends OfAll & { readonly rows: number }>(
  name: Name,
  lines: readonly Line[],
  listOf: (line: Line) => string,
): { readonly [_ in Name]?: More } {
  const lists = [...Map.groupBy(lines, listOf).values()];
  const left = (of: "ofAll" | "rowsOfAll", told: (listed: readonly Line[]) => number) =>
    lists.reduce((all, listed) => all + (listed[0]?.[of] ?? 0) - told(listed), 0);
  const values = left("ofAll", ({ length }) => length);
  const rows = left("rowsOfAll", (listed) => listed.reduce((all, line) => all + line.rows, 0));
  return values === 0 ? {} : ({ [name]: { values, rows } } as { [_ in Name]: More });
}
