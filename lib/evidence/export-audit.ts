import type { Pin } from "../compile/pin/pin.ts";
import { type Database, endsAfter } from "../data/database.ts";
import { erasedSince, findRun, type Run, readPreflight } from "../data/runs.ts";
import type { Services } from "../services/services.ts";
import { CHAIN_START } from "./audit-chain.ts";
import { balance } from "./balance.ts";
import { type BundleWriter, type Chunk, writeBundle } from "./bundle.ts";
import { commitLogColumns, commitLogLines } from "./commit-log.ts";
import { sayable } from "./contacts.ts";
import { csvLine } from "./csv.ts";
import type { ExportColumn } from "./csv-sql.ts";
import { documentsOf } from "./documents.ts";
import { INCIDENT, incidentNote } from "./incident-note.ts";
import type { Manifest } from "./manifest.ts";
import { writeMappings } from "./mappings.ts";
import { migrationReport } from "./migration-report.ts";
import { type LineQuery, lines } from "./pages.ts";
import { pinnedTo, pinOf } from "./pinned.ts";
import * as records from "./records.ts";
import { SECURITY_LOG, securityLog } from "./security-log.ts";
import type { Statement } from "./signature.ts";
import { finalColumns, stagedLines } from "./staged-rows.ts";
import { type Heads, logBundle, noteBundle, tellUnlogged } from "./unlogged-bundles.ts";

/** Where an audit bundle is, and the SHA-256 of its manifest: to be kept somewhere else, too. */
export interface AuditExport {
  readonly prefix: string;
  readonly manifestDigest: string;
}

/** Tells the go/no-go items of the run by the services it is given. */
type GoNoGoOf = (services: Services) => Promise<unknown>;

/**
 * Exports everything an auditor needs about a run, at any moment, under the next number below
 * `runs/<reference>/audit/`. All files show one moment: they are read in one snapshot. Nothing that
 * was exported before is replaced. Cut off behind its manifest and sent again, it is the bundle that lies there.
 *
 * @param options.goNoGo tells the go/no-go items (R18); asked within the snapshot
 */
export async function exportAudit(
  services: Services,
  runId: string,
  options: { goNoGo?: GoNoGoOf } = {},
): Promise<AuditExport> {
  const { id, reference } = await findRun(services.stage, runId);
  for (let attempt = 1; ; attempt++) {
    const folder = `runs/${reference}/audit/`;
    const cutOff = await tellUnlogged(services, id, folder);
    if (cutOff) return cutOff;
    const prefix = await nextPrefix(services, folder);
    try {
      return await exportTo(services, id, prefix, options.goNoGo);
    } catch (error) {
      // Another export took the number in between.
      const taken = error instanceof Error && error.name === "ObjectExists";
      if (!taken || attempt === 5) throw error;
    }
  }
}

async function exportTo(
  services: Services,
  id: string,
  prefix: string,
  goNoGo: GoNoGoOf | undefined,
): Promise<AuditExport> {
  const bundle = writeBundle(services.evidence, prefix, services.signer);
  const { about, chain, heads } = await services.stage.transaction(async (db) => {
    // An export that was stopped in the middle keeps a set-up, and with it each start, from their tables until it is ended.
    await db.execute(endsAfter("1min"));
    // One snapshot: a wave that commits meanwhile is in all files or in none.
    const list = await goNoGo?.({ ...services, stage: db });
    return writeAudit(bundle, db, await findRun(db, id), services.clock(), list);
  }, "repeatable read, read only");
  // Behind the snapshot, which holds all that it read: of two who wait for each other through this one the database knows nothing.
  const { manifestDigest } = await bundle.finish(about, chain, (digest) =>
    noteBundle(services.stage, id, { prefix, manifestDigest: digest }, heads),
  );
  await logBundle(services.stage, id, { prefix, manifestDigest }, services.clock());
  return { prefix, manifestDigest };
}

/** `0001`, `0002`, …: the first number nothing lies under, unfinished exports included. */
async function nextPrefix({ evidence }: Services, folder: string): Promise<string> {
  const numbers = (await evidence.list(folder)).map(({ key }) =>
    Number.parseInt(key.slice(folder.length), 10),
  );
  const next = Math.max(0, ...numbers.filter(Number.isInteger)) + 1;
  return `${folder}${String(next).padStart(4, "0")}`;
}

type About = Omit<Manifest, "format" | "files">;

