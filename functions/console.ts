import { createConsole } from "../lib/console/app.ts";
import type { HttpEvent } from "../lib/console/request.ts";
import type { PageResponse } from "../lib/console/response.ts";
import { sharedServices } from "../lib/services/create.ts";

let pages: ((event: HttpEvent) => Promise<PageResponse>) | undefined;

/** The console behind an HTTP API whose authorizer says who is asking. */
export const handler = (event: HttpEvent): Promise<PageResponse> => {
  pages ??= createConsole({
    services: sharedServices(),
    key: Buffer.from(process.env.WAVEGATE_TOKEN_KEY ?? "", "base64"),
  });
  return pages(event);
};
