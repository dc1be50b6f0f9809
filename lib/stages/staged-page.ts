import type { PinnedEntity } from "../compile/pin.ts";
import type { PinnedRows } from "../compile/pin-look.ts";
import { stagingTable } from "../compile/rows.ts";
import { reasonOf } from "../compile/staging.ts";
import type { Database } from "../data/database.ts";
import type { ExactId } from "../data/exact.ts";
import type { Run } from "../data/runs.ts";
import { identifier, join, literals, raw, type Sql, sql, uuid } from "../data/sql.ts";
import type { MainKind } from "../define/definition.ts";
import { initialsSql, maskEmailSql, maskPhoneSql, yearOfSql } from "../evidence/masking-sql.ts";
import { findLookedAt, type LookedAt, type PinnedLook, pinOf } from "../evidence/pinned.ts";
import { Refusal } from "../services/errors.ts";

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
}

/** A staged row as a list shows it: masked inside the database (D20). */
export interface ListedRow {
  readonly id: number;
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
}

/** What a list rests on: what is stored with the run. */
interface Listed {
  readonly look: PinnedRows;
  readonly staging: PinnedEntity["staging"];
}

const mostRows = 200;
const usualRows = 50;

/**
 * One page of a run's staged rows in the order of their ids. Pages follow each other by key, so that
 * the last one is as quick as the first, and rows that a wave marks meanwhile are neither lost nor
 * shown twice. Errors: `UnknownFocus`, `PageInvalid`.
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
  for (const part of await byIds(db, listedOf(run, look))) {
    if (filter.part !== undefined && part.look.part !== filter.part) continue;
    // One more than is shown tells whether there is another page.
    const wanted = { after: page.after ?? -1, rows: size + 1 - found.length };
    if (wanted.rows === 0) break;
    found.push(...(await db.rows<ListedRow>(selectPage(part, run.id, filter, wanted))));
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
 * lib/compile/staging.ts), then what is known of these few rows.
 */
export function selectPage(
  of: Listed,
  run: string,
  filter: StagedFilter,
  page: Required<PageRequest>,
): Sql {
  return listed(of, run, pageIds(of, run, filter, page));
}

/** What is known of rows of which a statement gives the ids. */
function listed(of: Listed, run: string, ids: Sql): Sql {
  const shown = (kind: MainKind, mask: (column: string) => string) => {
    const field = of.look.main[kind];
    return raw(field === undefined ? "''" : mask(`s.${identifier(field.value)}`));
  };
  return sql`
    select s.id, s.source_table, to_jsonb(s.legacy_id) as legacy_id, ${shown("name", initialsSql)} as name, ${shown("phone", maskPhoneSql)} as phone,
           ${shown("email", maskEmailSql)} as email, ${shown("birth_date", yearOfSql)} as birth_year,
           s.classification, s.validation_status, s.duplicate_confidence, s.planned, s.planned_action, s.planned_reason,
           s.state_reason, s.import_state, s.wave
      from (${ids}) page
      join ${raw(stagingTable(of.staging.rows))} s on s.run_id = ${uuid(run)} and s.id = page.id
     order by page.id`;
}

function pageIds(
  { look, staging }: Listed,
  run: string,
  filter: StagedFilter,
  { after, rows }: Required<PageRequest>,
): Sql {
  const wanted = (
    ["classification", "validation_status", "duplicate_confidence", "import_state"] as const
  )
    .filter((column) => filter[column] !== undefined)
    .map((column) => [column, literals([filter[column] as string])] as const);
  const conditions = wanted.map(([column, value]) => `d.${identifier(column)} = ${value}`);
  if (filter.reason !== undefined) {
    // By their state too, as only the states of few rows are in the index of reasons; a conflict is held.
    const { does = "held" } = Object.hasOwn(look.reasons, filter.reason)
      ? (look.reasons[filter.reason] ?? {})
      : {};
    conditions.push(`d.import_state = ${literals([does === "conflict" ? "held" : does])}`);
    conditions.push(`${reasonOf("d.")} = ${literals([filter.reason])}`);
  }
  for (const [column, value] of Object.entries(filter.decided ?? {})) {
    // A kind of things that decides no such thing has no row like that.
    const known = look.decisions.includes(column);
    conditions.push(known ? `d.${identifier(column)} = ${literals([value])}` : "false");
  }
  if (filter.focus !== undefined) {
    const kinds = focus(look, filter.focus);
    conditions.push(kinds.length === 0 ? "false" : `d.classification in (${literals(kinds)})`);
  }
  // Before validation nothing is decided about a row: it is found where it was read.
  const { part: _, decided = {}, ...judged } = filter;
  const undecided = [...Object.values(judged), ...Object.values(decided)].every(
    (value) => value === "pending" || value === undefined,
  );
  if (!undecided) {
    const { duplicate_confidence: confidence = "none" } = filter;
    if (confidence !== "none") {
      // Only rows with a hint have another confidence than none: they are few, and walked along. Each is looked up by
      // itself, whatever the database takes for their number: it may have counted last before there were any.
      return sql`
      select h.staged_id as id
        from (select distinct staged_id from wavegate.duplicate_hints
               where run_id = ${uuid(run)} and staged_id > ${after}) h
       cross join lateral (
         select from ${raw(stagingTable(staging.decisions))} d
          where d.run_id = ${uuid(run)} and d.staged_id = h.staged_id and ${raw(conditions.join(" and "))} offset 0) d
       order by h.staged_id limit ${rows}`;
    }
    return sql`
      select d.staged_id as id from ${raw(stagingTable(staging.decisions))} d
       where d.run_id = ${uuid(run)} and d.staged_id > ${after} and ${raw(conditions.join(" and "))}
       order by d.staged_id limit ${rows}`;
  }
  const pending = wanted.map(([column]) => raw(`s.${identifier(column)} = 'pending'`));
  return sql`
      select s.id from ${raw(stagingTable(pending.length === 0 ? staging.source : staging.rows))} s
       where ${join([sql`s.run_id = ${uuid(run)}`, sql`s.id > ${after}`, ...pending], " and ")}
       order by s.id limit ${rows}`;
}

function focus({ focus: modes }: PinnedRows, name: string): readonly string[] {
  const classifications = Object.hasOwn(modes, name) ? modes[name] : undefined;
  if (classifications) return classifications;
  throw new Refusal(
    "UnknownFocus",
    `There is no focus “${name.slice(0, 100)}”. Nothing was read. There are: ${Object.keys(modes).join(", ")}.`,
  );
}
