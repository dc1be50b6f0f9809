import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { json, raw, sql, uuid } from "../../lib/data/sql.ts";
import { databaseRoles } from "../../lib/define/database-roles.ts";
import { appendAudit, verifyChain } from "../../lib/evidence/audit-log.ts";
import { auditLog } from "../../lib/evidence/records.ts";
import { roster, rosterFiles, rosterPlatform } from "../lifecycle/worlds/roster.ts";
import { type CsvServices, csvServices } from "../support/csv-services.ts";
import { importAll } from "../support/steps.ts";

const run = "7f3a0000-0000-4000-8000-00000000d5e7";
let test: CsvServices;
const open: pg.Client[] = [];
beforeAll(async () => {
  test = await csvServices(roster, rosterPlatform, rosterFiles);
  await test.query("alter table club_members alter fee type float8");
  await test.query("alter table club_members alter joined type timestamptz");
  await importAll(test, run);
});
afterAll(() => test?.close());

afterEach(async () => {
  for (const client of open.splice(0)) await client.end();
});

const roles = databaseRoles("draft_roster");
const users = { stage: roles.stage, sign: roles.sign, commit: roles.commit("roster") };

/** A session of its own: what a function was read by once, it keeps for the session. */
async function sessionOf(role: keyof typeof users): Promise<pg.Client> {
  const url = new URL(test.url);
  Object.assign(url, { username: users[role], password: `${role}-in-tests` });
  const client = new pg.Client({ connectionString: url.href });
  open.push(client);
  await client.connect();
  return client;
}

/** What any role may set for its own session, and what changes how PostgreSQL reads or writes texts. */
const settings = [
  ["standard_conforming_strings", "off"],
  ["quote_all_identifiers", "on"],
  ["extra_float_digits", "-15"],
  ["transform_null_equals", "on"],
  ["array_nulls", "off"],
  ["datestyle", "'SQL, DMY'"],
  ["intervalstyle", "sql_standard"],
  ["bytea_output", "escape"],
  ["timezone", "'Asia/Kathmandu'"],
] as const;

describe("W12 D19 whatever a role settles for its session, what runs by the owner's rights does what it always does", () => {
  it.each(
    settings.flatMap(([name, value]) =>
      (["stage", "sign", "commit"] as const).map((role) => [role, name, value] as const),
    ),
  )("%s, %s = %s", async (role, name, value) => {
    const client = await sessionOf(role);
    const append = (details: string, at: string) =>
      client.query("select wavegate.append_audit($1, 'wavegate', 'looked', null, $2, $3)", [
        run,
        details,
        at,
      ]);
    await client.query(`set ${name} = ${value}`);
    // No moment of anybody's ends the log of a run.
    await expect(append("{}", "dddd-dd-ddTdd:dd:dd.dddZ")).rejects.toThrow(
      "this is no audit entry",
    );
    await append(
      '{"n": 0.00000012345678901234, "of": 1e22, "text": "a\\\\1\\u00e9"}',
      "2026-11-20T10:00:00.000Z",
    );
    expect(verifyChain(await auditLog(test.services.stage, run))).toMatchObject({ ok: true });
  });

  it("of all functions that fix where names are looked for", async () => {
    const found = await test.query<{ name: string }>(`
      select p.oid::regprocedure::text as name from pg_proc p
       where p.pronamespace = 'wavegate'::regnamespace
         and (p.prosecdef or exists (select from unnest(p.proconfig) c where c like 'search\\_path=%'))
         and 'standard_conforming_strings=on' <> all (coalesce(p.proconfig, '{}'))`);
    expect(found).toEqual([]);
  });
});

it.each([
  [
    "of a number, by having it written in fewer digits",
    "set local extra_float_digits = -15",
    "fee",
    "fee * 1.01",
  ],
  [
    "of an hour, by a clock that says it twice",
    "set local datestyle = 'SQL'; set local timezone = 'AAA3AAA,J70/2,J76/2'",
    "joined",
    "joined + interval '1 hour'",
  ],
])("D19 V10 the role that writes hides no change %s", async (_what, settings, column, more) => {
  await test.query("update club_members set joined = '2026-03-17 03:30:00+00' where id = 3");
  const client = await sessionOf("commit");
  await client.query("begin");
  await client.query(settings);
  await client.query(
    `select set_config('wavegate.run', '${run}', true), set_config('wavegate.wave', '1', true)`,
  );
  await client.query(`insert into wavegate.commit_locks (migration, run_id) values ('roster', '${run}')
    on conflict (migration) do update set taken_at = now()`);
  const { rows } = await client.query(
    `select ${column}::text as one, (${more})::text as more from club_members where id = 3`,
  );
  expect(rows[0].one).toBe(rows[0].more);
  await expect(
    client.query(`with u as (update club_members set ${column} = ${more}, mobile = '447' where id = 3 returning 1)
      insert into wavegate.legacy_import_commit_logs
        (run_id, wave, round, staged_id, action, target_table, target_id, before_image, after_image)
      values ('${run}', 1, 77, 1, 'update', 'club_members', 3, '{"mobile": "447911123004"}', '{"mobile": "447"}')`),
  ).rejects.toThrow("a row may be changed only with the entry of the ledger");
});

const as = (role: string) =>
  ({
    stage: test.services.stage,
    sign: test.services.sign,
    commit: test.services.commitOf("roster"),
  })[role] ?? test.operator;

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
    // The last id of 64 bits, which no number of JavaScript's is written as.
    `append_audit('${run}', 'a', 'b', null, '{"id": -9223372036854775808}', '${moment}')`,
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
