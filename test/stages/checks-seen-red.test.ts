import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { differingRounds } from "../../lib/compile/wave/drilled.ts";
import { findRun } from "../../lib/data/runs.ts";
import { pinOf } from "../../lib/evidence/pinned.ts";
import { drill } from "../../lib/stages/drill.ts";
import { finalVerify } from "../../lib/stages/final-verify.ts";
import { previewRollback } from "../../lib/stages/preview-rollback.ts";
import { verify } from "../../lib/stages/verify.ts";
import { goNoGo } from "../../lib/stages/wave/go-no-go.ts";
import { disturbed } from "../support/disturbed.ts";
import { everyKind } from "../support/every-kind.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { approve, refusal, reviewedRun, runWave, toTheEnd } from "../support/steps.ts";

let test: TestServices;
let source: { remove(): Promise<void> };
const run = "7f3a0000-0000-4000-8000-0000000000c1";

/** A run whose first wave is all of it: every kind of thing is written, drilled, and at its end. */
beforeAll(async () => {
  test = await testServices();
  source = await everyKind(test);
  // A guarded table may be a partitioned one.
  await test.query(`
    alter table payments rename to whole_payments;
    create table payments (id bigint not null, enrollment_id bigint not null, amount numeric(10,2) not null) partition by range (id);
    create table early_payments partition of payments for values from (0) to (1000000);
    create table late_payments partition of payments for values from (1000000) to (2000000);
    insert into payments select id, enrollment_id, amount from whole_payments;
    drop table whole_payments;
    grant select on payments, early_payments, late_payments to public`);
  await reviewedRun(test, run);
  await approve(test, run, "first_wave");
  await runWave(test, run, 1);
  await toTheEnd(test, run);
});
afterAll(async () => {
  await source.remove();
  await test.close();
});

const ledger = "wavegate.legacy_import_commit_logs";
const decisions = "wavegate.legacy_student_imports_decisions";
const targets = ["crm_leads", "legacy_completed_trainings", "legacy_imported_enrollments"] as const;

/** The checks of the wave that fail while a statement has changed these tables. */
const failing = (tables: readonly string[], statement: string): Promise<string[]> =>
  disturbed(test, [...new Set(["wavegate.waves", ...tables])], statement, async () =>
    (await verify(test.services, run, 1)).checks
      .filter(({ passed }) => !passed)
      .map(({ id }) => id),
  );

it("R13 the wave that is looked at wrote rows of every kind, and passes whole", async () => {
  const [wrote] = await test.query(
    `select count(*) filter (where target_table = 'crm_leads' and action = 'commit')::int as leads,
            count(*) filter (where target_table = 'legacy_completed_trainings')::int as trainings,
            count(*) filter (where target_table = 'legacy_imported_enrollments')::int as enrolments,
            count(*) filter (where action = 'link')::int as links
       from ${ledger} where rolled_back_at is null`,
  );
  expect(Object.values(wrote ?? {}).every((rows) => (rows as number) > 0)).toBe(true);
  expect(await failing([], "select 1")).toEqual([]);
});

it("B1 what a rollback says beforehand counts what was created and what was linked", async () => {
  const { waves } = await previewRollback(test.services, run);
  expect(waves).toMatchObject([
    { wave: 1, entries: 18, undone: 18, unlinked: 3, gone: 0, spared: 0, conflicts: [] },
  ]);
});

