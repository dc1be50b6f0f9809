import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { problemsOf } from "../../lib/compile/problems/problems.ts";
import {
  commit,
  defineMigration,
  inherited,
  insert,
  named,
  table,
  text,
} from "../../lib/define/builders.ts";
import type { SourceTable } from "../../lib/define/definition.ts";
import { openSource } from "../../lib/sources/open.ts";
import type { LegacyRow } from "../../lib/sources/source.ts";
import { withCatalogues } from "../../lib/sources/with-catalogues.ts";
import { wildApricot } from "../../migrations/wild-apricot/definition.ts";

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

describe("V11 what rows have of others", () => {
  const families = {
    people: inherited(named(table("no", "mail", "level", "head"), { head: [] }), {
      level: { named: "head", by: ["no", "mail"] },
    }),
  };
  const levels = async (lines: readonly string[], columns = ["no", "level"]) => {
    await writeFile(join(folder, "people.csv"), `${lines.join("\n")}\n`);
    const source = withCatalogues(
      await openSource({ driver: "csv", connection: "club", path: folder }),
      families,
    );
    const rows: LegacyRow[] = [];
    // Range by range, as an import reads: whoever lends may stand in another one.
    for (const range of await source.ranges("people", ["no"], 1))
      for await (const page of source.read("people", ["no"], columns, range, 10))
        rows.push(...page);
    return rows;
  };

  it("V11 is theirs where their own is empty, by id or by e-mail in any case of its letters", async () => {
    expect(
      await levels([
        "no,mail,level,head",
        "1,ann@x.example,Gold,",
        "2,,,1",
        "3,cy@x.example,Silver,1",
        "4,di@x.example,, ANN@x.example",
        "5,ed@x.example,,9",
        "6,flo@x.example,,",
      ]),
    ).toEqual([
      ["1", "Gold"],
      ["2", "Gold"],
      ["3", "Silver"],
      ["4", "Gold"],
      ["5", null],
      ["6", null],
    ]);
  });

  it("V11 is nobody's where two are called the same and have other values, and no chain is followed", async () => {
    expect(
      await levels([
        "no,mail,level,head",
        "1,a@x.example,Gold,",
        "2,a@x.example,Silver,",
        "3,c@x.example,,a@x.example",
        "4,d@x.example,,3",
      ]),
    ).toEqual([
      ["1", "Gold"],
      ["2", "Silver"],
      ["3", null],
      ["4", null],
    ]);
  });

  it("V11 is nothing in a file that has no such column", async () => {
    expect(await levels(["no,mail,level", "1,a@x.example,", "2,b@x.example,Gold"])).toEqual([
      ["1", null],
      ["2", "Gold"],
    ]);
  });
});

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

  it("V11 of a second table that calls them otherwise a definition is told how to say so", () => {
    const from = (guests: SourceTable) =>
      problemsOf(
        defineMigration({
          name: "club",
          title: "Club",
          connection: "club",
          source: { people: tables.people as SourceTable, guests },
          entity: {
            from: ["people", "guests"],
            fields: { mail: text("mail") },
            decide: {},
            actions: { person: insert("people", { mail: "mail" }) },
            plan: [commit("person")],
          },
        }),
      );
    expect(from(table("no", "post"))).toEqual([
      'The field “mail” is made from “mail”, a column that “guests” does not declare: named(table(…), { "mail": […] }) says what it is called there, or with [] that there is none.',
    ]);
    expect(from(named(table("no", "mail"), { mail: ["post"] }))).toEqual([]);
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

it("V11 members of an export that numbers contacts and memberships are known by their contact", async () => {
  const { source: tables } = wildApricot;
  await writeFile(
    join(folder, "members.csv"),
    `Contact ID,Member ID,First name,Last name,Email,Phone,Member since,Membership level,Status
C1,M9,Ann,Baker,ann@x.example,,01/15/2020,Alumni,Active
`,
  );
  const source = withCatalogues(
    await openSource({ driver: "csv", connection: "club", path: folder }),
    tables,
  );
  const rows: LegacyRow[] = [];
  for (const range of await source.ranges("members", ["User ID"], 2))
    for await (const page of source.read(
      "members",
      ["User ID"],
      ["User ID", "First name"],
      range,
      10,
    ))
      rows.push(...page);
  expect(rows).toEqual([["C1", "Ann"]]);
});