/** Everything but what makes the bundle whole. */
async function writeAudit(
  bundle: BundleWriter,
  db: Database,
  run: Run,
  at: Date,
  goNoGo: unknown,
): Promise<{ about: About; chain: Statement["log"]; heads: Heads }> {
  const pin = pinOf(run);
  const counted = await balance(db, pin, run.id);
  // First and small: of two exporters at once, one gets the number and the other stops here.
  await bundle.json("summary.json", {
    pinned_to: pinnedTo(run),
    status: run.status,
    stage: run.stage,
    halted_because: run.halted_because && sayable(run.halted_because),
    acknowledgements: run.acknowledgements,
    preflight: await readPreflight(db, run),
    counts: run.counts,
    balance: counted,
    dry_runs: await records.dryRuns(db, run.id),
    review_exports: await records.reviewExports(db, run.id),
    // Since when names, phones and addresses are missing in the rows (B13).
    ...(run.erased_at === null ? {} : { erased: { at: erasedSince(run), by: run.erased_by } }),
    exported_at: at.toISOString(),
  });
  await bundle.json("balance.json", counted);
  await bundle.json("definition.json", run.definition);
  for (const [name, document] of Object.entries(
    documentsOf(run.definition.documents, pinnedTo(run)),
  ).sort())
    await bundle.json(name, document);
  await bundle.stream("rows.csv.gz", rowsOf(db, pin, run.id));
  await bundle.stream(
    "commit-log.csv.gz",
    table(db, commitLogColumns, () => commitLogLines(run.id)),
  );
  await writeMappings(bundle, db, pin, run.id, { atATime: 1 });
  await writeRecords(bundle, db, run.id);
  await bundle.stream("migration-report.json", migrationReport(db, run, at));
  if (goNoGo !== undefined) await bundle.json("go-no-go.json", goNoGo);

  const log = await records.auditLog(db, run.id);
  await bundle.stream("audit-log.jsonl", jsonLines(log));
  const incident = incidentNote({
    reference: run.reference,
    definition: run.definition,
    backup: run.acknowledgements.backup,
    log,
  });
  if (incident !== undefined) await bundle.text(INCIDENT, incident);
  const around = await securityLog(db);
  await bundle.stream(SECURITY_LOG, jsonLines(around));
  const chain = { entries: log.length, head: log.at(-1)?.hash ?? CHAIN_START };
  const about = {
    kind: "audit" as const,
    run: run.id,
    reference: run.reference,
    migration: run.migration,
    definition_digest: run.definition_digest,
    exported_at: at.toISOString(),
    audit_log: chain,
    security_log: { entries: around.length, head: around.at(-1)?.hash ?? CHAIN_START },
  };
  const heads = { head: chain.head, securityHead: about.security_log.head };
  return { about, chain, heads };
}

async function writeRecords(bundle: BundleWriter, db: Database, runId: string): Promise<void> {
  const write = async (name: string, found: records.EvidenceRecord[]) =>
    bundle.json(name, found, found.length);
  await write("waves.json", await records.waves(db, runId));
  await write("sign-offs.json", await records.signOffs(db, runId));
  await write("samples.json", await records.samples(db, runId));
  await write("questions.json", await records.questions(db, runId));
  await write("verifications.json", await records.verifications(db, runId));
  const [drill] = await records.drills(db, runId);
  if (drill) await bundle.json("drill.json", drill);
}

/** A header and the lines under it. The Data API allows one call at a time in a transaction. */
async function* table(
  db: Database,
  columns: readonly ExportColumn[],
  query: (columns: readonly ExportColumn[]) => LineQuery,
): AsyncGenerator<Chunk> {
  yield { text: csvLine(columns.map(({ name }) => name)), rows: 0 };
  yield* lines(db, query(columns), { atATime: 1 });
}

/** Every staged row, kind by kind. */
async function* rowsOf(db: Database, pin: Pin, run: string): AsyncGenerator<Chunk> {
  const columns = finalColumns(pin);
  for (const [index, entity] of pin.entities.entries()) {
    const own = columns(entity);
    if (index === 0) yield { text: csvLine(own.map(({ name }) => name)), rows: 0 };
    yield* lines(db, stagedLines(entity, run, own), { atATime: 1 });
  }
}

async function* jsonLines(values: readonly unknown[]): AsyncGenerator<Chunk> {
  for (const value of values) yield { text: `${JSON.stringify(value)}\n`, rows: 1 };
}
