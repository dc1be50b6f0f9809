import { several } from "../../services/words.ts";
import { hanging } from "../width.ts";

/** A hint of matching, as the contract's `duplicate_evidence` holds it. */
interface Hint {
  readonly level: string;
  readonly rule: string;
  readonly table?: string;
  readonly id?: number;
  readonly first?: number;
  readonly hits?: number;
  readonly rows?: number;
}

/** What was found equal or near, in words. */
const rules: Readonly<Record<string, string>> = {
  same_phone: "the same phone",
  same_alternate_phone: "a further number of its phone field is the same",
  same_email: "the same e-mail",
  once: "the same in what the definition wants once",
  same_contact: "the same phone or e-mail",
  same_name_and_birth_date: "the same name and birth date",
  same_name_and_raw_phone: "the same name, and the same phone as written, which is no number",
  similar_name_same_birth_date: "a similar name and the same birth date",
  name_within_one_edit: "a name within one letter, birth dates unknown",
};

/** Whom a row may be, and what that rests on (M7). */
export function showEvidence(title: string, hints: unknown): string[] {
  if (!Array.isArray(hints) || hints.length === 0) return ["", `${title}: none`];
  return [
    "",
    title,
    ...(hints as Hint[]).flatMap((hint) => hanging("  ", `${hint.level}: ${says(hint)}`)),
  ];
}

function says({ rule, table, id, first, hits = 1, rows = 0 }: Hint): string {
  const words = rules[rule] ?? rule;
  if (table === undefined) return `${words}, ${several(rows, "row")}, the first is row ${first}`;
  return `${words}: ${table} ${id}${hits > 1 ? ` and ${hits - 1} more` : ""} (${rule})`;
}
