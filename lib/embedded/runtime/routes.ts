import type { FunctionHost } from "../functions/host.ts";
import type { HttpApiResponse } from "../pages/event.ts";

/** Milliseconds that an HTTP API of API Gateway waits for a function, whatever the function may take itself; nobody can raise it. */
const longestMs = 30_000;

/** A function as the handler of a route: behind one it ends in the time that it has on AWS. */
export const handledBy =
  (functions: Pick<FunctionHost, "invoke">, name: string) =>
  async (event: object): Promise<HttpApiResponse> =>
    (await functions.invoke(name, event, { timeoutMs: longestMs })) as HttpApiResponse;
