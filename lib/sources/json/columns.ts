import { Members, type Node } from "./node.ts";
import { plainName } from "./reader.ts";

/** What the objects of a file have between them. */
export interface JsonColumns {
  /** Every name, and behind that of an object, with a point between, those in it: `address`, `address.city`. */
  readonly names: readonly string[];
  /** The names by which a column is found, from the outside in. */
  readonly paths: readonly (readonly string[])[];
  /** Of them those that say most: an object only where it has no columns of its own, or so many that it is no row's part. */
  readonly told: readonly string[];
  /** Why a column is known of no row, by its name: in some what it lies in is no object. */
  readonly unclear: ReadonlyMap<string, Unclear>;
  readonly rows: number;
  /** Of a file that is one object: the names of lists of objects in it, which may be the rows that are meant. */
  readonly lists: readonly string[];
}

/** A column that is named in two ways, or the rows in which what it lies in is no object. */
export type Unclear =
  | { readonly kind: "twice" }
  | {
      readonly kind: "within";
      readonly name: string;
      readonly lines: readonly number[];
      readonly rows: number;
    };

/** Names of a row, and names within them: beyond that they are somebody's keys, and no columns. */
export const mostNames = 2_000;
const mostWithin = 5_000;
const deepest = 8;
/** An object with more names than these is offered as one column. */
const mostTold = 30;
const shownLines = 10;

/** A file has more names than a row has columns. */
export class TooManyNames extends Error {}

class Branch {
  readonly of = new Map<string, Branch>();
  /** Lines on which it is something, and no object of which each name stands once. */
  readonly lines: number[] = [];
  others = 0;
}

/** Gathers the names of one object after the other. */
export class ColumnsFound {
  readonly #root = new Branch();
  #within = 0;
  #rows = 0;
  #lists: readonly string[] = [];

  /** Errors: {@link TooManyNames}. */
  take(members: Members, line: number): void {
    this.#rows += 1;
    this.#lists =
      this.#rows > 1
        ? []
        : [...members.of].flatMap(([name, node]) =>
            plainName.test(name) && isListOfObjects(node) ? [name] : [],
          );
    this.#note(this.#root, members, line, 0);
    if (this.#root.of.size > mostNames) throw new TooManyNames();
  }

  conclude(): JsonColumns {
    const names: string[] = [];
    const paths: (readonly string[])[] = [];
    const told: string[] = [];
    const unclear = new Map<string, Unclear>();
    const known = new Set<string>();
    const walk = (
      branch: Branch,
      path: readonly string[],
      above: Unclear | undefined,
      tells: boolean,
    ) => {
      for (const [name, child] of branch.of) {
        const own = [...path, name];
        const column = own.join(".");
        if (known.has(column)) {
          unclear.set(column, { kind: "twice" });
          continue;
        }
        known.add(column);
        names.push(column);
        paths.push(own);
        if (above !== undefined) unclear.set(column, above);
        const { others, lines, of } = child;
        const opens = others === 0 && of.size > 0 && of.size <= mostTold;
        if (tells && !opens) told.push(column);
        const within =
          others === 0
            ? undefined
            : ({ kind: "within", name: column, lines, rows: others } as const);
        walk(child, own, above ?? within, tells && opens);
      }
    };
    walk(this.#root, [], undefined, true);
    return { names, paths, told, unclear, rows: this.#rows, lists: this.#lists };
  }

  #note(branch: Branch, members: Members, line: number, depth: number): void {
    for (const [name, node] of members.of) {
      let child = branch.of.get(name);
      if (child === undefined) {
        if (depth > 0 && this.#within >= mostWithin) continue;
        if (depth > 0) this.#within += 1;
        child = new Branch();
        branch.of.set(name, child);
      }
      if (node instanceof Members && node.twice === undefined) {
        if (depth < deepest) this.#note(child, node, line, depth + 1);
      } else if (node !== null) {
        child.others += 1;
        if (child.lines.length < shownLines) child.lines.push(line);
      }
    }
  }
}

const isListOfObjects = (node: Node): boolean =>
  Array.isArray(node) && node.length > 0 && node.every((each) => each instanceof Members);
