import { type Database, longestStatement, RowCountError } from "./database.ts";
import { exactJson } from "./exact.ts";
import { identifier, join, raw, render, type Sql, sql } from "./sql.ts";

/** Bytes of a record that one row of an answer carries, as base64, as the Data API ends at 64 KB a row: no letter of it needs an escape, and each piece is found at once. */
export const bytesOf = 30_000;
/** Bytes of one answer as JSON; the Data API allows 1 MiB with its own JSON around them. */
const mostBytes = 900_000;
/** Records that are looked at for one answer. */
const recordsOfAnswer = 1_000;

interface Piece {
  /** Bytes of the record's JSON in base64; a letter may end in the next piece. */
  readonly piece: string;
  /** The last one of its record. */
  readonly ends: boolean;
  /** How many pieces the records that were looked at have left. */
  readonly left: number;
}

/**
 * All records of a small table, each however long, by answers that the Data API takes. `records` gives `n` (1, 2, …)
 * and `record` (JSON).
 */
export async function allRecords<Record>(db: Database, records: Sql): Promise<Record[]> {
  const all: Record[] = [];
  let begun: Buffer[] = [];
  for (;;) {
    const pieces = await db.rows<Piece>(sql`
      select encode(piece, 'base64') as piece, ends, "left"
        from (select n, k, piece, ends, count(*) over () as "left",
                     sum(octet_length(piece) * 7 / 5 + 60) over (order by n, k) as bytes
                from (select n, k, substr(whole, k * ${bytesOf}::int + 1, ${bytesOf}::int) as piece,
                             k = octet_length(whole) / ${bytesOf}::int as ends
                        from (select n, convert_to(record::text, 'UTF8') as whole from (${records}) numbered
                               where n > ${all.length} and n <= ${all.length + recordsOfAnswer} offset 0) long
                       cross join lateral generate_series(
                               case when n = ${all.length + 1} then ${begun.length}::int else 0 end,
                               octet_length(whole) / ${bytesOf}::int) k) cut) measured
       where bytes <= ${mostBytes}
       order by n, k`);
    const before = all.length;
    for (const { piece, ends } of pieces) {
      begun.push(Buffer.from(piece, "base64"));
      if (!ends) continue;
      all.push(exactJson(Buffer.concat(begun).toString()) as Record);
      begun = [];
    }
    const isAll = pieces.length === (pieces[0]?.left ?? 0);
    if (isAll && all.length - before < recordsOfAnswer) return all;
  }
}

/** Characters that {@link rowsWhole} has around a statement, at most. */
export const charactersAround = 1_500;

/**
 * The rows of a query that says in which order, each however long. What is no text, number, truth or JSON comes as JSON
 * has it. It may be asked several times, and writes nothing.
 */
export const rowsWhole = <Row>(db: Database, rows: Sql): Promise<Row[]> =>
  allRecords<Row>(
    db,
    sql`select row_number() over () as n, to_jsonb(one.*) as record from (${rows}) one`,
  );

/** The one row of a query, however long it is, or an error; as {@link rowsWhole}. */
export async function oneRecord<Row>(db: Database, row: Sql): Promise<Row> {
  const [found, ...others] = await rowsWhole<Row>(db, row);
  if (found === undefined || others.length > 0) {
    throw new RowCountError(`One row was expected and ${found === undefined ? 0 : "more"} came.`);
  }
  return found;
}

/**
 * Expressions by their names, as one record however long it is: in one statement, or in as few as the Data API takes. They
 * are all of one moment within a snapshot, and else where they fit into one.
 */
export async function lookTogether<Looked>(
  db: Database,
  looks: Readonly<Record<keyof Looked & string, Sql>>,
): Promise<Looked> {
  const columns = Object.entries<Sql>(looks).map(
    ([name, look]) => sql`(${look}) as ${raw(identifier(name))}`,
  );
  const selectOf = (of: readonly Sql[]) => sql`select ${join(of, ", ")}`;
  const fits = (of: readonly Sql[]) =>
    render(selectOf(of)).sql.length + charactersAround <= longestStatement;
  const found: object[] = [];
  for (let left = columns; left.length > 0; ) {
    let taken = left.length;
    while (taken > 1 && !fits(left.slice(0, taken))) taken -= 1;
    found.push(await oneRecord<object>(db, selectOf(left.slice(0, taken))));
    left = left.slice(taken);
  }
  return Object.assign({}, ...found) as Looked;
}
