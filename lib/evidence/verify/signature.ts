import { type KeyObject, verify } from "node:crypto";
import { lstat, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseManifest, SIGNATURE, sha256 } from "../manifest.ts";
import { fingerprintOf, parseSignature, statementIn } from "../signature.ts";
import { type BundleCheck, failed, passed, type SignedBy } from "./verdict.ts";

/** What came of a bundle's signature. */
export interface Signed {
  readonly said: readonly BundleCheck[];
  /** Whose signature it is, or is said to be where no key was brought. */
  readonly by?: SignedBy;
}

/** The account that stands for one machine in ARNs. */
const oneMachine = /^arn:aws:kms:[^:]*:000000000000:/;

/** A signature is some hundred bytes. */
const largest = 16 * 1024;

/** Holds the signature beside a manifest against the manifest and the verifier's key. */
export async function signedBy(
  directory: string,
  manifest: Buffer,
  key: KeyObject | undefined,
): Promise<Signed> {
  const parsed = parseManifest(manifest);
  // What is no manifest has failed already.
  if ("because" in parsed) return { said: [] };
  const bytes = await bytesOf(join(directory, SIGNATURE));
  if (bytes === "missing") {
    return { said: key ? [failed("signature", `There is no ${SIGNATURE}.`)] : [] };
  }
  const found = bytes === "strange" ? undefined : parseSignature(bytes);
  const says = found && statementIn(found.signed);
  if (!found || !says || says.key !== found.key) return wrong(`${SIGNATURE} is not a signature.`);
  const digest = sha256(manifest);
  if (says.manifest !== digest) {
    return wrong(`What is signed is the manifest ${says.manifest}, and this one is ${digest}.`);
  }
  const log = parsed.manifest.audit_log;
  if (log && (log.head !== says.log.head || log.entries !== says.log.entries)) {
    return wrong(
      `What is signed is the audit log ${says.log.head}, and the manifest says another.`,
    );
  }
  const ownMachine = oneMachine.test(found.key);
  if (!key) {
    return { said: [], by: { fingerprint: found.fingerprint, verified: false, ownMachine } };
  }
  const fingerprint = fingerprintOf(key.export({ type: "spki", format: "der" }));
  const signature = Buffer.from(found.signature, "base64");
  if (
    found.fingerprint !== fingerprint ||
    !verify("sha256", Buffer.from(found.signed), key, signature)
  ) {
    return wrong(
      `It is not the signature of key ${fingerprint}; the bundle names key ${found.fingerprint}.`,
    );
  }
  return {
    said: [passed("signature", `Key ${fingerprint} signed this manifest.`)],
    by: { fingerprint, verified: true, ownMachine },
  };
}

const wrong = (because: string): Signed => ({ said: [failed("signature", because)] });

/** The file's bytes; a link could show one file now and another one later. */
async function bytesOf(path: string): Promise<Buffer | "missing" | "strange"> {
  try {
    const found = await lstat(path);
    return found.isFile() && found.size <= largest ? await readFile(path) : "strange";
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "missing";
    throw error;
  }
}
