import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, extname } from "node:path";
import { CannotRun } from "../failure.ts";
import { type ClientTools, runTool } from "./tools.ts";

/** A backup that `pg_dump --format=custom` made. */
export interface Archive {
  readonly file: string;
  /** What it is called: its file without the ending. */
  readonly id: string;
  readonly sha256: string;
  /** When it was made, as it says itself. */
  readonly madeAt: string;
  /** What the database was called that it is of, as it says itself. */
  readonly database: string;
  /** Lines of its table of contents that are restored: the platform's objects, in their order. */
  readonly contents: readonly string[];
}

/**
 * What of a table of contents is no object of a schema: schemas and extensions stand as they are, as others, and
 * wavegate's own schema, rest on them.
 */
const ofTheDatabase =
  /^\d+; \d+ \d+ (?:(?:SCHEMA|EXTENSION|EVENT TRIGGER|PUBLICATION|SUBSCRIPTION|DATABASE|DATABASE PROPERTIES|PROCEDURAL LANGUAGE|DEFAULT ACL) |(?:ACL|COMMENT|SECURITY LABEL) \S+ (?:SCHEMA|EXTENSION|DATABASE) )/u;

/**
 * Reads what a backup holds. Errors: `BackupUnreadable`.
 *
 * @param guards names of triggers that wavegate itself keeps on the platform's tables: those of now stay
 */
export async function readArchive(
  tools: ClientTools,
  file: string,
  guards: readonly string[],
): Promise<Archive> {
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile()) throw unreadable(file, "there is no such file");
  const { code, out, said } = await runTool(tools, "pg_restore", ["--list", file], {});
  if (code !== 0) throw unreadable(file, said);
  const lines = out.split("\n");
  const madeAt = lines.find((line) => line.startsWith("; Archive created at "))?.slice(21) ?? "";
  const [, database = ""] = /^; {5}dbname: (.*)$/mu.exec(out) ?? [];
  return {
    file,
    id: basename(file, extname(file)),
    sha256: await digestOf(file),
    madeAt,
    database,
    contents: partsFirst(
      lines.filter(
        (line) =>
          /^\d+; /u.test(line) &&
          !ofTheDatabase.test(line) &&
          !guards.some((name) => isTrigger(line, name)),
      ),
    ),
  };
}

/** `3456; 2620 16400 TRIGGER public Member guard owner`: the names of table, trigger and owner may have blanks. */
const isTrigger = (line: string, name: string): boolean =>
  /^\d+; \d+ \d+ TRIGGER /u.test(line) && line.includes(` ${name} `);

/** `3216; 2606 16389 CONSTRAINT public p1 p1_pkey owner`: a key of a table, and none that refers to one. */
const isKey = (line: string): boolean => /^\d+; \d+ \d+ CONSTRAINT /u.test(line);

/**
 * Keys of partitions before all others, in the places of keys: what stands last is dropped first, and a key that is part
 * of another, `3228; 0 0 INDEX ATTACH public p1_pkey owner`, goes with that and cannot be dropped before it.
 */
function partsFirst(lines: readonly string[]): readonly string[] {
  const parts = lines.flatMap(
    (line) => /^\d+; \d+ \d+ INDEX ATTACH \S+( .*)$/u.exec(line)?.[1] ?? [],
  );
  const isPart = (line: string) => parts.some((name) => line.endsWith(name));
  const keys = lines.filter(isKey);
  const ordered = [...keys.filter(isPart), ...keys.filter((line) => !isPart(line))].values();
  return lines.map((line) => (isKey(line) ? (ordered.next().value ?? line) : line));
}

const unreadable = (file: string, why: string): CannotRun =>
  new CannotRun(
    "BackupUnreadable",
    `${file} cannot be restored from (${why}). Nothing was changed; \`wavegate backup --to FILE\`, or pg_dump --format=custom, makes one that can.`,
  );

/** SHA-256 of a file, as hex. */
export async function digestOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}
