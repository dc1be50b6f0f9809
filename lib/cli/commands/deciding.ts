import { type Command, Option } from "commander";
import { plural } from "../../services/words.ts";
import { command, group, type Program, perform } from "../command.ts";
import { knowExamples, mappingsNamed } from "../examples.ts";
import {
  type MaybeRun,
  type Output,
  percentage,
  performs,
  positive,
  type Run,
  runNeeded,
} from "./shared.ts";
import { samples, signIn, signOff, signOut } from "./signing.ts";

/** Everything a person decides. */
export function decidingCommands(program: Program): Command[] {
  return [
    mappings(program),
    held(program, "hold", "Keep one row from the waves, with a reason"),
    held(program, "release", "Let a held row go with the next wave, with a reason"),
    questions(program),
    signIn(program),
    signOut(program),
    samples(program),
    signOff(program),
    control(program, "pause", "Pause a run before its next batch"),
    control(program, "resume", "Continue a run that is paused, stopped or halted", [
      new Option(
        "--seen <entry>",
        "the newest entry of its log that you saw, as `wavegate status` shows: nothing that somebody else told it since is undone (default: the newest there is)",
      ).argParser(positive),
    ]),
    control(program, "stop", "Stop a run before its next batch; what was committed stays", [
      new Option("--now", "end at once what is under way or waits, and not before the next batch"),
    ]),
    features(program),
    erase(program),
  ];
}

/** Turns what people get after a verified run on and off. */
function features(program: Program): Command {
  type Options = Output & {
    flag: string;
    percentage: number;
    segment?: string[];
    run?: string;
    from?: number;
  };
  const verbs = () => import("../verbs/feature.ts");
  const one = (verb: "enable" | "disable", says: string, example: string): Command =>
    command(verb, says, [`wavegate feature ${verb} --flag NAME${example}`])
      .addOption(new Option("--flag <name>", "the feature").makeOptionMandatory())
      .addOption(
        new Option(
          "--run <run>",
          "the verified run it is turned by (default: the latest whose definition names it)",
        ),
      );
  const enable = one(
    "enable",
    "Give a feature to people, once a run is verified",
    " --percentage 10",
  )
    .addOption(
      new Option("--percentage <share>", "of how many of 100 people")
        .argParser(percentage)
        .default(100),
    )
    .addOption(
      new Option("--segment <name>", "people of this segment only; may be repeated").argParser<
        string[]
      >(repeatable),
    )
    .addOption(
      new Option(
        "--from <share>",
        "what `feature list` shows now, where somebody else turned it last",
      ).argParser(percentage),
    );
  return group(
    "feature",
    "What people get only after a run was verified",
    ["wavegate feature list"],
    performs<Output>(
      command("list", "List how far each feature is turned on", ["wavegate feature list"]),
      program,
      async (frame) => (await verbs()).list(frame),
    ),
    performs<Options>(enable, program, async (frame, options) =>
      (await verbs()).turn(frame, options),
    ),
    performs<Options>(
      one("disable", "Turn a feature off for everybody", ""),
      program,
      async (frame, options) => (await verbs()).turn(frame, { ...options, percentage: 0 }),
    ),
  );
}

const control = (
  program: Program,
  verb: "pause" | "resume" | "stop",
  says: string,
  more: readonly Option[] = [],
): Command => {
  const made = command(verb, says, [`wavegate ${verb} --run {run}`]).addOption(runNeeded());
  for (const option of more) made.addOption(option);
  return performs<Run & { now?: true; seen?: number }>(made, program, async (frame, options) =>
    (await import("../verbs/control.ts")).control(frame, verb, options),
  );
};

