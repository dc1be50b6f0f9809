import { lstat, readFile } from "node:fs/promises";
import { join } from "node:path";
import { definitionDigest } from "../data/runs.ts";
import { several } from "../services/words.ts";
import { MANIFEST, type Manifest, manifestBytes, parseManifest } from "./manifest.ts";
import { type Anchoring, anchorOf, type Known } from "./verify/anchor.ts";
import * as balances from "./verify/compare/balance.ts";
import { saysMoments } from "./verify/compare/clock.ts";
import { documents } from "./verify/compare/documents.ts";
import { dryRuns } from "./verify/compare/dry-run.ts";
import { erasure, saysErasure } from "./verify/compare/erasure.ts";
import type { Evidence } from "./verify/compare/evidence.ts";
import { auditLog, securityLog } from "./verify/compare/log.ts";
import { mappings, reviewed } from "./verify/compare/mappings.ts";
import { outcome } from "./verify/compare/outcome.ts";
import { questions } from "./verify/compare/questions.ts";
import { shownForReview } from "./verify/compare/review.ts";
import { pinned } from "./verify/compare/run.ts";
import { samples } from "./verify/compare/samples.ts";
import { signOffs } from "./verify/compare/sign-offs.ts";
import { verifications } from "./verify/compare/verifications.ts";
import { waves } from "./verify/compare/waves.ts";
import { ALWAYS, type Facts, OF_A_REVIEW, readFacts, readReviewFacts } from "./verify/facts.ts";
import { filesThatDiffer } from "./verify/files.ts";
import { type Read, readLists, readReviewLists } from "./verify/lists.ts";
import type { ReviewedColumns, RowFacts } from "./verify/rows.ts";
import {
  type BundleCheck,
  type BundleVerdict,
  check,
  failed,
  passed,
  verdict,
} from "./verify/verdict.ts";

export type { Anchor, BundleCheck, BundleVerdict, SignedBy } from "./verify/verdict.ts";

/**
 * Verifies a bundle in a folder, without any database or network: its files against the manifest,
 * the audit chain, and everything that stands in two places against each other.
 *
 * Someone who can rewrite every file can rewrite the manifest with it, and the chain as well, and
 * tell one story in all of them. Only what was kept somewhere else (the e-mail, the audit log of the
 * next bundle) proves that this did not happen: give it as `known`.
 */
export const verifyBundle = (directory: string, known: Known = {}): Promise<BundleVerdict> =>
  verified(directory, known, false);

/**
 * What does not hold of a bundle: it contradicts itself; what was given is not of it; or it would hold, and nothing that
 * was given proves it, as of a log that goes back where the machine's clock was set back.
 */
export type Failing = "itself" | "what was given" | "unproven";

/** Why a bundle that was verified does not hold. */
export async function failingOf(directory: string, known: Known): Promise<Failing> {
  const { checks } = await verified(directory, known, true);
  const wrong = checks.filter(({ passed }) => !passed);
  if (wrong.some(({ name }) => name !== "anchor" && name !== "signature")) return "itself";
  return wrong.length > 0 ? "what was given" : "unproven";
}

/** @param announced whether its log is taken for the one that was announced, whatever is known */
async function verified(
  directory: string,
  known: Known,
  announced: boolean,
): Promise<BundleVerdict> {
  const bytes = await manifestIn(directory);
  if (!bytes) return verdict([failed("manifest", `There is no ${MANIFEST} in the folder.`)]);
  const anchor = await anchorOf(directory, bytes, known);
  const trustedTo = announced ? Number.POSITIVE_INFINITY : anchor.trustedTo;
  const parsed = parseManifest(bytes);
  if ("because" in parsed) return ended(anchor, [failed("manifest", parsed.because)]);
  const { manifest } = parsed;
  if (!manifestBytes(manifest).equals(bytes))
    return ended(anchor, [failed("manifest", `${MANIFEST} is not as wavegate writes it.`)]);
  const { files, kind, reference } = manifest;
  const first = passed(
    "manifest",
    `A bundle of kind ${kind} of ${reference}: ${several(files.length, "file")}.`,
  );
  const wrong = [...(await filesThatDiffer(directory, manifest)), ...lacking(manifest)];
  const whole = check("files", wrong, "Every file is there, unchanged, and no other.");
  // What is in files that are not the ones written says nothing.
  if (wrong.length > 0) return ended(anchor, [first, whole]);
  const read = kind === "audit" ? auditBundle : reviewBundle;
  return ended(anchor, [first, whole, ...(await read(directory, manifest, trustedTo))]);
}

/** A manifest has some lines for each file. */
const largestManifest = 1024 * 1024;

/** Its bytes, unless it is something that never ends, or a link to what is no part of the bundle. */
async function manifestIn(directory: string): Promise<Buffer | undefined> {
  const path = join(directory, MANIFEST);
  const found = await lstat(path).catch(() => undefined);
  return found?.isFile() && found.size <= largestManifest ? readFile(path) : undefined;
}

/** What anchors a bundle comes first in a verdict. */
function ended(
  { anchor, signedBy, said }: Anchoring,
  checks: readonly BundleCheck[],
): BundleVerdict {
  return verdict([...said, ...checks], anchor, signedBy);
}

