import { assets } from "./assets.ts";
import { auditRoutes } from "./audit/routes.ts";
import type { CookieSettings } from "./cookies.ts";
import { exportRoutes } from "./exports/routes.ts";
import { featureRoutes } from "./features/routes.ts";
import { health } from "./health.ts";
import { chooseLanguage } from "./language.ts";
import { mappingRoutes } from "./mappings/routes.ts";
import { at } from "./paths.ts";
import { questionRoutes } from "./questions/routes.ts";
import { seeOther } from "./response.ts";
import { reviewRoutes } from "./review/routes.ts";
import type { OpenRoute, Route } from "./route.ts";
import { holdingRoutes } from "./rows/holding.ts";
import { rowRoutes } from "./rows/routes.ts";
import { runRoutes } from "./runs/routes.ts";
import { signOffRoutes } from "./sign-off/routes.ts";
import { startRoutes } from "./start/routes.ts";

/** What anybody may read. */
export const openRoutes: readonly OpenRoute[] = [health, ...assets];

/** Every address of the console, with what it takes. What stands in no table is no page. */
export function routesOf(cookies: CookieSettings): readonly Route[] {
  const tables = tablesOf(cookies);
  return [...tables, ...waysBack(tables)];
}

/** Whoever loads again what was sent, as after a sign-in that was over in between, is shown where it was sent from. */
const waysBack = (routes: readonly Route[]): Route[] =>
  routes
    .filter((route) => route.verb === "POST")
    .filter(({ path }) => !routes.some((other) => other.verb === "GET" && other.path === path))
    .map(({ path, back }) => ({
      verb: "GET",
      path,
      takes: ["legacy_imports.view"],
      answer: async ({ params }) => seeOther(back?.(params) ?? at.runs),
    }));

const tablesOf = (cookies: CookieSettings): readonly Route[] => [
  chooseLanguage(cookies),
  ...runRoutes,
  ...rowRoutes,
  ...holdingRoutes,
  ...questionRoutes,
  ...auditRoutes,
  ...exportRoutes,
  ...featureRoutes,
  ...startRoutes,
  ...signOffRoutes,
  ...reviewRoutes,
  ...mappingRoutes,
];
