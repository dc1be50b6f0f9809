import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { guessed } from "../../lib/author/new/draft.ts";
import { kindOf, statusWords } from "../../lib/author/new/status-words.ts";
import type { Frame } from "../../lib/cli/command.ts";
import { newMigration } from "../../lib/cli/verbs/new.ts";
import { type TestServices, testServices } from "../support/services.ts";

const project = resolve(import.meta.dirname, "../..");
let test: TestServices;
let root: string;

beforeAll(async () => {
  test = await testServices();
  root = await mkdtemp(join(tmpdir(), "wavegate-new-platform-"));
  for (const name of ["lib", "node_modules", "package.json", "biome.json"])
    await symlink(join(project, name), join(root, name));
  await mkdir(join(root, "migrations"));
  await mkdir(join(root, "library"));
  const readers = Array.from(
    { length: 20 },
    (_, n) =>
      `${n + 1},Peeters${"abcdefghijklmnopqrst"[n]},Ann,+32 470 12 34 ${10 + n},1980-01-${10 + n},"Peeters, Ann"`,
  );
  await writeFile(
    join(root, "library/readers.csv"),
    `no,surname,given,mobile,born,label\n${readers.join("\n")}\n`,
  );
  const works = Array.from(
    { length: 20 },
    (_, n) => `W${n},Title ${n},P${n + 1}D,${9780000000000 + n}`,
  );
  await writeFile(
    join(root, "library/works.csv"),
    `code,title,lent_for,isbn\n${works.join("\n")}\n`,
  );
  const copies = Array.from(
    { length: 20 },
    (_, n) => `${["N", "S"][n % 2]},${Math.floor(n / 2)},${n % 3}.50`,
  );
  await writeFile(join(root, "library/copies.csv"), `branch,shelf,price\n${copies.join("\n")}\n`);
  const cards = Array.from(
    { length: 40 },
    (_, n) =>
      `K${n},${["x", ""][n % 2]},${["ja", "0", "X", "-1", "nein"][n % 5]},${n === 7 ? "maybe" : ["oui", "non", "x"][n % 3]},${["x", "0", "z"][n % 3]}`,
  );
  await writeFile(
    join(root, "library/cards.csv"),
    `card_code,blocked,paid,posted,kept\n${cards.join("\n")}\n`,
  );
  const houses = Array.from(
    { length: 20 },
    (_, n) =>
      `${n},${1000 + 97 * n},${["shop; flat", "flat", "office;shop"][n % 3]},"${["big, small", "small/dark"][n % 2]}",${["old", "new"][n % 2]}`,
  );
  await writeFile(
    join(root, "library/houses.csv"),
    `house,postcode,uses,rooms,tags\n${houses.join("\n")}\n`,
  );
  await test.query(`
    create table cards (card_code text primary key, blocked boolean not null default false, paid boolean, posted boolean, kept boolean);
    create domain dialled as text check (value ~ '^\\+[1-9][0-9]{6,14}$');
    create table borrowers (
      id bigint generated always as identity primary key, family_name text not null, given_name text not null,
      phone dialled, born_on date, label text generated always as (family_name || ', ' || given_name) stored);
    create table works (id bigint generated always as identity primary key, code text unique, title text not null, lent_for interval, isbn varchar(13));
    create table copies (id bigint generated always as identity primary key, branch text not null, shelf int not null, price numeric, catalogue_id text unique);
    create table houses (id bigint generated always as identity primary key, legacy_no text, postcode character(5), uses text[], rooms text[], tags varchar(20)[])`);
});
afterAll(async () => {
  await test.close();
  await rm(root, { recursive: true, force: true });
});

const made = async (name: string, table?: string) => {
  const frame = { io: { env: test.legacy, cwd: root }, output: "text", say: () => {} };
  const answer = (await newMigration(
    frame as unknown as Frame,
    name,
    { source: "library", target: test.url, ...(table === undefined ? {} : { table }) },
    root,
  )) as { json: { problems: { level: string; id: string }[]; left: string[] } };
  const text = await readFile(join(root, `migrations/${name}/definition.ts`), "utf8");
  const [, values = ""] = /values: \{(.*?)\n {8}\}/su.exec(text) ?? [];
  return {
    text,
    left: answer.json.left,
    errors: answer.json.problems.filter(({ level }) => level === "error").map(({ id }) => id),
    values: Object.fromEntries(
      [...values.matchAll(/^ *(\w+): staged\("(\w+)"\)/gmu)].map(([, column, of]) => [column, of]),
    ),
  };
};

