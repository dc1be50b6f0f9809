import type { Database } from "../data/database.ts";
import { sql } from "../data/sql.ts";
import type { Shelf } from "../sources/wild-apricot/shelf.ts";

/** Characters of a piece, a byte each: a row of an answer of the Data API ends at 64 KB. */
const pieceOf = 48_000;
/** Pieces of one answer, which ends at 1 MiB. */
const piecesAtATime = 16;

/**
 * What was read of an account, in the database that all functions reach: staging like any other, erased with the run's
 * people, and read by the role `stage` alone.
 */
export function databaseShelf(db: Database, connection: string): Shelf {
  return {
    description: `the database, under the connection ${connection}`,
    async get(name) {
      const pieces: string[] = [];
      for (let more = true; more; ) {
        const found = await db.rows<{ body: string }>(sql`
          select body from wavegate.source_readings
           where connection = ${connection} and name = ${name} and piece >= ${pieces.length}::int
           order by piece limit ${piecesAtATime}::int`);
        pieces.push(...found.map(({ body }) => body));
        more = found.length === piecesAtATime;
      }
      return pieces.length === 0
        ? undefined
        : Buffer.from(pieces.join(""), "base64").toString("utf8");
    },
    async put(name, text) {
      await db.transaction(async (transaction) => {
        await transaction.execute(
          sql`delete from wavegate.source_readings where connection = ${connection} and name = ${name}`,
        );
        for (const [piece, body] of piecesOf(text).entries())
          await transaction.execute(sql`
            insert into wavegate.source_readings (connection, name, piece, body)
            values (${connection}, ${name}, ${piece}::int, ${body})
            on conflict (connection, name, piece) do nothing`);
      });
    },
    async clear(beginning, olderThanMs) {
      await db.execute(sql`
        delete from wavegate.source_readings
         where connection = ${connection} and starts_with(name, ${beginning})
           and (${olderThanMs ?? null}::bigint is null or kept_at < now() - ${olderThanMs ?? null}::bigint * interval '1 millisecond')`);
    },
  };
}

/** In base64, as a text of PostgreSQL holds no NUL, and no piece of it ends within a letter. */
function piecesOf(text: string): string[] {
  const whole = Buffer.from(text, "utf8").toString("base64");
  const pieces = [whole.slice(0, pieceOf)];
  for (let from = pieceOf; from < whole.length; from += pieceOf)
    pieces.push(whole.slice(from, from + pieceOf));
  return pieces;
}
