import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A part of a file, from and up to an offset. */
export interface Place {
  readonly file: string;
  readonly from: number;
  readonly upTo: number;
}

/** What a schema's file begins to make: a function, a table or a view, by its name. */
const makes =
  /\bcreate (?:or replace )?(?:unique )?(?:function|table|view)(?: if not exists)? wavegate\.(\w+)/g;

/** Where TypeScript names what a schema's file makes. Nothing tells what of SQL ran, but what sends it is told. */
export class Callers {
  readonly #root: string;
  #texts: readonly (readonly [file: string, text: string])[] | undefined;

  constructor(root: string) {
    this.#root = root;
  }

  /**
   * Where what is made around an offset is named: a function where it is called, one of a trigger where its table is
   * written, a table or a view anywhere.
   */
  of(content: string, at: number): readonly Place[] {
    const made = [...content.matchAll(makes)].filter(({ index }) => index <= at).at(-1);
    if (made === undefined) return [];
    const [, name = ""] = made;
    const tables = [
      ...content.matchAll(
        new RegExp(`\\bon wavegate\\.(\\w+)\\b[^;]*? execute function wavegate\\.${name}\\b`, "g"),
      ),
    ].map(([, table = ""]) => `(?:into|update|from) wavegate\\.${table}\\b`);
    return this.#named([`\\bwavegate\\.${name}\\b`, ...tables].join("|"));
  }

  #named(what: string): readonly Place[] {
    this.#texts ??= globSync("lib/**/*.ts", { cwd: this.#root }).map((file) => [
      file,
      readFileSync(join(this.#root, file), "utf8"),
    ]);
    return this.#texts.flatMap(([file, text]) =>
      [...text.matchAll(new RegExp(what, "g"))].map(({ index, 0: { length } }) => ({
        file,
        from: index,
        upTo: index + length,
      })),
    );
  }
}
