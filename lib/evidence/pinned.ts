import { compilePin, type Pin } from "../compile/pin.ts";
import { fromFormatOne, type PinOfFormatOne } from "../compile/pin-format-one.ts";
import { fromFormatTwo, type PinOfFormatTwo } from "../compile/pin-format-two.ts";
import type { Run } from "../data/runs.ts";
import { Refusal } from "../services/errors.ts";

/**
 * The pin of a run as it was stored with it (D35); of a run older than pins, what its definition compiles to.
 *
 * Errors: `PinUnreadable` for a format that this program does not know.
 */
export function pinOf({ pin, definition, reference }: Run): Pin {
  if (pin === null || pin === undefined) return compilePin(definition);
  const { format } = pin as { format?: unknown };
  if (format === 3) return pin as Pin;
  if (format === 2) return fromFormatTwo(pin as PinOfFormatTwo);
  if (format === 1) return fromFormatTwo(fromFormatOne(pin as PinOfFormatOne));
  throw new Refusal(
    "PinUnreadable",
    `What ${reference} is pinned to is of format ${JSON.stringify(format) ?? "none"}, which this wavegate does not know, ` +
      "so nothing was changed: use the version that began the run, or a later one.",
  );
}

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
    started_by: run.started_by,
    started_at: new Date(`${run.created_at.replace(" ", "T")}Z`).toISOString(),
  };
}
