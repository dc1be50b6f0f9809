import { sourceTable } from "../../compile/rows.ts";
import { countedAs } from "../../data/run-counts.ts";
import { type Run, readPreflight } from "../../data/runs.ts";
import { join, raw, sql, uuid } from "../../data/sql.ts";
import { partsOf } from "../../define/several.ts";
import { label, plural, words } from "../../services/words.ts";
import { askToLook } from "../ask-signed.ts";
import type { Aws } from "../aws.ts";
import type { Answer, Frame } from "../command.ts";
import { exampleOf, knowExamples } from "../examples.ts";
import { follow, startAlone, succeeded } from "../execution.ts";
import { CannotRun } from "../failure.ts";
import { migrationNamed } from "../migrations.ts";
import { runNamed } from "../runs.ts";
import { facts, printable } from "../table.ts";
import { prepareLocally } from "./set-up.ts";
import { acknowledged, begin, checkFocus, type StartOptions, warnings } from "./start.ts";
import { withAws } from "./with-aws.ts";

/** `wavegate import`: a new run up to its staged rows (R3), or the import of a run once more (W3). */
export async function importing(
  frame: Frame,
  migrationName: string | undefined,
  options: StartOptions & { readonly run?: string },
): Promise<Answer> {
  if ((migrationName === undefined) === (options.run === undefined)) {
    await knowExamples();
    throw new CannotRun(
      "Usage",
      exampleOf(
        "Give either a migration, to begin a run, or --run, to continue one. Nothing was written. Example: `wavegate import {migration}`.",
      ),
    );
  }
  if (migrationName !== undefined) {
    const migration = migrationNamed(migrationName);
    checkFocus(migration, options.focus);
    await prepareLocally(frame, migration);
    return withAws(frame, async (aws) => {
      const { id, executionArn } = await begin(aws, migration, options, "import");
      succeeded(await follow(aws, frame, executionArn, id));
      return imported(aws, await runNamed(aws.db, id));
    });
  }
  return withAws(frame, async (aws) => {
    const run = await runNamed(aws.db, options.run as string);
    const executionArn = await startAlone(aws, "migration", run, "import", {
      migration: run.migration,
      run: run.id,
      only: "import",
      connection: run.connection_name,
      focus: run.focus_mode,
      wavePlan: run.wave_plan,
      gates: run.gates,
      acknowledge: acknowledged(options),
    });
    succeeded(await follow(aws, frame, executionArn, run.id));
    return imported(aws, await runNamed(aws.db, run.id));
  });
}

/** A few labels of what is mapped by name, and where to review the mapping. */
async function namedSamples(
  aws: Aws,
  run: Run,
): Promise<{ from: string; labels: string[]; name: string; review: string }[]> {
  const named = Object.entries(run.definition.references).flatMap(([name, reference]) =>
    reference.kind === "by_name" ? [{ name, reference }] : [],
  );
  const page = aws.place.settings.WAVEGATE_CONSOLE_URL;
  return Promise.all(
    named.map(async ({ name, reference: { from } }) => {
      const asked = { look: "labels", run: run.id, reference: name } as const;
      const { labels } = await askToLook<{ labels: string[] }>(aws, asked);
      const review = page
        ? `${page}/admin/legacy-imports/${name}-mapping?run=${encodeURIComponent(run.reference)}`
        : `wavegate mappings ${plural(name)} --run ${run.reference}`;
      return { from, labels, name, review };
    }),
  );
}

/** What an import shows (R3). */
async function imported(aws: Aws, run: Run): Promise<Answer> {
  const samples = await namedSamples(aws, run);
  const { staged } = await aws.db.one<{ staged: number }>(sql`
    select ${join(
      partsOf(run.definition).map(
        (part) =>
          sql`(select count(*) from ${raw(sourceTable(part))} where run_id = ${uuid(run.id)})`,
      ),
      " + ",
    )} as staged`);
  return {
    json: {
      ...Object.fromEntries(samples.map(({ from, labels }) => [from, labels])),
      run: run.reference,
      id: run.id,
      connection: run.connection_name,
      counts: run.counts,
      staged,
      ...(samples[0] === undefined ? {} : { review: samples[0].review }),
    },
    text: [
      `Run ${run.reference}`,
      `Legacy connection used: ${printable(run.connection_name)}`,
      "",
      ...facts([
        ...Object.keys(migrationNamed(run.migration).source).map(
          (name) => [name, run.counts[countedAs(name)] ?? null] as const,
        ),
        ["staged rows", staged],
      ]),
      "",
      ...samples.flatMap(({ from, labels, name, review }) => [
        `${label(from)}, for example: ${labels.map((each) => `“${printable(each)}”`).join(", ") || "none"}`,
        `Review the ${words(name)} mapping: ${review}`,
      ]),
      ...warnings(run, await readPreflight(aws.db, run)),
      "Nothing reached the platform's business tables.",
    ],
  };
}
