import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { showDryRun } from "../../lib/cli/show/dry-run.ts";
import { nearPlaceholders } from "../../lib/compile/judge/report.ts";
import type { DryRunReport, NearPlaceholder } from "../../lib/review/report.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import { legacyFolder } from "../support/legacy-folder.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { reviewedRun } from "../support/steps.ts";

const run = "7f3a0000-0000-4000-8000-0000000000d6";

/** The platform's courses, each with a number of its own. */
const COURSES: Readonly<Record<number, string>> = {
  801: "C",
  802: "C++",
  803: "C#",
  804: "50",
  805: "A B",
  806: "NET",
  807: "A",
  808: "Infographie PAO",
  809: "Vente & Marketing",
  810: "Gestion 1",
  811: "Node js",
  812: "R",
  813: "1 5",
  814: "d=e",
};

/** A legacy formation, and what it is mapped to by itself: other punctuation is another name (D34). */
const LABELS: readonly [name: string, wanted: string][] = [
  ["C*", "needs_review C"],
  ["C♯", "needs_review C"],
  ["C #", "needs_review C#"],
  ["c++", "mapped C++"],
  ["C ++", "needs_review C++"],
  ["50 %", "needs_review 50"],
  ["50%", "needs_review 50"],
  ["50 €", "needs_review 50"],
  ["A & B", "needs_review A B"],
  ["A+B", "needs_review A B"],
  ["A = B", "needs_review A B"],
  ["A | B", "needs_review A B"],
  ["A-B", "mapped A B"],
  ["A, B", "mapped A B"],
  ["(A) / B", "mapped A B"],
  [".NET", "needs_review NET"],
  ["A-", "needs_review A"],
  ["A−", "needs_review A"],
  ["A*", "needs_review A"],
  ["R@", "needs_review R"],
  ["INFOGRAPHIE / P.A.O", "needs_review Infographie PAO"],
  ["INFOGRAPHIE – PAO", "mapped Infographie PAO"],
  ["Infographie_PAO.", "mapped Infographie PAO"],
  ["Vente et Marketing", "needs_review Vente & Marketing"],
  ["VENTE & MARKETING", "mapped Vente & Marketing"],
  ["Vente ＆ Marketing", "mapped Vente & Marketing"],
  ["Gestion -1", "needs_review Gestion 1"],
  ["Gestion - 1", "mapped Gestion 1"],
  ["Node.js", "mapped Node js"],
  ["C'", "needs_review C"],
  ["C’", "needs_review C"],
  ["‘C’", "mapped C"],
  ["A -", "needs_review A"],
  ["- A", "needs_review A"],
  ["1.5", "needs_review 1 5"],
  ["1,5", "needs_review 1 5"],
  ["1/5", "needs_review 1 5"],
  ["1 5", "mapped 1 5"],
  ["d=e", "mapped d=e"],
  ["d≠e", "needs_review d=e"],
];

/** A session's code, and whether a person is told that it may be a waiting list (M5). */
const CODES: readonly [code: string, near: boolean][] = [
  ["WL-1", true],
  ["wl2", true],
  ["W.L.", true],
  ["waitlist", true],
  ["Wait-List 2", true],
  ["Sess-Att", true],
  ["ATT 3", true],
  ["En attente", true],
  ["قائمة الانتظار", true],
  ["قائمة إنتظار", true],
  ["انتظار 2", true],
  ["0", true],
  ["000", true],
  ["", true],
  ["-", true],
  ["Stand-by", true],
  ["N/A", true],
  ["À définir", true],
  ...[
    ...["Attante", "Atante", "A t t e n t e", "Аttente", "SessAtt", "SATT", "LA-1", "en attendant"],
    ...[
      "Waitting",
      "Pending",
      "On hold",
      "T.B.D.",
      "NA",
      "nd",
      "XXX",
      "à déterminer",
      "A programmer",
    ],
    ...[
      "non planifié",
      "à venir",
      "Sans",
      "Test",
      "إحتياط",
      "مؤجل",
      "Liste dattente",
      "Session-Attxxte",
    ],
    ...[
      "Attemte",
      "Wiating list",
      "wai-ting",
      "En-Atente",
      "S.Attente",
      "SessionAttente2",
      "l.a. 3",
    ],
  ].map((code): [string, boolean] => [code, true]),
  ...["Attestation", "Test-Drive Web", "Sanson 3", "Lait-2", "LAN-1", "Nada 2", "Satin"].map(
    (code): [string, boolean] => [code, false],
  ),
  ["Session-12", false],
  ["ATTESTATION-3", false],
  ["OWL-2", false],
  ["NATTETE", false],
  ["SB-2023-01", false],
  ["10", false],
];

