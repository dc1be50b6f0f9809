import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Database, onlyReading } from "../../lib/data/database.ts";
import { findRun } from "../../lib/data/runs.ts";
import { json, raw, sql, uuid } from "../../lib/data/sql.ts";
import { appendAudit, verifyChain } from "../../lib/evidence/audit-log.ts";
import { auditLog } from "../../lib/evidence/records.ts";
import { pause, resume, stop } from "../../lib/review/control.ts";
import { decideMappings } from "../../lib/review/mapping-decisions.ts";
import { noteBeginning, starterOf } from "../../lib/review/starter.ts";
import { roles, type TestServices, testServices } from "../support/services.ts";
import { importAll, refusal } from "../support/steps.ts";

let test: TestServices;
const run = "7f3a0000-0000-4000-8000-0000000000a7";

beforeAll(async () => {
  test = await testServices();
  await importAll(test, run);
});
afterAll(() => test.close());

const as = (role: string) =>
  ({
    stage: test.services.stage,
    sign: test.services.sign,
    operator: test.operator,
    commit: test.services.commitOf("ecoin"),
  })[role] ?? test.operator;

describe("D19 W8 nobody but the owner makes anything run with somebody else's rights", () => {
  const plants = [
    "create trigger planted before insert on wavegate.people for each row execute function wavegate.refuse_change()",
    "create trigger planted after insert on wavegate.legacy_import_commit_logs for each row execute function wavegate.note_review_change()",
    "create trigger planted before insert on wavegate.audit_log for each row execute function wavegate.refuse_change()",
    "create trigger planted before insert on wavegate.security_log for each row execute function wavegate.refuse_change()",
    "create trigger planted before insert on wavegate.progress for each row execute function wavegate.refuse_change()",
    "create trigger planted before insert on wavegate.legacy_student_imports_source for each row execute function wavegate.refuse_change()",
    "create trigger planted before insert on public.crm_leads for each row execute function wavegate.refuse_change()",
    "alter table wavegate.audit_log disable trigger all",
    "alter table wavegate.audit_log drop constraint audit_log_pkey",
    "drop trigger audit_log_append_only on wavegate.audit_log",
    "alter table wavegate.progress add column planted text",
    "create rule planted as on insert to wavegate.people do instead nothing",
    "create policy planted on wavegate.people using (true)",
    "alter table wavegate.people enable row level security",
    "create table wavegate.planted (id int)",
    "create view wavegate.planted as select 1 as one",
    "create function wavegate.planted() returns int language sql as 'select 1'",
    "create or replace function wavegate.fold_name(name text) returns text language sql immutable as 'select name'",
    "alter function wavegate.note_review_change() security invoker",
    "create index planted on wavegate.people (name)",
    "truncate wavegate.progress",
    "truncate wavegate.audit_log",
    "alter schema wavegate rename to planted",
    "grant select on wavegate.people to public",
    "create schema planted",
  ];
  const callers = ["stage", "sign", "operator", "commit"];

  it.each(callers.flatMap((role) => plants.map((statement) => [role, statement] as const)))(
    "%s: %s",
    async (role, statement) => {
      const attempt = as(role).execute(raw(statement));
      const seen = await attempt.then(
        () => "done",
        (error: Error) => error.message,
      );
      // A grant by somebody who may not give it is a warning, and nothing is given.
      if (statement.startsWith("grant")) {
        const given = await test.query(
          "select from information_schema.table_privileges where table_name = 'people' and grantee = 'PUBLIC'",
        );
        expect(given).toEqual([]);
        if (seen === "done") return;
      }
      expect(seen).toMatch(/permission denied|must be owner|SQLState: 42501/);
    },
  );

  it.each(callers)("%s becomes nobody else", async (role) => {
    for (const other of [roles.owner, roles.stage, roles.sign, roles.operator, "postgres"]) {
      const me = { ...roles, commit: roles.commit("ecoin") }[role as "stage"];
      if (other === me) continue;
      await expect(
        as(role).execute(raw(`set role "${other}"`)),
        `${role} as ${other}`,
      ).rejects.toThrow(/permission denied/);
    }
  });

  it("the owner cannot log in", async () => {
    const found = await test.query(
      "select rolcanlogin, rolsuper from pg_roles where rolname = $1",
      [roles.owner],
    );
    expect(found).toEqual([{ rolcanlogin: false, rolsuper: false }]);
  });

  it.each(callers)("%s calls no function that is the owner's alone", async (role) => {
    for (const call of [
      `wavegate.append_entry('${run}', 'karima', 'sign-off-approved', null, '{}', '2026-11-20T10:00:00.000Z')`,
      "wavegate.permitted('operator', 'legacy_imports.run')",
      "wavegate.entry_hash('', gen_random_uuid(), 1, '', '', '', null, '{}')",
    ]) {
      await expect(as(role).execute(raw(`select ${call}`))).rejects.toThrow(/permission denied/);
    }
  });
});