describe("R13 every row of the wave is looked at, column by column", () => {
  it.each(targets)("an edit of any column of %s is seen", async (table) => {
    const columns = await test.query<{ name: string; type: string }>(
      `select attname as name, format_type(atttypid, null) as type from pg_attribute
        where attrelid = '${table}'::regclass and attnum > 0 and attname <> 'id' order by attnum`,
    );
    const other = (name: string, type: string) => {
      if (type === "bigint") return `coalesce(${name}, 0) + 1000`;
      if (type === "uuid") return "'00000000-0000-4000-8000-000000000000'";
      if (type === "text") return `coalesce(${name}, '') || ' '`;
      return `coalesce(${name} + interval '1 day', now())`;
    };
    const seen: Record<string, string[]> = {};
    await test.query(
      `alter table ${table} drop constraint if exists ${table}_classification_check`,
    );
    for (const { name, type } of columns) {
      seen[name] = await failing(
        [table],
        `update ${table} set ${name} = ${other(name, type)}
          where id = (select max(target_id) from ${ledger} where target_table = '${table}' and action = 'commit')`,
      );
    }
    expect(columns.length).toBeGreaterThan(8);
    expect(seen).toEqual(Object.fromEntries(columns.map(({ name }) => [name, ["logs_written"]])));
  });

  const entry = `id = (select max(id) from ${ledger} where action = 'commit' and rolled_back_at is null)`;
  it.each([
    [
      "a row that somebody deleted",
      ["crm_leads"],
      `delete from crm_leads where id = (select max(target_id) from ${ledger} where target_table = 'crm_leads' and action = 'commit')`,
    ],
    [
      "an entry that is about another wave",
      [ledger],
      `update ${ledger} set wave = 2 where ${entry}`,
    ],
    [
      "an entry that is about another run",
      [ledger],
      `update ${ledger} set run_id = '00000000-0000-4000-8000-000000000000' where ${entry}`,
    ],
    [
      "an entry that names another row",
      [ledger],
      `update ${ledger} set target_id = target_id + 100000 where ${entry}`,
    ],
    [
      "an entry that names another table",
      [ledger],
      `update ${ledger} set target_table = 'legacy_imported_enrollments' where id = (select max(id) from ${ledger} where target_table = 'crm_leads' and action = 'commit' and rolled_back_at is null)`,
    ],
    [
      "an entry that says something else was written",
      [ledger],
      `update ${ledger} set after_image = after_image || '{"full_name": "Somebody Else"}' where ${entry}`,
    ],
    [
      "an entry without what was written",
      [ledger],
      `update ${ledger} set after_image = null where ${entry}`,
    ],
    [
      "an entry that is closed as taken back",
      [ledger],
      `update ${ledger} set rolled_back_at = now() where ${entry}`,
    ],
    ["an entry that is gone", [ledger], `delete from ${ledger} where ${entry}`],
    [
      "a link's entry that is gone",
      [ledger],
      `delete from ${ledger} where id = (select max(id) from ${ledger} where action = 'link' and rolled_back_at is null)`,
    ],
  ])("%s is seen", async (_, tables, statement) => {
    expect(await failing(tables, statement)).toEqual(["logs_written"]);
  });

  it.each([
    [
      "a row that is no longer marked",
      `update ${decisions} set import_state = 'pending' where staged_id = (select max(staged_id) from ${decisions} where import_state = 'committed')`,
    ],
    [
      "a link that is no longer marked",
      `update ${decisions} set import_state = 'held' where staged_id = (select max(staged_id) from ${decisions} where import_state = 'linked')`,
    ],
    [
      "a row that is marked as another wave's",
      `update ${decisions} set wave = 2 where staged_id = (select max(staged_id) from ${decisions} where import_state = 'committed')`,
    ],
  ])("%s is seen in the summary", async (_, statement) => {
    expect(await failing([decisions], statement)).toEqual(["summary_changed"]);
  });
});

