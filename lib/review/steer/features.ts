import { createHash } from "node:crypto";
import type { Database } from "../../data/database.ts";
import type { Run } from "../../data/runs.ts";
import { json, literals, raw, type Sql, sql, text, uuid } from "../../data/sql.ts";
import type { Feature } from "../../define/feature.ts";
import { Refusal } from "../../services/errors.ts";
import { requirePermission } from "../people/permissions.ts";
import { keepableRemark } from "../remark.ts";

/** How far a feature is turned on. */
export interface FeatureState {
  readonly feature: string;
  /** Of the people of its segments, or of all where there is none; 0 is off. */
  readonly percentage: number;
  readonly segments: readonly string[];
}

/** The same as somebody sees it. */
export interface TurnedFeature extends FeatureState {
  /** Who turned it last; `wavegate` with a rollback. */
  readonly by: string;
  /** How it stands, for {@link turnFeature}: what was seen. */
  readonly stands: string;
}

/**
 * Turns a feature on for a percentage of people, or off (C1, C6): the database looks whether the person may, and
 * whether the run was verified. On only as it was seen: what somebody else turned since stays. Segments stand in the log
 * for ever, so none names somebody (W14). Errors: `PersonalDataInRemark`, `PermissionDenied`, `UnknownFeature`,
 * `NotVerified`, `AnotherRunCommits`, `RunInUse`, `FeatureTurned`.
 */
export async function turnFeature(
  db: Database,
  run: Run,
  { feature, percentage, segments, seen }: FeatureState & { readonly seen?: string | undefined },
  person: string,
): Promise<FeatureState> {
  for (const segment of segments) await keepableRemark(db, run, segment);
  // In a transaction, as one whose response is lost must not be told of twice.
  const { refused } = await db.transaction((transaction) =>
    transaction.one<{ refused: string | null }>(sql`
      select wavegate.turn_feature(${uuid(run.id)}, ${feature}, ${percentage}::int, ${json(segments)}, ${person}, ${text(seen ?? null)}) as refused`),
  );
  if (refused === null) return { feature, percentage, segments };
  if (refused === "FeatureTurned") throw await turnedSince(db, feature);
  if (refused === "PermissionDenied") await requirePermission(db, person, "legacy_imports.commit");
  throw refusalOf(refused, run, feature);
}

async function turnedSince(db: Database, feature: string): Promise<Refusal> {
  const now = (await featuresTurned(db)).find((each) => each.feature === feature);
  return new Refusal(
    "FeatureTurned",
    `“${feature}” is at ${now?.percentage ?? 0} % since ${now?.by ?? "somebody else"} turned it, which you had not seen. Nothing was changed; look at it again, and decide then (in a terminal with --from ${now?.percentage ?? 0}).`,
    { who: now?.by },
  );
}

function refusalOf(refused: string, { reference, migration }: Run, feature: string): Refusal {
  switch (refused) {
    case "UnknownFeature":
      return new Refusal(
        "UnknownFeature",
        `“${feature}” is no feature that the definition of ${reference} names. Nothing was changed.`,
      );
    case "NotVerified":
      return new Refusal(
        "NotVerified",
        `“${feature}” is turned on only by a run that is at its end and passed its verification; ${reference} is not, or what it wrote was taken back. Nothing was changed.`,
      );
    case "AnotherRunCommits":
      return new Refusal(
        "AnotherRunCommits",
        `Another run of ${migration}, or of a migration that “${feature}” is of, too, is writing, or wrote and was not verified: it stays off until that run is verified or taken back. Nothing was changed.`,
      );
    case "RunInUse":
      return new Refusal(
        "RunInUse",
        `Something else is being done with ${reference}, and was not over when “${feature}” was to be turned on. Nothing was changed; look at the run, and turn it on again when that is over.`,
      );
    default:
      return new Refusal(refused, `“${feature}” was not turned. Nothing was changed.`);
  }
}

/** Whether features may be turned on by a run as it stands; for pages, as `turn_feature` of the database decides. */
export async function isVerified(
  db: Database,
  { id, status, control }: Pick<Run, "id" | "status" | "control">,
): Promise<boolean> {
  if (status !== "completed" || control === "stop") return false;
  const { yes } = await db.one<{ yes: boolean }>(sql`
    select coalesce((select v.passed from wavegate.verifications v
                      where v.run_id = ${uuid(id)} and v.kind = 'final' order by v.id desc limit 1), false)
           and not exists (select from wavegate.waves w where w.run_id = ${uuid(id)} and w.status = 'rolled_back') as yes`);
  return yes;
}

/** Every feature that was ever turned, by name, with who turned it last. */
export const featuresTurned = (db: Database): Promise<TurnedFeature[]> =>
  db.rows<TurnedFeature>(
    raw(
      "select name as feature, percentage, segments, changed_by as by, percentage || ' ' || segments as stands from wavegate.features order by name",
    ),
  );

/** Which of a definition's features are on. */
export async function featuresOn(
  db: Database,
  features: readonly Feature[],
): Promise<readonly FeatureState[]> {
  if (features.length === 0) return [];
  const names = literals(features.map(({ name }) => name));
  return db.rows<FeatureState>(
    raw(
      `select name as feature, percentage, segments from wavegate.features where percentage > 0 and name in (${names}) order by name`,
    ),
  );
}

/** The first of a definition's features that is on, or null, as an expression. */
export const firstOn = (features: readonly Feature[] = []): Sql =>
  raw(
    features.length === 0
      ? "null::jsonb"
      : `(select jsonb_build_object('feature', f.name, 'percentage', f.percentage) from wavegate.features f
         where f.percentage > 0 and f.name in (${literals(features.map(({ name }) => name))}) order by f.name limit 1)`,
  );

/**
 * Refuses to write while a feature that waits for a verified run is on, be it turned on since the run began: people
 * would see what nobody verified (C1). Of {@link firstOn} in the snapshot of the wave's transaction, whose lock whoever
 * turns one on waits for. Errors: `FeatureOn`.
 */
export function requireOff(
  { reference }: Pick<Run, "reference">,
  on: Pick<FeatureState, "feature" | "percentage"> | null,
): void {
  if (on === null) return;
  throw new Refusal(
    "FeatureOn",
    `“${on.feature}” is on for ${on.percentage} %, and people would see what nobody verified. Nothing was written; turn it off (\`wavegate feature disable --flag ${on.feature}\`), then \`wavegate resume --run ${reference}\` goes on.`,
  );
}

/**
 * Whether somebody gets a feature: they are in one of its segments, where it has any, and below its percentage by a
 * hash of the feature and their id, which is the same whenever it is asked and grows with the percentage.
 */
export function isOpen(
  state: FeatureState | undefined,
  person: { readonly id: string; readonly segments: readonly string[] },
): boolean {
  if (state === undefined) return false;
  const { feature, percentage, segments } = state;
  if (segments.length > 0 && !segments.some((each) => person.segments.includes(each))) return false;
  return bucketOf(feature, person.id) < percentage;
}

/** 0 to 99: the first 32 bits of SHA-256 of `feature:id`, modulo 100. */
export const bucketOf = (feature: string, id: string): number =>
  createHash("sha256").update(`${feature}:${id}`).digest().readUInt32BE(0) % 100;