describe("W8 the starter is written once, by whoever it is", () => {
  it("not even an administrator changes it", async () => {
    await expect(
      test.query("update wavegate.legacy_import_runs set started_by = 'somebody else'"),
    ).rejects.toThrow("a run has one starter");
    await expect(
      test.query("update wavegate.legacy_import_runs set started_by = null"),
    ).rejects.toThrow("a run has one starter");
  });

  it.each(["stage", "sign", "operator", "commit"])("%s may not write it", async (role) => {
    await expect(
      as(role).execute(raw("update wavegate.legacy_import_runs set started_by = 'somebody else'")),
    ).rejects.toThrow(/permission denied/);
  });

  it("whoever was recorded first stays, and the log names them", async () => {
    const { who } = await test.services.stage.one<{ who: string }>(
      sql`select wavegate.note_starter(${uuid(run)}, 'somebody else') as who`,
    );
    expect(who).toBe("operator");
    const entries = await auditLog(test.services.stage, run);
    expect(entries.filter(({ action }) => action === "started")).toMatchObject([
      { actor: "operator", seq: 1 },
    ]);
  });
});

describe("D19 W8 what the platform's people write runs with no rights that decide", () => {
  /** Whoever runs it leaves their name, where they may write anything. */
  const spy = `create table public.spied (who text); grant insert on public.spied to public;
    create function public.spy() returns boolean language plpgsql as $$
    begin
      insert into public.spied values (current_user);
      return true;
    exception when read_only_sql_transaction then return true;
    end $$;`;
  const spied = () => test.query("select distinct who from public.spied");
  const grants = () =>
    `grant select on courses to "${roles.owner}", "${roles.sign}", "${roles.stage}"`;
  const decided = (target: number) =>
    findRun(test.services.sign, run).then((found) =>
      decideMappings(
        test.services.sign,
        found,
        "course",
        [{ id: 1, confirm: true, target }],
        "approver",
      ),
    );

  it.each([
    [
      "a view in place of a table",
      () =>
        `alter table courses rename to kept; create view courses as select * from kept where spy(); ${grants()}`,
      "drop view courses; alter table kept rename to courses",
    ],
    [
      "a policy with a condition",
      () =>
        "alter table courses enable row level security; create policy planted on courses using (spy())",
      "drop policy planted on courses; alter table courses disable row level security",
    ],
    [
      "a type with a cast of its own",
      () =>
        `create type public.planted as enum ('x');
         create function public.as_id(p public.planted) returns bigint language sql as 'select 1::bigint where public.spy()';
         create cast (public.planted as bigint) with function public.as_id(public.planted) as implicit;
         alter table courses rename to kept; create table courses (id public.planted, title text);
         insert into courses values ('x', 'X'); ${grants()}`,
      "drop table courses; alter table kept rename to courses; drop type public.planted cascade",
    ],
  ])("%s is looked at by nobody who could write", async (_, plant, mended) => {
    await test.query(`${spy} ${plant()}`);
    try {
      await decided(1);
      expect(await refusal(decided(999_999))).toBe("UnknownTarget");
      expect(await spied()).toEqual([]);
    } finally {
      await test.query(`${mended}; drop table public.spied; drop function public.spy() cascade`);
    }
  });

  it("of the owner's functions those alone name a platform's table that ask first whether it is a plain one", async () => {
    const found = await test.query<{ name: string }>(
      `select distinct p.proname as name from pg_proc p
         join pg_class c on c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
          and p.prosrc ~ ('(\\mpublic|")\\.?"?' || c.relname || '\\M')
        where p.pronamespace = 'wavegate'::regnamespace and p.prosecdef and p.prosrc !~ 'is_plain' order by 1`,
    );
    expect(found).toEqual([]);
    const careful = await test.query<{ name: string }>(
      `select proname as name from pg_proc where pronamespace = 'wavegate'::regnamespace and prosecdef and prosrc ~ 'is_plain' order by 1`,
    );
    expect(careful.map(({ name }) => name)).toEqual([
      "decide_legacy_course_mappings",
      "decide_legacy_session_mappings",
    ]);
  });

  it("whoever decides calls no function that somebody made to fit better than PostgreSQL's own", async () => {
    await test.query(
      "create function public.to_jsonb(n bigint) returns jsonb language sql as $$ select '\"planted\"'::jsonb $$",
    );
    try {
      const called = (db: Database) =>
        db.one<{ said: unknown }>(raw("select to_jsonb(7::bigint) as said"));
      expect(await called(test.services.stage)).toEqual({ said: "planted" });
      expect(await called(test.services.sign)).toEqual({ said: 7 });
      // Where the platform is looked at it may be, and nothing is written there.
      expect(await onlyReading(test.services.sign, called)).toEqual({ said: "planted" });
      await expect(
        onlyReading(test.services.sign, (db) =>
          db.execute(raw("update wavegate.sign_offs set status = 'approved'")),
        ),
      ).rejects.toThrow("SQLState: 25006");
      // Nor does it look there again behind it.
      expect(await called(test.services.sign)).toEqual({ said: 7 });
    } finally {
      await test.query("drop function public.to_jsonb(bigint)");
    }
  });
});

