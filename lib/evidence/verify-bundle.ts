import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { definitionDigest } from "../data/runs.ts";
import type { Migration } from "../define/definition.ts";
import { several } from "../services/words.ts";
import { type AuditEntry, verifyChain } from "./audit-chain.ts";
import { type Balance, balances, IMPORT_STATES } from "./balance.ts";
import { type Contents, readContents, type Tally } from "./bundle-contents.ts";
import { filesThatDiffer, jsonFile, jsonLines, UnreadableFile } from "./bundle-files.ts";
import { MANIFEST, type Manifest, parseManifest, sha256 } from "./manifest.ts";
import { SECURITY_LOG, securityLogDiffers } from "./security-log.ts";

/** One thing that was looked at. The message says what was found, without personal data. */
export interface BundleCheck {
  readonly name: string;
  readonly passed: boolean;
  readonly message: string;
}

export interface BundleVerdict {
  readonly ok: boolean;
  readonly checks: readonly BundleCheck[];
}

/**
 * Verifies a bundle in a folder, without any database or network: its files against the manifest,
 * the audit chain, and whether its numbers agree with each other.
 *
 * Someone who can rewrite every file can rewrite the manifest with it, and the chain as well. Only
 * a digest that was kept somewhere else (the sign-off, the e-mail, the audit log of the next
 * bundle) proves that this did not happen: give it as `expectedManifestDigest`.
 */
export async function verifyBundle(
  directory: string,
  expectedManifestDigest?: string,
): Promise<BundleVerdict> {
  const bytes = await readFile(join(directory, MANIFEST)).catch(() => undefined);
  if (!bytes) return verdict([failed("manifest", `There is no ${MANIFEST} in the folder.`)]);
  const checks: BundleCheck[] = [];
  if (expectedManifestDigest !== undefined) {
    checks.push(manifestIs(sha256(bytes), expectedManifestDigest.trim().toLowerCase()));
  }
  const parsed = parseManifest(bytes);
  if ("because" in parsed) return verdict([...checks, failed("manifest", parsed.because)]);
  const { manifest } = parsed;
  const { files, kind, reference } = manifest;
  checks.push(
    passed(
      "manifest",
      `A bundle of kind ${kind} of ${reference}: ${several(files.length, "file")}.`,
    ),
  );

  const wrong = await filesThatDiffer(directory, manifest);
  checks.push(check("files", wrong, "Every file is there, unchanged, and no other."));
  // What is in files that are not the ones written says nothing.
  if (wrong.length > 0) return verdict(checks);

  const contents = await readContents(directory, manifest);
  checks.push(rowsCounted(manifest, contents), masked(contents));
  if (manifest.kind === "audit") {
    checks.push(
      auditChain(manifest, contents),
      await guarded("security log", () => aroundRuns(directory, manifest)),
      await guarded("definition", () => definition(directory, manifest)),
      await guarded("balance", () => balance(directory, contents)),
      commitLog(contents),
      await guarded("sign-offs", () => signOffs(directory)),
    );
  }
  return verdict(checks);
}

function manifestIs(found: string, expected: string): BundleCheck {
  return found === expected
    ? passed("expected manifest", `The manifest is ${expected}.`)
    : failed("expected manifest", `The manifest is ${found}, and ${expected} was expected.`);
}

function rowsCounted(manifest: Manifest, { records, unreadable }: Contents): BundleCheck {
  const wrong = manifest.files
    .filter(({ name, rows }) => rows !== null && name in records && records[name] !== rows)
    .map(({ name, rows }) => `${name} holds ${records[name]} records instead of ${rows}`);
  return check(
    "records",
    [...unreadable, ...wrong],
    "Every list holds as many records as it should.",
  );
}

function masked({ unmasked }: Contents): BundleCheck {
  const wrong =
    unmasked === 0
      ? []
      : [`${several(unmasked, "row shows", "rows show")} a name, phone, e-mail or birth date`];
  return check("masking", wrong, "No name, phone, e-mail or birth date is shown.");
}

function auditChain(manifest: Manifest, { auditLog }: Contents): BundleCheck {
  const name = "audit log";
  if (!manifest.audit_log) return failed(name, "The manifest does not say what the audit log was.");
  const chain = verifyChain(auditLog);
  if (!chain.ok) return failed(name, chain.because);
  const { entries, head } = manifest.audit_log;
  if (chain.entries !== entries || chain.head !== head) {
    return failed(
      name,
      `The log has ${chain.entries} entries ending in ${chain.head}; it had ${entries} ending in ${head}.`,
    );
  }
  const foreign = auditLog[0] !== undefined && auditLog[0].run_id !== manifest.run;
  return foreign
    ? failed(name, "The log is another run's.")
    : passed(
        name,
        `${several(entries, "entry", "entries")}, none removed, changed, moved or inserted.`,
      );
}

