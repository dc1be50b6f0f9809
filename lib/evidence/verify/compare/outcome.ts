import { type PinnedItem, pinItems } from "../../../compile/pin/proof.ts";
import type { Fact } from "../../../define/proof.ts";
import { inWords } from "../../../services/words.ts";
import { INCIDENT, incidentNote } from "../../incident-note.ts";
import { CLOCKS_APART, equal, Findings, moment } from "../say.ts";
import { type Evidence, entriesOf, newestDryRun, standingWaves } from "./evidence.ts";

/** How the run stands: the drill's certificate, the go/no-go items and the status, against what they rest on. */
export function outcome(evidence: Evidence): string[] {
  return [...drill(evidence), ...goNoGo(evidence), ...status(evidence), ...incident(evidence)];
}

/** The incident note is the one that the log makes; bundles of earlier versions have none. */
function incident({ facts }: Evidence): string[] {
  if (facts.incident === undefined) return [];
  const made = incidentNote({
    reference: facts.summary.pinned_to.reference,
    definition: facts.definition,
    backup: facts.summary.acknowledgements.backup,
    log: facts.log,
  });
  return facts.incident === made ? [] : [`${INCIDENT} says otherwise than the log`];
}

function drill(evidence: Evidence): string[] {
  const { facts, lists } = evidence;
  const voided = entriesOf(evidence, "rolled-back").findLast(
    ({ details }) => Number(details.to_wave) <= 1,
  );
  const entry = entriesOf(evidence, "drill").findLast(({ seq }) => seq > (voided?.seq ?? 0));
  const record = facts.drill;
  if (entry === undefined || record === undefined) {
    const same = (entry === undefined) === (record === undefined);
    return same ? [] : ["of the log and drill.json only one tells of a drill"];
  }
  const { passed, ...certificate } = entry.details;
  const found = new Findings();
  found.same("the drill's outcome", passed, "the log", record.passed, "drill.json");
  found.unless(
    equal(certificate, record.certificate),
    "the log has another certificate than drill.json",
  );
  const near = Math.abs(moment(entry.at) - moment(record.at)) < CLOCKS_APART;
  found.unless(near, "the drill was at another moment in the log than in drill.json");
  const kept = record.certificate as Record<string, unknown>;
  // The round that was taken back is the one before the last commit of wave one that preceded the drill.
  const again = entriesOf(evidence, "commit").findLast(
    ({ seq, details }) => seq < entry.seq && details.wave === 1,
  );
  const round = lists.ledger.round(1, Number(again?.details.round) - 1);
  found.same(
    "rows drilled",
    kept.rows_written_first,
    "drill.json",
    round.entries,
    "commit-log.csv.gz",
  );
  found.same(
    "rows taken back",
    kept.rows_taken_back,
    "drill.json",
    round.undone - round.gone,
    "commit-log.csv.gz",
  );
  const good =
    Number(kept.rows_written_first) > 0 &&
    kept.rows_taken_back === kept.rows_written_first &&
    kept.rows_left_behind === 0 &&
    kept.conflicts === 0 &&
    kept.rows_differing === 0 &&
    kept.verified_again === true;
  found.unless(record.passed === good, "drill.json says another outcome than its numbers");
  const rewritten = lists.ledger.round(1, Number(again?.details.round));
  const same = round.content.differences(rewritten.content).length === 0;
  found.unless(!record.passed || same, "the drill committed other rows the second time");
  return found.all;
}

/** The items (R18), computed again from the bundle. */
function goNoGo(evidence: Evidence): string[] {
  const { items, ready } = evidence.facts.goNoGo;
  const found = new Findings();
  const listed = pinItems(evidence.facts.definition);
  const all = itemsOf(evidence, listed);
  const computed = Object.fromEntries(listed.map(({ id }) => [id, all[id]]));
  for (const [id, holds] of Object.entries(computed)) {
    const says = items.find((item) => item.id === id)?.holds;
    found.same(`the item ${id}`, says, "go-no-go.json", holds, "the bundle");
  }
  found.unless(
    items.length === Object.keys(computed).length,
    `go-no-go.json has not ${inWords(listed.length)} items`,
  );
  const unjudged = items.find(({ holds, judged }) => holds && !judged);
  found.unless(unjudged === undefined, `the item ${unjudged?.id} holds without having been judged`);
  found.unless(
    ready === items.every(({ holds }) => holds),
    "go-no-go.json does not say whether the run is ready",
  );
  return found.all;
}

