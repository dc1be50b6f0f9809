import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { appendAudit } from "../../lib/evidence/audit-log.ts";
import { addPerson } from "../../lib/review/people/people.ts";
import { pause, resume } from "../../lib/review/steer/control.ts";
import { grantedTo } from "../support/granted.ts";
import { reviewed, reviewedServices, roles, type TestServices } from "../support/services.ts";
import { mayDo } from "../support/tried.ts";

/**
 * Each role tries, with its own password and past everything of wavegate's, every verb on every table and column of the
 * catalogue, and what else a session may do. What may be done is a literal list: a table that is new is nobody's, until
 * the list of grants (`privileges.test.ts`), or the one of the platform's below, says otherwise.
 */

const lib = new URL("../../lib/", import.meta.url).pathname;
let test: TestServices;
const names = { ...roles, commit: roles.commit("ecoin") };
const everybody = ["stage", "sign", "operator", "commit"] as const;
type Who = (typeof everybody)[number] | "admin";
const clients = new Map<Who, pg.Client>();
const run = reviewed;

beforeAll(async () => {
  test = await reviewedServices();
  for (const who of [...everybody, "admin"] as const) {
    const url = new URL(test.url);
    if (who !== "admin") {
      url.username = names[who];
      url.password = `${who}-in-tests`;
    }
    const client = new pg.Client({ connectionString: url.href });
    await client.connect();
    clients.set(who, client);
  }
});
afterAll(async () => {
  for (const client of clients.values()) await client.end();
  await test.close();
});

const as = (who: Who) => clients.get(who) as pg.Client;

/** What becomes of statements in one transaction, of which nothing stays: `done`, or PostgreSQL's code. */
async function tried(who: Who, ...statements: string[]): Promise<string> {
  const client = as(who);
  await client.query("begin");
  try {
    for (const statement of statements) await client.query(statement);
    return "done";
  } catch (error) {
    return (error as { code: string }).code;
  } finally {
    await client.query("rollback");
  }
}

/** Nobody but the owner of the schema: neither looks, nor writes. */
const ownersAlone = ["key_secret", "log_turns", "people_known", "requests"];

const seesPlatform = {
  "public.attendances": "select",
  "public.course_sessions": "select",
  "public.courses": "select",
  "public.crm_leads": "select",
  "public.enrollments": "select",
  "public.legacy_completed_trainings": "select",
  "public.legacy_imported_enrollments": "select",
  "public.payments": "select",
  "public.users": "select",
};
const writesPlatform = Object.fromEntries(
  ["crm_leads", "legacy_completed_trainings", "legacy_imported_enrollments"].map((table) => [
    `public.${table}`,
    "delete, insert, select",
  ]),
);

describe("W8 D19 R12 M14 what each role may do, tried on every table and column there is", () => {
  it("the trials themselves say yes to whoever may everything", async () => {
    const all = await mayDo(as("admin"), as("admin"));
    const tables = await test.query<{ name: string }>(
      "select relname as name from pg_class where relnamespace in ('wavegate'::regnamespace, 'public'::regnamespace) and relkind = 'r' and relnatts > 0",
    );
    // Of one without columns nothing is read, and nothing but locked. A table that others refer to is emptied only with them.
    for (const { name } of tables)
      expect(all[name] ?? all[`public.${name}`], name).toMatch(
        /^delete, insert, lock, select, (?:truncate, )?update$/u,
      );
    expect(tables.length).toBeGreaterThan(50);
  });

  it.each([
    ["stage", seesPlatform],
    ["sign", seesPlatform],
    ["operator", {}],
    ["commit", { ...seesPlatform, ...writesPlatform }],
  ] as const)("%s may what it was granted, and nothing else", async (who, onPlatform) => {
    const tried = await mayDo(as("admin"), as(who));
    const granted = Object.entries((await grantedTo(test))[names[who]] ?? {}).filter(
      ([what]) => what !== "schema" && !what.endsWith("()"),
    );
    // Whoever may delete any row of a table may keep it for themselves as well.
    const locks = (may: string) =>
      /\bdelete\b/.test(may) ? [...may.split(", "), "lock"].sort().join(", ") : may;
    expect(tried).toEqual(
      Object.fromEntries(
        Object.entries({ ...Object.fromEntries(granted), ...onPlatform }).map(([what, may]) => [
          what,
          locks(may),
        ]),
      ),
    );
    for (const table of ownersAlone) expect(tried[table], table).toBe(undefined);
  });

  it("each table is somebody's to look at, or is told of here as the owner's alone", async () => {
    const tables = await test.query<{ name: string }>(
      "select relname as name from pg_class where relnamespace = 'wavegate'::regnamespace and relkind in ('r', 'p') and not relispartition order by 1",
    );
    const seen = new Set(
      Object.values(await grantedTo(test)).flatMap((granted) => Object.keys(granted)),
    );
    expect(tables.map(({ name }) => name).filter((name) => !seen.has(name))).toEqual(ownersAlone);
  });
});

