import type { PinnedRows } from "../../compile/pin/look.ts";
import type { PinnedEntity } from "../../compile/pin/pin.ts";
import { stagingTable } from "../../compile/rows.ts";
import {
  asideStates,
  isAside,
  reasonOf,
  standsAside,
} from "../../compile/staging/decision-indexes.ts";
import type { Database } from "../../data/database.ts";
import { identifier, join, literals, raw, type Sql, sql, uuid } from "../../data/sql.ts";
import { Refusal } from "../../services/errors.ts";

/** Which staged rows to show; every filter that is given must hold. */
export interface StagedFilter {
  readonly classification?: string;
  readonly validation_status?: string;
  readonly duplicate_confidence?: string;
  readonly import_state?: string;
  /** A focus of the definition: rows of its classifications. */
  readonly focus?: string;
  /** A kind of things, of a run of several. */
  readonly part?: string;
  /** Why rows are not written, by its name in the definition or the engine. */
  readonly reason?: string;
  /** What else the definition decides, by the column that keeps it. */
  readonly decided?: Readonly<Record<string, string>>;
}

/** What a list rests on: what is stored with the run. */
export interface Listed {
  readonly look: PinnedRows;
  readonly staging: PinnedEntity["staging"];
}

/**
 * What one statement reads of a page: at most so many rows of so many that it looks at, or of all up to an id. Behind an
 * id it goes up; before one it goes down.
 */
export interface Walk {
  readonly from: { readonly after: number } | { readonly before: number };
  readonly rows: number;
  readonly looks?: number | undefined;
  readonly upTo?: number | undefined;
}

/** `> 7` and `asc`, or `< 7` and `desc`: beyond which id rows are looked for, and in which order. */
const wayOf = (from: Walk["from"]) =>
  "after" in from
    ? { beyond: sql`> ${from.after}`, order: raw("asc") }
    : { beyond: sql`< ${from.before}`, order: raw("desc") };

const statuses = [
  "classification",
  "validation_status",
  "duplicate_confidence",
  "import_state",
] as const;

interface Conditions {
  readonly rarest: string | undefined;
  /** The state of rows that are found along the ledger. */
  readonly written: string | undefined;
  readonly others: readonly string[];
}

/** States of rows that the ledger has. */
const writtenStates = ["committed", "linked", "rolled_back"];

/** The conditions of a filter over decisions `d`: the one whose rare values have an index, if any, and the others. */
function conditionsOf(look: PinnedRows, filter: StagedFilter): Conditions {
  const is = (column: string, value: string) => `d.${identifier(column)} = ${literals([value])}`;
  const { reason, import_state: state, validation_status: verdict, classification } = filter;
  const confidence = filter.duplicate_confidence;
  const rare: string[] = [];
  const others: string[] = [];
  // Of rows that stand aside alone, as only they are in the index of reasons.
  if (reason !== undefined)
    rare.push(`${isAside("d.")} and ${reasonOf("d.")} = ${literals([reason])}`);
  if (state !== undefined) {
    if (asideStates.includes(state)) rare.push(standsAside("d.", state));
    else others.push(is("import_state", state));
  }
  if (verdict !== undefined)
    (verdict === "needs_review" || verdict === "failed" ? rare : others).push(
      is("validation_status", verdict),
    );
  if (classification !== undefined)
    (classification === look.classifications.at(-1) ? rare : others).push(
      is("classification", classification),
    );
  if (confidence !== undefined) others.push(is("duplicate_confidence", confidence));
  for (const [column, value] of Object.entries(filter.decided ?? {})) {
    // A kind of things that decides no such thing has no row like that.
    others.push(look.decisions.includes(column) ? is(column, value) : "false");
  }
  if (filter.focus !== undefined) {
    const kinds = focus(look, filter.focus);
    others.push(kinds.length === 0 ? "false" : `d.classification in (${literals(kinds)})`);
  }
  const [rarest, ...more] = rare;
  const written =
    rarest === undefined && state !== undefined && writtenStates.includes(state)
      ? state
      : undefined;
  return { rarest, written, others: [...more, ...others] };
}

/**
 * Decided rows beyond an id that a page looks at: along the index of the rarest that is wanted of them, or those that a
 * wave ever wrote along the ledger.
 */
const lookedAtOf = (
  { staging }: Listed,
  run: string,
  { rarest, written }: Pick<Conditions, "rarest" | "written">,
  beyond: Sql,
): Sql =>
  written !== undefined
    ? sql`(
         select distinct l.staged_id from wavegate.legacy_import_commit_logs l
          where l.run_id = ${uuid(run)} and l.staged_id ${beyond}
            -- Those of other kinds of things lie before or behind.
            and l.staged_id between (select min(staged_id) from ${raw(stagingTable(staging.decisions))} where run_id = ${uuid(run)})
                                and (select max(staged_id) from ${raw(stagingTable(staging.decisions))} where run_id = ${uuid(run)})) d
         -- Nothing is walked along where no row is in that state, as is kept (schema/020-kept-counts.sql).
         where (select sum(t.rows) > 0 from wavegate.row_tallies t
                 where t.run_id = ${uuid(run)} and t.staging = ${staging.decisions} and t.import_state = ${written})`
    : sql`${raw(stagingTable(staging.decisions))} d
         where d.run_id = ${uuid(run)} and d.staged_id ${beyond}${raw(rarest === undefined ? "" : ` and ${rarest}`)}`;

