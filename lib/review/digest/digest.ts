import { createHash } from "node:crypto";
import { allChoices } from "../../compile/references/choices.ts";
import type { Database } from "../../data/database.ts";
import { definitionDigest } from "../../data/runs.ts";
import { type Sql, sql, uuid } from "../../data/sql.ts";
import { partsOf, type WholeMigration } from "../../define/several.ts";
import { inOrder } from "../../evidence/pages.ts";
import {
  digestOfParts,
  type PinnedRun,
  pinnedDigest,
  type ReviewParts,
  type SignedParts,
} from "../../evidence/review-digest.ts";
import { rowRanges } from "../row-ranges.ts";
import {
  digestOfCalled,
  digestsOfMappings,
  digestsOfRows,
  hashesOf,
  reviewedColumns,
} from "./digest-sql.ts";

/** One digest over the reviewed parts, and each part's own. */
interface ReviewDigest {
  readonly digest: string;
  readonly parts: ReviewParts;
}

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
  definition: WholeMigration,
  run: PinnedRun,
): Promise<ReviewDigest> {
  const small = await smallParts(db, definition, run);
  const parts = { ...small, rows: await rowsDigest(db, definition, run.id) };
  return { digest: digestOfParts(parts), parts };
}

/** Every part but the rows: a few milliseconds at any size, so that a page can show early what changed. */
export async function smallParts(
  db: Database,
  definition: WholeMigration,
  run: PinnedRun,
  mappings?: string,
): Promise<Omit<ReviewParts, "rows">> {
  return {
    definition: definitionDigest(definition),
    ...(mappings === undefined
      ? await partsOfRun(db, mappingTables(definition), run)
      : { run: pinnedDigest(run), mappings }),
  };
}

/** The tables that keep what legacy things are on the platform, and which of several rows a person says is meant. */
export const mappingTables = (definition: WholeMigration): readonly string[] => [
  ...Object.values(definition.references).map(({ staging }) => staging.table),
  ...allChoices(definition).map(({ table }) => table),
];

/** What a run is pinned to, and what its mapping tables hold. */
export const partsOfRun = async (
  db: Database,
  mappings: readonly string[],
  run: PinnedRun,
): Promise<Pick<ReviewParts, "run" | "mappings">> => ({
  run: pinnedDigest(run),
  mappings: await mappingsDigest(db, mappings, run.id),
});

/** An export for review, by the digest of what it shows, of which a run has one each. */
export interface Exported {
  readonly digest: string;
  readonly manifest_digest: string;
}

/** The newest {@link Exported} of a run, as JSON; null where there is none. */
export const newestExport = (run: string): Sql => sql`
  select to_jsonb(e) from (
    select digest, manifest_digest from wavegate.review_exports
     where run_id = ${uuid(run)} order by created_at desc limit 1) e`;

/**
 * What stands now: the reviewed parts, and the manifest of the export made of exactly this state.
 *
 * @param known digests that are known to hold still (see `unchanged.ts`), and the newest export; others are read
 */
export async function partsNow(
  db: Database,
  definition: WholeMigration,
  run: PinnedRun,
  known: {
    readonly rows?: string | undefined;
    readonly mappings?: string | undefined;
    readonly exported?: Exported | null;
  } = {},
): Promise<SignedParts> {
  const small = await smallParts(db, definition, run, known.mappings);
  const parts = { ...small, rows: known.rows ?? (await rowsDigest(db, definition, run.id)) };
  const digest = digestOfParts(parts);
  if (known.exported?.digest === digest)
    return { ...parts, export: known.exported.manifest_digest };
  const [exported] = await db.rows<{ manifest_digest: string }>(sql`
    select manifest_digest from wavegate.review_exports
     where run_id = ${uuid(run.id)} and digest = ${digest}`);
  return { ...parts, export: exported?.manifest_digest ?? null };
}

/**
 * In words, which parts are not what was signed; an empty text when nothing changed.
 *
 * @param references names of what the migration maps
 */
export function explainChange(
  signed: SignedParts,
  now: SignedParts,
  references: readonly string[] = [],
): string {
  const mapped = new Intl.ListFormat("en", { type: "disjunction" }).format(references);
  const changed = [
    signed.definition !== now.definition && "the migration's rules",
    signed.run !== now.run && "what the run is pinned to (source, focus or wave plan)",
    signed.rows !== now.rows && "the staged rows or decisions about them",
    signed.mappings !== now.mappings &&
      `the ${mapped === "" ? "" : `${mapped} `}mappings, or what their targets are called,`,
  ].filter((part) => part !== false);
  if (changed.length === 0 && signed.export !== now.export) {
    return now.export === null ? "the review export is gone" : "the review export was made again";
  }
  if (changed.length === 0) return "";
  return `${list(changed)} changed`;
}

const list = (words: readonly string[]): string =>
  new Intl.ListFormat("en", { type: "conjunction" }).format(words);

/** Of several kinds of things one digest behind the other, each begun with its name. */
async function rowsDigest(db: Database, whole: WholeMigration, run: string): Promise<string> {
  const columns = await reviewedColumns(db, whole);
  const chain = createHash("sha256");
  for (const migration of partsOf(whole)) {
    if (migration.part !== undefined) chain.update(`${migration.part}\n`);
    const ranges = await rowRanges(db, migration, run, rowsPerStatement);
    const hashes = inOrder(ranges, rangesAtOnce, async (range) => {
      const own = await hashesOf(db, digestsOfRows(migration, columns, range));
      return `${[`${range.after} ${range.upTo}`, ...own].join(" ")}\n`;
    });
    for await (const hash of hashes) chain.update(hash);
  }
  return chain.digest("hex");
}

async function mappingsDigest(
  db: Database,
  tables: readonly string[],
  run: string,
): Promise<string> {
  // Who signs sees names, and a wave writes ids: what they are called is reviewed like what they are (D38).
  const mapped = [
    ...(await digestsOfMappings(db, tables, run)),
    ["called", digestOfCalled(run)] as const,
  ];
  const hashes = await hashesOf(
    db,
    mapped.map(([, statement]) => statement),
  );
  return sha256(
    mapped
      // Of a run without them it is what it was before they counted.
      .filter(([table], at) => table !== "called" || hashes[at] !== "")
      .map(([table], at) => `${table} ${hashes[at]}\n`)
      .join(""),
  );
}
