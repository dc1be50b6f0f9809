import type { PinnedRows } from "../../compile/pin/look.ts";
import type { PinnedEntity } from "../../compile/pin/pin.ts";
import { stagingTable } from "../../compile/rows.ts";
import { sourceKeyAsJson } from "../../compile/shown/key.ts";
import { reasonOf } from "../../compile/staging/staging.ts";
import type { Database } from "../../data/database.ts";
import type { ExactId } from "../../data/exact.ts";
import type { Run } from "../../data/runs.ts";
import { identifier, join, literal, literals, raw, type Sql, sql, uuid } from "../../data/sql.ts";
import type { MainKind } from "../../define/definition.ts";
import { initialsSql, maskEmailSql, maskPhoneSql, yearOfSql } from "../../evidence/masking-sql.ts";
import { findLookedAt, type LookedAt, type PinnedLook, pinOf } from "../../evidence/pinned.ts";
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

/** Where a page begins and how long it is. */
export interface PageRequest {
  /** The `next` of the page before; without it the first page. */
  readonly after?: number;
  /** Rows of a page, 50 by default and at most 200. */
  readonly rows?: number;
  /** Rows that are looked at for one page, at most. */
  readonly looks?: number;
}

/** A staged row as a list shows it: masked inside the database (D20). */
export interface ListedRow {
  readonly id: number;
  /** The kind of things it is of, where a migration has several. */
  readonly part: string | null;
  readonly source_table: string;
  readonly legacy_id: ExactId;
  readonly name: string;
  readonly phone: string;
  readonly email: string;
  readonly birth_year: string;
  readonly classification: string | null;
  readonly validation_status: string;
  readonly duplicate_confidence: string;
  readonly planned: string | null;
  readonly planned_action: string | null;
  readonly planned_reason: string | null;
  /** Why it stands where it does, where a wave or a person says so. */
  readonly state_reason: string | null;
  readonly import_state: string;
  readonly wave: number | null;
}

export interface StagedPage {
  readonly rows: readonly ListedRow[];
  /** Where the next page begins; null at the end. */
  readonly next: number | null;
  /** So many rows were looked at and the page is not full: the search goes on at `next`. */
  readonly looked?: number;
}

/** What a list rests on: what is stored with the run. */
interface Listed {
  readonly look: PinnedRows;
  readonly staging: PinnedEntity["staging"];
}

/** What one statement reads of a page: at most so many rows of so many that it looks at, or of all up to an id. */
interface Walk {
  readonly after: number;
  readonly rows: number;
  readonly looks?: number | undefined;
  readonly upTo?: number | undefined;
}

const mostRows = 200;
const usualRows = 50;
/** Rows of which no index tells whether they are wanted: so many are met in a small part of a second. */
const usualLooks = 50_000;

/**
 * One page of a run's staged rows in the order of their ids. Pages follow each other by key, so that
 * the last one is as quick as the first, and rows that a wave marks meanwhile are neither lost nor
 * shown twice. Where few of many rows are wanted and no index has them, a page ends where it has looked at so many,
 * full or not. Errors: `UnknownFocus`, `PageInvalid`.
 */
export async function stagedPage(
  db: Database,
  id: string,
  filter: StagedFilter = {},
  page: PageRequest = {},
): Promise<StagedPage> {
  return pageOf(db, await findLookedAt(db, id), filter, page);
}

