import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LegacyFields, legacyFolder, outcomes } from "../support/legacy-folder.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { importAll, reviewedRun } from "../support/steps.ts";

const run = "7f3a0000-0000-4000-8000-0000000000d5";
const lead = { statut: "Informer", session_ecoin_id: null };
const thisYear = new Date().getUTCFullYear();

/** A row, the one on the platform whom it meets, and what becomes of it. */
const MEETINGS: readonly [
  what: string,
  row: LegacyFields,
  person: { name: string; phone?: string; birth?: string; email?: string },
  wanted: string,
][] = [
  // D32: a date that nobody believes contradicts nobody, on whichever side it stands.
  [
    "the first of 1900 on the platform",
    { nom: "Amrane", prenom: "Lila", telephone: "0553000001", date_naissance: "1990-01-01" },
    { name: "Lila Amrane", phone: "213553000001", birth: "1900-01-01" },
    "high → link",
  ],
  [
    "born this year on the platform",
    { nom: "Brahimi", prenom: "Lila", telephone: "0553000002", date_naissance: "1990-01-01" },
    { name: "Lila Brahimi", phone: "213553000002", birth: `${thisYear}-01-01` },
    "high → link",
  ],
  [
    "a child on the platform",
    { nom: "Cherif", prenom: "Lila", telephone: "0553000003", date_naissance: "1990-01-01" },
    { name: "Lila Cherif", phone: "213553000003", birth: `${thisYear - 9}-12-31` },
    "high → link",
  ],
  [
    "born after today on the platform",
    { nom: "Derradji", prenom: "Lila", telephone: "0553000004", date_naissance: "1990-01-01" },
    { name: "Lila Derradji", phone: "213553000004", birth: `${thisYear + 5}-01-01` },
    "high → link",
  ],
  [
    "on both sides, two such dates",
    { nom: "Essaid", prenom: "Lila", telephone: "0553000005", date_naissance: "1900-01-01" },
    { name: "Lila Essaid", phone: "213553000005", birth: `${thisYear}-01-01` },
    "high → link",
  ],
  // PostgreSQL's own words for no day at all, with which no days can be counted.
  ...["infinity", "-infinity"].map((birth, at): (typeof MEETINGS)[number] => [
    `${birth} on the platform`,
    { nom: "Zidane", prenom: "Lila", telephone: `055309900${at}`, date_naissance: "1990-01-01" },
    { name: "Lila Zidane", phone: `21355309900${at}`, birth },
    "high → link",
  ]),
  [
    "a day that is believed",
    { nom: "Fellah", prenom: "Lila", telephone: "0553000006", date_naissance: "1990-01-01" },
    { name: "Lila Fellah", phone: "213553000006", birth: "1900-01-02" },
    "high → hold contact_of_another_person",
  ],
  [
    "the same name, and the same date that nobody believes",
    { nom: "Guerfi", prenom: "Lila", date_naissance: "1900-01-01" },
    { name: "Lila Guerfi", birth: "1900-01-01" },
    "low → hold possible_duplicate",
  ],
  // D32: words put together or taken apart are one.
  [
    "put together on the platform",
    { nom: "Ben Zedr", prenom: "Omar", telephone: "0553000010", date_naissance: "1980-02-01" },
    { name: "Benzedr", phone: "213553000010", birth: "1980-02-01" },
    "high → link",
  ],
  [
    "taken apart on the platform",
    { nom: "Elhachemi", prenom: "/", telephone: "0553000011", date_naissance: "1980-02-02" },
    { name: "El Hachemi", phone: "213553000011", birth: "1980-02-02" },
    "high → link",
  ],
  [
    "of three words, and taken apart elsewhere",
    { nom: "Abd El Kader", prenom: null, telephone: "0553000012", date_naissance: "1980-02-03" },
    { name: "Abdel Kader", phone: "213553000012", birth: "1980-02-03" },
    "high → link",
  ],
  [
    "in Arabic",
    { nom: "عبد الرحمن", prenom: null, telephone: "0553000013", date_naissance: "1980-02-04" },
    { name: "عبدالرحمن", phone: "213553000013", birth: "1980-02-04" },
    "high → link",
  ],
  [
    "put together, but born on another day",
    { nom: "Ben Nasser", prenom: null, telephone: "0553000014", date_naissance: "1980-02-05" },
    { name: "Bennasser", phone: "213553000014", birth: "1981-02-05" },
    "high → hold contact_of_another_person",
  ],
  [
    "not the same letters put together",
    { nom: "Ben Zidr", prenom: null, telephone: "0553000015", date_naissance: "1980-02-06" },
    { name: "Benzadr", phone: "213553000015", birth: "1980-02-06" },
    "high → hold contact_of_another_person",
  ],
  [
    "eight digits without the zero, which may be a date",
    { nom: "Hadef", prenom: "Norah", telephone: "021345678", date_naissance: null },
    { name: "Norah Hadef", phone: "21345678" },
    "low → hold possible_duplicate",
  ],
  // D32: a family's phone is carried by several of one name, and by strangers who share nothing but `El` or `Ben`.
  ...(
    [
      ["Aabboud", "Sara", "Ali Aabboud", "another"],
      ["Aabbas", "Karim", "Karima Aabbas", "another"],
      ["Aadel", "Amina", "Amine Aadel", "another"],
      ["Aakif", "Hassan", "Hussein Aakif", "another"],
      ["Aalem", "Sofia", "Sofiane Aalem", "another"],
      ["Aalemi", "Ahmed", "Mahmoud Aalemi", "another"],
      ["Ben Omar", "Karim", "Ben Ali Sara", "another"],
      ["El Amrani", "Nadia", "El Kadi Samir", "another"],
      ["Ould Sidi", "Ali", "Ould Baba Zahra", "another"],
      ["Mme Amrouche", "Nadia", "Mme Kadi Samia", "another"],
      ["عمراني", "سارة", "علي عمراني", "another"],
      ["حمدي", "كريم", "كريمة حمدي", "another"],
      // Whoever wrote it down, and whichever words were left out.
      ["Aamer", "Mohamed", "Mohammed Aamer", "same"],
      ["Aamir", "Khadidja", "Khadija Aamir", "same"],
      ["Aanis", "Yacine", "Yassine Aanis", "same"],
      ["Aaref", "Djamel", "Jamel Aaref", "same"],
      ["Aasif", "Aïcha", "Aisha Aasif", "same"],
      ["Aatef", "Leïla", "Lila Aatef", "same"],
      ["Aaouf", "Soufiane", "Sofiane Aaouf", "same"],
      ["Bachir", "Med", "Mohamed Bachir", "same"],
      ["Bachiri", "Mohamed Amine", "Amine Bachiri", "same"],
      ["Badaoui", "Amine", "Mohamed Amine Badaoui", "same"],
      ["Badri", "S.", "Sara Badri", "same"],
      ["Bahri", "Sara", "S. Bahri", "same"],
      ["Bakri Kaci", "Sara", "Sara Bakri", "same"],
      ["Bekkouche", "Sarah", "Mme Sara Bekkouche", "same"],
      ["Bakhti", "Sara", "Mme Bakhti", "same"],
      ["Beldi", null, "Ali Beldi", "same"],
      ["Chaoui", "Fatima Zohra", "Fatima-Zahra Chaoui", "same"],
      ["Chergui", "Nour Abd el Kader", "Abdelkader Chergui", "same"],
      ["Chikhi", "Sara", "سارة Chikhi", "same"],
      ["قادري", "أحمد", "احمد قادري", "same"],
      // A first name that both have: she may have married.
      ["Dahmani", "Sara", "Sara Kaci", "same"],
    ] as const
  ).map(([nom, prenom, name, who], n) => {
    const phone = `5530001${String(n).padStart(2, "0")}`;
    return [
      `${nom} ${prenom} and ${name} are ${who}`,
      { nom, prenom, telephone: `0${phone}`, date_naissance: null },
      { name, phone: `213${phone}` },
      who === "same" ? "high → link" : "high → hold contact_of_another_person",
    ] as [string, LegacyFields, { name: string; phone: string }, string];
  }),
  // D3: numbers of the platform's fields.
  ...(
    [
      ["0559100001 / 0553000020", "0553000020"],
      ["213559100002;213553000021", "0553000021"],
      ["+213 559 10 00 03 ou +213 553 00 00 22", "0553000022"],
      ["0559100004 0553000023", "0553000023"],
      ["0559100005 - 0553000024", "0553000024"],
      ["0553000025/04", "0553000025"],
      ["0553/00.00.26", "0553000026"],
      ["00213553000027", "0553000027"],
      ["0553 00 00 28", "0553000028"],
      ["٠٥٥٣٠٠٠٠٢٩", "0553000029"],
      ["(0)553000030, 0559100006", "0559100006"],
      ["+213553000031", "0553000031"],
      ["553000032", "0553000032"],
      ["+213 (0)553 00 00 33", "0553000033"],
      ["00213 0553000034", "0553000034"],
      ["213553000035.0", "0553000035"],
    ] as const
  ).map(
    ([phone, telephone], n) =>
      [
        `${phone} is ${telephone}`,
        { nom: "Hamdi", prenom: `Nora${"abcdefghijklmnop"[n]}`, telephone, date_naissance: null },
        { name: `Nora${"abcdefghijklmnop"[n]} Hamdi`, phone },
        "high → link",
      ] as [string, LegacyFields, { name: string; phone: string }, string],
  ),
  // D4: addresses of the platform's fields.
  ...(
    [
      ["Nora.1@Example.com\u00a0", "nora.1@example.com"],
      ["\tnora.2@example.com\r\n", "nora.2@example.com"],
      ["\u200bnora.3@exa\u00admple.com", "nora.3@example.com"],
      ["nore\u0301.4@example.com", "nor\u00e9.4@example.com"],
    ] as const
  ).map(
    ([platform, email], n) =>
      [
        `${JSON.stringify(platform)} is ${email}`,
        { nom: "Idir", prenom: `Nora${"abcd"[n]}`, email, date_naissance: null },
        { name: `Nora${"abcd"[n]} Idir`, email: platform },
        "high → link",
      ] as [string, LegacyFields, { name: string; email: string }, string],
  ),
  // D4, D32: an address of a desk is of everybody who answers there.
  ...(
    [
      ["info", "Sara Jaidi", "Sara Kaci", "another"],
      ["contact", "Jalal Sara", "S. Jalal", "another"],
      ["accueil", "Jamai Sara", null, "another"],
      ["no-reply", "Jaouadi Sara", "Sara Jaouadi", "same"],
      ["infos.sara", "Jebali Sara", "S. Jebali", "same"],
    ] as const
  ).map(([local, own, name, who], n) => {
    const [nom = "", prenom = ""] = own.split(" ");
    const email = `${local}@firm-${n}.example`;
    return [
      `${own} and ${name} at ${email} are ${who}`,
      { nom, prenom, email, telephone: null, date_naissance: null },
      { name: name ?? "", email },
      who === "same" ? "high → link" : "high → hold contact_of_another_person",
    ] as [string, LegacyFields, { name: string; email: string }, string];
  }),
  [
    "a desk's address beside a phone of their own",
    {
      nom: "Jelloul",
      prenom: "Sara",
      email: "info@firm.example",
      telephone: "0553000090",
      date_naissance: null,
    },
    { name: "S. Jelloul", email: "info@firm.example", phone: "213553000090" },
    "high → link",
  ],
];

