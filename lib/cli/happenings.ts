import type { Run } from "../data/runs.ts";
import {
  answerOf,
  askedNow,
  leftBy,
  type SignOffLine,
  signOffsOf,
  type VerifiedWave,
  verifiedWavesOf,
  type WaveLine,
  wavesOf,
  writtenBy,
} from "../review/steer/standing.ts";
import type { Aws } from "./aws.ts";
import { type Step, stepReader } from "./history.ts";

/** Something that happened to a run, as `watch` shows it. */
interface Happening {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly line: string;
}

/** What happened since the last look, in the order in which it did. */
export interface Looked {
  readonly lines: readonly string[];
  /** The gate that waits for a person. */
  readonly pendingGate: string | null;
  /** As of a {@link Standing}. */
  readonly unanswered: boolean;
  readonly withdrawn: string | null;
  readonly written: boolean;
}

/**
 * Looks at what happens to a run: the steps of an execution, and in their place the waves and sign-offs
 * that the run's own tables tell of. `last`: nothing more comes, so nothing is kept for later. A run may go on in another
 * execution than the first.
 */
export function happeningsOf(
  aws: Aws,
  first: string | null,
): (run: Run, last: boolean, executionArn?: string | null) => Promise<Looked> {
  let read = first;
  let steps = first === null ? undefined : stepReader(aws, first);
  const said = new Set<string>();
  const judged = new Set<string>();
  let waiting: Happening[] = [];
  let looked = false;
  return async (run, last, executionArn = read) => {
    if (executionArn !== read && executionArn !== null) {
      read = executionArn;
      steps = stepReader(aws, executionArn);
    }
    // The tables first: what they tell has its place between steps that are read afterwards.
    const lookedAt = Date.now();
    const isFirst = !looked;
    looked = true;
    const waves = await wavesOf(aws.db, run);
    const signOffs = await signOffsOf(aws.db, run);
    // A drill takes a wave back as soon as it is verified, which no look may have fallen between.
    const gone = waves.some((each) =>
      passedBy(each).some((round) => !judged.has(keyOf(each, round))),
    );
    const before = gone ? await verifiedWavesOf(aws.db, run) : [];
    const missed = before.filter((each) => !judged.has(keyOf(each)) && isGone(each, waves));
    for (const each of [...missed, ...waves.filter(({ status }) => status !== "committed")])
      for (const round of [...passedBy(each), each.round]) judged.add(keyOf(each, round));
    const told = [
      ...missed.map(ofMissed),
      ...waves.flatMap(ofWave),
      ...signOffs.map((each) => ofSignOff(each, lookedAt, isFirst)),
    ];
    const fresh = told.filter(({ line }) => !said.has(line));
    for (const { line } of fresh) said.add(line);
    waiting.push(...fresh, ...shown((await steps?.()) ?? []));
    waiting.sort((left, right) => left.at - right.at);
    const ready = waiting.filter(({ at }) => last || at <= lookedAt);
    waiting = waiting.filter((each) => !ready.includes(each));
    return {
      lines: ready.map(({ at, line }) => `${new Date(at).toISOString().slice(11, 19)} ${line}`),
      ...askedNow(signOffs),
      written: waves.length > 0,
    };
  };
}

/** A wave has one line, once it is judged. */
function ofWave(line: WaveLine): Happening[] {
  const { wave, round, status, clean, counts, at } = line;
  if (status === "committed") return [];
  const judged = clean === null ? "" : clean ? ", clean" : ", NOT clean";
  const again = round > 1 ? ` (round ${round})` : "";
  const mark = status === "rolled_back" ? "·" : clean === false ? "✗" : "✓";
  const what = `${status.replaceAll("_", " ")}${judged}`;
  const came = [writtenBy(counts), leftBy(line)].filter((says) => says !== "").join("; ");
  return [{ at: Date.parse(at), line: `${mark} wave ${wave}${again}: ${what}  ${came}` }];
}

/** Rounds of a wave that were taken back. */
const passedBy = ({ round, status }: Pick<WaveLine, "round"> & { status?: string }): number[] =>
  Array.from({ length: status === "rolled_back" ? round : round - 1 }, (_, at) => at + 1);

const keyOf = ({ wave, round }: Pick<WaveLine, "wave" | "round">, of = round): string =>
  `${wave}.${of}`;

const isGone = ({ wave, round }: VerifiedWave, waves: readonly WaveLine[]): boolean =>
  waves.some((each) => each.wave === wave && passedBy(each).includes(round));

/** Of a wave that was verified and taken back between two looks. */
function ofMissed({ wave, round, passed, at }: VerifiedWave): Happening {
  const again = round > 1 ? ` (round ${round})` : "";
  const line = `${passed ? "✓" : "✗"} wave ${wave}${again}: ${passed ? "verified" : "failed"}, and taken back since`;
  return { at: Date.parse(at), line };
}

const signOffMarks: Readonly<Record<string, string>> = {
  pending: "▸",
  approved: "✓",
  rejected: "✗",
};

/** @param first whether nothing was told of the run before: what is over by then is not of this moment */
function ofSignOff(signOff: SignOffLine, now: number, first: boolean): Happening {
  const { gate, status, decided_by, decided_at, asked_at, void_because, closed_at } = signOff;
  // An approval is withdrawn by what came since, and not by who gave it.
  const by =
    decided_by === null
      ? ""
      : status === "voided"
        ? ` (approved by ${decided_by})`
        : ` by ${decided_by}`;
  const because = void_because === null ? "" : `: ${void_because}`;
  const over = status === "voided" || status === "expired";
  const at = status === "pending" ? asked_at : over ? closed_at : decided_at;
  return {
    // Of what nothing tells when, it is known that it was asked before and is over now.
    at: at === null ? (first ? Date.parse(asked_at) : now) : Date.parse(at),
    line: `${signOffMarks[status] ?? "·"} sign-off ${gate}: ${answerOf(signOff)}${by}${because}`,
  };
}

/** Steps that a wave's or a sign-off's own line stands for, unless they failed. */
const toldOtherwise = new Set([
  ...["Caller", "NextWave", "PlatformBusy", "SignOff", "StampWave", "RunWave", "HandOver"],
]);
const marks = { began: "▸", done: "✓", failed: "✗" } as const;

/** Steps as lines; the beginning of one that is done by now says nothing more. */
function shown(steps: readonly Step[]): Happening[] {
  return steps
    .filter(({ state, what }) => what === "failed" || !toldOtherwise.has(state))
    .filter(
      ({ state, what }, index, all) =>
        what !== "began" || !all.slice(index + 1).some((later) => later.state === state),
    )
    .map(({ at, state, what, error }) => ({
      at: at.getTime(),
      line:
        error === "StarterUnknown"
          ? `… ${kebab(state)} waits until CloudTrail says who started this, up to 15 minutes; stop and pause do not wait`
          : `${marks[what]} ${kebab(state)}${error === undefined ? "" : ` failed: ${error}`}`,
    }));
}

/** A state's name as the verb is called. */
const kebab = (state: string): string =>
  state.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/gu, "-").toLowerCase();