/** The same as {@link stagedPage}, of a run that was read already. */
export async function pageOf(
  db: Database,
  { run, look }: LookedAt,
  filter: StagedFilter,
  page: PageRequest,
): Promise<StagedPage> {
  const size = page.rows ?? usualRows;
  if (!Number.isInteger(size) || size < 1 || size > mostRows) {
    throw new Refusal(
      "PageInvalid",
      `A page has 1 to ${mostRows} rows, not ${size}. Nothing was read.`,
    );
  }
  const found: ListedRow[] = [];
  const looks = page.looks ?? usualLooks;
  for (const part of await byIds(db, listedOf(run, look))) {
    if (filter.part !== undefined && part.look.part !== filter.part) continue;
    // One more than is shown tells whether there is another page.
    const wanted = { after: page.after ?? -1, rows: size + 1 - found.length, looks };
    if (wanted.rows === 0) break;
    const read = (upTo?: number) =>
      db.rows<ListedRow>(selectPage(part, run.id, filter, { ...wanted, upTo }));
    let rows = await read();
    const end =
      rows.length < wanted.rows ? await lookedTo(db, part, run.id, filter, wanted) : undefined;
    // Read again up to there: what was not looked at a moment ago may have come to lie before it.
    if (end !== undefined) rows = await read(end);
    found.push(...rows);
    if (end !== undefined && found.length <= size) return { rows: found, next: end, looked: looks };
  }
  const rows = found.slice(0, size);
  return { rows, next: found.length > size ? (rows.at(-1)?.id ?? null) : null };
}

/** These rows of a run, as a list shows them, in the order of their ids. */
export async function listedRows(
  db: Database,
  id: string,
  ids: readonly number[],
): Promise<ListedRow[]> {
  if (ids.length === 0) return [];
  const { run, look } = await findLookedAt(db, id);
  // Numbers of our own: `in` over a few of them is an index scan.
  const list = raw(ids.map((each) => String(Math.trunc(each))).join(", "));
  const found: ListedRow[] = [];
  for (const part of listedOf(run, look)) {
    const those = sql`select s.id from ${raw(stagingTable(part.staging.source))} s where s.run_id = ${uuid(run.id)} and s.id in (${list})`;
    found.push(...(await db.rows<ListedRow>(listed(part, run.id, those))));
  }
  return found.sort((one, other) => one.id - other.id);
}

/** What lists of a run's rows rest on, of each of its kinds of things. */
function listedOf(run: Run, { parts }: PinnedLook): Listed[] {
  return pinOf(run).entities.flatMap(({ staging }, at) => {
    const look = parts[at];
    return look === undefined ? [] : [{ look, staging }];
  });
}

/** Kinds of things in the order of their ids, which is that in which the database first saw them. */
async function byIds(db: Database, parts: readonly Listed[]): Promise<readonly Listed[]> {
  if (parts.length === 1) return parts;
  const known = await db.rows<{ staging: string; ordinal: number }>(
    sql`select staging, ordinal from wavegate.staged_entities`,
  );
  const place = ({ staging: { rows } }: Listed) =>
    known.find(({ staging }) => staging === rows)?.ordinal ?? known.length;
  return [...parts].sort((one, other) => place(one) - place(other));
}

/**
 * The statement of a page: the ids first, walking along an index (rare values have one of their own,
 * lib/compile/staging/staging.ts), then what is known of these few rows.
 */
export function selectPage(of: Listed, run: string, filter: StagedFilter, page: Walk): Sql {
  return listed(of, run, pageIds(of, run, filter, page));
}

/** What is known of rows of which a statement gives the ids. */
function listed(of: Listed, run: string, ids: Sql): Sql {
  const shown = (kind: MainKind, mask: (column: string) => string) => {
    const field = of.look.main[kind];
    return raw(field === undefined ? "''" : mask(`s.${identifier(field.value)}`));
  };
  const part = raw(of.look.part === null ? "null::text" : literal(of.look.part));
  return sql`
    select s.id, ${part} as part, s.source_table, ${raw(sourceKeyAsJson("s"))} as legacy_id, ${shown("name", initialsSql)} as name, ${shown("phone", maskPhoneSql)} as phone,
           ${shown("email", maskEmailSql)} as email, ${shown("birth_date", yearOfSql)} as birth_year,
           s.classification, s.validation_status, s.duplicate_confidence, s.planned, s.planned_action, s.planned_reason,
           s.state_reason, s.import_state, s.wave
      from (${ids}) page
      join ${raw(stagingTable(of.staging.rows))} s on s.run_id = ${uuid(run)} and s.id = page.id
     order by page.id`;
}

const statuses = [
  "classification",
  "validation_status",
  "duplicate_confidence",
  "import_state",
] as const;

