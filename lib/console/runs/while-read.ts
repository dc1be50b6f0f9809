import type { Run } from "../../data/runs.ts";
import { toldWhileRead } from "../../speech/while-read.ts";
import { type Html, html } from "../html.ts";
import type { Visit } from "../route.ts";

/** That the source was not the same all the while it was read (R3); nothing where it was. */
export const whileReadNotes = (texts: Visit["texts"], counts: Run["counts"]): Html[] =>
  toldWhileRead.flatMap((what) => {
    const rows = counts[what];
    return rows === undefined ? [] : html`<p class="note warn">${texts.whileRead[what](rows)}</p>`;
  });
