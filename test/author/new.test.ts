import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { guessField } from "../../lib/author/guess-field.ts";
import { draftOf, guessed } from "../../lib/author/new/draft.ts";
import type { Frame } from "../../lib/cli/command.ts";
import { newMigration } from "../../lib/cli/verbs/new.ts";
import { commit, defineMigration, insert, table, text } from "../../lib/define/builders.ts";
import { definitionFaults } from "../../lib/stages/preflight/definition-faults.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { refusal } from "../support/steps.ts";

const project = resolve(import.meta.dirname, "../..");
let test: TestServices;
let root: string;

beforeAll(async () => {
  test = await testServices();
  root = await mkdtemp(join(tmpdir(), "wavegate-new-"));
  for (const name of ["lib", "node_modules", "package.json", "biome.json"]) {
    await symlink(join(project, name), join(root, name));
  }
  await mkdir(join(root, "migrations"));
  await mkdir(join(root, "club"));
  const words = ["Active", "Frozen", "Cancelled"];
  const lines = Array.from(
    { length: 30 },
    (_, n) =>
      `M-${String(n + 1).padStart(4, "0")},Ann ${"ABCDEFGHIJKLMNOPQRSTUVWXYZABCD"[n]}son,07911 123${100 + n},member${n}@gym.example,${["Gold", "Silver"][n % 2]},${String((n % 28) + 1).padStart(2, "0")}/0${(n % 9) + 1}/2019,${words[n % 3]}`,
  );
  await writeFile(
    join(root, "club/members.csv"),
    `member_no,name,mobile,mail,plan,joined,status\n${lines.join("\n")}\n`,
  );
  await writeFile(join(root, "club/payments.csv"), "id,member_no,amount\n1,M-0001,12.50\n");
  await test.query(`create table customers (
    id bigint generated always as identity primary key, full_name text not null, phone text, email text,
    plan text, joined_on date, legacy_no text);
    create table invoices (id bigint generated always as identity primary key, "Customer id" bigint references customers on delete cascade)`);
});
afterAll(async () => {
  await test.close();
  await rm(root, { recursive: true, force: true });
});

const frame = (env: Record<string, string> = {}): Frame =>
  ({ io: { env, cwd: root }, output: "text", say: () => {} }) as unknown as Frame;
const made = (name: string, source = "club") =>
  newMigration(frame(test.legacy), name, { source, target: test.url }, root);

