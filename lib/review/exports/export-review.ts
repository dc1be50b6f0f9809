import { allRecords } from "../../data/records.ts";
import { findRun, type Run, requirePeople } from "../../data/runs.ts";
import { json, sql, uuid } from "../../data/sql.ts";
import { headOf } from "../../evidence/audit-log.ts";
import { type BundleWriter, writeBundle } from "../../evidence/bundle.ts";
import { csvLine } from "../../evidence/csv.ts";
import type { Manifest } from "../../evidence/manifest.ts";
import { writeMappings } from "../../evidence/mappings.ts";
import { lines } from "../../evidence/pages.ts";
import { pinnedTo, pinOf } from "../../evidence/pinned.ts";
import { digestOfParts, type ReviewParts } from "../../evidence/review-digest.ts";
import { reviewColumns, stagedLines } from "../../evidence/staged-rows.ts";
import { Refusal } from "../../services/errors.ts";
import type { Services } from "../../services/services.ts";
import { smallParts } from "../digest/digest.ts";
import type { DryRunReport } from "../report.ts";

/** Where a review export is, and the SHA-256 of its manifest: what a sign-off binds to (W7). */
interface ReviewExport {
  readonly prefix: string;
  readonly manifestDigest: string;
}

/** Pages read at once: one for each processor of a small cluster, and one that waits for whoever writes. */
const atATime = 3;

/**
 * Exports what a dry run showed, for a person to decide on (R10): every staged row, masked inside
 * the database (D20), the summary, the mappings, and a manifest of digests. The same data gives the
 * same bytes; a digest that was exported already returns what was recorded then. The stage writes
 * the audit entry.
 *
 * @throws {Refusal} `DryRunMissing` when nothing was shown under this digest, `ReviewOutdated` when
 * rules or mappings are no longer what was shown.
 */
export async function exportReview(
  services: Services,
  runId: string,
  digest: string,
  note: (done: number) => Promise<void> = async () => {},
): Promise<ReviewExport> {
  const db = services.stage;
  const run = await findRun(db, runId);
  const known = await recorded(services, run.id, digest);
  if (known) return known;

  requirePeople(run, "A review export");
  const shown = await dryRun(services, run, digest);
  await refuseOutdated(services, run, shown.parts, digest);
  const folder = `runs/${run.reference}/review/${digest}`;
  for (let attempt = 1; ; attempt++) {
    // Evidence is never replaced: an export that was cut off stays beside the next one.
    const prefix = attempt === 1 ? folder : `${folder}-${attempt}`;
    try {
      const made = await exportTo(services, { run, digest, shown, prefix }, note);
      return (await recorded(services, run.id, digest)) ?? made;
    } catch (error) {
      const taken = error instanceof Error && error.name === "ObjectExists";
      if (!taken || attempt === mostAttempts) throw error;
    }
  }
}

/** Exports of one digest that were cut off, at most. */
const mostAttempts = 100;

async function exportTo(
  services: Services,
  about: { run: Run; digest: string; shown: Shown; prefix: string },
  note: (done: number) => Promise<void>,
): Promise<ReviewExport> {
  const { run, digest, shown, prefix } = about;
  const bundle = writeBundle(services.evidence, prefix, services.signer);
  await bundle.json("summary.json", { pinned_to: pinnedTo(run), dry_run: { digest, ...shown } });
  await writeRows(bundle, services, run, note);
  await writeMappings(bundle, services.stage, pinOf(run), run.id, { atATime });
  // Rows and mappings were read page by page: a decision made meanwhile must not be half in it.
  await refuseOutdated(services, run, shown.parts, digest);
  const { entries, hash } = await headOf(services.stage, run.id);
  const shownBy = {
    kind: "review" as const,
    run: run.id,
    reference: run.reference,
    migration: run.migration,
    definition_digest: run.definition_digest,
    dry_run_digest: digest,
  };
  const { manifest, manifestDigest } = await bundle.finish(shownBy, { entries, head: hash });
  await record(services, { run, digest, prefix, manifest, manifestDigest });
  return { prefix, manifestDigest };
}

async function recorded(
  { stage }: Services,
  runId: string,
  digest: string,
): Promise<ReviewExport | undefined> {
  const [found] = await stage.rows<{ prefix: string; manifest_digest: string }>(sql`
    select prefix, manifest_digest from wavegate.review_exports
     where run_id = ${uuid(runId)} and digest = ${digest}`);
  return found && { prefix: found.prefix, manifestDigest: found.manifest_digest };
}

interface Shown {
  readonly parts: ReviewParts;
  readonly report: DryRunReport;
}

async function dryRun({ stage }: Services, run: Run, digest: string): Promise<Shown> {
  const [shown] = await allRecords<Shown>(
    stage,
    sql`select 1 as n, jsonb_build_object('parts', parts, 'report', report) as record from wavegate.dry_runs
         where run_id = ${uuid(run.id)} and digest = ${digest}`,
  );
  if (!shown) {
    throw new Refusal(
      "DryRunMissing",
      `No dry run of ${run.reference} showed ${digest}. Nothing was exported. ` +
        `Run \`wavegate dry-run --run ${run.reference}\` first.`,
    );
  }
  return shown;
}

async function refuseOutdated(
  { stage }: Services,
  run: Run,
  shown: ReviewParts,
  digest: string,
): Promise<void> {
  const now = await smallParts(stage, run.definition, run);
  if (digestOfParts({ ...now, rows: shown.rows }) !== digest) {
    throw new Refusal(
      "ReviewOutdated",
      `Rules or mappings of ${run.reference} changed since the dry run. The export was not recorded. ` +
        `Run \`wavegate dry-run --run ${run.reference}\` again.`,
    );
  }
}

async function writeRows(
  bundle: BundleWriter,
  services: Services,
  run: Run,
  note: (done: number) => Promise<void>,
): Promise<void> {
  const staged = Math.max(1, run.counts.staged_rows ?? 0);
  let rows = 0;
  const pin = pinOf(run);
  const columns = reviewColumns(pin);
  const [first] = pin.entities;
  await bundle.stream(
    "rows.csv.gz",
    (async function* () {
      yield { text: csvLine(first ? columns(first).map(({ name }) => name) : []), rows: 0 };
      for (const entity of pin.entities) {
        const query = stagedLines(entity, run.id, columns(entity));
        for await (const chunk of lines(services.stage, query, { atATime })) {
          yield chunk;
          rows += chunk.rows;
          await note(rows / staged);
        }
      }
    })(),
  );
}

/** Of two exporters at once the first one counts. */
async function record(
  { stage }: Services,
  made: {
    run: Run;
    digest: string;
    prefix: string;
    manifest: Manifest;
    manifestDigest: string;
  },
): Promise<void> {
  const { run, digest, prefix, manifest, manifestDigest } = made;
  await stage.execute(sql`
    insert into wavegate.review_exports (run_id, digest, prefix, manifest, manifest_digest)
    values (${uuid(run.id)}, ${digest}, ${prefix}, ${json(manifest)}, ${manifestDigest})
    on conflict (run_id, digest) do nothing`);
}
