import { stat } from "node:fs/promises";

/**
 * What tells whether a file is still the one that was surveyed: each range of it is read by a function of its own, and
 * without this each would read the whole file first. A file that was put in its place, or written to, is another one,
 * whatever is said of its time of change.
 */
export async function identityOf(path: string, ...also: readonly unknown[]): Promise<string> {
  const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
  return JSON.stringify([path, ...also, ...[dev, ino, size, mtimeNs, ctimeNs].map(String)]);
}