describe("B12 new writes what the platform takes", () => {
  it("nothing into columns that it makes itself, phones with their plus where a domain wants it, names and days by what both sides call them", async () => {
    const { text, values, errors, left } = await made("readers");
    expect(values).toEqual({
      family_name: "surname",
      given_name: "given",
      phone: "mobile_plus",
      born_on: "born",
    });
    expect(text).toContain('phone("mobile", { region: "BE", plus: true })');
    expect(errors).toEqual([]);
    expect(left.join(" ")).toContain("`--table NAME` drafts another table");
  });

  it("phones with their plus where a check wants it, of one country too, and without where both are taken", async () => {
    await test.query("alter table borrowers alter phone type text");
    const written = async (name: string, check: string) => {
      await test.query(`alter table borrowers add constraint dialled check (${check})`);
      const { values, errors } = await made(name);
      await test.query("alter table borrowers drop constraint dialled");
      return [values.phone, ...errors];
    };
    expect(await written("readers-check", "phone ~ '^[+]32'")).toEqual(["mobile_plus"]);
    expect(await written("readers-both", "phone ~ '^[+]?[0-9]+$'")).toEqual(["mobile_normalized"]);
    expect(await written("readers-bare", "phone ~ '^[0-9]+$'")).toEqual(["mobile_normalized"]);
    await test.query("alter table borrowers alter phone type dialled");
  });

  it("M7 where the platform takes people for deleted, that those are nobody that a row may be", async () => {
    for (const [column, type, is] of [
      ["deleted_at", "timestamptz", "nothing"],
      ["Deleted", "boolean not null default false", 'constant("false")'],
    ]) {
      await test.query(`alter table borrowers add column "${column}" ${type}`);
      const { text, errors } = await made(
        `readers-${column?.toLowerCase().slice(0, 7)}-${type?.slice(0, 4)}`,
      );
      await test.query(`alter table borrowers drop column "${column}"`);
      expect(text).toContain(`where: { ${column}: ${is} },`);
      expect(errors).toEqual([]);
    }
  });

  it("another table of the source, where it is named", async () => {
    const { text, values, errors } = await made("works", "works");
    expect(text).toContain('from: ["works"]');
    expect(text).toContain("// not read: readers:");
    expect(values).toEqual({
      title: "title",
      lent_for: "lent_for",
      isbn: "isbn",
      code: "legacy_id",
    });
    // Digits that the platform has as a text are one: of a number zeros before it would be lost.
    expect(text).toContain('isbn: text("isbn")');
    expect(errors).toEqual([]);
    await expect(made("none", "Works")).rejects.toThrow(
      "The source has no table “Works” that can be read: there are “cards”, “copies”, “houses”, “readers”, “works”.",
    );
  });

  it("the columns of a key of several as well", async () => {
    const { text, values, errors, left } = await made("copies", "copies");
    expect(text).toContain('table(["branch", "shelf"], "price")');
    expect(values).toEqual({ branch: "branch", shelf: "shelf", price: "price" });
    expect(left.join(" ")).toContain(
      "copies has no column for the legacy key, such as legacy_id, unless that is “catalogue_id”: without one only the ledger",
    );
    expect(errors).toEqual([]);
  });
});

it("B12 lists that are written into one column are told by what stands between their words, and a number that the platform has as a text of a length by its zeros", async () => {
  const { text, errors } = await made("houses", "houses");
  const said = text.replaceAll(/\s+/gu, " ");
  for (const line of [
    'the platform has 5 signs, with the zeros that a number lost postcode: text("postcode", { digits: 5 }),',
    '// guess: the platform has a list; say what stands between its words uses: list("uses", { by: ";" }),',
    'rooms: list("rooms", { by: [",", "/"] }),',
    'tags: list("tags"),',
  ])
    expect(said).toContain(line);
  expect(errors).toEqual([]);
});

it("B12 words for yes and no of several hands are one field, where the platform has yes and no, and an empty cell is no beside marks", async () => {
  const { text } = await made("cards", "cards");
  for (const line of [
    '// guess: words for yes and no, as the platform has it; an empty cell as no: look blocked: boolean("blocked", { yes: ["x"], no: [""] }),',
    'paid: boolean("paid", { yes: ["ja", "X", "-1"], no: ["0", "nein"] }),',
    '// guess: words for yes and no, as the platform has it; what else stands there is held posted: boolean("posted", { yes: ["oui", "x"], no: ["non"] }),',
    'kept: choice("kept", {',
  ])
    expect(text.replaceAll(/\s+/gu, " ")).toContain(line);
  expect(text).not.toContain('orDefault("blocked")');
});

it("B12 a dot in a column's name of a CSV file ends a shortened word, and what stands before it is a part of the name", () => {
  const fields = (objects: boolean) =>
    guessed({
      table: "people",
      columns: ["no", "Geb.Datum", "Tel. privat"],
      key: ["no"],
      sample: [],
      objects,
    }).guesses.map(({ field }) => field);
  expect(fields(false)).toEqual(["geb_datum", "tel_privat"]);
  expect(fields(true)).toEqual(["datum", "privat"]);
});

it("B12 what a spreadsheet left of a status is no word of it", () => {
  const sample = ["active", "#REF!", "left", "#N/A"].map((word, n) => [String(n), word]);
  const people = guessed({ table: "people", columns: ["no", "status"], key: ["no"], sample });
  expect(statusWords(people, "status", [])).toEqual(["active", "left"]);
});

it("B12 words of a status that no Latin letter says are kinds of their own, not all of them one", () => {
  const words = ["aktiv", "AKTIV ", "verst.", "†", "???", "نشط", "متوفى", "не active", "Łódź 2"];
  expect(words.map(kindOf)).toEqual([
    ...["aktiv", "aktiv", "verst", "word_4", "word_5", "word_6", "word_7", "word_8", "lodz_2"],
  ]);
});
