import { hkdfSync, randomBytes } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import * as z from "zod";
import { writeFileDurably } from "../identity/durable.ts";
import { withFileLock } from "../identity/lock.ts";

/** Where one machine's runtime keeps everything: `WAVEGATE_HOME`, or `.wavegate` where it was started. */
export interface Home {
  readonly folder: string;
  /** What runs and where, written when it is ready. */
  readonly runtimeFile: string;
  /** Which process holds the folder. */
  readonly processFile: string;
  readonly log: string;
  readonly postgres: string;
  readonly objects: string;
  readonly outbox: string;
  /** The key that signs bundles: for its owner alone. */
  readonly signingKey: string;
  readonly executions: string;
}

export function homeAt(
  env: Readonly<Record<string, string | undefined>>,
  workingDirectory: string,
): Home {
  const folder = resolve(workingDirectory, env.WAVEGATE_HOME || ".wavegate");
  return {
    folder,
    runtimeFile: join(folder, "runtime.json"),
    processFile: join(folder, "process.json"),
    log: join(folder, "runtime.log"),
    postgres: join(folder, "postgres"),
    objects: join(folder, "objects"),
    outbox: join(folder, "outbox"),
    signingKey: join(folder, "signing-key.pem"),
    executions: join(folder, "executions"),
  };
}

const Secrets = z.object({
  /** Seals task tokens in the database: 32 bytes, base64. */
  tokenKey: z.string(),
});
export type Secrets = z.infer<typeof Secrets>;

/** The folder's own secrets: made once, readable by their owner only. */
export async function secretsOf(home: Home): Promise<Secrets> {
  await mkdir(home.folder, { recursive: true, mode: 0o700 });
  const file = join(home.folder, "secrets.json");
  return withFileLock(`${file}.lock`, async () => {
    const known = await readIfThere(file);
    if (known !== undefined) return Secrets.parse(JSON.parse(known));
    const made: Secrets = {
      tokenKey: randomBytes(32).toString("base64"),
    };
    await writeFileDurably(file, JSON.stringify(made), { mode: 0o600 });
    return made;
  });
}

/** The key of the stamps that say who asked for an execution, made from the folder's own: 32 bytes, base64. */
export const stampKeyOf = ({ tokenKey }: Secrets): string =>
  Buffer.from(
    hkdfSync("sha256", Buffer.from(tokenKey, "base64"), "", "wavegate execution stamps", 32),
  ).toString("base64");

const Ports = z.record(z.string(), z.number().int().positive());

/** Ports used the last time, so that links in mails keep working; empty the first time. */
export async function rememberedPorts(home: Home): Promise<Record<string, number>> {
  const known = await readIfThere(join(home.folder, "ports.json"));
  if (known === undefined) return {};
  try {
    return Ports.parse(JSON.parse(known));
  } catch {
    // A broken note of ports costs new ports, nothing else.
    return {};
  }
}

export const rememberPorts = (home: Home, ports: Record<string, number>): Promise<void> =>
  writeFileDurably(join(home.folder, "ports.json"), JSON.stringify(ports), { mode: 0o600 });

/** A file's text, or undefined when there is none. */
export async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
