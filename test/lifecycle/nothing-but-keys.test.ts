import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import {
  commit,
  defineMigration,
  insert,
  kept,
  same,
  table,
  text,
} from "../../lib/define/builders.ts";
import { type LeftServices, type TestServices, testServices } from "../support/services.ts";
import { committed, faultsOfBundle, saidAndDone } from "./whole-life.ts";

const run = "7f3a0000-0000-4000-8000-00000000d5b1";

/** Who stays in which room: a row says nothing else. */
const stays = defineMigration({
  name: "stays",
  title: "Stays",
  connection: "old-rooms",
  source: { stays: table("code", "guest", "room") },
  entity: {
    from: ["stays"],
    fields: { guest: text("guest"), room: text("room") },
    decide: {},
    actions: {
      stay: insert(
        "stays",
        { guest: "guest", room: "room" },
        { id: kept({ guest: "guest", room: "room" }) },
      ),
    },
    is: [same({ guest: "guest", room: "room" })],
    there: "keep",
    plan: [commit("stay")],
  },
});
const platform = `create table stays (guest text, room text, primary key (guest, room));
  insert into stays values ('ann', 'attic'), ('zoe', 'hall')`;
const files = ["code,guest,room", "a,ann,hall", "b,ben,hall", "c,cara,hall", "d,dan,attic"];

let legacy: string;
let left: LeftServices;
let test: TestServices;
const world = () => ({ migration: stays, platform: [platform], legacy });
beforeAll(async () => {
  legacy = await mkdtemp(join(tmpdir(), "wavegate-legacy-"));
  await writeFile(join(legacy, "stays.csv"), `${files.join("\n")}\n`);
  test = await testServices({ world: world() });
  expect(await committed(test, run)).toEqual([]);
  left = await test.leave();
});
afterEach(() => test.close());
afterAll(async () => {
  await left.remove();
  await rm(legacy, { recursive: true });
});

const asItWas = ["ann attic", "zoe hall"];
it.each([
  [
    "was changed is not gone: it stays, and is told of",
    "update stays set room = 'loft' where guest = 'ben'",
    { gone: 0, spared: 1 },
    ["ben loft"],
  ],
  [
    "was changed in another column as well",
    "update stays set guest = 'bea' where guest = 'ben'",
    { gone: 0, spared: 1 },
    ["bea hall"],
  ],
  // What was there before the wave is none of it, be it of the same guest.
  [
    "somebody took away is gone",
    "delete from stays where (guest, room) = ('ann', 'hall')",
    { gone: 1, spared: 0 },
    [],
  ],
  [
    "was taken away for another one stays in doubt",
    "delete from stays where guest = 'ben'; insert into stays values ('ben', 'loft')",
    { gone: 0, spared: 1 },
    ["ben loft"],
  ],
  [
    "was taken away beside one that is nobody's",
    "delete from stays where guest = 'ben'; insert into stays values ('yan', 'loft')",
    { gone: 1, spared: 0 },
    ["yan loft"],
  ],
])("D16 V10 of rows of nothing but their key one that %s", async (_what, disturb, counts, more) => {
  test = await testServices({ world: world(), from: left });
  await test.query(disturb);
  const { said, done, differs } = await saidAndDone(test, run);
  expect(said).toEqual(done);
  expect(differs).toEqual([]);
  const sum = (what: "gone" | "spared") => done.reduce((all, each) => all + each[what], 0);
  expect({ gone: sum("gone"), spared: sum("spared") }).toEqual(counts);
  for (const { changed } of done.flatMap(({ conflicts }) => conflicts))
    expect(changed).toEqual(["guest", "room"]);
  const there = await test.query<{ says: string }>(
    "select guest || ' ' || room as says from stays order by 1",
  );
  expect(there.map(({ says }) => says)).toEqual([...asItWas, ...more].sort());
  expect(await faultsOfBundle(test, run)).toEqual([]);
});
