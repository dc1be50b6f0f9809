import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { fileFault } from "../file-fault.ts";
import { identityOf } from "./identity.ts";
import { tableFiles } from "./table-file.ts";

/** SHA-256 of the names of a folder's tables, and of all that is in them. */
export async function fingerprintOf(folder: string): Promise<string> {
  const hash = createHash("sha256");
  for (const file of await tableFiles(folder))
    hash.update(`${file}\n${await digestOf(join(folder, file))}\n`);
  return hash.digest("hex");
}

/** As many files are remembered. */
const mostFiles = 1_000;
/** SHA-256 of files by what tells that they are the same: it is asked for before and behind each range that is read. */
const known = new Map<string, Promise<string>>();

async function digestOf(path: string): Promise<string> {
  try {
    const identity = await identityOf(path);
    const found = known.get(identity) ?? wholeDigest(path);
    if (!known.has(identity) && known.size >= mostFiles)
      known.delete(known.keys().next().value as string);
    known.set(identity, found);
    // Written to while it was read, it is another one from then on, and read anew.
    return await found.catch((error) => {
      known.delete(identity);
      throw error;
    });
  } catch (error) {
    throw fileFault(path, error);
  }
}

async function wholeDigest(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const part of createReadStream(path, { highWaterMark: 1024 * 1024 }))
    hash.update(part);
  return hash.digest("hex");
}
