import { randomUUID } from "node:crypto";
import { counters, type Part } from "../../../migrations/community/counters.ts";
import { momentSetting } from "../../normalize/moment-setting.ts";
import type { CountOfRun } from "../../review/rows/counts-of-run.ts";
import { Refusal } from "../../services/errors.ts";
import { label } from "../../services/words.ts";
import { askToLook } from "../ask-signed.ts";
import type { Aws } from "../aws.ts";
import type { Answer, Frame } from "../command.ts";
import type { Output } from "../commands/shared.ts";
import { follow, startExecution, succeeded } from "../execution.ts";
import { migrationNamed } from "../migrations.ts";
import { runNamed } from "../runs.ts";
import { table } from "../table.ts";
import { prepareLocally } from "./set-up.ts";
import { withAws } from "./with-aws.ts";

/** What every backfill is started with. */
interface BackfillOptions extends Output {
  readonly backup?: string;
  readonly queuesDetached?: true;
  readonly dryRun?: true;
}

export interface Baseline extends BackfillOptions {
  readonly force?: true;
  readonly overwriteEdited?: true;
}

export interface Membership extends BackfillOptions {
  readonly source: string;
  readonly batch: number;
  readonly community?: string;
}

export interface Activity extends BackfillOptions {
  readonly chunk: number;
  readonly since?: string;
}

/** `wavegate backfill seed-baseline`: the catalogue of categories, levels and rules (C2). */
export async function seedBaseline(frame: Frame, options: Baseline): Promise<Answer> {
  if (!options.force && !options.dryRun && !(await confirmed(frame))) {
    throw new Refusal("CommandAborted", "Command aborted. Nothing was written.");
  }
  return backfill(frame, "baseline", options, {
    largest: 25,
    settings: options.overwriteEdited ? { overwrite_edited: "yes" } : {},
    says: `Seeding the baseline (dry-run: ${yesNo(options.dryRun)}).`,
  });
}

/** `wavegate backfill membership`: members from classrooms that are linked to them (C3). */
export async function membership(frame: Frame, options: Membership): Promise<Answer> {
  const { source, batch, community, dryRun } = options;
  if (source !== "classrooms") {
    throw new Refusal(
      "UnsupportedSource",
      `Unsupported backfill source [${source.slice(0, 60)}]. Only "classrooms" is currently supported. Nothing was written.`,
    );
  }
  return backfill(frame, "membership", options, {
    largest: batch,
    settings: community === undefined ? {} : { community },
    says: `Starting membership backfill (source: ${source}, batch: ${batch}, dry-run: ${yesNo(dryRun)}).`,
  });
}

/** `wavegate backfill activity`: posts, comments and completions as entries of profiles (C5). */
export async function activity(frame: Frame, options: Activity): Promise<Answer> {
  const { chunk, since, dryRun } = options;
  const at = since === undefined ? undefined : momentSetting(since, new Date());
  if (since !== undefined && at === undefined) {
    throw new Refusal(
      "InvalidSetting",
      `Invalid --since value [${since.slice(0, 60)}]: it is a moment such as 2025-01-31, 2025-01-31T08:00Z or “-90 days”. Nothing was written.`,
    );
  }
  return backfill(frame, "activity", options, {
    largest: Math.max(chunk, 50),
    settings: since === undefined ? {} : { since },
    says: `Migrating legacy activity (chunk: ${Math.max(chunk, 50)}, dry-run: ${yesNo(dryRun)}${at === undefined ? "" : `, since ${at.toISOString()}`}).`,
  });
}

/** `wavegate backfill counters`: what a run planned, and what of it is done. */
export const countersOf = (frame: Frame, options: { readonly run: string }): Promise<Answer> =>
  withAws(frame, async (aws) => {
    const run = await runNamed(aws.db, options.run);
    const only = run.settings.only;
    const parts = only === undefined ? allParts : allParts.filter((part) => part === only);
    const all = await Promise.all(parts.map((part) => count(aws, run.id, part)));
    return {
      json: {
        run: run.reference,
        ...Object.fromEntries(
          parts.map((part, at) => [part, { planned: all[at]?.planned, done: all[at]?.done }]),
        ),
      },
      text: [
        `Run ${run.reference}`,
        ...parts.flatMap((_, at) => ["", ...shown(all[at] as Counted)]),
      ],
    };
  });

