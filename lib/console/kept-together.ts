import type { Language } from "../speech/language.ts";

/** What stands as it is, to be copied or sent: no line of it breaks at a mark anyway, or its spaces count. */
const whole = String.raw`<(pre|code|textarea|blockquote|option|style|script)\b[^>]*>[\s\S]*?</\1>`;
const texts = new RegExp(`${whole}|>[^<]+|data-label="[^"]*"`, "gu");

/**
 * A page in French whose lines break at no space that belongs to a mark: before `: ; ? !` and within quotation marks.
 * Texts, a definition's own among them, are written with plain spaces; attributes keep theirs, but for those that a
 * narrow page shows.
 */
export const keptTogether = (page: string, language: Language): string =>
  language === "fr"
    ? page.replace(texts, (text, isWhole: string | undefined) =>
        isWhole === undefined ? joined(text) : text,
      )
    : page;

const joined = (text: string): string =>
  text.replaceAll(/ (?=[:;?!»](?!\w))/gu, "\u00a0").replaceAll(/(?<=«) /gu, "\u00a0");
