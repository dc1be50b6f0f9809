import { type Command, Option } from "commander";
import { command, type Program } from "../command.ts";
import { type Output, performs, positive, runOrLatest } from "./shared.ts";

/** What helps to write a migration; none of it writes to the platform. */
export function authorCommands(program: Program): Command[] {
  return [newOne(program), check(program), tryOne(program), whatIf(program)];
}

const check = (program: Program): Command =>
  performs<Output & { target?: string }>(
    command(
      "check <migration>",
      "Hold a definition against both sides: what is missing, what nobody thought of",
      [
        "wavegate check {migration}",
        "wavegate check {migration} --target postgresql://me@localhost/platform --output json",
      ],
    ).addOption(
      new Option("--target <url>", "the platform's database (default: the one of this place)"),
    ),
    program,
    async (frame, options, [migration]) =>
      (await import("../verbs/check.ts")).check(frame, migration as string, options),
  );

const tryOne = (program: Program): Command =>
  performs<Output & { rows?: number; connection?: string; forget?: true; run?: string }>(
    command(
      "try <migration>",
      "Try a definition on a slice of the source, up to a dry run that nobody signs",
      [
        "wavegate try {migration}",
        "wavegate try {migration} --rows 2000 --connection legacy",
        "wavegate try {migration} --forget",
      ],
    )
      .addOption(
        new Option("--rows <n>", "about how many rows, from the whole length of each table")
          .argParser(positive)
          .default(500),
      )
      .addOption(new Option("--connection <name>", "another connection of .env"))
      .addOption(new Option("--forget", "take the migration's trials away, or the one of --run"))
      .addOption(new Option("--run <run>", "which trial to forget")),
    program,
    async (frame, options, [migration]) =>
      (await import("../verbs/try.ts")).tryOut(frame, migration as string, options),
  );

const whatIf = (program: Program): Command =>
  performs<Output & { run?: string }>(
    command(
      "what-if",
      "Judge a run's staged rows by the definition as it is now: what would change",
      ["wavegate what-if --run {run}"],
    ).addOption(runOrLatest()),
    program,
    async (frame, options) => (await import("../verbs/what-if.ts")).whatIfRun(frame, options),
  );

const newOne = (program: Program): Command =>
  performs<Output & { source: string; target: string; table?: string }>(
    command(
      "new <name>",
      "Write a definition of what both sides look like; every guess is marked",
      [
        "wavegate new gym --source ./legacy --target postgresql://me@localhost/platform",
        "wavegate new gym --source legacy --target postgresql://me@localhost/platform",
      ],
    )
      .addOption(
        new Option(
          "--source <connection|folder>",
          "the legacy system: a connection of .env, or a folder with files of CSV or JSON",
        ).makeOptionMandatory(),
      )
      .addOption(
        new Option("--target <url>", "the platform's database, read only").makeOptionMandatory(),
      )
      .option(
        "--table <name>",
        "the legacy table to draft, instead of the one with the most of people",
      ),
    program,
    async (frame, options, [name]) =>
      (await import("../verbs/new.ts")).newMigration(frame, name as string, options),
  );
