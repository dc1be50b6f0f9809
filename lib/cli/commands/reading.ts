import { type Command, Option } from "commander";
import { command, group, type Program } from "../command.ts";
import type { WatchOptions } from "../verbs/watch.ts";
import { type MaybeRun, type Output, performs, positive, runOrLatest, seconds } from "./shared.ts";

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
    performs<MaybeRun & { watch?: true }>(
      command("status", "What a run waits for, the next command, and where it stands", [
        "wavegate status",
        "wavegate status --run {run}",
        "wavegate status --watch",
      ])
        .addOption(runOrLatest())
        .addOption(new Option("--watch", "show it again as it changes, until Ctrl-C")),
      program,
      async (frame, { run, watch }) =>
        (await import("../verbs/status.ts")).status(frame, run, watch === true),
    ),
    performs<MaybeRun & WatchOptions>(
      command("watch", "Show a run step by step until it ends; Ctrl-C leaves the run alone", [
        "wavegate watch",
        "wavegate watch --until person --timeout 30m",
        "wavegate watch --output json",
      ])
        .addOption(runOrLatest())
        .addOption(
          new Option(
            "--until <what>",
            "the run's end, or until it needs a person (default: end; with --output json person)",
          ).choices(["end", "person"]),
        )
        .addOption(
          new Option(
            "--timeout <time>",
            "leave it after 90s, 5m or 1h, with exit code 1",
          ).argParser(seconds),
        ),
      program,
      async (frame, { run, ...options }) =>
        (await import("../verbs/watch.ts")).watch(frame, run, options),
    ),
    performs<Output>(
      command("health <migration>", "Ask whether a migration's source answers, and where this is", [
        "wavegate health {migration}",
      ]),
      program,
      async (frame, _, [name]) =>
        (await import("../verbs/health.ts")).health(frame, name as string),
    ),
    performs<MaybeRun>(
      command(
        "balance",
        "Account for every row: staged = pending + committed + … (exit 1 if not)",
        ["wavegate balance --run {run}"],
      ).addOption(runOrLatest()),
      program,
      async (frame, { run }) => (await import("../verbs/balance.ts")).balance(frame, run),
    ),
    performs<MaybeRun & { to?: string }>(
      command(
        "report",
        "Tell the audit of a run by entity, with figures of the platform (exit 1 with a conflict)",
        ["wavegate report --run {run}", "wavegate report --run {run} --to reports"],
      )
        .addOption(runOrLatest())
        .addOption(new Option("--to <folder>", "write one JSON file for each entity there")),
      program,
      async (frame, options) => (await import("../verbs/report.ts")).report(frame, options),
    ),
    performs<MaybeRun>(
      command("held", "List what is held, by reason, with the first rows of each", [
        "wavegate held --run {run}",
      ]).addOption(runOrLatest()),
      program,
      async (frame, { run }) => (await import("../verbs/held.ts")).held(frame, run),
    ),
    performs<Output & { all?: true }>(
      command(
        "why <run> <row>",
        "Explain one row: the rules that hold, their input, its evidence",
        ["wavegate why {run} STAGED_ID", "wavegate why {run} {table}:LEGACY_ID"],
      ).addOption(new Option("--all", "the rules that do not hold, too")),
      program,
      async (frame, { all }, [run, row]) =>
        (await import("../verbs/why.ts")).why(frame, run as string, row as string, all),
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
