import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findRun } from "../../lib/data/runs.ts";
import { findingsOf } from "../../lib/define/findings.ts";
import { partsOf } from "../../lib/define/several.ts";
import { explain } from "../../lib/review/rows/explain.ts";
import { migrations } from "../../migrations/index.ts";
import { legacyFolder, outcomes } from "../support/legacy-folder.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { reviewedRun } from "../support/steps.ts";

const run = "7f3a0000-0000-4000-8000-0000000000d1";
const long = "mot ".repeat(2_001);

/** What a row says, and what becomes of it: session type, verdict, rules that fired, what a wave does. */
const ROWS = {
  "a whole number as a decimal": [
    { formation_id: "1.0", session_ecoin_id: "3.00" },
    "real_session valid commit",
  ],
  "a padded one": [{ formation_id: " 1 ", session_ecoin_id: "+003" }, "real_session valid commit"],
  "0 is none": [{ formation_id: "1", session_ecoin_id: "0" }, "none valid commit"],
  "0.0 is none": [{ formation_id: "1", session_ecoin_id: "0.0" }, "none valid commit"],
  "no course": [{ formation_id: "0", session_ecoin_id: "0" }, "none valid hold"],
  "a list": [
    { formation_id: "1,2", session_ecoin_id: "3" },
    "real_session needs_review reference_unreadable hold",
  ],
  "a code": [
    { formation_id: "F1", session_ecoin_id: "3" },
    "real_session needs_review reference_unreadable hold",
  ],
  "a fraction": [
    { session_ecoin_id: "3.5" },
    "unknown_session needs_review reference_unreadable hold",
  ],
  "Reporter whose session is a code": [
    { statut: "Reporter", session_ecoin_id: "S3" },
    "unknown_session needs_review reference_unreadable hold",
  ],
  "a lead whose course is a list": [
    { statut: "Informer", formation_id: "1;2", session_ecoin_id: null },
    "none needs_review reference_unreadable hold",
  ],
  "more than 64 bits": [
    { formation_id: "18446744073709551615" },
    "real_session needs_review reference_unreadable hold",
  ],
  "beyond 2^53": [{ session_ecoin_id: "9007199254740993" }, "real_session valid commit"],
  "a negative session": [{ session_ecoin_id: "-5" }, "real_session valid commit"],
  "a session whose course is 1.0": [{ session_ecoin_id: "500" }, "real_session valid commit"],
  "a session whose course cannot be read": [
    { session_ecoin_id: "501" },
    "unknown_session needs_review reference_unreadable hold",
  ],
  "Reporter in a session whose course cannot be read": [
    { statut: "Reporter", session_ecoin_id: "501" },
    "unknown_session needs_review reference_unreadable hold",
  ],
  "a session whose course is 0": [{ session_ecoin_id: "502" }, "placeholder_session valid commit"],
  "a text that is too long": [{ remarque: long }, "real_session valid text_cut commit"],
  "NUL in a text": [{ adresse: "rue\u0000 1" }, "real_session valid text_repaired commit"],
  "a part of the name that is none": [
    { nom: "12345" },
    "real_session valid name_part_unreadable commit",
  ],
  "a phone that is none": [
    { telephone: "05500", email: "q.z@example.com" },
    "real_session valid phone_invalid commit",
  ],
  "an address that is none": [{ email: "q.z(at)x" }, "real_session valid email_invalid commit"],
  "a placeholder": [{ email: "/" }, "real_session valid email_placeholder commit"],
  "a zero date": [{ date_naissance: "0000-00-00" }, "real_session valid birth_date_zero commit"],
  "a date that is none": [
    { date_naissance: "31/12/1990" },
    "real_session needs_review birth_date_impossible hold",
  ],
  "a time that is none": [
    { created_at: "hier" },
    "real_session valid created_at_unreadable commit",
  ],
} as const;

const sessions = `id,code,formation_id,date_debut,date_fin
1,Session-Attente,\\N,,
3,SB-1,1,,
-5,SB-5,1,,
500,SB-500,1.0,,
501,SB-501,"1,2",,
502,SB-502,0,,
9007199254740993,SB-LARGE,1,,
`;