describe("B12 new writes a definition of what both sides look like", () => {
  it("one that compiles, fits both sides, marks its guesses and says what is left", async () => {
    const answer = (await made("gym")) as {
      text: string[];
      json: { problems: { level: string }[] };
    };
    const text = await readFile(join(root, "migrations/gym/definition.ts"), "utf8");
    for (const line of [
      'members: table("member_no", "name",',
      'full_name: name("name"),',
      'mobile: phone("mobile", { region: "GB" }),',
      'mail: email("mail", { placeholders: [] }),',
      'plan: choice("plan", { Gold: "Gold", Silver: "Silver" }),',
      'joined: date("joined", { format: "dd/MM/yyyy" }),',
      'status: status("status"),',
      '{ is: "active", when: is("status", "Active") },',
      'into: "customers",',
      'phone: staged("mobile_normalized"),',
      'legacy_no: staged("legacy_id"),',
      '// not read: payments: table(integerKey("id"), "member_no", "amount"),',
      "// guess: what it is called; the whole name stands in one column",
      'samples: [{ id: "rows", says: "rows of every kind", rows: 20, when: otherwise }],',
      'count("unknown", "Rows whose status nobody listed", field("classification", "unknown")),',
      "stops: [",
      'when: all(field("high_hits", "one"), field("another_person", "yes")), hold: "contact_of_another_person",',
      '{ when: field("high_hits", "one"), link: true, says: "The platform knows this person." },',
      'refers("invoices(Customer id)", "customers(id)"),',
    ]) {
      expect(text.replaceAll(/\s+/gu, " ")).toContain(line.replaceAll(/\s+/gu, " "));
    }
    expect(text.split("// guess: ").length).toBeGreaterThan(10);
    expect(answer.json.problems.filter(({ level }) => level === "error")).toEqual([]);
    expect(answer.text.join("\n")).toContain("GYM_DB_DRIVER=csv");
    expect(answer.text.join("\n")).toContain("The legacy table “payments” is not read yet.");
  });

  it.each(["\n", "\r", "\u2028", "\u2029"])(
    "W8 whatever a source calls its tables and columns is no line of the definition: %j",
    async (end) => {
      const folder = join(root, "hostile");
      const planted = `${end}...(process.env.PLANTED = 'yes') as never, //`;
      await mkdir(folder);
      try {
        const rows = Array.from({ length: 20 }, (_, n) => `${n},Ann ${n}son,"one${planted}"`);
        await writeFile(
          join(folder, "members.csv"),
          `id,name,"kind${planted}"\n${rows.join("\n")}\n`,
        );
        await writeFile(join(folder, "others.csv"), `id,"b${planted}"\n1,2\n`);
        await writeFile(join(folder, `more${planted.replaceAll("/", "")}.csv`), "id,b\n1,2\n");
        await made("hostile", "hostile").catch(() => {});
        const text = await readFile(join(root, "migrations/hostile/definition.ts"), "utf8");
        // Where a line ends to whoever runs it.
        const run = text.split(/[\n\r\u2028\u2029]/u).filter((line) => /^\s*\.\.\.\(/u.test(line));
        expect(run).toEqual([]);
        expect(text).toContain("// not read: others: table(");
        expect(process.env.PLANTED).toBe(undefined);
      } finally {
        await rm(folder, { recursive: true });
        await rm(join(root, "migrations/hostile"), { recursive: true, force: true });
      }
    },
  );

  it("W13 leaves nothing behind where the source cannot be read to its end, so that it is begun again once that is mended", async () => {
    const rows = Array.from({ length: 1200 }, (_, n) => `${n};Ann ${n}`);
    const [sheets, file] = [join(root, "sheets"), join(root, "sheets/members.csv")];
    await mkdir(sheets);
    await writeFile(file, `id;name\n${rows.join("\n")}\nid;name\n`);
    await expect(made("sheets", "sheets")).rejects.toThrow("line 1202 is the header once more");
    await writeFile(file, `id;name\n${rows.join("\n")}\n`);
    await made("sheets", "sheets");
    expect(await readdir(join(root, "migrations/sheets"))).toEqual(["definition.ts"]);
  });

  it("B12 a column of the platform that is called as the legacy key keeps it, where it takes it", async () => {
    const rows = Array.from({ length: 20 }, (_, n) => `R-${n},Ann ${"ABCDEFGHIJKLMNOPQRST"[n]}son`);
    await mkdir(join(root, "readers"));
    await writeFile(join(root, "readers/readers.csv"), `card,name\n${rows.join("\n")}\n`);
    await test.query(
      "create table readers (id bigint generated always as identity primary key, name text, card text)",
    );
    await made("readers", "readers");
    const text = () => readFile(join(root, "migrations/readers/definition.ts"), "utf8");
    expect(await text()).toContain('card: staged("legacy_id")');
    await rm(join(root, "migrations/readers"), { recursive: true });
    await test.query("alter table readers alter card type date using null");
    await made("readers", "readers");
    expect(await text()).not.toContain("card: staged");
    await test.query("drop table readers");
  });

  it("B12 W13 says which files are no tables, whether there is a table beside them or not", async () => {
    const others = join(root, "others");
    await mkdir(others);
    for (const name of ["a.jsonl.gz", "b.xlsx", "c.CSV.bak", ".hidden"])
      await writeFile(join(others, name), "{}\n");
    const says =
      "Of “a.jsonl.gz”, “b.xlsx”, “c.CSV.bak” nothing was read: a table is a file called NAME.csv, with its columns in the first line, or NAME.jsonl, NAME.ndjson or NAME.json, with an object for each row. Export what is needed as one.";
    await expect(made("others", "others")).rejects.toMatchObject({
      name: "SourceEmpty",
      message: expect.stringContaining(says),
    });
    await writeFile(join(others, "things.csv"), "id,word\n1,a\n2,b\n");
    expect(((await made("others", "others")) as { json: { left: string[] } }).json.left).toContain(
      says,
    );
  });

  it("B12 D32 links nobody by a phone alone, where nothing else tells who of a family it is", async () => {
    await mkdir(join(root, "callers"));
    const rows = Array.from({ length: 20 }, (_, n) => `${n + 1},07911 123${100 + n}`);
    await writeFile(join(root, "callers/callers.csv"), `id,mobile\n${rows.join("\n")}\n`);
    await test.query(
      "create table callers (id bigint generated always as identity primary key, mobile text)",
    );
    await made("callers", "callers");
    const text = await readFile(join(root, "migrations/callers/definition.ts"), "utf8");
    expect(text.replaceAll(/\s+/gu, " ")).toContain(
      'when: field("high_hits", "one"), hold: "known_by_contact_alone",',
    );
    expect(text).not.toContain("link: true");
    await test.query("drop table callers");
  });

  it("B12 tells of what the platform does by itself, beside what a trigger may fill", async () => {
    await test.query(`
      create table reader_cards (id bigint generated always as identity primary key, name text, card text, slug text not null);
      create function slugs() returns trigger language plpgsql as $$ begin new.slug := new.card; return new; end $$;
      create trigger slugs before insert on reader_cards for each row execute function slugs()`);
    const answer = (await made("cards", "readers")) as { json: { problems: { id: string }[] } };
    const ids = answer.json.problems.map(({ id }) => id);
    expect(ids).toContain("target_unnamed");
    expect(ids).toContain("target_column_triggered");
    await test.query("drop table reader_cards; drop function slugs");
  });

  it("W13 leaves no part on a full disk, nor anything in the way of the next try", async (context) => {
    const full = await mkdtemp(join(tmpdir(), "wavegate-new-full-"));
    for (const name of ["lib", "node_modules", "package.json", "biome.json", "club"]) {
      await symlink(join(root, name), join(full, name));
    }
    const folder = join(full, "migrations");
    await mkdir(folder);
    const run = promisify(execFile);
    const mounted = await run("mount", ["-t", "tmpfs", "-o", "size=64k", "x", folder]).then(
      () => true,
      () => false,
    );
    try {
      if (!mounted) context.skip("NOT RUN: nobody but root may make the small disk that it fills");
      await writeFile(join(folder, "filling"), Buffer.alloc(60 * 1024));
      const options = { source: join(root, "club"), target: test.url };
      const again = () => newMigration(frame(), "gym-again", options, full);
      await writeFile(join(folder, "filling"), Buffer.alloc(64 * 1024 - 1));
      await expect(again()).rejects.toMatchObject({ code: "ENOSPC" });
      expect(await readdir(folder)).toEqual(["filling"]);
      // What a process left that was killed while it wrote.
      await rm(join(folder, "filling"));
      await mkdir(join(folder, "gym-again"));
      const part = "definition.ts.7f3a0000-0000-4000-8000-00000000c0de.part";
      await writeFile(join(folder, "gym-again", part), "export con");
      await again();
      expect(await refusal(again())).toBe("MigrationExists");
    } finally {
      if (mounted) await run("umount", [folder]);
      await rm(full, { recursive: true });
    }
  });

  it("writes nothing over what is there, and nothing without a source or a platform", async () => {
    const before = await readFile(join(root, "migrations/gym/definition.ts"), "utf8");
    expect(await refusal(made("gym"))).toBe("MigrationExists");
    expect(await readFile(join(root, "migrations/gym/definition.ts"), "utf8")).toBe(before);
    expect(await refusal(made("Gym!"))).toBe("Usage");
    await mkdir(join(root, "empty"), { recursive: true });
    expect(await refusal(made("other", "empty"))).toBe("SourceEmpty");
    expect(await refusal(made("other", "clubb"))).toBe("SourceMissing");
    expect(await refusal(made("other", "./no/folder"))).toBe("SourceMissing");
    expect(await refusal(made("other", "club/members.csv"))).toBe("SourceMissing");
    const nowhere = { source: "club", target: "postgresql://x@127.0.0.1:1/x" };
    expect(await refusal(newMigration(frame(), "other", nowhere, root))).toBe("TargetUnreachable");
    await expect(readFile(join(root, "migrations/other/definition.ts"))).rejects.toThrow();
  });

  it("of the sample, through a connection: people, keys and statuses as they are", async () => {
    await made("old-school", "legacy");
    const text = await readFile(join(root, "migrations/old-school/definition.ts"), "utf8");
    expect(text).toContain("export const oldSchool = defineMigration({");
    expect(text).toContain('full_name: name("nom", "prenom"),');
    expect(text).toContain('connection: "legacy"');
  });
});

it("B5 B12 each column of a source is called as a definition may call it, whatever it is called there", () => {
  const long = "A".repeat(63);
  const columns = [
    ...["id", "planned", "Planned", "Import State", "classification", "staged_id", "wave"],
    ...["2nd phone", "3", "Ünïcode", "Имя", long, `${long}b`, "key", "key!", "name"],
  ];
  const { guesses } = guessed({ table: "t", columns: ["no", ...columns], key: ["no"], sample: [] });
  const fields = Object.fromEntries(guesses.map(({ field, column }) => [field, text(column)]));
  expect(Object.keys(fields)).toHaveLength(columns.length);
  const migration = defineMigration({
    name: "any",
    title: "Any",
    connection: "any",
    source: { t: table("no", ...columns) },
    entity: {
      from: ["t"],
      fields,
      decide: {},
      actions: { row: insert("rows", { no: "legacy_id" }) },
      plan: [commit("row")],
    },
  });
  expect(definitionFaults(migration)).toEqual([]);
});

it.each<[string, (string | null)[], string]>([
  ["mail", ["a@b.example", "c@d.example", null], 'email("mail", { placeholders: [] })'],
  ["mobile", ["07911 123456", "+447911123457"], 'phone("mobile", { region: "GB" })'],
  // Numbers of both: one of them says whose they are.
  ["mobile", ["0612345678", "+31 6 12345678"], 'phone("mobile", { region: "NL" })'],
  ["Téléphone", ["0559 44 61 68", "+213 559 44 61 69"], 'phone("Téléphone", { region: "DZ" })'],
  ["Mobil", ["20 12 34 56", "+45 40 12 34 56"], 'phone("Mobil", { region: "DK" })'],
  // One in twelve that is none of theirs does not make them another country's.
  [
    "Mobil",
    [...Array(10).fill("20 12 34 56"), "95 12 34 56", "+45 40 12 34 56"],
    'phone("Mobil", { region: "DK" })',
  ],
  ["Født", ["1980-12-31"], 'birthDate("Født")'],
  ["geburt", ["1980-12-31"], 'birthDate("geburt")'],
  ["Geburtstag", ["31.12.1980"], 'birthDate("Geburtstag", { format: "dd.MM.yyyy" })'],
  ["dob", ["31/12/1980"], 'birthDate("dob", { format: "dd/MM/yyyy" })'],
  ["signed", ["12/31/1980", "01/02/1981"], 'date("signed", { format: "MM/dd/yyyy" })'],
  // What is no such day tells nothing of days and months, and one day that is none in that order is one value.
  [
    "dob",
    [...Array(20).fill("24.02.1981"), "12/1967"],
    'birthDate("dob", { format: "dd.MM.yyyy" })',
  ],
  [
    "dob",
    [...Array(20).fill("24.02.1981"), "02.24.1981"],
    'birthDate("dob", { format: "dd.MM.yyyy" })',
  ],
  ["created_at", ["2019-01-02 03:04:05"], 'createdAt("created_at")'],
  ["born", ["1980-12-31"], 'birthDate("born")'],
  ["visits", ["1", "20", "-3"], 'integer("visits")'],
  ["fee", ["1.50", "20"], 'decimal("fee")'],
  ["fee", ["1.234", "20"], 'decimal("fee")'],
  ["fee", ["1,50", "-20"], 'decimal("fee", { decimal: "," })'],
  ["fee", ["1.234,50", "20"], 'decimal("fee", { decimal: ",", group: "." })'],
  ["fee", ["1,234.5", "20"], 'decimal("fee", { group: "," })'],
  ["fee", ["1 234", "20,5"], 'decimal("fee", { decimal: ",", group: " " })'],
  ["fee", ["1.234", "1,234"], 'text("fee")'],
  ["signed", ["31.12.1980 10:20"], 'timestamp("signed", { format: "dd.MM.yyyy HH:mm" })'],
  [
    "signed",
    ["1.2.1980 9:20:30", "31.12.1980 10:20:30"],
    'timestamp("signed", { format: "d.M.yyyy H:mm:ss" })',
  ],
  [
    "signed",
    ["1.2.1980 10:20:30", "31.12.1980"],
    'timestamp("signed", { format: "d.M.yyyy[ HH:mm:ss]" })',
  ],
  ["signed", ["12/31/1980 9:05"], 'timestamp("signed", { format: "MM/dd/yyyy H:mm" })'],
  ["signed", ["1980.12.31", "1981.01.02"], 'date("signed", { format: "yyyy.MM.dd" })'],
  ["fodt", ["31-12-1980 00:00"], 'birthDate("fodt", { format: "dd-MM-yyyy HH:mm" })'],
  ["post_code", ["01234", "99999"], 'text("post_code")'],
  ["npa", ["1003", "3011"], 'text("npa")'],
  ["fee", ["1'234.50", "20"], `decimal("fee", { group: "'" })`],
  [
    "fee",
    ["CHF 1'234.50", "20.00 CHF", "-5.10", "Fr. 3.20"],
    `decimal("fee", { group: "'", beside: ["CHF", "Fr."] })`,
  ],
  [
    "fee",
    ["€ 1.234,50", "- € 20", "7"],
    'decimal("fee", { decimal: ",", group: ".", beside: ["€"] })',
  ],
  ["seats", ["12 kr.", "7 kr."], 'integer("seats", { beside: ["kr."] })'],
  // What is no currency stays what it is.
  ["seat", ["A 12", "B 7"], 'text("seat")'],
  [
    "konto",
    ["CH93 0076 2011 6238 5295 7", "DE89370400440532013000"],
    'text("konto", { without: [" "] })',
  ],
  ["konto", ["DE89370400440532013000"], 'text("konto")'],
  ["du", ["01.02.32", "31.12.19"], 'date("du", { format: "dd.MM.yy from 1930" })'],
  ["hired", ["05-MAR-2020", "17-Jan-2021"], 'date("hired", { format: "dd-MMM-yyyy" })'],
  [
    "seen",
    ["1/5/2024 7:00 PM", "12/31/2023 11:15 am"],
    'timestamp("seen", { format: "M/d/yyyy h:mm a" })',
  ],
  ["dob", ["02/13/75"], 'birthDate("dob", { format: "MM/dd/yy from 1930" })'],
  // Which of three is the year nobody knows.
  ["at", ["01.02.19", "24.12.31"], 'text("at")'],
  ["place", Array.from({ length: 12 }, () => "Bern"), 'text("place")'],
  ["newsletter", ["Y", "N", "Y"], 'boolean("newsletter", { yes: ["Y"], no: ["N"] })'],
  ["ref", ["6f1c2a9e-1111-4222-8333-444455556666"], 'uuid("ref")'],
  ["extra", ['{"a":1}', "[]"], 'json("extra")'],
  ["skills", ['{throwing,"a,b"}', "{}", null], 'list("skills")'],
  ["tags", ["{}", "{}"], 'list("tags")'],
  ["renewals", ["{7,7}", "{14}", null], 'list("renewals", { repeated: "kept" })'],
  [
    "seen",
    ["2019-01-02 03:04:05+00", "2019-01-02 03:04:05.5-03:30"],
    'timestamp("seen", { zone: "UTC" })',
  ],
  ["at", ["2019-01-02T03:04:05Z"], 'timestamp("at", { zone: "UTC" })'],
  ["noon", ["2019-01-02 12:00:00"], 'timestamp("noon")'],
  [
    "kind",
    Array.from({ length: 12 }, (_, n) => (n % 2 ? "__proto__" : "gold")),
    'choice("kind", { gold: "gold", ["__proto__"]: "__proto__" })',
  ],
  // W14: a definition is read by many.
  [
    "desk",
    Array.from({ length: 12 }, (_, n) => (n % 2 ? "0559 44 61 68" : "open")),
    'text("desk")',
  ],
  [
    "seat",
    Array.from({ length: 12 }, (_, n) => (n % 2 ? "zoe@a.example" : "open")),
    'text("seat")',
  ],
  ["note", ["went skiing", "a; b", 'quote " and \\'], 'text("note")'],
  ['odd " name', ["x y z"], 'text("odd \\" name")'],
  ["nothing", [null, ""], 'text("nothing")'],
])("B12 a column %s with such values is guessed as it is", (column, values, code) => {
  expect(guessField(column, values).code).toBe(code);
});

it("B12 a column in another language is called as it reads, and its names are a person's", () => {
  const columns = ["Prénom", "Straße", "bemærkning", "ændret år", "Łódź", "værge_nr", "Имя"];
  expect(columns.map((column) => guessField(column, []).field)).toEqual([
    ...["prenom", "strasse", "bemaerkning", "aendret_ar", "lodz", "vaerge_nr", "field"],
  ]);
  const { fields } = draftOf(
    "school",
    guessed({
      table: "elever",
      columns: ["elev_nr", "Fornavn", "Efternavn"],
      key: ["elev_nr"],
      sample: [["1", "Søren", "Ågård"]],
    }),
    undefined,
  );
  expect(fields.map(({ code }) => code)).toEqual(['name("Efternavn", "Fornavn")']);
});

it("B12 a column that is called as what every object has is one as any other", () => {
  const columns = ["constructor", "toString", "__proto__", "telephone"];
  const { guesses } = guessed({
    table: "t",
    columns: ["no", ...columns],
    key: ["no"],
    sample: [
      ["1", "a", "b", "c", "0559446168"],
      ["2", "d", "e", "f", "+213 776 84 51 60"],
    ],
  });
  expect(guesses.map(({ code }) => code)).toEqual([
    'text("constructor")',
    'text("toString")',
    'text("__proto__")',
    'phone("telephone", { region: "DZ" })',
  ]);
});
