import { columnMetadata } from "./column-metadata.ts";
import type { ColumnType } from "./column-types.ts";
import type { Lease } from "./databases.ts";
import type { Limits } from "./limits.ts";
import { type RawResult, tooLarge } from "./query.ts";
import type { DataApiRequest } from "./requests.ts";
import { type Encoder, fieldEncoder, jsonEncoder, resultOptions } from "./result-fields.ts";
import type { TypeCatalog } from "./type-catalog.ts";

/** How a call wants its result. */
interface ResultFormat {
  readonly json: boolean;
  readonly metadata: boolean;
  readonly options: ReturnType<typeof resultOptions>;
}

export function resultFormat(request: DataApiRequest): ResultFormat {
  return {
    json: request.formatRecordsAs === "JSON",
    metadata: request.includeResultMetadata ?? false,
    options: resultOptions(request.resultSetOptions),
  };
}

/**
 * The body that answers ExecuteStatement.
 *
 * @throws {ServiceError} UnsupportedResultException when it is too large or has unknown types.
 */
export async function executeAnswer(
  lease: Lease,
  catalog: TypeCatalog,
  result: RawResult,
  format: ResultFormat,
  limits: Limits,
): Promise<string> {
  const { fields, rows } = result;
  if (fields.length === 0) {
    return `{"generatedFields":[],"numberOfRecordsUpdated":${result.rowCount}}`;
  }
  const types = await catalog.typesOf(
    lease,
    fields.map(({ dataTypeID }) => dataTypeID),
  );
  // The format is for SELECT only; other statements that return rows answer as without it.
  if (format.json && result.command === "SELECT") {
    return formattedAnswer(result, types, format, limits);
  }
  const encoders = types.map((type) => fieldEncoder(type, format.options));
  const records = rows.map((row) => `[${row.map(encodeField(encoders)).join(",")}]`).join(",");
  const metadata = format.metadata
    ? `"columnMetadata":${JSON.stringify(await columnMetadata(lease.client, fields, types))},`
    : "";
  return within(
    limits.responseBytes,
    `{${metadata}"numberOfRecordsUpdated":0,"records":[${records}]}`,
  );
}

const encodeField = (encoders: Encoder[]) => (raw: string | null, column: number) =>
  raw === null ? '{"isNull":true}' : (encoders[column] as Encoder)(raw);

function formattedAnswer(
  { fields, rows }: RawResult,
  types: ColumnType[],
  format: ResultFormat,
  limits: Limits,
): string {
  const encoders = types.map((type) => jsonEncoder(type, format.options));
  const labels = fields.map(({ name }) => JSON.stringify(name));
  const objects = rows.map((row) => {
    const members = row.map(
      (raw, i) => `${labels[i]}:${raw === null ? "null" : (encoders[i] as Encoder)(raw)}`,
    );
    return `{${members.join(",")}}`;
  });
  const formatted = within(limits.formattedBytes, `[${objects.join(",")}]`);
  return `{"formattedRecords":${JSON.stringify(formatted)},"numberOfRecordsUpdated":0}`;
}

function within(limit: number, json: string): string {
  if (json.length > limit || Buffer.byteLength(json) > limit) throw tooLarge();
  return json;
}
