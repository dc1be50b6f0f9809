import type { Definition, State } from "./asl.ts";

/** What a state does, which decides how it looks. */
export type Kind = "step" | "person" | "choice" | "child" | "good" | "bad";

/** A state as the picture shows it. */
export interface Node {
  readonly name: string;
  readonly kind: Kind;
  readonly says: string;
  /** Whether its failure leads somewhere else than to the end. */
  readonly caught: boolean;
  /** Whether errors lead here. */
  readonly aside: boolean;
  /** Whether only a run of this single stage comes here; it then ends. */
  readonly single: boolean;
}

export interface Edge {
  readonly from: string;
  readonly to: string;
  readonly label: string;
}

export interface Graph {
  readonly nodes: readonly Node[];
  readonly edges: readonly Edge[];
}

/**
 * What a definition does when it is run whole: choices that only look whether a single stage was
 * asked for are passed through, and what happens on errors is said by a mark instead of an arrow.
 */
export function graphOf({ States, StartAt }: Definition): Graph {
  const edges: Edge[] = [];
  const nodes: Node[] = [];
  const waiting = [whole(States, StartAt)];
  const seen = new Set(waiting);
  for (const name of waiting) {
    const state = States[name] as State;
    nodes.push(nodeOf(name, state));
    for (const { to, label } of waysOf(States, state)) {
      const target = whole(States, to);
      if (!edges.some((edge) => edge.from === name && edge.to === target)) {
        edges.push({ from: name, to: target, label });
      }
      if (!seen.has(target)) {
        seen.add(target);
        waiting.push(target);
      }
    }
  }
  return withSingleStages(States, withHalts(States, { nodes, edges }));
}

/** Where a run that was asked for whole goes on. */
function whole(states: Definition["States"], name: string): string {
  const state = states[name] as State;
  const passed =
    (state.Type === "Pass" || (state.Type === "Choice" && choosesByOnly(state))) &&
    (state.Default ?? state.Next);
  return passed && !doesElse(states, state, passed) ? whole(states, passed) : name;
}

/** Whether a choice leads straight to work that is not where it leads otherwise, and not a single stage. */
const doesElse = (
  states: Definition["States"],
  { Choices = [] }: State,
  otherwise: string,
): boolean =>
  Choices.some(
    (choice) =>
      !/"\$\.only"/.test(JSON.stringify(choice)) &&
      states[choice.Next]?.Type === "Task" &&
      choice.Next !== whole(states, otherwise),
  );

const choosesByOnly = ({ Choices = [] }: State): boolean =>
  Choices.every(
    (choice) => !("StringEquals" in choice) || /"\$\.only"/.test(JSON.stringify(choice)),
  );

/** Where a choice sends what a function did not answer: an error's way, which has no arrow. */
const incomplete = "AnswerIncomplete";

function waysOf(states: Definition["States"], state: State): { to: string; label: string }[] {
  const choices = (state.Choices ?? [])
    .filter(({ Next }) => Next !== incomplete)
    .filter((choice) => !/"\$\.only"/.test(JSON.stringify(choice)))
    .map((choice) => ({ to: choice.Next, label: String(choice.StringEquals ?? "") }));
  const next = [state.Next, state.Default].find((name) => name && name !== incomplete);
  return [...choices, ...(next && states[next] ? [{ to: next, label: "" }] : [])];
}

function nodeOf(name: string, state: State): Node {
  const inner = state.ItemProcessor ? Object.values(state.ItemProcessor.States)[0] : undefined;
  const says = inner?.Comment ?? state.Comment ?? state.Error ?? "";
  return {
    name,
    kind: kindOf(state),
    says,
    caught: (state.Catch ?? []).length > 0,
    aside: false,
    single: false,
  };
}

function kindOf({ Type, Resource = "" }: State): Kind {
  if (Type === "Succeed") return "good";
  if (Type === "Fail") return "bad";
  if (Type === "Choice") return "choice";
  if (Resource.endsWith(".waitForTaskToken")) return "person";
  return Resource.includes("startExecution") ? "child" : "step";
}

/** A halt is reached by errors alone: it is shown beside, with where it leads. */
function withHalts(states: Definition["States"], graph: Graph): Graph {
  const caught = new Set(
    graph.nodes.flatMap(({ name }) =>
      (states[name]?.Catch ?? []).map(({ Next }) => whole(states, Next)),
    ),
  );
  const missing = [...caught].filter(
    (name) => states[name]?.Type === "Task" && !graph.nodes.some((node) => node.name === name),
  );
  const edges = [...graph.edges, ...missing.flatMap((name) => edgesFrom(states, name))];
  const known = new Set([...graph.nodes.map(({ name }) => name), ...missing]);
  const beside = [
    ...new Set([...missing, ...edges.map(({ to }) => to).filter((name) => !known.has(name))]),
  ];
  const nodes = [...graph.nodes, ...beside.map((name) => nodeOf(name, states[name] as State))];
  return {
    nodes: nodes.map((node) => ({
      ...node,
      aside: node.kind === "person" && caught.has(node.name),
    })),
    edges,
  };
}

const edgesFrom = (states: Definition["States"], name: string): Edge[] =>
  waysOf(states, states[name] as State).map(({ to, label }) => ({
    from: name,
    to: whole(states, to),
    label,
  }));

/** Tasks that only a run of one single stage comes to. */
function withSingleStages(states: Definition["States"], graph: Graph): Graph {
  const missing = Object.entries(states).filter(
    ([name, { Type }]) => Type === "Task" && !graph.nodes.some((node) => node.name === name),
  );
  return {
    nodes: [
      ...graph.nodes,
      ...missing.map(([name, state]) => ({ ...nodeOf(name, state), single: true })),
    ],
    edges: [
      ...graph.edges,
      ...missing.flatMap(([name]) =>
        Object.entries(states)
          .filter(([, { Choices = [] }]) => Choices.some(({ Next }) => Next === name))
          .map(([from]) => ({ from, to: name, label: "that alone" })),
      ),
    ],
  };
}