describe("W8 W5 no stage says who started a run", () => {
  const other = "7f3a0000-0000-4000-8000-0000000000a8";
  const arn = (name: string) => `arn:aws:states:eu-west-3:1:execution:migration:${name}`;
  const makes = (id: string, execution: string) =>
    test.services.stage.execute(
      sql`insert into wavegate.legacy_import_runs
            (id, reference, migration, definition_digest, definition, connection_name, focus_mode, wave_plan, seed, execution_arn)
          values (${uuid(id)}, ${id}, 'ecoin', 'd', '{}', 'legacy', 'historical_completed', '[25]', 's', ${arn(execution)})
          on conflict do nothing`,
    );
  const begins = (execution: string, who: string, id = other) =>
    noteBeginning(test.services.sign, { run: id, executionArn: arn(execution), person: who });
  const starters = () =>
    test.query(
      `select started_by, (select string_agg(actor, ' ' order by seq) from wavegate.audit_log l where l.run_id = r.id and l.action = 'started') as told
         from wavegate.legacy_import_runs r where id = '${other}'`,
    );
  afterEach(() =>
    test.query(
      `begin; set local session_replication_role = replica;
       delete from wavegate.audit_log where run_id = '${other}'; delete from wavegate.legacy_import_runs where id = '${other}';
       delete from wavegate.run_beginnings where run_id = '${other}'; commit`,
    ),
  );

  it("one that it makes under an execution that nobody asked for has no starter that it names", async () => {
    await makes(other, "x");
    for (const role of ["stage", "commit", "operator"])
      await expect(
        as(role).execute(raw(`select wavegate.note_starter('${other}', 'approver')`)),
      ).rejects.toThrow(/SQLState: 42501|permission denied/);
    expect(await starters()).toEqual([{ started_by: null, told: null }]);
    for (const role of ["stage", "commit", "operator"])
      await expect(
        as(role).execute(
          raw(
            `insert into wavegate.run_beginnings (run_id, execution_arn, person) values ('${other}', '${arn("x")}', 'approver')`,
          ),
        ),
      ).rejects.toThrow(/permission denied/);
    await expect(
      as("sign").execute(raw(`update wavegate.run_beginnings set person = 'approver'`)),
    ).rejects.toThrow(/permission denied/);
  });

  it("whoever's execution made it is its starter, whatever a stage says, and the first entry of its log", async () => {
    await begins("x", "operator");
    await begins("y", "approver");
    // A second delivery, and somebody who asks for the same run at the same moment.
    await begins("x", "approver");
    await makes(other, "x");
    await makes(other, "y");
    expect(await starters()).toEqual([{ started_by: "operator", told: "operator" }]);
    const { who } = await test.services.stage.one<{ who: string }>(
      raw(`select wavegate.note_starter('${other}', 'approver') as who`),
    );
    expect(who).toBe("operator");
    expect(await starters()).toEqual([{ started_by: "operator", told: "operator" }]);
    expect(verifyChain(await auditLog(test.services.stage, other)).ok).toBe(true);
  });

  it("one that a stage made before anybody asked is whoever's whose execution it names, by whichever role", async () => {
    await makes(other, "x");
    await begins("x", "operator");
    await begins("z", "approver");
    const services = {
      executions: { ...test.executions, starter: async () => "wavegate/start-execution" },
    };
    expect(await starterOf(test.services.sign, services, await findRun(test.operator, other))).toBe(
      "operator",
    );
    expect(await starters()).toEqual([{ started_by: "operator", told: "operator" }]);
    // Of a run whose starter is known nothing is noted any more.
    expect(await begins("late", "approver")).toBe(0);
  });
});

