/** A value of JSON as it stands in a file: a text as what it says, a number as it is written. */
export type Node = null | string | Plain | readonly Node[] | Members;

/** A number, `true`, `false`, or what some programs write for a number that is none: to the letter. */
export class Plain {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What an object holds, by its names. A map: of `__proto__` and `constructor` nothing else is meant. */
export class Members {
  readonly of = new Map<string, Node>();
  /** A name that stands twice in it, and then the object as it is written: which of the values counts nobody can tell. */
  twice: { readonly name: string; text: string } | undefined;
}

/**
 * A value as a source hands it on: null is null, a text what it says, a number its digits, a list or an object JSON.
 * Half a pair stands for no letter: in its place is the mark of one that is lost.
 */
export function textOf(node: Node | undefined): string | null {
  if (node === null || node === undefined) return null;
  if (typeof node === "string") return node.isWellFormed() ? node : node.toWellFormed();
  return jsonOf(node);
}

function jsonOf(node: Node): string {
  if (node === null) return "null";
  if (typeof node === "string") return JSON.stringify(node);
  if (node instanceof Plain) return node.text;
  if (!(node instanceof Members)) return `[${node.map(jsonOf).join(",")}]`;
  if (node.twice !== undefined) return node.twice.text;
  const members = [...node.of].map(([name, value]) => `${JSON.stringify(name)}:${jsonOf(value)}`);
  return `{${members.join(",")}}`;
}

/** What lies at a path of names in an object. */
export function within(members: Members, path: readonly string[]): Node | undefined {
  let node: Node | undefined = members;
  for (const name of path) {
    if (!(node instanceof Members)) return undefined;
    node = node.of.get(name);
  }
  return node;
}
