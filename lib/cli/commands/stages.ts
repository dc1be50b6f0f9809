import { Command, Option } from "commander";
import { command, type Program, perform } from "../command.ts";
import { CannotRun } from "../failure.ts";
import type { StartOptions } from "../verbs/start.ts";
import type { VerifyBundle } from "../verbs/verify-bundle.ts";
import { named, type Output, performs, positive, type Run, runNeeded, sizes } from "./shared.ts";

/** What `verify --bundle` is called behind the scenes. */
export const bundleVerb = "verify-bundle";

/** Everything that starts work: a run, or one stage of it. */
export function stageCommands(program: Program): Command[] {
  return [
    backup(program),
    start(program),
    importing(program),
    stage(program, "validate", "Judge every staged row by the migration's rules"),
    stage(program, "classify", "Decide what each staged row is, by its status"),
    stage(program, "match", "Look for people the platform knows already"),
    stage(program, "dry-run", "Show what the waves would do, and whether anything stops them"),
    commit(program),
    verify(program),
    verifyBundle(program),
    rollback(program),
    stage(program, "drill", "Roll wave one back, prove it, commit it again, prove that"),
    exporting(program),
    exportOf(program, "review"),
    exportOf(program, "audit"),
  ];
}

function start(program: Program): Command {
  const made = command(
    "start <migration>",
    "Start a run: the whole workflow, up to its first gate",
    [
      "wavegate start {migration} --backup nightly-2026-11-19 {acknowledged}",
      "wavegate start {migration} --plan 25,100,100,250 --gates on-anomaly --backup B7 {acknowledged} --wait",
    ],
  )
    .addOption(
      new Option("--only <stage>", "run one stage only").choices([
        "import",
        "validate",
        "classify",
        "match",
        "dry-run",
        "export-review",
      ]),
    )
    .addOption(new Option("--wait", "wait until the run ends or needs a person"))
    .addOption(
      new Option(
        "--dry-run",
        "judge the whole source and end with the review export; nobody is asked, and nothing of it is ever written",
      ).conflicts("only"),
    )
    .addOption(
      new Option("--resume <run>", "let a run go on that halted, paused or stopped").conflicts([
        ...["dryRun", "only", "wait", "plan", "gates", "connection", "focus"],
        ...["backup", "queuesDetached", "priorityAcknowledged"],
      ]),
    )
    .addOption(
      new Option(
        "--storage-path <place>",
        "where the files lie that rows name: a folder, or s3://BUCKET/PREFIX",
      ),
    )
    .addOption(
      new Option(
        "--db-dsn <url>",
        "on one machine: the platform that is meant, without a password",
      ),
    )
    .addOption(
      new Option(
        "--batch-size <rows>",
        "rows of a range that is read and staged at once",
      ).argParser(positive),
    );
  return performs<StartOptions>(addRunOptions(made), program, async (frame, options, [migration]) =>
    (await import("../verbs/start.ts")).start(frame, migration as string, options),
  );
}

function importing(program: Program): Command {
  const made = command(
    "import [migration]",
    "Read the legacy system into staging; business tables stay as they are",
    [
      "wavegate import {migration} --connection legacy --backup B7 {acknowledged}",
      "wavegate import --run {run}",
    ],
  ).addOption(new Option("--run <run>", "continue the import of this run"));
  return performs<StartOptions & { run?: string }>(
    addRunOptions(made),
    program,
    async (frame, options, [migration]) =>
      (await import("../verbs/import.ts")).importing(frame, migration, options),
  );
}

function addRunOptions(made: Command): Command {
  return made
    .addOption(
      new Option("--connection <name>", "the legacy connection (default: the migration's own)"),
    )
    .addOption(
      new Option(
        "--focus <mode>",
        "what the review is about; waves take every kind (default: the migration's own)",
      ),
    )
    .addOption(
      new Option(
        "--plan <sizes>",
        "rows of each wave, the first at most 25, none more than five times the one before or 5,000, e.g. 25,100,100,250",
      ).argParser(sizes),
    )
    .addOption(
      new Option("--gates <when>", "when a person decides again").choices([
        "every-wave",
        "on-anomaly",
      ]),
    )
    .addOption(
      new Option(
        "--set <name=value>",
        'a setting of the run, e.g. since="-90 days"; may be repeated',
      ).argParser<Record<string, string>>(named),
    )
    .addOption(new Option("--backup <id>", "the platform's backup that was taken and checked"))
    .addOption(
      new Option("--queues-detached", "side-effect queues (messages, billing) are detached"),
    )
    .addOption(
      new Option("--priority-acknowledged", "the team knows which rows are migrated first"),
    );
}

const stage = (
  program: Program,
  name: "validate" | "classify" | "match" | "dry-run" | "drill",
  says: string,
): Command =>
  performs<Run>(
    command(name, says, [`wavegate ${name} --run {run}`]).addOption(runNeeded()),
    program,
    async (frame, { run }) => (await import("../verbs/stages.ts")).stage(frame, name, run),
  );

const commit = (program: Program): Command =>
  performs<Run & { batch?: number; wave?: number }>(
    command("commit", "Commit the next signed wave, and verify it", [
      "wavegate commit --run {run} --batch 25",
    ])
      .addOption(runNeeded())
      .addOption(
        new Option("--batch <rows>", "at most so many rows (default: the wave plan's)").argParser(
          positive,
        ),
      )
      .addOption(
        new Option("--wave <number>", "the wave that is meant (default: the next one)").argParser(
          positive,
        ),
      ),
    program,
    async (frame, options) => (await import("../verbs/stages.ts")).commit(frame, options),
  );