let test: TestServices;
let folder: { remove(): Promise<void> };
let found: Record<string, Record<string, unknown>>;

beforeAll(async () => {
  test = await testServices();
  for (const [n, [, , { name, phone, birth, email }]] of MEETINGS.entries()) {
    await test.query(
      "insert into users (id, full_name, phone, email, birth_date) values ($1, $2, $3, $5, $4)",
      [910001 + n, name, phone ?? null, birth ?? null, email ?? null],
    );
  }
  folder = await legacyFolder(
    test,
    MEETINGS.map(([, row]) => ({ ...lead, ...row })),
  );
  // An older run knew other people by the same ids: nobody of this one's.
  const older = "7f3a0000-0000-4000-8000-0000000000d4";
  await importAll(test, older);
  await test.query(
    `insert into wavegate.match_people (run_id, target_table, target_id, name_folded, name_key, birth_date)
       select $1, 'users', id, 'somebody else', 'else somebody', '1950-05-05' from users`,
    [older],
  );
  await reviewedRun(test, run);
  found = await outcomes(test, run, "duplicate_confidence, planned, planned_reason, link_id::int");
});
afterAll(async () => {
  await test.close();
  await folder.remove();
});

describe("a row and the one on the platform", () => {
  it.each(MEETINGS.map(([what, , , wanted], n) => [what, wanted, n] as const))(
    "D3 D9 D32 %s: %s",
    (_what, wanted, n) => {
      const row = found[n + 1] as Record<string, string>;
      const linked = row.planned === "link";
      expect(
        [row.duplicate_confidence, "→", row.planned, ...(linked ? [] : [row.planned_reason])].join(
          " ",
        ),
      ).toBe(wanted);
      if (linked) expect(row.link_id).toBe(910001 + n);
    },
  );
});
