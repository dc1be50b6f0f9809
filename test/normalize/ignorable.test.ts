import { describe, expect, it } from "vitest";
import { damageOfName } from "../../lib/normalize/damage.ts";
import { normalizeEmail } from "../../lib/normalize/email.ts";
import { foldName, personName } from "../../lib/normalize/name.ts";
import { stripUseless } from "../../lib/normalize/text.ts";

/** Every character that Unicode calls ignorable: whoever reads a text does not see that it is there. */
const unseen = Array.from({ length: 0x11_0000 }, (_, code) => code)
  .filter((code) => code < 0xd800 || code > 0xdfff)
  .map((code) => String.fromCodePoint(code))
  .filter((character) => /\p{DI}/u.test(character));

describe("D4 D5 what shows nothing makes no second person", () => {
  it("of a name, or of an address", () => {
    expect(unseen.length).toBeGreaterThan(4_000);
    expect(unseen.filter((each) => foldName(`Sa${each}ra`) !== "sara")).toEqual([]);
    const read = (each: string) => normalizeEmail(`sa${each}ra@exam${each}ple.com`, []).email;
    expect(unseen.filter((each) => read(each) !== "sara@example.com")).toEqual([]);
  });

  it("nor does a letter of another script that looks like one of the others of its word", () => {
    for (const omar of ["Оmar", "Οmar", "Օmar", "ⲟmar", "Ꮎmar", "ꓳmar", "omaꭱ"]) {
      expect([omar, damageOfName(omar) === null]).toEqual([omar, false]);
      const { reason } = normalizeEmail(`${omar}@example.com`, []);
      expect([omar, reason]).toEqual([omar, "malformed"]);
      expect(normalizeEmail(`omar@${omar}.com`, []).reason).toBe("malformed");
    }
  });

  it("a selector behind a letter of Japan and the tags of a flag stay where people read, and count for nothing where people are compared", () => {
    for (const written of [
      "辻\u{E0100}",
      "🏴\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}",
    ])
      expect(stripUseless(written)).toBe(written);
    expect(stripUseless("Sa\u{E0100}ra\u{E0061}\u{E0062}")).toBe("Sara");
    expect(personName(["辻\u{E0100}", "花子"])).toMatchObject({
      full: "辻\u{E0100} 花子",
      folded: "辻 花子",
    });
  });
});
