import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { harmless } from "../../lib/define/builders.ts";
import { commit } from "../../lib/stages/commit.ts";
import { drill } from "../../lib/stages/drill.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { forgetPin } from "../support/pins.ts";
import {
  platformDigest,
  reviewed,
  reviewedServices,
  roles,
  type TestServices,
} from "../support/services.ts";
import { approve, refusal, runWave } from "../support/steps.ts";

let test: TestServices;
const run = reviewed;

beforeAll(async () => {
  test = await reviewedServices();
  await approve(test, run, "first_wave");
  // Tables of the platform that no definition names.
  await test.query("create table visitors (id bigint primary key)");
  await test.query("insert into visitors values (1), (2)");
  await test.query("create table constructor (id bigint primary key)");
  await test.query("create schema billing");
  await test.query("create table billing.invoices (id bigint primary key)");
  await test.query("insert into billing.invoices values (1)");
  // And one of another server, where nobody counts what is done; a part of another as well.
  const { hostname, port, pathname, username, password } = new URL(test.url);
  await test.query(`
    create extension postgres_fdw;
    create server elsewhere foreign data wrapper postgres_fdw options (host '${hostname}', port '${port}', dbname '${pathname.slice(1)}');
    create user mapping for public server elsewhere options (user '${username}', password '${password}', password_required 'false');
    create foreign table far (id bigint) server elsewhere options (table_name 'visitors');
    create table noted (id bigint) partition by range (id);
    create foreign table noted_far partition of noted for values from (0) to (100) server elsewhere options (table_name 'visitors')`);
});
afterAll(() => test.close());

/** What the platform does with its own rights, and the tables that the refusal then names. */
const meddling = [
  [
    "an update of users",
    "update users set full_name = full_name where id < 3",
    "users (2 updated)",
  ],
  [
    "a deletion that leaves no row",
    "delete from attendances where id = (select min(id) from attendances)",
    "attendances (1 deleted)",
  ],
  [
    "a row deleted and another inserted",
    "with gone as (delete from attendances where id = (select min(id) from attendances) returning *) " +
      "insert into attendances (enrollment_id, attended_on) select enrollment_id, attended_on from gone",
    "attendances (1 inserted, 1 deleted)",
  ],
  ["a truncation", "truncate payments", "payments (emptied or altered)"],
  ["a table that nobody named", "insert into visitors values (3)", "visitors (1 inserted)"],
  [
    "a table that is called as what every object has",
    "insert into constructor values (3)",
    "constructor (1 inserted)",
  ],
  ["a table of another schema", "delete from billing.invoices", "billing.invoices (1 deleted)"],
  [
    "a target, in another row",
    "insert into crm_leads (full_name, source) values ('Made By Trigger', 'web')",
    "crm_leads (1 inserted)",
  ],
  [
    "an altered table",
    "alter table visitors add column seen boolean",
    "visitors (emptied or altered)",
  ],
  // It has no name any more, only the number that it had.
  ["a dropped table", "drop table billing.invoices", " (emptied or altered)"],
  [
    "a table of another server",
    "insert into far values (3)",
    "far (written, on another server: look whether it was taken back there)",
  ],
  [
    "a part of a table on another server",
    "insert into noted values (3)",
    "noted (written, on another server",
  ],
  ["a large object", "perform lo_create(0)", "pg_largeobject_metadata (1 inserted)"],
] as const;

/** As somebody resumes it, and without the reasons why it stood. */
const runsAgain = () =>
  test.query(
    "update wavegate.legacy_import_runs set control = 'run', status = 'running' where id = $1",
    [run],
  );

const events = { commit: "insert", rollback: "delete" } as const;

/** While sessions of a commit role that begin anew are as somebody set it for the database. */
async function whileSilenced(work: () => Promise<unknown>): Promise<string> {
  const here = new URL(test.url).pathname.slice(1);
  const anew = () =>
    test.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${here}' and usename = '${roles.commit("ecoin")}'`,
    );
  await test.query(`alter database "${here}" set session_replication_role = replica`);
  await anew();
  const name = await refusal(work());
  await test.query(`alter database "${here}" reset session_replication_role`);
  await anew();
  return name;
}

/** While a trigger of the platform does this, the work is refused, and everything is as it was. */
async function refused(
  work: () => Promise<unknown>,
  event: string,
  statement: string,
  named: string,
  when = "after {event} on legacy_completed_trainings for each statement",
): Promise<void> {
  const before = await platformDigest(test);
  const others = () =>
    test.query(
      "select (select count(*) from visitors)::int as visitors, (select count(*) from billing.invoices)::int as invoices",
    );
  const there = await others();
  await test.query(`create function meddle() returns trigger language plpgsql security definer as $$
    begin ${statement}; return null; end $$`);
  const kind = when.includes("deferred") ? "constraint trigger" : "trigger";
  await test.query(
    `create ${kind} meddle ${when.replace("{event}", event)} execute function meddle()`,
  );
  await expect(work()).rejects.toMatchObject({
    name: "SideEffects",
    message: expect.stringContaining(named),
  });
  expect(await platformDigest(test)).toEqual(before);
  expect(await others()).toEqual(there);
  await test.query("drop function meddle() cascade");
}

