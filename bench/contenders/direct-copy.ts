/**
 * What a careful script would do without any of the safety: rows from mysql2 into COPY over a direct
 * connection, tables and keys made as they are in the legacy system. A process of its own; takes the
 * two addresses, and prints how many rows went over.
 */
import { once } from "node:events";
import mysql from "mysql2";
import pg from "pg";

const [legacyUrl = "", platformUrl = ""] = process.argv.slice(2);
const TABLES = ["stagiaires", "archives"];
const CHUNK = 64 * 1024;
const SPECIAL = /[\\\t\n\r\0]/;
const ALL_SPECIAL = new RegExp(SPECIAL, "g");

/** pg's own connection, as far as COPY needs it. */
interface Wire {
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
  stream: { writableNeedDrain: boolean; once(event: "drain", listener: () => void): void };
}

/** A COPY … FROM STDIN as pg runs queries. */
class CopyIn {
  readonly open = Promise.withResolvers<Wire>();
  readonly done = Promise.withResolvers<void>();
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  submit(connection: Wire) {
    connection.query(this.text);
  }
  handleCopyInResponse(connection: Wire) {
    this.open.resolve(connection);
  }
  handleCommandComplete() {}
  handleReadyForQuery() {
    this.done.resolve();
  }
  handleError(error: Error) {
    this.open.reject(error);
    this.done.reject(error);
  }
}

const legacy = mysql.createConnection({
  uri: legacyUrl,
  dateStrings: true,
  charset: "utf8mb4",
});
const platform = new pg.Client({ connectionString: platformUrl });
await platform.connect();
let rows = 0;
for (const table of TABLES) rows += await copy(table);
await platform.end();
legacy.destroy();
console.log(rows);

async function copy(table: string): Promise<number> {
  const [columns] = await legacy.promise().query(`show columns from ${table}`);
  const types = (columns as { Field: string; Type: string }[]).map(({ Field, Type }) =>
    /^int/.test(Type) ? `${Field} bigint` : `${Field} text`,
  );
  await platform.query(`create table ${table} (${types.join(", ")})`);
  const copying = new CopyIn(`copy ${table} from stdin`);
  platform.query(copying as unknown as pg.Submittable);
  const wire = await copying.open.promise;
  const stream = legacy
    .query({
      sql: `select * from ${table}`,
      rowsAsArray: true,
      typeCast: (field) => field.string(),
    })
    .stream({ highWaterMark: 5_000 });
  let [buffer, count] = ["", 0];
  for await (const row of stream) {
    count += 1;
    buffer += `${(row as (string | null)[]).map(cell).join("\t")}\n`;
    if (buffer.length < CHUNK) continue;
    wire.sendCopyFromChunk(Buffer.from(buffer));
    buffer = "";
    if (wire.stream.writableNeedDrain) await once(wire.stream as never, "drain");
  }
  wire.sendCopyFromChunk(Buffer.from(buffer));
  wire.endCopyFrom();
  await copying.done.promise;
  await platform.query(`alter table ${table} add primary key (id)`);
  return count;
}

function cell(value: string | null): string {
  if (value === null) return "\\N";
  return SPECIAL.test(value) ? value.replace(ALL_SPECIAL, escaped) : value;
}

/** NUL, which PostgreSQL does not take, is dropped. */
function escaped(character: string): string {
  return { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" }[character] ?? "";
}
