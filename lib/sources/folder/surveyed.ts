import type { SourceKey } from "../../define/keys.ts";
import { identityOf } from "./identity.ts";
import type { Survey } from "./survey.ts";

/** What reading a file by ranges asks of its survey: all but its keys, of which a large file has many. */
export type Surveyed = Omit<Survey, "keys"> & { readonly rows: number };

/** Files that are remembered: a migration reads some of them, each by its key. */
const mostFiles = 64;
const known = new Map<string, Surveyed>();

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
