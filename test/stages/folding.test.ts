import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keyAsRead } from "../../lib/compile/as-read.ts";
import { raw, sql } from "../../lib/data/sql.ts";
import { textReader } from "../../lib/normalize/free-text.ts";
import { foldName } from "../../lib/normalize/name.ts";
import { type TestServices, testServices } from "../support/services.ts";

let test: TestServices;
beforeAll(async () => {
  test = await testServices();
});
afterAll(() => test.close());

/** What the database folds otherwise than the importer, as `text: here / there`. */
async function differing(texts: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (let at = 0; at < texts.length; at += 5_000) {
    const some = texts.slice(at, at + 5_000);
    const rows = await test.services.stage.rows<{ name: string; folded: string }>(
      sql`select name, wavegate.fold_name(name) as folded from jsonb_array_elements_text(${JSON.stringify(some)}::jsonb) name`,
    );
    expect(rows).toHaveLength(some.length);
    for (const { name, folded } of rows)
      if (folded !== foldName(name))
        found.push(`${escaped(name)}: ${escaped(foldName(name))} / ${escaped(folded)}`);
  }
  return found;
}

const escaped = (text: string): string =>
  Array.from(text, (character) => `U+${character.codePointAt(0)?.toString(16)}`).join(" ");

const characters = (kind: RegExp): string[] =>
  Array.from({ length: 0x11_0000 }, (_, code) => code)
    .filter((code) => code < 0xd800 || code > 0xdfff)
    .map((code) => String.fromCodePoint(code))
    .filter((character) => kind.test(character));

describe("B5 a text of the platform is read as a field of texts reads it", () => {
  it("every character that may be left out or stand between words, beside letters of several scripts", async () => {
    const read = textReader({});
    const texts = characters(/[\p{Cf}\p{Z}\p{Cc}\p{DI}]/u)
      // No database keeps a NUL.
      .filter((each) => each !== "\0")
      .flatMap((each) => [
        `a${each}b`,
        `م${each}ن`,
        `क्${each}ष`,
        `👩${each}💻`,
        `1${each}\u20E3`,
        `❤\uFE0F${each}🔥`,
        `${each}س `,
        `辻${each}`,
        `🏴${each}\u{E0067}`,
      ]);
    for (let at = 0; at < texts.length; at += 5_000) {
      const some = texts.slice(at, at + 5_000);
      const rows = await test.services.stage.rows<{ text: string; as_read: string }>(
        sql`select text, ${raw(keyAsRead("text"))} as as_read from jsonb_array_elements_text(${JSON.stringify(some)}::jsonb) text`,
      );
      expect(rows).toHaveLength(some.length);
      expect(
        rows.flatMap(({ text, as_read }) =>
          as_read === (read(text).value ?? "") ? [] : [`${escaped(text)}: ${escaped(as_read)}`],
        ),
      ).toEqual([]);
    }
  });
});

/**
 * Capitals of scripts that nobody's name is written in today, which got their small letters with Unicode 11 and
 * later: whether a database knows them depends on its version.
 */
const NEW_CAPITAL =
  /[\u1C89\u2C2F\uA7B8-\uA7F5\u{10570}-\u{10595}\u{10D50}-\u{10D65}\u{16E40}-\u{16E5F}\u{16EA0}-\u{16EB8}]/u;

describe("D5 the importer and the database fold alike", () => {
  it("every letter of Unicode, alone and in a word", async () => {
    const letters = characters(/\p{L}/u).filter((letter) => !NEW_CAPITAL.test(letter));
    expect(letters.length).toBeGreaterThan(130_000);
    expect(await differing(letters.map((letter) => `A${letter}b ${letter}`))).toEqual([]);
  });

  it("whatever shows nothing makes nobody else of a name, and no other thing of a label", async () => {
    const unseen = characters(/\p{DI}/u);
    expect(unseen.length).toBeGreaterThan(4_000);
    expect(await differing(unseen.map((each) => `Sa${each}ra`))).toEqual([]);
    const [{ labels }] = (await test.services.stage.rows<{ labels: string[] }>(
      sql`select jsonb_agg(distinct wavegate.fold_label(label)) as labels
            from jsonb_array_elements_text(${JSON.stringify(unseen.map((each) => `Cou${each}ture`))}::jsonb) label`,
    )) as [{ labels: string[] }];
    expect(labels).toEqual(["couture"]);
  });

  it("every mark, behind letters of several scripts", async () => {
    const marks = characters(/\p{M}/u);
    expect(
      await differing(
        marks.flatMap((mark) => [`A${mark}b`, `क${mark}क`, `ก${mark}`, `א${mark}ב`, `ب${mark}ت`]),
      ),
    ).toEqual([]);
  });

  it("every number, sign and what cannot be seen", async () => {
    expect(
      await differing(characters(/[\p{N}\p{P}\p{S}\p{Z}\p{Cf}]/u).map((each) => `a${each}b`)),
    ).toEqual([]);
  });

  it.each([
    ["हिन्दी", "हिन्दी"],
    ["सुनीता देवी", "सुनीता देवी"],
    ["สมชาย ใจดี", "สมชาย ใจดี"],
    ["น้ำฝน", "น้ําฝน"],
    ["தமிழ்ச்செல்வி", "தமிழ்ச்செல்வி"],
    ["שָׂרָה", "שרה"],
    ["מֹשֶׁה כֹּהֵן", "משה כהן"],
    ["සුනිල්", "සුනිල්"],
    ["မောင်မောင်", "မောင်မောင်"],
    ["ខ្មែរ", "ខ្មែរ"],
  ])("%s is %s on both sides", async (name, folded) => {
    expect(foldName(name)).toBe(folded);
    expect(await differing([name])).toEqual([]);
  });
});
