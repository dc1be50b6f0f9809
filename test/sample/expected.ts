/**
 * What a migration must make of each landmark row of the sample, written by hand from the
 * requirements and decisions, not computed. The sample is matched against its own platform.
 */
export interface Expected {
  readonly source_table: "stagiaires" | "archives";
  readonly legacy_id: number;
  readonly classification:
    | "completed"
    | "archived_training"
    | "registered"
    | "lead_only"
    | "unknown";
  readonly phone_normalized: string | null;
  readonly phone_alternates: readonly string[];
  readonly email_normalized: string | null;
  readonly session_type: "real_session" | "placeholder_session" | "unknown_session" | "none";
  readonly import_action:
    | "create_course_interest"
    | "create_legacy_enrollment"
    | "create_legacy_completed_training"
    | "needs_review";
  readonly validation_status: "valid" | "duplicate" | "needs_review" | "failed";
  /** Against the platform; hints inside the source are another matter (D8). */
  readonly duplicate_confidence: "none" | "low" | "medium" | "high";
  readonly plan: "commit" | "link" | "hold" | "fail";
  /** Where a commit writes. */
  readonly target:
    | "crm_leads"
    | "legacy_completed_trainings"
    | "legacy_imported_enrollments"
    | null;
  /** The one person on the platform that the row is linked to, alone or beside what it creates. */
  readonly link: { readonly table: "users" | "crm_leads"; readonly id: number } | null;
  /** The platform session an imported enrolment is for. */
  readonly course_session_id: number | null;
  readonly why: string;
}

