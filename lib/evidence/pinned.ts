import { fromFormatOne, type PinOfFormatOne } from "../compile/pin/format-one.ts";
import { fromFormatTwo, type PinOfFormatTwo } from "../compile/pin/format-two.ts";
import { type PinnedLook, type PinnedShown, pinLook } from "../compile/pin/look.ts";
import { lookWithoutRules } from "../compile/pin/look-older.ts";
import { compilePin, type Pin } from "../compile/pin/pin.ts";
import type { Database } from "../data/database.ts";
import { called, findRun, longReader, type Run } from "../data/runs.ts";
import { raw, type Sql } from "../data/sql.ts";
import { Refusal } from "../services/errors.ts";

export type { PinnedLook } from "../compile/pin/look.ts";

/**
 * The pin of a run as it was stored with it (D35); of a run older than pins, what its definition compiles to.
 *
 * Errors: `PinUnreadable` for a format, or a definition, that this program does not know.
 */
export function pinOf(run: Run): Pin {
  const { pin } = run;
  if (pin === null || pin === undefined) return olderThanPins(run);
  const { format } = pin as { format?: unknown };
  if (format === 3) return pin as Pin;
  if (format === 2) return fromFormatTwo(pin as PinOfFormatTwo);
  if (format === 1) return fromFormatTwo(fromFormatOne(pin as PinOfFormatOne));
  throw unreadable(run, format);
}

function olderThanPins(run: Run): Pin {
  try {
    return compilePin(run.definition);
  } catch {
    throw unreadable(run, undefined);
  }
}

const unreadable = ({ reference }: Run, format: unknown): Refusal =>
  new Refusal(
    "PinUnreadable",
    `What ${reference} is pinned to is of format ${JSON.stringify(format) ?? "none"}, which this wavegate does not know, ` +
      "so nothing was changed: use the version that began the run, or a later one.",
  );

/**
 * What people's questions about a run's rows rest on (D35), as it was stored with the run. Of a run that is older
 * than that, what its definition compiles to, or, where this program does not understand that any more, its
 * rows and mappings without the rules. Errors: `PinUnreadable`.
 */
export async function lookOf(db: Database, run: Run): Promise<PinnedLook> {
  return asLook(run, await storedLook(db, called(run.id)));
}

/** A run, and what people's questions about its rows rest on. */
export interface LookedAt {
  readonly run: Run;
  readonly look: PinnedLook;
}

/** Both, read at once: each is long, and a page waits for them. Errors: `UnknownRun`, `PinUnreadable`. */
export async function findLookedAt(db: Database, idOrReference: string): Promise<LookedAt> {
  const [run, stored] = await Promise.all([
    findRun(db, idOrReference),
    storedLook(db, called(idOrReference)),
  ]);
  return { run, look: asLook(run, stored) };
}

function asLook(run: Run, look: Partial<PinnedLook> | null): PinnedLook {
  if (look?.format === 1) return withShown(look as PinnedLook, run);
  if (look !== null && look !== undefined) throw unreadable(run, look.format);
  try {
    return pinLook(run.definition);
  } catch {
    return lookWithoutRules(pinOf(run));
  }
}

/** A look that is older than what pages show of rows has that of the run's definition, where that is understood. */
function withShown(look: PinnedLook, run: Run): PinnedLook {
  if (look.parts.every(({ fields }) => (fields as unknown) !== undefined)) return look;
  let known: readonly PinnedShown[] = [];
  try {
    known = pinLook(run.definition).parts;
  } catch {
    // Its words are another vocabulary's: the rows are shown without.
  }
  const nothing: PinnedShown = { part: null, fields: [], classifications: [], common: {} };
  return {
    ...look,
    parts: look.parts.map((part, at) => {
      const { part: name, fields, classifications, common } = known[at] ?? nothing;
      return { ...part, part: name, fields, classifications, common };
    }),
  };
}

const readLook = longReader<Partial<PinnedLook>>(raw("id"), raw("pin -> 'look'"));

const storedLook = async (db: Database, which: Sql): Promise<Partial<PinnedLook> | null> =>
  (await readLook(db, which))?.long ?? null;

/** What a run is pinned to (W5), as summaries show it. */
export function pinnedTo(run: Run) {
  return {
    run: run.id,
    reference: run.reference,
    migration: run.migration,
    definition_digest: run.definition_digest,
    connection: run.connection_name,
    source: run.source,
    focus_mode: run.focus_mode,
    wave_plan: run.wave_plan,
    gates: run.gates,
    seed: run.seed,
    // Named only where somebody said something.
    ...(Object.keys(run.settings ?? {}).length === 0 ? {} : { settings: run.settings }),
    started_by: run.started_by,
    started_at: new Date(`${run.created_at.replace(" ", "T")}Z`).toISOString(),
  };
}

/**
 * What a run's definition says that the platform does by itself beside the rows of a wave, each with why; nothing takes that
 * back. Nothing is said of a run whose pin is not understood.
 */
export function leftBeside(run: Run): readonly string[] {
  let effects: Pin["effects"];
  try {
    effects = pinOf(run).effects ?? {};
  } catch {
    return [];
  }
  return Object.entries(effects).flatMap(([name, { kind, says }]) =>
    kind !== "detached" ? [`${name} (${says.replace(/\.$/u, "")})`] : [],
  );
}
