/**
 * Characters that no text is written with: what could not be read (U+FFFD, U+FFFC), control characters
 * that are no white space, places of private use, and codes that are no character.
 */
const NO_CHARACTER = /[\uFFFC\uFFFD\p{Co}\p{Cn}[\p{Cc}--[\t-\r]]]/v;

/** Latin, Cyrillic and Arabic, and what stands between words: most texts hold nothing else. */
const USUAL = /^[\t-\r\x20-\x7E\u00A0-\u0377\u0400-\u052F\u0600-\u06FF\u2010-\u2027]*$/;

/** Whether a text holds what is no character of any script: something stood there that is lost. */
export const lettersLost = (text: string): boolean => !USUAL.test(text) && NO_CHARACTER.test(text);
