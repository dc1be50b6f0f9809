import { afterEach, expect, it } from "vitest";
import {
  commit,
  defineMigration,
  entity,
  insert,
  json,
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

const run = "7f3a0000-0000-4000-8000-0000000000f3";
let test: TestServices;
let folder: { remove(): Promise<void> };
afterEach(async () => {
  await test.close();
  await folder.remove();
});

const migrationOf = (type: string) =>
  defineMigration({
    name: `updates_of_${type}`,
    title: "JSON that is brought up to date",
    connection: "legacy",
    source: { things: table("no", "note") },
    entities: [
      entity("thing", {
        from: ["things"],
        fields: { no: text("no"), note: json("note") },
        decide: {},
        actions: { thing: insert("things", { code: "no", note: "note" }) },
        is: [same({ code: "no" })],
        there: update({ note: "note" }),
        plan: [commit("thing")],
      }),
    ],
  });

it.each(["jsonb", "json"])(
  "D16 D23 a column of %s that was brought up to date gets back exactly what it held, nothing or JSON's null, and an edit from one to the other is one",
  async (type) => {
    const held = ["null", "'null'", `'{"x": 1}'`, "null", "'null'", "null", "'null'"];
    const values = held.map((value, at) => `('${"abcdefg"[at]}', ${value})`).join(", ");
    const platform = `create table things (id bigserial primary key, code text unique, note ${type}); insert into things (code, note) values ${values}`;
    test = await testServices({
      world: { migration: migrationOf(type), platform: [platform], legacy: "" },
    });
    const given = [
      '{"n":1}',
      '{"n":1}',
      '{"n":1}',
      "null",
      '{"n":1}',
      '{"n":1}',
      '{"n":1}',
      '{"n":1}',
    ];
    folder = await folderOf(test, {
      things: [["no", "note"], ...given.map((note, at) => ["abcdefgh"[at] ?? "", note])],
    });
    const rows = () =>
      test.query<{ code: string; note: string | null }>(
        "select code, note::text as note from things order by code",
      );
    const before = await rows();
    await reviewedRun(test, run);
    await approve(test, run, "first_wave");
    const { written } = await runWave(test, run, 1);
    expect(written.counts).toMatchObject({ created: { things: 1 }, updated: { things: 6 } });
    // Somebody gives back what was there, and what only looks like it.
    await test.query("update things set note = null where code in ('f', 'g')");
    const waves = [
      {
        ...{ entries: 7, undone: 6, spared: 1 },
        conflicts: [{ id: 7, conflict: { edited: true, changed: ["note"] } }],
      },
    ];
    expect((await previewRollback(test.services, run)).waves).toMatchObject(waves);
    expect((await rollback(test.services, run)).waves).toMatchObject(waves);
    expect(await rows()).toEqual([...before.slice(0, 6), { code: "g", note: null }]);
  },
);