/** Longer than anything is called, and than a request is. */
const long = "Cours de nuit ".repeat(100_000).trim();

let test: TestServices;
let folder: { remove(): Promise<void> };
let mapped: Record<string, string>;
let report: DryRunReport;

beforeAll(async () => {
  test = await testServices();
  await test.query("update courses set name = 'Zzz ' || id");
  for (const [id, name] of Object.entries(COURSES)) {
    await test.query("insert into courses (id, name) values ($1, $2)", [id, name]);
  }
  const quoted = (text: string) => `"${text}"`;
  folder = await legacyFolder(
    test,
    // A session and the course of all rows have one id.
    [
      ...CODES.map((_, n) => ({ session_ecoin_id: String(1001 + n), formation_id: "1001" })),
      ...Array.from({ length: 53 }, (_, n) => ({ statut: `Etat ${n}` })),
    ],
    {
      formations: [
        "id,nom",
        ...LABELS.map(([name], n) => `${n + 1001},${quoted(name)}`),
        `9001,${long}`,
      ].join("\n"),
      session_ecoins: [
        "id,code,formation_id",
        `9001,${long},1001`,
        ...CODES.map(([code], n) => `${1001 + n},${quoted(code)},1001`),
      ].join("\n"),
    },
  );
  await reviewedRun(test, run);
  const rows = await test.query<{ name: string; status: string; course: string | null }>(
    `select m.legacy_name as name, m.status, c.name as course from wavegate.legacy_course_mappings m
       left join courses c on c.id = m.course_id where m.run_id = $1`,
    [run],
  );
  mapped = Object.fromEntries(
    rows.map(({ name, status, course }) => [name, `${status} ${course}`]),
  );
  const [dryRun] = await test.query<{ report: DryRunReport }>(
    "select report from wavegate.dry_runs where run_id = $1",
    [run],
  );
  report = dryRun?.report as DryRunReport;
});
afterAll(async () => {
  await test.close();
  await folder.remove();
});

describe("D34 equal names are equal texts, and punctuation that means something counts", () => {
  it.each(LABELS)("D25 %s: %s", (name, wanted) => {
    expect(mapped[name]).toBe(wanted);
  });
});

it("W13 of what is called by a million letters the beginning is staged, which no platform's name equals", async () => {
  const [found] = await test.query<{ called: string; status: string; code: string }>(
    `select m.legacy_name as called, m.status, s.code as code
       from wavegate.legacy_course_mappings m join wavegate.legacy_session_mappings s using (run_id)
      where m.run_id = $1 and m.legacy_formation_id = 9001 and s.legacy_session_id = 9001`,
    [run],
  );
  const called = `${long.slice(0, 200_000)}…`;
  expect(found).toEqual({ called, status: "unmapped", code: called });
});

it("D2 of spellings that nobody lists the commonest are told, and how many more there are", () => {
  expect(report.unlisted_statuses).toHaveLength(50);
  expect(report.unlisted_more).toEqual({ values: 3, rows: 3 });
  expect(showDryRun(report).filter((line) => line.startsWith("and "))).toEqual([
    "and 3 rarer spellings, of 3 rows: `wavegate check` lists them, and a dry run the next ones once those above are listed.",
  ]);
});

describe("M5 codes that may be a waiting list's", () => {
  it.each(CODES)("%j: %s", (code, near) => {
    const listed = (report.near_placeholders ?? []).filter((each) => each.code === code);
    expect(listed.map(({ rows }) => rows)).toEqual(near ? [1] : []);
  });
});

it("M5 of a code that may be a waiting list's the rows of the run are counted, and no other run's", async () => {
  await test.query(`
    insert into wavegate.legacy_student_imports_source
    select (jsonb_populate_record(s, '{"run_id": "7f3a0000-0000-4000-8000-0000000000d7"}')).*
      from wavegate.legacy_student_imports_source s where s.run_id = '${run}'`);
  const listed = await Promise.all(
    nearPlaceholders(ecoin, run, () => undefined).map((statement) =>
      test.services.stage.rows<NearPlaceholder>(statement),
    ),
  );
  expect(new Set(listed.flat().map(({ rows }) => rows))).toEqual(new Set([1]));
  // Counted anew, or as the dry run keeps it for pages.
  expect(
    listed.flat().map(({ reference, code, ids, rows }) => ({ reference, code, ids, rows })),
  ).toEqual(report.near_placeholders);
});
