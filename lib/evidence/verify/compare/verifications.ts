import * as z from "zod";
import { pinChecks } from "../../../compile/pin/proof.ts";
import type { WholeMigration } from "../../../define/several.ts";
import { recordDigest } from "../../record-digest.ts";
import { CLOCKS_APART, equal, Findings, moment } from "../say.ts";
import type { Verification, Wave } from "../shapes.ts";
import { type Evidence, entriesOf } from "./evidence.ts";
import { refusedFew } from "./gates.ts";

/** The checks that a verification has besides those of the definition (R13). */
const AFTER_A_WAVE = ["summary_changed", "logs_written"];
const AT_THE_END = ["balance", "waves_clean", "ledger", "platform", "reviewed"];

/** How a run may end: ready in every item, or without a row that could be committed. */
const ENDS = ["ready", "nothing_to_commit"];

type Checks = Verification["checks"];

/** Every verification: against the log, the waves and the numbers it is about. */
export function verifications(evidence: Evidence): string[] {
  return [
    ...inLog(evidence),
    ...evidence.facts.verifications.flatMap((each) => proving(evidence, each)),
    ...evidence.facts.waves.flatMap((wave) => [...ofWave(evidence, wave)]),
    ...final(evidence),
  ];
}

/** Records and entries of the log are the same ones, in the same order. */
function inLog(evidence: Evidence): string[] {
  const records = evidence.facts.verifications;
  const entries = entriesOf(evidence, "verify", "final-verify");
  const found = new Findings();
  found.same(
    "the number of verifications",
    entries.length,
    "the log",
    records.length,
    "verifications.json",
  );
  for (const [index, { action, details, at }] of entries.entries()) {
    const record = records[index];
    if (record === undefined) break;
    const kind = action === "verify" ? `wave:${details.wave}` : "final";
    const failed = record.checks.filter(({ passed }) => !passed).map(({ id }) => id);
    const name = `verification ${record.id}`;
    found.same(`the kind of ${name}`, kind, "the log", record.kind, "verifications.json");
    found.same(
      `the outcome of ${name}`,
      details.passed,
      "the log",
      record.passed,
      "verifications.json",
    );
    found.same(`what failed in ${name}`, details.failed, "the log", failed, "verifications.json");
    found.unless(
      details.checks === recordDigest(record.checks),
      `${name} has other checks than the log says`,
    );
    const near = Math.abs(moment(at) - moment(record.at)) < CLOCKS_APART;
    found.unless(near, `${name} was at another moment in the log`);
  }
  const ids = records.map(({ id }) => id);
  found.unless(
    ids.every((id, index) => index === 0 || id > (ids[index - 1] ?? 0)),
    "the verifications do not stand in their order",
  );
  return found.all;
}

/** A verification passed if each of its checks found what it expected, and it has the checks of its kind. */
function proving(evidence: Evidence, { id, kind, passed, checks }: Verification): string[] {
  const found = new Findings();
  const name = `verification ${id}`;
  const { definition } = evidence.facts;
  const own = [
    ...ownChecks(definition, kind, checks),
    ...(kind === "final" ? (definition.reconcile?.sides ?? []).map(reconciledId) : []),
  ];
  const wanted = [...(kind === "final" ? AT_THE_END : AFTER_A_WAVE), ...own];
  found.unless(kind === "final" || /^wave:\d+$/.test(kind), `${name} is of no known kind`);
  found.unless(checks.every(holds), `${name} says of a check what its numbers do not`);
  found.unless(passed === checks.every((each) => each.passed), `${name} says the wrong outcome`);
  found.unless(checks.every(sumsUp), `${name} says of people what it does not of their sum`);
  const missing = wanted.filter((check) => !checks.some(({ id }) => id === check));
  found.unless(missing.length === 0, `${name} lacks the check ${missing[0]}`);
  found.unless(
    kind !== "final" || checks.some((check) => ENDS.includes(check.id)),
    `${name} lacks the check ready`,
  );
  return found.all;
}

/** Ids of the definition's own checks in a verification of this kind. */
function ownChecks(definition: WholeMigration, kind: string, checks: Checks): readonly string[] {
  const again = kind === "final";
  const own = pinChecks(definition).filter((check) => !again || check.again);
  if (definition.checks !== undefined || definition.guarded.length === 0)
    return own.map(({ id }) => id);
  // Before checks were data the program named those about guarded tables: known by the end of their ids.
  const guarded = checks.find(({ id }) => id.endsWith("_untouched"))?.id;
  return again || guarded !== undefined ? [] : own.map(({ id }) => id);
}

