import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { databaseRoles } from "../../lib/define/database-roles.ts";
import { verifyChain } from "../../lib/evidence/audit-log.ts";
import { auditLog } from "../../lib/evidence/records.ts";
import { roster, rosterFiles, rosterPlatform } from "../lifecycle/worlds/roster.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { importAll } from "../support/steps.ts";

const run = "7f3a0000-0000-4000-8000-00000000d5e7";
let legacy: string;
let test: TestServices;
const open: pg.Client[] = [];
beforeAll(async () => {
  legacy = await mkdtemp(join(tmpdir(), "wavegate-legacy-"));
  for (const [table, lines] of Object.entries(rosterFiles))
    await writeFile(join(legacy, `${table}.csv`), `${lines.join("\n")}\n`);
  test = await testServices({ world: { migration: roster, platform: [rosterPlatform], legacy } });
  await test.query("alter table club_members alter fee type float8");
  await importAll(test, run);
});
afterAll(async () => {
  await test.close();
  await rm(legacy, { recursive: true });
});

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

it("D19 V10 the role that writes hides no change of a number by having it written in fewer digits", async () => {
  const client = await sessionOf("commit");
  await client.query("begin");
  await client.query("set local extra_float_digits = -15");
  await client.query(
    `select set_config('wavegate.run', '${run}', true), set_config('wavegate.wave', '1', true)`,
  );
  await client.query(`insert into wavegate.commit_locks (migration, run_id) values ('roster', '${run}')
    on conflict (migration) do update set taken_at = now()`);
  const { rows } = await client.query(
    "select fee::text, (fee * 1.01)::text as more from club_members where id = 3",
  );
  expect(rows[0].fee).toBe(rows[0].more);
  await expect(
    client.query(`with u as (update club_members set fee = fee * 1.01, mobile = '447' where id = 3 returning 1)
      insert into wavegate.legacy_import_commit_logs
        (run_id, wave, round, staged_id, action, target_table, target_id, before_image, after_image)
      values ('${run}', 1, 77, 1, 'update', 'club_members', 3, '{"mobile": "447911123004"}', '{"mobile": "447"}')`),
  ).rejects.toThrow("a row may be changed only with the entry of the ledger");
});
