import { createHash } from "node:crypto";
import type { Condition, Migration } from "../../define/definition.ts";
import { holds } from "./condition.ts";
import { partOfRow, type Row } from "./row.ts";

/** The samples drawn again (R9): of each quota the first rows in the order of md5(seed:quota:id). */
export class Lots {
  /** By quota: the ids of the first rows, in order, of rows that are certainly of the quota. */
  readonly #drawn = new Map<string, { id: number; lot: string }[]>();
  readonly #parts: readonly Migration[];
  readonly #seed: string;

  constructor(parts: readonly Migration[], seed: string) {
    this.#parts = parts;
    this.#seed = seed;
  }

  note(row: Row): void {
    for (const quota of partOfRow(this.#parts, row)?.samples ?? []) {
      if (!belongs(quota.when, row)) continue;
      const lot = this.lotOf(quota.id, row.id ?? "");
      const drawn = this.#drawn.get(quota.id) ?? [];
      const last = drawn.at(-1);
      if (drawn.length >= quota.rows && last && last.lot <= lot) continue;
      drawn.push({ id: Number(row.id), lot });
      drawn.sort((one, other) => (one.lot < other.lot ? -1 : 1));
      drawn.splice(quota.rows);
      this.#drawn.set(quota.id, drawn);
    }
  }

  lotOf(quota: string, id: string | number): string {
    return createHash("md5").update(`${this.#seed}:${quota}:${id}`).digest("hex");
  }

  /** The rows of a quota that had to be drawn, as far as the columns of an export tell. */
  first(quota: string): readonly { id: number; lot: string }[] {
    return this.#drawn.get(quota) ?? [];
  }
}

/** Whether a row may belong to a quota, as far as an export tells. */
export const mayBelong = (when: Condition, row: Row): boolean => holds(when, row) !== false;

/** Whether a row belongs to a quota for certain: exports tell of decisions, not of every reference. */
export const belongs = (when: Condition, row: Row): boolean => holds(when, row) === true;
