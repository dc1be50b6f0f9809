import * as z from "zod";
import { partsOf } from "../../../define/several.ts";
import { several } from "../../../services/words.ts";
import type { AuditEntry } from "../../audit-chain.ts";
import { digestOfParts } from "../../review-digest.ts";
import { mayBelong } from "../lots.ts";
import { equal, Findings, moment } from "../say.ts";
import { type Evidence, entriesOf, newestDryRun } from "./evidence.ts";
import { samePerson } from "./sign-offs.ts";

/** The sampled rows and their verdicts (R9): drawn as the seed says, judged as the log says. */
export function samples(evidence: Evidence): string[] {
  return [...drawn(evidence), ...judged(evidence), ...whole(evidence)];
}

/** Drawn again from the rows and the run's seed, as far as a masked row tells. */
function drawn(evidence: Evidence): string[] {
  const { facts, lists } = evidence;
  const newest = newestDryRun(evidence);
  const found = new Findings();
  found.all.push(...inOrder(evidence));
  const known = new Set(facts.summary.dry_runs.map(({ digest }) => digest));
  found.unless(
    facts.samples.every(({ digest }) => known.has(digest)),
    "a sample is of no dry run of the bundle",
  );
  if (newest === undefined) return found.all;
  for (const { id: quota, rows, when } of partsOf(facts.definition).flatMap(
    ({ samples }) => samples,
  )) {
    const sampled = facts.samples
      .filter(({ digest, bucket }) => digest === newest.digest && bucket === quota)
      .map((sample) => ({ ...sample, lot: lists.rows.lots.lotOf(quota, sample.staged_id) }));
    found.unless(sampled.length <= rows, `more rows than asked were drawn as ${quota}`);
    const lots = sampled.map(({ lot }) => lot).sort();
    const last = lots.length < rows ? "g" : (lots.at(-1) ?? "");
    const missing = lists.rows.lots
      .first(quota)
      .filter(({ id, lot }) => lot < last && !sampled.some(({ staged_id }) => staged_id === id));
    found.unless(
      missing.length === 0,
      `${several(missing.length, "row")} had to be drawn as ${quota} and ${missing.length === 1 ? "was" : "were"} not`,
    );
    for (const { staged_id: id } of sampled) {
      const row = lists.rows.sampled.get(id);
      found.unless(row !== undefined, `the sampled row ${id} is not in rows.csv.gz`);
      found.unless(!row || mayBelong(when, row), `row ${id} is none to be drawn as ${quota}`);
    }
  }
  const quotas = new Set(
    partsOf(facts.definition).flatMap(({ samples }) => samples.map(({ id }) => id)),
  );
  found.unless(
    facts.samples.every(({ bucket }) => quotas.has(bucket)),
    "a sample is of no quota of the definition",
  );
  return found.all;
}

/** Of every dry run: the rows of a quota stand in the order of their lots. */
function inOrder({ facts, lists }: Evidence): string[] {
  const groups = Map.groupBy(facts.samples, ({ digest, bucket }) => `${digest} ${bucket}`);
  return [...groups.values()].flatMap((drawn) => {
    const quota = drawn[0]?.bucket ?? "";
    const lot = ({ staged_id }: (typeof drawn)[number]) => lists.rows.lots.lotOf(quota, staged_id);
    const right = drawn
      .toSorted((one, other) => (lot(one) < lot(other) ? -1 : 1))
      .every(({ position }, index) => position === index + 1);
    return right ? [] : [`the rows drawn as ${quota} are not in the order of the seed`];
  });
}

/** Each verdict is the newest of the log about its row, and not by who started the run. */
function judged(evidence: Evidence): string[] {
  const { facts } = evidence;
  const found = new Findings();
  const starter = facts.summary.pinned_to.started_by;
  const { given, strange } = verdictsOf(evidence);
  found.all.push(...strange);
  for (const sample of facts.samples) {
    const { digest, staged_id: id, verdict, wrong, judged_by: by, judged_at: at } = sample;
    const last = given.findLast((each) => each.digest === digest && each.row === id);
    const logged = last?.undone ? undefined : last;
    if (verdict === null) {
      found.unless(!by && !at && !wrong, `row ${id} was judged by somebody and has no verdict`);
      found.unless(
        logged === undefined,
        `the log has a verdict on row ${id}, and samples.json none`,
      );
      continue;
    }
    found.unless(
      (verdict === "right") === (wrong?.length === 0),
      `row ${id} is ${verdict} and says otherwise`,
    );
    found.unless(!samePerson(by, starter), `row ${id} was judged by the one who started the run`);
    const same = logged?.by === by && moment(logged?.at) === moment(at);
    found.unless(same, `the log does not know that ${by} judged row ${id} then`);
    found.unless(!logged || equal(logged.wrong, wrong), `the log has another verdict on row ${id}`);
  }
  const sampled = new Set(facts.samples.map(({ digest, staged_id }) => `${digest} ${staged_id}`));
  const lost = given.find(({ digest, row }) => !sampled.has(`${digest} ${row}`));
  found.unless(
    lost === undefined,
    `the log has a verdict on row ${lost?.row}, which samples.json has not`,
  );
  return found.all;
}

interface Given {
  readonly seq: number;
  /** Of the row as it was judged; undefined in older logs, and once the verdict was taken back. */
  readonly shown: string | undefined;
  /** It takes the verdict back. */
  readonly undone: boolean;
  readonly digest: string | undefined;
  readonly row: number;
  readonly wrong: readonly string[];
  readonly by: string;
  readonly at: string;
}

const Shown = z.array(z.tuple([z.number(), z.string()]));

