import { type Question, questionsOf } from "../../review/samples/questions.ts";
import { askToDecide } from "../ask-signed.ts";
import type { Answer, Frame } from "../command.ts";
import { CannotRun } from "../failure.ts";
import { runNamed } from "../runs.ts";
import { rowNamed } from "./why.ts";
import { withAws } from "./with-aws.ts";

/** `wavegate questions`: what was asked about rows, open ones first; or asks, or closes one (B9). */
export const questions = (
  frame: Frame,
  options: {
    readonly run: string;
    readonly row?: string;
    readonly ask?: string;
    readonly close?: string;
    readonly reason?: string;
  },
): Promise<Answer> =>
  withAws(frame, async (aws) => {
    const run = await runNamed(aws.db, options.run);
    const about = { run: run.id } as const;
    if (options.ask !== undefined) {
      if (options.row === undefined) {
        throw new CannotRun("Usage", "--ask takes the row, as --row. Nothing was asked.");
      }
      const { row } = await rowNamed(aws, run, options.row);
      await askToDecide(aws, {
        decide: "ask",
        ...about,
        row: Number(row.id),
        question: options.ask,
      });
    }
    if (options.close !== undefined) {
      const { close: question, reason = "" } = options;
      await askToDecide(aws, { decide: "close", ...about, question: Number(question), reason });
    }
    const found = await questionsOf(aws.db, run.id);
    return {
      json: { run: run.reference, questions: found },
      text: found.length === 0 ? ["Nobody asked anything."] : found.flatMap(says),
    };
  });

function says({ number, row, by, at, says, closedBy, closedAt, answer }: Question): string[] {
  const state =
    closedBy === null
      ? "open: nothing is approved until it is closed"
      : `closed by ${closedBy}, ${closedAt?.slice(0, 10)}${answer ? `: ${answer}` : ""}`;
  return [`${number}  row ${row}, ${by}, ${at.slice(0, 10)}: ${says}`, `   ${state}`];
}
