import { createHash } from "node:crypto";
import { mkdir, open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import type { AslDefinition } from "./asl.ts";

/**
 * The machines as they are now, and every version that an execution was started with: on AWS an
 * execution keeps the definition of its start, so it is kept here under its digest.
 */
export class Definitions {
  readonly #folder: string;
  readonly #current = new Map<string, { id: string; definition: AslDefinition }>();

  constructor(directory: string) {
    this.#folder = join(directory, "definitions");
  }

  /** Stores the machines' present definitions. */
  async store(machines: Record<string, AslDefinition>): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    for (const [machine, definition] of Object.entries(machines)) {
      const text = JSON.stringify(definition);
      const id = createHash("sha256").update(text).digest("hex");
      await writeDurably(this.#path(id), text);
      this.#current.set(machine, { id, definition: JSON.parse(text) as AslDefinition });
    }
  }

  /** The names of the machines. */
  names(): string[] {
    return [...this.#current.keys()];
  }

  /** A machine's present definition. */
  current(machine: string): { id: string; definition: AslDefinition } | undefined {
    return this.#current.get(machine);
  }

  /** The definition an execution was started with. */
  async stored(id: string): Promise<AslDefinition> {
    return JSON.parse(await readFile(this.#path(id), "utf8")) as AslDefinition;
  }

  #path(id: string): string {
    return join(this.#folder, `${id}.json`);
  }
}

/** Writes a file whole or not at all, and on the disk when it returns. */
export async function writeDurably(path: string, content: string | Buffer): Promise<void> {
  const handle = await open(`${path}.new`, "w", 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${path}.new`, path);
}
