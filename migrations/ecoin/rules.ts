import { all, any, missing, noted, referenced } from "../../lib/define/builders.ts";
import type { Entity } from "../../lib/define/definition.ts";

/** What is wrong with a row, or noted of it (D9). */
export const rules: Entity["validate"] = [
  {
    id: "name_missing",
    says: "There is no usable name.",
    when: missing("full_name"),
    verdict: "failed",
  },
  {
    id: "name_damaged",
    says: "Letters of the name are damaged: the row's proposals say what it may have been.",
    when: noted("name_damaged"),
    verdict: "needs_review",
  },
  {
    id: "name_not_alone",
    says: "In the name stands what is none: a number, an address, somebody else, that somebody died, what a program left.",
    when: noted("name_not_alone"),
    verdict: "needs_review",
  },
  {
    id: "name_placeholder",
    says: "The name consists of what people enter for want of one.",
    when: noted("name_placeholder"),
    verdict: "needs_review",
  },
  {
    id: "name_too_long",
    says: "The name is longer than any person's.",
    when: noted("name_too_long"),
    verdict: "needs_review",
  },
  {
    id: "name_part_unreadable",
    says: "A part of the name holds something that is no name; the other part is the name (D9).",
    when: noted("name_part_unreadable"),
    verdict: "note",
  },
  {
    id: "reference_unreadable",
    says: "The course or session of the row, or what its session belongs to, cannot be read.",
    when: any(noted("reference_unreadable"), referenced("session", "unreadable")),
    verdict: "needs_review",
  },
  {
    id: "contact_missing",
    says: "There is neither a valid phone nor a valid e-mail.",
    when: all(missing("phone_normalized"), missing("email_normalized")),
    verdict: "needs_review",
  },
  {
    id: "birth_date_impossible",
    says: "The birth date cannot be one.",
    when: noted("birth_date_impossible"),
    verdict: "needs_review",
  },
  {
    id: "birth_date_implausible",
    says: "The birth date is one that is entered for want of one, or a child's: nobody is found by it.",
    when: noted("birth_date_implausible"),
    verdict: "note",
  },
  {
    id: "birth_date_zero",
    says: "The birth date is the legacy system's zero date: there is none.",
    when: noted("birth_date_zero"),
    verdict: "note",
  },
  {
    id: "birth_date_placeholder",
    says: "The birth date field holds what is entered for want of one: there is none.",
    when: noted("birth_date_placeholder"),
    verdict: "note",
  },
  {
    id: "created_at_unreadable",
    says: "When the row was made cannot be read; it comes last among the rows of its person.",
    when: noted("created_at_unreadable"),
    verdict: "note",
  },
  {
    id: "phone_invalid",
    says: "The phone field holds something, but no valid number.",
    when: noted("phone_invalid"),
    verdict: "note",
  },
  {
    id: "phone_partly_read",
    says: "The phone field holds a number, and beside it something that is none.",
    when: noted("phone_partly_read"),
    verdict: "note",
  },
  {
    id: "phone_shared",
    says: "So many rows of several names carry this phone that it is nobody's: nobody is found by it.",
    when: noted("phone_shared"),
    verdict: "note",
  },
  {
    id: "email_invalid",
    says: "The e-mail field holds something, but no valid address.",
    when: noted("email_malformed"),
    verdict: "note",
  },
  {
    id: "email_placeholder",
    says: "The e-mail is a known placeholder.",
    when: noted("email_placeholder"),
    verdict: "note",
  },
  {
    id: "email_shared",
    says: "More than five rows share this e-mail, so it says nothing about a person.",
    when: noted("email_shared"),
    verdict: "note",
  },
  {
    id: "text_repaired",
    says: "Characters that no database keeps were removed from the text.",
    when: noted("text_repaired"),
    verdict: "note",
  },
  {
    id: "text_damaged",
    says: "A text holds what is no letter, as of a wrong character set; it is kept as it came, with what it decodes to.",
    when: noted("text_damaged"),
    verdict: "note",
  },
  {
    id: "text_invisible",
    says: "Characters that cannot be seen were left out of a name, a contact or a reference.",
    when: noted("text_invisible"),
    verdict: "note",
  },
  {
    id: "text_cut",
    says: "A text is too long to be kept whole: what is staged of it is its beginning.",
    when: noted("text_cut"),
    verdict: "note",
  },
];
