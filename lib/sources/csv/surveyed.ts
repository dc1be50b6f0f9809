import { stat } from "node:fs/promises";
import type { SourceKey } from "../../define/keys.ts";
import type { Survey } from "./survey.ts";

/** What reading a file by ranges asks of its survey: all but its keys, of which a large file has many. */
export type Surveyed = Omit<Survey, "keys"> & { readonly rows: number };

/** Files that are remembered: a migration reads some of them, each by its key. */
const mostFiles = 64;
const known = new Map<string, Surveyed>();

/**
 * What tells whether a file is still the one that was surveyed: each range of it is read by a function of its own, and
 * without this each would read the whole file first. A file that was put in its place, or written to, is another one,
 * whatever is said of its time of change.
 */
export async function identityOf(path: string, ...also: readonly unknown[]): Promise<string> {
  const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
  return JSON.stringify([path, ...also, ...[dev, ino, size, mtimeNs, ctimeNs].map(String)]);
}

export const fileIdentity = (path: string, key: SourceKey): Promise<string> =>
  identityOf(path, key);

export const surveyedBefore = (identity: string): Surveyed | undefined => known.get(identity);

/** Remembers a survey of the file that had this identity before it was begun. */
export function remember(identity: string, { keys, ...survey }: Survey): Surveyed {
  const surveyed = { ...survey, rows: keys.length + survey.absent };
  if (known.size >= mostFiles) known.delete(known.keys().next().value as string);
  known.set(identity, surveyed);
  return surveyed;
}
