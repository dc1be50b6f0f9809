import { createHash } from "node:crypto";
import type { Field, Migration } from "../../define/definition.ts";
import type { Fault } from "../../define/findings.ts";
import { keyColumns } from "../../define/keys.ts";
import {
  type Files,
  type FoundFile,
  OneFileUnreadable,
  onceMore,
  UnsafeName,
} from "../../sources/files/files.ts";
import { type FileFacts, readFacts, toldTypes } from "../../sources/files/read-file.ts";
import type { LegacyRow } from "../../sources/source.ts";

type FileField = Extract<Field, { kind: "file" }>;

/** What was found of a file by its name, within which folder: facts, or why there are none. */
type FoundFacts =
  | (FileFacts & Pick<FoundFile, "name">)
  | "absent"
  | "unsafe"
  | "unreadable"
  | "too_long";

/** The facts of the files of some rows, by {@link fileName}. */
export type FactsOf = ReadonlyMap<string, FoundFacts>;

/** The fields of files of an entity, by name. */
export const fileFields = ({ entity }: Migration): readonly (readonly [string, FileField])[] =>
  Object.entries(entity.fields).filter(
    (entry): entry is [string, FileField] => entry[1].kind === "file",
  );

/** How a file that a row names is called in the place of files; null where it names none. */
export function fileName({ within }: FileField, raw: string | null): string | null {
  const named = raw?.trim() ?? "";
  return named === "" ? null : `${within}/${named}`;
}

/** Files read at once. */
const atOnce = 4;

/** Reads the files that rows name, each once; nothing of them is kept but what they are. */
export async function factsOfFiles(
  files: Files,
  names: Iterable<readonly [name: string, most: number]>,
): Promise<FactsOf> {
  const facts = new Map<string, FoundFacts>();
  // Of several uses of one file each is judged by its own limit.
  const longest = new Map<string, number>();
  for (const [name, most] of names) longest.set(name, Math.max(most, longest.get(name) ?? 0));
  const open = [...longest];
  const work = async () => {
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const [name, most] = next;
      facts.set(name, await factsOf(files, name, most));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return facts;
}

async function factsOf(files: Files, name: string, most: number): Promise<FoundFacts> {
  try {
    return await onceMore(async () => {
      const found = await files.find(name);
      if (found === undefined) return "absent";
      if (found.size > most) return "too_long";
      const bytes = await found.bytes();
      if (bytes === undefined) return "absent";
      const read = readFacts(bytes).catch(async (error) => {
        throw await files.failed(error);
      });
      return { ...(await read), name: found.name };
    });
  } catch (error) {
    if (error instanceof UnsafeName) return "unsafe";
    if (error instanceof OneFileUnreadable) return "unreadable";
    throw error;
  }
}

/** A file's name, and of its copy key, type, size and hash: none of these where something is wrong with it. */
type FileValues = readonly [
  name: string | null,
  key: string | null,
  type: string | null,
  size: number | null,
  sha256: string | null,
];

/**
 * Makes the function that judges the file of a row by what was found of it.
 *
 * @param at where a column is in the row
 */
export function fileOf(
  migration: Migration,
  table: string,
  field: FileField,
  at: (column: string) => number,
): (row: LegacyRow, facts: FactsOf) => { values: FileValues; fault: Fault | null } {
  const index = at(field.from);
  const { says = {}, types, most = Number.POSITIVE_INFINITY } = field;
  const said = {
    size: says.size === undefined ? undefined : at(says.size),
    sha256: says.sha256 === undefined ? undefined : at(says.sha256),
    type: says.type === undefined ? undefined : at(says.type),
  };
  const keys = keyColumns(migration.source[table]?.key ?? []).map(at);
  return (row, facts) => {
    const name = fileName(field, row[index] ?? null);
    const nothing = (fault: Fault | null) => ({
      values: [name, null, null, null, null] as const,
      fault,
    });
    if (name === null) return nothing(null);
    const found = facts.get(name) ?? "absent";
    if (typeof found === "string") return nothing(found);
    const claims = (column: number | undefined) =>
      column === undefined ? "" : (row[column]?.trim() ?? "");
    const size = claims(said.size);
    const sha256 = claims(said.sha256)
      .toLowerCase()
      .replace(/^sha-?256\s*[:=]\s*/u, "");
    const type = mediaType(claims(said.type));
    if (size !== "" && size !== String(found.size)) return nothing("mismatch");
    if (sha256 !== "" && sha256 !== found.sha256) return nothing("mismatch");
    if (toldTypes.has(type) && type !== found.type) return nothing("mismatch");
    if (found.size > most) return nothing("too_long");
    if (found.size === 0 || !types.includes(found.type)) return nothing("unfit");
    const key = `${field.within}/${rowDigest(
      migration.name,
      table,
      keys.map((k) => row[k] ?? ""),
    )}${endings[found.type] ?? ""}`;
    // By where it lies, as two names may be of one file.
    return { values: [found.name, key, found.type, found.size, found.sha256], fault: null };
  };
}

/** What names a row wherever it is: the same whenever it is made, and nothing that people called it. */
export const rowDigest = (migration: string, table: string, key: readonly string[]): string =>
  createHash("sha256")
    .update(JSON.stringify([migration, table, ...key]))
    .digest("hex")
    .slice(0, 40);

const endings: Readonly<Record<string, string>> = {
  "application/pdf": ".pdf",
  "image/jpeg": ".jpg",
  "image/png": ".png",
  "image/webp": ".webp",
  "image/gif": ".gif",
};

/** A type as it is said, with the words that forms use for some. */
function mediaType(said: string): string {
  const word = said.toLowerCase().split(";", 1)[0]?.trim() ?? "";
  const known: Record<string, string> = {
    jpg: "image/jpeg",
    jpeg: "image/jpeg",
    "image/jpg": "image/jpeg",
    png: "image/png",
    webp: "image/webp",
    pdf: "application/pdf",
  };
  return known[word] ?? word;
}
