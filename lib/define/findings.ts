/**
 * What the import and validation may note on a row: whatever was changed, cut, left aside or could not
 * be read (D33). A definition has a rule for each that its fields can give, so that nothing happens to
 * a value in silence; a test goes through all of them.
 *
 * Beside `reference_unreadable` the field is named, as in `legacy_session_id_unreadable`.
 */
export const findingsOf = {
  /** Of any text of the row. */
  row: ["text_repaired", "text_damaged", "text_cut"],
  name: ["name_part_unreadable", "name_damaged", "name_placeholder", "name_too_long"],
  phone: ["phone_invalid", "phone_partly_read", "phone_shared"],
  email: ["email_malformed", "email_placeholder", "email_shared"],
  birth_date: ["birth_date_zero", "birth_date_impossible", "birth_date_implausible"],
  status: [],
  created_at: ["created_at_unreadable"],
  reference: ["reference_unreadable"],
} as const;

export type Finding = (typeof findingsOf)[keyof typeof findingsOf][number];
