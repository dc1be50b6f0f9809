import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkSource } from "../../lib/author/check/source.ts";
import { isPersonal, personalElsewhere } from "../../lib/compile/personal-keys.ts";
import { personalColumns } from "../../lib/compile/pin/personal.ts";
import { usedColumns } from "../../lib/compile/pin/used-columns.ts";
import { problemsOf } from "../../lib/compile/problems/problems.ts";
import {
  boolean,
  catalogue,
  commit,
  defineMigration,
  entity,
  inherited,
  insert,
  integerKey,
  joined,
  name,
  named,
  parted,
  staged,
  table,
  text,
} from "../../lib/define/builders.ts";
import type { SourceTable } from "../../lib/define/definition.ts";
import type { Parted } from "../../lib/define/parted.ts";
import { partsOf } from "../../lib/define/several.ts";
import { openSource } from "../../lib/sources/open.ts";
import type { LegacyRow } from "../../lib/sources/source.ts";
import { withCatalogues } from "../../lib/sources/with-catalogues.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "wavegate-parts-"));
});
afterAll(() => rm(folder, { recursive: true }));

const opened = async (people: SourceTable, lines: readonly string[]) => {
  await writeFile(join(folder, "people.csv"), `${lines.join("\n")}\n`);
  return withCatalogues(await openSource({ driver: "csv", connection: "club", path: folder }), {
    people,
  });
};

async function read(people: SourceTable, lines: readonly string[], columns = people.columns) {
  const source = await opened(people, lines);
  const rows: LegacyRow[] = [];
  for (const range of await source.ranges("people", people.key, 2))
    for await (const page of source.read("people", people.key, columns, range, 10))
      rows.push(...page);
  return rows;
}

