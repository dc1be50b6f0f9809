import { afterEach, expect, it } from "vitest";
import { kept } from "../../lib/define/builders.ts";
import { commit } from "../../lib/stages/commit.ts";
import { committed, standing, takenBack } from "../lifecycle/whole-life.ts";
import { type CsvServices, csvServices } from "../support/csv-services.ts";
import { small } from "../support/small.ts";
import { approve, reviewedRun } from "../support/steps.ts";

let test: CsvServices | undefined;
afterEach(() => test?.close());
const run = "7f3a0000-0000-4000-8000-00000000fb01";

/** Things of which those from number 100 on go to another server: parted by their number, or by what is made of it. */
async function partedThings(name: string, by: string): Promise<CsvServices> {
  const made = await csvServices(
    small(name, "no", { id: kept({ id: "legacy_id" }) }),
    `create extension postgres_fdw;
     create server elsewhere foreign data wrapper postgres_fdw options (host '127.0.0.1', port '1');
     create table things (id bigint not null, word text) partition by range (${by});
     create table things_now partition of things for values from (0) to (100);
     create foreign table things_archived partition of things for values from (100) to (200) server elsewhere`,
    { things: ["no,word", "1,a", "2,b", "103,c", "104,d"] },
  );
  const { hostname, port, pathname, username, password } = new URL(made.url);
  await made.query(`
    create table archive (id bigint, word text);
    alter server elsewhere options (set host '${hostname}', set port '${port}', add dbname '${pathname.slice(1)}');
    create user mapping for public server elsewhere options (user '${username}', password '${password}', password_required 'false');
    alter foreign table things_archived options (add table_name 'archive')`);
  return made;
}

it("B6 D37 a row that goes to a part on another server is held by the dry run, and the others are written and taken back", async () => {
  test = await partedThings("archived", "id");
  expect(await committed(test, run)).toEqual([]);
  const held = await test.query(
    "select legacy_id::int as no, state_reason as why, state_detail as by from wavegate.archived_rows where import_state = 'held' order by 1",
  );
  const by = { why: "refused_by_platform", by: "things_archived lies on another server" };
  expect(held).toEqual([
    { no: 103, ...by },
    { no: 104, ...by },
  ]);
  const states = await standing(test, "archived_rows", run);
  expect(states.filter(({ state }) => state === "committed").map(({ no }) => no)).toEqual([
    "1",
    "2",
  ]);
  expect(await takenBack(test, run)).toEqual([]);
  expect(await test.query("select * from archive")).toEqual([]);
});

it("W4 D37 where only the wave can tell it writes nothing, and says why", async () => {
  test = await partedThings("archived_by", "(id + 0)");
  await reviewedRun(test, run);
  await approve(test, run, "first_wave");
  const wave = () => commit((test as CsvServices).services, { run, wave: 1 });
  await expect(wave()).rejects.toMatchObject({
    name: "PlatformRefused",
    message: expect.stringMatching(
      /^Rows of wave 1 of \S+ go to a part of a table that lies on another server \(things_archived of things\), or a trigger changes them: .* Nothing was written\. Attach a table of this server in its place, or hold those rows\. `wavegate resume --run \S+` goes on\.$/,
    ),
  });
  expect(
    await test.query(
      "select (select count(*)::int from archive) as far, (select count(*)::int from things) as n",
    ),
  ).toEqual([{ far: 0, n: 0 }]);
});
