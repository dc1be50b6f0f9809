import type { Condition, Migration } from "../../define/definition.ts";
import { holds } from "./condition.ts";
import type { Row } from "./row.ts";

/** Rows for which each figure of a dry run holds, counted again from an export. */
export class Figures {
  readonly #counted = new Map<string, { condition: Condition; rows: number; unknown: boolean }>();

  constructor(definition: Migration | undefined) {
    for (const condition of definition ? conditionsOf(definition) : []) {
      this.#counted.set(JSON.stringify(condition), { condition, rows: 0, unknown: false });
    }
  }

  note(row: Row): void {
    for (const figure of this.#counted.values()) {
      if (figure.unknown) continue;
      const is = holds(figure.condition, row);
      if (is === undefined) figure.unknown = true;
      if (is === true) figure.rows += 1;
    }
  }

  /** How many rows; undefined where an export does not tell. */
  of(condition: Condition): number | undefined {
    const figure = this.#counted.get(JSON.stringify(condition));
    return figure === undefined || figure.unknown ? undefined : figure.rows;
  }
}

/** The rows of a section for which none of its lines holds. */
export const restOf = (lines: readonly { readonly when: Condition }[]): Condition => ({
  not: { any: lines.map(({ when }) => when) },
});

/** What a share is of: the rows of its part, and of the whole. */
export const shareOf = (share: Condition, of: Condition | undefined): Condition =>
  of === undefined ? share : { all: [share, of] };

function conditionsOf({ report, stops }: Migration): Condition[] {
  return [
    ...report.counts.map(({ when }) => when),
    ...report.sections.flatMap(({ lines }) => [...lines.map(({ when }) => when), restOf(lines)]),
    ...stops.flatMap(({ measure }) => {
      if ("takenForReal" in measure) return [];
      if ("rows" in measure) return [measure.rows];
      return [shareOf(measure.share, measure.of), ...(measure.of ? [measure.of] : [])];
    }),
  ];
}