/** Where a page that is not full ended before all rows were looked at; undefined at the end of them. */
export async function lookedTo(
  db: Database,
  of: Listed,
  run: string,
  filter: StagedFilter,
  { from, looks }: Pick<Walk, "from"> & { readonly looks: number },
): Promise<number | undefined> {
  if (isUndecided(filter) || alongHints(filter)) return undefined;
  const { others, ...walked } = conditionsOf(of.look, filter);
  const { beyond, order } = wayOf(from);
  if (others.length === 0 || others.includes("false")) return undefined;
  const [last] = await db.rows<{ id: number }>(sql`
    select d.staged_id as id from ${lookedAtOf(of, run, walked, beyond)}
     order by d.staged_id ${order} offset ${looks - 1} limit 1`);
  return last?.id;
}

/** Whether it is about rows of which nothing is decided yet, as before validation: they are found where they were read. */
const isUndecided = ({ part: _, decided = {}, ...judged }: StagedFilter): boolean =>
  Object.keys(decided).length === 0 &&
  Object.entries(judged).every(
    ([name, value]) =>
      value === undefined || (value === "pending" && name !== "reason" && name !== "focus"),
  );

/** Whether rows with a hint are wanted: they are few, and walked along. */
const alongHints = ({ duplicate_confidence: confidence = "none" }: StagedFilter): boolean =>
  confidence !== "none";

/** The ids of a page, walking along an index (rare values have one of their own, lib/compile/staging/decision-indexes.ts). */
export function pageIds(
  listed: Listed,
  run: string,
  filter: StagedFilter,
  { from, rows, looks, upTo }: Walk,
): Sql {
  const { look, staging } = listed;
  const { beyond, order } = wayOf(from);
  if (isUndecided(filter)) {
    const pending = statuses
      .filter((column) => filter[column] !== undefined)
      .map((column) => raw(`s.${identifier(column)} = 'pending'`));
    return sql`
      select s.id from ${raw(stagingTable(pending.length === 0 ? staging.source : staging.rows))} s
       where ${join([sql`s.run_id = ${uuid(run)}`, sql`s.id ${beyond}`, ...pending], " and ")}
       order by s.id ${order} limit ${rows}`;
  }
  const { rarest, written, others } = conditionsOf(look, filter);
  if (alongHints(filter)) {
    const all = [...(rarest === undefined ? [] : [rarest]), ...others];
    // Each is looked up by itself, whatever the database takes for their number: it may have counted last before
    // there were any.
    return sql`
      select h.staged_id as id
        from (select distinct staged_id from wavegate.duplicate_hints
               where run_id = ${uuid(run)} and staged_id ${beyond}) h
       cross join lateral (
         select from ${raw(stagingTable(staging.decisions))} d
          where d.run_id = ${uuid(run)} and d.staged_id = h.staged_id and ${raw(all.join(" and "))} offset 0) d
       order by h.staged_id ${order} limit ${rows}`;
  }
  const wanted = raw(others.join(" and "));
  const walked = lookedAtOf(listed, run, { rarest, written }, beyond);
  if (written !== undefined) {
    const end = upTo === undefined ? raw("") : sql` and d.staged_id <= ${upTo}`;
    const most = looks === undefined || upTo !== undefined ? raw("") : sql` limit ${looks}`;
    // Each is looked up by itself, in the order of the ids, until the page is full.
    return sql`
      select w.staged_id as id
        from (select d.staged_id from ${walked}${end} order by d.staged_id ${order}${most}) w
       cross join lateral (
         select from ${raw(stagingTable(staging.decisions))} d
          where d.run_id = ${uuid(run)} and d.staged_id = w.staged_id and ${wanted} offset 0) d
       order by w.staged_id ${order} limit ${rows}`;
  }
  if (others.length === 0 || looks === undefined || upTo !== undefined) {
    const more = others.length === 0 ? raw("") : sql` and ${wanted}`;
    const end = upTo === undefined ? raw("") : sql` and d.staged_id <= ${upTo}`;
    return sql`
      select d.staged_id as id from ${walked}${more}${end}
       order by d.staged_id ${order} limit ${rows}`;
  }
  // Nothing is sorted around it: the rows come one by one in the order of the ids, until the page is full.
  return sql`
      select d.staged_id as id from (
        select d.* from ${walked}
         order by d.staged_id ${order} limit ${looks}) d
       where ${wanted} limit ${rows}`;
}

function focus({ focus: modes }: PinnedRows, name: string): readonly string[] {
  const classifications = Object.hasOwn(modes, name) ? modes[name] : undefined;
  if (classifications) return classifications;
  throw new Refusal(
    "UnknownFocus",
    `There is no focus “${name.slice(0, 100)}”. Nothing was read. There are: ${Object.keys(modes).join(", ")}.`,
  );
}
