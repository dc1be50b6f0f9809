import { generateKeyPairSync, sign } from "node:crypto";
import type { Signer } from "../lib/services/services.ts";

/** Signs with a key of this process: how KMS fails is no part of the campaign. */
export function campaignSigner(): Signer {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return {
    publicKey: async () => ({
      key: "arn:aws:kms:us-east-1:000000000000:key/campaign",
      spki: publicKey.export({ type: "spki", format: "der" }),
    }),
    sign: async (text) => sign("sha256", Buffer.from(text), privateKey),
  };
}
