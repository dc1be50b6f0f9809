import type { PinnedLook } from "../../compile/pin/look.ts";
import { findRun } from "../../data/runs.ts";
import { lookOf, pinOf } from "../../evidence/pinned.ts";
import { digestOfParts } from "../../evidence/review-digest.ts";
import { Refusal } from "../../services/errors.ts";
import type { Services } from "../../services/services.ts";
import { type May, mayJudge } from "../people/may.ts";
import { requirePermission } from "../people/permissions.ts";
import { starterOf } from "../people/starter.ts";
import { findSignOff, gateSays, type SignOff } from "../sign-off-store.ts";
import { asAsked, changedSince } from "./as-asked.ts";
import { type SamplePlace, sampleList } from "./list.ts";
import { type Question, questionsOf } from "./questions.ts";
import { type SampleRow, sampleRows } from "./rows.ts";
import { verdictStands } from "./samples.ts";
import { type WouldWrite, wouldWrite } from "./would-write.ts";

/** Which sampled row somebody wants to see. */
export interface Wanted {
  /** That row. */
  readonly row?: number | undefined;
  /** Else the next one without a verdict behind this row; without it, of all. */
  readonly after?: number | undefined;
  /** Rows of this focus of the definition only. */
  readonly focus?: string | undefined;
}

/** One sampled row to be judged, and where it stands among all. */
export interface SampleView {
  readonly id: string;
  readonly gate: SignOff["gate"];
  readonly gateSays: string;
  readonly reference: string;
  /** The focus modes of the definition, by name. */
  readonly focuses: readonly string[];
  readonly focus: string | null;
  readonly total: number;
  readonly judged: number;
  readonly wrong: number;
  /** Rows of the focus, and how many of them have a verdict. */
  readonly within: { readonly total: number; readonly judged: number };
  /** Samples of which this person, who may approve, has judged no row, once every row has a verdict: theirs come next. */
  readonly unseen: readonly string[];
  /** The row's place in the focus, from 1; 0 without a row. */
  readonly place: number;
  readonly row: SampleRow | null;
  /** What would be written of it. */
  readonly would: WouldWrite | null;
  /** The row behind it, whatever its verdict; null for the only one. */
  readonly next: number | null;
  /** The row that this person judged last. */
  readonly last: number | null;
  readonly whole: boolean;
  readonly judge: May;
  /** The same of the row that is shown: what somebody else judged wrong is theirs. */
  readonly judgeRow: May;
  /** The run's id. */
  readonly run: string;
  /** What was asked about the row (B9). */
  readonly questions: readonly Question[];
}

/**
 * One row of a sign-off's sample, to be judged; nothing is changed. Errors: `PermissionDenied`, `LinkUnknown`,
 * `SampleUnknown`, `UnknownFocus`.
 */
