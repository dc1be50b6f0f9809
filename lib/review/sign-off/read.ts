import type { PinnedLook } from "../../compile/pin/look.ts";
import type { Database } from "../../data/database.ts";
import { rowsWhole } from "../../data/records.ts";
import { definitionDigest, findRun, type Run } from "../../data/runs.ts";
import { sql, uuid } from "../../data/sql.ts";
import { lookOf, pinOf } from "../../evidence/pinned.ts";
import { digestOfParts } from "../../evidence/review-digest.ts";
import type { Services } from "../../services/services.ts";
import { explainChange, partsOfRun } from "../digest/digest.ts";
import { reportOf } from "../kept-report.ts";
import { mappingOverview, type UnlistedStatus, withAliases } from "../mappings/overview.ts";
import { type May, mayDecide, mayJudge } from "../people/may.ts";
import { requirePermission } from "../people/permissions.ts";
import { starterOf } from "../people/starter.ts";
import { reasonIn } from "../reasons.ts";
import type { DryRunReport, StopCondition } from "../report.ts";
import { type Question, questionsOf } from "../samples/questions.ts";
import { type SampleRow, sampleRows } from "../samples/rows.ts";
import { countSampled, type SampleCoverage, sampleCoverage } from "../samples/samples.ts";
import {
  findSignOff,
  gateSays,
  requireOpen,
  type SignOff,
  type SignOffRef,
} from "../sign-off-store.ts";
import { approvalObstacles, type Obstacle, standingOf, standsAs } from "./approval-obstacles.ts";
import { type EarlierDecision, earlierDecisions, whoIsAsked } from "./earlier-decisions.ts";
import type { OverrideInForce } from "./overrides.ts";
import { tell } from "./tell.ts";

/** A wave that was written. */
export interface WaveLine {
  readonly wave: number;
  readonly status: string;
  readonly clean: boolean;
  readonly picked: number;
  readonly linked: number;
  readonly created: number;
}

/** Everything a person sees before deciding; no token, no link, and whole names only for reviewers. */
export interface SignOffView {
  readonly id: string;
  readonly person: string;
  readonly status: SignOff["status"];
  readonly gate: SignOff["gate"];
  readonly gateSays: string;
  readonly digest: string;
  readonly askedAt: string;
  readonly expiresAt: string;
  readonly decided: {
    readonly by: string;
    readonly at: string;
    readonly comment: string | null;
    /** Whether it was rejected so that something is changed. */
    readonly changes: boolean;
  } | null;
  /** Why it is void, in the engine's words; an approval may be, after it was given. */
  readonly voidBecause: string | null;
  readonly overrides: readonly OverrideInForce[];
  readonly run: {
    readonly id: string;
    readonly reference: string;
    readonly migration: string;
    readonly title: string;
    readonly connection: string;
    readonly source: string | null;
    readonly startedBy: string;
    readonly startedAt: string;
    readonly focusMode: string;
    readonly wavePlan: readonly number[];
  };
  readonly report: DryRunReport | null;
  readonly stops: readonly StopCondition[];
  /** What of stops and overrides is seen here: a decision that goes by it sends it. */
  readonly seen: string;
  /** Reasons of held, skipped and failed rows, in the definition's words. */
  readonly reasons: readonly { reason: string; says: string; does: string; rows: number }[];
  /** Spellings that no rule lists, the most rows first (D2). */
  readonly unlisted: readonly UnlistedStatus[];
  readonly export: { place: string; manifestDigest: string } | null;
  /** What was written so far, for the gates after the first. */
  readonly waves: readonly WaveLine[];
  readonly drill: { passed: boolean; at: string } | null;
  /** What was decided about the run before. */
  readonly earlier: readonly EarlierDecision[];
  /** Who may decide, and was asked. */
  readonly asked: readonly string[];
  /** What changed since it was asked, as far as that is seen without reading every row; else empty. */
  readonly changed: string;
  /** Decisions about mappings that were carried over from earlier runs, by reference; those without any are left out. */
  readonly carried: readonly { readonly name: string; readonly carried: number }[];
  readonly samples: {
    readonly whole: boolean;
    readonly coverage: readonly SampleCoverage[];
    readonly total: number;
    readonly unjudged: number;
    /** Empty where only the rest was asked for. */
    readonly rows: readonly SampleRow[];
  };
  readonly judge: May;
  readonly decide: May;
  /** What was asked about rows (B9), open ones first. */
  readonly questions: readonly Question[];
  /** What must be done before an approval, besides being allowed to decide. */
  readonly obstacles: readonly string[];
  /** The same by their names. */
  readonly obstacleNames: readonly Obstacle["name"][];
}

/**
 * What is to be decided. Changes nothing; a task that was not told of a decision is told. By link only while it is open (a link is single-use); by
 * id at any time. Errors: `PermissionDenied`, `LinkUnknown`, `LinkExpired`, `AlreadyDecided`,
 * `StarterUnknown`, `ReportChanged`.
 */
