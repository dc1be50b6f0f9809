import { assets } from "./assets.ts";
import { auditRoutes } from "./audit/routes.ts";
import type { CookieSettings } from "./cookies.ts";
import { exportRoutes } from "./exports/routes.ts";
import { featureRoutes } from "./features/routes.ts";
import { health } from "./health.ts";
import { chooseLanguage } from "./language.ts";
import { mappingRoutes } from "./mappings/routes.ts";
import { questionRoutes } from "./questions/routes.ts";
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
export const routesOf = (cookies: CookieSettings): readonly Route[] => [
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
