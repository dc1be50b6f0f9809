import type { RDSDataClient } from "@aws-sdk/client-rds-data";
import { HttpResponse } from "@smithy/core/protocols";
import { operation } from "@smithy/core/schema";
import { bodyWithTexts } from "../../lib/data/written-texts.ts";
import type { RdsDataService } from "../../lib/embedded/rds-data/service.ts";

/** A command as the SDK makes it: what it asks for, and how that is written and its answer read. */
interface Command {
  readonly input: object;
  readonly schema: Parameters<typeof toOperation>[0];
}

/** What the SDK writes and reads a service's requests with. */
interface Protocol {
  serializeRequest(
    of: ReturnType<typeof operation>,
    input: object,
    context: object,
  ): Promise<{ method: string; path: string; headers: Record<string, string>; body: Body }>;
  deserializeResponse(
    of: ReturnType<typeof operation>,
    context: object,
    response: HttpResponse,
  ): Promise<unknown>;
}
type Body = string | Uint8Array;

const toOperation = ([, ...of]: [number, ...Parameters<typeof operation>]) => operation(...of);

/**
 * A client whose requests reach the service where both stand in one process: as the SDK writes them, and as it reads the
 * answers and errors, but neither through a socket nor through what the SDK does between the two, which is to find the
 * address, to sign, to try again and to log: both together take two thirds of a call. A cut connection is the error that it is
 * over HTTP.
 */
export function withoutSocket(
  client: RDSDataClient,
  service: Pick<RdsDataService, "answer">,
): RDSDataClient {
  const protocol = client.config.protocol as Protocol;
  const address = client.config.endpoint?.();
  const context = { ...client.config, endpoint: () => address };
  const send = async ({ schema, input }: Command): Promise<unknown> => {
    const of = toOperation(schema);
    const { body, ...request } = await protocol.serializeRequest(of, input, context);
    const { method, path, headers } = request;
    const bytes = bytesOf(bodyWithTexts(input, body));
    const answer = await service.answer({ method, path, headers, body: bytes });
    if (answer === undefined) {
      throw Object.assign(new Error("socket hang up"), {
        name: "TimeoutError",
        code: "ECONNRESET",
      });
    }
    const { status: statusCode, ...rest } = answer;
    return protocol.deserializeResponse(of, context, new HttpResponse({ statusCode, ...rest }));
  };
  return Object.assign(client, { send });
}

const bytesOf = (body: Body): Buffer =>
  typeof body === "string"
    ? Buffer.from(body)
    : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
