import type { Database } from "../data/database.ts";
import { oneRecord } from "../data/records.ts";
import { type Sql, sql } from "../data/sql.ts";
import type { Chunk } from "./bundle.ts";

/** Bytes of one answer as JSON; the Data API allows 1 MiB with its own JSON around them. */
const mostBytes = 900_000;
/**
 * Lines up to this many bytes share a row of an answer, which is then at most twice as long; the
 * Data API allows 64 KB. A longer line has a row of its own.
 */
const bytesOfRow = 20_000;
/** Bytes of a row that an answer holds: the Data API ends at 64 KB. */
const mostOfRow = 60_000;
/** Of lines as short as nearly all are, those of so many keys share a row: 2 to this power. */
const keysOfRow = 6;
/**
 * Records of one page: two thirds of what usually fits into one answer. An answer is garbage as soon as it is written,
 * and of fewer and larger ones more lies about: an export of a million rows took 30 MiB more by 3,000.
 */
export const RECORDS_OF_PAGE = 2_000;

/** Keys that cut a table into pages, and the records of a page as `id` and `line`. */
export interface LineQuery<End extends PageEnd = PageEnd> {
  /** The last key of each page, ascending, as `up_to`. */
  readonly bounds: Sql;
  /** How the bounds are read, where any may be long. */
  readonly read?: (db: Database, bounds: Sql) => Promise<End[]>;
  /**
   * Rows `(id bigint, line text)` with keys in (after, upTo], all of them in one page: between two bounds, of which the
   * first page has no first one. A line ends as it shall in the file.
   */
  readonly lines: (after: number, upTo: number, between: readonly [End | undefined, End]) => Sql;
}

interface PageEnd {
  readonly up_to: number;
}

/**
 * Lines made by the database, in the order of their keys. The lines of an answer are joined by
 * bytes, so that neither a row nor an answer is too large; a few pages are read at a time (one
 * inside a transaction, where the Data API allows no more).
 */
export async function* lines<End extends PageEnd>(
  db: Database,
  query: LineQuery<End>,
  options: { atATime: number },
): AsyncGenerator<Chunk> {
  const { read = (from: Database, bounds: Sql) => from.rows<End>(bounds) } = query;
  const bounds = await read(db, query.bounds);
  const ranges = bounds.map((end, index) => {
    const before = bounds[index - 1];
    const linesOf = (after: number, upTo: number) => query.lines(after, upTo, [before, end]);
    return { after: before?.up_to ?? Number.MIN_SAFE_INTEGER, upTo: end.up_to, linesOf };
  });
  const pages = inOrder(ranges, options.atATime, (range) => answered(db, range));
  for await (const first of pages) {
    yield* together(first.chunks);
    // What did not fit is asked for when it is wanted: no more than a few answers are held.
    for (let { rest } = first; rest; ) {
      const next = await answered(db, rest);
      yield* together(next.chunks);
      rest = next.rest;
    }
  }
}

/**
 * What stands in the rows of an answer, as one piece: whoever compresses it takes twice as long for fifty small ones. Of a
 * page without lines there is none.
 */
const together = (chunks: readonly Chunk[]): readonly Chunk[] => {
  if (chunks.length < 2) return chunks;
  const rows = chunks.reduce((sum, chunk) => sum + chunk.rows, 0);
  return [{ text: chunks.map(({ text }) => text).join(""), rows }];
};

/** Keys in (after, upTo], and what reads the lines of some of them. */
interface KeyRange {
  readonly after: number;
  readonly upTo: number;
  readonly linesOf: (after: number, upTo: number) => Sql;
}

/** One answer, and the keys of the lines that did not fit into it. */
async function answered(
  db: Database,
  { after, upTo, linesOf }: KeyRange,
): Promise<{ chunks: Chunk[]; rest: KeyRange | undefined }> {
  const usual = await db.rows<Chunk>(joined(linesOf(after, upTo)));
  if (usual.length > 0) return { chunks: usual, rest: undefined };
  const found = await db.rows<{ text: string | null; rows: number; last: number; all: number }>(
    joinedByBytes(linesOf(after, upTo)),
  );
  const chunks: Chunk[] = [];
  for (const { text, rows, last } of found)
    chunks.push({ text: text ?? (await longLine(db, linesOf(last - 1, last))), rows });
  const read = chunks.reduce((sum, { rows }) => sum + rows, 0);
  const end = found.at(-1);
  const whole = !end || read === end.all;
  return { chunks, rest: whole ? undefined : { after: end.last, upTo, linesOf } };
}

/** A line that is longer than a row of an answer, as a label of a mapping may be: in pieces. */
const longLine = async (db: Database, line: Sql): Promise<string> =>
  (await oneRecord<{ line: string }>(db, sql`select line from (${line}) lines`)).line;

/** The lines as few long rows, cut by their keys; none where one of them, or all of them, would be too long. */
const joined = (lines: Sql): Sql => sql`
  with joined as materialized (
    select string_agg(line, '' order by id) as text, count(*) as rows, max(id) as last
      from (${lines} offset 0) lines group by id >> ${keysOfRow}::int)
  select text, rows from joined
   where (select max(octet_length(text)) <= ${2 * bytesOfRow} and sum(octet_length(to_json(text)::text)) <= ${mostBytes} from joined)
   order by last`;

/**
 * The lines as few long rows, as far as they fit but at least one, and how many lines there are in
 * `all`; `to_json` measures the rows as they will travel, escapes included. A line that no row holds is left out of its row.
 */
const joinedByBytes = (lines: Sql): Sql => sql`
  select case when octet_length(text) <= ${mostOfRow} then text end as text, rows, last, "all"
    from (select text, rows, last, travels, (sum(rows) over ())::bigint as "all",
                 sum(travels) over (order by last) as bytes
            from (select text, rows, last, octet_length(to_json(text)::text) as travels
                    from (select string_agg(line, '' order by id) as text, count(*) as rows, max(id) as last
                            from (select id, line, octet_length(line) as octets,
                                         sum(octet_length(line)) over (order by id rows unbounded preceding) as ends
                                    from (${lines} offset 0) lines) placed
                           group by ends / ${bytesOfRow}, case when octets > ${bytesOfRow} then id end) joined
                  offset 0) measured) summed
   where bytes <= ${mostBytes} or bytes = travels
   order by last`;

/** Results in the order of the questions, at most `atATime` of them asked ahead. */
export async function* inOrder<Question, Answer>(
  questions: readonly Question[],
  atATime: number,
  ask: (question: Question) => Promise<Answer>,
): AsyncGenerator<Answer> {
  const asked: Promise<Answer>[] = [];
  let next = 0;
  const fill = () => {
    while (asked.length < atATime && next < questions.length) {
      const answer = ask(questions[next++] as Question);
      // Taken later: until then a failure is not an unhandled one.
      answer.catch(() => {});
      asked.push(answer);
    }
  };
  try {
    fill();
    while (asked.length > 0) {
      const answer = await (asked.shift() as Promise<Answer>);
      // The next one is asked while this one is worked on.
      fill();
      yield answer;
    }
  } finally {
    await Promise.allSettled(asked);
  }
}