export async function read(
  services: Services,
  ref: SignOffRef,
  name: string,
  { withRows = true }: { readonly withRows?: boolean } = {},
): Promise<SignOffView> {
  const db = services.sign;
  const person = await requirePermission(db, name, "legacy_imports.view");
  const signOff = await findSignOff(db, ref, services.clock());
  // Whoever decided, was cut off and looks again whether it counted tells the task (W3).
  await tell(services, signOff);
  if ("secret" in ref) requireOpen(signOff);
  const run = await findRun(db, signOff.run_id);
  // What is shown is what the run is pinned to; that its rules are others now is told as a change.
  const look = await lookOf(db, run);
  const { mappings } = pinOf(run);
  const current = services.migrations[run.migration];
  const starter = await starterOf(db, services, run);
  const digest = digestOfParts(signOff.parts);
  const whole = person.permissions.includes("legacy_imports.review");
  const [
    report,
    standing,
    coverage,
    rows,
    small,
    exported,
    waves,
    drill,
    earlier,
    asked,
    total,
    questions,
    overview,
  ] = await Promise.all([
    reportOf(db, run.id, digest),
    standingOf(db, signOff, person),
    sampleCoverage(db, look.parts, run.id, digest),
    withRows ? sampleRows(db, look, run.id, digest, { unmasked: whole }) : [],
    partsOfRun(
      db,
      mappings.map(({ table }) => table),
      run,
    ),
    exportOf(services, run.id, digest),
    wavesOf(db, run.id),
    drillOf(db, run.id),
    earlierDecisions(
      db,
      mappings.map(({ name }) => name),
      signOff,
    ),
    whoIsAsked(db, starter),
    countSampled(db, run.id, digest),
    questionsOf(db, run.id),
    mappingOverview(db, run),
  ]);
  const obstacles = approvalObstacles(standing, person);
  return {
    id: signOff.id,
    person: person.name,
    status: signOff.status === "pending" && signOff.expired ? "expired" : signOff.status,
    gate: signOff.gate,
    gateSays: gateSays(signOff.gate),
    digest: signOff.digest,
    askedAt: signOff.asked_at,
    expiresAt: signOff.expires_at,
    decided: decidedOf(signOff),
    voidBecause: signOff.void_because,
    overrides: standing.overrides,
    run: runOf(run, look, starter),
    report: report ?? null,
    stops: standing.stops,
    seen: standsAs(standing),
    reasons: reasonsOf(look, report),
    unlisted: withAliases(run, report),
    export: exported,
    waves,
    drill,
    earlier,
    asked,
    changed: explainChange(
      signOff.parts,
      { ...signOff.parts, ...small, definition: current ? definitionDigest(current) : "" },
      mappings.map(({ name }) => name),
    ),
    carried: overview
      .filter(({ carried }) => carried > 0)
      .map(({ name, carried }) => ({ name, carried })),
    samples: { whole, coverage, total, unjudged: standing.unjudged, rows },
    judge: mayJudge(signOff, person, starter),
    decide: mayDecide(signOff, person, starter),
    questions,
    obstacles: obstacles.map(({ says, next }) => `${says} ${next}`),
    obstacleNames: obstacles.map((each) => each.name),
  };
}

const decidedOf = ({
  decided_by: by,
  decided_at: at,
  comment,
  changes_asked: changes,
}: SignOff): SignOffView["decided"] =>
  by === null ? null : { by, at: at ?? "", comment, changes };

const runOf = (run: Run, { title }: PinnedLook, starter: string): SignOffView["run"] => ({
  id: run.id,
  reference: run.reference,
  migration: run.migration,
  title: title || run.migration,
  connection: run.connection_name,
  source: run.source.description ?? null,
  startedBy: starter,
  startedAt: run.created_at,
  focusMode: run.focus_mode,
  wavePlan: run.wave_plan,
});

async function exportOf(
  services: Services,
  run: string,
  digest: string,
): Promise<SignOffView["export"]> {
  const [found] = await services.sign.rows<{ prefix: string; manifest_digest: string }>(sql`
    select prefix, manifest_digest from wavegate.review_exports
     where run_id = ${uuid(run)} and digest = ${digest}`);
  if (!found) return null;
  const place = `s3://${services.settings.evidenceBucket}/${found.prefix}`;
  return { place, manifestDigest: found.manifest_digest };
}

const wavesOf = (db: Database, run: string): Promise<WaveLine[]> =>
  rowsWhole<WaveLine>(
    db,
    sql`
    select wave, status, coalesce(clean, false) as clean,
           coalesce((counts ->> 'picked')::bigint, 0) as picked,
           coalesce((counts ->> 'linked')::bigint, 0) as linked,
           coalesce((counts ->> 'committed')::bigint, 0) as created
      from wavegate.waves where run_id = ${uuid(run)} order by wave`,
  );

async function drillOf(db: Database, run: string): Promise<SignOffView["drill"]> {
  const [found] = await db.rows<{ passed: boolean; at: string }>(sql`
    select passed, at::text as at from wavegate.drills where run_id = ${uuid(run)}`);
  return found ?? null;
}

/** Rows that no wave writes, by reason, with what the plan says about it. */
function reasonsOf(
  { parts }: PinnedLook,
  report: DryRunReport | undefined,
): SignOffView["reasons"] {
  return Object.entries(report?.reasons ?? {}).map(([reason, rows]) => {
    return { reason, ...reasonIn(parts, reason), rows };
  });
}
