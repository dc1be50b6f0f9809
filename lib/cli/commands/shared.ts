import { type Command, InvalidArgumentError, Option } from "commander";
import { type Answer, type Frame, type Program, perform } from "../command.ts";

/** What every command's options hold. */
export interface Output {
  readonly output: "text" | "json";
}

/** Of a command that looks at a run, the latest unless said. */
export interface MaybeRun extends Output {
  readonly run?: string;
}

/** Of a command that needs one. */
export interface Run extends Output {
  readonly run: string;
}

/** Gives a command its verb; the verb's file is loaded when it is called, so that `--help` is quick. */
export function performs<Options extends Output>(
  made: Command,
  program: Program,
  verb: (frame: Frame, options: Options, words: string[]) => Promise<Answer>,
): Command {
  return made.action((...given: unknown[]) => {
    const command = given.at(-1) as Command;
    const options = command.opts() as Options;
    return perform(program, options.output, (frame) =>
      verb(frame, options, command.processedArgs.flat() as string[]),
    );
  });
}

/** How `--run` may be left out: one rule for all commands. */
export const runRule =
  "--run may be left out where a command only looks: the latest run is meant. One that changes something asks for it.";

/** `--run`, which a command that changes something always asks for. */
export const runNeeded = (): Option =>
  new Option("--run <run>", "the run's reference or id, see `wavegate runs`").makeOptionMandatory();

/** `--run`, by default the latest. */
export const runOrLatest = (): Option =>
  new Option("--run <run>", "the run's reference or id (default: the latest run)");

/** What the database's own integers end with: of rows, waves and questions nobody has more. */
const most = 2_147_483_647;

/** A whole number from 1. */
export function positive(text: string): number {
  if (!/^0*[1-9]\d*$/u.test(text))
    throw new InvalidArgumentError("It has to be a whole number from 1.");
  const value = Number(text);
  if (value > most) throw new InvalidArgumentError(`It is too large: ${most} is the most.`);
  return value;
}

/** A whole number from 0 to 100. */
export function percentage(text: string): number {
  if (/^\d{1,3}$/u.test(text) && Number(text) <= 100) return Number(text);
  throw new InvalidArgumentError("Percentage must be between 0 and 100.");
}

/** A time as seconds: `90`, `90s`, `5m`, `1h`. */
export function seconds(text: string): number {
  const [, amount = "", unit = "s"] = /^(\d+)\s*(s|m|h)?$/u.exec(text.trim()) ?? [];
  const value = Number(amount) * { s: 1, m: 60, h: 3_600 }[unit as "s" | "m" | "h"];
  if (amount === "" || value < 1 || value > 7 * 24 * 3_600) {
    throw new InvalidArgumentError("It has to be a time up to seven days, such as 90s, 5m or 1h.");
  }
  return value;
}

/** `name=value`, added to those before. */
export function named(text: string, before: Record<string, string> = {}): Record<string, string> {
  const [, name, value] = /^([a-z][a-z0-9_]*)=(.+)$/su.exec(text) ?? [];
  if (name !== undefined && value !== undefined) return { ...before, [name]: value };
  throw new InvalidArgumentError("It has to be NAME=VALUE.");
}

/** Sizes separated by commas, e.g. `25,100,100,250`. */
export function sizes(text: string): number[] {
  return text.split(",").map((size) => positive(size.trim()));
}

/** Words separated by commas. */
export const words = (text: string): string[] =>
  text
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");
