import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { named, table } from "../../lib/define/builders.ts";
import { openSource } from "../../lib/sources/open.ts";
import type { LegacyRow } from "../../lib/sources/source.ts";
import { withCatalogues } from "../../lib/sources/with-catalogues.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "wavegate-names-"));
});
afterAll(() => rm(folder, { recursive: true }));

const tables = {
  people: named(table("no", "mail", "note", "town"), {
    no: ["Number", "ID"],
    mail: ["e-Mail"],
    note: [],
  }),
};

async function opened(lines: readonly string[]) {
  await writeFile(join(folder, "people.csv"), `${lines.join("\n")}\n`);
  return withCatalogues(
    await openSource({ driver: "csv", connection: "club", path: folder }),
    tables,
  );
}

async function read(lines: readonly string[]): Promise<LegacyRow[]> {
  const source = await opened(lines);
  const pages: LegacyRow[] = [];
  for (const range of await source.ranges("people", ["no"], 2))
    for await (const page of source.read("people", ["no"], tables.people.columns, range, 10))
      pages.push(...page);
  return pages;
}

describe("V11 a table's columns under other names", () => {
  it("V11 are found by whichever name the file has, and what may be missing is null", async () => {
    expect(await read(["e-Mail,ID,town", "a@x.example,7,Ely", "b@x.example,8,Wem"])).toEqual([
      ["7", "a@x.example", null, "Ely"],
      ["8", "b@x.example", null, "Wem"],
    ]);
    expect(await read(["no,mail,note,town", "1,c@x.example,hi,Bude"])).toEqual([
      ["1", "c@x.example", "hi", "Bude"],
    ]);
  });

  it("V11 a column under two of its names is refused", async () => {
    const source = await opened(["no,mail,e-Mail,town", "1,a,b,c"]);
    await expect(source.inspect(tables)).rejects.toMatchObject({
      name: "SourceSchemaMismatch",
      message: expect.stringContaining('both "mail" and "e-Mail"'),
    });
  });

  it.each([
    [["no,mail", "1,a"], ["town"]],
    [["no,town", "1,a"], ["mail"]],
  ])("V11 of %j is said what it lacks", async (lines, missing) => {
    const [facts] = await (await opened(lines)).inspect(tables);
    expect(facts?.missingColumns).toEqual(missing);
  });

  it("V11 a file with headers of another language is refused by its key", async () => {
    const source = await opened(["Nummer,Post,Ort", "1,a,b"]);
    await expect(source.inspect(tables)).rejects.toMatchObject({
      name: "SourceSchemaMismatch",
      message: expect.stringContaining('has no column "no"'),
    });
  });
});
