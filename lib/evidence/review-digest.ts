import { createHash } from "node:crypto";
import { canonicalJson, type Run } from "../data/runs.ts";

/** SHA-256 of each thing that is reviewed, as hex (W7). */
export interface ReviewParts {
  /** The migration's rules. */
  readonly definition: string;
  /** What the run is pinned to: source, focus, wave plan, gates, seed, and who started it (W5). */
  readonly run: string;
  /** Staged rows with raw payload, decisions, plan and duplicate hints. */
  readonly rows: string;
  /** The mappings of what rows refer to. */
  readonly mappings: string;
}

/** What a sign-off binds to: the reviewed parts and the manifest of their export (R10); null: never exported. */
export interface SignedParts extends ReviewParts {
  readonly export: string | null;
}

/** What a run is pinned to, as far as a digest needs it. */
export type PinnedRun = Pick<
  Run,
  "id" | "connection_name" | "focus_mode" | "wave_plan" | "gates" | "seed" | "started_by"
> &
  Partial<Pick<Run, "settings">>;

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** The digest over what a run is pinned to, besides its rules. */
export function pinnedDigest(run: Omit<PinnedRun, "id">): string {
  const { connection_name, focus_mode, wave_plan, gates, seed, started_by, settings = {} } = run;
  const said = Object.keys(settings).length === 0 ? {} : { settings };
  const pinned = { connection_name, focus_mode, wave_plan, gates, seed, started_by, ...said };
  return sha256(canonicalJson(pinned));
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