/** Files that a bundle of this kind always has, or never: neither kind passes for the other. */
function lacking({ kind, files, audit_log, exported_at, dry_run_digest }: Manifest): string[] {
  const named = (name: string) => files.some((file) => file.name === name);
  const of = { audit: ALWAYS, review: OF_A_REVIEW }[kind];
  const missing = of.filter((name) => !named(name)).map((name) => `${name} is not in the manifest`);
  if (kind === "audit") return missing;
  const strange = files
    .filter(({ name }) => !OF_A_REVIEW.includes(name) && !name.startsWith("mappings-"))
    .map(({ name }) => `${name} is in no review export`);
  const audit = audit_log !== undefined || exported_at !== undefined;
  const says = audit || !dry_run_digest ? ["the manifest is not that of a review export"] : [];
  return [...missing, ...strange, ...says];
}

/** What a report counts by; names of columns and actions have no dot of their own. */
function reviewedColumns(read: Awaited<ReturnType<typeof readReviewFacts>>): ReviewedColumns {
  if ("because" in read) return { columns: [], several: false };
  const { distributions, creates, updates = {} } = read.facts.dry_run.report;
  const columns = distributions.map(({ id }) => id);
  const named = [...columns, ...Object.keys(creates), ...Object.keys(updates)];
  const several = named.some((name) => name.includes("."));
  return { columns, several, said: read.facts.dry_run.report };
}

async function reviewBundle(directory: string, manifest: Manifest): Promise<BundleCheck[]> {
  const read = await readReviewFacts(directory);
  const lists = await readReviewLists(directory, manifest, reviewedColumns(read));
  const checks = [...listed(manifest, lists, []), masked(lists.rows)];
  if ("because" in read) return [...checks, failed("dry run", `${read.because}.`)];
  const found = shownForReview(manifest, read.facts, lists.rows);
  return [...checks, check("dry run", found, "What was shown is what the rows are.")];
}

/** What is compared with what, by the name of the check, and what is true when nothing contradicts. */
type Room = readonly [
  string,
  (evidence: Evidence) => string[],
  string | ((evidence: Evidence) => string),
];

const rooms: readonly Room[] = [
  ["audit log", auditLog, saysMoments],
  [
    "security log",
    securityLog,
    "No entry was removed or changed, and nobody did what they might not then.",
  ],
  ["run", pinned, "Every file is about the same run and rules."],
  ["balance", balances.balance, "Every staged row is accounted for."],
  ["dry runs", dryRuns, "What was shown is what the rows are."],
  ["review", reviewed, "The rows and mappings are the ones that were reviewed."],
  ["mappings", mappings, "The log knows who decided about every mapping."],
  ["samples", samples, "The samples were drawn by the seed, and judged as the log says."],
  ["questions", questions, "What was asked about rows was closed before anything was approved."],
  ["sign-offs", signOffs, "Who decided what, when and on which digest is the same everywhere."],
  ["waves", waves, "Every wave was approved, by others than the one who started the run."],
  ["commit log", balances.commitLog, "The commit log and the rows tell the same."],
  ["verifications", verifications, "Every wave was verified, and found what it says."],
  ["outcome", outcome, "Drill, go/no-go list and status are what they rest on."],
  ["report", balances.migrationReport, "The common report tells of the same rows."],
  ["documents", documents, "Policies and configuration are those of the rules and the run."],
  ["erasure", erasure, saysErasure],
];

async function auditBundle(
  directory: string,
  manifest: Manifest,
  trustedTo: number,
): Promise<BundleCheck[]> {
  const names = manifest.files.map(({ name }) => name);
  const { facts, unreadable } = await readFacts(directory, names);
  const rules = facts && definition(manifest, facts);
  const lists = await readLists(directory, manifest, rules?.passed ? facts : undefined);
  const checks = [listed(manifest, lists, unreadable), [masked(lists.rows)]].flat();
  // Half of a bundle compared with the other half would say less than that it cannot be read.
  if (facts === undefined || rules === undefined) return checks;
  // Everything else is looked at by the rules of the run.
  if (!rules.passed) return [...checks, rules];
  const { report } = lists;
  if (lists.unreadable.length > 0 || report === undefined) return checks;
  const evidence = { manifest, facts, lists: { ...lists, report }, trustedTo };
  return [...checks, rules, ...rooms.map((room) => looked(room, evidence))];
}

function definition(manifest: Manifest, facts: Facts): BundleCheck {
  const found = definitionDigest(facts.definition);
  const wrong =
    found === manifest.definition_digest ? [] : [`The rules in the bundle are ${found}`];
  return check("definition", wrong, "The rules are the ones the run was pinned to.");
}

/** A check that meets something of a shape it cannot have has failed; it does not end the others. */
function looked([name, look, right]: Room, evidence: Evidence): BundleCheck {
  try {
    return check(name, look(evidence), typeof right === "string" ? right : right(evidence));
  } catch {
    return failed(name, "It could not be looked at: something is not as wavegate writes it.");
  }
}

function listed(
  manifest: Manifest,
  { records, unreadable }: Read,
  others: readonly string[],
): BundleCheck[] {
  const wrong = manifest.files
    .filter(({ name, rows }) => rows !== null && name in records && records[name] !== rows)
    .map(({ name, rows }) => `${name} holds ${records[name]} records instead of ${rows}`);
  const all = [...new Set([...unreadable, ...others, ...wrong])];
  return [check("records", all, "Every list holds as many records as it should.")];
}

function masked({ unmasked }: RowFacts): BundleCheck {
  const wrong =
    unmasked === 0
      ? []
      : [`${several(unmasked, "row shows", "rows show")} a name, phone, e-mail or birth date`];
  return check("masking", wrong, "No name, phone, e-mail or birth date is shown.");
}
