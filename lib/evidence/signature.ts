import { createPublicKey, type KeyObject, verify } from "node:crypto";
import * as z from "zod";
import { Refusal } from "../services/errors.ts";
import type { Signer } from "../services/services.ts";
import { sha256 } from "./manifest.ts";

const SignatureSchema = z.object({
  format: z.literal(1),
  /** As KMS names it: ECDSA on P-256 over the SHA-256 of `signed`. */
  algorithm: z.literal("ECDSA_SHA_256"),
  /** The key's ARN. */
  key: z.string().regex(/^arn:[!-~]{1,300}$/),
  /** SHA-256 of the public key (SPKI, DER). */
  fingerprint: z.string().regex(/^[0-9a-f]{64}$/),
  /** What is signed, to the byte. */
  signed: z.string().max(1000),
  /** ASN.1 DER, base64. */
  signature: z.base64().max(200),
});

/** What `signature.json` holds. */
export type Signature = z.infer<typeof SignatureSchema>;

/** What a signature says. */
export interface Statement {
  /** SHA-256 of the manifest. */
  readonly manifest: string;
  /** The audit log when the bundle was written. */
  readonly log: { readonly entries: number; readonly head: string };
  /** ARN of the key that signs. */
  readonly key: string;
}

/** The text that is signed: its first line keeps a signature from standing for anything else. */
const textOf = ({ manifest, log, key }: Statement): string =>
  `wavegate bundle 1\nmanifest ${manifest}\naudit log ${log.entries} ${log.head}\nkey ${key}\n`;

const shape =
  /^wavegate bundle 1\nmanifest ([0-9a-f]{64})\naudit log (\d{1,15}) ([0-9a-f]{64})\nkey (arn:[!-~]{1,300})\n$/;

/** What a signed text says, or undefined when it is none of ours. */
export function statementIn(signed: string): Statement | undefined {
  const [, manifest = "", entries = "", head = "", key = ""] = shape.exec(signed) ?? [];
  return key === "" ? undefined : { manifest, log: { entries: Number(entries), head }, key };
}

/** SHA-256 of a public key's SPKI in DER: what people compare. */
export const fingerprintOf = (spki: Buffer): string => sha256(spki);

/**
 * Signs what a bundle is: the bytes of `signature.json`.
 *
 * @throws {Refusal} `SignatureWrong` when the key's own public half does not verify it
 */
export async function signBundle(signer: Signer, about: Omit<Statement, "key">): Promise<Buffer> {
  const { key, spki } = await signer.publicKey();
  const signed = textOf({ ...about, key });
  const signature = await signer.sign(signed);
  const half = createPublicKey({ key: spki, format: "der", type: "spki" });
  if (!verify("sha256", Buffer.from(signed), half, signature)) {
    throw new Refusal(
      "SignatureWrong",
      "The public key does not verify what its key signed. The bundle was not finished. Look whether WAVEGATE_SIGNING_KEY_ARN names a key that signs, and export again.",
    );
  }
  const content: Signature = {
    format: 1,
    algorithm: "ECDSA_SHA_256",
    key,
    fingerprint: fingerprintOf(spki),
    signed,
    signature: signature.toString("base64"),
  };
  return signatureBytes(content);
}

const signatureBytes = (content: Signature): Buffer =>
  Buffer.from(`${JSON.stringify(content, null, 2)}\n`);

/** The signature in these bytes, as wavegate writes it, or undefined. */
export function parseSignature(bytes: Buffer): Signature | undefined {
  try {
    const found = SignatureSchema.parse(JSON.parse(bytes.toString("utf8")));
    return signatureBytes(found).equals(bytes) ? found : undefined;
  } catch {
    return undefined;
  }
}

/** The public key of a PEM file, or undefined when it is none on P-256: a private key above all. */
export function publicKeyIn(pem: string): KeyObject | undefined {
  if (!/^\s*-----BEGIN PUBLIC KEY-----/.test(pem)) return undefined;
  try {
    const key = createPublicKey(pem);
    const { namedCurve } = key.asymmetricKeyDetails ?? {};
    return key.asymmetricKeyType === "ec" && namedCurve === "prime256v1" ? key : undefined;
  } catch {
    return undefined;
  }
}

/** The same key as a PEM file. */
export const pemOf = (spki: Buffer): string =>
  createPublicKey({ key: spki, format: "der", type: "spki" }).export({
    type: "spki",
    format: "pem",
  }) as string;
