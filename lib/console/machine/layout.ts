import type { Edge, Graph, Node } from "./graph.ts";

/** A point of a picture, in pixels. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A state, and where its box stands. */
export interface Placed extends Node, Point {
  readonly width: number;
  readonly height: number;
}

/** A way from a state to another, as the path of an SVG, with what it is called and where. */
export interface Way {
  readonly path: string;
  /** Leads back to where a run was. */
  readonly back: boolean;
  readonly called?: Point & { readonly text: string };
}

/** Where everything of a machine stands, and the size of all of it. */
export interface Layout {
  readonly nodes: readonly Placed[];
  readonly ways: readonly Way[];
  readonly width: number;
  readonly height: number;
}

const width = 124;
const height = 38;
const across = 134;
const down = 66;

/** Lays out a machine from a point on. */
export function layOut(graph: Graph, at: Point): Layout {
  const placed = place(graph, at);
  const by = new Map(placed.map((node) => [node.name, node]));
  const right = Math.max(...placed.map(({ x }) => x)) + width;
  let lane = 0;
  const ways = graph.edges.map((edge): Way => {
    const [from, to] = [by.get(edge.from) as Placed, by.get(edge.to) as Placed];
    const back = to.y <= from.y;
    if (back) lane += 1;
    if (back) return wayBack(from, to, edge.label, right + 14 * lane);
    const past = to.x === from.x && to.y - from.y > down;
    return past ? wayPast(from, to, edge.label) : wayDown(from, to, edge.label);
  });
  return {
    nodes: placed,
    ways,
    width: right + 14 * lane + 10 - at.x,
    height: Math.max(...placed.map(({ y }) => y)) + height - at.y,
  };
}

/** Rows by the longest way from the start; within a row in the order of discovery, centred. */
function place({ nodes, edges }: Graph, at: Point): Placed[] {
  const forward = withoutLoops(nodes, edges);
  const row = new Map(nodes.map(({ name }) => [name, 0]));
  for (let n = 0; n < nodes.length; n += 1) {
    for (const { from, to } of forward) {
      row.set(to, Math.max(row.get(to) ?? 0, (row.get(from) ?? 0) + 1));
    }
  }
  // What nothing leads to stands one row above where it leads.
  for (const { name } of nodes.slice(1)) {
    if (forward.some(({ to }) => to === name)) continue;
    const next = forward.filter(({ from }) => from === name).map(({ to }) => row.get(to) ?? 1);
    if (next.length > 0) row.set(name, Math.max(0, Math.min(...next) - 1));
  }
  const rows = Map.groupBy(nodes, ({ name }) => row.get(name) ?? 0);
  const ways = (each: readonly Node[]) => each.filter(({ single }) => !single).length;
  const widest = Math.max(...[...rows.values()].map(ways));
  return [...rows].flatMap(([n, each]) =>
    each.map((node, m) => {
      const column = (widest - ways(each)) / 2 + m - (isAside(node, edges, nodes) ? 1 : 0);
      return { ...node, x: at.x + column * across, y: at.y + n * down, width, height };
    }),
  );
}

/** A halt, and what is chosen after it, stand beside the way of a run that goes well. */
function isAside(node: Node, edges: readonly Edge[], nodes: readonly Node[]): boolean {
  if (node.aside) return true;
  return (
    node.kind === "choice" &&
    edges.some(({ from, to }) => to === node.name && nodes.find(({ name }) => name === from)?.aside)
  );
}

/** Edges that lead on; those that come back to where a walk came from are left out. */
function withoutLoops(nodes: readonly Node[], edges: readonly Edge[]): Edge[] {
  const kept: Edge[] = [];
  const done = new Set<string>();
  const walk = (name: string, way: readonly string[]): void => {
    for (const edge of edges.filter(({ from }) => from === name)) {
      if (edge.to === name || way.includes(edge.to)) continue;
      kept.push(edge);
      if (!done.has(edge.to)) walk(edge.to, [...way, name]);
    }
    done.add(name);
  };
  for (const { name } of nodes) if (!done.has(name)) walk(name, []);
  return kept;
}

function wayDown(from: Placed, to: Placed, text: string): Way {
  const [x1, y1, x2, y2] = [from.x + width / 2, from.y + height, to.x + width / 2, to.y - 2];
  const bend = (y2 - y1) / 2;
  const path = `M${x1} ${y1}C${x1} ${round(y1 + bend)} ${x2} ${round(y2 - bend)} ${x2} ${y2}`;
  return way(path, { x: x1 + (x2 - x1) * 0.68, y: y1 + (y2 - y1) * 0.68 }, text);
}

/** Down beside a column, past the boxes between. */
function wayPast(from: Placed, to: Placed, text: string): Way {
  const lane = from.x - 18;
  const [y1, y2] = [from.y + height / 2, to.y + height / 2];
  const path = `M${from.x} ${y1}H${lane + 8}Q${lane} ${y1} ${lane} ${y1 + 8}V${y2 - 8}Q${lane} ${y2} ${lane + 8} ${y2}H${to.x - 2}`;
  return way(path, { x: lane, y: y1 + 24 }, text);
}

/** Out below the box, and up along a lane of its own at the right. */
function wayBack(from: Placed, to: Placed, text: string, lane: number): Way {
  const x1 = from.x + width / 2 + 24;
  const y1 = from.y + height;
  const turn = y1 + 14;
  const [x2, y2] = [to.x + width + 2, to.y + height / 2 + 4];
  const path = `M${x1} ${y1}V${turn - 6}Q${x1} ${turn} ${x1 + 6} ${turn}H${lane - 8}Q${lane} ${turn} ${lane} ${turn - 8}V${y2 + 8}Q${lane} ${y2} ${lane - 8} ${y2}H${x2}`;
  return way(path, { x: x1 + 30, y: turn - 5 }, text, true);
}

/** Coordinates need a tenth of a pixel. */
export const round = (value: number): number => Math.round(value * 10) / 10;

const way = (path: string, { x, y }: Point, text: string, back = false): Way => ({
  path,
  back,
  ...(text === "" ? {} : { called: { x: round(x), y: round(y + 4), text } }),
});
