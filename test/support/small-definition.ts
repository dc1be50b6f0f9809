import {
  commit,
  defineMigration,
  hold,
  insert,
  is,
  otherwise,
  status,
  table,
  text,
  when,
} from "../../lib/define/builders.ts";
import type { Definition } from "../../lib/define/definition.ts";
import { definitionFaults } from "../../lib/stages/preflight/definition-faults.ts";

/** The smallest definition in which nothing is wrong. */
export const sound = {
  name: "small",
  title: "Small",
  connection: "legacy",
  source: { things: table("no", "label", "state", "made") },
  entity: {
    from: ["things"],
    fields: { label: text("label"), state: status("state") },
    decide: {
      classification: [
        { is: "kept", when: is("state", "new", "old") },
        { is: "left", when: otherwise },
      ],
    },
    actions: { thing: insert("belongings", { label: "label" }) },
    plan: [when(is("classification", "left"), hold("left")), commit("thing")],
  },
} satisfies Definition;

export const some = (n: number) => Array.from({ length: n }, (_, at) => at);

/** The faults of a definition with these parts of its entity, and these of its own. */
export const faults = (
  entity: Partial<Definition["entity"]>,
  more: Partial<Omit<Definition, "entity">> = {},
): readonly string[] => {
  // Of a wide type: what types see would not compile.
  const wrong: Definition = { ...sound, ...more, entity: { ...sound.entity, ...entity } };
  return definitionFaults(defineMigration(wrong));
};
