import { excludesAnother } from "../../compile/judge/excluding.ts";
import { keyGivenTwice } from "../../compile/judge/given-twice.ts";
import type { PinnedCommon } from "../../compile/pin/common.ts";
import type { PinnedRows } from "../../compile/pin/look.ts";
import type { PinnedEntity } from "../../compile/pin/pin.ts";
import { stagingTable } from "../../compile/rows.ts";
import { reasonOf, standsAside } from "../../compile/staging/decision-indexes.ts";
import { refusedByPlatform } from "../../compile/wave/refused.ts";
import type { Database } from "../../data/database.ts";
import type { Run } from "../../data/runs.ts";
import { identifier, literal, literals, raw, sql, uuid } from "../../data/sql.ts";
import { wordOrShape } from "../shape.ts";

/**
 * What many held rows share: a mapping to decide, a spelling to list in the definition, the rules that ask a person, what
 * no rule is about, what of the platform refuses them, or lets only one of them be.
 */
export interface Common {
  readonly kind: PinnedCommon["kind"] | "refused" | "beside";
  /** By the name in the definition; empty of what is the platform's. */
  readonly name: string;
  readonly value: string | null;
  readonly rows: number;
  /** Of a mapping, what the legacy system calls that thing. */
  readonly called?: string;
}

/** Of the rows that are held for a reason, the value that the most of them have in one column. */
export interface Shared {
  readonly reason: string;
  readonly column: string;
  readonly value: string | null;
  readonly rows: number;
}

/**
 * By reason and column, the reference or the spelling that the most rows held for it share: all in one look at the
 * rows, which begins with those that are held, as the view of staged rows tells of every row. What may be about a
 * person is told by its shape (M14).
 */
export async function sharedOf(
  db: Database,
  run: Run,
  { common }: PinnedRows,
  staging: PinnedEntity["staging"],
): Promise<readonly Shared[]> {
  const asked = Object.entries(common).filter(([, shared]) => shared.length > 0);
  const columns = [...new Set(asked.flatMap(([, shared]) => shared.map(({ column }) => column)))];
  if (columns.length === 0) return [];
  const names = columns.map((column) => identifier(column));
  const told = (column: string) =>
    asked.flatMap(([, shared]) => shared.filter((each) => each.column === column));
  // Of each row the column that its group is about; the others are not grouped by, and are null in it.
  const value = names.map((name, at) => `when not_by = ${notBy(at, names.length)} then ${name}`);
  const found = await db.rows<{
    reason: string;
    not_by: number;
    value: string | null;
    rows: number;
  }>(sql`
    select distinct on (reason, not_by) reason, not_by, left(value, ${longestShared}::int) as value, rows
      from (select reason, not_by, rows, case ${raw(value.join(" "))} end as value
              from (select reason, grouping(${raw(names.join(", "))}) as not_by, ${raw(names.join(", "))}, count(*) as rows
                      from (select ${raw(reasonOf("h."))} as reason,
                                   ${raw(columns.map((column) => textOf(column, told(column))).join(", "))}
                              from ${raw(stagingTable(staging.decisions))} h
                              join ${raw(stagingTable(staging.rows))} s on s.run_id = h.run_id and s.id = h.staged_id
                             where h.run_id = ${uuid(run.id)} and ${raw(standsAside("h.", "held"))}
                               and ${raw(reasonOf("h."))} in (${raw(literals(asked.map(([reason]) => reason)))})) held
                     group by grouping sets (${raw(names.map((name) => `(reason, ${name})`).join(", "))})) grouped) each
     where each.value is distinct from ${nothingTold}
     order by reason, not_by, rows desc, each.value`);
  return asked.flatMap(([reason, shared]) =>
    shared.flatMap(({ kind, column }) => {
      const by = notBy(columns.indexOf(column), columns.length);
      const top = found.find((each) => each.reason === reason && each.not_by === by);
      return top === undefined
        ? []
        : [{ reason, column, value: saidOf(kind, top.value), rows: top.rows }];
    }),
  );
}

/** Characters of what rows share that are told: a row of an answer ends at 64 KB. */
const longestShared = 8_000;

/** What is shared by rows of which nothing is to be told, as a spelling that is listed. */
const nothingTold = "\u0001";

