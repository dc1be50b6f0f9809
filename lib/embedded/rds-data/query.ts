import { connect } from "node:net";
import pg from "pg";
import { fromDatabase, type ServiceError, unsupportedResult } from "./errors.ts";
import type { BoundStatement } from "./statements.ts";

/** What a statement gave, its values still in the database's own text. */
export interface RawResult {
  /** `SELECT`, `INSERT`, … of the statement as PostgreSQL saw it. */
  readonly command: string;
  readonly rowCount: number;
  /** Empty for statements without a result set. */
  readonly fields: readonly pg.FieldDef[];
  readonly rows: readonly (string | null)[][];
}

/** Bytes of raw values after which reading on is pointless: the answer would be refused. */
export interface Bounds {
  readonly rowBytes: number;
  readonly resultBytes: number;
}

/** Values stay text: they are written into the answer as they are. */
const RAW_TYPES = { getTypeParser: () => (raw: string) => raw } as unknown as pg.CustomTypesConfig;

/**
 * Runs a statement with the extended protocol, without a name and so planned for the values at hand, and collects its
 * rows. A result past the bounds is cancelled while it arrives, so that no table is ever read into memory whole.
 *
 * @throws {ServiceError}
 */
export function runStatement(
  client: pg.ClientBase,
  statement: BoundStatement,
  bounds: Bounds,
): Promise<RawResult> {
  return new Promise((resolve, reject) => {
    const rows: (string | null)[][] = [];
    let bytes = 0;
    let refusal: ServiceError | undefined;
    const query = new pg.Query({
      text: statement.text,
      values: statement.values,
      rowMode: "array",
      queryMode: "extended",
      types: RAW_TYPES,
    } as pg.QueryConfig);
    query.on("row", (row: unknown) => {
      if (refusal) return;
      const size = sizeOf(row as (string | null)[]);
      bytes += size;
      refusal = refusalFor(size, bytes, bounds);
      if (refusal) cancelStatement(client);
      else rows.push(row as (string | null)[]);
    });
    query.once("error", (error: unknown) => reject(refusal ?? fromDatabase(error)));
    query.once("end", (result: pg.QueryResult) => {
      if (refusal) return reject(refusal);
      const { command, rowCount, fields } = result;
      resolve({ command: command ?? "", rowCount: rowCount ?? 0, fields, rows });
    });
    client.query(query);
  });
}

const sizeOf = (row: (string | null)[]) =>
  row.reduce((sum, value) => sum + (value === null ? 0 : Buffer.byteLength(value)), 0);

function refusalFor(row: number, all: number, bounds: Bounds): ServiceError | undefined {
  if (row > bounds.rowBytes) {
    return unsupportedResult("Packet for query is too large: a row exceeds the size limit 64 KB.");
  }
  return all > bounds.resultBytes ? tooLarge() : undefined;
}

/** The answer would be larger than the service sends. */
export const tooLarge = () => unsupportedResult("The result exceeds the size limit 1 MB.");

/** What pg knows of a connection and its types do not tell. */
interface Backend {
  readonly host: string;
  readonly port: number;
  readonly processID: number;
  readonly secretKey: number;
}

/** The connection's number in the database. */
export const connectionId = (client: pg.ClientBase) => (client as unknown as Backend).processID;

/** Asks the database to end what the connection is running: PostgreSQL's CancelRequest message. */
export function cancelStatement(client: pg.ClientBase): void {
  const { host, port, processID, secretKey } = client as unknown as Backend;
  const message = Buffer.alloc(16);
  message.writeInt32BE(16, 0);
  message.writeInt32BE(80877102, 4);
  message.writeInt32BE(processID, 8);
  message.writeInt32BE(secretKey, 12);
  const socket = connect(port, host, () => socket.end(message));
  socket.on("error", () => {});
}
