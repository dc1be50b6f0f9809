import { holdsEscapes, withoutEncodedWords, withoutEntities, withoutEscapes } from "./escapes.ts";
import { asItLooks } from "./look-alikes.ts";
import { lettersLost } from "./lost.ts";
import { marksDamage } from "./marks.ts";
import { allLooksRight, beforeMisread, lostCapital, withoutSigns } from "./misread.ts";
import { beforeMojibake, beforePartlyMojibake } from "./mojibake.ts";
import { remembered } from "./remembered.ts";
import { inItsScript } from "./single-byte.ts";

/** What is wrong with a text, and what it may have been. */
export interface Damage {
  /** The spelling before the damage; null where letters are lost for good. */
  readonly proposal: string | null;
  /** Whether that is certain: the text decodes cleanly as a whole. */
  readonly certain: boolean;
}

/**
 * Two characters beyond ASCII beside each other, not both Arabic letters: one alone was never made from
 * UTF-8. Most texts have none, and are not looked at further.
 */
const PAIR = /[^\0-\x7F\u0621-\u0652][^\0-\x7F]|[\u0621-\u0652][^\0-\x7F\u0621-\u0652]/;

/**
 * Characters up to which a text is looked at, and a name: what looks for damage takes the square of a word's length, and
 * one cell may be as long as a book. An import keeps no more of a text either.
 */
const longestLooked = 8_000;
const longestName = 1_000;

/**
 * The damage of any text: UTF-8 taken for another character set, wholly or in part, entities of HTML where
 * the text is no HTML, and what is no character. Null where it is what it is, and of a text that is longer than what is looked at.
 */
export function damageOf(text: string): Damage | null {
  if (text.length > longestLooked) return null;
  const decoded = text.includes("=?") ? withoutEncodedWords(text) : text;
  if (decoded !== text) return { proposal: decoded, certain: true };
  const paired = PAIR.test(text) && !allLooksRight(text);
  const before = paired ? beforeMojibake(text) : null;
  if (before !== null) return { proposal: before, certain: true };
  if (lettersLost(text)) return { proposal: null, certain: false };
  const part = paired ? beforePartlyMojibake(text) : beforeSpaces(text);
  if (part !== null) return { proposal: part, certain: false };
  const plain = text.includes("&") ? withoutEntities(text) : text;
  if (plain === text) return null;
  if (!MARKUP.test(text)) return { proposal: plain, certain: true };
  // Between tags of HTML letters are written as entities; what those spell may be damaged all the same.
  return damageOf(plain) === null ? null : { proposal: null, certain: false };
}

/** UTF-8's first byte alone before a space, which was a no-break one: `1Â 000`, `Ã  bientôt`. No word is so called. */
const LETTER_ALONE = /(?<!\p{L})([ÂÃ]) ( ?)/gu;

/** A text of which no-break spaces became plain ones after they were read as a byte of their own. */
const beforeSpaces = (text: string): string | null =>
  text.includes("\u00C2 ") || text.includes("\u00C3 ")
    ? beforePartlyMojibake(
        text.replace(LETTER_ALONE, (_, first, more) =>
          first === "Ã" ? "Ã\u00A0 " : `Â\u00A0${more}`,
        ),
      )
    : null;

/** A tag of HTML. */
const MARKUP = /<\/?[a-z][a-z0-9]*(?:\s[^<>]*)?\/?>/i;

/** Most names, told at once: what no rule below finds anything in. */
const USUAL =
  /^(?:[A-Za-zàâçéëîïôöüÉÇ '’.,()/-]*(?:è(?=[bcdfghlmnprstvz])[A-Za-zàâçéëîïôöüÉÇ '’.,()/-]*)*|[\u0621-\u0652 '’.,()/-]*)$/;

const FILLED = /^[\0-\x20]|[\0-\x20]$/;
const FILLED_BEFORE = /^[\0-\x20]+/;
const FILLED_BEHIND = /(?<![\0-\x20])[\0-\x20]+$/;

/**
 * The damage of a name or of a part of one: as {@link damageOf}, and what programs write instead of
 * letters, signs of another character set, and the `?` that a server writes for what its own lacks. Of one that is longer
 * than any name nobody can tell.
 */
export const damageOfName = (text: string): Damage | null =>
  USUAL.test(text) ? null : damageOfUnusual(text);

const damageOfUnusual = remembered((text: string): Damage | null => {
  if (text.length > longestName) return lost;
  const name = FILLED.test(text)
    ? text.replace(FILLED_BEFORE, "").replace(FILLED_BEHIND, "")
    : text;
  const script = inItsScript(name);
  if (script !== null) return { proposal: script, certain: false };
  const damage = damageOf(name);
  if (damage === null && holdsEscapes(name)) return unescaped(name);
  if (damage === null) {
    if (lostCapital(name)) return { proposal: withCapital(name), certain: false };
    const misread = beforeMisread(name) ?? asOneScript(name);
    if (misread !== null && !marksDamage(misread)) return { proposal: misread, certain: false };
    return marksDamage(name) ? { proposal: withoutSigns(name), certain: false } : null;
  }
  // What is damaged in its turn is nothing to propose.
  const { proposal } = damage;
  return proposal === null || holdsEscapes(proposal) || marksDamage(proposal) ? lost : damage;
});

const lost: Damage = { proposal: null, certain: false };

/** Behind a vowel it was an `Ï` that was lost; elsewhere one of several. */
function withCapital(name: string): string | null {
  const whole = name.replace(/(?<=[AEOU])\u00C3(?=[A-Z])/g, "\u00CF");
  return lostCapital(whole) || whole === name ? null : whole;
}

/** A name of Latin letters without those of other scripts that only look like them (`Аli`). */
function asOneScript(name: string): string | null {
  if (!OTHER_LETTER.test(name)) return null;
  const alike = name.replace(WORD, (word) => (/[A-Za-z]/.test(word) ? asItLooks(word) : word));
  return alike !== name && marksDamage(name) ? alike : null;
}
const WORD = /\p{L}+/gu;
const OTHER_LETTER = /[\u0370-\u058F]/;

function unescaped(name: string): Damage {
  const plain = withoutEscapes(name);
  const proposal = beforeMojibake(plain) ?? plain;
  const still = proposal === name || lettersLost(proposal) || holdsEscapes(proposal);
  return still || marksDamage(proposal) ? lost : { proposal, certain: true };
}
