import type { Edge, Graph, Node } from "./graph.ts";
import { arrow, box, label, type Point, round } from "./svg.ts";

const width = 150;
const height = 38;
const across = 186;
const down = 66;

interface Placed extends Node, Point {}

/** A machine as parts of a picture, from a point on; with the size it takes. */
export function drawGraph(
  graph: Graph,
  at: Point,
): { parts: string[]; width: number; height: number } {
  const placed = place(graph, at);
  const by = new Map(placed.map((node) => [node.name, node]));
  const right = Math.max(...placed.map(({ x }) => x)) + width;
  let lane = 0;
  const edges = graph.edges.map((edge) => {
    const [from, to] = [by.get(edge.from) as Placed, by.get(edge.to) as Placed];
    const back = to.y <= from.y;
    if (back) lane += 1;
    if (back) return drawBack(from, to, edge.label, right + 14 * lane);
    const past = to.x === from.x && to.y - from.y > down;
    return past ? drawPast(from, to, edge.label) : drawDown(from, to, edge.label);
  });
  const nodes = placed.map(
    (node) => box({ ...node, width, height, title: node.name, hint: node.says }) + mark(node),
  );
  return {
    parts: [...edges, ...nodes],
    width: right + 14 * lane + 10 - at.x,
    height: Math.max(...placed.map(({ y }) => y)) + height - at.y,
  };
}

const mark = ({ caught, x, y }: Placed): string =>
  caught
    ? `<circle cx="${x + width}" cy="${y}" r="5" fill="#b3382c" stroke="#ffffff" stroke-width="1.5"/>`
    : "";

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
      return { ...node, x: at.x + column * across, y: at.y + n * down };
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

/** Edges that lead on; those that lead back to where a walk came from are left out. */
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

function drawDown(from: Placed, to: Placed, text: string): string {
  const [x1, y1, x2, y2] = [from.x + width / 2, from.y + height, to.x + width / 2, to.y - 2];
  const bend = (y2 - y1) / 2;
  const path = `M${x1} ${y1}C${x1} ${round(y1 + bend)} ${x2} ${round(y2 - bend)} ${x2} ${y2}`;
  return (
    arrow(path) + (text ? named({ x: x1 + (x2 - x1) * 0.68, y: y1 + (y2 - y1) * 0.68 }, text) : "")
  );
}

/** Down beside a column, past the boxes between. */
function drawPast(from: Placed, to: Placed, text: string): string {
  const lane = from.x - 18;
  const [y1, y2] = [from.y + height / 2, to.y + height / 2];
  const path = `M${from.x} ${y1}H${lane + 8}Q${lane} ${y1} ${lane} ${y1 + 8}V${y2 - 8}Q${lane} ${y2} ${lane + 8} ${y2}H${to.x - 2}`;
  return arrow(path) + (text ? named({ x: lane, y: y1 + 24 }, text) : "");
}

/** Out below the box, and up along a lane of its own at the right. */
function drawBack(from: Placed, to: Placed, text: string, lane: number): string {
  const x1 = from.x + width / 2 + 24;
  const y1 = from.y + height;
  const turn = y1 + 14;
  const [x2, y2] = [to.x + width + 2, to.y + height / 2 + 4];
  const path = `M${x1} ${y1}V${turn - 6}Q${x1} ${turn} ${x1 + 6} ${turn}H${lane - 8}Q${lane} ${turn} ${lane} ${turn - 8}V${y2 + 8}Q${lane} ${y2} ${lane - 8} ${y2}H${x2}`;
  return arrow(path, { dashed: true }) + (text ? named({ x: x1 + 30, y: turn - 5 }, text) : "");
}

const named = (at: Point, text: string): string =>
  label({ x: at.x, y: at.y + 4 }, text, { size: 11, ink: "#5b6577", halo: true });
