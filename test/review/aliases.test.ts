import { expect, it } from "vitest";
import { aliasesOf } from "../../lib/review/mappings/overview.ts";

it("R8 D2 an alias is what stands in the definition with the spelling added, of its kind of things and field alone", () => {
  const is = (field: string, ...words: string[]) => ({ field, is: words });
  const entity = {
    decide: {
      kind: [{ is: "done", when: { all: [is("status", "Done", "OK"), is("other", "Done")] } }],
    },
    plan: [{ when: { not: is("status", "Done") }, skip: "x" }],
  };
  const about = { status: 'Do"ne', nearest: "Done" };
  expect(aliasesOf({ entity }, { ...about, field: "status" })).toEqual([
    'is("status", "Done", "OK", "Do\\"ne")',
    'is("status", "Done", "Do\\"ne")',
  ]);
  expect(aliasesOf({ entity }, about)).toHaveLength(3);
  // One that lists the spelling already is told nothing new.
  expect(aliasesOf({ entity }, { ...about, status: "OK", field: "status" })).toEqual([
    'is("status", "Done", "OK")',
  ]);
  const several = {
    entities: [
      { name: "a", entity },
      { name: "b", entity: { plan: [] } },
    ],
  };
  expect(aliasesOf(several, { ...about, field: "a.other" })).toEqual([
    'is("other", "Done", "Do\\"ne")',
  ]);
  expect(aliasesOf(several, { ...about, field: "b" })).toEqual([]);
  for (const nothing of [
    { status: null, nearest: "Done" },
    { status: "x", nearest: null },
  ])
    expect(aliasesOf({ entity }, nothing)).toEqual([]);
  expect(aliasesOf(null, about)).toEqual([]);
});
