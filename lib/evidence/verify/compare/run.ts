import { OWN_COUNTS } from "../../../data/run-counts.ts";
import { definitionDigest } from "../../../data/runs.ts";
import { recordDigest } from "../../record-digest.ts";
import { digestOfParts, pinnedDigest, signedDigest } from "../../review-digest.ts";
import { Findings, moment } from "../say.ts";
import { type Evidence, entriesOf } from "./evidence.ts";

/** What a run counts of itself once its preflight is over. */
const COUNTED_LATER: readonly string[] = OWN_COUNTS.filter((each) => each !== "source_rows");

const MANIFEST = "the manifest";
const SUMMARY = "summary.json";
const REPORT = "migration-report.json";

/** What the run is pinned to (W5), in every place that says so. */
export function pinned(evidence: Evidence): string[] {
  const { manifest, facts, lists } = evidence;
  const { pinned_to: run, exported_at } = facts.summary;
  const { head } = lists.report;
  const found = new Findings();
  found.same("the run", manifest.run, MANIFEST, run.run, SUMMARY);
  found.same("the run", head.runId, REPORT, run.run, SUMMARY);
  found.same("the reference", manifest.reference, MANIFEST, run.reference, SUMMARY);
  found.same("the migration", manifest.migration, MANIFEST, run.migration, SUMMARY);
  found.same("the migration", facts.definition.name, "definition.json", run.migration, SUMMARY);
  found.same("the rules", manifest.definition_digest, MANIFEST, run.definition_digest, SUMMARY);
  found.same("the rules", head.config.version, REPORT, run.definition_digest, SUMMARY);
  found.same("the connection", head.config.source, REPORT, run.connection, SUMMARY);
  found.unless(head.config.target === "platform", "the report is about another target");
  found.same("the moment of export", manifest.exported_at, MANIFEST, exported_at, SUMMARY);
  found.same("the moment of export", head.completedAt, REPORT, exported_at, SUMMARY);
  found.unless(
    moment(head.startedAt) === moment(run.started_at),
    "the start is another moment in summary.json than in migration-report.json",
  );
  const took = moment(head.completedAt) - moment(head.startedAt);
  found.unless(head.summary.duration_ms === took, "the report's duration is not what it took");
  found.unless(
    facts.log.every((entry) => entry.run_id === run.run),
    "the log is another run's",
  );
  const day = run.started_at.slice(0, 10).replaceAll("-", "");
  found.unless(
    // As much of the run's id as no other run of that day has.
    [4, 8, 36].some(
      (length) => run.reference === `${run.migration}-${day}-${run.run.slice(0, length)}`,
    ),
    "the reference is not the one of migration, day and run",
  );
  return [...found.all, ...preflight(evidence), ...digests(evidence)];
}

function preflight(evidence: Evidence): string[] {
  const { summary } = evidence.facts;
  const found = new Findings();
  const entry = entriesOf(evidence, "preflight").at(-1);
  if (entry === undefined) {
    const begun = evidence.facts.log.length > 0 && summary.status !== "halted";
    return begun || summary.preflight.passed ? ["the log has no entry “preflight”"] : [];
  }
  const { passed, checks = [] } = summary.preflight;
  const { backup } = summary.acknowledgements;
  const failed = checks.filter((each) => !each.passed).map(({ id }) => id);
  const run = summary.pinned_to;
  found.same("the preflight's outcome", entry.details.passed, "the log", passed, SUMMARY);
  found.same("what failed in preflight", entry.details.failed, "the log", failed, SUMMARY);
  found.same("the backup", entry.details.backup, "the log", backup ?? null, SUMMARY);
  found.same("the rules", entry.digest, "the log", run.definition_digest, SUMMARY);
  found.same(
    "what was said of the run",
    settingsTold(entry.details.settings),
    "the log",
    settingsTold(run.settings),
    SUMMARY,
  );
  found.unless(passed === (failed.length === 0), "preflight passed with checks that failed");
  found.same("who started the run", entry.actor, "the log", run.started_by, SUMMARY);
  const { preflight, acknowledgements } = summary;
  // What is counted after the preflight is compared with the rows.
  const counts = Object.fromEntries(
    Object.entries(summary.counts).filter(([of]) => !COUNTED_LATER.includes(of)),
  );
  found.unless(
    entry.details.record ===
      recordDigest({ source: run.source, counts, preflight, acknowledgements }),
    "source, checks or acknowledgements are not those of the log",
  );
  // Before they had a word of their own, executions were told of by this one, with what they do.
  for (const { actor } of entriesOf(evidence, "started").filter(
    (each) => !("what" in each.details),
  )) {
    found.same("who started the run", actor, "the log", run.started_by, SUMMARY);
  }
  const passes = entriesOf(evidence, "preflight").filter(({ details }) => details.passed === true);
  found.unless(passes.length <= 1, "preflight passed twice in the log");
  return found.all;
}

/** Digests are over what they say: rules, what the run is pinned to, the parts that were reviewed. */
function digests({ facts }: Evidence): string[] {
  const { definition, signOffs } = facts;
  const { pinned_to: run, dry_runs } = facts.summary;
  const found = new Findings();
  const rules = definitionDigest(definition);
  const { connection, ...rest } = run;
  const pin = pinnedDigest({ ...rest, connection_name: connection });
  const about = [
    ...dry_runs.map((each) => ({ what: "a dry run", ...each, own: digestOfParts(each.parts) })),
    ...signOffs.map((each) => ({
      what: `sign-off ${each.id}`,
      ...each,
      own: signedDigest(each.parts, each.parts.export),
    })),
  ];
  for (const { what, parts, digest, own } of about) {
    found.unless(parts.definition === rules, `${what} is about other rules than the bundle's`);
    found.unless(
      parts.run === pin,
      `${what} is about another source, focus, plan, seed or starter`,
    );
    found.unless(digest === own, `the digest of ${what} is not the one of its parts`);
  }
  for (const { id, parts } of signOffs) {
    const seen = dry_runs.some((each) => each.digest === digestOfParts(parts));
    found.unless(seen, `sign-off ${id} is about a dry run that is not in the bundle`);
  }
  return found.all;
}

/** Settings as texts, in whichever order they are kept; the first bundles with any have them as an object in the log, too. */
const settingsTold = (settings: unknown): unknown[] =>
  Array.isArray(settings)
    ? settings.toSorted()
    : Object.entries(settings ?? {})
        .map(([name, value]) => `${name}=${value}`)
        .toSorted();
