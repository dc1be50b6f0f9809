import { type Command, Option } from "commander";
import { command, group, type Program } from "../command.ts";
import { type Output, performs, positive, runOrLatest } from "./shared.ts";

interface MaybeRun extends Output {
  readonly run?: string;
}

/** Everything that only looks. */
export function readingCommands(program: Program): Command[] {
  return [
    performs<Output & { limit: number }>(
      command("runs", "List the runs, the latest first", ["wavegate runs"]).addOption(
        new Option("--limit <number>", "how many").argParser(positive).default(20),
      ),
      program,
      async (frame, { limit }) => (await import("../verbs/runs.ts")).runs(frame, limit),
    ),
    performs<MaybeRun>(
      command("status", "Where a run stands, and what it needs next", [
        "wavegate status",
        "wavegate status --run ecoin-20261120-7f3a",
      ]).addOption(runOrLatest()),
      program,
      async (frame, { run }) => (await import("../verbs/status.ts")).status(frame, run),
    ),
    performs<MaybeRun & { until: "end" | "person" }>(
      command("watch", "Show a run step by step until it ends; Ctrl-C leaves the run alone", [
        "wavegate watch",
        "wavegate watch --until person",
      ])
        .addOption(runOrLatest())
        .addOption(
          new Option("--until <what>", "the run's end, or until it needs a person")
            .choices(["end", "person"])
            .default("end"),
        ),
      program,
      async (frame, { run, until }) => (await import("../verbs/watch.ts")).watch(frame, run, until),
    ),
    performs<MaybeRun>(
      command(
        "balance",
        "Account for every row: staged = pending + committed + … (exit 1 if not)",
        ["wavegate balance --run ecoin-20261120-7f3a"],
      ).addOption(runOrLatest()),
      program,
      async (frame, { run }) => (await import("../verbs/balance.ts")).balance(frame, run),
    ),
    performs<Output>(
      command("why <run> <row>", "Explain one row: each rule, its input, its evidence", [
        "wavegate why ecoin-20261120-7f3a 4711",
        "wavegate why ecoin-20261120-7f3a stagiaires:52",
      ]),
      program,
      async (frame, _, [run, row]) =>
        (await import("../verbs/why.ts")).why(frame, run as string, row as string),
    ),
    mail(program),
  ];
}

function mail(program: Program): Command {
  const verbs = () => import("../verbs/mail.ts");
  const list = performs<Output & { limit: number }>(
    command("list", "List the mails this machine's runtime sent, the latest first", [
      "wavegate mail list",
    ]).addOption(new Option("--limit <number>", "how many").argParser(positive).default(20)),
    program,
    async (frame, { limit }) => (await verbs()).list(frame, limit),
  );
  const show = performs<Output>(
    command("show [mail]", "Show one mail with its links (default: the latest)", [
      "wavegate mail show",
    ]),
    program,
    async (frame, _, [id]) => (await verbs()).show(frame, id),
  );
  return group(
    "mail",
    "The outbox of this machine: mails are written there and sent nowhere",
    ["wavegate mail list"],
    list,
    show,
  );
}