/** Permissions given and taken, wrong passwords, refusals: a chain of its own (W8). */
async function aroundRuns(directory: string, manifest: Manifest): Promise<BundleCheck> {
  const listed = manifest.files.some(({ name }) => name === SECURITY_LOG);
  if (!listed) return failed("security log", `${SECURITY_LOG} is not in the manifest.`);
  const entries = await Array.fromAsync(jsonLines<AuditEntry>(join(directory, SECURITY_LOG)));
  return check(
    "security log",
    securityLogDiffers(entries, manifest),
    `${several(entries.length, "entry", "entries")}, none removed, changed, moved or inserted.`,
  );
}

async function definition(directory: string, manifest: Manifest): Promise<BundleCheck> {
  const found = definitionDigest(await jsonFile<Migration>(join(directory, "definition.json")));
  const wrong =
    found === manifest.definition_digest ? [] : [`The rules in the bundle are ${found}`];
  return check("definition", wrong, "The rules are the ones the run was pinned to.");
}

async function balance(directory: string, { states }: Contents): Promise<BundleCheck> {
  const shown = await jsonFile<Balance>(join(directory, "balance.json"));
  const wrong: string[] = IMPORT_STATES.filter((state) => shown[state] !== states[state]?.rows).map(
    (state) =>
      `balance.json says ${shown[state]} rows are ${state}, and ${states[state]?.rows} are`,
  );
  const strange = Object.keys(states).filter((state) => !IMPORT_STATES.includes(state as never));
  if (strange.length > 0) wrong.push(`rows stand in unknown states (${strange.length})`);
  if (!balances(shown)) wrong.push(`the states do not add up to ${shown.staged} staged rows`);
  if (shown.holds !== balances(shown)) wrong.push("balance.json does not say whether it holds");
  return check("balance", wrong, `Every one of ${shown.staged} staged rows is accounted for.`);
}

function commitLog({ states, open }: Contents): BundleCheck {
  const pairs = [
    ["commit", "committed"],
    ["link", "linked"],
  ] as const;
  const wrong = pairs
    .filter(([action, state]) => !same(open[action], states[state]))
    .map(
      ([action, state]) =>
        `the commit log has ${open[action]?.rows} open entries “${action}”, and ${states[state]?.rows} rows are ${state}`,
    );
  return check("commit log", wrong, "The commit log and the rows tell the same.");
}

const same = (left: Tally | undefined, right: Tally | undefined): boolean =>
  left?.rows === right?.rows && left?.ids === right?.ids;

interface SignOff {
  readonly id: string;
  readonly digest: string;
  readonly status: string;
  readonly decided_by: string | null;
  readonly override_by: string | null;
}

interface Wave {
  readonly wave: number;
  readonly digest: string;
  readonly sign_off_id: string | null;
}

async function signOffs(directory: string): Promise<BundleCheck> {
  const decisions = await jsonFile<SignOff[]>(join(directory, "sign-offs.json"));
  const waves = await jsonFile<Wave[]>(join(directory, "waves.json"));
  const { pinned_to } = await jsonFile<{ pinned_to: { started_by: string | null } }>(
    join(directory, "summary.json"),
  );
  const byId = new Map(decisions.map((each) => [each.id, each]));
  const unsigned = waves
    .filter(({ sign_off_id, digest }) => {
      const decision = byId.get(sign_off_id ?? "");
      // A rollback voids an approval afterwards; who gave it stays.
      const approved = decision?.decided_by && decision.status !== "rejected";
      return !approved || decision.digest !== digest;
    })
    .map(({ wave }) => `no approval of what wave ${wave} wrote is there`);
  const starter = pinned_to.started_by;
  const own = decisions
    .filter(({ status, decided_by }) => status === "approved" && decided_by === starter)
    .map(({ id }) => `${id} was approved by the one who started the run`);
  const alone = decisions
    .filter(({ override_by: by, decided_by }) => by && (by === starter || by === decided_by))
    .map(({ id }) => `${id} was overridden by the one who started or approved`);
  return check(
    "sign-offs",
    [...unsigned, ...own, ...alone],
    "Every wave was approved, by others than the one who started the run.",
  );
}

/** A check whose file cannot be read has failed; it does not end the others. */
async function guarded(name: string, look: () => Promise<BundleCheck>): Promise<BundleCheck> {
  try {
    return await look();
  } catch (error) {
    const because = error instanceof UnreadableFile ? error.message : "a file it needs is missing";
    return failed(name, `It could not be looked at: ${because}.`);
  }
}

const passed = (name: string, message: string): BundleCheck => ({ name, passed: true, message });
const failed = (name: string, message: string): BundleCheck => ({ name, passed: false, message });

/** Failed with what is wrong (the first few of it), or passed with `right`. */
function check(name: string, wrong: readonly string[], right: string): BundleCheck {
  if (wrong.length === 0) return passed(name, right);
  const shown = wrong.slice(0, 5).join("; ");
  return failed(name, `${shown}${wrong.length > 5 ? `; and ${wrong.length - 5} more` : ""}.`);
}

const verdict = (checks: readonly BundleCheck[]): BundleVerdict => ({
  ok: checks.every((each) => each.passed),
  checks,
});
