import { createHash } from "node:crypto";
import type { WholeMigration } from "../define/several.ts";
import type { Database } from "./database.ts";
import { pieceOf } from "./records.ts";
import { Refusal } from "./refusal.ts";
import { raw, type Sql, sql, uuid } from "./sql.ts";
import type { Watching } from "./watching.ts";

/**
 * What a trial judges: about so many rows, up to its dry run (B12), or the whole source, up to its review export. Neither
 * is asked about, and neither is ever written.
 */
export type Trial = { readonly rows: number } | { readonly whole: true };

/** Whether a run is a dry run of the whole source. */
export const isWholeTrial = ({ trial }: Pick<Run, "trial">): boolean =>
  trial !== null && trial !== undefined && "whole" in trial;

/** Whether a run is a trial of which all is done: nothing of it goes on. */
export const isOverTrial = (run: {
  readonly trial?: object | null;
  readonly stage: string;
}): boolean =>
  run.trial !== null &&
  run.trial !== undefined &&
  run.stage === ("whole" in run.trial ? "export-review" : "dry-run");

/** A run as stored: what it is pinned to (W5) and where it stands. */
export interface Run {
  readonly id: string;
  /** Short name for people and paths, e.g. `gym-20261120-7f3a`. */
  readonly reference: string;
  readonly migration: string;
  readonly definition_digest: string;
  readonly definition: WholeMigration;
  /** As stored, of whichever format; null for a run older than pins. `pinOf` reads it. */
  readonly pin: unknown;
  readonly connection_name: string;
  readonly source: {
    description?: string;
    fingerprint?: string;
    /** Where it is read from several. */
    connections?: readonly { connection: string; fingerprint?: string }[];
  };
  readonly focus_mode: string;
  readonly wave_plan: readonly number[];
  readonly gates: "every-wave" | "on-anomaly";
  readonly seed: string;
  readonly started_by: string | null;
  readonly execution_arn: string | null;
  readonly acknowledgements: Record<string, unknown>;
  readonly preflight: Record<string, unknown>;
  /** What was said of it, by the names of its definition's settings: moments in ISO 8601. */
  readonly settings: Readonly<Record<string, string>>;
  readonly counts: Record<string, number>;
  readonly stage: string;
  readonly control: "run" | "pause" | "stop";
  readonly status: string;
  readonly halted_because: { error: string; message: string } | null;
  /** What it judges where it is a trial; null for any other run. */
  readonly trial: Trial | null;
  readonly created_at: string;
  /** The last reading of what its definition watches (C4); null before the first. */
  readonly watching: Watching | null;
  /** When the raw payload and identity of its staged people were erased (B13), and who asked. */
  readonly erased_at: string | null;
  readonly erased_by: string | null;
  /** Staged rows of which nothing is left; null while some may be. */
  readonly erased_rows: number | null;
}

/** A run without what is long, its definition and its pin: what changes of it, and what it is called. */
export type RunState = Omit<Run, "definition" | "pin">;

/** `2026-11-20 10:00 UTC`: since when the people of a run are erased; undefined for one that has them. */
export const erasedSince = ({ erased_at: at }: Pick<Run, "erased_at">): string | undefined =>
  at === null || at === undefined ? undefined : `${at.replace("T", " ").slice(0, 16)} UTC`;

/**
 * Refuses what takes the people of a run, once they are erased. Errors: `RunErased`.
 *
 * @param cannot what is no longer possible, e.g. `A rollback`
 */
export function requirePeople(run: Pick<Run, "erased_at" | "reference">, cannot: string): void {
  const since = erasedSince(run);
  if (since === undefined) return;
  throw new Refusal(
    "RunErased",
    `${cannot} of ${run.reference} is no longer possible since ${since}, when the people it staged were erased. ` +
      "Nothing was written. Its ledger, log and the bundles exported before remain; `wavegate balance` and `wavegate export audit` still work.",
  );
}

/** A run's columns but for its definition and its pin, which are long. */
const shortColumns = raw(
  `id, reference, migration, definition_digest, connection_name, source, focus_mode,
   wave_plan, gates, seed, started_by, execution_arn, acknowledgements, preflight, settings, counts, stage, control, status,
   halted_because, trial, created_at, watching, erased_at, erased_by, erased_rows`,
);

type Piece = Omit<Run, "definition" | "pin"> & {
  readonly definition_piece: string;
  readonly pin_piece: string | null;
};

