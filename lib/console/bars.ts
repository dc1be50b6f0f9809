import { type Html, html } from "./html.ts";

/** A part of a bar: how much, and the class that colours it. */
interface BarPart {
  readonly kind: string;
  readonly value: number;
}

/**
 * Parts of a whole as one bar, drawn here: it reads in print and in the dark. What it shows stands in words
 * beside it, so that nobody has to see it.
 */
export function bar(parts: readonly BarPart[], whole: number): Html {
  let at = 0;
  const drawn = parts
    .filter(({ value }) => value > 0 && whole > 0)
    .map(({ kind, value }) => {
      const [x, width] = [at, (value / whole) * 100];
      at += width;
      return html`<rect class="${kind}" x="${x.toFixed(3)}" y="0" width="${width.toFixed(3)}" height="8"/>`;
    });
  return html`<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" focusable="false"><rect class="rest" width="100" height="8"/>${drawn}</svg>`;
}
