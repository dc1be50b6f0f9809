import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from "node:crypto";
import { readFile } from "node:fs/promises";
import { writeFileDurably } from "../identity/durable.ts";
import { withFileLock } from "../identity/lock.ts";

/** A key pair on P-256 in a file that its owner alone reads. */
export interface SigningKey {
  /** Made the first time it is asked for; two processes that ask at once get the same. */
  private(): Promise<KeyObject>;
  public(): Promise<KeyObject>;
}

/** The key of a file (PKCS #8, PEM). It is never made anew over one that cannot be read. */
export function signingKeyAt(file: string): SigningKey {
  let kept: KeyObject | undefined;
  const own = async (): Promise<KeyObject> => {
    kept ??= await withFileLock(`${file}.lock`, async () => {
      const known = await readIfThere(file);
      if (known !== undefined) return createPrivateKey(known);
      const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
      const pem = privateKey.export({ type: "pkcs8", format: "pem" });
      await writeFileDurably(file, pem, { mode: 0o600 });
      return privateKey;
    });
    return kept;
  };
  return { private: own, public: async () => createPublicKey(await own()) };
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