const reconciledId = ({ id }: { readonly id: string }): string => `${id}_reconciled`;

const People = z.array(
  z.looseObject({ things: z.number(), missing: z.number(), foreign_entries: z.number() }),
);

/** What was compared of people who were drawn (C8) is the sum of what was found of each. */
function sumsUp({ expected, got, people }: Checks[number]): boolean {
  if (people === undefined || got === "not readable") return true;
  const each = People.safeParse(people);
  if (!each.success) return false;
  const sum = (of: "things" | "missing" | "foreign_entries") =>
    each.data.reduce((all, one) => all + one[of], 0);
  const things = sum("things");
  return (
    expected === `${things} of ${things}` &&
    got === `${things - sum("missing")} of ${things + sum("foreign_entries")}`
  );
}

/** A figure of the platform is held against the highest that it may be, everything else against what it has to be. */
const holds = ({ passed, expected, got, at_most, says }: Checks[number]): boolean =>
  passed ===
  // Bundles of earlier versions say so in words alone.
  (at_most === true || (at_most === undefined && String(says).startsWith("At most "))
    ? typeof got === "number" && typeof expected === "number" && got <= expected
    : expected === got);

/** A wave's own verification is the newest of it, and about its numbers. */
function ofWave(evidence: Evidence, record: Wave): string[] {
  const { wave, status, clean, counts, verification, verified_at } = record;
  const found = new Findings();
  const newest = evidence.facts.verifications.findLast(({ kind }) => kind === `wave:${wave}`);
  // One that was taken back keeps what was found of its last round, if anybody looked.
  const back = status === "rolled_back";
  const looked = back
    ? newest?.checks.some(({ round }) => round === record.round) === true
    : status === "verified" || status === "failed";
  if (!looked) {
    const nothing = verification === null && verified_at === null && clean === null;
    found.unless(nothing, `wave ${wave} is ${status} and has a verification`);
    return found.all;
  }
  const passed = back ? newest?.passed : status === "verified";
  found.unless(
    clean === (passed === true && refusedFew(counts)),
    `wave ${wave} is ${status} and says otherwise`,
  );
  found.unless(
    newest?.passed === passed,
    `wave ${wave} is ${status}, and its newest verification says otherwise`,
  );
  found.unless(
    equal(newest?.checks, verification),
    `wave ${wave} has another verification than verifications.json`,
  );
  found.unless(
    Math.abs(moment(newest?.at) - moment(verified_at)) <= 1,
    `wave ${wave} was verified at another moment in verifications.json`,
  );
  const of = (id: string) => verification?.find((each) => each.id === id);
  const { before, picked } = counts;
  found.same(
    `the sum after wave ${wave}`,
    before + picked,
    "waves.json",
    of("summary_changed")?.expected,
    "its verification",
  );
  found.same(
    `the ledger of wave ${wave}`,
    `${picked} of ${picked}`,
    "waves.json",
    of("logs_written")?.expected,
    "its verification",
  );
  for (const check of verification ?? []) {
    found.same(
      `the round of wave ${wave}`,
      check.round,
      "its verification",
      record.round,
      "waves.json",
    );
  }
  return found.all;
}

/** Whether no wave was ever written, and no row is left for one. */
function nothingToCommit({ facts }: Evidence): boolean {
  const { staged, held, skipped, failed } = facts.balance;
  return facts.waves.length === 0 && staged === held + skipped + failed;
}

/** The last final verification is about the balance and waves of the bundle, if nothing came after it. */
function final(evidence: Evidence): string[] {
  const { facts } = evidence;
  const entry = entriesOf(evidence, "final-verify").at(-1);
  const record = facts.verifications.findLast(({ kind }) => kind === "final");
  const later = entriesOf(evidence, "commit", "rollback").some(
    ({ seq }) => seq > (entry?.seq ?? 0),
  );
  if (record === undefined || later) return [];
  const { balance } = facts;
  const standing = facts.waves.filter(({ status }) => status !== "rolled_back");
  const found = new Findings();
  const same = (id: string, is: unknown) =>
    found.same(
      `“${id}”`,
      record.checks.find((each) => each.id === id)?.expected,
      "the final verification",
      is,
      "the bundle",
    );
  same("balance", balance.staged);
  same("waves_clean", standing.length);
  same("ledger", balance.committed + balance.linked);
  if (!nothingToCommit(evidence)) same("ready", facts.goNoGo.items.length);
  else same("nothing_to_commit", 0);
  return found.all;
}