// Plans: commit:done → legacy_completed_trainings, commit:seat:N → legacy_imported_enrollments in
// course session N, commit:lead → crm_leads; +user:N or +lead:N is who the row is linked to.
// Actions: done → create_legacy_completed_training, seat → create_legacy_enrollment,
// interest → create_course_interest, review → needs_review. Sessions and the rest by first words.
const TABLE = `
s1   | completed | 213559446168 | - | real | done | valid | none | commit:done | M8, the documents' own number
s2   | completed | 213776845160 | - | real | done | valid | none | commit:done | M8, the documents' own number
s3   | completed | 213550001003 | - | real | done | valid | none | commit:done | D3 Arabic-Indic digits
s4   | completed | 213550001004 | - | real | done | valid | none | commit:done | D3 Persian digits
s5   | completed | 213550001005 | - | real | done | valid | none | commit:done | D3 full-width digits
s6   | completed | 213550001006 | - | real | done | valid | none | commit:done | D3 +213 with spaces
s7   | completed | 213550001007 | - | real | done | valid | none | commit:done | D3 00213
s8   | completed | 213550001008 | - | real | done | valid | none | commit:done | D3 bare country code
s9   | completed | 213550001009 | - | real | done | valid | none | commit:done | D3 missing leading zero
s10  | completed | 213550001010 | - | real | done | valid | none | commit:done | D3 dots
s11  | completed | 213550001011 | - | real | done | valid | none | commit:done | D3 dashes
s12  | completed | 213550001012,213770001012 | - | real | done | valid | none | commit:done | D3 two numbers, a slash
s13  | completed | 213550001013,213770001013 | - | real | done | valid | none | commit:done | D3 two numbers, the word for or
s14  | completed | 213550001014 | - | real | done | valid | none | commit:done | D3 the first valid one of two
s15  | completed | 213550001015,213770001015 | - | real | done | valid | none | commit:done | D3 two numbers, only a space
s16  | completed | - | badis.torchaoui@example.com | real | done | valid | none | commit:done | M8 short stays invalid; the e-mail is a contact
s17  | completed | - | - | real | done | needs_review | none | hold | M8 a letter in the number; D9 no usable contact
s18  | completed | - | - | real | done | needs_review | none | hold | D9 neither phone nor e-mail
s19  | completed | 21321234567 | - | real | done | valid | none | commit:done | D3 a land line
s20  | completed | 33612345678 | - | real | done | valid | none | commit:done | D3 a number that says its own country
s21  | completed | - | j.fetouhi@example.com | real | done | valid | none | commit:done | M8 too many digits stay invalid
s22  | completed | 213550001022 | - | real | done | valid | none | commit:done | D3 invisible direction marks around it
s23  | completed | 213550001023 | - | real | done | valid | none | commit:done | M9 slash is a placeholder
s24  | completed | 213550001024 | - | real | done | valid | none | commit:done | M9 NULL is a placeholder
s25  | completed | 213550001025 | - | real | done | valid | none | commit:done | M9 and D4: compared without case; user 13 has that address and is no hint
s26  | completed | 213550001026 | - | real | done | valid | none | commit:done | M9 as listed; user 13 is no hint
s27  | completed | 213550001027 | nawel.chikhaoui@example.com | real | done | valid | none | commit:done | D4 trimmed and lower-cased
s28  | completed | - | - | real | done | needs_review | none | hold | M9 malformed is null; D9 no usable contact
s29  | completed | 213550001029 | - | real | done | valid | none | commit:done | D4 six rows share the address; user 14 has it and is no hint
s30  | completed | 213550001030 | - | real | done | valid | none | commit:done | D4 shared by six
s31  | completed | 213550001031 | - | real | done | valid | none | commit:done | D4 shared by six, in other case
s32  | completed | 213550001032 | - | real | done | valid | none | commit:done | D4 shared by six
s33  | completed | 213550001033 | - | real | done | valid | none | commit:done | D4 shared by six
s34  | completed | 213550001034 | - | real | done | valid | none | commit:done | D4 shared by six
s35  | completed | 213550001035 | famille.ighilahriz@example.com | real | done | valid | none | commit:done | D4 five rows are not more than five
s36  | completed | 213550001036 | famille.ighilahriz@example.com | real | done | valid | none | commit:done | D4 five share it
s37  | completed | 213550001037 | famille.ighilahriz@example.com | real | done | valid | none | commit:done | D8 hints inside the source change no historical row
s38  | completed | 213550001038 | famille.ighilahriz@example.com | real | done | valid | none | commit:done | D8 likewise
s39  | completed | 213550001039 | famille.ighilahriz@example.com | real | done | valid | none | commit:done | D8 likewise
s40  | completed | 213550001040 | - | real | done | valid | none | commit:done | M3 Formée in decomposed form
s41  | completed | 213550001041 | - | real | done | valid | none | commit:done | D2 stray spaces
s42  | unknown | 213550001042 | - | real | review | valid | none | hold | D2 Formé is not listed
s43  | unknown | 213550001043 | - | real | review | valid | none | hold | D2 formée is not listed
s44  | unknown | 213550001044 | - | real | review | valid | none | hold | M3 anything else
s45  | unknown | 213550001045 | - | real | review | valid | none | hold | M3 empty
s46  | unknown | 213550001046 | - | real | review | valid | none | hold | M3 null
s47  | archived_training | 213550001047 | - | real | done | valid | none | commit:done | M3 Archivé
s48  | archived_training | 213550001048 | - | real | done | valid | none | commit:done | M3 archivé, decomposed
s49  | archived_training | 213550001049 | - | real | done | valid | none | commit:done | M3 Archivè
s50  | lead_only | 213550001050 | - | placeholder | interest | valid | none | commit:lead | M3 Informer; session 2 is a waiting list
s51  | lead_only | 213550001051 | - | none | interest | valid | none | commit:lead | M3 informer
s52  | lead_only | 213550001052 | - | none | interest | valid | none | commit:lead | M3 nouveau
s53  | lead_only | 213550001053 | - | none | interest | valid | none | commit:lead | D2 decomposed, two spaces
s54  | registered | 213550001054 | - | real | seat | valid | none | commit:seat:1 | D1 Reporter in a real session
s55  | lead_only | 213550001055 | - | placeholder | interest | valid | none | commit:lead | D1 Reporter on a waiting list (M5: id 1)
s56  | lead_only | 213550001056 | - | none | interest | valid | none | commit:lead | D1 Reporter without a session
s57  | registered | 213550001057 | - | real | seat | valid | none | commit:seat:5 | D26 confirmed: same code, and the course is the mapped one
s58  | registered | 213550001058 | - | real | seat | valid | none | hold | D26 the platform has no such code: not confirmed
s59  | registered | 213550001059 | - | placeholder | review | valid | none | hold | M5 id 2; D27 no real session
s60  | registered | 213550001060 | - | placeholder | review | valid | none | hold | M5 id 235, though the platform has a session of its code
s61  | registered | 213550001061 | - | real | seat | valid | none | hold | D26 same code, but the platform's session is of another course
s62  | registered | 213550001062 | - | real | seat | valid | none | hold | D26 same code, but the course is not mapped (two have its name)
s63  | registered | 213550001063 | - | unknown | review | valid | none | hold | D26 the session's formation does not exist
s64  | registered | 213550001064 | - | unknown | review | valid | none | hold | D26 the session does not exist
s65  | registered | 213550001065 | - | none | review | valid | none | hold | D26 no session
s66  | registered | 213550001066 | - | placeholder | review | valid | none | hold | M5 Session-Attente in the middle of the code
s67  | lead_only | 213550001067 | - | placeholder | interest | valid | none | commit:lead | M5 a session without a formation; D1
s68  | unknown | 213550001068 | - | real | review | valid | none | hold | D2 ARCHIVÉ is not listed
s69  | completed | 213550001069 | - | real | review | valid | none | hold | D25 the course is only similar
s70  | completed | 213550001070 | - | real | review | valid | none | hold | D25 two courses have this name
s71  | completed | 213550001071 | - | real | review | valid | none | hold | D11 unmapped course
s72  | completed | 213550001072 | - | none | review | valid | none | hold | M6 no formation at all
s73  | completed | 213550001073 | - | none | review | valid | none | hold | M6 a formation that does not exist
s74  | completed | 213550001074 | - | real | done | valid | none | commit:done | D25 equal but for case and punctuation
s75  | completed | 213550001075 | - | real | done | valid | none | commit:done | D25 equal, decomposed
s76  | lead_only | 213550001076 | - | none | interest | valid | none | commit:lead | D11 an unmapped course never blocks a lead
s77  | completed | 213550001077 | - | placeholder | done | valid | none | commit:done | D27 asks only for the course of what is completed
s78  | completed | 213550001078 | - | real | done | valid | none | commit:done | D9 a zero birth date is a missing one
s79  | completed | 213550001079 | - | real | done | needs_review | none | hold | D9 30 February
s80  | completed | 213550001080 | - | real | done | needs_review | none | hold | D9 born in 2099
s81  | completed | 213550001081 | - | real | done | needs_review | none | hold | D9 born in 1890
s82  | completed | 213550001082 | - | real | done | valid | none | commit:done | D9 no birth date
s83  | completed | 213550001083 | - | real | done | valid | none | commit:done | a name that is markup stays text
s84  | completed | 213550001084 | - | real | done | valid | none | commit:done | a name that is a formula stays text (D20 quotes it)
s85  | completed | 213550001085 | - | real | done | valid | none | commit:done | likewise with +
s86  | completed | 213550001086 | - | real | done | valid | none | commit:done | likewise with @
s87  | completed | 213550001087 | - | real | done | valid | none | commit:done | a name that is SQL stays text
s88  | completed | 213550001088 | - | real | done | valid | none | commit:done | an emoji
s89  | completed | 213550001089 | - | real | done | valid | none | commit:done | direction marks
s90  | completed | 213550001090 | - | real | done | valid | none | commit:done | a NUL inside the name goes, the row stays
s91  | completed | 213550001091 | - | real | done | valid | none | commit:done | a very long name
s92  | completed | 213550001092 | - | real | done | failed | none | fail | D9 slash and dash are no name
s93  | completed | 213550001093 | - | real | done | failed | none | fail | D9 no name
s94  | completed | 213550001094 | - | real | done | failed | none | fail | D9 NULL and x are no name
s95  | completed | 213550001095 | - | real | done | valid | none | commit:done | D9 one usable part is a name
s96  | completed | 213550001096 | - | real | done | valid | none | commit:done | D5 Arabic script is a name
s97  | completed | 213550001097 | - | real | done | failed | none | fail | D9 no letter, no name
s98  | completed | 213550000101 | - | real | done | duplicate | high | commit:done+user:1 | M7 phone of user 1; D28 the record carries the user
s99  | lead_only | 213550000102 | - | none | interest | duplicate | high | link+user:2 | D28 a lead only links
s100 | completed | 213550001100 | lynda.ferroukhi@example.com | real | done | duplicate | high | commit:done+user:3 | M7 e-mail of user 3
s101 | completed | 213550001101,213550000104 | - | real | done | duplicate | high | commit:done+user:4 | D3 the alternate takes part in matching
s102 | completed | 213550001102 | - | real | done | valid | medium | commit:done | M7 name and birth date of user 5; only high links
s103 | lead_only | 213550001103 | - | none | interest | valid | medium | hold | D28 a medium hint (lead 7) holds a lead
s104 | lead_only | 213550001104 | - | none | interest | valid | low | hold | D7 like user 6, same birth date; D28 a low hint holds leads
s105 | completed | 213550001105 | - | real | done | valid | low | commit:done | D7 one letter from user 7, who has no birth date
s106 | completed | 213550000108 | ilhem.kessaissia@example.com | real | done | duplicate | high | hold | D28 phone of user 8, e-mail of user 9: several
s107 | registered | 213550000111 | - | real | seat | duplicate | high | link+user:11 | D28 a registered row only links
s108 | lead_only | 213550000201 | - | none | interest | duplicate | high | link+lead:1 | D28 without a user, exactly one lead
s109 | completed | 213550001109 | toufik.reghis@example.com | real | done | duplicate | high | commit:done+lead:2 | D28 the record is created without a user; the lead is linked
s110 | lead_only | 213550000110 | - | none | interest | duplicate | high | link+user:10 | D28 one user and one lead: the user
s111 | lead_only | 213550000204 | - | none | interest | duplicate | high | hold | D28 two leads have the phone
s112 | lead_only | - | hakim.s@example.com | none | interest | valid | medium | hold | D6 same name and same raw phone as lead 6, no valid number
s113 | completed | 213550001113 | - | real | done | valid | medium | commit:done | D5 tatweel and harakat aside the name of user 12
s114 | lead_only | 213550001114 | - | none | interest | valid | none | commit:lead | D7 name of user 5, but both have birth dates and they differ
s115 | completed | 213550001115 | - | real | done | valid | medium | commit:done | D5 first and last name swapped
s116 | lead_only | 213550001116 | - | none | interest | valid | none | commit:lead | D8 the earliest of one person's leads
s117 | lead_only | 213550001116 | - | none | interest | duplicate | none | hold | D8 a later lead with the same phone
s118 | completed | 213550001116 | - | real | done | valid | none | commit:done | D8 the same person's training is not a duplicate
s119 | lead_only | 213550001119 | fahem.belkessam@example.com | none | interest | valid | none | commit:lead | D8 the earliest
s120 | lead_only | 213550001120 | fahem.belkessam@example.com | none | interest | duplicate | none | hold | D8 a later lead with the same e-mail
s121 | lead_only | 213550001121 | - | none | interest | valid | none | commit:lead | D8 only a high hint makes two leads one person's
s122 | lead_only | 213550001122 | - | none | interest | valid | none | commit:lead | D8 likewise
a1   | archived_training | 213550002001 | - | real | done | valid | none | commit:done | M3 from the archive
a2   | unknown | 213550002002 | - | real | review | valid | none | hold | D29 an archive row without a status
a3   | unknown | 213550002003 | - | real | review | valid | none | hold | D29 likewise, empty
a4   | completed | 213550002004 | - | real | done | valid | none | commit:done | D29 the status counts, not the table
a5   | archived_training | 213550002005 | - | real | review | valid | none | hold | D11 unmapped course
a6   | archived_training | 213550002006 | mounir.hadjersi@example.com | real | done | duplicate | high | commit:done+user:15 | M7 e-mail of user 15
a7   | archived_training | - | - | real | done | needs_review | none | hold | D9 no usable contact
a8   | archived_training | 213550002008 | - | real | done | failed | none | fail | D9 no name
a9   | lead_only | 213550002009 | - | none | interest | valid | none | commit:lead | D29 a lead in the archive is a lead
a10  | archived_training | 213550002010 | - | real | done | valid | none | commit:done | D2 decomposed, stray spaces
`;