describe("W9 W8 what people decide about runs is done by the database, for somebody who may", () => {
  it("pause, resume and stop are done, and told with the person's own name", async () => {
    await pause(test.services.sign, run, " APPROVER ");
    expect((await findRun(test.operator, run)).control).toBe("pause");
    await resume(test.services.sign, run, "approver");
    await stop(test.services.sign, run, "approver");
    expect(await findRun(test.operator, run)).toMatchObject({ control: "stop", status: "stopped" });
    await resume(test.services.sign, run, "approver");
    const entries = await auditLog(test.services.stage, run);
    expect(entries.slice(-4).map(({ actor, action }) => `${actor} ${action}`)).toEqual([
      "approver pause",
      "approver resume",
      "approver stop",
      "approver resume",
    ]);
    expect(verifyChain(entries).ok).toBe(true);
  });

  it("what a person told a run to do stays told, whatever a stage says", async () => {
    const { stage } = test.services;
    const control = (to: string) =>
      stage.execute(
        raw(`update wavegate.legacy_import_runs set control = '${to}' where id = '${run}'`),
      );
    await expect(control("pause")).rejects.toThrow("SQLState: 42501");
    for (const told of [pause, stop]) {
      await told(test.services.sign, run, "approver");
      await expect(control("run")).rejects.toThrow("SQLState: 42501");
    }
    await expect(control("pause")).rejects.toThrow("SQLState: 42501");
    await resume(test.services.sign, run, "approver");
    expect(await control("stop")).toBe(1);
    await resume(test.services.sign, run, "approver");
    expect((await findRun(test.operator, run)).control).toBe("run");
  });

  it.each([
    `control_run('${run}', 'stop', 'approver')`,
    `control_run('${run}', 'pause', 'approver')`,
    `control_run('${run}', 'resume', 'approver')`,
    `decide_legacy_course_mappings('${run}', '[{"id": 1, "reject": true}]', 'approver')`,
    `decide_legacy_session_mappings('${run}', '[{"id": 1, "reject": true}]', 'approver')`,
    `hold_row('${run}', 1, 'approver', 'because')`,
    `release_row('${run}', 1, 'approver', 'because')`,
    `ask_question('${run}', 1, 'approver', 'why?')`,
    `close_question('${run}', 1, 'approver', 'because')`,
    `erase_run('${run}', 'approver', 0, 1)`,
    `forget_trial('${run}', 'approver')`,
    `note_starter('${run}', 'approver')`,
    `append_security('approver', 'sign-in-failed', '{}', '2026-11-20T10:00:00.000Z')`,
  ])("the role of the terminals, which could name anybody, does not ask for %s", async (call) => {
    for (const role of ["operator", "commit"]) {
      await expect(as(role).execute(raw(`select wavegate.${call}`))).rejects.toThrow(
        /permission denied/,
      );
    }
  });

  it.each(["nobody", "", "approver2"])(
    "for “%s” nothing is done, whatever is asked",
    async (name) => {
      const before = await auditLog(test.services.stage, run);
      expect(await refusal(stop(test.services.sign, run, name))).toBe("PermissionDenied");
      const { refused } = await test.services.sign.one<{ refused: { because: string } }>(sql`
      select wavegate.decide_legacy_course_mappings(${uuid(run)}, '[{"id": 1, "reject": true}]', ${name}) as refused`);
      expect(refused.because).toBe("PermissionDenied");
      expect(await auditLog(test.services.stage, run)).toEqual(before);
    },
  );

  it.each([
    [{ id: 999_999, reject: true }, "UnknownMapping"],
    [{ id: 1, confirm: true, target: 999_999 }, "UnknownTarget"],
  ])("R8 of decisions among which is %j none is kept", async (wrong, because) => {
    const kept = () => test.query("select * from wavegate.legacy_course_mappings order by 1, 2");
    const before = await kept();
    const decisions = [{ id: 2, reject: true }, wrong];
    const { refused } = await test.services.sign.one<{ refused: { because: string } }>(sql`
      select wavegate.decide_legacy_course_mappings(${uuid(run)}, ${json(decisions)}, 'approver') as refused`);
    expect(refused.because).toBe(because);
    expect(await kept()).toEqual(before);
  });

  const none = "7f3a0000-0000-4000-8000-00000000dead";
  const denied = "PermissionDenied";
  const refusedAs = (because: string) => ({ refused: because });

  // Whatever pages and functions look at before: whoever calls the database is asked again there.
  it.each<[string, unknown]>([
    [`control_run('${run}', 'stop', 'nobody')`, denied],
    [`control_run('${run}', 'explode', 'approver')`, "UnknownCommand"],
    [`control_run('${none}', 'stop', 'approver')`, "UnknownRun"],
    [`note_withdrawn('${run}', 'nobody')`, denied],
    [`note_withdrawn('${none}', 'approver')`, "UnknownRun"],
    [`hold_row('${run}', 1, 'nobody', 'because')`, denied],
    [`hold_row('${run}', 1, 'approver', ' ')`, "ReasonMissing"],
    [`hold_row('${run}', 999999, 'approver', 'because')`, "UnknownRow"],
    [`hold_row('${none}', 1, 'approver', 'because')`, "UnknownRow"],
    [`release_row('${run}', 1, 'nobody', 'because')`, denied],
    [`release_row('${run}', 1, 'approver', '')`, "ReasonMissing"],
    [`release_row('${run}', 999999, 'approver', 'because')`, "UnknownRow"],
    [`release_row('${none}', 1, 'approver', 'because')`, "UnknownRow"],
    [`ask_question('${run}', 1, 'nobody', 'why?')`, refusedAs(denied)],
    [`ask_question('${run}', 1, 'approver', ' ')`, refusedAs("QuestionMissing")],
    [`ask_question('${run}', 999999, 'approver', 'why?')`, refusedAs("UnknownRow")],
    [`ask_question('${none}', 1, 'approver', 'why?')`, refusedAs("UnknownRow")],
    [`close_question('${run}', 1, 'nobody', 'because')`, denied],
    [`close_question('${run}', 7, 'approver', 'because')`, "UnknownQuestion"],
    [`erase_run('${run}', 'nobody', 0, 1)`, refusedAs(denied)],
    [`erase_run('${none}', 'approver', 0, 1)`, refusedAs("UnknownRun")],
    [`erase_run('${run}', 'approver', 0, 1)`, refusedAs("RunNotOver")],
    [`erase_due('${run}', 1, 0, 1)`, refusedAs("RunNotDue")],
    [`forget_trial('${run}', 'nobody')`, refusedAs(denied)],
    [`forget_trial('${none}', 'approver')`, refusedAs("UnknownRun")],
    [`forget_trial('${run}', 'approver')`, refusedAs("RunNoTrial")],
    [`turn_feature('${run}', 'any', 5, '[]', 'nobody')`, denied],
    [`turn_feature('${run}', 'any', 0, '[]', 'nobody')`, denied],
    [`turn_feature('${run}', 'any', 101, '[]', 'approver')`, "PercentageInvalid"],
    [`turn_feature('${run}', 'any', null, '[]', 'approver')`, "PercentageInvalid"],
    [`turn_feature('${none}', 'any', 5, '[]', 'approver')`, "UnknownRun"],
    [`turn_feature('${run}', 'any', 5, '[]', 'approver')`, "UnknownFeature"],
    [`begin_restore('${run}', 'nobody', '{}')`, denied],
    [`begin_restore('${none}', 'approver', '{}')`, "UnknownRun"],
    [`end_restore('${run}', 'nobody', 'restored', '{}')`, denied],
    [`end_restore('${run}', 'approver', 'undone', '{}')`, "UnknownCommand"],
    [`end_restore('${run}', 'approver', 'restored', '{}')`, "NotBegun"],
  ])("%s is answered by the database itself", async (call, answer) => {
    const before = await auditLog(test.services.stage, run);
    const found = await test.services.sign.one<{ answer: unknown }>(
      raw(`select to_jsonb(wavegate.${call}) as answer`),
    );
    expect(found.answer).toEqual(answer);
    expect(await auditLog(test.services.stage, run)).toEqual(before);
  });

  it("a question that was not withdrawn is not noted as withdrawn", async () => {
    const before = await auditLog(test.services.stage, run);
    const { refused } = await test.services.sign.one<{ refused: string | null }>(
      sql`select wavegate.note_withdrawn(${uuid(run)}, 'approver') as refused`,
    );
    expect(refused).toBe(null);
    expect(await auditLog(test.services.stage, run)).toEqual(before);
    for (const role of ["stage", "operator", "commit"]) {
      await expect(
        as(role).execute(sql`select wavegate.note_withdrawn(${uuid(run)}, 'approver')`),
      ).rejects.toThrow(/permission denied/);
    }
  });
});

