import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { processIo } from "../../../lib/cli/io.ts";
import { verifyBundleOf } from "../../../lib/cli/verbs/verify-bundle.ts";
import { policyBundle } from "../../../migrations/wild-apricot/policies.ts";
import { terminal } from "../../cli/terminal.ts";
import { type TestDatabase, testDatabase } from "../../support/postgres.ts";

const ids = {
  member: (n: number) => `a1a10000-0000-4000-8000-${String(n).padStart(12, "0")}`,
  event: (n: number) => `e1e10000-0000-4000-8000-${String(n).padStart(12, "0")}`,
  registration: (n: number) => `c1c10000-0000-4000-8000-${String(n).padStart(12, "0")}`,
};
const upTo = (n: number) => Array.from({ length: n }, (_, at) => at + 1);

/** Forty members of two tiers, three events and five registrations, and one member whom somebody else made. */
const platform = `
insert into "MembershipStatus" values ('5a7a0000-0000-4000-8000-000000000001', 'active', 'Active', null, true, false, false, 10, now(), now());
insert into "MembershipTier" values ('71710000-0000-4000-8000-000000000001', 'NEWCOMER', 'Newcomer', 10, now(), now()),
  ('71710000-0000-4000-8000-000000000002', 'ALUMNI', 'Alumni', 50, now(), now());
insert into "Member" ("id", "firstName", "lastName", "email", "joinedAt", "membershipStatusId", "membershipTierId", "updatedAt")
  select ('a1a10000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'F', 'L', n || '@club.example', now(),
         '5a7a0000-0000-4000-8000-000000000001', ('71710000-0000-4000-8000-00000000000' || (1 + n % 2))::uuid, now()
    from generate_series(1, 41) n;
insert into "Event" ("id", "title", "startTime", "updatedAt")
  select ('e1e10000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'E', now(), now() from generate_series(1, 3) n;
insert into "EventRegistration" ("id", "eventId", "memberId", "registeredAt", "updatedAt")
  select ('c1c10000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'e1e10000-0000-4000-8000-000000000001',
         ('a1a10000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, now(), now() from generate_series(1, 5) n;
create schema wavegate;
create table wavegate.legacy_import_commit_logs (id bigint generated always as identity, run_id uuid, staged_id bigint,
  action text, target_table text, target_key jsonb, rolled_back_at timestamptz);
insert into wavegate.legacy_import_commit_logs (run_id, staged_id, action, target_table, target_key)
  values ('7f3a0000-0000-4000-8000-00000000b001', 1, 'commit', 'Member', '{"id": "a1a10000-0000-4000-8000-000000000001"}')`;

const run = "7f3a0000-0000-4000-8000-00000000b001";
const report = () => ({
  runId: run,
  completedAt: "2026-01-15T14:28:00.000Z",
  dryRun: false,
  members: { created: 38, updated: 2, skipped: 4, errors: 0 },
  events: { created: 3, updated: 0, skipped: 0, errors: 0 },
  registrations: { created: 5, updated: 0, skipped: 1, errors: 0 },
  idMapping: {
    members: upTo(40).map((n) => ({
      legacyId: `M${n}`,
      targetId: ids.member(n),
      how: "committed",
    })),
    events: upTo(3).map((n) => ({ waId: n, murmurantId: ids.event(n) })),
    registrations: upTo(5).map((n) => ({ legacyId: String(n), targetId: ids.registration(n) })),
  },
});

let database: TestDatabase;
let client: pg.Client;
let folder: string;
beforeAll(async () => {
  database = await testDatabase({ template: "template1" });
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const schema = new URL(
    "../../../migrations/wild-apricot/platform-schema.postgres.sql",
    import.meta.url,
  );
  await client.query(await readFile(schema, "utf8"));
  await client.query(platform);
});
afterAll(async () => {
  await client?.end();
  await database?.drop();
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "wavegate-verification-"));
  return () => rm(folder, { recursive: true });
});

