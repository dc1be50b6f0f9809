import type { PinnedRows } from "../compile/pin/look.ts";
import { stagingTable } from "../compile/rows.ts";
import type { Database } from "../data/database.ts";
import type { Run } from "../data/runs.ts";
import { identifier, json, raw, sql, uuid } from "../data/sql.ts";
import { contactIn } from "../evidence/contacts.ts";
import { STEERING } from "../evidence/csv.ts";
import { lookOf, pinOf } from "../evidence/pinned.ts";
import { foldName } from "../normalize/name.ts";
import { isSeen } from "../normalize/text.ts";
import { Refusal } from "../services/errors.ts";

/** Characters that are kept of a comment or a reason. */
const longestRemark = 4_000;

/** What steers a terminal or turns the order of what is read; line ends and tabs are text. */
const steering = new RegExp(`[${STEERING}\\u0000]`, "gu");

/**
 * What somebody wrote beside a decision, as it may be kept and exported: it is told of for ever in a log
 * that nobody can change, so it holds nothing about the people who are migrated (W14, D20).
 *
 * What shows nothing says nothing: it is kept as an empty text, so that whatever takes a reason refuses it.
 *
 * Errors: `PersonalDataInRemark` for an e-mail address, a phone number, or the full name of somebody in
 * the run, in either order; without quoting it.
 */
export async function keepableRemark(db: Database, run: Run, text: string): Promise<string> {
  const remark = text.replaceAll(steering, "").trim().slice(0, longestRemark).toWellFormed();
  if (!isSeen(remark)) return "";
  const found =
    contactIn(remark) ??
    ((await namesSomebody(db, run, remark)) ? "the name of somebody who is migrated" : undefined);
  if (found === undefined) return remark;
  throw new Refusal(
    "PersonalDataInRemark",
    `What you wrote holds ${found}, and would be kept and exported for ever. Nothing was decided; name rows by their number, as in “row 12”.`,
  );
}

/** Refuses a contact in what a run is started with, which is kept and exported for ever (W14). Errors: `PersonalDataInRemark`. */
export function refuseContact(text: string): void {
  const contact = contactIn(text);
  if (contact === undefined) return;
  throw new Refusal(
    "PersonalDataInRemark",
    `What was said of the run holds ${contact}, and would be kept and exported for ever. Nothing was started; name the backup by its id.`,
  );
}

/** Words of a name, at most; a name of one word is a word of any text. */
const mostWords = 5;

/** Whether some words of a text that stand together are the folded name of a staged row (D5). */
async function namesSomebody(db: Database, run: Run, text: string): Promise<boolean> {
  const words = foldName(text).split(" ").filter(Boolean);
  const keys = new Set<string>();
  for (let from = 0; from < words.length; from++) {
    for (let length = 2; length <= mostWords && from + length <= words.length; length++) {
      keys.add(
        words
          .slice(from, from + length)
          .sort()
          .join(" "),
      );
    }
  }
  if (keys.size === 0) return false;
  const [{ parts }, { entities }] = [await lookOf(db, run), pinOf(run)];
  for (const [at, { staging }] of entities.entries()) {
    const key = parts[at] && keyOf(parts[at]);
    if (key === undefined) continue;
    const found = await db.rows(sql`
    select 1 as yes
      from ${raw(stagingTable(staging.source))} s
      join jsonb_array_elements_text(${json([...keys])}) as wanted (key) on wanted.key = ${raw(key)}
     where s.run_id = ${uuid(run.id)} limit 1`);
    if (found.length > 0) return true;
  }
  return false;
}

/** A name's words, folded and sorted; a pin that is older than this knows the name alone. */
function keyOf({ nameKey, main }: PinnedRows): string | undefined {
  if (nameKey !== null) return `s.${nameKey}`;
  return (
    main.name &&
    `(select string_agg(word, ' ' order by word collate "C")
        from unnest(string_to_array(wavegate.fold_name(s.${identifier(main.name.value)}), ' ')) word)`
  );
}
