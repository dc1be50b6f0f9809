import type { Database } from "../../data/database.ts";
import { findRun, type Run } from "../../data/runs.ts";
import { sql } from "../../data/sql.ts";
import { type FeatureState, featuresTurned } from "../../review/steer/features.ts";
import { askToDecide } from "../ask-signed.ts";
import type { Answer, Frame } from "../command.ts";
import { CannotRun } from "../failure.ts";
import { runNamed } from "../runs.ts";
import { table } from "../table.ts";
import { withAws } from "./with-aws.ts";

/** `wavegate feature enable|disable`: turns what people get after a verified run on for some of them, or off. */
export const turn = (
  frame: Frame,
  options: {
    readonly flag: string;
    readonly percentage: number;
    readonly segment?: readonly string[];
    readonly run?: string;
    /** The percentage it was seen at. */
    readonly from?: number;
  },
): Promise<Answer> =>
  withAws(frame, async (aws) => {
    const { flag, percentage, segment: segments = [], from } = options;
    const run = options.run ? await runNamed(aws.db, options.run) : await runOf(aws.db, flag);
    const now = (await featuresTurned(aws.db)).find(({ feature }) => feature === flag);
    const state = await askToDecide<FeatureState>(aws, {
      decide: "feature",
      run: run.id,
      feature: flag,
      percentage,
      segments: [...segments],
      ...(now !== undefined && now.percentage === from ? { seen: now.stands } : {}),
    });
    const of = segments.length === 0 ? "" : ` of the segments ${segments.join(", ")}`;
    const { feature } = state;
    return {
      json: { feature, enabled: percentage > 0, percentage, segments, run: run.reference },
      text: [`Feature "${feature}" enabled=${percentage > 0} at ${percentage}% rollout${of}.`],
    };
  });

/** `wavegate feature list`. */
export const list = (frame: Frame): Promise<Answer> =>
  withAws(frame, async (aws) => {
    const turned = await featuresTurned(aws.db);
    const features = turned.map(({ stands: _, ...each }) => each);
    return {
      json: { features },
      text:
        features.length === 0
          ? ["No feature was ever turned on: all are off."]
          : table(
              ["feature", "percentage", "segments", "by"],
              features.map(({ feature, percentage, segments, by }) => [
                feature,
                percentage,
                segments.join(", ") || "everybody",
                by,
              ]),
            ),
    };
  });

/** The latest run whose definition names a feature, one that is complete before others. */
async function runOf(db: Database, feature: string): Promise<Run> {
  const [latest] = await db.rows<{ id: string }>(sql`
    select r.id from wavegate.legacy_import_runs r
     where exists (select from jsonb_array_elements(coalesce(r.definition -> 'features', '[]')) f where f ->> 'name' = ${feature})
     order by r.status = 'completed' desc, r.created_at desc, r.id limit 1`);
  if (latest !== undefined) return findRun(db, latest.id);
  throw new CannotRun(
    "UnknownFeature",
    `No run's definition names a feature “${feature}”. Nothing was changed. It can be turned on after a run of its migration was verified.`,
  );
}
