import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { processIo } from "../../../lib/cli/io.ts";
import { verifyBundleOf } from "../../../lib/cli/verbs/verify-bundle.ts";
import { pullBundle } from "../../../lib/evidence/pull.ts";
import { auditExport } from "../../../lib/stages/export-audit.ts";
import { finalVerify } from "../../../lib/stages/final-verify.ts";
import { writeExports } from "../../../scripts/club/exports.ts";
import { clubOf, small, truth } from "../../../scripts/club/generate.ts";
import { rowsOf, standing, takenBack } from "../../lifecycle/whole-life.ts";
import { type TestServices, testServices } from "../../support/services.ts";
import { reviewedRun, toTheEnd } from "../../support/steps.ts";
import { clubWorld, kindsOf } from "./club.ts";

const run = "7f3a0000-0000-4000-8000-00000000a001";
const account = clubOf(small);
const tables = [
  '"MembershipStatus"',
  '"MembershipTier"',
  '"Member"',
  '"Event"',
  '"EventRegistration"',
];

let folder: string;
let test: TestServices;
let before: Awaited<ReturnType<typeof rowsOf>>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "wavegate-club-"));
  await writeExports(account, folder);
  test = await testServices({ world: await clubWorld(folder) });
  test.legacy.WILD_APRICOT_DB_ORGANIZATION = "The Bridge Club";
  before = await rowsOf(test, tables);
  await reviewedRun(test, run, { wavePlan: [25, 125, 625] });
  await toTheEnd(test, run);
});
afterAll(async () => {
  await test?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Rows of a kind of things that came out otherwise than the table by hand says. */
async function otherwise(entity: string): Promise<string[]> {
  const kinds = kindsOf(account);
  const rows = await standing(test, `"wild_apricot_${entity}"`, run);
  return rows.flatMap(({ no, state, why }) => {
    const kind = kinds.get(`${entity} ${no}`);
    const line = truth.find((each) => each.entity === entity && each.kind === kind);
    return line?.state === state && line.reason === (why ?? "")
      ? []
      : [`${no} ${kind}: ${state} ${why}`];
  });
}

describe("a club, from its exports", () => {
  it.each(["member", "event", "registration"])(
    "V11 of each kind of dirt in %s becomes what the table says",
    async (entity) => {
      expect(await otherwise(entity)).toEqual([]);
    },
  );

  it("V11 who is in a bundle has the tier of the coordinator, and everybody what was read of them", async () => {
    expect(
      await test.query(
        `select t."code" as tier, m."waMembershipLevelRaw" as level, m."waRawData" ->> 'Member role' as role, count(*)::int as n
           from "Member" m join "MembershipTier" t on t."id" = m."membershipTierId"
          where m."waRawData" ->> 'Member bundle ID or email' <> '' group by 1, 2, 3`,
      ),
    ).toEqual([{ tier: "SECOND_YEAR", level: "2nd Year", role: "Bundle member", n: 8 }]);
  });

  it("V10 D23 whom the platform has is brought up to date, once, and keeps what is the platform's own", async () => {
    const [there] = await test.query(
      `select m."firstName" || ' ' || m."lastName" <> 'Zoe Before' as renamed, m."phone" ~ '^1805555[0-9]{4}$' as phoned,
              m."joinedAt"::date::text as joined, t."code" as tier, m."waMembershipLevelRaw" as level
         from "Member" m join "MembershipTier" t on t."id" = m."membershipTierId"
        where lower(m."email") = 'on.platform.0@club.example'`,
    );
    expect(there).toEqual({
      renamed: true,
      phoned: true,
      joined: "2020-01-02",
      tier: "FIRST_YEAR",
      level: "1st Year",
    });
    expect(
      await test.query(
        `select (select count(*)::int from "Member" where lower("email") like 'on.platform.%') as members,
                (select count(*)::int from "Event" where lower("title") = 'spring fair') as fairs`,
      ),
    ).toEqual([{ members: 6, fairs: 1 }]);
  });

  it("V5 V11 V6 its bundle has policies and configuration, and holds against the platform", async () => {
    const { prefix } = await auditExport(test.services, run);
    const bundle = join(folder, "bundle");
    await pullBundle(test.services.evidence, prefix, bundle);
    const policies = JSON.parse(await readFile(join(bundle, "policy-bundle.json"), "utf8"));
    expect(policies).toMatchObject({ version: "1.0", validation: { valid: true, errors: [] } });
    expect(policies.policies).toHaveLength(23);
    expect(policies).toMatchObject({ organizationName: "The Bridge Club" });
    expect(
      policies.policies.find(({ key }: { key: string }) => key === "display.organizationName"),
    ).toMatchObject({ value: "The Bridge Club", source: "manual", required: true });
    expect(JSON.parse(await readFile(join(bundle, "migration-config.json"), "utf8"))).toMatchObject(
      {
        source_timezone: "America/Los_Angeles",
        unknown: "held",
      },
    );
    const said: string[] = [];
    const io = { ...processIo(), cwd: folder, env: { DATABASE_URL: test.url } };
    const answer = await verifyBundleOf(
      { io, output: "text", say: (line) => said.push(line) },
      { bundle: "bundle", output: "report.md", format: "markdown" },
    );
    // Who is no member has no tier.
    expect(said.filter((line) => /\[(?:FAIL|WARN)\]/u.test(line))).toEqual([
      "  [WARN] Tier Coverage: Low tier coverage: 94.9% - 12 members without tier",
    ]);
    expect(said.filter((line) => line.includes("[PASS]"))).toHaveLength(7);
    expect(answer.exit).toBe(0);
    // One whose report was changed so that the platform agrees with it contradicts its manifest (W12).
    const report = join(bundle, "migration-report.json");
    const told = JSON.parse(await readFile(report, "utf8"));
    told.members.created -= 1;
    told.idMapping.members.pop();
    await writeFile(report, JSON.stringify(told));
    const forged = verifyBundleOf(
      { io, output: "text", say: () => {} },
      { bundle: "bundle", output: "report.md", format: "markdown" },
    );
    await expect(forged).rejects.toMatchObject({
      name: "BundleUnreadable",
      message: expect.stringContaining("contradicts itself (files: "),
    });
    await rm(bundle, { recursive: true });
  });

  it("V1 the order is: a backup, a dry run, its review, then waves, which are verified", async () => {
    const log = await test.query<{ action: string; backup: string | null }>(
      `select action, details ->> 'backup' as backup from wavegate.audit_log where run_id = $1 order by seq`,
      [run],
    );
    const told = log.map(({ action }) => action);
    const first = ["preflight", "dry-run", "export-review", "commit"].map((action) =>
      told.indexOf(action),
    );
    expect(first).toEqual([...first].sort((one, other) => one - other));
    expect(first).not.toContain(-1);
    expect(log[first[0] as number]?.backup).not.toBe(null);
    const times = (action: string) => told.filter((each) => each === action).length;
    expect(times("verify")).toBeGreaterThanOrEqual(times("commit"));
    expect(told.indexOf("verify")).toBeGreaterThan(told.indexOf("commit"));
  });

  it("V11 R17 the run is verified, and taken back to the letter", async () => {
    const { checks } = await finalVerify(test.services, run);
    expect(checks.filter(({ passed }) => !passed)).toEqual([]);
    expect(await takenBack(test, run)).toEqual([]);
    expect(await rowsOf(test, tables)).toEqual(before);
  });
});
