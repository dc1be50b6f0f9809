import { defineMigration } from "../../lib/define/builders.ts";
import { french, frenchOfCookbook } from "../alpha2/french.ts";
import { shared } from "../alpha2/shared.ts";
import { part } from "./part.ts";
import { people } from "./people.ts";
import { source } from "./source.ts";
import { units } from "./units.ts";
import { work } from "./work.ts";

/** The same school as `alpha2` moves from the dump itself, from the tables that the cookbook makes of it. */
export const alpha2Staging = defineMigration({
  ...shared,
  name: "alpha2-staging",
  title: "Alpha2, from the tables of the cookbook",
  translations: { en: { map: "the identity of a user" }, fr: { ...french, ...frenchOfCookbook } },
  // Beside those of `alpha2`, as both may be set up in one database.
  audit: {
    ...shared.audit,
    runs: "staging_import_audit_runs",
    mappings: "staging_import_audit_mappings",
  },
  source,
  entities: [part, ...people, ...units, ...work],
});