const allParts = Object.keys(counters) as Part[];
const yesNo = (said: true | undefined): string => (said ? "yes" : "no");

/** Starts a run of one part, as `wavegate start` would, and waits until it needs a person or is over. */
function backfill(
  frame: Frame,
  part: Part,
  { backup, queuesDetached, dryRun }: BackfillOptions,
  how: {
    readonly largest: number;
    readonly settings: Readonly<Record<string, string>>;
    readonly says: string;
  },
): Promise<Answer> {
  const migration = migrationNamed("community");
  return prepareLocally(frame, migration).then(() =>
    withAws(frame, async (aws) => {
      const id = randomUUID();
      const executionArn = await startExecution(aws, "migration", id, dryRun ? "trial" : "run", {
        migration: migration.name,
        run: id,
        settings: { ...how.settings, only: part },
        ...(dryRun ? { trial: { rows: everyRow } } : { wavePlan: waves(how.largest) }),
        acknowledge: {
          ...(backup === undefined ? {} : { backup }),
          queues: queuesDetached === true,
        },
      });
      const ending = await follow(aws, frame, executionArn, id);
      if (ending.kind !== "sign-off") succeeded(ending);
      const run = await runNamed(aws.db, id);
      const counted = await count(aws, id, part);
      const done = ending.kind === "sign-off" ? counted.planned : counted.done;
      return {
        json: {
          run: run.reference,
          dry_run: dryRun === true,
          ...(dryRun ? counted.planned : done),
          ...(ending.kind === "sign-off" ? { waits_for: ending.gate } : {}),
        },
        text: [
          how.says,
          `Run ${run.reference}`,
          "",
          ...table(
            ["Metric", "Value"],
            Object.entries(dryRun ? counted.planned : done).map(([name, value]) => [
              label(name),
              value,
            ]),
          ),
          "",
          dryRun
            ? "Dry-run mode enabled; no records were written."
            : ending.kind === "sign-off"
              ? `Planned, and not written: it waits for a sign-off (${ending.gate}). See \`wavegate watch --run ${run.reference}\`.`
              : part === "baseline"
                ? "Baseline community categories, levels, and points rules have been seeded."
                : "Done.",
        ],
      };
    }),
  );
}

/** More rows than any platform has: a dry run is about all of them. */
const everyRow = 1_000_000_000;

/** Waves that grow up to a size, as every run's do. */
export function waves(largest: number): number[] {
  const last = Math.min(largest, 5_000);
  const sizes: number[] = [];
  for (let size = 25; size < last; size *= 5) sizes.push(size);
  return [...sizes, last];
}

interface Counted {
  readonly planned: Readonly<Record<string, number>>;
  readonly done: Readonly<Record<string, number>>;
}

async function count(aws: Aws, run: string, part: Part): Promise<Counted> {
  const { counts } = await askToLook<{ counts: readonly CountOfRun[] }>(aws, {
    look: "counts",
    run,
  });
  const sum = (which: "planned" | "done") =>
    Object.fromEntries(
      Object.entries(counters[part]).map(([name, ids]) => [
        name,
        counts
          .filter(({ id }) => (ids as readonly string[]).includes(id))
          .reduce((all, each) => all + each[which], 0),
      ]),
    );
  return { planned: sum("planned"), done: sum("done") };
}

const shown = ({ planned, done }: Counted): string[] =>
  table(
    ["Metric", "Planned", "Done"],
    Object.entries(planned).map(([name, value]) => [label(name), value, done[name]]),
  );

const confirmed = async ({ io }: Frame): Promise<boolean> => {
  const answer = await io.ask("Seed baseline community configuration? (yes/no) ");
  return /^y(es)?$/iu.test((answer ?? "").trim());
};
