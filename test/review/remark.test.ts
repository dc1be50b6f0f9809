import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findRun } from "../../lib/data/runs.ts";
import { contactIn } from "../../lib/evidence/contacts.ts";
import { isSeen } from "../../lib/normalize/text.ts";
import { keepableRemark } from "../../lib/review/remark.ts";
import { keepDecision } from "../../lib/review/steer/keep-decision.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { importAll, refusal } from "../support/steps.ts";

const run = "7f3a1c00-0000-4000-8000-000000000001";

describe("contacts in what somebody writes beside a decision", () => {
  it.each([
    ["ask karim.b@example.com", "an e-mail address"],
    ["ask karim @ example.com", "an e-mail address"],
    ["call 0559446168", "a phone number"],
    ["call 05 59 44 61 68.", "a phone number"],
    ["call +213 559-44-61-68", "a phone number"],
    ["(0559) 446168", "a phone number"],
    ["213559446168 is wrong", "a phone number"],
    ["٠٥٥٩٤٤٦١٦٨", "a phone number"],
    ["on 2026-11-27 05:01 call 0559446168", "a phone number"],
    ["2026-11-27 05:01+213559446168", "a phone number"],
    ["2026-11-27 0559446168", "a phone number"],
    ["arn:aws:rds:eu-west-3:123456789012:of 0559446168", "a phone number"],
    ["192.168.100.200 is of 0559446168", "a phone number"],
    ["213.559.446.168", "a phone number"],
    ["row 0559446168", "a phone number"],
    ["base/0559/446168 of 0559446168", "a phone number"],
    ["mailto:sara@example.com", "an e-mail address"],
    // As they are set, or hidden, and read all the same.
    ["0559\u202f44\u202f61\u202f68", "a phone number"],
    ["0559\u200944\u200961\u200968", "a phone number"],
    ["0559\u201144\u201161\u201168", "a phone number"],
    ["0559\u201344\u221261\u201468", "a phone number"],
    ["0559\u200b446168", "a phone number"],
    ["0559\u00ad44\u280061\u30006168", "a phone number"],
    ["０５５９４４６１６８", "a phone number"],
    ["0\u03365\u03365\u0336944\u20606168", "a phone number"],
    ["sara.benali@exam\u200bple.com", "an e-mail address"],
    ["sara.benali＠example.com", "an e-mail address"],
    ["sara.benali@example。com", "an e-mail address"],
    ["sara.benali@example\u2024com", "an e-mail address"],
  ])("D20 W14 %j holds %s", (text, what) => expect(contactIn(text)).toBe(what));

  it.each([
    "Looked at.",
    "row 12, 345 and 2,608",
    "as of 2026-11-20, 20.11.2026",
    "ecoin-20261120-7f3a",
    "digest 1d09d826e8b60e50eb13c3f05c7ec795884e2133100b30ae32e7d4258120530b",
    "since 2026-11-27 05:01, and 2026-11-27 05:01:09.123 UTC",
    "arn:aws:rds:eu-west-3:123456789012:cluster:main, arn:aws-cn:s3::123456789012:x",
    "12 of 3000 rows @ the second try",
    "192.168.100.200:3306 does not answer",
    "row 2000000000017 of it",
    "postgresql://reader@db.example.com/legacy is away",
    'could not extend file "base/16384/17002.1": No space left on device; SQLState: 53100',
    'could not open file "pg_tblspc/16385/PG_18_202506291/16384/17002_vm"',
    "lignes 1\u202f234 et 2\u202f345\u202f678 du 2026\u201011\u201020 — vues",
  ])("%j holds none", (text) => expect(contactIn(text)).toBeUndefined());

  it("W13 of a long text without a blank is told in a moment", () => {
    const before = performance.now();
    expect(contactIn("a".repeat(200_000))).toBeUndefined();
    expect(performance.now() - before).toBeLessThan(5_000);
  });
});

describe("names in what somebody writes beside a decision", () => {
  let test: TestServices;
  const kept = (text: string) =>
    findRun(test.services.sign, run).then((found) =>
      keepableRemark(test.services.sign, found, text),
    );

  beforeAll(async () => {
    test = await testServices();
    await importAll(test, run);
  });
  afterAll(() => test.close());

  // Tahrour Selma is the first row of the sample.
  it.each(["Tahrour Selma", "selma TAHROUR", "look at Sélma  Tahrour, please"])(
    "D20 W14 refuses %j, who is migrated, without repeating it",
    async (text) => {
      const refused = await kept(text).catch((error: Error) => error);
      expect(refused).toMatchObject({ name: "PersonalDataInRemark" });
      expect((refused as Error).message).not.toMatch(/tahrour/i);
    },
  );

  it("refuses a phone as well", async () => {
    expect(await refusal(kept("0559446168"))).toBe("PersonalDataInRemark");
  });

  it("keeps what names nobody, without what steers a terminal", async () => {
    expect(await kept("  Row 12 \u001b[31mlooks\u202e right\n")).toBe("Row 12 [31mlooks right");
    expect(await kept("Selma is a first name of many")).toBe("Selma is a first name of many");
  });

  it("W13 of one that is too long, keeps no half of a character", async () => {
    expect(await kept(`${"a".repeat(3_999)}😀`)).toBe(`${"a".repeat(3_999)}\ufffd`);
  });
});

it("W14 V10 a restored backup is not told of under somebody's number", async () => {
  const test = await testServices();
  await importAll(test, run);
  const about = { backup: "0559446168", backup_sha256: "0".repeat(64), rows_lost: 0, rows_back: 0 };
  for (const step of ["begin", "restored", "restore-failed"] as const)
    expect(
      await refusal(
        keepDecision(test.services, "operator", { decide: "restore", run, step, about }),
      ),
    ).toBe("PersonalDataInRemark");
  await test.close();
});

describe("what shows nothing", () => {
  const unseen = [
    ..."\u00a0\u00ad\u034f\u061c\u115f\u1160\u17b4\u180e\u200b\u200d\u200e\u2028\u202e\u2060\u2062",
    ..."\u2800\u3000\u3164\ufe0f\ufeff\uffa0\u{e0041}\u{e0100}\u0301\u0336",
    "\u200b \u2800\n\u3164",
  ];
  it.each(unseen)("R7 R13 %j is not seen, whatever it stands beside", (text) => {
    expect(isSeen(text)).toBe(false);
    expect(isSeen(`${text}.${text}`)).toBe(true);
  });

  it.each(["Ok", "x", "1", "?", "é", "نعم", "是", "👍", "\u0e33"])("%j is", (text) =>
    expect(isSeen(text)).toBe(true),
  );
});
