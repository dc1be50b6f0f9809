import type { PinnedEntity } from "../compile/pin.ts";
import type { PinnedRows } from "../compile/pin-look.ts";
import { stagingTable } from "../compile/rows.ts";
import { reasonOf } from "../compile/staging.ts";
import type { Database } from "../data/database.ts";
import type { Run } from "../data/runs.ts";
import { identifier, literals, raw, type Sql, sql, uuid } from "../data/sql.ts";
import { type PinnedLook, pinOf } from "../evidence/pinned.ts";
import { words } from "../services/words.ts";
import { wordOrShape } from "./shape.ts";

/** Held rows of one reason. */
export interface HeldGroup {
  /** The kind of things, in a run of several. */
  readonly part: string | null;
  readonly reason: string;
  /** In the definition's words. */
  readonly says: string;
  readonly rows: number;
  /** Ids of the first of them. */
  readonly samples: readonly number[];
  /** What most of them have in common of what the plan's line looked at. */
  readonly common: Common | null;
}

/** A value that many held rows share: a mapping to decide, or a spelling to list in the definition. */
export interface Common {
  readonly kind: "mapping" | "spelling";
  /** By the name in the definition. */
  readonly name: string;
  readonly value: string | null;
  readonly rows: number;
}

/** So many reasons of a kind of things are told of, those with the most rows; a definition has some ten. */
export const mostGroups = 100;

/** Rows that nobody wrote and a person has to look at, grouped by why, the most first. */
export async function heldGroups(
  db: Database,
  run: Run,
  { parts }: PinnedLook,
): Promise<HeldGroup[]> {
  const groups = await Promise.all(
    pinOf(run).entities.map(async ({ name, staging }, at): Promise<HeldGroup[]> => {
      const look = parts[at];
      const [found, common] = await Promise.all([
        reasonsOf(db, run, stagingTable(staging.decisions)),
        look === undefined ? new Map<string, Common>() : commonOf(db, run, look, staging),
      ]);
      return found.map(({ reason, rows, samples }) => ({
        part: name,
        reason: reason ?? "",
        says: look?.reasons[reason ?? ""]?.says ?? words(reason ?? ""),
        rows,
        samples,
        common: common.get(reason ?? "") ?? null,
      }));
    }),
  );
  return groups
    .flat()
    .toSorted((one, other) => other.rows - one.rows || one.reason.localeCompare(other.reason));
}

/** Why rows are held, with how many they are, and the first three of each: found along the index of reasons. */
function reasonsOf(db: Database, run: Run, decisions: string) {
  const reason = raw(reasonOf("d."));
  const first = (which: Sql) => sql`
    (select jsonb_agg(staged_id order by staged_id) from (
       select d.staged_id from ${raw(decisions)} d
        where d.run_id = ${uuid(run.id)} and d.import_state = 'held' and ${reason} ${which}
        order by d.staged_id limit 3) few)`;
  return db.rows<{ reason: string | null; rows: number; samples: number[] }>(sql`
    select counted.reason, counted.rows,
           case when counted.reason is null then ${first(sql`is null`)} else ${first(sql`= counted.reason`)} end as samples
      from (select ${reason} as reason, count(*) as rows from ${raw(decisions)} d
             where d.run_id = ${uuid(run.id)} and d.import_state = 'held'
             group by 1 order by 2 desc, 1 limit ${mostGroups}) counted`);
}

/**
 * By reason, the reference or the spelling that the most rows held for it share: all in one look at the rows, which
 * begins with those that are held, as the view of staged rows tells of every row.
 */
async function commonOf(
  db: Database,
  run: Run,
  { common }: PinnedRows,
  staging: PinnedEntity["staging"],
): Promise<ReadonlyMap<string, Common>> {
  const asked = Object.entries(common).filter(([, shared]) => shared.length > 0);
  const columns = [...new Set(asked.flatMap(([, shared]) => shared.map(({ column }) => column)))];
  if (columns.length === 0) return new Map();
  const names = columns.map((column) => identifier(column));
  // Of each row the column that its group is about; the others are not grouped by, and are null in it.
  const value = names.map((name, at) => `when not_by = ${notBy(at, names.length)} then ${name}`);
  const found = await db.rows<{
    reason: string;
    not_by: number;
    value: string | null;
    rows: number;
  }>(sql`
    select distinct on (reason, not_by) reason, not_by, value, rows
      from (select reason, not_by, rows, case ${raw(value.join(" "))} end as value
              from (select reason, grouping(${raw(names.join(", "))}) as not_by, ${raw(names.join(", "))}, count(*) as rows
                      from (select ${raw(reasonOf("h."))} as reason,
                                   ${raw(names.map((name) => `s.${name}::text as ${name}`).join(", "))}
                              from ${raw(stagingTable(staging.decisions))} h
                              join ${raw(stagingTable(staging.rows))} s on s.run_id = h.run_id and s.id = h.staged_id
                             where h.run_id = ${uuid(run.id)} and h.import_state = 'held'
                               and ${raw(reasonOf("h."))} in (${raw(literals(asked.map(([reason]) => reason)))})) held
                     group by grouping sets (${raw(names.map((name) => `(reason, ${name})`).join(", "))})) grouped) each
     order by reason, not_by, rows desc, value`);
  return new Map(
    asked.flatMap(([reason, shared]) => {
      const [most] = shared
        .flatMap(({ kind, name, column }) => {
          const by = notBy(columns.indexOf(column), columns.length);
          const top = found.find((each) => each.reason === reason && each.not_by === by);
          return top === undefined
            ? []
            : [{ kind, name, ...told(kind, top.value), rows: top.rows }];
        })
        .toSorted((one, other) => other.rows - one.rows);
      return most === undefined ? [] : [[reason, most] as const];
    }),
  );
}

/** What \`grouping\` says of a group by one column alone: a bit for each that it is not by, the last the lowest. */
const notBy = (at: number, of: number): number => 2 ** of - 1 - 2 ** (of - 1 - at);

/** A status may be about a person, where columns have moved: then its shape says enough (M14). */
const told = (kind: Common["kind"], value: string | null): Pick<Common, "value"> => ({
  value: kind === "spelling" && value !== null ? wordOrShape(value, null) : value,
});
