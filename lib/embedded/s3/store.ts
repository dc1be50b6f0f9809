import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Bucket } from "./bucket.ts";
import { S3Error } from "./errors.ts";
import { isBucketName } from "./keys.ts";
import type { BucketFolders } from "./records.ts";
import { readRecord, recordsIn } from "./versions.ts";
import { show } from "./view.ts";

/** The folder below the store's own that holds everything but the plain files. */
const INTERNAL = ".s3";
/** What a killed process left behind is swept when surely nobody writes it any more. */
const LEFT_BEHIND_AFTER_MS = 3_600_000;

/** All buckets of a folder. */
export class Store {
  readonly #directory: string;
  readonly #buckets = new Map<string, Bucket>();
  readonly #locked: readonly string[];

  /** @param locked beginnings of keys whose versions nobody removes */
  constructor(directory: string, locked: readonly string[] = []) {
    this.#directory = directory;
    this.#locked = locked;
  }

  /** Opens the folder, makes the wanted buckets, and heals what a crash left behind. */
  async open(wanted: readonly string[]): Promise<void> {
    await mkdir(join(this.#directory, INTERNAL), { recursive: true, mode: 0o700 });
    for (const name of wanted) await this.#make(name);
    for (const name of await this.names()) await tidy(await this.bucket(name));
  }

  /** The buckets' names, sorted. */
  async names(): Promise<string[]> {
    const names = (await readdir(join(this.#directory, INTERNAL))).filter(isBucketName);
    const whole = await Promise.all(names.map((name) => exists(this.#folders(name).uploads)));
    return names.filter((_, at) => whole[at]).sort();
  }

  /** When the bucket was made. */
  async createdAt(name: string): Promise<Date> {
    return (await stat(join(this.#directory, INTERNAL, name))).birthtime;
  }

  /** Errors: `NoSuchBucket`. */
  async bucket(name: string): Promise<Bucket> {
    const known = this.#buckets.get(name);
    if (known !== undefined) return known;
    const folders = this.#folders(name);
    if (!isBucketName(name) || !(await exists(folders.uploads))) {
      throw new S3Error("NoSuchBucket", "The specified bucket does not exist", {
        details: { BucketName: name },
      });
    }
    const bucket = this.#buckets.get(name) ?? new Bucket(name, folders, this.#locked);
    this.#buckets.set(name, bucket);
    return bucket;
  }

  /** Errors: `InvalidBucketName`, `BucketAlreadyOwnedByYou`. */
  async create(name: string): Promise<void> {
    if (!isBucketName(name)) {
      throw new S3Error("InvalidBucketName", "The specified bucket is not valid.");
    }
    if (!(await this.#make(name))) {
      throw new S3Error(
        "BucketAlreadyOwnedByYou",
        "Your previous request to create the named bucket succeeded and you already own it.",
      );
    }
  }

  /** Removes a bucket that holds no version of anything. Errors: `NoSuchBucket`, `BucketNotEmpty`. */
  async remove(name: string): Promise<void> {
    const bucket = await this.bucket(name);
    if ((await bucket.keysOfVersions()).length > 0) {
      throw new S3Error(
        "BucketNotEmpty",
        "The bucket you tried to delete is not empty. You must delete all versions in the bucket.",
        { details: { BucketName: name } },
      );
    }
    this.#buckets.delete(name);
    const { view, uploads } = bucket.folders;
    // First what marks it as whole, so that a crash in between leaves only rubbish.
    await rm(uploads, { recursive: true, force: true });
    await rm(join(this.#directory, INTERNAL, name), { recursive: true, force: true });
    await rm(view, { recursive: true, force: true });
  }

  /** The last folder made marks the bucket as whole; says whether this call made it. */
  async #make(name: string): Promise<boolean> {
    if (!isBucketName(name)) throw new S3Error("InvalidBucketName", `Not a bucket name: ${name}`);
    const { view, index, versions, data, incoming, uploads } = this.#folders(name);
    for (const folder of [view, index, versions, data, incoming]) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
    }
    return (await mkdir(uploads, { recursive: true, mode: 0o700 })) !== undefined;
  }

  #folders(name: string): BucketFolders {
    const internal = join(this.#directory, INTERNAL, name);
    return {
      view: join(this.#directory, name),
      index: join(internal, "index"),
      versions: join(internal, "versions"),
      data: join(internal, "data"),
      incoming: join(internal, "incoming"),
      uploads: join(internal, "uploads"),
    };
  }
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Shows again what a crash left unshown, and sweeps bytes that nothing refers to. */
async function tidy({ folders }: Bucket): Promise<void> {
  // A folder of the time before versions were kept has no place for them.
  await mkdir(folders.versions, { recursive: true, mode: 0o700 });
  // The data is listed before the index: whatever was committed meanwhile is not in the list.
  const blobs = await readdir(folders.data);
  const referred = new Set<string>();
  for (const name of await readdir(folders.index)) {
    const record = await readRecord(join(folders.index, name));
    if (record === undefined) continue;
    referred.add(record.blob);
    await show(folders, record.key, record.blob);
  }
  // Read after the index: a version moves from there to here, and here it stays until it is removed.
  for (const name of await readdir(folders.versions)) {
    for (const { blob } of await recordsIn(join(folders.versions, name))) referred.add(blob);
  }
  await sweep(
    folders.data,
    blobs.filter((blob) => !referred.has(blob)),
  );
  await sweep(folders.incoming, await readdir(folders.incoming));
}

async function sweep(directory: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const path = join(directory, name);
    const facts = await stat(path).catch(() => undefined);
    if (facts !== undefined && Date.now() - facts.mtimeMs > LEFT_BEHIND_AFTER_MS) {
      await rm(path, { force: true });
    }
  }
}
