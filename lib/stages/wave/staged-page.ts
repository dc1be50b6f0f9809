import { stagingTable } from "../../compile/rows.ts";
import { sourceKeyAsJson } from "../../compile/shown/key.ts";
import type { Database } from "../../data/database.ts";
import type { ExactId } from "../../data/exact.ts";
import type { Run } from "../../data/runs.ts";
import { identifier, literal, raw, type Sql, sql, uuid } from "../../data/sql.ts";
import type { MainKind } from "../../define/definition.ts";
import { initialsSql, maskEmailSql, maskPhoneSql, yearOfSql } from "../../evidence/masking-sql.ts";
import { findLookedAt, type LookedAt, type PinnedLook, pinOf } from "../../evidence/pinned.ts";
import { Refusal } from "../../services/errors.ts";
import { type Listed, lookedTo, pageIds, type StagedFilter, type Walk } from "./page-ids.ts";

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
  /** Ids of the rules that hold for it; runs that are older, or not judged yet, have null. */
  readonly issues: readonly string[] | null;
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

const mostRows = 200;
/** Rows of a page, where nobody asks for another number. */
export const usualRows = 50;
/** Rows of which no index tells whether they are wanted: so many are met in a small part of a second. */
const usualLooks = 50_000;

/**
 * One page of a run's staged rows in the order of their ids. Pages follow each other by key, so that
 * the last one is as quick as the first, and rows that a wave marks meanwhile are neither lost nor
 * shown twice. Where few of many rows are wanted and no index has them, a page ends where it has looked at so many,
 * full or not. Errors: `UnknownFocus`, `PageInvalid`.
 */
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
    const wanted = { from: { after: page.after ?? -1 }, rows: size + 1 - found.length, looks };
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

/**
 * Behind which row the page begins that ends before an id, as {@link pageOf} has it; undefined where that is the first
 * page. It looks at as many rows as a page does, and where no more of them are wanted the page begins behind those.
 */
export async function pageBefore(
  db: Database,
  { run, look }: LookedAt,
  filter: StagedFilter,
  { before, ...page }: Pick<PageRequest, "looks"> & { readonly before: number },
): Promise<number | undefined> {
  const looks = page.looks ?? usualLooks;
  let left = usualRows + 1;
  for (const part of (await byIds(db, listedOf(run, look))).toReversed()) {
    if (filter.part !== undefined && part.look.part !== filter.part) continue;
    const wanted = { from: { before }, rows: left, looks };
    const ids = await db.rows<{ id: number }>(pageIds(part, run.id, filter, wanted));
    // The last of them would be the end of the page before this one.
    if (ids.length === left) return ids.at(-1)?.id;
    left -= ids.length;
    const end = await lookedTo(db, part, run.id, filter, wanted);
    if (end !== undefined) return end - 1;
  }
  return undefined;
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
 * lib/compile/staging/decision-indexes.ts), then what is known of these few rows.
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
           s.classification, s.validation_status, s.validation_issues as issues, s.duplicate_confidence, s.planned, s.planned_action, s.planned_reason,
           s.state_reason, s.import_state, s.wave
      from (${ids}) page
      join ${raw(stagingTable(of.staging.rows))} s on s.run_id = ${uuid(run)} and s.id = page.id
     order by page.id`;
}