export async function readSample(
  services: Services,
  id: string,
  name: string,
  wanted: Wanted,
): Promise<SampleView> {
  const db = services.sign;
  const person = await requirePermission(db, name, "legacy_imports.view");
  const signOff = await findSignOff(db, { id }, services.clock());
  const run = await findRun(db, signOff.run_id);
  const look = await lookOf(db, run);
  // A focus is about the kinds of all things together.
  const modes = focusesOf(look);
  const asked = wanted.focus || null;
  if (asked !== null && !Object.hasOwn(modes, asked)) {
    throw new Refusal(
      "UnknownFocus",
      `There is no focus of this name. Nothing was changed. There are: ${Object.keys(modes).join(", ")}.`,
    );
  }
  const digest = digestOfParts(signOff.parts);
  const all = await sampleList(db, { look, pin: pinOf(run) }, run.id, digest);
  const of = (kinds: readonly string[] | undefined) =>
    all.filter(({ classification }) => kinds === undefined || kinds.includes(classification ?? ""));
  const within = of(asked === null ? undefined : modes[asked]);
  // A row outside of it, such as the last one judged, is shown among all of them.
  const outside =
    wanted.row !== undefined && !within.some(({ stagedId }) => stagedId === wanted.row);
  const focus = outside ? null : asked;
  const list = focus === null ? all : within;
  const judge = mayJudge(signOff, person, await starterOf(db, services, run));
  const unseen =
    judge.may &&
    person.permissions.includes("legacy_imports.commit") &&
    judgedOf(all) === all.length
      ? samplesUnseen(all, person.name)
      : [];
  const at = placeOf(list, wanted, unseen);
  if (wanted.row !== undefined && at === -1) {
    throw new Refusal(
      "SampleUnknown",
      `Row ${wanted.row} is not in the sample. Nothing was changed; load the page again.`,
    );
  }
  const whole = person.permissions.includes("legacy_imports.review");
  const only = list[at]?.stagedId;
  const [row = null] =
    only === undefined ? [] : await sampleRows(db, look, run.id, digest, { unmasked: whole, only });
  const { changed } = await asAsked(db, { run, digest }, row === null ? [] : [row.stagedId], "");
  const part = look.parts.find(({ part: kind }) => row !== null && kind === row.part);
  const would =
    row === null || part === undefined
      ? null
      : await wouldWrite(db, part, run.id, { row: row.stagedId, unmasked: whole });
  return {
    id: signOff.id,
    gate: signOff.gate,
    gateSays: gateSays(signOff.gate),
    reference: run.reference,
    focuses: Object.keys(modes),
    focus,
    total: all.length,
    judged: judgedOf(all),
    wrong: all.filter(({ verdict }) => verdict === "wrong").length,
    within: { total: list.length, judged: judgedOf(list) },
    unseen,
    place: at + 1,
    row,
    would,
    next: list.length < 2 || at === -1 ? null : (list[(at + 1) % list.length]?.stagedId ?? null),
    last: lastOf(all, person.name, only),
    whole,
    judge,
    judgeRow: judge.may ? mayJudgeRow(row, person.name, changed) : judge,
    run: run.id,
    questions: row === null ? [] : await questionsOf(db, run.id, { row: row.stagedId }),
  };
}

function focusesOf({ parts }: PinnedLook): Readonly<Record<string, readonly string[]>> {
  const names = new Set(parts.flatMap(({ focus }) => Object.keys(focus)));
  return Object.fromEntries(
    [...names].map((name) => [name, parts.flatMap(({ focus }) => focus[name] ?? [])]),
  );
}

/** Whether somebody who judges may judge this row, too. */
function mayJudgeRow(row: SampleRow | null, person: string, changed: number | undefined): May {
  if (changed !== undefined) {
    return { may: false, name: "DigestChanged", because: changedSince(changed) };
  }
  const by = row?.judgedBy ?? person;
  if (row?.verdict !== "wrong" || by === person) return { may: true };
  const because = verdictStands({ row: row.stagedId, by });
  return { may: false, name: "VerdictStands", because, who: by };
}

const judgedOf = (list: readonly SamplePlace[]): number =>
  list.filter(({ verdict }) => verdict !== null).length;

/**
 * The row that was asked for, or the next one without a verdict, from the beginning again at the end; where there is none,
 * one of the samples that are unseen.
 */
function placeOf(
  list: readonly SamplePlace[],
  { row, after }: Wanted,
  unseen: readonly string[],
): number {
  if (row !== undefined) return list.findIndex(({ stagedId }) => stagedId === row);
  const from = list.findIndex(({ stagedId }) => stagedId === after) + 1;
  const open = ({ verdict, buckets }: SamplePlace) =>
    verdict === null || (verdict === "right" && buckets.some((each) => unseen.includes(each)));
  const behind = list.slice(from).findIndex(open);
  return behind === -1 ? list.findIndex(open) : from + behind;
}

/** Samples with rows that a person may judge, none of which they did: those that `samplesUnseen` of an approval finds. */
function samplesUnseen(all: readonly SamplePlace[], person: string): readonly string[] {
  const samples = [...new Set(all.flatMap(({ buckets }) => buckets))];
  return samples.filter((sample) => {
    const rows = all.filter(({ buckets }) => buckets.includes(sample));
    const own = rows.some(({ judgedBy }) => judgedBy === person);
    // What somebody else judged wrong is theirs.
    return !own && rows.some(({ verdict }) => verdict !== "wrong");
  });
}

/** What somebody judged last, besides the row that is shown: there another verdict can be given. */
function lastOf(
  all: readonly SamplePlace[],
  person: string,
  shown: number | undefined,
): number | null {
  const own = all
    .filter(({ judgedBy, stagedId }) => judgedBy === person && stagedId !== shown)
    .toSorted((one, other) => ((one.judgedAt ?? "") < (other.judgedAt ?? "") ? -1 : 1));
  return own.at(-1)?.stagedId ?? null;
}
