import { expect, it } from "vitest";
import type { DryRunReport } from "../../lib/review/report.ts";
import { signOffMail } from "../../lib/review/sign-off/mail.ts";

const mailOf = (counts: { id: string; says: string; rows: number }[]): string =>
  signOffMail({
    reference: "gym-20261126-47c1",
    language: "en",
    gate: "first_wave",
    report: { rows: 19, counts, stops: [] } as unknown as DryRunReport,
    link: "http://127.0.0.1/sign-off/x",
    expires: new Date("2026-12-03T00:00:00Z"),
    announced: { manifest: null, head: { hash: "60c8", entries: 5 } },
  }).text;

it("W8 the mail lists what a definition counts, and announces no list where it counts nothing", () => {
  expect(mailOf([{ id: "members", says: "Members", rows: 16 }])).toContain(
    "19 rows were staged and judged:\n  Members                           16\n\nNo stop condition holds.",
  );
  expect(
    mailOf([
      { id: "unknown", says: "Rows whose status nobody listed", rows: 1 },
      { id: "known", says: "Others", rows: 1_018 },
    ]),
  ).toContain(
    "  Rows whose status nobody listed         1\n  Others                              1,018\n",
  );
  expect(mailOf([])).toContain("19 rows were staged and judged.\n\nNo stop condition holds.");
});