/**
 * The run for which a condition on its table holds, in one statement, whatever its definition's length is. Of its pin
 * all but what people's questions rest on, which is longer still and read apart.
 */
export async function readRun(db: Database, which: Sql): Promise<Run | undefined> {
  const pieces = await db.rows<Piece>(sql`
    select ${shortColumns}, substr(long.definition, n * ${pieceOf}::int + 1, ${pieceOf}::int) as definition_piece,
           substr(long.pin, n * ${pieceOf}::int + 1, ${pieceOf}::int) as pin_piece
      from wavegate.legacy_import_runs
      cross join lateral (
        select definition::text, (case jsonb_typeof(pin) when 'object' then pin - 'look' else pin end)::text as pin offset 0) long
      cross join lateral generate_series(
        0, greatest(length(long.definition), coalesce(length(long.pin), 0)) / ${pieceOf}::int) n
     where ${which} order by id, n`);
  const [first] = pieces;
  if (first === undefined) return undefined;
  const { definition_piece: _, pin_piece: pinned, ...run } = first;
  const own = pieces.filter(({ id }) => id === first.id);
  const whole = (piece: (of: Piece) => string | null): unknown =>
    JSON.parse(own.map((each) => piece(each) ?? "").join(""));
  return {
    ...run,
    definition: whole(({ definition_piece }) => definition_piece) as WholeMigration,
    pin: pinned === null ? null : whole(({ pin_piece }) => pin_piece),
  };
}

/** The condition for the run with this id or reference. */
export const called = (idOrReference: string): Sql =>
  sql`id::text = ${idOrReference} or reference = ${idOrReference}`;

/** The run with this id or reference. Errors: `UnknownRun`. */
export async function findRun(db: Database, idOrReference: string): Promise<Run> {
  return (await readRun(db, called(idOrReference))) ?? unknown(idOrReference);
}

/** What {@link findRun} reads, but for its definition and its pin: for what is looked at again and again. */
export async function findRunState(db: Database, idOrReference: string): Promise<RunState> {
  const [found] = await db.rows<RunState>(sql`
    select ${shortColumns} from wavegate.legacy_import_runs where ${called(idOrReference)}`);
  return found ?? unknown(idOrReference);
}

function unknown(idOrReference: string): never {
  throw new Refusal(
    "UnknownRun",
    `There is no run “${idOrReference}”. Nothing was written. \`wavegate runs\` lists them.`,
  );
}

/**
 * Whoever acts on the same run at this moment waits until this transaction ends; who only refers to the run, as
 * an audit entry does, does not: two that wait for each other's rows would be a deadlock. What a transaction acts
 * by is read after it, whatever was read before.
 *
 * @param lock `share` lets others who share it go on: waves do, whose own order is the commit lock's
 */
export const lockRun = (
  transaction: Database,
  runId: string,
  lock: "no key update" | "share" = "no key update",
): Promise<unknown> =>
  transaction.rows(
    sql`select id from wavegate.legacy_import_runs where id = ${uuid(runId)} for ${raw(lock)}`,
  );

/**
 * {@link lockRun}, and the run's state as it is behind the lock, in one statement.
 *
 * @param also further columns, each behind a comma: what the transaction sets for itself, and what it looks at besides
 */
export async function lockRunState<Also = unknown>(
  transaction: Database,
  runId: string,
  lock: "no key update" | "share" = "no key update",
  also: Sql = raw(""),
): Promise<RunState & Also> {
  const [found] = await transaction.rows<RunState & Also>(sql`
    select ${shortColumns}${also} from wavegate.legacy_import_runs where id = ${uuid(runId)} for ${raw(lock)}`);
  return found ?? unknown(runId);
}

const digests = new WeakMap<WholeMigration, string>();

/** SHA-256 of a definition in canonical JSON (keys sorted), as hex: what W5 pins. */
export function definitionDigest(migration: WholeMigration): string {
  const known = digests.get(migration);
  if (known !== undefined) return known;
  const digest = createHash("sha256").update(canonicalJson(migration)).digest("hex");
  // One that `defineMigration` froze, all of it, stays what it is.
  if (Object.isFrozen(migration)) digests.set(migration, digest);
  return digest;
}

/** JSON with sorted keys: equal values give equal texts. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .sort(([left], [right]) => (left < right ? -1 : 1));
    return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonicalJson(inner)}`).join(",")}}`;
  }
  return JSON.stringify(value);
}
