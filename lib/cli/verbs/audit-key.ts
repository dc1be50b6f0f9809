import { resolve } from "node:path";
import { KMSClient } from "@aws-sdk/client-kms";
import { fingerprintOf, pemOf } from "../../evidence/signature.ts";
import { openSigner } from "../../services/signer.ts";
import { writeNew } from "../../services/whole-file.ts";
import { clientConfig } from "../aws.ts";
import type { Answer, Frame } from "../command.ts";
import { CannotRun } from "../failure.ts";
import { placeOf } from "../find-place.ts";
import { setting } from "../place.ts";

/** `wavegate audit key`: the public half of the key that signs bundles, as PEM. */
export async function auditKey(frame: Frame, options: { to: string }): Promise<Answer> {
  const place = await placeOf(frame.io);
  const client = new KMSClient(clientConfig(place, "KMS"));
  try {
    const signer = openSigner(setting(place, "WAVEGATE_SIGNING_KEY_ARN"), client);
    const { key, spki } = await signer.publicKey();
    const file = resolve(frame.io.cwd, options.to);
    await writeNew(file, pemOf(spki)).catch((error) => notWritten(file, error));
    const fingerprint = fingerprintOf(spki);
    return {
      json: { key, fingerprint, file },
      text: [
        `The public half of ${key} is in ${file}`,
        `Fingerprint ${fingerprint}`,
        ...(place.name === "local"
          ? [
              "This key lies on this machine: it shows damage, and not what the machine's owner forged.",
            ]
          : ["Tell the auditor the fingerprint another way than the bundles."]),
      ],
    };
  } finally {
    client.destroy();
  }
}

function notWritten(file: string, { code }: NodeJS.ErrnoException): never {
  throw new CannotRun(
    "FileNotWritten",
    code === "EEXIST"
      ? `${file} is there already. Nothing was written; name another file with --to.`
      : `${file} cannot be written (${code}). Nothing was written; name another file with --to.`,
  );
}
