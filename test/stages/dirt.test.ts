import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findRun } from "../../lib/data/runs.ts";
import { decideMappings } from "../../lib/review/mappings/decisions.ts";
import type { DryRunReport } from "../../lib/review/report.ts";
import { explain } from "../../lib/review/rows/explain.ts";
import { type LegacyFields, legacyFolder, outcomes } from "../support/legacy-folder.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { reviewedRun } from "../support/steps.ts";

const run = "7f3a0000-0000-4000-8000-0000000000d3";
const lead = { statut: "Informer", session_ecoin_id: null };
const today = new Date().toISOString().slice(0, 10);
const reception = "0552000001";
const family = "0552000002";
const agency = "0552000003";

/** The platform's people that rows meet. */
const USERS: readonly [
  id: number,
  name: string,
  phone: string | null,
  email: string | null,
  birth: string | null,
][] = [
  [900001, "Accueil Ecoin", "213552000001", null, null],
  [900002, "Lamia Boudjemaa", "213552000010", "lamia.b@example.com", "1990-01-01"],
  [900012, "Lamia Boudjemaa", "213552000012", null, "1990-01-01"],
  [900013, "Lamia Boudjemaa", "213552000013", null, "1990-01-01"],
  [900014, "Lamia Boudjemaa", "213552000014", null, "1990-01-01"],
  [900015, "Lamia Boudjemaa", null, "l.b@example.com", "1990-01-01"],
  [900003, "سارة بن علي", "213552000011", null, null],
  [900004, "Sara Ben Khelifa", null, null, "1971-01-01"],
  [900005, "Karim El Hachemi", null, null, "1971-01-02"],
  [900006, "Nadia Abdelkader", null, null, "1971-01-03"],
  [900007, "Elhachemi", null, null, "1971-01-04"],
  [900008, "Ould Ahmed Rachid", null, null, "1971-01-05"],
  [900009, "Zohra Quelquun", null, null, "1900-01-01"],
  [900011, "Benabdallah Assiba", null, null, "1971-01-06"],
  [900010, "Zohra Quelquenfant", null, null, today],
];

