import type { Database } from "../../data/database.ts";
import { sql, uuid } from "../../data/sql.ts";
import { digestOfParts } from "../../evidence/review-digest.ts";
import { wasEver } from "../../evidence/same-person.ts";
import { Refusal } from "../../services/errors.ts";
import { several } from "../../services/words.ts";
import type { Person } from "../people/people.ts";
import type { StopCondition } from "../report.ts";
import { countUnjudged, samplesUnseen } from "../samples/samples.ts";
import type { SignOff } from "../sign-off-store.ts";
import { type OverrideInForce, overridesInForce } from "./overrides.ts";
import { countSamplesJudgedWrong, withSamplesNow } from "./stop-conditions.ts";

/** What an approval depends on besides the digest, as it stands at this moment. */
export interface Standing {
  /** Sampled rows without a verdict. */
  readonly unjudged: number;
  /** Samples that have rows, none of which this person judged. */
  readonly unseen: readonly string[];
  readonly stops: readonly StopCondition[];
  /** What of them somebody took upon them. */
  readonly overrides: readonly OverrideInForce[];
  /** What somebody asked about rows and nobody closed (B9). */
  readonly questions: readonly OpenQuestion[];
}

/** An open question, by its number within the run. */
interface OpenQuestion {
  readonly number: number;
  readonly row: number;
  readonly by: string;
}

/** Reads how the samples and stop conditions of a sign-off stand for a person. */
export async function standingOf(
  db: Database,
  signOff: SignOff,
  person: Person,
): Promise<Standing> {
  const digest = digestOfParts(signOff.parts);
  const unjudged = await countUnjudged(db, signOff.run_id, digest);
  const wrong = await countSamplesJudgedWrong(db, signOff.run_id, digest);
  const unseen = await samplesUnseen(db, signOff.run_id, digest, person.name);
  const overrides = await overridesInForce(db, signOff);
  const questions = await openQuestions(db, signOff.run_id);
  return { unjudged, unseen, stops: withSamplesNow(signOff.stops, wrong), overrides, questions };
}

const openQuestions = (db: Database, run: string): Promise<OpenQuestion[]> =>
  db.rows<OpenQuestion>(sql`
    select number, staged_id as row, asked_by as by from wavegate.row_questions
     where run_id = ${uuid(run)} and closed_at is null order by number limit 100`);

/** Something that stands between a sign-off and its approval. */
export interface Obstacle {
  readonly name: "QuestionOpen" | "SampleNotJudged" | "StopConditionHolds";
  readonly says: string;
  /** What helps. */
  readonly next: string;
}

/** The obstacle as the refusal of an approval. */
export const refusalOf = ({ name, says, next }: Obstacle): Refusal =>
  new Refusal(name, `${says} Nothing was decided. ${next}`);

/** What stands between a sign-off and its approval by this person, most important first. */
export function approvalObstacles(
  { unjudged, unseen, stops, overrides, questions }: Standing,
  person: Person,
): readonly Obstacle[] {
  const obstacles: Obstacle[] = [];
  if (questions.length > 0) obstacles.push(askedOf(questions));
  if (unjudged > 0) {
    obstacles.push({
      name: "SampleNotJudged",
      says: `${several(unjudged, "sampled row has", "sampled rows have")} no verdict yet.`,
      next: "Every sampled row needs one.",
    });
  }
  const holding = stops.filter((stop) => stop.stops);
  const takenBy = (id: StopCondition["id"]): readonly string[] =>
    overrides.filter((each) => each.stops.includes(id)).map(({ by }) => by);
  const uncovered = holding.filter(({ id }) => takenBy(id).length === 0);
  if (uncovered.length > 0) {
    obstacles.push({
      name: "StopConditionHolds",
      says: uncovered.map(({ says }) => says).join(" "),
      next: "Reject, so that it is corrected, or let one approver override it with a reason and another one approve.",
    });
  } else if (holding.some(({ id }) => takenBy(id).every((by) => wasEver(by, person)))) {
    obstacles.push({
      name: "StopConditionHolds",
      says: "You recorded the override yourself.",
      next: "Another person approves.",
    });
  }
  if (obstacles.length === 0 && unseen.length > 0) {
    const samples = unseen.map((id) => `“${id.replaceAll("_", " ")}”`).join(", ");
    obstacles.push({
      name: "SampleNotJudged",
      says: `You judged no row of ${unseen.length === 1 ? "the sample" : "the samples"} ${samples}.`,
      next: "Whoever approves has judged at least one row of each sample, which takes the permission legacy_imports.review.",
    });
  }
  return obstacles;
}

/** What holds and who took it upon them, as a word to compare: what somebody saw, and what stands when they decide. */
export const standsAs = ({ stops, overrides }: Pick<Standing, "stops" | "overrides">): string =>
  [
    ...stops.filter((stop) => stop.stops).map(({ id, measured }) => `${id} ${measured}`),
    ...overrides.map(({ by, at }) => `${by} ${at}`),
  ].join(", ");

/**
 * Nobody takes upon them, or approves in spite of, what they have not seen. Errors: `StandingChanged`.
 *
 * @param seen {@link standsAs} where the person looked; undefined where whoever asks looked at this very moment
 */
export function requireSeen(standing: Standing, seen: string | undefined): void {
  if (seen === undefined || seen === standsAs(standing)) return;
  const says = standing.stops.filter((stop) => stop.stops).map((stop) => stop.says);
  const taken = [...new Set(standing.overrides.map(({ by }) => `${by} overrode it.`))];
  throw new Refusal(
    "StandingChanged",
    `What stops this, or who overrode it, is not what you had seen. ${[...says, ...taken].join(" ") || "Nothing stops it."} Nothing was decided; look at it again, and decide then.`,
  );
}

/**
 * Whose overrides an approval by this person rests on: of each stop that holds the newest by somebody else, and the newest of
 * all, which the log names with the approval, so that bundles are held against no more than a wave is.
 */
export function restsOn({ stops, overrides }: Standing, person: Person): readonly string[] {
  const taken = stops
    .filter((stop) => stop.stops)
    .flatMap(({ id }) => {
      const newest = overrides.find(({ by, stops }) => stops.includes(id) && !wasEver(by, person));
      return newest === undefined ? [] : [newest.by];
    });
  return [...new Set([...overrides.slice(0, 1).map(({ by }) => by), ...taken])];
}

/** Questions named one by one. */
const mostNamed = 5;

function askedOf(questions: readonly OpenQuestion[]): Obstacle {
  const named = questions
    .slice(0, mostNamed)
    .map(({ number, row, by }) => `${number} of ${by}, about row ${row}`)
    .join("; ");
  const more = questions.length > mostNamed ? `; and ${questions.length - mostNamed} more` : "";
  return {
    name: "QuestionOpen",
    says: `${several(questions.length, "question about a row is", "questions about rows are")} open: ${named}${more}.`,
    next: "Whoever asked closes it, or an approver with a reason.",
  };
}
