import { safeHeaders } from "./response.ts";
import type { OpenRoute } from "./route.ts";

/** Says that the console answers. It asks no database: whoever asks often would keep one awake. */
export const health: OpenRoute = {
  path: "/healthz",
  answer: () => ({
    statusCode: 200,
    headers: { ...safeHeaders, "content-type": "text/plain; charset=utf-8" },
    body: "ok\n",
  }),
};
