import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { compareKeys, keyOfFileName } from "./keys.ts";

/** Time stamps of folders are coarse: a younger one may hide a second change. */
const SETTLED_AFTER_NS = 1_000_000_000n;

/** The keys that the files of one folder stand for, in Amazon's order; read again when it changed. */
export class KeyList {
  readonly #folder: string;
  readonly #hashedKeys = new Map<string, string>();
  #listed: { stamp: bigint; keys: string[] } | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async all(): Promise<readonly string[]> {
    const { mtimeNs: stamp } = await stat(this.#folder, { bigint: true });
    if (this.#listed?.stamp === stamp) return this.#listed.keys;
    const keys: string[] = [];
    for (const name of await readdir(this.#folder)) {
      const key = keyOfFileName(name) ?? (await this.#hashedKey(name));
      if (key !== undefined) keys.push(key);
    }
    keys.sort(compareKeys);
    const settled = BigInt(Date.now()) * 1_000_000n - stamp > SETTLED_AFTER_NS;
    this.#listed = settled ? { stamp, keys } : undefined;
    return keys;
  }

  /** A long key's file is named by its hash, and says the key itself. */
  async #hashedKey(name: string): Promise<string | undefined> {
    const known = this.#hashedKeys.get(name);
    if (known !== undefined) return known;
    const text = await readFile(join(this.#folder, name), "utf8").catch(() => undefined);
    if (text === undefined) return undefined;
    const { key } = JSON.parse(text) as { key: string };
    this.#hashedKeys.set(name, key);
    return key;
  }
}
