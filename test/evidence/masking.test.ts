import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { initials, maskEmail, maskPhone, NOT_NAME, yearOf } from "../../lib/evidence/masking.ts";
import {
  initialsSql,
  maskEmailSql,
  maskPhoneSql,
  yearOfSql,
  yearOfTextSql,
} from "../../lib/evidence/masking-sql.ts";
import { masksOf } from "../../lib/evidence/verify/masks.ts";
import { type TestDatabase, testDatabase } from "../support/postgres.ts";
import { mulberry32 } from "../support/random.ts";

describe("maskPhone", () => {
  it.each([
    ["213559446168", "213•••••••68"],
    ["33612345678", "33•••••••78"],
    ["12025550123", "1••••••••23"],
    ["79161234567", "7••••••••67"],
    ["37255512345", "372••••••45"],
  ])("D20 %s → %s: country code and last two digits", (phone, masked) => {
    expect(maskPhone(phone)).toBe(masked);
  });

  it.each([
    "0559446168",
    "+213559446168",
    "055",
    "12345678901234567",
    "٠٥٥٩٤٤٦١٦٨",
    "<b>1</b>",
    "☎️",
  ])("D20 shows nothing of %s, which is not a number as staging keeps it", (phone) =>
    expect(maskPhone(phone)).toBe("•••"),
  );

  it("D20 shows an empty field as empty", () => {
    expect([maskPhone(null), maskPhone("")]).toEqual(["", ""]);
  });
});

describe("maskEmail", () => {
  it.each([
    ["karim@example.com", "k•••@example.com"],
    ["k@example.com", "•••@example.com"],
    ["=cmd@example.com", "•••@example.com"],
    ["+213@example.com", "•••@example.com"],
    ["سارة@example.com", "س•••@example.com"],
    ["karim@bücher.example", "k•••@bücher.example"],
    ["😀k@example.com", "•••@example.com"],
  ])("D20 %s → %s", (email, masked) => expect(maskEmail(email)).toBe(masked));

  it.each([
    "karim",
    "@example.com",
    "karim@",
    "a@b@c",
    'karim@"x".com',
    "k@exa mple.com",
    "k@<b>.com",
  ])("D20 shows nothing of %s, which is no address", (email) =>
    expect(maskEmail(email)).toBe("•••"),
  );

  it("D20 shows an empty field as empty", () => expect(maskEmail(null)).toBe(""));
});

describe("initials", () => {
  it.each([
    ["Sara Benali", "S. B."],
    ["sara benali", "S. B."],
    ["Élodie Ben-Ali", "É. B. A."],
    ["O'Brien Kate", "O. K."],
    ["بن علي سارة", "ب. ع. س."],
    ["مُحَمَّد", "م."],
    ["ⵜⴰⵏⵉⵔⵜ", "ⵜ."],
    ["Ana Maria de la Cruz Santos", "A. M. D. L."],
    ["<b>Sara</b>", "B."],
    ["=1+1 Sara", "S."],
    ["Sara 😀 Benali", "S. B."],
    ["\u202eSara\u202c Benali", "S. B."],
    ["  Sara   Benali ", "S. B."],
    ["S", "S."],
  ])("D20 %s → %s", (name, shown) => expect(initials(name)).toBe(shown));

  it.each(["😀", "123", "-", "/", '"; drop table users'.replace(/[a-z]/g, "")])(
    "D20 shows nothing of %s, which holds no letter",
    (name) => expect(initials(name)).toBe("•••"),
  );

  it("D20 shows an empty field as empty", () => expect(initials("")).toBe(""));

  it("D20 W12 shows of every letter what a bundle's verification takes for initials", () => {
    const letters = Array.from({ length: 0x10000 }, (_, point) => String.fromCharCode(point));
    const known = letters.filter(
      (letter) => !new RegExp(NOT_NAME, "u").test(letter) && initials(letter) !== "•••",
    );
    const [, mask] = masksOf(undefined).find(([column]) => column === "name") ?? [];
    expect(known.length).toBeGreaterThan(30_000);
    // Some have two or three capitals, or one with marks of its own.
    expect(known.filter((letter) => !mask?.test(initials(letter)))).toEqual([]);
  });
});

describe("yearOf", () => {
  it.each([
    ["1987-05-01", "1987"],
    ["1987-05-01T10:00:00Z", "1987"],
    ["01/05/1987", ""],
    ["", ""],
    [null, ""],
  ])("D20 %s → %s", (date, year) => expect(yearOf(date)).toBe(year));
});