describe("D37 R13 a wave is taken back when the platform did more than was meant", () => {
  it.each(meddling)("%s", async (_, statement, named) => {
    await refused(() => commit(test.services, { run, wave: 1 }), events.commit, statement, named);
  });

  // With an administrator's rights a trigger may do that.
  it.each([
    ["lost", "delete from", "1 deleted"],
    ["changed", "update", "1 updated"],
  ])("M12 an entry of the ledger is %s", async (_, begins, named) => {
    const ledger = "wavegate.legacy_import_commit_logs";
    const what = begins === "update" ? `${ledger} set staged_id = staged_id` : ledger;
    await refused(
      () => commit(test.services, { run, wave: 1 }),
      events.commit,
      `${begins} ${what} where id = (select max(id) from ${ledger})`,
      `${ledger} (${named}). It was taken back whole; nothing was written. A trigger, rule or foreign key of the platform does this: \`wavegate doctor\` lists them. Mend or detach it.`,
    );
  });

  it("what waits for the end of the transaction", async () => {
    await refused(
      () => commit(test.services, { run, wave: 1 }),
      events.commit,
      "delete from payments",
      "payments (",
      "after {event} on legacy_completed_trainings deferrable initially deferred for each row",
    );
  });

  it("D19 nothing is written in sessions in which the platform's triggers and foreign keys are silent", async () => {
    const before = await platformDigest(test);
    const work = () => commit(test.services, { run, wave: 1 });
    expect(await whileSilenced(work)).toBe("TriggersSilenced");
    expect(await platformDigest(test)).toEqual(before);
  });

  it("a trigger that changes nothing is none of it, and the wave is written", async () => {
    await test.query(
      "create function look() returns trigger language plpgsql as $$ begin return null; end $$",
    );
    await test.query(
      "create trigger look after insert or delete on legacy_completed_trainings for each statement execute function look()",
    );
    const { verified } = await runWave(test, run, 1);
    expect(verified.passed).toBe(true);
  });
});

describe("D37 R14 so is a rollback, and a drill", () => {
  const forbids = [
    `create function forbid() returns trigger language plpgsql as $$
      begin raise exception 'trainings of % stay', old.full_name; end $$`,
    "create trigger forbid before delete on legacy_completed_trainings for each row execute function forbid()",
  ];

  it.each(meddling)("%s", async (_, statement, named) => {
    await refused(() => rollback(test.services, run), events.rollback, statement, named);
    // Nothing was taken back, and the run says why it stands.
    const [stands] = await test.query(
      "select status, halted_because ->> 'error' as because from wavegate.legacy_import_runs where id = $1",
      [run],
    );
    expect(stands).toEqual({ status: "halted", because: "SideEffects" });
  });

  it("what waits for the end of the transaction", async () => {
    await refused(
      () => rollback(test.services, run),
      events.rollback,
      "delete from payments",
      "payments (",
      "after {event} on legacy_completed_trainings deferrable initially deferred for each row",
    );
  });

  it("D19 nothing is taken back in sessions in which the platform's triggers and foreign keys are silent", async () => {
    const before = await platformDigest(test);
    expect(await whileSilenced(() => rollback(test.services, run))).toBe("TriggersSilenced");
    expect(await platformDigest(test)).toEqual(before);
  });

  it("the drill passes nothing that emptied a table, and passes when that is mended", async () => {
    await runsAgain();
    await approve(test, run, "first_wave");
    await refused(
      () => drill(test.services, run),
      events.rollback,
      "truncate payments",
      "payments (",
    );
    // Nor is a row spared of a drill, whatever refuses it.
    for (const statement of forbids) await test.query(statement);
    await expect(drill(test.services, run)).rejects.toMatchObject({ name: "PlatformRefused" });
    await test.query("drop function forbid() cascade");
    expect(await test.query("select 1 from wavegate.drills where run_id = $1", [run])).toEqual([]);
    expect(await drill(test.services, run)).toMatchObject({ passed: true });
  });

  it("D16 where a trigger forbids it, each row is spared by its name and nothing that it says", async () => {
    for (const statement of forbids) await test.query(statement);
    const { outcome, waves } = await rollback(test.services, run);
    expect({ outcome, refused: waves.map(({ undone, refused }) => [undone, refused]) }).toEqual({
      outcome: "conflicts",
      refused: [[0, { "forbid (P0001)": 25 }]],
    });
    const [told] = await test.query(
      "select details ->> 'refused' as refused, details::text like '%stay%' as quoted from wavegate.audit_log where run_id = $1 and action = 'rollback' order by seq desc limit 1",
      [run],
    );
    expect(told).toEqual({ refused: '{"forbid (P0001)": 25}', quoted: false });
    await test.query("drop function forbid() cascade");
  });

  it("a guarded table is never excused by `effects`, another one is", async () => {
    const [{ definition } = { definition: {} }] = await test.query<{ definition: object }>(
      "select definition from wavegate.legacy_import_runs where id = $1",
      [run],
    );
    await forgetPin(test, run);
    const put = (value: object) =>
      test.query("update wavegate.legacy_import_runs set definition = $1 where id = $2", [
        JSON.stringify(value),
        run,
      ]);
    await put({
      ...definition,
      effects: { payments: harmless("no"), visitors: harmless("a count") },
    });
    await refused(() => rollback(test.services, run), "delete", "truncate payments", "payments (");
    await test.query(`create function visit() returns trigger language plpgsql security definer as $$
      begin insert into visitors values (77); return null; end $$`);
    await test.query(
      "create trigger visit after delete on legacy_completed_trainings for each statement execute function visit()",
    );
    expect(await rollback(test.services, run)).toMatchObject({ outcome: "rolled_back" });
    await test.query("drop function visit() cascade");
    await put(definition);
    await runsAgain();
    await approve(test, run, "first_wave");
    await runWave(test, run, 1);
  });

  it("a rule that writes in place of a delete takes nothing away", async () => {
    await test.query(
      "create rule keep as on delete to legacy_completed_trainings do instead update users set full_name = full_name",
    );
    expect(await refusal(rollback(test.services, run))).toBe("PlatformRefused");
    await test.query("drop rule keep on legacy_completed_trainings");
    expect(await rollback(test.services, run)).toMatchObject({ outcome: "rolled_back" });
  });
});