const verify = (program: Program): Command =>
  performs<Run & { strict?: boolean }>(
    command("verify", "Check again what the waves wrote", ["wavegate verify --run {run}"])
      .addOption(runNeeded())
      .addOption(new Option("--strict", "warnings fail the verification too")),
    program,
    async (frame, options) => (await import("../verbs/stages.ts")).verify(frame, options),
  );

/** `verify --bundle` and `audit verify --bundle`, with options of its own: `--output` is a file there. */
const verifyBundle = (program: Program): Command =>
  new Command(bundleVerb)
    .description("Hold a bundle against the platform: counts, tiers, integrity, policies")
    .requiredOption("-b, --bundle <folder>", "the bundle's folder (required)")
    .option("-o, --output <file>", "where the report goes", "./verification-report.md")
    .option("-f, --format <format>", "the report's format: markdown or json", "markdown")
    .option("-v, --verbose", "say more")
    .option("--strict", "warnings fail the verification too")
    .option("--run <run>", "not together with --bundle")
    .option(
      "--database <url>",
      "the platform's PostgreSQL (default: DATABASE_URL, or this machine's)",
    )
    .addHelpText(
      "after",
      "\nExit: 0 all checks passed, 1 a check failed, 2 an error (no bundle, database error).\nExamples:\n  $ wavegate verify --bundle ./audit\n  $ wavegate verify-bundle --bundle ./audit --strict",
    )
    .action((options: VerifyBundle & { run?: string }) =>
      perform(program, "text", async (frame) => {
        if (options.run !== undefined)
          throw new CannotRun(
            "Usage",
            "--run verifies a run by its own evidence, and --bundle a bundle against the platform: give one of them. Nothing was verified.",
          );
        return (await import("../verbs/verify-bundle.ts")).verifyBundleOf(frame, options);
      }),
    );

const backup = (program: Program): Command =>
  performs<Output & { to: string }>(
    command("backup", "Back the platform's schemas up into a file, by pg_dump, on one machine", [
      "wavegate backup --to nightly-2026-11-19.dump",
    ]).addOption(
      new Option(
        "--to <file>",
        "a new file; the backup's id begins with its name",
      ).makeOptionMandatory(),
    ),
    program,
    async (frame, { to }) => (await import("../verbs/backup.ts")).backup(frame, to),
  );

type Rollback = Run & {
  wave?: number;
  preview?: true;
  level: "1" | "2";
  from?: string;
  sha256?: string;
  yes?: true;
};

const rollback = (program: Program): Command =>
  performs<Rollback>(
    command("rollback", "Take back what a run created and changed, and nothing else", [
      "wavegate rollback --run {run} --preview",
      "wavegate rollback --run {run}",
      "wavegate rollback --run {run} --wave 3",
      "wavegate rollback --run {run} --level 2 --from nightly-2026-11-19.dump",
    ])
      .addOption(runNeeded())
      .addOption(
        new Option(
          "--wave <number>",
          "from the latest wave down to this one (default: all)",
        ).argParser(positive),
      )
      .addOption(
        new Option("--preview", "say what would be taken back and what spared; nothing is written"),
      )
      .addOption(
        new Option(
          "--level <level>",
          "1: what the run wrote, row by row; 2: the backup it was started with, and all since is lost",
        )
          .choices(["1", "2"])
          .default("1"),
      )
      .addOption(
        new Option("--from <file>", "with --level 2 on one machine: the file of that backup"),
      )
      .addOption(
        new Option("--sha256 <hex>", "with --level 2: the digest of the file that is meant"),
      )
      .addOption(
        new Option(
          "--yes",
          "do it; without it whoever sits at a terminal sees what stands and is asked, and level 2 takes it from everybody else",
        ),
      ),
    program,
    async (frame, options) => {
      const two = options.level === "2";
      const alien = two
        ? (options.wave ?? options.preview) !== undefined
        : (options.from ?? options.sha256) !== undefined;
      if (alien)
        throw new CannotRun(
          "Usage",
          "--wave and --preview belong to --level 1, --from and --sha256 to --level 2. Nothing was changed.",
        );
      return two
        ? (await import("../verbs/restore.ts")).restore(frame, options)
        : (await import("../verbs/rollback.ts")).rollback(frame, options);
    },
  );

const exporting = (program: Program): Command =>
  performs<Run & { to?: string }>(
    command("export [what]", "Write the review export (masked CSV and JSON) or the audit export", [
      "wavegate export --run {run}",
      "wavegate export audit --run {run} --to ./evidence",
    ])
      .addOption(runNeeded())
      .addOption(new Option("--to <folder>", "also fetch the files into this folder")),
    program,
    async (frame, options, [what]) =>
      (await import("../verbs/exporting.ts")).exporting(frame, what ?? "review", options),
  );

/** The two exports under the names of their states. */
const exportOf = (program: Program, what: "review" | "audit"): Command =>
  performs<Run & { to?: string }>(
    command(`export-${what}`, `The same as \`export ${what}\``, [
      `wavegate export-${what} --run {run}`,
    ])
      .addOption(runNeeded())
      .addOption(new Option("--to <folder>", "also fetch the files into this folder")),
    program,
    async (frame, options) =>
      (await import("../verbs/exporting.ts")).exporting(frame, what, options),
  );
