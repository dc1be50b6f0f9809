import { policyFault } from "../policies.ts";
import { type BundlePolicies, readBundle } from "./bundle.ts";
import { checksOf, expectedOf } from "./checks.ts";
import { type Ask, findOnPlatform } from "./database.ts";
import { escalationsOf } from "./escalation.ts";
import { iconOf, markdownOf, type PolicyCheck, type Result } from "./report.ts";

export interface Verification {
  /** The folder, as it was named. */
  readonly bundle: string;
  /** Where it lies. */
  readonly folder: string;
  readonly format: string;
  readonly output: string;
  readonly verbose: boolean;
  /** Warnings fail as well (D18). */
  readonly strict: boolean;
  readonly now: () => Date;
  readonly say: (line: string) => void;
  /** Opens the platform's database, and closes it behind the work. */
  readonly asking: <T>(work: (ask: Ask) => Promise<T>) => Promise<T>;
  readonly write: (text: string) => Promise<void>;
}

const rule = "=".repeat(60);

/** A verification that was asked for where it says nothing: one sentence. */
export class NothingToVerify extends Error {
  override readonly name = "NothingToVerify";
}

/** Holds a bundle against the platform, tells what it finds, and writes the report: what it ends with. */
export async function verifyMigration(of: Verification): Promise<Result> {
  const began = of.now();
  const { say } = of;
  for (const line of [
    rule,
    "  Post-Migration Verification",
    `  Started: ${began.toISOString()}`,
    `  Bundle: ${of.bundle}`,
    rule,
    "",
    "[1/4] Loading migration bundle...",
  ])
    say(line);
  const { report, policies } = await readBundle(of.folder);
  if (report.dryRun)
    throw new NothingToVerify(
      `The bundle in ${of.folder} is of a dry run, which wrote nothing; nothing was verified. Verify the bundle of a run that wrote.`,
    );
  say(`  - Run ID: ${report.runId}`);
  say(`  - Dry run: ${report.dryRun}`);
  say(`  - Completed: ${report.completedAt ?? "not completed"}`);
  say("");
  say("[2/4] Connecting to database...");
  const found = await of.asking((ask) => findOnPlatform(ask, report));
  say(`  - Members: ${found.table.members}`);
  say(`  - Events: ${found.table.events}`);
  say(`  - Registrations: ${found.table.registrations}`);
  if (of.verbose)
    say(
      `  - Of this run: ${found.run.members} members, ${found.run.events} events, ${found.run.registrations} registrations`,
    );
  say("");
  say("[3/4] Running verification checks...");
  const checks = checksOf(report, found);
  for (const check of checks) {
    say(`  ${iconOf(check)} ${check.name}: ${check.message}`);
    if (of.verbose && !check.passed)
      say(`         expected ${check.expected}, got ${check.actual}`);
  }
  const policyVerification = policyChecks(policies);
  for (const { key, passed, message } of policyVerification)
    if (of.verbose || !passed) say(`  ${passed ? "[PASS]" : "[WARN]"} Policy ${key}: ${message}`);
  say("");
  say("[4/4] Generating verification report...");
  const failed = checks.filter(({ passed, severity }) => !passed && severity === "error").length;
  const warnings =
    checks.filter(({ passed, severity }) => !passed && severity === "warning").length +
    policyVerification.filter(({ passed }) => !passed).length;
  const members = found.tiers.reduce((sum, { count }) => sum + count, 0);
  const ended = of.now();
  const result: Result = {
    runId: report.runId,
    bundlePath: of.bundle,
    verifiedAt: ended.toISOString(),
    durationMs: ended.getTime() - began.getTime(),
    passed: failed === 0 && (!of.strict || warnings === 0),
    checks,
    summary: {
      total: checks.length,
      passed: checks.filter(({ passed }) => passed).length,
      failed,
      warnings,
    },
    counts: {
      bundle: {
        members: expectedOf(report, "members"),
        events: expectedOf(report, "events"),
        registrations: expectedOf(report, "registrations"),
      },
      database: found.run,
      tables: found.table,
    },
    tierDistribution: found.tiers.map((tier) => ({
      ...tier,
      percentage: members === 0 ? 0 : (tier.count / members) * 100,
    })),
    policyVerification,
    escalation: escalationsOf(checks),
  };
  await of.write(
    of.format === "json" ? `${JSON.stringify(result, null, 2)}\n` : markdownOf(result),
  );
  say(`  - Report written to: ${of.output}`);
  for (const line of ["", rule, `  Verification ${result.passed ? "PASSED" : "FAILED"}`]) say(line);
  say(
    `  Checks: ${result.summary.passed} passed, ${result.summary.failed} failed, ${result.summary.warnings} warnings`,
  );
  say(`  Duration: ${result.durationMs}ms`);
  for (const { issue, contact, priority } of result.escalation)
    say(`  Escalate: ${issue}. Contact: ${contact}. Priority: ${priority}.`);
  say(rule);
  return result;
}

/** Each policy of the bundle but those of a template, which nobody has filled in. */
const policyChecks = (bundle: BundlePolicies | undefined): PolicyCheck[] =>
  (bundle?.policies ?? [])
    .filter(({ source }) => source !== "template")
    .map(({ key, value }) => {
      const fault = policyFault(key, value);
      return { key, passed: fault === undefined, message: fault ?? "as it should be" };
    });
