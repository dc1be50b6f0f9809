import type { PinnedLook } from "../../evidence/pinned.ts";
import type { StagedFilter } from "../../stages/wave/page-ids.ts";
import { type StagedPage, usualRows } from "../../stages/wave/staged-page.ts";
import { html, type Part } from "../html.ts";
import { at } from "../paths.ts";
import type { Visit } from "../route.ts";
import { filterIn, idIn, inAddress } from "./filter.ts";

/** The list from which somebody goes through rows one by one, and where of it they are. */
export interface Among {
  readonly filter: StagedFilter;
  /** The row behind which the page of the list begins. */
  readonly after: number | undefined;
  /** Rows of that page that stand before this one. */
  readonly nth: number;
}

/** The list that an address was opened from; undefined where it was opened from none. */
export function amongIn(query: URLSearchParams, look: PinnedLook): Among | undefined {
  const nth = query.get("nth") ?? "";
  if (!/^\d{1,3}$/u.test(nth)) return undefined;
  return { filter: filterIn(query, look), after: idIn(query, "after"), nth: Number(nth) };
}

/** The same as a part of an address. */
export const amongAddress = ({ filter, after, nth }: Among): string =>
  new URLSearchParams({
    ...inAddress(filter),
    ...(after === undefined ? {} : { after: String(after) }),
    nth: String(nth),
  }).toString();

/** What a form sent of such a list, as an address has it again; nothing of anything else. */
export function amongSent(sent: string): string {
  const query = new URLSearchParams(sent.slice(0, 1_000));
  return query.has("nth") ? `?${query}` : "";
}

/** A row opened from a list, or from none. */
export const rowAddress = (
  reference: string,
  id: number | string,
  among: Among | undefined,
): string =>
  among === undefined ? at.row(reference, id) : `${at.row(reference, id)}?${amongAddress(among)}`;

/** The next one of a list, and where it stands there. */
const nextOf = (among: Among, row: number): Among =>
  among.nth + 1 < usualRows ? { ...among, nth: among.nth + 1 } : { ...among, after: row, nth: 0 };

/** The ways back to the list, to where its row stands, and to the next of its rows; each says its key. */
export function amongWays(
  { texts }: Visit,
  reference: string,
  row: number,
  { among, next }: { readonly among: Among; readonly next: StagedPage },
): Part {
  const list = {
    ...inAddress(among.filter),
    ...(among.after === undefined ? {} : { after: String(among.after) }),
  };
  const [following] = next.rows;
  const on =
    following !== undefined
      ? rowAddress(reference, following.id, nextOf(among, row))
      : next.next !== null &&
        `${at.rows(reference)}?${new URLSearchParams({ ...list, after: String(next.next) })}`;
  return html`<nav aria-label="${texts.theseRows}"><a href="${at.rows(reference)}?${new URLSearchParams(list).toString()}#row-${row}" data-key="l" aria-keyshortcuts="l">${texts.backToTheseRows}<kbd aria-hidden="true">l</kbd></a> ${on === false ? html`<span class="soft">${texts.lastOfTheseRows}</span>` : html`<a href="${on}" data-key="n" aria-keyshortcuts="n">${texts.nextOfTheseRows}<kbd aria-hidden="true">n</kbd></a>`}</nav>`;
}
