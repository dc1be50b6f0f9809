import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { textsIn } from "../lib/console/texts/texts.ts";
import { nextStep } from "../lib/review/steer/next-step.ts";
import { writtenBy } from "../lib/review/steer/standing.ts";
import { plural, several } from "../lib/services/words.ts";
import { mailTexts } from "../lib/speech/mails.ts";

it.each([
  ["row", "rows"],
  ["facility", "facilities"],
  ["import range", "import ranges"],
  ["key", "keys"],
  ["class", "classes"],
  ["branch", "branches"],
])("R8 the plural of %s is %s", (one, more) => {
  expect(plural(one)).toBe(more);
  expect([several(1, one), several(2, one)]).toEqual([`1 ${one}`, `2 ${more}`]);
});

const files = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((each) =>
    each.isDirectory()
      ? files(join(folder, each.name))
      : each.name.endsWith(".ts")
        ? [join(folder, each.name)]
        : [],
  );

/** A value that is put before the verb of several: one of them would be said to be many. */
const manyThere =
  /\$\{(?!several\()[^{}]*\} (?:\p{L}+ ){0,2}(?:rows|questions|entries|decisions|people|copies|waves|files|sampled rows) (?:of the \p{L}+ )?(?:were|are|have|had|came|refer)\b/u;

it("W13 no sentence says of a number that it is many without asking whether it is one", () => {
  // The same line, or one before, asks; of a verdict's own words that is none.
  const asked = /=== 1|< 2|several\(|\? /u;
  const found = files("lib").flatMap((file) => {
    const lines = readFileSync(file, "utf8").split("\n");
    return lines.flatMap((line, at) =>
      manyThere.test(line) &&
      !asked.test(line) &&
      !/=== 1|< 2|several/u.test(lines.slice(Math.max(0, at - 2), at).join(" ")) &&
      !line.includes("and the rows have")
        ? [`${file}:${at + 1}: ${line.trim()}`]
        : [],
    );
  });
  expect(found).toEqual([]);
});

/** Every text of the pages that is made from numbers, with one in the place of each. */
function withOne(language: "en" | "fr"): string[] {
  const said: string[] = [];
  const walk = (value: unknown) => {
    if (typeof value === "function") {
      try {
        const text: unknown = value(...Array.from({ length: value.length }, () => 1));
        if (typeof text === "string") said.push(text);
      } catch {
        // It takes no numbers.
      }
    } else if (typeof value === "object" && value !== null) Object.values(value).forEach(walk);
  };
  walk(textsIn(language));
  return said;
}

describe("W13 of one it is spoken as of one", () => {
  it("on every page, in English and French", () => {
    const english = withOne("en").filter((text) =>
      /\b1 (?:more )?(?:rows|reasons|rules|questions|entries|decisions|waves|samples|things|files)\b(?!\/s)/u.test(
        text,
      ),
    );
    const french = withOne("fr").filter((text) =>
      /\b1 (?:lignes|questions|entrées|reprises|trouvées|lues|règles)\b(?!\/s)/u.test(text),
    );
    // Sizes of waves come as texts; the reasons that are listed are always many.
    const others = /^(?:Waves grow|Les vagues grandissent|Listed are the)/u;
    expect([...english, ...french].filter((text) => !others.test(text))).toEqual([]);
  });

  it("in terminals and mails", () => {
    expect(writtenBy({ committed: 0, skipped: 1 } as never)).toContain("moved it");
    expect(mailTexts.en.auditLog(1)).toBe("audit log, 1 entry");
    expect(mailTexts.fr.auditLog(1)).toBe("journal, 1 entrée");
    const standing = {
      ...{ reference: "r", status: "stopped", control: "stop", stage: "validate", alive: false },
      ...{ pendingGate: null, preflight: {}, copiesLeft: 1 },
    };
    expect(nextStep(standing).says).toContain("1 is left");
  });
});