describe("R13 what no wave may do is seen, whatever the commit measured", () => {
  const byTheWave = (write: string) =>
    `with written as (${write} returning 1) update wavegate.waves set counts = jsonb_set(counts, '{transaction}', to_jsonb(pg_current_xact_id()::text)) where exists (select from written)`;

  it.each([
    [
      "users",
      "update users set full_name = full_name where id = (select min(id) from users)",
      "users_untouched",
    ],
    ["users", "insert into users (full_name) values ('Somebody Else')", "users_untouched"],
    [
      "enrollments",
      "insert into enrollments (user_id, course_session_id, status) values (1, 1, 'x')",
      "enrolments_untouched",
    ],
    ["payments", "insert into payments values (7, 1, 1)", "enrolments_untouched"],
    ["payments", "insert into late_payments values (1500000, 1, 1)", "enrolments_untouched"],
    [
      "attendances",
      "insert into attendances (enrollment_id, attended_on) values (1, '2026-11-20')",
      "enrolments_untouched",
    ],
  ])("%s: %s, by the wave's own transaction", async (table, write, check) => {
    expect(await failing([table], byTheWave(write))).toEqual([check]);
  });

  it.each([
    ["users", "users_untouched"],
    ["enrollments", "enrolments_untouched"],
    ["payments", "enrolments_untouched"],
    ["attendances", "enrolments_untouched"],
  ])("%s: something that the commit counted and that left no row", async (table, check) => {
    for (const rows of [1, -1]) {
      expect(
        await failing(
          [],
          `update wavegate.waves set counts = jsonb_set(counts, '{guardedAfter,${table}}', to_jsonb((counts -> 'guardedAfter' ->> '${table}')::int + ${rows}))`,
        ),
      ).toEqual([check]);
    }
  });

  const sessions = "wavegate.legacy_session_mappings";
  const seat = `legacy_session_id = (select s.legacy_session_id from wavegate.legacy_student_imports s
     join ${ledger} l on l.staged_id = s.id and l.rolled_back_at is null and l.target_table = 'legacy_imported_enrollments' and l.action = 'commit' limit 1)`;
  it.each([
    [
      "its code says that it is a waiting list",
      `update ${sessions} set code = 'x session-ATTENTE' where ${seat}`,
    ],
    ["it belongs to no course", `update ${sessions} set parent_id = null where ${seat}`],
    ["nobody staged it", `delete from ${sessions} where ${seat}`],
  ])("a seat in a session though %s", async (_, statement) => {
    expect(await failing([sessions], statement)).toEqual(["no_placeholder"]);
  });

  it.each([1, 2, 235])("a seat in session %i, which is a waiting list", async (id) => {
    const source = "wavegate.legacy_student_imports_source";
    expect(
      await failing(
        [source],
        `update ${source} set legacy_session_id = ${id} where id = (select max(staged_id) from ${ledger} where target_table = 'legacy_imported_enrollments' and action = 'commit' and rolled_back_at is null)`,
      ),
    ).toEqual(["no_placeholder"]);
  });

  it.each([
    ["crm_leads", "completed"],
    ["crm_leads", "archived_training"],
    ["legacy_imported_enrollments", "completed"],
  ])("a row in %s though its row is %s", async (table, kind) => {
    expect(
      await failing(
        [decisions],
        `update ${decisions} set classification = '${kind}' where staged_id = (select max(staged_id) from ${ledger} where target_table = '${table}' and action = 'commit' and rolled_back_at is null)`,
      ),
    ).toEqual(["history_in_place"]);
  });
});

