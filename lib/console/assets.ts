import { createHash } from "node:crypto";
import { keysScript } from "./keys-script.ts";
import { liveScript } from "./live-script.ts";
import type { PageResponse } from "./response.ts";
import type { OpenRoute } from "./route.ts";
import { styleSheet } from "./style-sheet.ts";

/** A file that pages load, under a name that changes with what is in it. */
function asset(name: string, kind: string, type: string, content: string) {
  const digest = createHash("sha256").update(content).digest("hex").slice(0, 12);
  const path = `/assets/${name}-${digest}.${kind}`;
  const answer = (): PageResponse => ({
    statusCode: 200,
    headers: {
      "cache-control": "public, max-age=31536000, immutable",
      "content-type": type,
      "cross-origin-resource-policy": "same-origin",
      "strict-transport-security": "max-age=63072000; includeSubDomains",
      "x-content-type-options": "nosniff",
    },
    body: content,
  });
  return { path, answer };
}

const style = asset("console", "css", "text/css; charset=utf-8", styleSheet);

/** Where the style sheet is. */
export const stylePath: string = style.path;

const keys = asset("keys", "js", "text/javascript; charset=utf-8", keysScript);

/** Where the script is that lets keys press buttons. */
export const keysPath: string = keys.path;

const live = asset("live", "js", "text/javascript; charset=utf-8", liveScript);

/** Where the script is that keeps a page as it stands. */
export const livePath: string = live.path;

/** A wave between the posts of a gate. */
const drawing = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#0b57a8"/><g fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round"><path d="M6.5 7v18M25.5 7v18"/><path d="M10 17.5c2-3.5 4-3.5 6 0s4 3.5 6 0"/></g></svg>`;

const icon = asset("icon", "svg", "image/svg+xml", drawing);

/** Where the picture is that a browser's tab shows. */
export const iconPath: string = icon.path;

/** What pages load: the same for everybody, and about nobody. */
export const assets: readonly OpenRoute[] = [style, icon, keys, live];
