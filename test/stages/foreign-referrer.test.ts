import { afterEach, expect, it } from "vitest";
import { kept } from "../../lib/define/builders.ts";
import { previewRollback } from "../../lib/stages/preview-rollback.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { committed, takenBack } from "../lifecycle/whole-life.ts";
import { csvServices } from "../support/csv-services.ts";
import { pinOtherwise } from "../support/pins.ts";
import { roles, reviewed as run, type TestServices, waveOneServices } from "../support/services.ts";
import { small } from "../support/small.ts";

let test: TestServices;
afterEach(() => test.close());

const table = "legacy_completed_trainings";

it("D16 R13 rows of another server that refer to one of a wave spare it; where they cannot be asked nothing is taken back, and it is said why", async () => {
  test = await waveOneServices();
  const { hostname, port, pathname, username, password } = new URL(test.url);
  const commit = roles.commit("ecoin");
  await test.query(`
    create table papers (training_id bigint);
    insert into papers select min(id) from ${table} where legacy_import_run_id = '${run}';
    create extension postgres_fdw;
    create server elsewhere foreign data wrapper postgres_fdw options (host '${hostname}', port '${port}', dbname '${pathname.slice(1)}');
    create foreign table certificates (training_id bigint) server elsewhere options (table_name 'papers');
    grant select on certificates to ${commit}`);
  await pinOtherwise(
    test,
    run,
    `jsonb_set(pin, '{refersTo}', (pin -> 'refersTo') || '${JSON.stringify({
      ...{ table: "certificates", columns: ["training_id"] },
      ...{ target: table, targetColumns: ["id"] },
    })}')`,
  );
  /** How preview and act end: in the same words. */
  const ends = async () => {
    const all = new Set<string>();
    for (const act of [previewRollback, rollback])
      all.add(
        await act(test.services, run).then(
          () => "done",
          (error: Error) => `${error.name}: ${error.message}`,
        ),
      );
    return [...all];
  };
  // Nobody said who the role is there.
  expect(await ends()).toEqual([
    expect.stringMatching(
      /^PlatformRefused: The platform refused to let wave 1 of .* be taken back: ERROR: user mapping not found for user "[^"]+"(, server "elsewhere")?; SQLState: 42704. Nothing of it was\./,
    ),
  ]);
  await test.query(
    `create user mapping for ${commit} server elsewhere options (user '${username}', password '${password}', password_required 'false')`,
  );
  await test.query("alter server elsewhere options (set port '1')");
  expect(await ends()).toEqual([
    expect.stringMatching(
      /^ConnectionLost: .* \(could not connect to server "elsewhere"; SQLState: 08001\)\. A transaction that was under way is written as a whole or not at all/,
    ),
  ]);
  await test.query(`alter server elsewhere options (set port '${port}')`);
  await test.query("alter foreign table certificates options (set table_name 'gone')");
  expect(await ends()).toEqual([
    expect.stringMatching(
      /^PlatformRefused: .* relation "public.gone" does not exist; SQLState: 42P01\. Nothing of it was\./,
    ),
  ]);
  await test.query("alter foreign table certificates options (set table_name 'papers')");
  expect(
    await test.query(
      `select count(*)::int as n from ${table} where legacy_import_run_id = '${run}'`,
    ),
  ).toEqual([{ n: 25 }]);
  const spared = { entries: 25, undone: 24, gone: 0, spared: 1 };
  expect(await previewRollback(test.services, run)).toMatchObject({ waves: [spared] });
  expect(await rollback(test.services, run)).toMatchObject({
    outcome: "conflicts",
    waves: [{ ...spared, conflicts: [{ conflict: { referenced: true } }] }],
  });
  await test.query("delete from papers");
  expect(await rollback(test.services, run)).toMatchObject({
    outcome: "rolled_back",
    waves: [{ undone: 1, spared: 0 }],
  });
});

it("D37 R13 a target of which a part lies on another server is written and taken back here, and that is no side effect", async () => {
  test = await csvServices(
    small("archived", "no", { id: kept({ id: "legacy_id" }) }),
    `create extension postgres_fdw;
     create server elsewhere foreign data wrapper postgres_fdw options (host '127.0.0.1', port '1');
     create table things (id bigint not null, word text) partition by range (id);
     create table things_now partition of things for values from (0) to (100);
     create foreign table things_archived partition of things for values from (100) to (200) server elsewhere`,
    { things: ["no,word", "1,a", "2,b", "3,c", "4,d"] },
  );
  const { hostname, port, pathname, username, password } = new URL(test.url);
  await test.query(`
    create table archive (id bigint, word text);
    alter server elsewhere options (set host '${hostname}', set port '${port}', add dbname '${pathname.slice(1)}');
    create user mapping for public server elsewhere options (user '${username}', password '${password}', password_required 'false');
    alter foreign table things_archived options (add table_name 'archive')`);
  expect(await committed(test, run)).toEqual([]);
  expect(await takenBack(test, run)).toEqual([]);
  expect(await test.query("select count(*)::int as n from things")).toEqual([{ n: 0 }]);
});
