import { Refusal } from "../services/errors.ts";
import type { EvidenceStore } from "../services/services.ts";
import { MANIFEST, type Manifest, parseManifest, SIGNATURE, sha256 } from "./manifest.ts";
import { beginPull } from "./pull-folder.ts";

/** What was pulled, and where from. */
interface Pulled {
  /** Prefix of the bundle, e.g. `runs/gym-20261120-7f3a/audit/0002`. */
  readonly prefix: string;
  readonly manifestDigest: string;
  readonly files: number;
}

/**
 * Downloads a bundle into an empty or new folder, or one in which a download was killed, and verifies each file against
 * the manifest before it is written. `prefix` names one bundle, or a folder of numbered ones, of which the newest
 * finished one is taken.
 *
 * @throws {Refusal} `BundleMissing`, `BundleDamaged` (a file differs, is missing, or is one too
 * many), `FolderNotEmpty`
 */
export async function pullBundle(
  store: EvidenceStore,
  prefix: string,
  directory: string,
): Promise<Pulled> {
  const folder = prefix.replace(/\/+$/, "");
  const keys = (await store.list(`${folder}/`)).map(({ key }) => key);
  const bundle = findBundle(keys, folder);
  const bytes = await store.get(`${bundle}/${MANIFEST}`);
  const parsed = parseManifest(bytes);
  if ("because" in parsed) throw damaged(bundle, parsed.because);
  refuseOthers(keys, bundle, parsed.manifest);
  const folderOfIt = await beginPull(directory, bytes);
  try {
    for (const file of parsed.manifest.files) {
      const content = await store.get(`${bundle}/${file.name}`);
      if (content.length !== file.bytes || sha256(content) !== file.sha256) {
        throw damaged(bundle, `${file.name} is not what the manifest says.`);
      }
      await folderOfIt.keep(file.name, content);
    }
    // Whoever has the public key holds it against this; an older bundle has none.
    if (keys.includes(`${bundle}/${SIGNATURE}`)) {
      await folderOfIt.keep(SIGNATURE, await store.get(`${bundle}/${SIGNATURE}`));
    }
    await folderOfIt.finish();
  } catch (error) {
    // Of a bundle that could not be fetched nothing is left that looks like some of it, nor in the way of the next try.
    await folderOfIt.abandon();
    throw error;
  }
  return { prefix: bundle, manifestDigest: sha256(bytes), files: parsed.manifest.files.length };
}

/** The bundle itself, or the one with the highest number among those that were finished. */
function findBundle(keys: readonly string[], folder: string): string {
  if (keys.includes(`${folder}/${MANIFEST}`)) return folder;
  const numbers = keys
    .map((key) => /^(\d+)\/manifest\.json$/.exec(key.slice(folder.length + 1))?.[1])
    .filter((number) => number !== undefined)
    .sort((left, right) => Number(left) - Number(right));
  const newest = numbers.at(-1);
  if (newest === undefined) {
    throw new Refusal(
      "BundleMissing",
      `No finished bundle lies under “${folder}”. Nothing was written. ` +
        "`wavegate export audit --run RUN` makes one.",
    );
  }
  return `${folder}/${newest}`;
}

/** Every object of a bundle is a file of its manifest: anything else, a path above all, is refused. */
function refuseOthers(keys: readonly string[], bundle: string, manifest: Manifest): void {
  const names = new Set([MANIFEST, ...manifest.files.map(({ name }) => name)]);
  const found = keys
    .filter((key) => key.startsWith(`${bundle}/`))
    .map((key) => key.slice(bundle.length + 1));
  const strange = found.find((name) => !names.has(name) && name !== SIGNATURE);
  if (strange !== undefined) {
    throw damaged(bundle, `${JSON.stringify(strange)} lies in it and is not in its manifest.`);
  }
  const missing = [...names].find((name) => !found.includes(name));
  if (missing !== undefined) throw damaged(bundle, `${missing} is missing.`);
}

const damaged = (bundle: string, because: string): Refusal =>
  new Refusal(
    "BundleDamaged",
    `The bundle ${bundle} is not as it was written: ${because} Do not use it; tell the owner of the bucket.`,
  );
