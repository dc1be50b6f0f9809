import type { KeyObject } from "node:crypto";
import { lstat } from "node:fs/promises";
import { join } from "node:path";
import type { AuditEntry } from "../audit-chain.ts";
import { sha256 } from "../manifest.ts";
import { jsonLines, UnreadableFile } from "./files.ts";
import { signedBy } from "./signature.ts";
import { type Anchor, type BundleCheck, failed, passed, type SignedBy } from "./verdict.ts";

/** What the verifier has from elsewhere. */
export interface Known {
  /** From a mail: the digest of this bundle's manifest, or the head of the audit log at that time. */
  readonly digest?: string | undefined;
  /** The key that signs bundles, from its owner: whoever brings the bundle may bring a key to fit. */
  readonly publicKey?: KeyObject | undefined;
}

/** What shows that a bundle was not written anew, and what was found on the way. */
export interface Anchoring {
  readonly anchor: Anchor;
  /** Whose signature lies beside the manifest. */
  readonly signedBy?: SignedBy | undefined;
  readonly said: readonly BundleCheck[];
  /**
   * Up to which entry of the audit log what was announced before proves that it is the one that was written: none of it, or
   * all. A signature proves none of it: who has the key signs whatever order, and names the key as they like.
   */
  readonly trustedTo: number;
}

/** Holds a bundle's manifest against what the verifier has from elsewhere; the strongest counts. */
export async function anchorOf(
  directory: string,
  manifest: Buffer,
  { digest, publicKey }: Known,
): Promise<Anchoring> {
  const announced = await announcedAs(directory, manifest, digest);
  const { said, by } = await signedBy(directory, manifest, publicKey);
  return {
    trustedTo: announced.trustedTo,
    anchor: by?.verified && announced.anchor !== "digest" ? "signature" : announced.anchor,
    signedBy: by,
    said: [...announced.said, ...said],
  };
}

/** Holds the manifest against the digest of a mail. */
async function announcedAs(
  directory: string,
  manifest: Buffer,
  digest: string | undefined,
): Promise<Anchoring> {
  if (digest === undefined) return { anchor: "none", said: [], trustedTo: 0 };
  const wanted = digest.trim().toLowerCase();
  const found = sha256(manifest);
  if (found === wanted) {
    const said = [passed("anchor", `The manifest is ${wanted}.`)];
    return { anchor: "digest", said, trustedTo: Number.POSITIVE_INFINITY };
  }
  const entry = await entryWith(directory, wanted);
  if (entry !== undefined) {
    const says = `Entry ${entry} of the audit log is ${wanted}: the log up to there is the one that was announced, and what came after is not anchored.`;
    return { anchor: "chain", said: [passed("anchor", says)], trustedTo: entry };
  }
  const says = `The manifest is ${found}, and ${wanted} was expected.`;
  return { anchor: "none", said: [failed("anchor", says)], trustedTo: 0 };
}

/** The number of the log's entry with this hash. */
async function entryWith(directory: string, hash: string): Promise<number | undefined> {
  const path = join(directory, "audit-log.jsonl");
  // What is no plain file of the bundle is no log of it, and a pipe would never end.
  if (!(await lstat(path).catch(() => undefined))?.isFile()) return undefined;
  try {
    for await (const entry of jsonLines<AuditEntry>(path)) {
      if (entry?.hash === hash) return entry.seq;
    }
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error;
  }
  return undefined;
}
