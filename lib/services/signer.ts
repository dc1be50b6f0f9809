import type { KMSClient } from "@aws-sdk/client-kms";
import { Refusal } from "./errors.ts";
import type { Signer } from "./services.ts";

/**
 * Signs with one key of KMS. The SDK is loaded when something is signed: most functions never do.
 *
 * @param keyArn undefined for a function that was not given the key: any use of it is a defect of ours
 */
export function openSigner(keyArn: string | undefined, given?: KMSClient): Signer {
  let client = given;
  const kms = async () => {
    if (!keyArn) {
      throw new Refusal(
        "EnvironmentIncomplete",
        "WAVEGATE_SIGNING_KEY_ARN is not set, so nothing can be signed. The bundle was not finished. Deploy again, or run `wavegate local up`.",
      );
    }
    const sdk = await import("@aws-sdk/client-kms");
    client ??= new sdk.KMSClient();
    return { client, sdk, KeyId: keyArn };
  };
  return {
    publicKey: async () => {
      const { client, sdk, KeyId } = await kms();
      const answer = await client.send(new sdk.GetPublicKeyCommand({ KeyId }));
      return { key: answer.KeyId ?? KeyId, spki: Buffer.from(answer.PublicKey ?? []) };
    },
    sign: async (text) => {
      const { client, sdk, KeyId } = await kms();
      const { Signature } = await client.send(
        new sdk.SignCommand({
          KeyId,
          Message: Buffer.from(text),
          MessageType: "RAW",
          SigningAlgorithm: "ECDSA_SHA_256",
        }),
      );
      return Buffer.from(Signature ?? []);
    },
  };
}
