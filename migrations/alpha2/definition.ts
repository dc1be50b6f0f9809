import { defineMigration } from "../../lib/define/builders.ts";
import { french, frenchOfPlatform } from "./french.ts";
import { people } from "./people.ts";
import { shared } from "./shared.ts";
import { source } from "./source.ts";
import { units } from "./units.ts";
import { work } from "./work.ts";

/** A learning platform's courses, with materials, tasks and what students handed in. */
export const alpha2 = defineMigration({
  ...shared,
  name: "alpha2",
  title: "Alpha2: courses, materials and submissions",
  translations: { en: { map: "the identity of a user" }, fr: { ...french, ...frenchOfPlatform } },
  source,
  entities: [...people, ...units, ...work],
});