describe("W8 D19 what else a session may try", () => {
  const denied = "42501";
  it.each<[string, string, string]>([
    ["an owner's session", `set session authorization "${roles.owner}"`, denied],
    ["triggers that do not speak", "set session_replication_role = replica", denied],
    ["another one's password", `alter role "${roles.owner}" password 'x'`, denied],
    ["more rights of its own", "alter role current_user superuser", denied],
    ["rows past policies", "alter role current_user bypassrls", denied],
    ["a role of its own", "create role planted login", denied],
    ["membership of the owner", `grant "${roles.owner}" to current_user`, denied],
    ["another one's search path", `alter role "${roles.owner}" set search_path = public`, denied],
    ["the database's search path", `alter database template1 set search_path = public`, denied],
    [
      "a function for others to find",
      "create function public.lower(text) returns text language sql as 'select $1'",
      denied,
    ],
    [
      "an operator",
      "create operator public.= (function = texteq, leftarg = text, rightarg = text)",
      denied,
    ],
    ["a cast", "create cast (text as jsonb) with inout as implicit", denied],
    ["a type", "create type public.planted as enum ('x')", denied],
    ["a domain", "create domain public.planted as text", denied],
    [
      "an aggregate",
      "create aggregate public.planted (text) (sfunc = textcat, stype = text)",
      denied,
    ],
    ["a table beside the platform's", "create table public.planted (id int)", denied],
    ["a view over people", "create view public.planted as select * from wavegate.people", denied],
    ["an extension that reaches other servers", "create extension dblink", denied],
    ["one that reads files", "create extension file_fdw", denied],
    ["a language of the server's", "create language plperlu", denied],
    [
      "an event trigger",
      "create event trigger planted on ddl_command_end execute function wavegate.refuse_change()",
      denied,
    ],
    ["a publication", "create publication planted for all tables", denied],
    ["a file of the server's", "select pg_read_file('postgresql.conf')", denied],
    ["a folder of the server's", "select pg_ls_dir('.')", denied],
    ["a file as a large object", "select lo_import('/etc/passwd')", denied],
    ["a large object as a file", "select lo_export(1, '/tmp/planted')", denied],
    ["rows from a file", "copy wavegate.people from '/etc/passwd'", denied],
    ["rows into a program", "copy (select 1) to program 'cat'", denied],
    ["settings of the server", "select pg_reload_conf()", denied],
    [
      "somebody else's connection",
      `select pg_terminate_backend(pid) from pg_stat_activity where usename <> current_user and datname = current_database()`,
      denied,
    ],
    ["a transaction that outlives the session", "prepare transaction 'planted'", "55000"],
    ["the owner's things", `drop owned by "${roles.owner}"`, denied],
    [
      "the owner's things for another one",
      `reassign owned by "${roles.owner}" to current_user`,
      denied,
    ],
    ["a role's rights for another one", `grant "${roles.stage}" to "${roles.operator}"`, denied],
    [
      "rights on what the owner makes later",
      `alter default privileges for role "${roles.owner}" grant all on tables to public`,
      denied,
    ],
    [
      "triggers that never speak for it",
      "alter role current_user set session_replication_role = replica",
      denied,
    ],
    ["silence in the server's log", "alter role current_user set log_statement = 'none'", denied],
    [
      "code in each of its sessions",
      "alter role current_user set session_preload_libraries = 'planted'",
      denied,
    ],
    ["code of its own", "load '/tmp/planted.so'", denied],
    ["large objects of others", "set lo_compat_privileges = on", denied],
    ["samples of what people are called", "select stavalues1 from pg_statistic", denied],
    ["passwords", "select rolpassword from pg_authid", denied],
    ["a word of its own about a table", "comment on table wavegate.people is 'planted'", denied],
    [
      "a foreign key that holds rows",
      "create temp table planted (run uuid references wavegate.legacy_import_runs)",
      "42P16",
    ],
  ])("%s", async (_what, statement, answer) => {
    for (const who of everybody) {
      const said = await tried(who, statement);
      expect(said, who).toBe(answer);
    }
  });

  it("a table of one's own, called as one of wavegate's, is looked at by none of its functions", async () => {
    for (const who of everybody) {
      const client = as(who);
      await client.query("begin");
      for (const [name, columns] of [
        ["people", "name text, email text, permissions jsonb, changed_at timestamptz"],
        [
          "people_known",
          "name text, email text, since timestamptz, own text, address text, looks text",
        ],
        [
          "legacy_import_runs",
          "id uuid, migration text, started_by text, pin jsonb, erased_at timestamptz",
        ],
      ])
        await client.query(`create temp table ${name} (${columns})`);
      await client.query(
        "insert into people_known values ('operator', 'x', now(), 'planted', 'planted', 'operator')",
      );
      await client.query("set local search_path = pg_temp, wavegate, public");
      if (who !== "commit") {
        const { rows } = await client.query("select wavegate.known_as('operator') as known");
        expect(rows, who).toEqual([{ known: ["operator", "operator@example.com"] }]);
      }
      await client.query("rollback");
    }
  });

  // Whoever is connected may take any advisory lock; whatever wavegate waits for is to be somebody's own.
  it("nobody who may only look holds up what others do: entries, decisions and people wait for rows of the owner's", async () => {
    const { rows } = await as("admin").query<{ n: string }>(
      `select p.proname as n from pg_proc p where p.pronamespace = 'wavegate'::regnamespace and p.prosrc ~ 'advisory'`,
    );
    expect(rows).toEqual([]);
    // Nor does what is said from outside; the stand-in for the service knows them, as somebody's may come.
    const asks: string[] = [];
    for (const file of await readdir(lib, { recursive: true }))
      if (file.endsWith(".ts") && /advisory_/.test(await readFile(join(lib, file), "utf8")))
        asks.push(file);
    expect(asks).toEqual(["embedded/rds-data/statements.ts"]);
    for (const who of everybody)
      for (const mode of ["update", "no key update", "share", "key share"])
        expect(await tried(who, `select 1 from wavegate.log_turns for ${mode}`)).toBe(denied);
    const client = as("operator");
    await client.query("begin");
    // Each log, as its key was; and all that may be looked at, as it may be held.
    for (const log of [`wavegate.audit_log ${run}`, "wavegate.security_log", "wavegate.people"])
      await client.query("select pg_advisory_xact_lock(hashtextextended($1, 0))", [log]);
    const { rows: seen } = await client.query<{ place: string }>(
      `select c.oid::regclass::text as place from pg_class c
        where c.relnamespace = 'wavegate'::regnamespace and relkind = 'r' and has_table_privilege(c.oid, 'select')`,
    );
    expect(seen.length).toBeGreaterThan(20);
    for (const { place } of seen) await client.query(`lock table ${place} in access share mode`);
    const { sign, stage } = test.services;
    await pause(sign, run, "approver");
    await resume(sign, run, "approver");
    await appendAudit(stage, run, { actor: "wavegate", action: "b", details: {} }, new Date());
    await addPerson(test.admin, { name: "zoe", email: "z@example.com", permissions: [] });
    await client.query("rollback");
  });

  it.each([
    ["behind others", "select 1"],
    ["where it is the first entry of it", "delete from wavegate.log_turns"],
  ])("W12 two who write to a log at once take their turns, %s", async (_where, before) => {
    const [one, other] = ["sign", "stage"] as const;
    await test.query(before);
    const entry = (who: string) =>
      `select (wavegate.append_audit('${run}', 'wavegate', 'from-${who}', null, '{}', '2026-11-20T10:00:00.000Z') ->> 'seq')::int as seq`;
    await as(one).query("begin");
    const { rows: first } = await as(one).query<{ seq: number }>(entry(one));
    const waiting = as(other).query<{ seq: number }>(entry(other));
    await expect
      .poll(() =>
        test.query(
          "select wait_event_type as type from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
        ),
      )
      .toEqual([{ type: "Lock" }]);
    await as(one).query("commit");
    const { rows: second } = await waiting;
    expect(second).toEqual([{ seq: (first[0]?.seq ?? 0) + 1 }]);
  });

  it("M14 whoever decides by the database's own functions keeps what they may until it is decided", async () => {
    const permissions = ["legacy_imports.run"] as const;
    await addPerson(test.admin, { name: "keeper", email: "k@example.com", permissions });
    const pauses = async () =>
      (
        await as("sign").query<{ refused: string | null }>(
          `select wavegate.control_run('${run}', 'pause', 'keeper') as refused`,
        )
      ).rows;
    await as("sign").query("begin");
    expect(await pauses()).toEqual([{ refused: null }]);
    const taken = as("admin").query(
      "update wavegate.people set permissions = '[]' where name = 'keeper'",
    );
    await expect
      .poll(() =>
        test.query(
          "select wait_event_type as type from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
        ),
      )
      .toEqual([{ type: "Lock" }]);
    await as("sign").query("rollback");
    await taken;
    expect(await pauses()).toEqual([{ refused: "PermissionDenied" }]);
  });
});
