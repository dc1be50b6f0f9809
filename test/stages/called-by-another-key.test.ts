import { afterEach, expect, it } from "vitest";
import {
  commit,
  defineMigration,
  entity,
  insert,
  kept,
  same,
  table,
  text,
  update,
} from "../../lib/define/builders.ts";
import { previewRollback } from "../../lib/stages/preview-rollback.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { folderOf } from "../support/small.ts";
import { approve, reviewedRun, runWave } from "../support/steps.ts";

const run = "7f3a0000-0000-4000-8000-0000000000f8";
let test: TestServices;
let folder: { remove(): Promise<void> };
afterEach(async () => {
  await test.close();
  await folder.remove();
});

const things = defineMigration({
  name: "renamed_after_update",
  title: "Things that are brought up to date",
  connection: "legacy",
  source: { things: table("no", "word", "size") },
  entities: [
    entity("thing", {
      from: ["things"],
      fields: { no: text("no"), word: text("word"), size: text("size") },
      decide: {},
      actions: {
        thing: insert("things", { word: "word", size: "size" }, { id: kept({ code: "no" }) }),
      },
      is: [same({ code: "no" })],
      there: update({ word: "word", size: "size" }),
      plan: [commit("thing")],
    }),
  ],
});

it("D16 B1 B2 a row that was brought up to date and is not there under its key any more is told where it may be there under another one, and gets back what it held once it is called as it was", async () => {
  const platform =
    "create table things (code text primary key, word text, size text); insert into things select c, 'was ' || c, case when c in ('d', 'x') then 'L' else 'S' end from unnest(array['a', 'b', 'c', 'd', 'e', 'x']) c";
  test = await testServices({ world: { migration: things, platform: [platform], legacy: "" } });
  folder = await folderOf(test, {
    things: [["no", "word", "size"], ..."abcdef".split("").map((no) => [no, `is ${no}`, "L"])],
  });
  await reviewedRun(test, run);
  await approve(test, run, "first_wave");
  const { written } = await runWave(test, run, 1);
  expect(written.counts).toMatchObject({ created: { things: 1 }, updated: { things: 5 } });
  // A deletion is told as one: what else holds the same was not written since.
  await test.query("delete from things where code = 'c'");
  expect((await previewRollback(test.services, run)).waves).toMatchObject([
    { entries: 6, undone: 6, spared: 0, gone: 1 },
  ]);
  // One is called otherwise, and one as well that was edited in part.
  await test.query("update things set code = 'A' where code = 'a'");
  await test.query("update things set code = 'B', word = 'mine' where code = 'b'");
  // Nobody can tell that the size of neither is that of the deleted one.
  const changed = ["code", "size", "word"];
  const waves = [
    {
      ...{ entries: 6, undone: 3, spared: 3, gone: 0 },
      conflicts: ["a", "b", "c"].map((id) => ({ id, conflict: { edited: true, changed } })),
    },
  ];
  expect((await previewRollback(test.services, run)).waves).toMatchObject(waves);
  expect(await rollback(test.services, run)).toMatchObject({ outcome: "conflicts", waves });
  // What got back what it held is known by its entry, though that is closed by now.
  await test.query("delete from things where code = 'x'");
  await test.query("update things set code = lower(code)");
  const left = { entries: 3, undone: 2, spared: 1, gone: 1 };
  expect((await previewRollback(test.services, run)).waves).toMatchObject([left]);
  expect((await rollback(test.services, run)).waves).toMatchObject([
    { ...left, conflicts: [{ id: "b", conflict: { changed: ["word"] } }] },
  ]);
  expect(await test.query("select * from things order by code")).toEqual([
    { code: "a", word: "was a", size: "S" },
    { code: "b", word: "mine", size: "S" },
    { code: "d", word: "was d", size: "L" },
    { code: "e", word: "was e", size: "S" },
  ]);
});
