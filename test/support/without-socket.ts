import { HttpResponse } from "@smithy/core/protocols";
import type { RdsDataService } from "../../lib/embedded/rds-data/service.ts";

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body?: string | Uint8Array;
}

/**
 * What an SDK's client hands its requests to, where the service stands in the same process: as it writes them, and as
 * the service answers, but not through a socket, which takes a third of a call. A cut connection is the error that it
 * is over HTTP.
 */
export const withoutSocket = (service: Pick<RdsDataService, "answer">) => ({
  handle: async ({ method, path, headers, body = "" }: Asked) => {
    const bytes =
      typeof body === "string"
        ? Buffer.from(body)
        : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    const answer = await service.answer({ method, path, headers, body: bytes });
    if (answer === undefined) {
      throw Object.assign(new Error("socket hang up"), {
        name: "TimeoutError",
        code: "ECONNRESET",
      });
    }
    const { status: statusCode, ...rest } = answer;
    return { response: new HttpResponse({ statusCode, ...rest }) };
  },
  metadata: { handlerProtocol: "http/1.1" },
  updateHttpClientConfig: () => {},
  httpHandlerConfigs: () => ({}),
  destroy: () => {},
});
