import type { Run } from "../../data/runs.ts";
import { Refusal } from "../../services/errors.ts";

/** A positive number of an address or a form; undefined for anything else. */
export const rowNumber = (text: string | undefined): number | undefined =>
  /^[1-9]\d{0,14}$/u.test(text ?? "") ? Number(text) : undefined;

/** The refusal of a row that a run does not have. */
export const unknownRow = (run: Pick<Run, "reference">): Refusal =>
  new Refusal(
    "UnknownRow",
    `${run.reference} has no such row. Nothing was changed. A row is its staged id, or its legacy table and id with a colon between.`,
  );
