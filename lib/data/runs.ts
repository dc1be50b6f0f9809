import { createHash } from "node:crypto";
import type { WholeMigration } from "../define/several.ts";
import type { Database } from "./database.ts";
import { oneRecord } from "./records.ts";
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
  /** Whether it passed; all that it found is read by {@link readPreflight}. */
  readonly preflight: { readonly passed?: boolean };
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

/** A run's columns but for its definition, its pin and what its preflight found, which are long. */
const shortColumns = raw(
  `id, reference, migration, definition_digest, connection_name, source, focus_mode,
   wave_plan, gates, seed, started_by, execution_arn, acknowledgements, preflight - array['checks', 'surroundings'] as preflight,
   settings, counts, stage, control, status,
   halted_because, trial, created_at, watching, erased_at, erased_by, erased_rows`,
);

/** Whatever is long of a run is written once; `long_as` is another one with each write. */
interface Piece {
  readonly long_as: string;
  /** Bytes of what is long, as base64; null where there is none, or where it is known. */
  readonly piece: string | null;
}

/** Bytes of what is long that one row of an answer carries beside the run's columns: the Data API ends at 64 KB a row. */
const longPiece = 21_000;
const mostKnown = 8;
const frozen = (_key: string, value: unknown): unknown => Object.freeze(value);

/**
 * Reads of the run for which a condition on its table holds some columns, and what is long of it, whatever its length,
 * in one statement. What is long comes once, for as long as this process remembers it, and is frozen.
 *
 * @param long JSON over the run's columns
 */
export function longReader<Long>(columns: Sql, long: Sql) {
  const known = new Map<string, Long | null>();
  return async <Columns>(
    db: Database,
    which: Sql,
  ): Promise<{ readonly columns: Columns; readonly long: Long | null } | undefined> => {
    const before = new Map(known);
    const pieces = await db.rows<Columns & Piece>(sql`
      select ${columns}, long_as, piece
        from (select ${columns}, long_as, definition, pin from wavegate.legacy_import_runs
               where ${which} order by id limit 1) run
        left join lateral (
          select n, encode(substr(bytes, n * ${longPiece}::int + 1, ${longPiece}::int), 'base64') as piece
            from (select convert_to((${long})::text, 'UTF8') as bytes
                   where not long_as = any (string_to_array(${[...before.keys()].join(",")}, ',')::uuid[]) offset 0) whole
           cross join lateral generate_series(0, octet_length(bytes) / ${longPiece}::int) n) pieces on true
       order by n`);
    const [first] = pieces;
    if (first === undefined) return undefined;
    const { long_as: longAs, piece, ...own } = first;
    const bytes = () =>
      Buffer.concat(pieces.map((each) => Buffer.from(each.piece ?? "", "base64")));
    const read = (): Long | null => (piece === null ? null : JSON.parse(`${bytes()}`, frozen));
    const found = before.has(longAs) ? (before.get(longAs) as Long | null) : read();
    known.delete(longAs);
    known.set(longAs, found);
    for (const oldest of known.keys()) if (known.size > mostKnown) known.delete(oldest);
    return { columns: own as Columns, long: found };
  };
}

const definitionAndPin = longReader<[WholeMigration, unknown]>(
  shortColumns,
  raw(
    "jsonb_build_array(definition, case jsonb_typeof(pin) when 'object' then pin - 'look' else pin end)",
  ),
);

/**
 * The run for which a condition on its table holds. Of its pin all but what people's questions rest on, which is longer
 * still and read apart.
 */
export async function readRun(db: Database, which: Sql): Promise<Run | undefined> {
  const found = await definitionAndPin<RunState>(db, which);
  if (found?.long == null) return undefined;
  const [definition, pin] = found.long;
  return { ...found.columns, definition, pin };
}

/** The condition for the run with this id or reference. */
export const called = (idOrReference: string): Sql =>
  sql`id::text = ${idOrReference} or reference = ${idOrReference}`;

/** The run with this id or reference. Errors: `UnknownRun`. */
export async function findRun(db: Database, idOrReference: string): Promise<Run> {
  return (await readRun(db, called(idOrReference))) ?? unknown(idOrReference);
}

/** What the preflight of a run found, as it was recorded: as long as the platform has tables around those that are written. */
export interface Preflight {
  readonly passed?: boolean;
  readonly checks?: readonly {
    readonly id: string;
    readonly says: string;
    readonly passed: boolean;
  }[];
  readonly surroundings?: readonly unknown[];
}

/** All of a run's {@link Preflight}. */
export const readPreflight = async (db: Database, run: Pick<Run, "id">): Promise<Preflight> =>
  (
    await oneRecord<{ preflight: Preflight }>(
      db,
      sql`select preflight from wavegate.legacy_import_runs where id = ${uuid(run.id)}`,
    )
  ).preflight;

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
export const lockRunState = <Also = unknown>(
  transaction: Database,
  runId: string,
  lock: "no key update" | "share" = "no key update",
  also: Sql = raw(""),
): Promise<RunState & Also> => oneState<Also>(transaction, runId, lockedState(runId, lock, also));

/** The statement of {@link lockRunState}. */
export const lockedState = (runId: string, lock: "no key update" | "share", also: Sql): Sql => sql`
    select ${shortColumns}${also} from wavegate.legacy_import_runs where id = ${uuid(runId)} for ${raw(lock)}`;

/** The one row of a statement about the state of a run. Errors: `UnknownRun`. */
export async function oneState<Also = unknown>(
  db: Database,
  runId: string,
  statement: Sql,
): Promise<RunState & Also> {
  const [found] = await db.rows<RunState & Also>(statement);
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
