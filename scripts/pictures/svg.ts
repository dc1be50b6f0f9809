import type { Kind as StateKind } from "../../lib/console/machine/graph.ts";
import { type Layout, type Point, round } from "../../lib/console/machine/layout.ts";

export type { Point } from "../../lib/console/machine/layout.ts";

/** What a box stands for decides how it looks. */
export type Kind = StateKind | "store" | "outside";

interface Box extends Point {
  readonly width: number;
  readonly height: number;
  readonly kind: Kind;
  readonly title: string;
  readonly lines?: readonly string[];
  /** Shown when a pointer rests on it. */
  readonly hint?: string;
}

const looks: Readonly<Record<Kind, string>> = {
  step: 'fill="#eef3fb" stroke="#4a6fa5"',
  person: 'fill="#fff3d6" stroke="#b07d12"',
  choice: 'fill="#ffffff" stroke="#8a94a6"',
  child: 'fill="#e6f4ea" stroke="#3b7d4f"',
  good: 'fill="#3b7d4f" stroke="#3b7d4f"',
  bad: 'fill="#b3382c" stroke="#b3382c"',
  store: 'fill="#f3ecfb" stroke="#7a54a8"',
  outside: 'fill="#f4f4f4" stroke="#8a94a6"',
};

const escaped = (text: string): string =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");

/** A box with its title, and lines below it. */
export function box({ x, y, width, height, kind, title, lines = [], hint }: Box): string {
  const ink = kind === "good" || kind === "bad" ? "#ffffff" : "#1d2433";
  const middle = x + width / 2;
  const first = y + height / 2 - lines.length * 7.5 + 4.5;
  const round = kind === "choice" ? height / 2 : 6;
  return [
    "<g>",
    hint ? `<title>${escaped(hint)}</title>` : "",
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${round}" ${looks[kind]} stroke-width="1.5"/>`,
    label({ x: middle, y: first }, title, { ink, bold: true }),
    ...lines.map((line, n) =>
      label({ x: middle, y: first + 15 * (n + 1) }, line, { ink, size: 11 }),
    ),
    "</g>",
  ].join("");
}

/** Text around a point. */
export function label(
  { x, y }: Point,
  text: string,
  { ink = "#1d2433", size = 13, bold = false, anchor = "middle", halo = false } = {},
): string {
  const behind = halo ? ' paint-order="stroke" stroke="#ffffff" stroke-width="4"' : "";
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" font-size="${size}" fill="${ink}"${bold ? ' font-weight="600"' : ""}${behind}>${escaped(text)}</text>`;
}

/** An arrow along a path. */
export const arrow = (path: string, { dashed = false } = {}): string =>
  `<path d="${path}" fill="none" stroke="#5b6577" stroke-width="1.3"${dashed ? ' stroke-dasharray="5 4"' : ""} marker-end="url(#tip)"/>`;

/** A machine as parts of a picture. */
export const drawn = ({ nodes, ways }: Layout): string[] => [
  ...ways.map(
    ({ path, back, called }) =>
      arrow(path, { dashed: back }) +
      (called ? label(called, called.text, { size: 11, ink: "#5b6577", halo: true }) : ""),
  ),
  ...nodes.map(
    (node) =>
      box({ ...node, title: node.name, hint: node.says }) +
      (node.caught
        ? `<circle cx="${node.x + node.width}" cy="${node.y}" r="5" fill="#b3382c" stroke="#ffffff" stroke-width="1.5"/>`
        : ""),
  ),
];

/** A whole picture, readable on light and dark pages. */
export function picture(
  width: number,
  height: number,
  title: string,
  parts: readonly string[],
): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" role="img">
<title>${escaped(title)}</title>
<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0 0 8 4 0 8z" fill="#5b6577"/></marker></defs>
<rect width="${width}" height="${height}" fill="#ffffff"/>
${parts.filter(Boolean).join("\n")}
</svg>
`;
}
