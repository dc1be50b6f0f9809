import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkSource } from "../../lib/author/check/source.ts";
import {
  birthDate,
  createdAt,
  date,
  integer,
  noted,
  phone,
  text,
} from "../../lib/define/builders.ts";
import type { Migration } from "../../lib/define/definition.ts";
import { openSource } from "../../lib/sources/open.ts";
import { sourceSettings } from "../../lib/sources/settings.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import { legacyFolder } from "../support/legacy-folder.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { folderOf, small } from "../support/small.ts";
import { entity, short } from "./ecoin-with.ts";

const today = "2026-11-20";
let test: TestServices;
beforeAll(async () => {
  test = await testServices();
});
afterAll(() => test.close());

const sourceOf = async (migration: Migration) => {
  const source = await openSource(sourceSettings("legacy", test.legacy));
  try {
    return await checkSource(migration, source, today);
  } finally {
    await source.close();
  }
};

describe("B5 check holds a definition against the source", () => {
  it("statuses that nobody lists, with how many rows have them", async () => {
    const { problems, looked } = await sourceOf(ecoin);
    expect(problems.filter(({ level }) => level === "error")).toEqual([]);
    const statuses = problems.filter(({ id }) => id === "status_unlisted");
    expect(statuses.length).toBeGreaterThan(0);
    expect(statuses.every((each) => (each.rows ?? 0) > 0)).toBe(true);
    expect(looked.map(({ table }) => table)).toEqual(["stagiaires", "archives"]);
  });

  it("W14 D2 a status that is somebody's contact, number or name is told by its shape", async () => {
    const sample = test.legacy.LEGACY_DB_PATH as string;
    const folder = await legacyFolder(test, [
      { statut: "zoe@example.net", nom: "Zwq" },
      { statut: "né le 13/07/91", nom: "Zwq" },
      { statut: "Formée 0557731016", nom: "Zwq" },
      { statut: "Vexlari", nom: "Vexlari" },
      { statut: "en attente", nom: "Zwq" },
    ]);
    const { problems } = await sourceOf(ecoin);
    await folder.remove();
    test.legacy.LEGACY_DB_PATH = sample;
    expect(problems.filter(({ id }) => id === "status_unlisted").map(({ says }) => says)).toEqual(
      ["aaa@aaaaaaa.aaa", "aa aa 99/99/99", "aaaaaa 9999999999", "aaaaaaa", "en attente"].map(
        (shown) => `“${shown}” of “raw_status” is not looked for by any decision.`,
      ),
    );
  });

  it("D2 all spellings that nobody lists, or how many more there are; and rows of which a text is not kept whole", async () => {
    const sample = test.legacy.LEGACY_DB_PATH as string;
    const folder = await legacyFolder(
      test,
      Array.from({ length: 203 }, (_, n) => ({
        statut: `Etat ${n}`,
        remarque: "r".repeat(n < 2 ? 8_001 : 8_000),
      })),
    );
    const { problems } = await sourceOf(ecoin);
    // A definition without a rule that lets such a row go.
    const validate = ecoin.entity.validate.filter(
      ({ when }) => !JSON.stringify(when).includes("text_cut"),
    );
    const { problems: unruled } = await sourceOf({
      ...ecoin,
      entity: { ...ecoin.entity, validate },
    });
    await folder.remove();
    test.legacy.LEGACY_DB_PATH = sample;
    const statuses = problems.filter(({ id }) => id === "status_unlisted");
    expect(statuses).toHaveLength(201);
    expect(statuses.at(-1)).toMatchObject({
      says: "3 rarer spellings of “raw_status” are not looked for by any decision either.",
      rows: 3,
    });
    expect(problems.filter(({ id }) => id === "text_cut")).toEqual([]);
    expect(unruled.filter(({ id }) => id === "text_cut")).toMatchObject([
      {
        level: "warning",
        says: "A text in rows of “stagiaires”, “archives” is longer than what is kept of one, 8,000 characters: such a row is held.",
        rows: 2,
      },
    ]);
  });

  it("B12 D2 texts in a wrong character set, and the setting that says which, unless a rule lets such rows go", async () => {
    const sample = { ...test.legacy };
    const folder = await folderOf(test, {
      things: [
        ["no", "word"],
        ["1", "MÃ¼ller"],
        ["2", "Müller"],
        ["3", "GroÃŸ und Ã–z"],
      ],
    });
    const migration = small("misread", "no");
    const rule = {
      id: "misread",
      says: "…",
      when: noted("text_damaged"),
      verdict: "note",
    } as const;
    const ruled = { ...migration, entity: { ...migration.entity, validate: [rule] } };
    const { problems } = await sourceOf(migration);
    const { problems: letGo } = await sourceOf(ruled);
    await folder.remove();
    Object.assign(test.legacy, sample);
    expect(problems).toMatchObject([
      {
        ...{ level: "warning", id: "text_damaged", about: "things", rows: 2 },
        remedy: expect.stringContaining(
          "name their character set, such as latin1, in LEGACY_DB_CHARSET; else",
        ),
      },
    ]);
    expect(letGo).toEqual([]);
  });

  it("W14 keys that hold addresses, whatever the definition reads of them", async () => {
    const sample = { ...test.legacy };
    const folder = await folderOf(test, {
      things: [
        ["no", "word"],
        ["zoe@a.example", "a"],
        ["7", "b"],
        ["0559446168", "c"],
        ["Max@b.example ", "d"],
      ],
    });
    const { problems } = await sourceOf(small("addressed", "no"));
    await folder.remove();
    Object.assign(test.legacy, sample);
    expect(problems).toMatchObject([
      { level: "warning", id: "key_personal", about: "things", rows: 2 },
    ]);
  });

  it("columns and tables that are missing, and values that do not fit their kind", async () => {
    const { stagiaires, ...others } = ecoin.source;
    const gone = {
      ...entity({ fields: { ...ecoin.entity.fields, town: text("ville") } }),
      source: {
        ...others,
        branches: { key: "id", columns: ["id"] },
        stagiaires: {
          key: "id",
          columns: [...(stagiaires?.columns ?? []), "ville", "couleur"],
        },
      },
    };
    const { problems } = await sourceOf(gone);
    expect(short(problems).sort()).toEqual([
      "error source_column_missing ville",
      "error source_table_missing branches",
      "warning source_column_unused couleur",
    ]);
    const numbers = await sourceOf(
      entity({ fields: { ...ecoin.entity.fields, level: integer("adresse") } }),
    );
    expect(short(numbers.problems)).toContain("warning value_unreadable level");
  });

  it("what is noted of a kind is not said of a field that is called as the kind is", async () => {
    const { problems } = await sourceOf(
      entity({
        fields: {
          ...ecoin.entity.fields,
          date: text("adresse"),
          joined: date("adresse"),
          number: date("created_at"),
          level: integer("adresse"),
          created_at: text("adresse"),
          legacy_created_at: createdAt("adresse"),
        },
      }),
    );
    const unread = problems.filter(({ id }) => id === "value_unreadable");
    expect(short(unread).sort()).toEqual([
      "warning value_unreadable joined",
      "warning value_unreadable legacy_created_at",
      "warning value_unreadable level",
    ]);
    expect(problems.filter(({ says }) => says.includes("undefined"))).toEqual([]);
  });

  it("B12 values that a rule lets go are nothing to look at; one that most rows have is, whatever rules say", async () => {
    const values = async (migration: Migration) =>
      short((await sourceOf(migration)).problems).filter((each) => each.includes(" value_"));
    const verdict = (verdict: "note" | "needs_review"): Migration =>
      entity({
        validate: ["phone_invalid", "birth_date_impossible"].map((finding) => ({
          id: finding,
          says: "…",
          when: noted(finding as "phone_invalid"),
          verdict,
        })),
      });
    expect(await values(verdict("needs_review"))).toEqual([
      "warning value_impossible birth_date",
      "warning value_invalid phone",
      "warning value_malformed email",
    ]);
    const { problems } = await sourceOf(verdict("needs_review"));
    const remedyOf = (id: string) => problems.find((each) => each.id === id)?.remedy;
    expect(remedyOf("value_invalid")).toMatch(/^Say where its numbers are from .*; a rule with/u);
    expect(remedyOf("value_malformed")).toMatch(/^Name what stands for none .*; a rule with/u);
    expect(remedyOf("value_impossible")).toMatch(/^Say how it is written .*; a rule with/u);
    expect(await values(verdict("note"))).toEqual(["warning value_malformed email"]);
    expect(
      await values(
        entity({
          fields: { ...ecoin.entity.fields, phone: phone("adresse", { region: "DZ" }) },
          validate: verdict("note").entity.validate,
        }),
      ),
    ).toEqual(["warning value_invalid phone", "warning value_malformed email"]);
  });

  it("D3 numbers that are none by the field that has them, where there are several phones", async () => {
    const migration = small(
      "phones",
      "no",
      {},
      {
        source: { things: { key: "no", columns: ["word", "mobile", "home"] } },
        fields: {
          mobile: phone("mobile", { region: "AT" }),
          home: phone("home", { region: "AT" }),
        },
      },
    );
    const row = (no: string, mobile: string, home: string) => [no, "w", mobile, home];
    const things = [
      ["no", "word", "mobile", "home"],
      row("1", "06641234567", "keins"),
      row("2", "06641234568", "siehe Oma"),
      row("3", "06641234569", "06641234570"),
    ];
    const folder = await folderOf(test, { things });
    const { problems } = await sourceOf(migration);
    await folder.remove();
    expect(
      problems.filter(({ id }) => id === "value_invalid").map(({ about, rows }) => [about, rows]),
    ).toEqual([["home", 2]]);
  });

  it("D9 days that are days in the other order alone, where others may be either", async () => {
    const read = async (format: string, ...days: string[]) => {
      const migration = small(
        "order",
        "no",
        {},
        {
          source: { things: { key: "no", columns: ["word", "born"] } },
          fields: { born: birthDate("born", { format }) },
        },
      );
      const things = [["no", "word", "born"], ...days.map((day, n) => [String(n), "w", day])];
      const folder = await folderOf(test, { things });
      const { problems } = await sourceOf(migration);
      await folder.remove();
      return problems
        .filter(({ id }) => id === "day_order")
        .map(({ says, rows }) => `${rows}: ${says}`);
    };
    expect(
      await read("d/M/yyyy", "12/1/1970", "3/4/1970", "5/5/1970", "12/25/1970", "25/12/1970"),
    ).toEqual([
      "2: “born” is read as d/M/yyyy, and 1 of its values is a day with day and month the other way round alone: others that both ways are days may be meant so as well, and nothing holds them.",
    ]);
    expect(await read("M/d/yyyy", "12/1/1970", "25/12/1970", "26/12/1970")).toHaveLength(1);
    expect(await read("d/M/yyyy", "12/1/1970", "25/12/1970", "soon", "31/13/1970")).toEqual([]);
    expect(await read("d/M/yyyy", "25/12/1970", "12/25/1970")).toEqual([]);
    expect(await read("d/M/yyyy or M/d/yyyy", "12/1/1970", "12/25/1970")).toEqual([]);
    expect(await read("dd-MMM-yyyy", "12-Jan-1970")).toEqual([]);
  });
});
