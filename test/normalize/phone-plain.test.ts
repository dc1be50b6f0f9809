import { describe, expect, it } from "vitest";
import { normalizePhone, normalizePhoneByLibrary } from "../../lib/normalize/phone.ts";
import { plainPhone } from "../../lib/normalize/phone-plain.ts";
import { everyStep } from "../support/every-step.ts";
import { mulberry32 } from "../support/random.ts";
import { dialled, disturbed, regions } from "./phone-dialled.ts";

/** What the short cut answers beside the library, over seeded fields of a region. */
function held(region: string, numbers: number, random: () => number) {
  const different: unknown[] = [];
  let answered = 0;
  for (let i = 0; i < numbers; i++) {
    const { plain, near } = dialled(region, random);
    for (const text of [...plain, ...near]) {
      const raw = disturbed(text, random);
      const short = plainPhone(raw, region);
      if (short === null) continue;
      answered += 1;
      const library = normalizePhoneByLibrary(raw, region);
      if (library.phone !== short || library.alternates.length > 0) {
        different.push({ region, raw, short, library });
      }
    }
  }
  return { different, answered };
}

const BETWEEN = [" / ", "/", "; ", " ", "-", " - ", ",", "  ", " ou ", "\n", ""];

/** Numbers of a region alone, cut short, behind words, in another script's digits, and two in one field. */
function fields(region: string, random: () => number): string[] {
  const { plain, near } = dialled(region, random);
  const all = [...plain, ...near].map((text) => disturbed(text, random));
  const other = () => all[Math.floor(random() * all.length)] as string;
  return all.flatMap((text, at) => [
    text,
    text.slice(0, Math.floor(random() * text.length)),
    `Tel: ${text} (bureau)`,
    text.replace(/\d/g, (digit) => String.fromCharCode(0x660 + Number(digit))),
    `${text}${BETWEEN[at % BETWEEN.length]}${other()}`,
    `${text}${BETWEEN[Math.floor(random() * BETWEEN.length)]}${other()} / ${other()}`,
  ]);
}

/** Fields that are read otherwise than by the library alone: number, alternates, reason and all. */
const readOtherwise = (region: string, times: number, random: () => number) =>
  Array.from({ length: times }, () => fields(region, random))
    .flat()
    .map((raw) => [raw, normalizePhone(raw, region), normalizePhoneByLibrary(raw, region)] as const)
    .filter(([, short, library]) => JSON.stringify(short) !== JSON.stringify(library))
    .map((each) => [region, ...each]);

describe("the short way for each piece of a field", () => {
  it("D3 M8 reads whatever a field holds as the library does, in every region of the numbering plans", () => {
    const random = mulberry32(20261126);
    expect(regions.flatMap((region) => readOtherwise(region, everyStep ? 6 : 1, random))).toEqual(
      [],
    );
  });

  it("D3 M8 and in many fields of a region, of one that shares its calling code, and of one without a trunk digit", () => {
    const random = mulberry32(20261127);
    const times = everyStep ? 300 : 40;
    const found = ["DZ", "KZ", "TN"].flatMap((region) => readOtherwise(region, times, random));
    expect(found).toEqual([]);
  });
});

describe("the short cut for plain numbers", () => {
  it("D3 gives what the library gives, in every region of the numbering plans", () => {
    const random = mulberry32(20261120);
    const found = regions.map((region) => held(region, 12, random));
    expect(found.flatMap(({ different }) => different)).toEqual([]);
    expect(found.reduce((sum, { answered }) => sum + answered, 0)).toBeGreaterThan(20_000);
  });

  it("D3 gives what the library gives, in many fields of a region", () => {
    const random = mulberry32(20261121);
    const { different, answered } = held("DZ", 3_000, random);
    expect(different).toEqual([]);
    expect(answered).toBeGreaterThan(20_000);
  });

  it("M8 answers for every plain valid number of every region, so that the library is rarely asked", () => {
    const random = mulberry32(20261122);
    const asked: { region: string; raw: string }[] = [];
    let valid = 0;
    for (const region of regions) {
      for (let i = 0; i < 8; i++) {
        for (const raw of dialled(region, random).plain) {
          if (normalizePhoneByLibrary(raw, region).phone === null) continue;
          valid += 1;
          if (plainPhone(raw, region) === null) asked.push({ region, raw });
        }
      }
    }
    // A number of Russia that begins as Russians dial another country's is the library's to look at.
    expect(asked.filter(({ region }) => region !== "RU" && region !== "KZ")).toEqual([]);
    expect(valid).toBeGreaterThan(regions.length * 16);
  });

  it("leaves words, several numbers, other countries and unknown regions to the library", () => {
    expect(plainPhone("Tél 0612345678", "FR")).toBeNull();
    expect(plainPhone("0612345678 / 0612345679", "FR")).toBeNull();
    expect(plainPhone("+213559446168", "FR")).toBeNull();
    expect(plainPhone("0612345678", "XX")).toBeNull();
    expect(plainPhone("0612345678", "constructor")).toBeNull();
  });

  it.each([
    ["FR", "06 12 34 56 78", "33612345678"],
    ["FR", "+33 6 12 34 56 78", "33612345678"],
    ["DZ", "0559.44.61.68", "213559446168"],
    ["US", "1 212 555 0123", "12125550123"],
    ["AR", "011 15-2345-6789", "5491123456789"],
    ["GB", "07911 123456", "447911123456"],
    ["IT", "06 698 12345", "390669812345"],
    ["CA", "416 555 0123", "14165550123"],
  ])("M8 understands in %s: %s", (region, raw, phone) => {
    expect(plainPhone(raw, region)).toBe(phone);
  });
});