const Details = z.looseObject({
  signOff: z.string(),
  right: z.number(),
  rows: z.array(z.number()),
  wrong: z.array(z.looseObject({ stagedId: z.number(), wrong: z.array(z.string()) })),
  shown: Shown.optional(),
});

/**
 * Since when nobody takes back what somebody else judged wrong, and says two things of a row at once: until then runs
 * were kept by an engine that let both pass, and their bundles hold.
 */
const WRONG_STANDS_SINCE = moment("2026-11-28T11:08:00Z");

/** Every verdict of the log, oldest first, and what of it nobody can have given. */
function verdictsOf(evidence: Evidence): { given: Given[]; strange: string[] } {
  let given: Given[] = [];
  const strange: string[] = [];
  const digestOf = (signOff: unknown) => {
    const record = evidence.facts.signOffs.find(({ id }) => id === signOff);
    return record && digestOfParts(record.parts);
  };
  for (const entry of entriesOf(evidence, "samples-judged", "verdict-undone", "verdicts-carried")) {
    if (entry.action === "samples-judged") {
      const judged = judgedIn(entry, digestOf(entry.details.signOff));
      if (moment(entry.at) >= WRONG_STANDS_SINCE) strange.push(...notTheirs(judged, given));
      given.push(...judged);
    } else if (entry.action === "verdict-undone") {
      const row = Number(entry.details.row);
      const digest = digestOf(entry.details.signOff);
      const own = given.findLast((each) => each.digest === digest && each.row === row);
      if (own === undefined || own.undone || !samePerson(own.by, entry.actor)) {
        strange.push(
          `entry ${entry.seq} of the log takes back a verdict on row ${row} that was not theirs`,
        );
      }
      // What was taken back is carried nowhere.
      given = given.map((each) => (each.row === row ? { ...each, shown: undefined } : each));
      given.push({
        ...blank,
        seq: entry.seq,
        digest,
        row,
        by: entry.actor,
        at: entry.at,
        undone: true,
      });
    } else {
      strange.push(...carriedIn(entry, given));
    }
  }
  return { given, strange };
}

const blank = { shown: undefined, undone: false, wrong: [] as string[] } as const;

function judgedIn(
  { seq, actor: by, at, details }: AuditEntry,
  digest: string | undefined,
): Given[] {
  const { rows, wrong, shown = [] } = Details.parse(details);
  const as = new Map(shown);
  const right = rows.map((row) => ({ row, wrong: [] as string[] }));
  const others = wrong.map((each) => ({ row: each.stagedId, wrong: each.wrong }));
  return [...right, ...others].map((each) => ({
    ...blank,
    ...each,
    ...{ seq, digest, by, at, shown: as.get(each.row) },
  }));
}

/** What of one request's verdicts nobody may give: on what somebody else judged wrong, or two on one row (R7, W12). */
function notTheirs(judged: readonly Given[], before: readonly Given[]): string[] {
  const found = new Findings();
  for (const { seq, digest, row, by } of judged) {
    const last = before.findLast((each) => each.digest === digest && each.row === row);
    const anothers = last !== undefined && last.wrong.length > 0 && !samePerson(last.by, by);
    found.unless(
      !anothers,
      `entry ${seq} of the log judges row ${row}, which ${last?.by} had judged wrong`,
    );
  }
  const rows = judged.map(({ row }) => row);
  found.unless(
    new Set(rows).size === rows.length,
    `entry ${judged[0]?.seq} of the log says two things of one row`,
  );
  return found.all;
}

/** A verdict goes into another state where it was given on the very same row, and by nobody's doing. */
function carriedIn({ seq, actor, digest, details }: AuditEntry, given: Given[]): string[] {
  const found = new Findings();
  found.unless(actor === "wavegate", `entry ${seq} of the log carries verdicts for somebody`);
  for (const [row, shown] of Shown.parse(details.rows)) {
    const before = given
      .filter((each) => each.row === row && each.shown === shown && each.digest !== digest)
      .at(-1);
    found.unless(
      before !== undefined && digest !== null,
      `entry ${seq} of the log carries a verdict on row ${row} that nobody gave on what it says`,
    );
    if (before !== undefined) given.push({ ...before, seq, digest: digest ?? undefined });
  }
  return found.all;
}

/** Nothing was approved for the first wave before every row of its sample was judged. */
function whole(evidence: Evidence): string[] {
  const found = new Findings();
  const { given } = verdictsOf(evidence);
  for (const { digest, details, seq } of entriesOf(evidence, "sign-off-approved")) {
    const record = evidence.facts.signOffs.find(({ id }) => id === details.signOff);
    if (details.gate !== "first_wave" || record === undefined) continue;
    const reviewed = digestOfParts(record.parts);
    const open = evidence.facts.samples.filter(
      (sample) =>
        sample.digest === reviewed &&
        given.findLast(
          (each) => each.seq < seq && each.digest === reviewed && each.row === sample.staged_id,
        )?.undone !== false,
    );
    found.unless(
      open.length === 0,
      `${record.id} (${digest?.slice(0, 8)}) was approved before ${several(open.length, "sampled row was", "sampled rows were")} judged`,
    );
  }
  for (const { seq, details, digest } of entriesOf(evidence, "samples-judged")) {
    const { right, rows, signOff } = Details.parse(details);
    const about = evidence.facts.signOffs.find(({ id }) => id === signOff);
    found.unless(about?.digest === digest, `entry ${seq} of the log judges rows of another digest`);
    found.unless(right === rows.length, `entry ${seq} of the log counts other rows than it lists`);
  }
  return found.all;
}