function itemsOf(evidence: Evidence, listed: readonly PinnedItem[]): Record<Fact, boolean> {
  const { facts } = evidence;
  const newest = newestDryRun(evidence);
  // The newest is the one that the log tells of last.
  const told = entriesOf(evidence, "sign-off-approved").map(({ details }) => details.signOff);
  const approved = facts.signOffs
    .filter(({ status }) => status === "approved")
    .toSorted((one, other) => told.lastIndexOf(one.id) - told.lastIndexOf(other.id));
  const signed = approved.findLast(({ gate }) => gate === "first_wave");
  const overridden = facts.signOffs.some(
    ({ status, override_stops }) =>
      status !== "rejected" && override_stops.includes("sample_judged_wrong"),
  );
  const sampled = facts.samples.filter(({ digest }) => digest === newest?.digest);
  const wrong = sampled.some(({ verdict }) => verdict === "wrong");
  const { of } = listed.find(({ id }) => id === "sample_approved") ?? {};
  const asked = sampled.filter(({ bucket }) => of === undefined || bucket === of);
  // Where the source has no such row, the sample is empty and nothing is missing.
  const right = asked.length === 0 || asked.some(({ verdict }) => verdict === "right");
  const open = sampled.some(({ verdict }) => verdict === null);
  const first = facts.waves.find(({ wave }) => wave === 1);
  const drilled = entriesOf(evidence, "drill").at(-1);
  const written = entriesOf(evidence, "commit").findLast(({ details }) => details.wave === 1);
  const checks = standingWaves(evidence).flatMap(({ verification }) => verification ?? []);
  const all = (which: RegExp) => {
    const found = checks.filter(({ id }) => which.test(id));
    return found.length > 0 && found.every(({ passed }) => passed);
  };
  return {
    connection_verified: facts.summary.preflight.passed === true,
    dry_run_reviewed: signed !== undefined,
    sample_approved:
      newest !== undefined && !open && (!wrong || (signed !== undefined && overridden)) && right,
    mappings_reviewed:
      approved.length > 0 && approved.at(-1)?.parts.mappings === newest?.parts.mappings,
    first_batch_passed: first?.status === "verified",
    drill_passed:
      facts.drill?.passed === true &&
      first !== undefined &&
      first.status !== "rolled_back" &&
      (drilled?.seq ?? 0) > (written?.seq ?? 0),
    logs_correct: all(/^logs_written$/u),
    no_mutations: all(/_untouched$/u),
  };
}

/** The status is what the log's last words about it make of the run. */
function status(evidence: Evidence): string[] {
  const { facts } = evidence;
  const { status: says, halted_because } = facts.summary;
  const found = new Findings();
  const last = facts.log.findLast(
    ({ action, details }) =>
      ["halted", "paused", "stop", "resume", "restore-begun"].includes(action) ||
      (action === "final-verify" && details.passed === true) ||
      action === "rolled-back",
  );
  // An execution that is started again says so with its next step only.
  const again = ["running", "waiting"];
  const told: Record<string, readonly string[]> = {
    "final-verify": ["completed"],
    "rolled-back": [Number(last?.details.to_wave) <= 1 ? "rolled_back" : "stopped", ...again],
    halted: ["halted", ...again],
    paused: ["paused", ...again],
    stop: ["stopped"],
    "restore-begun": ["stopped", "rolled_back"],
    resume: [...again, "paused"],
  };
  // What did not pass its preflight halted by that, whether anybody noted it besides, and planned nothing.
  const begun =
    entriesOf(evidence, "preflight").at(-1)?.details.passed === true ||
    newestDryRun(evidence) !== undefined;
  const may = told[last?.action ?? ""] ?? [...again, "paused", ...(begun ? [] : ["halted"])];
  found.unless(may.includes(says), `the run is ${says} in summary.json, and ${may[0]} in the log`);
  found.unless(
    (says === "halted") === (halted_because !== null),
    `the run is ${says} and has the wrong reason for it`,
  );
  if (says === "halted" && last?.action === "halted") {
    found.same(
      "why the run halted",
      last.details.error,
      "the log",
      halted_because?.error,
      "summary.json",
    );
  }
  return found.all;
}
