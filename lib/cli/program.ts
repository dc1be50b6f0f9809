import { Command, CommanderError } from "commander";
import manifest from "../../package.json" with { type: "json" };
import type { Program } from "./command.ts";
import { authorCommands } from "./commands/author.ts";
import { backfillCommands } from "./commands/backfill.ts";
import { decidingCommands } from "./commands/deciding.ts";
import { itselfCommands } from "./commands/itself.ts";
import { localCommands } from "./commands/local.ts";
import { peopleCommands } from "./commands/people.ts";
import { readingCommands } from "./commands/reading.ts";
import { runRule } from "./commands/shared.ts";
import { bundleVerb, stageCommands } from "./commands/stages.ts";
import { exampleOf, knowExamples } from "./examples.ts";
import type { ExitCode } from "./failure.ts";
import type { Io } from "./io.ts";

/** The whole command line, each command with its help. */
export function wavegate(program: Program): Command {
  const root = new Command("wavegate")
    .version(manifest.version)
    .option("--env <place>", "where: local (this machine) or aws; the setting WAVEGATE_ENV")
    .option("--stack <name>", "which deployment on AWS; the setting WAVEGATE_STACK")
    .hook("preAction", (root) => {
      const { env, stack } = root.opts<{ env?: string; stack?: string }>();
      if (env !== undefined) program.io.env.WAVEGATE_ENV = env;
      else if (stack !== undefined) program.io.env.WAVEGATE_ENV = "aws";
      if (stack !== undefined) program.io.env.WAVEGATE_STACK = stack;
    })
    .description(
      "Moves people's records from a legacy platform into a new one the careful way:\nstage, judge, show, ask a person, commit in small waves, prove each, take it back if need be.",
    )
    .addHelpText("after", () =>
      exampleOf(`
Examples:
  $ wavegate local up
  $ wavegate start {migration} --backup B7 {acknowledged}
  $ wavegate watch

${runRule}
Exit: 0 done, 1 refused or a check failed, 2 wrong usage or something is missing.`),
    );
  const sections: readonly (readonly [string, Command[]])[] = [
    ["A run:", stageCommands(program)],
    ["Communities:", backfillCommands(program)],
    ["To look:", readingCommands(program)],
    ["To decide:", decidingCommands(program)],
    ["People and evidence:", peopleCommands(program)],
    ["To write a migration:", authorCommands(program)],
    ["This machine:", localCommands(program)],
    ["The program itself:", itselfCommands(program, () => root)],
  ];
  for (const [title, commands] of sections) {
    root.commandsGroup(title);
    for (const made of commands) root.addCommand(made);
  }
  speakOurWay(root, program.io);
  return root;
}

/** Runs one command line and returns its exit code. */
export async function runCommandLine(argv: readonly string[], io: Io): Promise<ExitCode> {
  const program: Program = { io, exit: 0 };
  try {
    const root = wavegate(program);
    if (mayShowHelp(root, argv)) await knowExamples();
    await root.parseAsync(withBundle(argv), { from: "user" });
    return program.exit;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    if (wantsJson(argv)) {
      const message = oneLine(error.message);
      io.out(`${JSON.stringify({ error: { name: "Usage", message } }, null, 2)}\n`);
    }
    return 2;
  }
}

/**
 * Whether a command line may be answered by a help: one asks for it, or a group stands alone. A command that shows its
 * help of itself sees to its examples.
 */
export function mayShowHelp(root: Command, argv: readonly string[]): boolean {
  if (argv.some((word) => /^(?:-h|--help|help)$/u.test(word))) return true;
  let at = root;
  for (const [place, word] of argv.entries()) {
    // What follows an option may be its value, and called as a command.
    if (argv[place - 1]?.startsWith("-")) continue;
    at = at.commands.find((inner) => inner.name() === word) ?? at;
  }
  return at.commands.length > 0;
}

/** `verify --bundle` and `audit verify --bundle` are one command, whose options are not those of `verify --run`. */
function withBundle(argv: readonly string[]): readonly string[] {
  const at = argv.indexOf("verify");
  const asks = argv.slice(at).some((word) => /^(?:-b|--bundle(?:=.*)?)$/u.test(word));
  if (at === -1 || !asks) return argv;
  const before = argv.slice(0, at);
  return [...before.filter((word) => word !== "audit"), bundleVerb, ...argv.slice(at + 1)];
}

/** Errors of usage as one line; nothing ends the process behind our back. */
function speakOurWay(made: Command, io: Io): void {
  made.exitOverride().configureOutput({
    writeOut: io.out,
    writeErr: io.err,
    outputError: (text, write) =>
      write(`wavegate: ${oneLine(text)} See \`${pathOf(made)} --help\`.\n`),
    getOutHelpWidth: () => Math.min(io.columns, 110),
    getErrHelpWidth: () => Math.min(io.columns, 110),
    getOutHasColors: () => false,
    getErrHasColors: () => false,
  });
  for (const inner of made.commands) speakOurWay(inner, io);
}

function oneLine(text: string): string {
  const line = text
    .replace(/^error: /u, "")
    .replace(/\s+/gu, " ")
    .trim();
  return /[.!?)]$/u.test(line) ? line : `${line}.`;
}

function pathOf(made: Command): string {
  return made.parent === null ? made.name() : `${pathOf(made.parent)} ${made.name()}`;
}

const wantsJson = (argv: readonly string[]): boolean =>
  argv.some(
    (word, index) =>
      word === "--output=json" || (word === "--output" && argv[index + 1] === "json"),
  );