let test: TestServices;
let folder: { remove(): Promise<void> };
let found: Record<string, Record<string, unknown>>;

beforeAll(async () => {
  test = await testServices();
  folder = await legacyFolder(
    test,
    Object.values(ROWS).map(([fields]) => fields),
    { session_ecoins: sessions },
  );
  await reviewedRun(test, run);
  found = await outcomes(
    test,
    run,
    "session_type, validation_status, validation_issues, planned, legacy_session_id::text, findings",
  );
});
afterAll(async () => {
  await test.close();
  await folder.remove();
});

describe("D33 what cannot be read is never taken for absent", () => {
  it.each(
    Object.entries(ROWS).map(([what, [, wanted]], index) => [what, wanted, index + 1] as const),
  )("M2 D9 %s: %s", (_what, wanted, id) => {
    const row = found[id] as Record<string, unknown>;
    const issues = row.validation_issues as string[];
    expect([row.session_type, row.validation_status, ...issues, row.planned].join(" ")).toBe(
      wanted,
    );
  });

  it("D33 says which reference cannot be read", () => {
    const row = found[8] as { findings: string[] };
    expect(row.findings).toEqual(["reference_unreadable", "legacy_session_id_unreadable"]);
  });

  it.each([
    ["a list", { formation_id: "9,9" }],
    ["a code", { formation_id: "a9" }],
    ["a fraction", { session_ecoin_id: "9.9" }],
    ["a phone that is none", { telephone: "99999" }],
    ["an address that is none", { email: "a.a(aa)a" }],
    ["a date that is none", { date_naissance: "99/99/9999" }],
    ["a time that is none", { created_at: "aaaa" }],
    ["a zero date", {}],
    ["beyond 2^53", {}],
  ])("W13 D20 %s is shown as what it looks like, and not as what it says", async (what, shape) => {
    const id = Object.keys(ROWS).indexOf(what) + 1;
    const told = await explain(test.services.sign, await findRun(test.services.stage, run), {
      table: "stagiaires",
      legacyId: String(id),
    });
    expect(told?.unreadable).toEqual(shape);
  });

  it("D33 keeps ids exact", () => {
    expect(found[12]?.legacy_session_id).toBe("9007199254740993");
  });

  it("M5 a session whose course cannot be read is no waiting list", async () => {
    const rows = await test.query<{ id: string; session_type: string }>(
      "select legacy_session_id::text as id, session_type from wavegate.legacy_session_mappings where run_id = $1 order by legacy_session_id",
      [run],
    );
    expect(rows.map(({ id, session_type }) => `${id} ${session_type}`)).toEqual([
      "-5 real_session",
      "1 placeholder_session",
      "3 real_session",
      "500 real_session",
      "501 unknown_session",
      "502 placeholder_session",
      "9007199254740993 real_session",
    ]);
  });

  it.each(
    Object.values(migrations)
      .flatMap(partsOf)
      .map((migration) => [migration.name, migration] as const),
  )("D33 %s has a rule for everything that can be noted on its rows", (_name, { entity }) => {
    // What only an option brings about is noted of no field without it.
    const options: Record<string, readonly string[]> = {
      text_placeholder: ["placeholders"],
      text_too_long: ["longest"],
      name_too_long: ["longest"],
      phone_shared: ["shared"],
      list_unlisted: ["means"],
      number_out_of_bounds: ["least", "most"],
      timestamp_out_of_bounds: ["since", "until"],
    };
    const wanted: string[] = [...findingsOf.row];
    const noted = new Set(
      [...JSON.stringify(entity).matchAll(/"noted":"([a-z_]+)"/g)].map(([, name]) => name),
    );
    for (const [name, field] of Object.entries(entity.fields)) {
      for (const finding of findingsOf[field.kind]) {
        const needs = options[finding];
        if (needs && !needs.some((option) => option in field)) continue;
        if (field.kind === "choice" && "otherwise" in field) continue;
        // Or of the field itself, by its name.
        if (!noted.has(finding.replace(field.kind, name))) wanted.push(finding);
      }
    }
    expect([...new Set(wanted)].filter((finding) => !noted.has(finding))).toEqual([]);
  });
});