describe("masking inside the database", () => {
  let database: TestDatabase;
  let client: pg.Client;

  beforeAll(async () => {
    database = await testDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
  });
  afterAll(async () => {
    await client.end();
    await database.drop();
  });

  async function inSql(expression: (value: string) => string, values: (string | null)[]) {
    const { rows } = await client.query(
      `select ${expression("value")} as masked from unnest($1::text[]) with ordinality v(value, n) order by n`,
      [values],
    );
    return rows.map(({ masked }) => masked);
  }

  const letters = [..."aZéÉßسمـَ ⵜ王가-' .,@=+\t\n\u00a0\u202e\u20110123456789<>\"😀🇩🇿"];
  const random = mulberry32(20);
  const texts = Array.from({ length: 3_000 }, () =>
    Array.from(
      { length: Math.floor(random() * 14) },
      () => letters[Math.floor(random() * letters.length)],
    ).join(""),
  );

  it("D20 says the same about 3,000 odd names as the masks of list pages", async () => {
    const names = [...texts, null, "Benali Sara", "Ben-Ali Élodie", "مُحَمَّد بن علي"];
    expect(await inSql(initialsSql, names)).toEqual(names.map(initials));
  });

  it("D20 shows the same of a name of usual letters as of one that must be cleaned first", async () => {
    const points = [0x41, 0x61, 0xc0, 0x100, 0x180, 0x240, 0x600].flatMap((first) =>
      Array.from({ length: 0x100 }, (_, offset) => String.fromCodePoint(first + offset)),
    );
    const names = points.flatMap((letter) => [`${letter}b c${letter}`, `sara-${letter} ${letter}`]);
    const { rows } = await client.query(
      `select ${initialsSql("value")} as usual, ${initialsSql("cleaned")} as cleaned
         from (select value, value || '!' as cleaned, n from unnest($1::text[]) with ordinality v(value, n)) names
        order by n`,
      [names],
    );
    expect(rows.map(({ usual }) => usual)).toEqual(rows.map(({ cleaned }) => cleaned));
    expect(await inSql(initialsSql, ["ilkay-ira İpek", "a b c d e"])).toEqual([
      "I. I. İ.",
      "A. B. C. D.",
    ]);
  });

  it("D20 says the same about 3,000 odd e-mails", async () => {
    const emails = [
      ...texts.map((text, index) => (index % 3 === 0 ? text : `${text}@exämple-${index}.com`)),
      null,
      "k@example.com",
    ];
    expect(await inSql(maskEmailSql, emails)).toEqual(emails.map(maskEmail));
  });

  it("D20 says the same about a number of every country code and length, and about odd ones", async () => {
    const numbers = Array.from({ length: 1_000 }, (_, code) =>
      `${code}5594461682137`.slice(0, 6 + (code % 11)),
    );
    const phones = [...texts, ...numbers, null, "213559446168"];
    expect(await inSql(maskPhoneSql, phones)).toEqual(phones.map(maskPhone));
  });

  it("D20 shows as much of each number as its country code is long, by the list of ITU-T E.164", async () => {
    // Of numbers that begin with 10 to 99, ten a line.
    const long = [
      "1111111111",
      "2333333233",
      "2222232332",
      "2232222222",
      "3222222223",
      "2222222333",
      "1111111111",
      "3223232333",
      "2222223323",
    ].join("");
    const phones = [...long].map((_, index) => `${10 + index}345678901`);
    const shown = (masked: string[]) => masked.map((text) => text.indexOf("•")).join("");
    expect(shown(phones.map(maskPhone))).toBe(long);
    expect(shown(await inSql(maskPhoneSql, phones))).toBe(long);
  });

  it("D20 says the same about birth dates", async () => {
    const dates = ["1987-05-01", "0001-01-01", "12000-01-01", null];
    expect(await inSql((value) => yearOfSql(`${value}::date`), dates)).toEqual([
      "1987",
      "0001",
      "12000",
      "",
    ]);
    expect(dates.map(yearOf)).toEqual(["1987", "0001", "12000", ""]);
  });

  it("D20 shows nothing but a year of what a column of the platform holds for a birth date", async () => {
    const held = [
      ...["1987-05-01", "1987-05-01 00:00:00+01", "0044-03-15 BC", "12000-01-01"],
      ...["01/05/1987", "1 May 1987, Sara Benali", '{"born": "1987-05-01"}', "infinity", "1987"],
      ...["1987-5-1", "٢٠٠١-٠٥-٠١", "1234567-01-01", "\n1987-05-01", "", null, ...texts],
    ];
    expect(await inSql(yearOfTextSql, held)).toEqual(held.map(yearOf));
  });
});
