/** Names of letters, spaces and hyphens hold nothing else. */
const PLAIN = /^[A-Za-zÀ-ÿ\u0621-\u0652 '’-]*$/;

/**
 * What belongs to another field, or was left there by a program: six digits and more (a phone, a date), an
 * address, a list, what programs write instead of a value. A formula is what somebody typed, and stays text (D9).
 */
const OTHER =
  /\p{Nd}(?:[\s./-]?\p{Nd}){5,}|\S@\S+\.\p{L}|^[^=@]*\w:\/\/|\bwww\.|^\s*[[{].*[\]}]\s*$|\[object \w+\]|#(?:REF|N\/A|NAME|VALUE|DIV\/0|NUM|NULL|NOM|VALEUR)[!?]?/iu;

/** Whether something stands in a name, or beside it, that is none: `Ali 0559446203`, `ali@example.com`, `#REF!`. */
export const holdsOther = (name: string): boolean => !PLAIN.test(name) && OTHER.test(name);
