import { expect, it } from "vitest";
import { heldPage } from "../../lib/console/rows/held-page.ts";
import { textsIn } from "../../lib/console/texts/texts.ts";

it.each([
  ["en", "The member left.", "The booking is over."],
  ["fr", "Le membre est parti.", "La réservation est passée."],
] as const)(
  "B4 R5 reasons of two kinds of things that are called the same are each said in their own words, in %s",
  (language, ofMember, ofBooking) => {
    const part = (name: string, says: string) => ({
      part: name,
      reasons: { too_old: { says, does: "held" } },
    });
    const look = {
      parts: [part("member", "The member left."), part("booking", "The booking is over.")],
      translations: {
        fr: {
          "The member left.": "Le membre est parti.",
          "The booking is over.": "La réservation est passée.",
        },
      },
    };
    const group = (of: string) =>
      ({ part: of, reason: "too_old", says: "", rows: 2, samples: [], common: null }) as const;
    const visit = {
      ...{ language, texts: textsIn(language), person: { name: "vera", permissions: [] } },
      ...{ tokenFor: () => "token", request: { path: "/held", query: new URLSearchParams() } },
    };
    const { body } = heldPage(
      visit as never,
      { run: { reference: "R-1" }, look, groups: [group("booking"), group("member")] } as never,
    );
    // None of them shares anything with another: nothing but lines would stand in that column.
    expect(body).not.toContain(textsIn(language).wouldFree);
    expect(body.indexOf(ofBooking)).toBeGreaterThan(0);
    expect(body.indexOf(ofMember)).toBeGreaterThan(body.indexOf(ofBooking));
  },
);

it("B4 R5 what a single held row has is said of it alone, in both languages", () => {
  for (const language of ["en", "fr"] as const) {
    const { freeMapping, freeSpelling, freeNoted } = textsIn(language);
    const said = (rows: number) => [
      freeMapping("branch", "7", rows),
      freeSpelling("state", "blocked", rows),
      freeNoted("range_empty", rows),
    ];
    const ofSeveral = /\b(?:have|name|them|all|rows|ont|renvoient|toutes|lignes)\b/u;
    for (const text of said(1)) expect(text).not.toMatch(ofSeveral);
    for (const text of said(2)) expect(text).toMatch(ofSeveral);
  }
});
