import type { Database } from "../data/database.ts";
import { type Sql, sql } from "../data/sql.ts";
import type { Chunk } from "./bundle.ts";

/** Bytes of one answer; the Data API allows 1 MiB with its own JSON around them. */
const mostBytes = 900_000;
/** Bytes of one row of an answer; the Data API allows 64 KB. */
const bytesOfRow = 40_000;
/** Records of one page: as many as usually fit into one answer. */
export const RECORDS_OF_PAGE = 3_000;

/** Keys that cut a table into pages, and the records of a page as `id` and `line`. */
export interface LineQuery {
  /** The last key of each page, ascending, as `up_to`. */
  readonly bounds: Sql;
  /** Rows `(id bigint, line text)` with keys in (after, upTo]; a line ends as it shall in the file. */
  readonly lines: (after: number, upTo: number) => Sql;
}

/**
 * Lines made by the database, in the order of their keys. The lines of an answer are joined by
 * bytes, so that neither a row nor an answer is too large; a few pages are read at a time (one
 * inside a transaction, where the Data API allows no more).
 */
export async function* lines(
  db: Database,
  query: LineQuery,
  options: { atATime: number },
): AsyncGenerator<Chunk> {
  const bounds = await db.rows<{ up_to: number }>(query.bounds);
  const ranges = bounds.map(({ up_to }, index) => ({
    after: bounds[index - 1]?.up_to ?? -1,
    upTo: up_to,
  }));
  const pages = inOrder(ranges, options.atATime, ({ after, upTo }) =>
    linesOfRange(db, query, after, upTo),
  );
  for await (const page of pages) yield* page;
}

async function linesOfRange(
  db: Database,
  query: LineQuery,
  after: number,
  upTo: number,
): Promise<Chunk[]> {
  const chunks: Chunk[] = [];
  for (let last = after; ; ) {
    const found = await db.rows<Chunk & { last: number; all: number }>(
      joined(query.lines(last, upTo)),
    );
    chunks.push(...found.map(({ text, rows }) => ({ text, rows })));
    const read = found.reduce((sum, { rows }) => sum + rows, 0);
    const end = found.at(-1);
    if (!end || read === end.all) return chunks;
    last = end.last;
  }
}

/**
 * The lines as few long rows, as far as they fit, and how many there are in `all`; `to_json`
 * measures them as they will travel, escapes included.
 */
const joined = (lines: Sql): Sql => sql`
  select string_agg(line, '' order by id) as text, count(*) as rows, max(id) as last,
         max(all_lines) as all
    from (select id, line, count(*) over () as all_lines,
                 sum(octet_length(to_json(line)::text)) over (order by id) as bytes
            from (${lines} offset 0) lines) measured
   where bytes <= ${mostBytes}
   group by bytes::bigint / ${bytesOfRow}
   order by last`;

/** All records of a small table, by pages that fit an answer. `records` gives `n` (1, 2, …) and `record` (JSON). */
export async function allRecords<Record>(db: Database, records: Sql): Promise<Record[]> {
  const all: Record[] = [];
  for (;;) {
    const page = await db.rows<{ record: Record }>(sql`
      select record
        from (select n, record,
                     sum(octet_length(to_json(record::text)::text)) over (order by n) as bytes
                from (${records}) numbered
               where n > ${all.length} and n <= ${all.length + 1_000}) measured
       where bytes <= ${mostBytes}
       order by n`);
    if (page.length === 0) return all;
    all.push(...page.map(({ record }) => record));
  }
}

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