const erase = (program: Program): Command =>
  performs<Output & { run?: string; due?: true; yes?: true }>(
    command("erase", "Erase staged people of a run that is over; it cannot be taken back after", [
      "wavegate erase --run {run}",
      "WAVEGATE_ERASE_AFTER_DAYS=90 wavegate erase --due --yes",
    ])
      .addOption(new Option("--run <run>", "the run's reference or id, see `wavegate runs`"))
      .addOption(
        new Option("--due", "every run that ended WAVEGATE_ERASE_AFTER_DAYS days ago or before"),
      )
      .addOption(new Option("--yes", "erase; without it what would go is shown, and asked for")),
    program,
    async (frame, options) => (await import("../verbs/erase.ts")).erase(frame, options),
  );

const held = (program: Program, verb: "hold" | "release", says: string): Command =>
  performs<Run & { row: string; reason: string; heldBy?: string }>(
    command(verb, says, [
      `wavegate ${verb} --run {run} --row {table}:LEGACY_ID --reason "Two people of one name."`,
    ])
      .addOption(runNeeded())
      .addOption(
        new Option(
          "--row <row>",
          "the row: its staged id, or its legacy table and id",
        ).makeOptionMandatory(),
      )
      .addOption(new Option("--reason <text>", "why").makeOptionMandatory())
      .addOption(new Option("--held-by <name>", "who holds it now, where that is somebody else")),
    program,
    async (frame, options) => (await import("../verbs/held-rows.ts")).heldRow(frame, verb, options),
  );

const questions = (program: Program): Command =>
  performs<Run & { row?: string; ask?: string; close?: string; reason?: string }>(
    command("questions", "What was asked about rows, which blocks approvals; ask, or close one", [
      "wavegate questions --run {run}",
      'wavegate questions --run {run} --row {table}:LEGACY_ID --ask "Is this one person?"',
      'wavegate questions --run {run} --close 3 --reason "It is."',
    ])
      .addOption(runNeeded())
      .addOption(
        new Option(
          "--row <row>",
          "the row to ask about: its staged id, or its legacy table and id",
        ),
      )
      .addOption(new Option("--ask <text>", "what you ask; it names nobody").conflicts("close"))
      .addOption(
        new Option("--close <number>", "close this question").argParser(
          (text) => `${positive(text)}`,
        ),
      )
      .addOption(new Option("--reason <text>", "the answer; needed where somebody else asked")),
    program,
    async (frame, options) => (await import("../verbs/questions.ts")).questions(frame, options),
  );

const repeatable = (value: string, before: string[] = []): string[] => [...before, value];

/** One command for all names: a run maps what it is pinned to, whatever the folder of its migration holds by now. */
function mappings(program: Program): Command {
  type Options = MaybeRun & {
    confirm?: string[];
    reject?: string[];
    insteadOf?: string;
    all?: boolean;
  };
  const examples = () => {
    const named = mappingsNamed();
    if (named.length === 0) return ["wavegate mappings NAME --run {run}"];
    return named.map(
      ([name, kind]) =>
        `wavegate mappings ${plural(name)} --run {run} ${kind === "by_code" ? "--reject 12" : "--confirm 12=3"}`,
    );
  };
  const made = command(
    "mappings [mapping]",
    "Which thing of the platform a legacy one is, by how much depends on it; confirm or reject",
    examples,
  )
    .addOption(
      new Option("--run <run>", "the run's reference or id (default: the latest run, to look)"),
    )
    .addOption(
      new Option(
        "--confirm <id=target>",
        "this legacy id is that one of the platform, by its id or by the label that it alone has; may be repeated",
      ).argParser(repeatable),
    )
    .addOption(
      new Option("--reject <id>", "this legacy id has no counterpart; may be repeated").argParser(
        repeatable,
      ),
    )
    .addOption(new Option("--instead-of <name>", "who decided before, where that is somebody else"))
    .addOption(new Option("--all", "also list what needs nobody's look"));
  return made.action(async (name: string | undefined, options: Options) => {
    if (name !== undefined) {
      return perform(program, options.output, async (frame) =>
        (await import("../verbs/mappings.ts")).mappings(frame, name, options),
      );
    }
    await knowExamples();
    made.help({ error: true });
  });
}