const SESSIONS = {
  real: "real_session",
  placeholder: "placeholder_session",
  unknown: "unknown_session",
  none: "none",
} as const;
const ACTIONS = {
  done: "create_legacy_completed_training",
  seat: "create_legacy_enrollment",
  interest: "create_course_interest",
  review: "needs_review",
} as const;
const TARGETS = {
  done: "legacy_completed_trainings",
  seat: "legacy_imported_enrollments",
  lead: "crm_leads",
} as const;

/** The table above, row by row. */
export const EXPECTED: readonly Expected[] = TABLE.trim().split("\n").map(parse);

function parse(line: string): Expected {
  const cells = line.split(" | ").map((cell) => cell.trim());
  const [id = "", classification, phones = "", email = "", session, action] = cells;
  const [validation, confidence, plan = "", why = ""] = cells.slice(6);
  const [phone = "-", ...alternates] = phones.split(",");
  const [deed = "", linked] = plan.split("+");
  const [verb, what, seat] = deed.split(":");
  const [who, whoId] = linked?.split(":") ?? [];
  return {
    source_table: id.startsWith("s") ? "stagiaires" : "archives",
    legacy_id: Number(id.slice(1)),
    classification: classification as Expected["classification"],
    phone_normalized: phone === "-" ? null : phone,
    phone_alternates: alternates,
    email_normalized: email === "-" ? null : email,
    session_type: SESSIONS[session as keyof typeof SESSIONS],
    import_action: ACTIONS[action as keyof typeof ACTIONS],
    validation_status: validation as Expected["validation_status"],
    duplicate_confidence: confidence as Expected["duplicate_confidence"],
    plan: verb as Expected["plan"],
    target: what === undefined ? null : TARGETS[what as keyof typeof TARGETS],
    link:
      who === undefined
        ? null
        : { table: who === "user" ? "users" : "crm_leads", id: Number(whoId) },
    course_session_id: seat === undefined ? null : Number(seat),
    why,
  };
}
