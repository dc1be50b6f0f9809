import { type Html, html } from "../html.ts";
import type { Watched } from "../runs/steps.ts";
import { graphOf } from "./graph.ts";
import { layOut, type Placed } from "./layout.ts";

const room = 24;

/** A state machine as it is defined, with where an execution is; each state leads to what happened there. */
export function machinePicture(
  watched: Pick<Watched, "definition" | "alive" | "current" | "passed" | "failed">,
  says: {
    readonly title: string;
    readonly linkTo: (state: string) => string;
    /** What a state is called to people. */
    readonly called: (state: string) => string;
    /** The same of what leads from one to another. */
    readonly onward: (answer: string) => string;
  },
): Html {
  const { nodes, ways, width, height } = layOut(graphOf(watched.definition), { x: room, y: room });
  const size = { width: Math.ceil(width + 2 * room), height: Math.ceil(height + 2 * room) };
  return html`<svg class="machine" viewBox="0 0 ${size.width} ${size.height}" width="${size.width}" height="${size.height}" role="group" aria-label="${says.title}">
<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path class="tip" d="M0 0 8 4 0 8z"/></marker></defs>
${ways.map(
  ({ path, back, called }) =>
    html`<path class="way${back && " back"}" d="${path}" marker-end="url(#tip)"/>${called && html`<text class="called" x="${called.x}" y="${called.y}">${says.onward(called.text)}</text>`}`,
)}
${nodes.map((node) => box(node, watched, says))}
</svg>`;
}

function box(
  { name, kind, x, y, width, height, says }: Placed,
  { alive, current, passed, failed }: Pick<Watched, "alive" | "current" | "passed" | "failed">,
  { linkTo, called }: { linkTo: (state: string) => string; called: (state: string) => string },
): Html {
  const now = name === current;
  const state =
    now && alive
      ? "now"
      : failed.has(name)
        ? "failed"
        : now
          ? "last"
          : passed.has(name)
            ? "passed"
            : "";
  const round = kind === "choice" ? height / 2 : 6;
  return html`<a href="${linkTo(name)}" class="state ${kind} ${state}"${now && html` aria-current="step"`}><title>${says}</title><rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${round}"/><text x="${x + width / 2}" y="${y + height / 2 + 4.5}">${called(name)}</text></a>`;
}