/** What a row holds, and what is noted, how it is judged, and what a wave does with it, and with whom. */
const ROWS: readonly [what: string, fields: LegacyFields, wanted: string][] = [
  // 1–5: damaged text.
  ["double-encoded", { nom: "Ã‰lise" }, "needs_review name_damaged text_damaged → hold"],
  [
    "double-encoded Arabic",
    { prenom: "Ø³Ø§Ø±Ø©" },
    "needs_review name_damaged text_damaged → hold",
  ],
  ["U+FFFD in a name", { nom: "Zo\uFFFD" }, "needs_review name_damaged text_damaged → hold"],
  ["written by a server", { nom: "Sara ????" }, "needs_review name_damaged text_damaged → hold"],
  ["damaged, but no name", { adresse: "SÃ©tif" }, "valid text_damaged → commit"],
  // 6–15: dates and names that are none.
  ["born today", { date_naissance: today }, "valid birth_date_implausible → commit"],
  [
    "born on the first of 1900",
    { date_naissance: "1900-01-01" },
    "valid birth_date_implausible → commit",
  ],
  [
    "a child",
    {
      date_naissance: `${Number(today.slice(0, 4)) - 9}${today.slice(4)}`.replace(
        "-02-29",
        "-02-28",
      ),
    },
    "valid birth_date_implausible → commit",
  ],
  ["born the day after", { date_naissance: "1900-01-02" }, "valid → commit"],
  ["TEST TEST", { nom: "TEST", prenom: "TEST" }, "needs_review name_placeholder → hold"],
  ["Inconnu", { nom: "Inconnu", prenom: "/" }, "needs_review name_placeholder → hold"],
  ["nan nan", { nom: "nan", prenom: "Nan" }, "needs_review name_placeholder → hold"],
  ["one word of two", { nom: "Test", prenom: "Amina" }, "valid → commit"],
  [
    "a name of 501 letters",
    { nom: "n".repeat(499), prenom: "z" },
    "needs_review name_too_long → hold",
  ],
  ["a name of 500 letters", { nom: "n".repeat(498), prenom: "z" }, "valid → commit"],
  // 16–18: phones that are read in part.
  ["cut off", { telephone: "0559446203/04" }, "valid phone_partly_read → commit"],
  ["cut off behind a dash", { telephone: "0559446204 - 05" }, "valid phone_partly_read → commit"],
  ["two whole ones", { telephone: "0559446205/0559446206" }, "valid → commit"],
  // 19–26: the reception's phone; 27–32: a family's; 33–37: five people's; as a further number.
  ...Array.from(
    { length: 7 },
    () =>
      ["of the reception", { telephone: reception }, "valid phone_shared → commit"] as [
        string,
        LegacyFields,
        string,
      ],
  ),
  [
    "of the reception, as a second one",
    { ...lead, telephone: `0559446207 / ${reception}` },
    "valid phone_shared → commit",
  ],
  ...Array.from(
    { length: 6 },
    (_, n) =>
      [
        "of a family",
        // D5: the same two people, whichever part of their names comes first.
        {
          nom: n % 2 === 0 ? "Famille" : n < 3 ? "Ali" : "Amina",
          prenom: n % 2 === 1 ? "Famille" : n < 3 ? "Ali" : "Amina",
          telephone: family,
        },
        "valid → commit",
      ] as [string, LegacyFields, string],
  ),
  ...Array.from(
    { length: 5 },
    () =>
      ["of five people", { telephone: agency }, "valid → commit"] as [string, LegacyFields, string],
  ),
  // 38–45: the contact of another person.
  [
    "the person",
    {
      ...lead,
      nom: "Boudjemaa",
      prenom: "Lamia",
      telephone: "0552000010",
      date_naissance: "1990-01-01",
    },
    "duplicate → link users 900002",
  ],
  [
    "without a birth date",
    {
      ...lead,
      nom: "Boudjemaa",
      prenom: "Lamya",
      email: "lamia.b@example.com",
      date_naissance: null,
    },
    "duplicate → link users 900002",
  ],
  [
    "another birth date",
    {
      ...lead,
      nom: "Boudjemaa",
      prenom: "Lamia",
      telephone: "0552000012",
      date_naissance: "1991-01-01",
    },
    "duplicate → hold contact_of_another_person",
  ],
  [
    "another name",
    { ...lead, nom: "Zerrouki", prenom: "Omar", telephone: "0552000013", date_naissance: null },
    "duplicate → hold contact_of_another_person",
  ],
  [
    "another name, a registration",
    {
      statut: "Confirmer",
      nom: "Zerrouki",
      prenom: "Amar",
      email: "l.b@example.com",
      date_naissance: null,
    },
    "duplicate → hold contact_of_another_person",
  ],
  [
    "another name, a training",
    { nom: "Zerrouki", prenom: "Imad", telephone: "0552000010", date_naissance: null },
    "duplicate → commit",
  ],
  [
    "a name in another script",
    { ...lead, nom: "Benali", prenom: "Sara", telephone: "0552000011", date_naissance: null },
    "duplicate → link users 900003",
  ],
  [
    "a date nobody believes",
    {
      ...lead,
      nom: "Boudjemaa",
      prenom: "Lamia",
      telephone: "0552000014",
      date_naissance: "1900-01-01",
      created_at: "2019-01-01 00:00:00",
    },
    "duplicate birth_date_implausible → link users 900014",
  ],
  // 46–53: names put together or taken apart, of one birth date.
  [
    "put together",
    { ...lead, nom: "Benkhelifa", prenom: "Sara", date_naissance: "1971-01-01" },
    "valid → hold low",
  ],
  [
    "put together, an article",
    { ...lead, nom: "Elhachemi", prenom: "Karim", date_naissance: "1971-01-02" },
    "valid → hold low",
  ],
  [
    "taken apart",
    { ...lead, nom: "Abd El Kader", prenom: "Nadia", date_naissance: "1971-01-03" },
    "valid → hold low",
  ],
  [
    "taken apart, alone",
    { ...lead, nom: "El Hachemi", prenom: null, date_naissance: "1971-01-04" },
    "valid → hold low",
  ],
  [
    "put together with a mistake",
    { ...lead, nom: "Ouldahmed", prenom: "Rachide", date_naissance: "1971-01-05" },
    "valid → hold low",
  ],
  [
    "another day",
    { ...lead, nom: "Benkhelifa", prenom: "Sara", date_naissance: "1971-02-01" },
    "valid → commit",
  ],
  [
    "a date nobody believes, a name alike",
    { ...lead, nom: "Quelqunes", prenom: "Zohra", date_naissance: "1900-01-01" },
    "valid birth_date_implausible → commit",
  ],
  ["of seven words", { nom: "Un deux trois quatre cinq six sept", prenom: null }, "valid → commit"],
  [
    "taken apart before another word, and mistyped",
    { ...lead, nom: "Ben Abdallah", prenom: "Hassiba", date_naissance: "1971-01-06" },
    "valid → hold low",
  ],
  // What stands in a name that is none, and a phone that is none.
  ["a phone in the name", { nom: "Ali 0559446291" }, "needs_review name_not_alone → hold"],
  ["an address in the name", { nom: "ali@example.com" }, "needs_review name_not_alone → hold"],
  ["a program's object", { prenom: "[object Object]" }, "needs_review name_not_alone → hold"],
  ["a formula's fault", { prenom: "#REF!" }, "needs_review name_not_alone → hold"],
  [
    "a date as a phone",
    { telephone: "25/12/1990" },
    "needs_review contact_missing phone_invalid → hold",
  ],
];

