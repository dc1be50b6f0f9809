import type { Condition, Migration } from "../../define/definition.ts";
import { holds } from "./condition.ts";
import type { Row } from "./row.ts";

/** Rows for which each figure of a dry run holds, counted again from an export. */
export class Figures {
  readonly #counted = new Map<string, Figure>();

  constructor(parts: readonly Migration[]) {
    for (const of of parts) {
      for (const condition of conditionsOf(of)) {
        this.#counted.set(nameOf(of, condition), { of, condition, rows: 0, unknown: false });
      }
    }
  }

  note(row: Row, part: Migration | undefined): void {
    for (const figure of this.#counted.values()) {
      if (figure.unknown || figure.of !== part) continue;
      const is = holds(figure.condition, row);
      if (is === undefined) figure.unknown = true;
      if (is === true) figure.rows += 1;
    }
  }

  /** How many rows; undefined where an export does not tell. */
  of(part: Migration, condition: Condition): number | undefined {
    const figure = this.#counted.get(nameOf(part, condition));
    return figure === undefined || figure.unknown ? undefined : figure.rows;
  }
}

interface Figure {
  readonly of: Migration;
  readonly condition: Condition;
  rows: number;
  unknown: boolean;
}

const nameOf = ({ part = "" }: Migration, condition: Condition): string =>
  `${part} ${JSON.stringify(condition)}`;

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
