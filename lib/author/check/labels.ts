import { ofField } from "../../compile/pin/used-columns.ts";
import type { Field, Migration } from "../../define/definition.ts";
import { type Problem, warning } from "../problem.ts";

/** Fields that say who somebody is. */
const ofPeople: ReadonlySet<Field["kind"]> = new Set(["name", "email", "phone", "birth_date"]);

/** Labels of mapped things that are people's: who may view mappings sees them as they are, and bundles hold them. */
export function checkLabels({ entity, references }: Migration): Problem[] {
  const people = Object.values(entity.fields).filter(({ kind }) => ofPeople.has(kind));
  const theirs = new Set(people.flatMap(ofField));
  return Object.entries(references).flatMap(([name, { from, platform, ...reference }]) => {
    const legacy = "label" in reference ? reference.label : reference.code;
    const label = "label" in platform ? platform.label : platform.code;
    const found = [
      ...(entity.from.includes(from) && theirs.has(legacy) ? [`${from}.${legacy}`] : []),
      ...entity.match.against
        .filter(
          ({ table, ...said }) => table === platform.table && Object.values(said).includes(label),
        )
        .map(({ table }) => `${table}.${label}`),
    ];
    return [...new Set(found)].map((column) =>
      warning(
        "reference_of_people",
        name,
        `“${name}” is shown by ${column}, which says who somebody is: whoever may view mappings sees it unmasked, and audit bundles hold it.`,
        "Show things by a column that names nobody, such as a number of theirs.",
      ),
    );
  });
}