/** The conditions of a filter over decisions `d`: the one whose rare values have an index, if any, and the others. */
function conditionsOf(look: PinnedRows, filter: StagedFilter) {
  const is = (column: string, value: string) => `d.${identifier(column)} = ${literals([value])}`;
  const { reason, import_state: state, validation_status: verdict, classification } = filter;
  const confidence = filter.duplicate_confidence;
  const rare: string[] = [];
  const others: string[] = [];
  // By their state too, as only the states of few rows are in the index of reasons.
  if (reason !== undefined)
    rare.push(
      `d.import_state in ('skipped', 'held', 'failed') and ${reasonOf("d.")} = ${literals([reason])}`,
    );
  if (state !== undefined) (state === "pending" ? others : rare).push(is("import_state", state));
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
  return { rarest, others: [...more, ...others] };
}

/** Decided rows behind an id that a page looks at: along the index of the rarest that is wanted of them. */
const lookedAtOf = (
  { staging }: Listed,
  run: string,
  rarest: string | undefined,
  after: number,
): Sql =>
  sql`${raw(stagingTable(staging.decisions))} d
         where d.run_id = ${uuid(run)} and d.staged_id > ${after}${raw(rarest === undefined ? "" : ` and ${rarest}`)}`;

/** Where a page that is not full ended before all rows were looked at; undefined at the end of them. */
async function lookedTo(
  db: Database,
  of: Listed,
  run: string,
  filter: StagedFilter,
  { after, looks }: { readonly after: number; readonly looks: number },
): Promise<number | undefined> {
  if (isUndecided(filter) || alongHints(filter)) return undefined;
  const { rarest, others } = conditionsOf(of.look, filter);
  if (others.length === 0 || others.includes("false")) return undefined;
  const [last] = await db.rows<{ id: number }>(sql`
    select d.staged_id as id from ${lookedAtOf(of, run, rarest, after)}
     order by d.staged_id offset ${looks - 1} limit 1`);
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

function pageIds(
  listed: Listed,
  run: string,
  filter: StagedFilter,
  { after, rows, looks, upTo }: Walk,
): Sql {
  const { look, staging } = listed;
  if (isUndecided(filter)) {
    const pending = statuses
      .filter((column) => filter[column] !== undefined)
      .map((column) => raw(`s.${identifier(column)} = 'pending'`));
    return sql`
      select s.id from ${raw(stagingTable(pending.length === 0 ? staging.source : staging.rows))} s
       where ${join([sql`s.run_id = ${uuid(run)}`, sql`s.id > ${after}`, ...pending], " and ")}
       order by s.id limit ${rows}`;
  }
  const { rarest, others } = conditionsOf(look, filter);
  if (alongHints(filter)) {
    const all = [...(rarest === undefined ? [] : [rarest]), ...others];
    // Each is looked up by itself, whatever the database takes for their number: it may have counted last before
    // there were any.
    return sql`
      select h.staged_id as id
        from (select distinct staged_id from wavegate.duplicate_hints
               where run_id = ${uuid(run)} and staged_id > ${after}) h
       cross join lateral (
         select from ${raw(stagingTable(staging.decisions))} d
          where d.run_id = ${uuid(run)} and d.staged_id = h.staged_id and ${raw(all.join(" and "))} offset 0) d
       order by h.staged_id limit ${rows}`;
  }
  const wanted = raw(others.join(" and "));
  const walked = lookedAtOf(listed, run, rarest, after);
  if (others.length === 0 || looks === undefined || upTo !== undefined) {
    const more = others.length === 0 ? raw("") : sql` and ${wanted}`;
    const end = upTo === undefined ? raw("") : sql` and d.staged_id <= ${upTo}`;
    return sql`
      select d.staged_id as id from ${walked}${more}${end}
       order by d.staged_id limit ${rows}`;
  }
  // Nothing is sorted around it: the rows come one by one in the order of the ids, until the page is full.
  return sql`
      select d.staged_id as id from (
        select d.* from ${walked}
         order by d.staged_id limit ${looks}) d
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
