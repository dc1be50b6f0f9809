import { type Command, Option } from "commander";
import { plural } from "../../services/words.ts";
import { command, group, type Program, perform } from "../command.ts";
import { allMigrations } from "../migrations.ts";
import {
  type Output,
  percentage,
  performs,
  positive,
  runNeeded,
  runOrLatest,
  words,
} from "./shared.ts";

interface MaybeRun extends Output {
  readonly run?: string;
}

interface Run extends Output {
  readonly run: string;
}

/** Everything a person decides. */
export function decidingCommands(program: Program): Command[] {
  return [
    mappings(program),
    held(program, "hold", "Keep one row from the waves, with a reason"),
    held(program, "release", "Let a held row go with the next wave, with a reason"),
    questions(program),
    samples(program),
    signOff(program),
    control(program, "pause", "Pause a run before its next batch"),
    control(program, "resume", "Continue a run that is paused or halted", [
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
  const named = [
    ...new Map(allMigrations().flatMap(({ references }) => Object.entries(references))),
  ];
  const example = ([name, { kind }]: (typeof named)[number]) =>
    `wavegate mappings ${plural(name)} --run {run} ${kind === "by_code" ? "--reject 12" : "--confirm 12=3"}`;
  const made = command(
    "mappings [mapping]",
    "Which thing of the platform a legacy one is, by how much depends on it; confirm or reject",
    named.length === 0 ? ["wavegate mappings NAME --run {run}"] : named.map(example),
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
  return made.action((name: string | undefined, options: Options) =>
    name === undefined
      ? made.help({ error: true })
      : perform(program, options.output, async (frame) =>
          (await import("../verbs/mappings.ts")).mappings(frame, name, options),
        ),
  );
}

function samples(program: Program): Command {
  const verbs = () => import("../verbs/samples.ts");
  const list = performs<MaybeRun>(
    command("list", "List the rows drawn for a person to judge", [
      "wavegate samples list",
    ]).addOption(runOrLatest()),
    program,
    async (frame, { run }) => (await verbs()).list(frame, run),
  );
  const judge = performs<Run & { wrong?: string[]; question?: string }>(
    command("judge <rows> <verdict>", "Judge drawn rows: right or wrong", [
      "wavegate samples judge 4711 right --run {run} --question 154f2a3b",
      "wavegate samples judge 4712,4713 wrong --wrong name,phone --run {run}",
      "wavegate samples judge rest right --run {run} --question 154f2a3b",
    ])
      .addOption(runNeeded())
      .addOption(
        new Option(
          "--question <id>",
          "whose rows were looked at, as `samples list` shows it; what is right needs it",
        ),
      )
      .addOption(
        new Option(
          "--wrong <parts>",
          "which of name, phone, email, classification, action are wrong",
        ).argParser(words),
      ),
    program,
    async (frame, options, [row, verdict]) =>
      (await verbs()).judge(frame, row as string, verdict as string, options),
  );
  return group(
    "samples",
    "Rows drawn by the run's seed for a person to judge",
    ["wavegate samples list --run {run}"],
    list,
    judge,
  );
}

function signOff(program: Program): Command {
  const verbs = () => import("../verbs/sign-off.ts");
  const show = performs<MaybeRun>(
    command("show", "Show what waits for a sign-off and what was decided", [
      "wavegate sign-off show --run {run}",
    ]).addOption(runOrLatest()),
    program,
    async (frame, { run }) => (await verbs()).show(frame, run),
  );
  const ask = performs<Run>(
    command("ask", "Ask about the next gate, or ask again: a new link, the older one is void", [
      "wavegate sign-off ask --run {run}",
    ]).addOption(runNeeded()),
    program,
    async (frame, { run }) => (await verbs()).ask(frame, run),
  );
  const decide = (
    verb: "approve" | "reject" | "changes" | "override",
    says: string,
    example: string,
  ) =>
    performs<
      Output & {
        run?: string;
        link?: string;
        question?: string;
        comment?: string;
        reason?: string;
        stops?: string[];
      }
    >(
      command(verb, says, [
        `WAVEGATE_PERSON=karima wavegate sign-off ${verb} --run {run} ${example}`,
      ])
        .addOption(new Option("--run <run>", "the run's reference or id, unless --link is given"))
        .addOption(new Option("--link <url>", "the link of the mail, instead of --run"))
        .addOption(
          new Option(
            "--question <id>",
            "the question that was looked at, as `sign-off show` shows it",
          ),
        )
        .addOption(
          new Option(
            "--stops <ids>",
            "the stop conditions that hold and were looked at; to override, and to approve behind one",
          ).argParser(words),
        )
        .addOption(
          verb === "override"
            ? new Option(
                "--reason <text>",
                "why the stop condition may be passed",
              ).makeOptionMandatory()
            : new Option("--comment <text>", "a word with the decision"),
        ),
      program,
      async (frame, options) => (await verbs()).decide(frame, verb, options),
    );
  return group(
    "sign-off",
    "Decide at a gate, as somebody else than the one who started the run",
    ["wavegate sign-off show"],
    show,
    ask,
    decide(
      "approve",
      "Approve what waits; asks for the approver's password",
      '--question 154f2a3b --comment "Looks right"',
    ),
    decide(
      "reject",
      "Reject what waits; asks for the approver's password",
      '--comment "Too many unknown"',
    ),
    decide(
      "changes",
      "Ask for changes before it is asked anew, and say which; asks for the approver's password",
      '--comment "Map the courses of 2009 first"',
    ),
    decide(
      "override",
      "Let a stop condition pass, with a reason, as the second approver",
      '--question 154f2a3b --stops sample_judged_wrong --reason "The oldest rows are gone"',
    ),
  ).addHelpText(
    "after",
    `
The approver is WAVEGATE_PERSON. The password is asked for on the terminal, or taken from
WAVEGATE_PASSWORD. Approver and starter are never the same person; the server refuses it.`,
  );
}
