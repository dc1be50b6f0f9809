import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";
import { Refusal } from "../services/errors.ts";
import { fieldOf, type PageRequest } from "./request.ts";

/** Makes and checks the token that ties a form to a person and to what it is about. */
export interface FormGuard {
  tokenFor(person: string, about: string): string;
  /**
   * Refuses a POST that did not come from a page made for this person and this, or from a
   * terminal. Errors: `FormNotTrusted`.
   */
  require(request: PageRequest, person: string, about: string): void;
}

/** A guard under a key of its own, derived from the environment's; `site` is where the pages are served. */
export function formGuard(key: Buffer, site: string): FormGuard {
  const own = Buffer.from(hkdfSync("sha256", key, "", "wavegate forms", 32));
  const origin = new URL(site).origin;
  const tokenFor = (person: string, about: string) =>
    createHmac("sha256", own)
      .update(JSON.stringify([person, about]))
      .digest("base64url");
  return {
    tokenFor,
    require(request, person, about) {
      if (!fromOwnSite(request, origin)) throw notTrusted();
      if (request.fromTerminal) return;
      const given = Buffer.from(fieldOf(request, "csrf"));
      const right = Buffer.from(tokenFor(person, about));
      if (given.length !== right.length || !timingSafeEqual(given, right)) throw notTrusted();
    },
  };
}

/**
 * A browser says where a form comes from. Pages sent with `no-referrer` post `Origin: null`, so
 * then `Sec-Fetch-Site` has to say it; a terminal says neither.
 */
function fromOwnSite(request: PageRequest, origin: string): boolean {
  if (request.fetchSite !== undefined && request.fetchSite !== "same-origin") return false;
  if (request.origin !== undefined && request.origin !== "null") return request.origin === origin;
  return request.fetchSite === "same-origin" || request.fromTerminal;
}

const notTrusted = () =>
  new Refusal(
    "FormNotTrusted",
    "This form did not come from the page itself. Nothing was changed; open the page again and fill the form in there.",
  );
