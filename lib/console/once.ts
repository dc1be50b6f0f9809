import { type Html, html } from "./html.ts";
import { fieldOf, type PageRequest } from "./request.ts";

/**
 * How far the log went that a page showed: a form that begins something or lets it go on begins it once, however often it
 * is sent, and nothing behind what somebody else began since.
 */
export const seenField = (entries: number): Html =>
  html`<input type="hidden" name="seen" value="${entries}">`;

/** The wave that a page showed as the next one; undefined of a form that was sent without. */
export const waveIn = (request: PageRequest): number | undefined => numberIn(request, "wave");

/** The newest entry of the run's log that its page showed; undefined of a form that was sent without. */
export const seenIn = (request: PageRequest): number | undefined => numberIn(request, "seen");

function numberIn(request: PageRequest, name: string): number | undefined {
  const [digits] = /^\d{1,9}$/u.exec(fieldOf(request, name)) ?? [];
  return digits === undefined ? undefined : Number(digits);
}
