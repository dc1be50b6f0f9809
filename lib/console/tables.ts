import { type Html, html, type Part } from "./html.ts";

/** Text from outside, kept apart from the direction of what stands around it. */
export const text = (value: string): Html => html`<bdi>${value}</bdi>`;

/** A list of names and values. */
export const facts = (pairs: readonly (readonly [string, Part])[]): Html =>
  html`<dl class="facts">${pairs.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
