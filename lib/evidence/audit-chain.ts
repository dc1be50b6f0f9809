import { createHash } from "node:crypto";
import { canonicalJson } from "../data/runs.ts";

/** One line of a run's audit log (W12): who did what, when, and on which digest. */
export interface AuditEntry {
  readonly run_id: string;
  /** 1, 2, 3 … without a gap. */
  readonly seq: number;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** As the platform vouches for the person; `wavegate` for what the engine does by itself. */
  readonly actor: string;
  readonly action: string;
  /** What was acted on, e.g. the digest that was signed. */
  readonly digest: string | null;
  /** Ids, counts and words; never personal data of the people migrated (W14). */
  readonly details: Readonly<Record<string, unknown>>;
  /** The hash of the entry before; {@link CHAIN_START} for the first. */
  readonly previous: string;
  readonly hash: string;
}

/** What stands before the first entry. */
export const CHAIN_START = "0".repeat(64);

/** An entry's hash: SHA-256, as hex, of the previous hash and the entry in canonical JSON. */
export function entryHash(entry: Omit<AuditEntry, "hash">): string {
  const { previous, run_id, seq, at, actor, action, digest, details } = entry;
  return createHash("sha256")
    .update(previous)
    .update(canonicalJson({ run_id, seq, at, actor, action, digest, details }))
    .digest("hex");
}

/** A chain that holds, with the hash of its last entry, or the first entry that breaks it. */
export type ChainVerdict =
  | { readonly ok: true; readonly head: string; readonly entries: number }
  | { readonly ok: false; readonly at: number; readonly because: string };

/**
 * Verifies a run's audit log in its order: an entry that was removed, changed, moved or inserted
 * breaks the chain at its place. Entries cut off at the end leave a chain that holds; only a head
 * kept elsewhere (in a bundle's manifest) shows that.
 */
export function verifyChain(entries: Iterable<AuditEntry>): ChainVerdict {
  let head = CHAIN_START;
  let last = 0;
  let run: string | undefined;
  for (const entry of entries) {
    run ??= entry.run_id;
    const because = breaks(entry, { seq: last + 1, previous: head, run });
    if (because !== undefined) return { ok: false, at: last + 1, because };
    head = entry.hash;
    last += 1;
  }
  return { ok: true, head, entries: last };
}

function breaks(
  entry: AuditEntry,
  expected: { seq: number; previous: string; run: string },
): string | undefined {
  if (entry.seq !== expected.seq) {
    return `Entry ${expected.seq} should stand here, and entry ${entry.seq} does: one was removed, inserted or moved.`;
  }
  if (entry.run_id !== expected.run) return `Entry ${entry.seq} belongs to another run.`;
  if (entry.previous !== expected.previous) {
    return `Entry ${entry.seq} does not follow the entry before it.`;
  }
  if (entryHash(entry) !== entry.hash) {
    return `Entry ${entry.seq} is not what was hashed: it was changed.`;
  }
  return undefined;
}