const sessions = `id,code,formation_id
3,SB-1,1
10,Session Attente,1
11,Session–Attente,1
12,LISTE D'ATTENTE,1
13,Sesion-Atente,1
14,Session-Attente 2,1
15,Session-12,1
`;
const formations = `id,nom
1,Secrétariat Bureautique
2,Comptabilité Débutant
3,C
4,C++
5,C#
6,c ++
7,Français, Niveau 2
8,Langage Pascal
`;

let test: TestServices;
let folder: { remove(): Promise<void> };
let found: Record<string, Record<string, unknown>>;
let report: DryRunReport;

beforeAll(async () => {
  test = await testServices();
  await test.query(
    "insert into courses (id, name) values (801, 'Débutant Comptabilité'), (802, 'C++'), (803, 'C#'), (804, 'C'), (805, 'Niveau 2 Français'), (806, 'Langage Pascal'), (807, 'LANGAGE PASCAL')",
  );
  for (const user of USERS) {
    await test.query(
      "insert into users (id, full_name, phone, email, birth_date) values ($1, $2, $3, $4, $5)",
      [...user],
    );
  }
  folder = await legacyFolder(
    test,
    [
      ...ROWS.map(([, fields]) => fields),
      ...["10", "10", "11", "12", "13"].map((session) => ({ ...lead, session_ecoin_id: session })),
      ...["CONFIRMER", "Annulé", "F\u043Erm\u00e9e", "Forme\u00e9\u200b", "FormÃ©e"].map(
        (statut) => ({
          statut,
        }),
      ),
    ],
    {
      session_ecoins: sessions,
      formations: formations.replace("Français, Niveau 2", '"Français, Niveau 2"'),
    },
  );
  await reviewedRun(test, run);
  found = await outcomes(
    test,
    run,
    "validation_status, validation_issues, planned, planned_reason, duplicate_confidence, link_table, link_id::int, proposals",
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

describe("the right value for every kind of dirt", () => {
  it.each(ROWS.map(([what, , wanted], index) => [what, wanted, index + 1] as const))(
    "D7 D9 D31 D32 D33 %s: %s",
    (_what, wanted, id) => {
      const row = found[id] as Record<string, string> & { validation_issues: string[] };
      const became = [
        row.validation_status,
        ...row.validation_issues,
        "→",
        row.planned,
        ...(row.planned_reason === "contact_of_another_person" ? [row.planned_reason] : []),
        ...(row.planned_reason === "possible_duplicate" ? [row.duplicate_confidence] : []),
        ...(row.link_table === null ? [] : [row.link_table, row.link_id]),
      ];
      expect(became.join(" ")).toBe(wanted);
    },
  );

  it("M7 the hint of another person's contact stays high", () => {
    expect([40, 41, 42, 43].map((id) => found[id]?.duplicate_confidence)).toEqual([
      "high",
      "high",
      "high",
      "high",
    ]);
  });

  it("D33 damaged text keeps its spelling, and proposes what it decodes to", async () => {
    expect([1, 2, 3, 5].map((id) => found[id]?.proposals)).toEqual([
      { nom: "Élise" },
      { prenom: "سارة" },
      {},
      { adresse: "Sétif" },
    ]);
    expect(await outcomes(test, run, "full_name")).toMatchObject({
      1: { full_name: expect.stringMatching(/^Ã‰lise /) },
    });
  });

  it("D20 D33 proposals are told masked, as lists are", async () => {
    const told = async (id: string) =>
      (
        await explain(test.services.sign, await findRun(test.services.stage, run), {
          table: "stagiaires",
          legacyId: id,
        })
      )?.proposals;
    expect(await told("1")).toEqual({ nom: "É." });
    expect(await told("2")).toEqual({ prenom: "س." });
    expect(await told("3")).toEqual({});
    expect(await told("5")).toEqual({ adresse: "•••" });
  });

  it("D34 only equal texts are mapped, in order, with + and #", async () => {
    const rows = await test.query<{ name: string; course: number; status: string }>(
      "select legacy_name as name, course_id::int as course, status from wavegate.legacy_course_mappings where run_id = $1 order by legacy_formation_id",
      [run],
    );
    expect(rows.map(({ name, course, status }) => `${name}: ${status} ${course}`)).toEqual([
      "Secrétariat Bureautique: mapped 1",
      "Comptabilité Débutant: needs_review 801",
      "C: mapped 804",
      "C++: mapped 802",
      "C#: mapped 803",
      "c ++: needs_review 802",
      "Français, Niveau 2: needs_review 805",
      "Langage Pascal: needs_review 806",
    ]);
  });

  it.each([8, 6])(
    "D25 confirming %i, which is equally near to several courses, asks which",
    async (id) => {
      const decided = decideMappings(
        test.services.sign,
        await findRun(test.services.stage, run),
        "course",
        [{ id, confirm: true, target: null }],
        "approver",
      );
      await expect(decided).rejects.toMatchObject({ name: "SeveralSuggested" });
    },
  );

  it("M5 codes that are nearly a waiting list's are listed with their rows", () => {
    expect(report.near_placeholders).toEqual([
      { reference: "session", code: "Session Attente", ids: 1, rows: 2 },
      { reference: "session", code: "LISTE D'ATTENTE", ids: 1, rows: 1 },
      { reference: "session", code: "Sesion-Atente", ids: 1, rows: 1 },
      { reference: "session", code: "Session–Attente", ids: 1, rows: 1 },
    ]);
  });

  it("D2 proposes only what is near, and shows letters that only look alike", () => {
    expect(report.unlisted_statuses).toEqual([
      { status: "Annulé", rows: 1, nearest: null },
      { status: "CONFIRMER", rows: 1, nearest: "Confirmer" },
      { status: "FormÃ©e", rows: 1, nearest: "Formée" },
      {
        status: "Forme\u00e9\u200b",
        rows: 1,
        nearest: "Formée",
        letters: ["U+200B cannot be seen"],
      },
      {
        status: "F\u043Erm\u00e9e",
        rows: 1,
        nearest: "Formée",
        letters: ["\u043E is U+043E, not o"],
      },
    ]);
  });

  it("D7 names of too many words are reported as capped", async () => {
    const capped = await test.query(
      "select scope, groups::int, rows::int from wavegate.capped_groups where run_id = $1 and rule = 'name_of_many_words'",
      [run],
    );
    expect(capped).toEqual([{ scope: "rows, part 1", groups: 1, rows: 1 }]);
  });
});

describe("R1 preflight", () => {
  it("D7 says whether the platform's database knows letters of every script", async () => {
    const [found] = await test.query<{ says: string }>(
      `select c ->> 'says' as says from wavegate.legacy_import_runs r
        cross join lateral jsonb_array_elements(r.preflight -> 'checks') c
        where r.id = $1 and c ->> 'id' = 'platform_letters'`,
      [run],
    );
    expect(found?.says).toBe("The platform's database compares names in every script.");
  });

  it("W13 says which columns are damaged, with counts", async () => {
    const [pinned] = await test.query<{ says: string }>(
      `select c ->> 'says' as says from wavegate.legacy_import_runs r
        cross join lateral jsonb_array_elements(r.preflight -> 'checks') c
        where r.id = $1 and c ->> 'id' = 'source_text'`,
      [run],
    );
    const all = ROWS.length + 10;
    expect(pinned?.says).toContain(
      `in stagiaires.nom (3 of ${all} rows), stagiaires.prenom (1 of ${all} rows), stagiaires.adresse (1 of ${all} rows), stagiaires.statut (1 of ${all} rows).`,
    );
  });
});