describe("V11 columns that are parts of another", () => {
  const cut = async (how: Parted, texts: readonly string[]) => {
    const lines = texts.map((each, n) => `${n},"${each.replaceAll('"', '""')}"`);
    const rows = await read(parted(table("no", "what"), { what: how }), ["no,what", ...lines]);
    return rows.map(([, , ...parts]) => parts);
  };

  it("V11 are the texts between marks, of which the last one has what is left", async () => {
    expect(
      await cut({ by: ",", into: ["last", "first"] }, [
        "Dupont, Jean",
        " Ågård ,  Søren Åge ",
        "King, Martin, Jr.",
        "Cher",
        ", Sara",
        ",",
        "  ",
        "",
      ]),
    ).toEqual([
      ["Dupont", "Jean"],
      ["Ågård", "Søren Åge"],
      ["King", "Martin, Jr."],
      ["Cher", null],
      [null, "Sara"],
      [null, null],
      [null, null],
      [null, null],
    ]);
  });

  it("V11 are cut by any of several marks, whatever the case of their letters, and no sign of a mark means anything else", async () => {
    expect(
      await cut({ by: ["ext.", "x", "("], into: ["number", "extension"] }, [
        "555 0100 EXT. 12",
        "555 0100 X7",
        "555 0100 (9)",
        "555.0100",
      ]),
    ).toEqual([
      ["555 0100", "12"],
      ["555 0100", "7"],
      ["555 0100", "9)"],
      ["555.0100", null],
    ]);
    // The longest mark that stands there, in whatever order they are said.
    expect(
      await cut({ by: ["ext", "ext.", "x"], into: ["number", "extension"] }, [
        "555 0100 ext. 12",
        "555 0100 ext 12",
      ]),
    ).toEqual([
      ["555 0100", "12"],
      ["555 0100", "12"],
    ]);
    // By how many characters each has, and what is left.
    const widths = { widths: [2, 3], into: ["region", "nr", "rest"] };
    expect(await cut(widths, ["ZH042b 7", " éÀ😀1", "Z", "", "AB 12"])).toEqual([
      ["ZH", "042", "b 7"],
      ["éÀ", "😀1", null],
      ["Z", null, null],
      [null, null, null],
      ["AB", "12", null],
    ]);
    // The end of a line is one, and no blank is.
    expect(
      await cut({ by: "\n", into: ["street", "town"] }, [
        "12 Main Street\nOld Town",
        "12 Main Street\r\nOld Town\nNorth",
      ]),
    ).toEqual([
      ["12 Main Street", "Old Town"],
      ["12 Main Street", "Old Town\nNorth"],
    ]);
    expect(
      await cut({ by: [".", "$&", "a|b"], into: ["one", "two"] }, ["1$&2", "1.2", "1a|b2", "1ab2"]),
    ).toEqual([
      ["1", "2"],
      ["1", "2"],
      ["1", "2"],
      ["1ab2", null],
    ]);
  });

  it("V11 are cut from the end where that is said: the first one has what is left, and the last one there is stands last", async () => {
    expect(
      await cut({ by: " ", into: ["first", "last"], cutFrom: "end" }, [
        "Jean Pierre  Dupont",
        "Cher",
        "Sara\tBen",
      ]),
    ).toEqual([
      ["Jean Pierre", "Dupont"],
      [null, "Cher"],
      ["Sara", "Ben"],
    ]);
    expect(
      await cut({ by: " ", into: ["town", "state", "zip"], cutFrom: "end" }, [
        "New York NY 10001",
        "NY 10001",
      ]),
    ).toEqual([
      ["New York", "NY", "10001"],
      [null, "NY", "10001"],
    ]);
    const long = "a,".repeat(2_000_000);
    expect(await cut({ by: ",", into: ["one", "two"], cutFrom: "end" }, [`${long}b`])).toEqual([
      [long.slice(0, -1), "b"],
    ]);
    expect(await cut({ by: " ", into: ["one", "two", "three"] }, ["a  b c d"])).toEqual([
      ["a", "b", "c d"],
    ]);
  });

  it("V11 are the bits of a whole number to its last one; what is none is each part, for which no word is found", async () => {
    expect(
      await cut({ bits: { news: 1, gone: 4, both: 5, far: 2 ** 40 } }, [
        "5",
        " 4 ",
        "0",
        "-1",
        "1099511627777",
        "9223372036854775807",
        "18446744073709551615",
        "",
        "4.0",
        "yes",
        "0x4",
        "00000101",
        "005",
        "001",
      ]),
    ).toEqual([
      ["1", "1", "1", "0"],
      ["0", "1", "0", "0"],
      ["0", "0", "0", "0"],
      ["1", "1", "1", "1"],
      ["1", "0", "0", "1"],
      ["1", "1", "1", "1"],
      ["1", "1", "1", "1"],
      [null, null, null, null],
      ["4.0", "4.0", "4.0", "4.0"],
      ["yes", "yes", "yes", "yes"],
      ["0x4", "0x4", "0x4", "0x4"],
      // Of PostgreSQL's bit(8), which is 5 there, and not a hundred and one.
      ["00000101", "00000101", "00000101", "00000101"],
      ["1", "1", "1", "0"],
      ["1", "0", "0", "0"],
    ]);
  });

  const people = parted(
    inherited(named(table("no", "who", "mails", "head"), { who: ["Nom"], mails: [], head: [] }), {
      who: { named: "head", by: ["no"] },
    }),
    {
      who: { by: ",", into: ["last", "first"] },
      mails: { by: [";", ","], into: ["mail", "mail_2"] },
    },
  );

  it("V11 are read alone and in any order, of a column that is called otherwise or that another row lends, and are missing with it", async () => {
    const lines = ["no,Nom,head", '1,"Dupont, Jean",', "2,,1"];
    expect(await read(people, lines, ["first", "no", "mail_2", "last"])).toEqual([
      ["Jean", "1", null, "Dupont"],
      ["Jean", "2", null, "Dupont"],
    ]);
    expect(await read(people, lines, ["no", "who"])).toEqual([
      ["1", "Dupont, Jean"],
      ["2", "Dupont, Jean"],
    ]);
    const [facts] = await (await opened(people, ["no,name", "1,A"])).inspect({ people });
    expect(facts).toMatchObject({ rows: 1, missingColumns: ["who", "last", "first"] });
    const odd = parted(table("no", "constructor", "toString"), {
      toString: { by: ",", into: ["valueOf", "b"] },
    });
    const [lacks] = await (await opened(odd, ["no,name", "1,A"])).inspect({ people: odd });
    expect(lacks?.missingColumns).toEqual(["constructor", "toString", "valueOf", "b"]);
    const fits = defineMigration({
      ...definition(odd),
      entity: { ...definition(odd).entity, fields: {} },
    });
    expect(problemsOf(fits).filter((says) => says.startsWith("“members”"))).toEqual([]);
  });

  const definition = (members: SourceTable) =>
    defineMigration({
      name: "club",
      title: "Club",
      connection: "club",
      source: { members },
      entity: {
        from: ["members"],
        fields: {
          full_name: name("last", "first"),
          wants_news: boolean("news", { yes: ["1"], no: ["0"] }),
          remark: text("remark"),
        },
        decide: {},
        actions: { member: insert("members", { name: "full_name" }) },
        plan: [commit("member")],
      },
    });
  const members = parted(table("no", "who", "flags", "remark"), {
    who: { by: ",", into: ["last", "first"] },
    flags: { bits: { news: 1 } },
  });

  it("V11 need the column that they are cut of, and no other", () => {
    expect(problemsOf(definition(members))).toEqual([]);
    expect([...usedColumns(definition(members), "members")].toSorted()).toEqual([
      "flags",
      "no",
      "remark",
      "who",
    ]);
  });

  it("B12 V11 check looks for the column that parts are cut of, and says what is wrong with the parts", async () => {
    const told = async (lines: readonly string[]) => {
      await writeFile(join(folder, "members.csv"), `${lines.join("\n")}\n`);
      const club = { driver: "csv", connection: "club", path: folder } as const;
      const source = withCatalogues(await openSource(club), { members });
      const { problems } = await checkSource(definition(members), source, "2026-12-01");
      return problems.map(({ id, about, rows }) => [id, about, rows]);
    };
    expect(await told(["no,flags,remark", "1,1,"])).toEqual([
      ["source_column_missing", "who", undefined],
    ]);
    expect(await told(["no,who,flags,remark", '1,"Dupont, Jean",1,', '2,"King, Al",x,'])).toEqual([
      ["value_unlisted", "wants_news", 1],
    ]);
  });

  it("W14 D20 what a name is cut of says who somebody is as the name does: in logs, and as a key", () => {
    expect(personalColumns(definition(members))).toEqual(
      expect.arrayContaining(["who", "last", "first"]),
    );
    expect(personalColumns(definition(members))).not.toContain("flags");
    const byName = parted(table("who", "flags", "remark"), members.parted);
    expect(isPersonal(definition(byName), ["who"])).toBe(true);
    expect(isPersonal(definition(byName), ["flags"])).toBe(false);
    const { entity, ...whole } = definition(members);
    const written = (id: string) =>
      problemsOf({
        ...whole,
        entity: {
          ...entity,
          fields: { ...entity.fields, called: text("who") },
          actions: {
            member: insert("members", { name: "full_name" }, { id: { kept: { who: staged(id) } } }),
          },
        },
      } as never);
    expect(written("called")[0]).toContain("gives rows of “members” a name as their key");
  });

  it("W14 D20 rows that are made of such ones are hidden alike, also of what stands beside them", () => {
    const { entity, ...whole } = definition(members);
    const seats = (from: string, made: SourceTable, fields: object) =>
      defineMigration({
        ...whole,
        source: { members, desks: table("desk", "of"), [from]: made },
        entity: { ...entity, from: [from], fields },
      } as never) as never;
    const own = { full_name: name("last", "first") };
    const joinedOnes = seats("seats", joined("members", {}), own);
    expect(personalColumns(joinedOnes)).toContain("who");
    expect(isPersonal(joinedOnes, ["who"])).toBe(true);
    expect(isPersonal(joinedOnes, ["flags"])).toBe(false);
    const beside = seats("taken", joined("desks", { by: { table: "members", on: { no: "of" } } }), {
      full_name: name("by.last", "by.first"),
    });
    expect(isPersonal(beside, ["by.who"])).toBe(true);
    expect(isPersonal(beside, ["who"])).toBe(false);
  });

  it("W14 D20 a key of which another kind of things reads a name's parts is staged by its digest", () => {
    const whole = defineMigration({
      name: "club",
      title: "Club",
      connection: "club",
      source: { members: parted(table("who", "remark"), { who: members.parted.who }) },
      entities: [
        entity("member", {
          from: ["members"],
          fields: { full_name: name("last", "first") },
          decide: {},
          actions: { member: insert("members", { name: "full_name" }) },
          plan: [commit("member")],
        }),
        entity("note", {
          from: ["members"],
          fields: { remark: text("remark") },
          decide: {},
          actions: { note: insert("notes", { remark: "remark" }) },
          plan: [commit("note")],
        }),
      ],
    });
    const parts = partsOf(whole);
    expect(parts.map((part) => personalElsewhere(parts, part, "members"))).toEqual([
      "digest",
      "digest",
    ]);
  });

  it.each<[SourceTable, string]>([
    [
      { ...parted(table("no", "who"), { whom: { by: ",", into: ["a", "b"] } }) },
      "“members” parts “whom”, which is no column that is read.",
    ],
    [
      parted(table("no", "who"), {
        who: { by: ",", into: ["a", "b"] },
        a: { by: "-", into: ["c", "d"] },
      }),
      "“members” parts “a”, which is no column that is read.",
    ],
    [
      parted(table("no", "who"), { who: { by: [","], into: ["a"] } }),
      "“members” parts “who” into fewer than two columns.",
    ],
    [
      parted(table("no", "who"), { who: { by: ["", ";"], into: ["a", "b"] } }),
      "“members” parts “who” by nothing: say the mark between its parts.",
    ],
    [
      parted(table("no", "who"), { who: { bits: { a: 0, b: 1.5 } } }),
      "“members” parts “who” by 0 for “a”: the value of a bit is a whole number above 0, such as 4.",
    ],
    [
      parted(table("no", "who"), { who: { widths: [2, 0], into: ["a", "b"] } }),
      "“members” parts “who” by no widths: each is a whole number of characters above 0.",
    ],
    [
      parted(table("no", "who"), { who: { widths: [2, 3], into: ["a"] } }),
      "“members” parts “who” into 1 column by 2 widths: name one for each, and perhaps one for what is left.",
    ],
    [parted(table("no", "who"), { who: { bits: {} } }), "“members” parts “who” into nothing."],
    [
      parted(table("no", "who", "also"), {
        who: { by: ",", into: ["a", "b"] },
        also: { by: ",", into: ["a", "c"] },
      }),
      "“members” has two parts “a”.",
    ],
    [
      parted(table(["no", "a"], "who"), { who: { by: ",", into: ["a", "b"] } }),
      "“members” is known by “a”, which is a part: rows are read in the order of their keys, which only whole columns have.",
    ],
    [
      named(parted(table("no", "who"), { who: { by: ",", into: ["a", "b"] } }), { a: ["A"] }),
      "“members” has “a” as a part, and says of it what only a column of the source can be: another name, or what it has of another row. Say so of the whole column.",
    ],
    [
      parted(catalogue("no", [{ no: "1", who: "A, B" }]), { who: { by: ",", into: ["a", "b"] } }),
      "“members” is not read from the source, and none of its columns can be parted.",
    ],
    [
      parted(table(integerKey("no"), "who"), { who: { by: ",", into: ["who", "b"] } }),
      "“members” parts “who”, which is no column that is read.",
    ],
  ])("B12 V11 a definition that parts what cannot be parted is told so: %#", (members, says) => {
    const { entity, ...whole } = definition(members);
    expect(
      problemsOf({ ...whole, entity: { ...entity, fields: { full_name: name("no") } } } as never),
    ).toContain(says);
  });
});
