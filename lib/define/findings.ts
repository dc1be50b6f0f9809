/**
 * What the import and validation may note on a row: whatever was changed, cut, left aside or could not
 * be read (D33). A definition has a rule for each that its fields can give, so that nothing happens to
 * a value in silence; a test goes through all of them.
 *
 * Beside those of a kind that names what is wrong with a value the field is named, too: with
 * `date_unreadable` goes `joined_on_unreadable`.
 */
export const findingsOf = {
  /** Of any text of the row. */
  row: ["text_repaired", "text_damaged", "text_invisible", "text_cut"],
  name: [
    "name_part_unreadable",
    "name_damaged",
    "name_not_alone",
    "name_placeholder",
    "name_too_long",
  ],
  phone: ["phone_invalid", "phone_partly_read", "phone_shared"],
  email: ["email_malformed", "email_placeholder", "email_shared"],
  birth_date: [
    "birth_date_zero",
    "birth_date_placeholder",
    "birth_date_impossible",
    "birth_date_implausible",
  ],
  status: [],
  created_at: ["created_at_unreadable"],
  reference: ["reference_unreadable"],
  // That one is noted of any column of the row, and of those of such a field by its name as well.
  text: ["text_placeholder", "text_spoilt", "text_too_long", "text_damaged"],
  number: ["number_unreadable", "number_out_of_bounds"],
  boolean: ["boolean_unlisted"],
  uuid: ["uuid_unreadable"],
  digest: [],
  template: ["template_spoilt"],
  composed: ["composed_placeholder", "composed_spoilt", "composed_too_long"],
  list: ["list_cut", "list_unlisted", "list_spoilt"],
  file: [
    "file_absent",
    "file_unsafe",
    "file_unreadable",
    "file_mismatch",
    "file_unfit",
    "file_too_long",
  ],
  json: ["json_unreadable"],
  date: ["date_unreadable", "date_zero", "date_out_of_bounds"],
  time: ["time_unreadable"],
  duration: ["duration_unreadable"],
  timestamp: [
    "timestamp_unreadable",
    "timestamp_zero",
    "timestamp_out_of_bounds",
    "timestamp_gap",
    "timestamp_overlap",
    "timestamp_cut",
    "timestamp_midnight",
  ],
  range: [
    "range_unreadable",
    "range_zero",
    "range_out_of_bounds",
    "range_gap",
    "range_overlap",
    "range_cut",
    "range_midnight",
    "range_reversed",
    "range_empty",
    "range_absent",
  ],
  choice: ["choice_unlisted"],
} as const;

export type Finding =
  | (typeof findingsOf)[keyof typeof findingsOf][number]
  | KeyFinding
  | MadeFinding;

/**
 * What is noted where keys are texts: that others have the same one, that there is none, or that it cannot
 * be kept. Such a row is held whatever a definition says (lib/compile/keys.ts).
 */
export type KeyFinding = "key_repeated" | "key_absent" | "key_unfit";

/**
 * What is noted on a row that is made of others: there is no list where one should be, or not the one row that it
 * should stand beside. Such a row is held where no line of the plan looks at that (lib/compile/keys.ts).
 */
export const madeFindings = [
  "list_unreadable",
  "object_unreadable",
  "partner_absent",
  "partner_several",
] as const;
export type MadeFinding = (typeof madeFindings)[number];

/** What is wrong with a value, as findings name it behind the kind or the field. */
export type Fault =
  | "invalid"
  | "partly_read"
  | "malformed"
  | "unreadable"
  | "unlisted"
  | "placeholder"
  | "too_long"
  | "damaged"
  | "spoilt"
  | "zero"
  | "out_of_bounds"
  | "gap"
  | "overlap"
  | "cut"
  | "midnight"
  | "absent"
  | "unsafe"
  | "mismatch"
  | "reversed"
  | "empty"
  | "unfit";

/** A finding about one field of the definition. */
export type FieldFinding = `${string}_${Fault}`;

/** Kinds of which a finding is noted twice, by the kind and by the field's name. */
const kindsNamed: ReadonlySet<string> = new Set<keyof typeof findingsOf>([
  "reference",
  "text",
  "composed",
  "template",
  "number",
  "boolean",
  "uuid",
  "file",
  "json",
  "date",
  "time",
  "duration",
  "timestamp",
  "range",
  "choice",
]);

/**
 * What is noted beside a finding of a field's kind: the same by the field's name; undefined of kinds that are not named.
 * Phones and e-mails are where there are several of them; that too many rows share one is told of all together.
 */
export function namedFinding(
  name: string,
  fields: Readonly<Record<string, { readonly kind: string }>>,
  finding: Finding,
): FieldFinding | undefined {
  const { kind = "" } = fields[name] ?? {};
  const several = () => Object.values(fields).filter((each) => each.kind === kind).length > 1;
  const named =
    kindsNamed.has(kind) ||
    ((kind === "phone" || kind === "email") && !finding.endsWith("_shared") && several());
  return named ? (`${name}${finding.slice(kind.length)}` as FieldFinding) : undefined;
}

