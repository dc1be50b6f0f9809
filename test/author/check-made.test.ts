import { expect, it } from "vitest";
import { checkSource } from "../../lib/author/check/source.ts";
import {
  choice,
  commit,
  decimal,
  defineMigration,
  each,
  entity,
  insert,
  is,
  joined,
  otherwise,
  skip,
  status,
  table,
  template,
} from "../../lib/define/builders.ts";
import { openSource } from "../../lib/sources/open.ts";
import { sourceSettings } from "../../lib/sources/settings.ts";
import { testServices } from "../support/services.ts";
import { folderOf } from "../support/small.ts";

/** Tasks beside what they are of, and one row for each element of a list of theirs. */
const tasks = defineMigration({
  name: "tasks",
  title: "Tasks",
  connection: "legacy",
  source: {
    tasks: table("no", "kind", "state", "price", "base", "items"),
    bases: table("id", "title", "state"),
    whole: joined("tasks", { of: { table: "bases", on: { id: "base" }, optional: true } }),
    items: each("tasks", "items", "price"),
  },
  entities: [
    entity("part", {
      from: ["tasks", "bases"],
      fields: {},
      decide: {},
      actions: {},
      plan: [skip("part")],
    }),
    entity("task", {
      from: ["whole", "items"],
      fields: {
        kind: choice("kind", { a: "first" }),
        state: status("state"),
        price: decimal("price"),
      },
      decide: {
        open: [
          { is: "yes", when: is("state", "open") },
          { is: "no", when: otherwise },
        ],
      },
      actions: { task: insert("tasks", { kind: "kind" }) },
      plan: [commit("task")],
    }),
    entity("of_base", {
      from: ["whole"],
      fields: {
        // Of a column of the other table, alone or with one of its own: known once rows are staged.
        title: choice("of.title", { a: "first" }),
        base_state: status("of.state"),
        both: template("{kind}", "{of.title}"),
      },
      decide: {
        open: [
          { is: "yes", when: is("base_state", "open") },
          { is: "no", when: otherwise },
        ],
      },
      actions: { task: insert("tasks", { kind: "title" }) },
      plan: [commit("task")],
    }),
  ],
} as never) as Parameters<typeof checkSource>[0];

it("B12 check tells of values that nobody thought of in tables that are made as well, as far as their own rows hold them", async () => {
  const test = await testServices();
  const folder = await folderOf(test, {
    tasks: [
      ["no", "kind", "state", "price", "base", "items"],
      ...["a", "b", "c"].map((kind, n) => [`${n}`, kind, n ? "open" : "shut", "1,5", "7", "[]"]),
    ],
    bases: [
      ["id", "title", "state"],
      ["7", "b", "shut"],
    ],
  });
  const source = await openSource(sourceSettings("legacy", test.legacy));
  const { problems } = await checkSource(tasks, source, "2026-11-20");
  await source.close();
  await folder.remove();
  await test.close();
  // Both tables are made of the same three rows.
  expect(problems.map(({ id, about, of, rows }) => [id, about, of, rows])).toEqual([
    ["status_unlisted", "state", "task", 2],
    ["value_unlisted", "kind", "task", 4],
    ["value_unreadable", "price", "task", 6],
  ]);
  expect(problems.find(({ id }) => id === "value_unlisted")?.says).toBe(
    "“kind”, in many rows: A value is one that nobody listed. Such rows are held. They hold “b”, “c”.",
  );
});