describe("R18 the final verification looks at everything once more", () => {
  /** What it finds: those of its checks that fail, and which items of the list do not hold. */
  const finally_ = (tables: readonly string[], statement: string) =>
    disturbed(test, tables, statement, async () => {
      expect(await refusal(finalVerify(test.services, run))).toBe("FinalVerificationFailed");
      const [found] = await test.query<{ failed: string[] }>(
        `select array(select c ->> 'id' from jsonb_array_elements(checks) c where not (c ->> 'passed')::boolean) as failed
           from wavegate.verifications where kind = 'final' order by id desc limit 1`,
      );
      return found?.failed;
    });
  const trainings = "legacy_completed_trainings";

  it.each<[string, string[], string, string[]]>([
    [
      "a row that was read and is not staged",
      ["wavegate.import_ranges"],
      "update wavegate.import_ranges set rows_read = rows_read + 1 where n = 1",
      ["balance"],
    ],
    [
      "a wave that failed",
      ["wavegate.waves"],
      "update wavegate.waves set status = 'failed'",
      ["waves_clean", "ready"],
    ],
    [
      "a committed row that no entry is about",
      [ledger],
      `delete from ${ledger} where id = (select max(id) from ${ledger} where rolled_back_at is null)`,
      ["ledger"],
    ],
    [
      "an entry about a row that is marked as held",
      [decisions],
      `update ${decisions} set import_state = 'held' where staged_id = (select max(staged_id) from ${decisions} where import_state = 'committed')`,
      ["ledger"],
    ],
    [
      "a row that was edited since its wave",
      [trainings],
      `update ${trainings} set phone = '213' where id = (select max(target_id) from ${ledger} where target_table = '${trainings}')`,
      ["platform"],
    ],
    [
      "a row that was deleted since its wave",
      [trainings],
      `delete from ${trainings} where id = (select max(target_id) from ${ledger} where target_table = '${trainings}')`,
      ["platform"],
    ],
    [
      "a session that turned out to be a waiting list",
      ["wavegate.legacy_session_mappings"],
      `update wavegate.legacy_session_mappings set code = 'session-attente' where legacy_session_id = (select s.legacy_session_id from wavegate.legacy_student_imports s join ${ledger} l on l.staged_id = s.id and l.rolled_back_at is null and l.target_table = 'legacy_imported_enrollments' limit 1)`,
      ["no_placeholder", "reviewed"],
    ],
    [
      "a reviewed value that is another one",
      ["wavegate.legacy_student_imports_source"],
      "update wavegate.legacy_student_imports_source set phone_normalized = '213' where id = (select min(id) from wavegate.legacy_student_imports_source)",
      ["reviewed"],
    ],
    [
      "a sign-off that was voided",
      ["wavegate.sign_offs"],
      "update wavegate.sign_offs set status = 'voided'",
      ["reviewed", "ready"],
    ],
    [
      "a drill that failed",
      ["wavegate.drills"],
      "update wavegate.drills set passed = false",
      ["ready"],
    ],
  ])("%s", async (_, tables, statement, failed) => {
    expect(await finally_(tables, statement)).toEqual(failed);
  });
});

describe("R18 each go/no-go item is seen not to hold", () => {
  const verification = (id: string) =>
    `update wavegate.waves set verification = (select jsonb_agg(case when c ->> 'id' = '${id}' then c || '{"passed": false}' else c end) from jsonb_array_elements(verification) c)`;
  it.each<[string, string[], string, string[]]>([
    ["nothing", [], "select 1", []],
    [
      "a preflight that failed",
      ["wavegate.legacy_import_runs"],
      `update wavegate.legacy_import_runs set preflight = preflight || '{"passed": false}'`,
      ["connection_verified"],
    ],
    [
      "a first wave that nobody signed",
      ["wavegate.sign_offs"],
      "update wavegate.sign_offs set status = 'rejected' where gate = 'first_wave'",
      ["dry_run_reviewed", "mappings_reviewed"],
    ],
    [
      "one sampled row that nobody judged",
      ["wavegate.samples"],
      "update wavegate.samples set verdict = null where (bucket, position) = (select bucket, max(position) from wavegate.samples group by 1 limit 1)",
      ["sample_approved"],
    ],
    [
      "one sampled row that was judged wrong",
      ["wavegate.samples"],
      "update wavegate.samples set verdict = 'wrong' where (bucket, position) = (select bucket, max(position) from wavegate.samples group by 1 limit 1)",
      ["sample_approved"],
    ],
    [
      "no completed row was drawn, as there is none",
      ["wavegate.samples"],
      "update wavegate.samples set bucket = 'moved' where bucket = 'completed'",
      [],
    ],
    [
      "mappings that are not the reviewed ones",
      ["wavegate.dry_runs"],
      `update wavegate.dry_runs set parts = parts || '{"mappings": "x"}'`,
      ["mappings_reviewed"],
    ],
    [
      "a first wave that failed",
      ["wavegate.waves"],
      "update wavegate.waves set status = 'failed'",
      ["first_batch_passed"],
    ],
    [
      "a first wave that nobody verified",
      ["wavegate.waves"],
      "update wavegate.waves set status = 'committed'",
      ["first_batch_passed"],
    ],
    ["no drill", ["wavegate.drills"], "delete from wavegate.drills", ["drill_passed"]],
    [
      "a drill that failed",
      ["wavegate.drills"],
      "update wavegate.drills set passed = false",
      ["drill_passed"],
    ],
    [
      "a ledger that did not agree",
      ["wavegate.waves"],
      verification("logs_written"),
      ["logs_correct"],
    ],
    [
      "users that were written",
      ["wavegate.waves"],
      verification("users_untouched"),
      ["no_mutations"],
    ],
    [
      "payments that were written",
      ["wavegate.waves"],
      verification("enrolments_untouched"),
      ["no_mutations"],
    ],
  ])("%s", async (_, tables, statement, open) => {
    const { ready, items } = await disturbed(test, tables, statement, () =>
      goNoGo(test.services.stage, run),
    );
    expect(items.filter(({ holds }) => !holds).map(({ id }) => id)).toEqual(open);
    expect(ready).toBe(open.length === 0);
  });
});

