import { type Command, Option } from "commander";
import { command, group, type Program } from "../command.ts";
import type { Activity, Baseline, Membership } from "../verbs/backfill.ts";
import { type Output, performs, positive, runNeeded } from "./shared.ts";

/** Backfills of communities on a platform that is in use: runs as any other, each of one part. */
export function backfillCommands(program: Program): Command[] {
  return [
    group(
      "backfill",
      "Fill in communities from what the platform itself has",
      [
        "wavegate backfill membership --source=classrooms --dry-run",
        'wavegate backfill activity --since="-90 days" --backup B7 --queues-detached',
      ],
      seedBaseline(program),
      membership(program),
      activity(program),
      counters(program),
    ),
  ];
}

const verbs = () => import("../verbs/backfill.ts");

const started = (made: Command): Command =>
  made
    .addOption(
      new Option("--dry-run", "shows what would be written: nobody is asked, nothing is committed"),
    )
    .addOption(new Option("--backup <id>", "the platform's backup that was taken and checked"))
    .addOption(new Option("--queues-detached", "side-effect queues are detached"));

const seedBaseline = (program: Program): Command =>
  performs<Baseline>(
    started(
      command("seed-baseline", "Categories, levels and rules of points of every community", [
        "wavegate backfill seed-baseline --force --backup B7 --queues-detached",
      ])
        .addOption(new Option("--force", "without the question; nothing else is skipped"))
        .addOption(
          new Option(
            "--overwrite-edited",
            "write over what was edited by hand, kept for the way back",
          ),
        ),
    ),
    program,
    async (frame, options) => (await verbs()).seedBaseline(frame, options),
  );

const membership = (program: Program): Command =>
  performs<Membership>(
    started(
      command("membership", "Members of communities from classrooms that are linked to them", [
        "wavegate backfill membership --source=classrooms --batch=1000 --dry-run",
        "wavegate backfill membership --source=classrooms --community=growth-lab --backup B7 --queues-detached",
      ])
        .addOption(new Option("--source <name>", "what makes members").default("classrooms"))
        .addOption(
          new Option("--batch <rows>", "rows of the largest wave")
            .default(1_000)
            .argParser(positive),
        )
        .addOption(new Option("--community <id-or-slug>", "only this one")),
    ),
    program,
    async (frame, options) => (await verbs()).membership(frame, options),
  );

const activity = (program: Program): Command =>
  performs<Activity>(
    started(
      command("activity", "Posts, comments and completions as entries of profiles", [
        "wavegate backfill activity --chunk=500 --dry-run",
        'wavegate backfill activity --since="-90 days" --backup B7 --queues-detached',
      ])
        .addOption(
          new Option("--chunk <rows>", "rows of the largest wave, 50 at least")
            .default(500)
            .argParser(positive),
        )
        .addOption(new Option("--since <moment>", "ISO 8601, or relative such as “-90 days”")),
    ),
    program,
    async (frame, options) => (await verbs()).activity(frame, options),
  );

const counters = (program: Program): Command =>
  performs<Output & { run: string }>(
    command("counters", "What a backfill planned, and what of it is done", [
      "wavegate backfill counters --run community-20261126-7f3a",
    ]).addOption(runNeeded()),
    program,
    async (frame, options) => (await verbs()).countersOf(frame, options),
  );
