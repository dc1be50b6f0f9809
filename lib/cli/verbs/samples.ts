import { rowsWhole } from "../../data/records.ts";
import type { Run } from "../../data/runs.ts";
import { sql, uuid } from "../../data/sql.ts";
import { lookOf } from "../../evidence/pinned.ts";
import { digestOfParts, type ReviewParts } from "../../evidence/review-digest.ts";
import type { SampleRow } from "../../review/samples/rows.ts";
import { aspects, sampleCoverage } from "../../review/samples/samples.ts";
import { signOffsOf } from "../../review/steer/standing.ts";
import { Refusal } from "../../services/errors.ts";
import { several } from "../../services/words.ts";
import { askToLook } from "../ask-signed.ts";
import type { Aws } from "../aws.ts";
import type { Answer, Frame } from "../command.ts";
import { CannotRun } from "../failure.ts";
import { signInToPages } from "../pages.ts";
import { runNamed, runOrLatest } from "../runs.ts";
import { didYouMean } from "../suggest.ts";
import { table } from "../table.ts";
import { idOf, openSignOff, shortOf } from "./sign-off.ts";
import { withAws } from "./with-aws.ts";

/** `wavegate samples list`: the drawn rows, masked (D20), and how many each quota has (R9). */
export const list = (frame: Frame, runName: string | undefined): Promise<Answer> =>
  withAws(frame, async (aws) => {
    const run = await runOrLatest(aws.db, runName);
    const digest = await latestDigest(aws, run);
    const look = await lookOf(aws.db, run);
    const open = (await signOffsOf(aws.db, run)).findLast(({ status }) => status === "pending");
    const judged = open === undefined ? "" : ` --question ${shortOf(open)}`;
    const [coverage, { rows }] = await Promise.all([
      sampleCoverage(aws.db, look.parts, run.id, digest),
      askToLook<{ rows: SampleRow[] }>(aws, { look: "samples", run: run.id, digest }),
    ]);
    return {
      json: { run: run.reference, digest, coverage, rows },
      text:
        coverage.length === 0
          ? ["The definition asks for no samples: look at the dry run and the review export."]
          : [
              ...table(
                ["quota", "asked", "drawn", "judged", "wrong"],
                coverage.map(({ says, asked, drawn, judged, wrong }) => [
                  says,
                  asked,
                  drawn,
                  judged,
                  wrong,
                ]),
              ),
              "",
              ...table(
                ["row", "name", "phone", "e-mail", "status", "is", "action", "verdict"],
                rows.map((row) => [
                  String(row.stagedId),
                  row.name,
                  row.phone,
                  row.email,
                  row.status,
                  row.classification,
                  row.action ?? plannedAs(row),
                  row.verdict ?? "open",
                ]),
              ),
              "",
              `Names are whole on the sign-off page. Judge them: wavegate samples judge ROW right --run ${run.reference}${judged}`,
            ],
    };
  });

/** What a wave would do with a row of a definition that decides about no action: `commit`, `hold · reason`. */
const plannedAs = ({ planned, reason }: SampleRow): string | null =>
  planned === null || reason === null ? planned : `${planned} · ${reason}`;

async function latestDigest(aws: Aws, run: Run): Promise<string> {
  const [found] = await aws.db.rows<{ digest: string }>(sql`
    select digest from wavegate.dry_runs where run_id = ${uuid(run.id)}
     order by created_at desc limit 1`);
  if (found !== undefined) return found.digest;
  throw new Refusal(
    "DryRunMissing",
    `${run.reference} has no dry run yet, and samples are drawn by it. Nothing was written; run \`wavegate dry-run --run ${run.reference}\` first.`,
  );
}

/**
 * `wavegate samples judge`: a verdict on one row, on several (`4,7,9`), or on every row that has
 * none yet (`rest`), through the sign-off pages. What is called right was looked at, so its question is named: the rows of
 * another one may have come since.
 */
export async function judge(
  frame: Frame,
  rows: string,
  verdict: string,
  options: { run: string; wrong?: readonly string[]; question?: string },
): Promise<Answer> {
  const wrong = wrongParts(verdict, options.wrong ?? []);
  if (rows !== "rest" && !/^\d{1,15}(,\d{1,15})*$/u.test(rows)) {
    throw usage(`“${rows}” is neither a row's number, nor several with commas, nor the word rest.`);
  }
  return withAws(frame, async (aws) => {
    const run = await runNamed(aws.db, options.run);
    const id =
      options.question === undefined
        ? (await openSignOff(aws, run)).id
        : await idOf(aws, run, options.question);
    if (verdict === "right" && options.question === undefined) {
      throw usage(
        `Other rows may have come since you looked, so say whose rows are right: --question ID, as \`wavegate samples list --run ${run.reference}\` shows it.`,
      );
    }
    const ids = rows === "rest" ? await unjudged(aws, run, id) : rows.split(",").map(Number);
    if (ids.length === 0) {
      return { json: { run: run.reference, judged: 0 }, text: [everyRow(run)] };
    }
    const pages = await signInToPages(frame, aws.place);
    const done = await pages.post<{ judged: number }>(`/sign-off/by-id/${id}/samples`, {
      verdicts: ids.map((row) => ({ row, verdict, wrong })),
    });
    return {
      json: { run: run.reference, verdict, wrong, judged: done.judged },
      text: [`Kept: ${several(done.judged, "row is", "rows are")} ${verdict}.`],
    };
  });
}

const everyRow = ({ reference }: Run): string =>
  `Every row is judged already. Whoever approves has judged at least one of each sample: name such rows, \`wavegate samples list --run ${reference}\` has them.`;

function wrongParts(verdict: string, wrong: readonly string[]): readonly string[] {
  if (verdict !== "right" && verdict !== "wrong") {
    throw usage(
      `A verdict is right or wrong, not “${verdict}”.${didYouMean(verdict, ["right", "wrong"])}`,
    );
  }
  const strange = wrong.find((part) => !(aspects as readonly string[]).includes(part));
  if (strange !== undefined) {
    throw usage(`“${strange}” is none of ${aspects.join(", ")}.${didYouMean(strange, aspects)}`);
  }
  if ((verdict === "wrong") !== wrong.length > 0) {
    throw usage("A wrong row takes --wrong with what is wrong; a right one does not.");
  }
  return wrong;
}

const usage = (what: string) => new CannotRun("Usage", `${what} No verdict was kept.`);

async function unjudged({ db }: Aws, run: Run, question: string): Promise<number[]> {
  const { parts } = await db.one<{ parts: ReviewParts }>(
    sql`select parts from wavegate.sign_offs where id = ${uuid(question)}`,
  );
  const rows = await rowsWhole<{ id: number }>(
    db,
    sql`
    select distinct staged_id as id from wavegate.samples
     where run_id = ${uuid(run.id)} and verdict is null and digest = ${digestOfParts(parts)}
     order by 1`,
  );
  return rows.map(({ id }) => id);
}
