import { createHash } from "node:crypto";
import type { Database } from "../data/database.ts";
import { canonicalJson, definitionDigest, type Run } from "../data/runs.ts";
import { sql, uuid } from "../data/sql.ts";
import type { Migration } from "../define/definition.ts";
import { inOrder } from "../evidence/pages.ts";
import { digestOfMappings, digestsOfRows, reviewedColumns } from "./digest-sql.ts";
import { rowRanges } from "./row-ranges.ts";

/** SHA-256 of each thing that is reviewed, as hex (W7). */
export interface ReviewParts {
  /** The migration's rules. */
  readonly definition: string;
  /** What the run is pinned to: source, focus, wave plan, gates, seed, and who started it (W5). */
  readonly run: string;
  /** Staged rows with raw payload, decisions, plan and duplicate hints. */
  readonly rows: string;
  /** The mappings of courses and sessions. */
  readonly mappings: string;
}

/** What a sign-off binds to: the reviewed parts and the manifest of their export (R10); null: never exported. */
export interface SignedParts extends ReviewParts {
  readonly export: string | null;
}

/** One digest over the reviewed parts, and each part's own. */
export interface ReviewDigest {
  readonly digest: string;
  readonly parts: ReviewParts;
}

/** What a run is pinned to, as far as a digest needs it. */
export type PinnedRun = Pick<
  Run,
  "id" | "connection_name" | "focus_mode" | "wave_plan" | "gates" | "seed" | "started_by"
>;

/** Rows of one statement: about half a second of hashing here, far from the Data API's 45 s. */
const rowsPerStatement = 50_000;

/** As many as a small cluster has processors; within a transaction they wait for each other. */
const rangesAtOnce = 2;

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/**
 * The digest of everything a person reviews (W7): the same for as long as nothing of it changes,
 * whatever commits write meanwhile (import state, wave and imported ids are left out).
 */
export async function reviewDigest(
  db: Database,
  definition: Migration,
  run: PinnedRun,
): Promise<ReviewDigest> {
  const small = await smallParts(db, definition, run);
  const parts = { ...small, rows: await rowsDigest(db, definition, run.id) };
  return { digest: digestOfParts(parts), parts };
}

/** Every part but the rows: a few milliseconds at any size, so that a page can show early what changed. */
export async function smallParts(
  db: Database,
  definition: Migration,
  run: PinnedRun,
  mappings?: string,
): Promise<Omit<ReviewParts, "rows">> {
  return {
    definition: definitionDigest(definition),
    run: pinnedDigest(run),
    mappings: mappings ?? (await mappingsDigest(db, definition, run.id)),
  };
}

/** The digest over what a run is pinned to, besides its rules. */
export function pinnedDigest(run: Omit<PinnedRun, "id">): string {
  const { connection_name, focus_mode, wave_plan, gates, seed, started_by } = run;
  return sha256(canonicalJson({ connection_name, focus_mode, wave_plan, gates, seed, started_by }));
}

/** The digest over reviewed parts: the key of dry runs, exports and samples. */
export function digestOfParts({ definition, run, rows, mappings }: ReviewParts): string {
  return sha256(canonicalJson({ definition, run, rows, mappings }));
}

/** The digest a sign-off binds to: the reviewed parts and the digest of the export's manifest. */
export function signedDigest(parts: ReviewParts, manifestDigest: string | null): string {
  const { definition, run, rows, mappings } = parts;
  return sha256(canonicalJson({ definition, run, rows, mappings, export: manifestDigest }));
}

/**
 * What stands now: the reviewed parts, and the manifest of the export made of exactly this state.
 *
 * @param known digests that are known to hold still (see `unchanged.ts`); others are read
 */
export async function partsNow(
  db: Database,
  definition: Migration,
  run: PinnedRun,
  known: Partial<Pick<ReviewParts, "rows" | "mappings">> = {},
): Promise<SignedParts> {
  const small = await smallParts(db, definition, run, known.mappings);
  const parts = { ...small, rows: known.rows ?? (await rowsDigest(db, definition, run.id)) };
  const digest = digestOfParts(parts);
  const [exported] = await db.rows<{ manifest_digest: string }>(sql`
    select manifest_digest from wavegate.review_exports
     where run_id = ${uuid(run.id)} and digest = ${digest}`);
  return { ...parts, export: exported?.manifest_digest ?? null };
}

/** In words, which parts are not what was signed; an empty text when nothing changed. */
export function explainChange(signed: SignedParts, now: SignedParts): string {
  const changed = [
    signed.definition !== now.definition && "the migration's rules",
    signed.run !== now.run && "what the run is pinned to (source, focus or wave plan)",
    signed.rows !== now.rows && "the staged rows or decisions about them",
    signed.mappings !== now.mappings && "the course or session mappings",
  ].filter((part) => part !== false);
  if (changed.length === 0 && signed.export !== now.export) {
    return now.export === null ? "the review export is gone" : "the review export was made again";
  }
  if (changed.length === 0) return "";
  return `${list(changed)} changed`;
}

const list = (words: readonly string[]): string =>
  new Intl.ListFormat("en", { type: "conjunction" }).format(words);

async function rowsDigest(db: Database, migration: Migration, run: string): Promise<string> {
  const ranges = await rowRanges(db, migration, run, rowsPerStatement);
  const columns = await reviewedColumns(db, migration);
  const hashes = inOrder(ranges, rangesAtOnce, async (range) => {
    const parts = [`${range.after} ${range.upTo}`];
    for (const statement of digestsOfRows(migration, columns, range)) {
      parts.push((await db.one<{ hash: string }>(statement)).hash);
    }
    return `${parts.join(" ")}\n`;
  });
  const chain = createHash("sha256");
  for await (const hash of hashes) chain.update(hash);
  return chain.digest("hex");
}

async function mappingsDigest(db: Database, migration: Migration, run: string): Promise<string> {
  const columns = await reviewedColumns(db, migration);
  const hashes: string[] = [];
  for (const { staging } of Object.values(migration.references)) {
    const { hash } = await db.one<{ hash: string }>(digestOfMappings(staging.table, columns, run));
    hashes.push(`${staging.table} ${hash}\n`);
  }
  return sha256(hashes.join(""));
}