async function verified(
  told: unknown,
  { args = [], policies }: { args?: readonly string[]; policies?: unknown } = {},
) {
  await mkdir(join(folder, "bundle"), { recursive: true });
  const put = (name: string, value: unknown) =>
    writeFile(join(folder, "bundle", name), JSON.stringify(value));
  if (told !== undefined) await put("migration-report.json", told);
  if (policies !== undefined) await put("policy-bundle.json", policies);
  const shell = terminal({ cwd: folder, env: { DATABASE_URL: database.url } });
  const { exit, out, err } = await shell.run("verify", "--bundle", "bundle", ...args);
  const written = (name: string) => readFile(join(folder, name), "utf8");
  return { exit, out, err, written };
}

/** What the database is for one test. */
async function changed<T>(change: string, back: string, work: () => Promise<T>): Promise<T> {
  await client.query(change);
  try {
    return await work();
  } finally {
    await client.query(back);
  }
}

describe("V3 V4 V6 V7 a bundle held against the platform", () => {
  it("V7 V8 passes as the document shows it, and counts the run's rows though the table has more", async () => {
    const { exit, out, err, written } = await verified(report());
    expect(err).toBe("");
    const lines = out
      .replace(/Started: .*/u, "Started: NOW")
      .replace(/Duration: \d+ms/u, "Duration: Nms")
      .trimEnd()
      .split("\n");
    const rule = "=".repeat(60);
    expect(lines).toEqual([
      rule,
      "  Post-Migration Verification",
      "  Started: NOW",
      "  Bundle: bundle",
      rule,
      "",
      "[1/4] Loading migration bundle...",
      `  - Run ID: ${run}`,
      "  - Dry run: false",
      "  - Completed: 2026-01-15T14:28:00.000Z",
      "",
      "[2/4] Connecting to database...",
      "  - Members: 41",
      "  - Events: 3",
      "  - Registrations: 5",
      "",
      "[3/4] Running verification checks...",
      "  [PASS] Member Count: Member count matches: 40",
      "  [PASS] Event Count: Event count matches: 3",
      "  [PASS] Registration Count: Registration count matches: 5",
      "  [PASS] Tier Distribution: Tier distribution: ALUMNI: 20, NEWCOMER: 20",
      "  [PASS] Tier Coverage: Tier coverage: 100.0% (40/40)",
      "  [PASS] Orphaned Registrations: No orphaned registrations found",
      "  [PASS] Duplicate ID Mappings: No duplicate ID mappings found",
      `  [PASS] Run ID Match: Run ID matches: ${run}`,
      "",
      "[4/4] Generating verification report...",
      "  - Report written to: ./verification-report.md",
      "",
      rule,
      "  Verification PASSED",
      "  Checks: 8 passed, 0 failed, 0 warnings",
      "  Duration: Nms",
      rule,
    ]);
    expect(exit).toBe(0);
    const text = await written("verification-report.md");
    expect(text.match(/^#+ .*/gmu)).toEqual([
      "# Migration Verification Report",
      "## Summary",
      "## Count Comparison",
      "## Tier Distribution",
      "## Verification Checks",
    ]);
    expect(text).toContain("| members | 40 | 40 | 41 |");
  });

  it.each([
    [
      "Member Count",
      { members: { created: 40, updated: 2 } },
      "Member count mismatch: expected 42, got 40 (diff: 2)",
    ],
    [
      "Event Count",
      { events: { created: 2 } },
      "Event count mismatch: expected 2, got 3 (diff: 1)",
    ],
    [
      "Registration Count",
      { registrations: { created: 9 } },
      "Registration count mismatch: expected 9, got 5 (diff: 4)",
    ],
  ])("V6 %s fails", async (name, change, message) => {
    const { exit, out } = await verified({ ...report(), ...change });
    expect(out).toContain(`  [FAIL] ${name}: ${message}`);
    expect(out).toContain("  Verification FAILED\n  Checks: 7 passed, 1 failed, 0 warnings");
    expect(exit).toBe(1);
  });

  it("V6 Tier Distribution fails where nobody has a tier, and coverage warns", async () => {
    const { exit, out } = await changed(
      `create table tiers_before as select "id", "membershipTierId" from "Member"; update "Member" set "membershipTierId" = null`,
      `update "Member" m set "membershipTierId" = b."membershipTierId" from tiers_before b where b."id" = m."id"; drop table tiers_before`,
      () => verified(report()),
    );
    expect(out).toContain("  [FAIL] Tier Distribution: No members have tier assignments");
    expect(out).toContain(
      "  [WARN] Tier Coverage: Low tier coverage: 0.0% - 40 members without tier",
    );
    expect(exit).toBe(1);
  });

  it("D18 V6 all in one tier and low coverage warn, and fail with --strict", async () => {
    const oneTier = { ...report(), members: { created: 20 } };
    oneTier.idMapping.members = oneTier.idMapping.members.filter((_, at) => at % 2 === 0);
    const { exit, out } = await verified(oneTier);
    expect(out).toContain(
      "  [WARN] Tier Distribution: Warning: All members in tier 'ALUMNI' - verify mapping",
    );
    expect(out).toContain("  Verification PASSED\n  Checks: 7 passed, 0 failed, 1 warnings");
    expect(exit).toBe(0);
    const strict = await verified(oneTier, { args: ["--strict"] });
    expect(strict.out).toContain("  Verification FAILED");
    expect(strict.exit).toBe(1);
    const low = await changed(
      `update "Member" set "membershipTierId" = null where "email" in ('1@club.example', '2@club.example', '3@club.example', '5@club.example')`,
      `update "Member" set "membershipTierId" = '71710000-0000-4000-8000-000000000002' where "email" in ('1@club.example', '3@club.example', '5@club.example');
       update "Member" set "membershipTierId" = '71710000-0000-4000-8000-000000000001' where "email" = '2@club.example'`,
      () => verified(report()),
    );
    expect(low.out).toContain(
      "  [WARN] Tier Coverage: Low tier coverage: 90.0% - 4 members without tier",
    );
    expect(low.exit).toBe(0);
  });

  it("V6 V9 Orphaned Registrations fails, and says whom to tell", async () => {
    const { exit, out, written } = await changed(
      `alter table "EventRegistration" drop constraint "EventRegistration_memberId_fkey";
       insert into "EventRegistration" ("id", "eventId", "memberId", "registeredAt", "updatedAt")
         values ('c1c10000-0000-4000-8000-000000000099', 'e1e10000-0000-4000-8000-000000000001', 'a1a10000-0000-4000-8000-000000000099', now(), now())`,
      `delete from "EventRegistration" where "id" = 'c1c10000-0000-4000-8000-000000000099';
       alter table "EventRegistration" add foreign key ("memberId") references "Member" on delete cascade`,
      () => verified(report()),
    );
    expect(out).toContain(
      "  [FAIL] Orphaned Registrations: 1 registrations reference non-existent members or events",
    );
    expect(out).toContain("Contact: DBA + Merge captain. Priority: Critical.");
    expect(await written("verification-report.md")).toContain("## Escalation");
    expect(exit).toBe(1);
  });

  it("V6 Duplicate ID Mappings fails for a legacy id twice, a row of the platform twice, and in the ledger", async () => {
    const twice = report();
    const [first, second] = twice.idMapping.members;
    if (first && second) second.legacyId = first.legacyId;
    expect((await verified(twice)).out).toContain(
      "  [FAIL] Duplicate ID Mappings: 1 duplicate WA ID mappings detected",
    );
    const shared = report();
    const [one, other] = shared.idMapping.events;
    if (one && other) other.murmurantId = one.murmurantId;
    expect((await verified(shared)).out).toContain("1 duplicate WA ID mappings detected");
    const ledger = await changed(
      `insert into wavegate.legacy_import_commit_logs (run_id, staged_id, action, target_table, target_key)
         values ('${run}', 2, 'commit', 'Member', '{"id": "${ids.member(1)}"}')`,
      "delete from wavegate.legacy_import_commit_logs where staged_id = 2",
      () => verified(report()),
    );
    expect(ledger.out).toContain("1 duplicate WA ID mappings detected");
    expect(ledger.exit).toBe(1);
  });

  it("V6 a run again that wrote nothing passes by the members that there are, and of no member nothing is covered", async () => {
    const again = {
      runId: run,
      completedAt: null,
      members: { skipped: 40 },
      events: { skipped: 3 },
      registrations: { skipped: 5 },
      idMapping: { members: [], events: [], registrations: [] },
    };
    const { exit, out } = await verified(again);
    expect(out).toContain("  [PASS] Member Count: Member count matches: 0");
    expect(out).toContain(
      "  [PASS] Tier Distribution: Tier distribution: ALUMNI: 21, NEWCOMER: 20",
    );
    expect(out).toContain("  - Completed: not completed");
    expect(exit).toBe(0);
    const nobody = await changed(
      `create table kept_members as select * from "Member"; create table kept_rows as select * from "EventRegistration"; delete from "EventRegistration"; delete from "Member"`,
      `insert into "Member" select * from kept_members; insert into "EventRegistration" select * from kept_rows; drop table kept_members, kept_rows`,
      () => verified({ ...again, registrations: {} }),
    );
    expect(nobody.out).toContain("  [FAIL] Tier Distribution: No members have tier assignments");
    expect(nobody.out).toContain(
      "  [WARN] Tier Coverage: Low tier coverage: 0.0% - 0 members without tier",
    );
  });

  it("V3 an unknown format is markdown, and a template's policies are nobody's", async () => {
    const { exit, written } = await verified(report(), { args: ["-f", "pdf", "-o", "report.pdf"] });
    expect(exit).toBe(0);
    expect(await written("report.pdf")).toMatch(/^# Migration Verification Report/u);
  });

  it("V6 Run ID Match warns", async () => {
    const other = await verified({ ...report(), runId: "run-1" });
    expect(other.out).toContain(
      `  [WARN] Run ID Match: Run ID mismatch: bundle=run-1, database=${run}`,
    );
    expect(other.exit).toBe(0);
    const none = await changed(
      "update wavegate.legacy_import_commit_logs set rolled_back_at = now()",
      "update wavegate.legacy_import_commit_logs set rolled_back_at = null",
      () => verified(report()),
    );
    expect(none.out).toContain(`Run ID mismatch: bundle=${run}, database=none`);
  });

  it("V9 a count that is more than 5% away is told to somebody, and several failures too", async () => {
    const { out } = await verified({
      ...report(),
      members: { created: 90 },
      events: { created: 9 },
    });
    expect(out).toContain(
      "  Escalate: More than 5% of the rows are missing. Contact: Incident response. Priority: Critical.",
    );
    expect(out).toContain("2 checks failed: a rollback by run is to be decided");
  });

  it("V8 the report is JSON where that is asked for, short options included", async () => {
    const { exit, written } = await verified(report(), {
      args: ["-f", "json", "-o", "result.json", "-v"],
    });
    const result = JSON.parse(await written("result.json"));
    expect(result).toMatchObject({
      runId: run,
      bundlePath: "bundle",
      passed: true,
      summary: { total: 8, passed: 8, failed: 0, warnings: 0 },
      counts: { bundle: { members: 40 }, database: { members: 40 }, tables: { members: 41 } },
      tierDistribution: [
        { tierCode: "ALUMNI", tierName: "Alumni", count: 20, percentage: 50 },
        { tierCode: "NEWCOMER", tierName: "Newcomer", count: 20, percentage: 50 },
      ],
      policyVerification: [],
    });
    expect(exit).toBe(0);
  });

  it("V5 V8 policies are verified, those of a template left out", async () => {
    const given = policyBundle({
      "scheduling.timezone": "America/Los_Angeles",
      "display.organizationName": "The Bridge Club",
    });
    expect(given.policies).toHaveLength(23);
    expect(given.validation).toEqual({ valid: true, errors: [], warnings: [] });
    // Nobody's default is the name of an organization.
    expect(policyBundle({ "scheduling.timezone": "America/Los_Angeles" }).validation).toEqual({
      valid: false,
      errors: ["display.organizationName is required: set WILD_APRICOT_DB_ORGANIZATION."],
      warnings: [],
    });
    const right = await verified(report(), { policies: given });
    expect(right.exit).toBe(0);
    expect(await right.written("verification-report.md")).toContain("## Policy Verification");
    const policies = given.policies.map((policy) => {
      if (policy.key === "scheduling.timezone") return { ...policy, value: "PST" };
      if (policy.key === "governance.quorumPercentage") return { ...policy, value: 400 };
      return policy.key === "kpi.membershipDangerThreshold"
        ? { ...policy, value: -1, source: "template" }
        : policy;
    });
    const wrong = await verified(report(), { policies: { ...given, policies } });
    expect(wrong.out.match(/\[WARN\] Policy .*/gu)).toEqual([
      "[WARN] Policy governance.quorumPercentage: governance.quorumPercentage is 400, which is not between 0 and 100.",
      '[WARN] Policy scheduling.timezone: scheduling.timezone is "PST", which names no zone such as America/Los_Angeles.',
    ]);
    expect(wrong.exit).toBe(0);
  });
});

describe("V4 a verification that cannot be made ends with 2", () => {
  it.each([
    ["no bundle", undefined, "There is no migration-report.json"],
    ["a dry run's", { ...report(), dryRun: true }, "is of a dry run, which wrote nothing"],
    ["a report of another shape", { runId: 5 }, "is not what such a file is, at “runId”"],
  ])("V4 %s", async (_, told, says) => {
    const { exit, err } = await verified(told);
    expect(err).toContain(says);
    expect(err.trim()).not.toContain("\n");
    expect(exit).toBe(2);
  });

  it("V4 a database that is not there, or holds no such platform", async () => {
    const none = await verified(report(), {
      args: ["--database", "postgresql://nobody@127.0.0.1:1/none"],
    });
    expect([none.exit, none.err]).toEqual([2, expect.stringContaining("cannot be reached")]);
    const empty = await testDatabase({ template: "template1" });
    const other = await verified(report(), { args: ["--database", empty.url] });
    expect([other.exit, other.err]).toEqual([2, expect.stringContaining("42P01")]);
    await empty.drop();
  });

  it("W12 W14 a bundle that somebody made up steers neither terminal nor report", async () => {
    const steering = "\u001b]0;owned\u0007\u001b[2J\u009b31m\u202e x";
    const policies = {
      policies: [{ key: `a${steering}`, value: steering, source: `manual${steering}` }],
    };
    const forged = { ...report(), runId: `r${steering}`, completedAt: steering };
    const { exit, out, err, written } = await verified(forged, { policies, args: ["--verbose"] });
    expect(exit).toBe(0);
    const file = await written("verification-report.md");
    expect(out).toContain("Run ID: r\ufffd");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for.
    expect(out + err + file).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/u);
  });

  it("V4 says by name what it cannot: a platform of another kind, a bundle of another migration", async () => {
    await verified(report());
    const frame = {
      io: { ...processIo(), cwd: folder, env: {} },
      output: "text" as const,
      say: () => {},
    };
    const options = { bundle: "bundle", output: "report.md", format: "markdown" };
    const empty = await testDatabase({ template: "template1" });
    await expect(verifyBundleOf(frame, { ...options, database: empty.url })).rejects.toMatchObject({
      name: "PlatformUnfit",
    });
    await empty.drop();
    await writeFile(join(folder, "bundle/manifest.json"), JSON.stringify({ migration: "ecoin" }));
    await expect(verifyBundleOf(frame, options)).rejects.toMatchObject({
      name: "NothingToVerifyBy",
    });
  });

  it("V3 --bundle together with --run is usage, and audit verify --bundle is the same command", async () => {
    const both = await verified(report(), { args: ["--run", "x"] });
    expect([both.exit, both.err]).toEqual([2, expect.stringContaining("give one of them")]);
    const shell = terminal({ cwd: folder, env: { DATABASE_URL: database.url } });
    expect((await shell.run("audit", "verify", "-b", "bundle")).exit).toBe(0);
    const help = await shell.run("verify", "--bundle", "bundle", "-h");
    expect([help.exit, help.out]).toEqual([0, expect.stringContaining("./verification-report.md")]);
  });
});
