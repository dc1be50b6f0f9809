import { createHash } from "node:crypto";
import { link, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { type AuditEntry, CHAIN_START, entryHash } from "../../lib/evidence/audit-chain.ts";

/** A value of JSON that a forger may reach into. */
// biome-ignore lint/suspicious/noExplicitAny: forgeries reach anywhere.
export type Loose = any;

const sha256 = (bytes: Buffer | string) => createHash("sha256").update(bytes).digest("hex");

/**
 * Somebody who can write everything: changes files of a bundle, chains the log anew and makes the
 * manifest fit, so that nothing but contradictions is left to be found.
 */
export class Forger {
  readonly #whole: string;
  readonly #texts = new Map<string, string>();
  readonly #manifest: ((manifest: Loose) => void)[] = [];
  readonly #removed = new Set<string>();

  private constructor(whole: string, texts: ReadonlyMap<string, string>) {
    this.#whole = whole;
    this.#texts = new Map(texts);
  }

  /** Reads a bundle once; each {@link copy} starts from it. */
  static async of(whole: string): Promise<Forger> {
    const texts = new Map<string, string>();
    for (const name of await readdir(whole)) {
      // What a forger cannot make, it takes away: without the key nobody misses it.
      if (name === "signature.json") continue;
      const bytes = await readFile(join(whole, name));
      texts.set(name, (name.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8"));
    }
    return new Forger(whole, texts);
  }

  copy = (): Forger => new Forger(this.#whole, this.#texts);

  readonly #changed = new Set<string>();

  text(name: string, change: (text: string) => string): this {
    this.#texts.set(name, change(this.#texts.get(name) ?? ""));
    this.#changed.add(name);
    return this;
  }

  get names(): readonly string[] {
    return [...this.#texts.keys()];
  }

  read = (name: string): string => this.#texts.get(name) ?? "";

  json(name: string, change: (value: Loose) => unknown): this {
    return this.text(name, (text) => {
      const value = JSON.parse(text);
      const made = change(value);
      return `${JSON.stringify(made === undefined ? value : made, null, 2)}\n`;
    });
  }

  /** Changes entries of the log and chains them anew; entries that are taken out close their gap. */
  log(change: (entries: AuditEntry[]) => Loose, name = "audit-log.jsonl"): this {
    return this.text(name, (text) => {
      const entries = text
        .trimEnd()
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line));
      const changed = change(entries) ?? entries;
      let previous = CHAIN_START;
      return changed
        .map((entry: AuditEntry, index: number) => {
          const draft = { ...entry, seq: index + 1, previous };
          previous = entryHash(draft);
          return `${JSON.stringify({ ...draft, hash: previous })}\n`;
        })
        .join("");
    });
  }

  /** Changes the cells of a CSV: a list of rows, the heading first, without what needs quotes. */
  csv(name: string, change: (rows: string[][]) => unknown): this {
    return this.text(name, (text) => {
      const rows = text
        .split("\r\n")
        .slice(0, -1)
        .map((line) => line.split(","));
      const made = (change(rows) ?? rows) as string[][];
      return made.map((row) => `${row.join(",")}\r\n`).join("");
    });
  }

  manifest(change: (manifest: Loose) => void): this {
    this.#manifest.push(change);
    return this;
  }

  remove(name: string): this {
    this.#removed.add(name);
    return this;
  }

  /** Writes the forged bundle into a new folder. */
  async into(folder: string): Promise<string> {
    await mkdir(folder);
    const manifest = JSON.parse(this.read("manifest.json"));
    for (const name of this.#texts.keys()) {
      if (name === "manifest.json" || this.#removed.has(name)) continue;
      if (!this.#changed.has(name)) {
        await link(join(this.#whole, name), join(folder, name));
        continue;
      }
      const text = this.read(name);
      const bytes = name.endsWith(".gz") ? gzipSync(text) : Buffer.from(text);
      await writeFile(join(folder, name), bytes);
      const known = manifest.files.find((each: Loose) => each.name === name);
      const file = known ?? { name, sha256: "", bytes: 0, rows: null };
      if (known === undefined) manifest.files.push(file);
      Object.assign(file, { sha256: sha256(bytes), bytes: bytes.length });
      if (file.content !== undefined) file.content = sha256(text);
      if (file.rows !== null) file.rows = recordsOf(name, text) ?? file.rows;
    }
    manifest.files = manifest.files.filter((each: Loose) => !this.#removed.has(each.name));
    for (const [field, name] of [
      ["audit_log", "audit-log.jsonl"],
      ["security_log", "security-log.jsonl"],
    ] as const) {
      if (!this.#changed.has(name)) continue;
      const lines = this.read(name).trimEnd().split("\n").filter(Boolean);
      const head = lines.length > 0 ? JSON.parse(lines.at(-1) as string).hash : CHAIN_START;
      manifest[field] = { entries: lines.length, head };
    }
    for (const change of this.#manifest) change(manifest);
    await writeFile(join(folder, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
    return folder;
  }
}

/** How many records a list has; undefined where it is none any more. */
function recordsOf(name: string, text: string): number | undefined {
  if (name.endsWith(".jsonl")) return text.split("\n").filter(Boolean).length;
  if (/\.csv(\.gz)?$/.test(name))
    return text.includes("\r\n") ? text.split("\r\n").length - 2 : undefined;
  try {
    return JSON.parse(text).length;
  } catch {
    return undefined;
  }
}
