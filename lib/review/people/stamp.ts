import { createHash } from "node:crypto";
import { canonicalJson } from "../../data/runs.ts";

/** Milliseconds between asking and the execution's first state: retries while a database wakes, and no more. */
export const stampLastsMs = 15 * 60_000;

/** Fields of an input that are not what was asked for: the stamp itself, what Step Functions and states add. */
const notAsked = /^(?:stamp|caller|AWS_STEP_FUNCTIONS_\w+)$/u;

/** The digest of what an execution is asked to do. */
export function inputDigest(input: Readonly<Record<string, unknown>>): string {
  const asked = Object.entries(input).filter(([name]) => !notAsked.test(name));
  return createHash("sha256")
    .update(canonicalJson(Object.fromEntries(asked)))
    .digest("hex");
}
