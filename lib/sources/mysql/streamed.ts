import type { Connection, QueryOptions } from "mysql2";
import type { MysqlSettings } from "../settings.ts";
import type { LegacyRow } from "../source.ts";
import { connect, describe } from "./connect.ts";
import { translate } from "./errors.ts";

/** Rows that wait here while those before them are worked on. */
const WAITING = 2_000;

/** The rows of a statement one by one, on a connection of their own that ends with them. */
export async function* streamed(
  settings: MysqlSettings,
  options: QueryOptions,
): AsyncGenerator<LegacyRow> {
  const connection = await connect(settings);
  try {
    // Behind promises there is a connection that streams, of which the driver's types say nothing.
    const { connection: streaming } = connection as unknown as { connection: Connection };
    const rows = streaming
      .query({ ...options, rowsAsArray: true })
      .stream({ highWaterMark: WAITING });
    // A connection that breaks is told to itself only.
    streaming.on("error", (error: Error) => rows.destroy(error));
    for await (const row of rows) yield row as LegacyRow;
  } catch (error) {
    throw translate(error, describe(settings), "reading");
  } finally {
    connection.destroy();
  }
}
