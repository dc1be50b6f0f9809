/** Names of letters, spaces and hyphens hold nothing but words. */
const PLAIN = /^[A-Za-zÀ-ÿ\u0621-\u0652 '’-]*$/;

/**
 * What belongs to another field, or was left there by a program: six digits and more (a phone, a date), an
 * address, a list, what programs write instead of a value. A formula is what somebody typed, and stays text (D9).
 */
const OTHER =
  /\p{Nd}(?:[\s./-]?\p{Nd}){5,}|\S@\S+\.\p{L}|^[^=@]*\w:\/\/|\bwww\.|(?:^|\s)@\p{L}[\w.]*(?![\w.(])|\p{L}{2}\.(?:com|net|org)(?![\p{L}.])|^\s*[[{].*[\]}]\s*$|^[abdisO]:\d+[:;]|\[object \w+\]|#(?:REF|N\/A|NAME|VALUE|DIV\/0|NUM|NULL|NOM|VALEUR)[!?]?/iu;

/** Words that say something of a person, and ones that may join two, in any case: most names have none of them. */
const SAID = /c[ée]d[ée]|dcd|deceased|verstorben|متوف|undefined|null/iu;
const JOINS = / (?:et|and|und|og|och|و) /iu;
const joinsOrSays = (name: string): boolean => JOINS.test(name) || SAID.test(name);

/** Another person, or somebody's husband or wife: `Ali et Sara`, `Mr & Mrs`, `Ali; Sara`. In `Mohamed Et Tayeb` it is an article. */
const ANOTHER =
  /\p{L}\.?\s+(?:et(?!\s+t)|and|und|og|och|و|\+)\s+\p{L}|\p{L}\.?\s*&(?!#?\w{2,12};)\s*\p{L}/iu;
/** What begins as a name does, or stands where nobody wrote capitals: `Ali; drop table` is what somebody typed, and stays text (D9). */
const ANOTHER_LISTED =
  /(?<!&#?\w{0,12})(?<=\p{L}\.?\s*)[;|]\s*[\p{Lu}\p{Lt}\p{Lo}]|^[^\p{Lu}]*(?<!&#?\w{0,12})(?<=\p{L}\.?\s*)[;|]\s*\p{L}/u;
const ANOTHER_OF_T = /\p{L}\.?\s+et\s+T/u;
/** Names on both sides of a slash: of one letter it is a word of its own, as in `Ravi s/o Kumar` and `Devi A/P Raju`. */
const ANOTHER_BEHIND_SLASH =
  /(?:\p{L}[\p{L}\p{M}'’]+\.?|(?<=\p{L}\s+)\p{L}\.)\s*[/\u2044\u2215\uFF0F]\s*\p{L}[\p{L}\p{M}'’]/u;

/** What was noted of a person beside the name. */
const NOTED =
  /(?<![\p{L}\p{M}])(?:d[ée]c[ée]d[ée]e?s?|dcd|deceased|verstorben|متوف[ىي]ة?|متوفاة)(?![\p{L}\p{M}])|[†✝]/iu;
/** What programs wrote for want of a part of it: `Benali undefined`. */
const WRITTEN = /(?<!\p{L})(?:undefined|\(null\))(?!\p{L})/giu;
const LETTER = /\p{L}/u;
const isWrittenBeside = (name: string): boolean => {
  const left = name.replace(WRITTEN, "");
  return left !== name && LETTER.test(left);
};
/** Beside words with a capital letter; somebody may be called so. */
const NULL = /\p{Lu}.*\snull(?!\S)|^\s*null\s+.*\p{Lu}/u;

/** A longer one is no name, and looking for words in it would be slow. */
const LONGEST = 500;

/** Letters and digits, and nothing that a program may have written for a letter. */
const NUMBERED = /^(?=.*\p{L})(?=.*\p{Nd})[\p{L}\p{M}\p{Nd}\s'’.,()_-]*$/u;

/** Whether digits stand in a name, as of somebody who was entered a second time: `Benali2`, `Ali (2)`, `M0hamed`. */
export const holdsNumber = (name: string): boolean => name.length <= LONGEST && NUMBERED.test(name);

/**
 * Whether something stands in a name, or beside it, that is none: `Ali 0559446203`, `ali@example.com`, `#REF!`, a second
 * person, that somebody died.
 */
export function holdsOther(name: string): boolean {
  const plain = PLAIN.test(name);
  if (!plain && OTHER.test(name)) return true;
  if (
    name.length > LONGEST ||
    (plain && !(name.includes(" ") ? joinsOrSays(name) : SAID.test(name)))
  )
    return false;
  return (
    ANOTHER.test(name) ||
    ANOTHER_OF_T.test(name) ||
    ANOTHER_LISTED.test(name) ||
    ANOTHER_BEHIND_SLASH.test(name) ||
    NOTED.test(name) ||
    NULL.test(name) ||
    isWrittenBeside(name)
  );
}
