import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Database, onlyReading } from "../../lib/data/database.ts";
import { findRun } from "../../lib/data/runs.ts";
import { raw, sql, uuid } from "../../lib/data/sql.ts";
import { verifyChain } from "../../lib/evidence/audit-log.ts";
import { auditLog } from "../../lib/evidence/records.ts";
import { decideMappings } from "../../lib/review/mappings/decisions.ts";
import { noteBeginning, starterOf } from "../../lib/review/people/starter.ts";
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
      "carry_legacy_course_mappings",
      "carry_legacy_session_mappings",
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

  it("one whose own execution nobody asked for is not that one's who asked for another run's", async () => {
    await makes(other, "x");
    const [elsewhere] = await test.query<{ arn: string }>(
      `select execution_arn as arn from wavegate.legacy_import_runs where id = '${run}'`,
    );
    await test.query(
      `insert into wavegate.run_beginnings (run_id, execution_arn, person) values ('${other}', '${elsewhere?.arn}', 'approver')`,
    );
    const said = raw(`select wavegate.note_starter('${other}', 'operator') as who`);
    expect(await as("sign").one(said)).toEqual({ who: "operator" });
    expect(await starters()).toEqual([{ started_by: "operator", told: "operator" }]);
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
