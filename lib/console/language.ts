import { Refusal } from "../services/errors.ts";
import { acceptedLanguage, type Language, languageNamed } from "../speech/language.ts";
import { type CookieSettings, setCookie } from "./cookies.ts";
import { at } from "./paths.ts";
import { fieldOf, type PageRequest } from "./request.ts";
import { seeOther } from "./response.ts";
import type { SendRoute } from "./route.ts";

const name = "language";
const yearInSeconds = 365 * 24 * 60 * 60;

/** A page of the console to go back to with what it shows, never another site. */
const ownPath =
  /^\/(?:start|sign-off\/|admin\/legacy-imports(?![^/?]))[A-Za-z0-9/_-]*(?:\?[\w.~%&=+*-]*)?$/u;

/** The language somebody chose, or the one their browser prefers; else that of the place. */
export const languageOf = (
  { cookies, acceptLanguage }: Pick<PageRequest, "cookies" | "acceptLanguage">,
  { prefix }: CookieSettings,
  place: Language,
): Language =>
  languageNamed(cookies.get(prefix + name)) ?? acceptedLanguage(acceptLanguage) ?? place;

/** Chooses a language: kept in this browser, and nowhere else. */
export const chooseLanguage = (settings: CookieSettings): SendRoute => ({
  verb: "POST",
  path: at.language,
  takes: ["legacy_imports.view"],
  about: () => at.language,
  asks: () => ({ what: "language" }),
  answer: async ({ request }) => {
    const chosen = languageNamed(fieldOf(request, "language"));
    if (chosen === undefined) {
      throw new Refusal(
        "InputInvalid",
        "The console does not speak this language. Nothing was changed.",
      );
    }
    const to = fieldOf(request, "to");
    const kept = setCookie(settings, { name, value: chosen, seconds: yearInSeconds });
    return { ...seeOther(ownPath.test(to) ? to : at.runs), cookies: [kept] };
  },
});
