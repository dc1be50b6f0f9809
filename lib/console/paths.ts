const base = "/admin/legacy-imports";

/** Where the console's pages are. */
export const at = {
  runs: base,
  language: `${base}/language`,
  start: "/start",
  signOut: "/sign-out",
  run: (reference: string) => `${base}/runs/${reference}`,
  act: (reference: string, act: string) => `${base}/runs/${reference}/${act}`,
  rollback: (reference: string) => `${base}/runs/${reference}/rollback`,
  rows: (reference: string) => `${base}/runs/${reference}/rows`,
  row: (reference: string, id: number | string) => `${base}/runs/${reference}/rows/${id}`,
  asking: (reference: string, id: number | string) =>
    `${base}/runs/${reference}/rows/${id}/questions`,
  holding: (reference: string, id: number | string, verb: "hold" | "release") =>
    `${base}/runs/${reference}/rows/${id}/${verb}`,
  questions: (reference: string) => `${base}/runs/${reference}/questions`,
  question: (reference: string, number: number | string) =>
    `${base}/runs/${reference}/questions/${number}`,
  audit: (reference: string) => `${base}/runs/${reference}/audit`,
  exported: (reference: string, digest: string) => `${base}/runs/${reference}/exports/${digest}`,
  features: (reference: string) => `${base}/runs/${reference}/features`,
  held: (reference: string) => `${base}/runs/${reference}/held`,
  mappings: (reference: string) => `${base}/runs/${reference}/mappings`,
  mapping: (reference: string, name: string) => `${base}/runs/${reference}/mappings/${name}`,
  review: (signOff: string) => `${base}/sign-offs/${signOff}/review`,
  signOff: (id: string) => `/sign-off/by-id/${id}`,
} as const;

/** Where an address with a slash at its end is sent on: to the page without it, and the site's own to the runs. */
export const withoutSlash = (path: string): string | undefined =>
  path.endsWith("/") ? path.replace(/(?<!\/)\/+$/u, "") || at.runs : undefined;

/** Whether anybody may read what is there, without a sign-in: what the routes of that kind begin with, or the way to a page. */
export const isOpen = (path: string): boolean =>
  path === "/healthz" || path.startsWith("/assets/") || path.endsWith("/");
