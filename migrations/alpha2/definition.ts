import { defineMigration } from "../../lib/define/builders.ts";
import { french, frenchOfPlatform } from "./french.ts";
import { course, membership, part, user } from "./people.ts";
import { shared } from "./shared.ts";
import { source } from "./source.ts";
import { module, release, section, unit } from "./units.ts";
import { material, submission, task } from "./work.ts";

/** A learning platform's courses, with materials, tasks and what students handed in. */
export const alpha2 = defineMigration({
  ...shared,
  name: "alpha2",
  title: "Alpha2: courses, materials and submissions",
  translations: { en: { map: "the identity of a user" }, fr: { ...french, ...frenchOfPlatform } },
  source,
  entities: [
    part,
    user,
    course,
    membership,
    unit,
    section,
    module,
    release,
    material,
    task,
    submission,
  ],
});