/** What each finding says, where a definition has no rule of its own about it. */
export const saysOf: Readonly<Record<Finding, string>> = {
  text_repaired: "Characters that no database keeps were removed from a text.",
  text_damaged: "A text holds what is no letter, as of a wrong character set.",
  text_invisible: "Characters that cannot be seen were left out of a value.",
  text_cut: "A text is too long to be kept whole.",
  name_part_unreadable: "A part of the name holds something that is no name.",
  name_damaged: "Letters of the name are damaged.",
  name_not_alone:
    "In the name stands what is none: a number, an address, somebody else, what a program left.",
  name_placeholder: "The name consists of words that people enter for want of one.",
  name_too_long: "The name is longer than any person's.",
  phone_invalid: "A phone field holds something, but no valid number.",
  phone_partly_read: "A phone field holds a number, and beside it something that is none.",
  phone_shared: "So many rows carry this phone that it is nobody's.",
  email_malformed:
    "An e-mail field holds something that is not one valid address: none, or several.",
  email_placeholder: "The e-mail is a known placeholder.",
  email_shared: "So many rows share this e-mail that it says nothing about a person.",
  birth_date_zero: "The birth date is the legacy system's zero date.",
  birth_date_placeholder: "The birth date field holds what is entered for want of one.",
  birth_date_impossible: "The birth date cannot be one.",
  birth_date_implausible: "The birth date is one that is entered for want of one, or a child's.",
  created_at_unreadable: "When the row was made cannot be read.",
  reference_unreadable: "What the row refers to cannot be read.",
  text_placeholder: "A text is one that is entered for want of one.",
  text_spoilt:
    "A text is what a spreadsheet left of one: an error such as #N/A, a number that it shortened, a sign before digits.",
  text_too_long: "A text is longer than it may be.",
  template_spoilt:
    "A part of a template's text is what a spreadsheet left of one: an error such as #N/A, a number that it shortened, a sign before digits.",
  composed_placeholder:
    "A part of a composed text is what is entered for want of one: it was left out.",
  composed_spoilt:
    "A part of a composed text is what a spreadsheet left of one: an error such as #N/A, a number that it shortened, a sign before digits.",
  composed_too_long: "A composed text is longer than it may be.",
  number_unreadable: "A number cannot be read.",
  number_out_of_bounds: "A number is not between its bounds.",
  boolean_unlisted: "A yes or no is written in a way that nobody listed.",
  uuid_unreadable: "A UUID cannot be read.",
  json_unreadable: "A field of JSON cannot be read.",
  date_unreadable: "A date cannot be read.",
  date_zero: "A date is the legacy system's zero date.",
  date_out_of_bounds: "A date is not between its bounds.",
  time_unreadable: "A time of day cannot be read.",
  duration_unreadable: "How long something takes cannot be read.",
  timestamp_unreadable: "A time cannot be read.",
  timestamp_zero: "A time is the legacy system's zero date.",
  timestamp_out_of_bounds: "A time is not between its bounds.",
  timestamp_gap: "A time is one that no clock of its zone showed.",
  timestamp_overlap:
    "A time is one that the clocks of its zone showed twice: the earlier was taken.",
  timestamp_cut: "A time has more than six digits of a second: the rest was left out.",
  timestamp_midnight: "A day has no time of day beside it: its midnight was taken.",
  range_unreadable: "What a range begins or ends with cannot be read.",
  range_zero: "A range begins or ends with the legacy system's zero date: it is open there.",
  range_out_of_bounds: "What a range begins or ends with is not between its bounds.",
  range_gap: "A range begins or ends with a time that no clock of its zone showed.",
  range_overlap:
    "A range begins or ends with a time that the clocks of its zone showed twice: the earlier was taken.",
  range_cut:
    "A range begins or ends with a time of more than six digits of a second: the rest was left out.",
  range_midnight:
    "A range begins or ends with a day that has no time of day beside it: its midnight was taken.",
  range_reversed: "A range ends before it begins.",
  range_empty: "A range ends as it begins, and nothing is in it.",
  range_absent: "How long a range lasts is missing: it would be without end.",
  choice_unlisted: "A value is one that nobody listed.",
  key_repeated: "Another row of the table has the same key.",
  key_absent: "The row has no key.",
  key_unfit: "The key cannot be kept as a text, or is what a spreadsheet left of one.",
  list_unreadable: "Where a list should be that rows are made of there is none that can be read.",
  object_unreadable: "Where an object of JSON should be there is none that can be read.",
  file_absent: "The file that is named is not there.",
  file_unsafe: "What names a file goes out of the folder of files, or cannot name one.",
  file_unreadable: "What lies under the name of a file cannot be read as one.",
  file_mismatch: "The bytes of a file are not those that are said of it.",
  file_unfit: "A file is empty, or of a type that is not taken.",
  file_too_long: "A file has more bytes than are taken.",
  list_unlisted: "A list has an element that nobody listed.",
  list_spoilt:
    "A list has an element that is what a spreadsheet left of one: an error such as #N/A, a number that it shortened, a sign before digits.",
  list_cut: "A list has more elements than are taken.",
  partner_absent: "No row of the other table is the one that this row names.",
  partner_several: "Several rows of the other table are the one that this row names.",
};
