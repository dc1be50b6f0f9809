import type { Run } from "../data/runs.ts";

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