describe("R14 the drill looks at what it proves", () => {
  /** Services whose commit role ends its nth transaction, whereupon something happens on the platform. */
  const afterTransaction = (nth: number, happens: () => Promise<unknown>) => {
    let ended = 0;
    const { commitOf } = test.services;
    return {
      ...test.services,
      commitOf: (migration: string) => {
        const db = commitOf(migration);
        const transaction: typeof db.transaction = async (work, mode) => {
          const result = await db.transaction(work, mode);
          ended += 1;
          if (ended === nth) await happens();
          return result;
        };
        return { ...db, transaction };
      },
    };
  };
  const drilled = async (services = test.services) => {
    await test.query("delete from wavegate.drills");
    await test.query("delete from wavegate.drill_rounds");
    // What was found before is no reason for what is found now.
    await test.query("alter table wavegate.audit_log disable trigger all");
    await test.query("update wavegate.audit_log set action = 'drilled' where action = 'drill'");
    await test.query("alter table wavegate.audit_log enable trigger all");
    const says = await drill(services, run).then(
      () => "",
      (error: Error) => error.message,
    );
    const [found] = await test.query<{ certificate: Record<string, number | boolean> }>(
      "select certificate from wavegate.drills",
    );
    return { says, ...found?.certificate };
  };
  const rows = async () =>
    (
      await test.query<{ n: number }>(
        `select count(*)::int as n from ${ledger} where wave = 1 and rolled_back_at is null`,
      )
    )[0]?.n;

  it("another content the second time, which the platform itself wrote", async () => {
    const written = await rows();
    const [{ phones } = { phones: 0 }] = await test.query<{ phones: number }>(
      "select count(phone)::int as phones from legacy_imported_enrollments",
    );
    // Of a trigger the wave holds such rows: as if it had looked at none, and the ledger kept what was written.
    const found = await drilled(
      afterTransaction(2, () =>
        test.query(`update legacy_imported_enrollments set phone = null;
          alter table ${ledger} disable trigger user;
          update ${ledger} l set after_image = to_jsonb(t) from legacy_imported_enrollments t
           where l.target_table = 'legacy_imported_enrollments' and l.target_id = t.id and l.rolled_back_at is null;
          alter table ${ledger} enable trigger user`),
      ),
    );
    expect(phones).toBeGreaterThan(0);
    expect(found).toMatchObject({
      rows_written_first: written,
      rows_taken_back: written,
      rows_left_behind: 0,
      conflicts: 0,
      rows_differing: phones,
      verified_again: true,
      says: expect.stringContaining(`rows differing ${phones}, verified again yes. The run stops`),
    });
  });

  it("a row that the platform refuses the second time", async () => {
    await drilled();
    const written = await rows();
    await test.query(`create function no_more() returns trigger language plpgsql as $$
      begin if new.full_name = (select name from no_longer) then raise exception 'no more' using errcode = '23514'; end if; return new; end $$;
      create table no_longer as select full_name as name from legacy_imported_enrollments order by id limit 1;
      grant select on no_longer to public;
      create trigger no_more before insert on legacy_imported_enrollments for each row execute function no_more()`);
    const found = await drilled();
    await test.query("drop function no_more() cascade; drop table no_longer");
    expect(found).toMatchObject({
      rows_written_first: written,
      rows_taken_back: written,
      rows_left_behind: 0,
      conflicts: 0,
      rows_differing: 1,
      verified_again: true,
      says: expect.stringContaining("rows differing 1, verified again yes. The run stops"),
    });
  });

  it("of two rounds of the wave alone: a row of one of them, of the other, and one with another content", async () => {
    const other = "7f3a0000-0000-4000-8000-00000000ffff";
    const entries = [
      ...[[run, 1, 70, 1, "The same"] as const, [run, 1, 71, 1, "The same"] as const],
      ...[[run, 1, 70, 2, "Of the first"] as const, [run, 1, 71, 3, "Of the second"] as const],
      ...[[run, 1, 70, 4, "First so"] as const, [run, 1, 71, 4, "Then so"] as const],
      // Of another wave, round and run.
      ...[[run, 2, 70, 1, "Another"] as const, [run, 1, 72, 1, "Another"] as const],
      ...[[other, 1, 70, 5, "Another"] as const],
    ].map(
      ([of, wave, round, staged, name]) =>
        `('${of}'::uuid, ${wave}, ${round}, ${staged}, 'commit', 'crm_leads', '{"full_name": "${name}"}'::jsonb)`,
    );
    await test.query(`begin; set local session_replication_role = replica;
      insert into ${ledger} (run_id, wave, round, staged_id, action, target_table, after_image) values ${entries.join(", ")}; commit`);
    const pin = pinOf(await findRun(test.services.stage, run));
    const found = await test.services.stage.one(differingRounds(pin, run, 1, 70));
    await test.query(`begin; set local session_replication_role = replica;
      delete from ${ledger} where round between 70 and 72; commit`);
    expect(found).toEqual({ differing: 3 });
  });

  it("a row that somebody deleted before it was taken back", async () => {
    await drilled();
    const written = (await rows()) ?? 0;
    await test.query(
      "delete from legacy_completed_trainings where id = (select min(id) from legacy_completed_trainings)",
    );
    expect(await drilled()).toMatchObject({
      rows_written_first: written,
      rows_taken_back: written - 1,
      rows_left_behind: 0,
      conflicts: 1,
      rows_differing: 0,
      verified_again: true,
      says: expect.stringContaining(`rows taken back ${written - 1}, `),
    });
  });

  it("a lead that is there again after it was taken back, and none that came to have its id", async () => {
    for (const [left, name] of [
      [0, "'Somebody Else'"],
      [1, "full_name"],
    ] as const) {
      await test.query(
        "create table kept_leads as select * from crm_leads where legacy_import_run_id is not null order by id limit 1",
      );
      const services = afterTransaction(1, async () => {
        await test.query(`update kept_leads set full_name = ${name}`);
        await test.query("insert into crm_leads overriding system value table kept_leads");
      });
      const found = await drilled(services);
      await test.query("delete from crm_leads where id = (select id from kept_leads)");
      await test.query("drop table kept_leads");
      expect(found).toMatchObject({ rows_left_behind: left, conflicts: 0 });
      expect(found.says).toMatch(left === 0 ? /^$/ : /rows left behind 1/);
    }
  });

  it("a row that is not what was written when it is verified again", async () => {
    await drilled();
    const written = await rows();
    const services = afterTransaction(2, () =>
      test.query(
        "update legacy_completed_trainings set full_name = 'Somebody Else' where id = (select min(id) from legacy_completed_trainings)",
      ),
    );
    expect(await drilled(services)).toMatchObject({
      rows_written_first: written,
      rows_taken_back: written,
      rows_left_behind: 0,
      conflicts: 0,
      rows_differing: 0,
      verified_again: false,
      says: expect.stringContaining("rows differing 0, verified again no. The run stops"),
    });
  });
});