/** A column as a text; of findings and rules those alone that are asked for, of spellings those that are not listed. */
function textOf(column: string, shared: readonly PinnedCommon[]): string {
  const name = identifier(column);
  const [first] = shared;
  const of = shared.flatMap((each) => each.of ?? []);
  const listed = shared.flatMap((each) => each.listed ?? []);
  if (listed.length > 0)
    return `case when s.${name} in (${literals(listed)}) then ${literal(nothingTold)} else s.${name}::text end as ${name}`;
  if (of.length === 0) return `s.${name}::text as ${name}`;
  const found = `(select jsonb_agg(f.noted) from jsonb_array_elements_text(s.${name}) f(noted)
            where f.noted in (${literals(of)}))::text`;
  return `${first?.kind === "ruled" ? `coalesce(${found}, ${literal(nothingTold)})` : found} as ${name}`;
}

/** Why rows are held by something of the platform, a constraint or a key, which their state tells besides. */
const byPlatform: readonly string[] = [refusedByPlatform, keyGivenTwice, excludesAnother];

/** What of the platform holds most of the rows of a kind that are held for it, by the reason. */
export async function heldByMost(
  db: Database,
  run: Run,
  decisions: string,
  reasons: readonly (string | null)[],
): Promise<ReadonlyMap<string, Common>> {
  const asked = byPlatform.filter((reason) => reasons.includes(reason));
  if (asked.length === 0) return new Map();
  const found = await db.rows<{ reason: string; by: string | null; rows: number }>(sql`
    select distinct on (1) ${raw(reasonOf("d."))} as reason, d.state_detail as by, count(*) as rows from ${raw(stagingTable(decisions))} d
     where d.run_id = ${uuid(run.id)} and ${raw(standsAside("d.", "held"))}
       and ${raw(reasonOf("d."))} in (${raw(literals(asked))})
     group by 1, 2 order by 1, 3 desc, 2`);
  return new Map(
    found.flatMap(({ reason, by, rows }): [string, Common][] =>
      by === null
        ? []
        : [
            [
              reason,
              {
                kind: reason === refusedByPlatform ? "refused" : "beside",
                name: "",
                value: by,
                rows,
              },
            ],
          ],
    ),
  );
}

/** The same with what the legacy system calls a thing that is mapped: few know it by its id. */
export async function withName(
  db: Database,
  run: Run,
  { references }: PinnedRows,
  common: Common,
): Promise<Common> {
  const { kind, name, value } = common;
  const reference = references.find((each) => each.name === name && each.kind !== "chosen");
  if (kind !== "mapping" || value === null || reference === undefined) return common;
  const { staging, legacyType } = reference;
  const [found] = await db.rows<{ called: string | null }>(sql`
    select left(m.${raw(identifier(staging.label))}, 300) as called from wavegate.${raw(identifier(staging.table))} m
     where m.run_id = ${uuid(run.id)} and m.${raw(identifier(staging.id))} = ${value}::${raw(legacyType)}`);
  const called = found?.called?.trim() ?? "";
  return called === "" ? common : { ...common, called };
}

/** By reason, what the most rows held for it have in common. */
export function commonIn(
  { common }: PinnedRows,
  shared: readonly Shared[],
): ReadonlyMap<string, Common> {
  return new Map(
    Object.entries(common).flatMap(([reason, looks]) => {
      const [most] = looks
        .flatMap(({ kind, name, column }) =>
          shared
            .filter((each) => each.reason === reason && each.column === column)
            .map(({ value, rows }) => ({ kind, name, value, rows })),
        )
        .toSorted((one, other) => other.rows - one.rows);
      return most === undefined ? [] : [[reason, most] as const];
    }),
  );
}

/** What `grouping` says of a group by one column alone: a bit for each that it is not by, the last the lowest. */
const notBy = (at: number, of: number): number => 2 ** of - 1 - 2 ** (of - 1 - at);

/** A status may be about a person, where columns have moved: then its shape says enough (M14). */
function saidOf(kind: PinnedCommon["kind"], value: string | null): string | null {
  if (value === null || kind === "mapping") return value;
  return kind === "spelling" ? wordOrShape(value, null) : JSON.parse(value).join(", ");
}