describe("W12 entries of the logs come through their function alone", () => {
  it.each(["stage", "sign", "operator", "commit"])("%s inserts none", async (role) => {
    for (const statement of [
      `insert into wavegate.audit_log values ('${run}', 2147483647, 'x', 'x', 'x', null, '{}', 'x', 'x')`,
      "insert into wavegate.security_log values (2147483647, 'x', 'x', 'x', '{}', 'x', 'x')",
      "update wavegate.audit_log set actor = 'x'",
      "delete from wavegate.security_log",
    ]) {
      await expect(as(role).execute(raw(statement))).rejects.toThrow(/permission denied/);
    }
  });

  it.each(["stage", "commit"])("%s tells of no person's decision", async (role) => {
    // What functions of the database tell of in a person's name, whichever are added, and what pages do.
    const found = await test.query<{ action: string }>(`
      select distinct m[1] as action from pg_proc p
       cross join lateral regexp_matches(p.prosrc, 'append_entry\\(\\s*\\w+,\\s*(?:who|person|starter),\\s*''([a-z-]+)''', 'g') m
       where p.pronamespace = 'wavegate'::regnamespace`);
    const actions = found.map(({ action }) => action);
    expect(actions).toEqual(
      expect.arrayContaining(["started", "row-held", "question-closed", "erase", "feature"]),
    );
    const others = ["sign-off-approved", "sign-off-rejected", "stops-overridden", "samples-judged"];
    const more = ["verdict-undone", "rows-searched", "rows-judged-anew", "execution-started"];
    const pages = ["export-downloaded", "sign-off-asked", "sign-off-voided"];
    const all = [...actions, ...others, ...more, ...pages, "pause", "resume", "stop"].filter(
      // The engine notes it, too.
      (action) => action !== "paused",
    );
    const told = async (actor: string, action: string) =>
      appendAudit(as(role), run, { actor, action, details: {} }, new Date()).then(
        () => "told",
        (error: Error) => error.message,
      );
    for (const action of all) {
      for (const actor of ["approver", "wavegate"])
        expect(await told(actor, action), action).toContain("SQLState: 42501");
    }
    // Nor of anything else in a person's name, but what that person did as others noted it.
    for (const action of [
      "preflight",
      "rollback",
      "commit",
      "dry-run",
      "anything",
      "Sign-off-approved",
    ])
      expect(await told("approver", action), action).toContain("SQLState: 42501");
    expect(await told("operator", "preflight")).toBe("told");
    const who = role === "stage" ? "operator" : "second";
    expect(await told(who, "rollback")).toContain("SQLState: 42501");
    const details = { what: "rollback", execution: `of ${role}`, vouchedBy: "stamp" };
    const started = { actor: who, action: "execution-started", details };
    await appendAudit(test.services.sign, run, started, new Date());
    expect(await told(who, "rollback")).toBe("told");
    expect(await told("approver", "rollback")).toContain("SQLState: 42501");
  });

  it("stage tells of nothing that concerns who may do what", async () => {
    await expect(
      as("stage").execute(
        raw(
          "select wavegate.append_security('administrator', 'permissions-given', '{}', '2026-11-20T10:00:00.000Z')",
        ),
      ),
    ).rejects.toThrow(/permission denied/);
  });

  it.each([
    ["an id beyond what a number keeps", { n: 2 ** 53 }],
    ["an id beyond what a number keeps", { n: [{ m: -(2 ** 60) }] }],
    ["keys that are sorted in two ways", { "\u{10ffff}": 1, "\uff00": 2 }],
    ["no object", ["x"]],
  ])("%s is refused, and the chain holds", async (_what, details) => {
    const attempt = test.services.stage.execute(sql`
      select wavegate.append_audit(${uuid(run)}, 'wavegate', 'b', null, ${json(details)}, '2026-11-20T10:00:00.000Z')`);
    await expect(attempt).rejects.toThrow(/SQLState: 23514/);
    expect(verifyChain(await auditLog(test.services.stage, run)).ok).toBe(true);
  });

  const moment = "2026-11-20T10:00:00.000Z";
  it.each([
    `append_audit('${run}', '', 'b', null, '{}', '${moment}')`,
    `append_audit('${run}', 'a', '', null, '{}', '${moment}')`,
    `append_audit('${run}', 'a', 'b', null, '{}', '2026-11-20')`,
    `append_audit('${run}', 'a', 'b', null, '{}', '${moment} or later')`,
    `append_security('', 'b', '{}', '${moment}')`,
    `append_security('a', '', '{}', '${moment}')`,
    `append_security('a', 'b', '[]', '${moment}')`,
    `append_security('a', 'b', '{}', 'now')`,
    `note_starter('${run}', ' ')`,
  ])("%s is no entry", async (call) => {
    const logs = () =>
      test.query(
        "select (select count(*) from wavegate.audit_log) as audit, (select count(*) from wavegate.security_log) as security",
      );
    const before = await logs();
    await expect(test.services.sign.execute(raw(`select wavegate.${call}`))).rejects.toThrow(
      /SQLState: 23514/,
    );
    expect(await logs()).toEqual(before);
  });

  it.each([
    { text: 'quotes " and \\ and \b \f \n \r \t \u0001 \u001f \u007f', other: "\u2028 é 🙂 عربي" },
    {
      n: [
        0,
        -0,
        1,
        -1,
        1.5,
        0.1,
        1e-6,
        123456789.123456,
        1e20,
        2 ** 53 - 1,
        1 / 3,
        100,
        1.1e10,
        1e-7,
        -1.5e-300,
        1e21,
        1.7e308,
      ],
    },
    {
      b: true,
      a: null,
      "": [],
      "a b": {},
      A: { z: 1, y: [{ b: 1, a: 2 }] },
      "10": 1,
      "9": 2,
      "🙂": 3,
      é: 4,
      __proto__x: 5,
    },
  ])("the database writes JSON as the verifier does: %j", async (details) => {
    const event = { actor: 'somebody "quoted" \\', action: "test", digest: "d\u2028", details };
    const entry = await appendAudit(
      test.services.sign,
      run,
      event,
      new Date("2026-11-20T10:00:00Z"),
    );
    const entries = await auditLog(test.services.stage, run);
    expect(entries.at(-1)).toEqual(entry);
    expect(verifyChain(entries)).toMatchObject({ ok: true, head: entry.hash });
  });
});
