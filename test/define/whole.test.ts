import { expect, it } from "vitest";
import { commit, defineMigration, insert, table, text } from "../../lib/define/builders.ts";

const kind = {
  from: ["lessons"],
  fields: { title: text("title") },
  decide: {},
  actions: { lesson: insert("lessons", { title: "title" }, { id: "id" }) },
  plan: [commit("lesson")],
};
const shared = {
  name: "school",
  title: "A school",
  connection: "legacy",
  source: { lessons: table("no", "title") },
};
/** As somebody writes it whom no types tell what is missing. */
const made = (definition: unknown) => defineMigration(definition as never) as { name: string };

it("B5 B12 a definition is whole with one kind of things and with several", () => {
  expect(made({ ...shared, entity: kind }).name).toBe("school");
  expect(made({ ...shared, entities: [{ ...kind, name: "lesson" }] }).name).toBe("school");
});

it.each(Object.keys(kind))("B5 B12 without “%s” of a kind of things it says so", (missing) => {
  const part = { ...kind, [missing]: undefined };
  expect(() => made({ ...shared, entity: part })).toThrow(
    new Error(
      `The definition “school” is not whole: entity.${missing} is missing.${missing === "decide" ? " Where nothing is decided, write 'decide: {}'." : ""}`.replaceAll(
        "'",
        "`",
      ),
    ),
  );
  const other = { ...kind, name: "lesson" };
  expect(() => made({ ...shared, entities: [other, { ...part, name: "pupil" }] })).toThrow(
    `The definition “school” is not whole: entity 2 “pupil”, ${missing} is missing.`,
  );
});

it.each([...Object.keys(shared), "entity"])("B5 B12 without “%s” it says so", (missing) => {
  expect(() => made({ ...shared, entity: kind, [missing]: undefined })).toThrow(
    `is not whole: ${missing} is missing.`,
  );
});

it.each([
  ["no kind of things", { ...shared, entities: [] }, "entities: "],
  ["a kind of things that is a word", { ...shared, entity: "lesson" }, "is not whole: entity: "],
  ["nothing at all", undefined, "The definition is not whole: all of it is missing."],
  [
    "a line of a plan that is none",
    { ...shared, entity: { ...kind, plan: [undefined] } },
    "entity.plan.0 is missing.",
  ],
  ["a kind without a name", { ...shared, entities: [kind] }, "entity 1, name is missing."],
])("B5 B12 of %s it says so", (_what, definition, says) => {
  expect(() => made(definition)).toThrow(says);
});

it.each(["report", "stops", "samples"])(
  "B5 B12 “%s” of several kinds of things stands within the one that it is about, and the sentence says so",
  (beside) => {
    const several = { ...shared, entities: [{ ...kind, name: "lesson" }], [beside]: [] };
    expect(() => made(several)).toThrow(
      `The definition “school” says “${beside}” beside its kinds of things: it is about the rows of one, so write it within that entity.`,
    );
  },
);
