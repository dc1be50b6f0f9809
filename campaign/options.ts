import { parseArgs } from "node:util";

interface Options {
  readonly schedules: number;
  readonly seed: number;
  readonly from: number;
  readonly only?: number;
  readonly atOnce: number;
  readonly quiet: boolean;
}

/** What a campaign is told to do. Errors: one sentence, as a campaign of no schedule would find nothing and say so. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      schedules: { type: "string", default: "100" },
      seed: { type: "string", default: "1" },
      only: { type: "string" },
      from: { type: "string", default: "0" },
      "at-once": { type: "string", default: "2" },
      quiet: { type: "boolean", default: false },
    },
  });
  const schedules = wholeNumber("--schedules", values.schedules, 1);
  const from = wholeNumber("--from", values.from, 0, schedules - 1);
  return {
    schedules,
    seed: wholeNumber("--seed", values.seed, 0),
    from,
    ...(values.only === undefined
      ? {}
      : { only: wholeNumber("--only", values.only, from, schedules - 1) }),
    atOnce: wholeNumber("--at-once", values["at-once"], 1),
    quiet: values.quiet,
  };
}

function wholeNumber(
  option: string,
  text: string,
  least: number,
  most = Number.MAX_SAFE_INTEGER,
): number {
  const value = Number(text);
  if (/^\d+$/u.test(text) && value >= least && value <= most) return value;
  const upTo = most === Number.MAX_SAFE_INTEGER ? "" : ` to ${most}`;
  throw new Error(`${option} takes a whole number from ${least}${upTo}.`);
}
