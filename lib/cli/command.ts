import { Command, Option } from "commander";
import { steerless } from "../evidence/json-text.ts";
import { coloured } from "./colour.ts";
import { addDotEnv } from "./dotenv.ts";
import { exampleOf } from "./examples.ts";
import { describeFailure, type ExitCode } from "./failure.ts";
import type { Io } from "./io.ts";
import { printable } from "./table.ts";

/** What a verb found or did: for people as lines, for scripts as one JSON document. */
export interface Answer {
  readonly text: readonly string[];
  readonly json: unknown;
  /** The text is for a program to read: never in colour. */
  readonly plain?: true;
  /** 1 when something was refused or a check failed; 0 unless said. */
  readonly exit?: ExitCode;
}

/** What every verb is given besides its own input. */
export interface Frame {
  readonly io: Io;
  readonly output: "text" | "json";
  /** A line at once, before the answer: standard output for people, standard error beside JSON. */
  readonly say: (line: string) => void;
}

/** What the program keeps while it runs. */
export interface Program {
  readonly io: Io;
  exit: ExitCode;
}

/** Examples, or who knows them once `knowExamples` is done. */
type Examples = readonly string[] | (() => readonly string[]);

/** A command with an example and `--output`; `name` may hold arguments, as in `start <migration>`. */
export function command(name: string, says: string, examples: Examples): Command {
  const [word, ...words] = name.split(" ");
  const made = new Command(word);
  for (const each of words) made.argument(each);
  return made
    .description(says)
    .addOption(
      new Option("--output <format>", "what standard output carries")
        .choices(["text", "json"])
        .default("text"),
    )
    .addHelpText("after", () => shownExamples(examples));
}

/** A group of commands: asked alone, it shows its help. */
export function group(
  name: string,
  says: string,
  examples: readonly string[],
  ...commands: readonly Command[]
): Command {
  const made = new Command(name)
    .description(says)
    .addHelpText("after", () => shownExamples(examples));
  for (const inner of commands) made.addCommand(inner);
  return made;
}

function shownExamples(examples: Examples): string {
  const lines = typeof examples === "function" ? examples() : examples;
  return `\n${lines.length === 1 ? "Example" : "Examples"}:\n${lines.map((line) => `  $ ${exampleOf(line)}`).join("\n")}`;
}

/** Lines as a terminal shows them. */
const shown = (text: string): string => text.split("\n").map(printable).join("\n");

/** Runs a verb and prints its answer, or one line about its failure. */
export async function perform(
  program: Program,
  output: "text" | "json",
  verb: (frame: Frame) => Promise<Answer>,
): Promise<void> {
  const { io } = program;
  const { out = false, err = false } = io.colours ?? {};
  const paint = (text: string, on: boolean): string =>
    on ? text.split("\n").map(coloured).join("\n") : text;
  // Whatever a line tells of, names in the platform's catalogue above all, it steers no terminal.
  const say = (line: string) =>
    output === "text"
      ? io.out(`${paint(shown(line), out)}\n`)
      : io.err(`${paint(shown(line), err)}\n`);
  try {
    await addDotEnv(io);
    const answer = await verb({ io, output, say });
    program.exit = answer.exit ?? 0;
    if (output === "json") io.out(`${steerless(JSON.stringify(answer.json, null, 2))}\n`);
    else
      for (const line of answer.text) io.out(`${answer.plain ? line : paint(shown(line), out)}\n`);
  } catch (error) {
    const { exit, name, message } = describeFailure(error);
    program.exit = exit;
    // A message may quote what somebody typed, or what a system said.
    io.err(`${paint(`wavegate: ${shown(message)}`, err)}\n`);
    if (output === "json")
      io.out(`${steerless(JSON.stringify({ error: { name, message } }, null, 2))}\n`);
  }
}
