import type { PinnedRows } from "../compile/pin-look.ts";
import { stagingTable } from "../compile/rows.ts";
import type { Database } from "../data/database.ts";
import type { Run } from "../data/runs.ts";
import { identifier, json, raw, sql, uuid } from "../data/sql.ts";
import { STEERING } from "../evidence/csv.ts";
import { lookOf, pinOf } from "../evidence/pinned.ts";
import { foldName } from "../normalize/name.ts";
import { Refusal } from "../services/errors.ts";

/** Characters that are kept of a comment or a reason. */
export const longestRemark = 4_000;

/** What steers a terminal or turns the order of what is read; line ends and tabs are text. */
const steering = new RegExp(`[${STEERING}\\u0000]`, "gu");

const email = /[^\s@<>(),;:"]+\s?@\s?[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/u;
/** Digits in groups, as people write numbers: neither part of a word or reference, nor a date. */
const number =
  /(?<![\p{L}\p{N}-])(?:\+|\(\+?)?\p{Nd}(?:[ \u00a0()./-]{0,2}\p{Nd}){6,16}(?![\p{L}\p{N}-])/gu;
const date = /^\p{Nd}{4}[-./]\p{Nd}{2}[-./]\p{Nd}{2}$|^\p{Nd}{2}[-./]\p{Nd}{2}[-./]\p{Nd}{4}$/u;

/**
 * What somebody wrote beside a decision, as it may be kept and exported: it is told of for ever in a log
 * that nobody can change, so it holds nothing about the people who are migrated (W14, D20).
 *
 * Errors: `PersonalDataInRemark` for an e-mail address, a phone number, or the full name of somebody in
 * the run, in either order; without quoting it.
 */
export async function keepableRemark(db: Database, run: Run, text: string): Promise<string> {
  const remark = text.replaceAll(steering, "").trim().slice(0, longestRemark);
  const found =
    contactIn(remark) ??
    ((await namesSomebody(db, run, remark)) ? "the name of somebody who is migrated" : undefined);
  if (found === undefined) return remark;
  throw new Refusal(
    "PersonalDataInRemark",
    `What you wrote holds ${found}, and would be kept and exported for ever. Nothing was decided; name rows by their number, as in “row 12”.`,
  );
}

/** A moment with its time, as `2026-11-27 05:01:09`, and the account that stands in an ARN: their digits are nobody's. */
const moments =
  /(?<![\p{L}\p{N}-])(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:[0-2]\d|3[01])[ T](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?![\p{N}-])/gu;
const accounts = /(?<=\barn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:)\d{12}(?=:)/gu;

/** An e-mail address or a phone number in a text, in words; undefined for none. */
export function contactIn(text: string): string | undefined {
  if (email.test(text)) return "an e-mail address";
  const others = text.replaceAll(moments, "·").replaceAll(accounts, "·");
  const phone = [...others.matchAll(number)].some(([digits]) => {
    const bare = digits.replaceAll(/[^\p{Nd}+]/gu, "");
    const long = bare.replace("+", "").length;
    return !date.test(digits) && (long >= 9 || (long >= 8 && /^[+0٠]/.test(bare)));
  });
  return phone ? "a phone number" : undefined;
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
