import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import { openSource } from "../../lib/sources/open.ts";
import type { KeyRange, LegacyRow, Source } from "../../lib/sources/source.ts";

/** A folder of CSV files of each test's own. */
export function csvFolder() {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "csv-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const pathOf = (table: string) => join(folder, `${table}.csv`);
  return {
    path: () => folder,
    pathOf,
    open: (): Promise<Source> => openSource({ driver: "csv", connection: "legacy", path: folder }),
    file: (table: string, content: string | Buffer) => writeFile(pathOf(table), content),
    /** A file by its whole name. */
    named: (name: string, content: string | Buffer) => writeFile(join(folder, name), content),
  };
}

/** The pages of `people`. */
export async function pagesOf(
  source: Source,
  columns: string[],
  range: Partial<KeyRange> = {},
  pageRows = 100,
): Promise<LegacyRow[][]> {
  const whole = { table: "people", after: null, upTo: null, ...range };
  const pages: LegacyRow[][] = [];
  for await (const page of source.read("people", "id", columns, whole, pageRows)) pages.push(page);
  return pages;
}
