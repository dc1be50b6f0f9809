import type { Field, Migration } from "../../define/definition.ts";
import { dateReader, momentReader } from "../../normalize/moment.ts";
import type { LegacyRow } from "../../sources/source.ts";
import { type Problem, warning } from "../problem.ts";

/** The same format with day and month in each other's place; undefined where it has not both in digits. */
function swapped(format: string): string | undefined {
  const tokens = format.match(/'[^']*'|MMM|MM?|dd?|[^Md']+/gu) ?? [];
  const turned = tokens.map((token) =>
    /^MM?$/u.test(token)
      ? "d".repeat(token.length)
      : /^dd?$/u.test(token)
        ? "M".repeat(token.length)
        : token,
  );
  const has = (letter: RegExp) => tokens.some((token) => letter.test(token));
  return has(/^MM?$/u) && has(/^dd?$/u) && !has(/^MMM$/u) ? turned.join("") : undefined;
}

/** A field of days whose order of day and month its format says, and how its values read in both orders. */
interface Ordered {
  readonly name: string;
  readonly from: string;
  readonly format: string;
  readonly read: (raw: string | null) => string | null;
  readonly turned: (raw: string | null) => string | null;
  only: number;
  both: number;
}

/** Days that are days in the other order alone, where others may be either: whoever typed them did not all mean one order. */
export class DayOrder {
  readonly #fields: readonly Ordered[];

  constructor({ entity }: Migration) {
    this.#fields = Object.entries(entity.fields).flatMap(([name, field]) => orderedOf(name, field));
  }

  note(row: LegacyRow, columns: readonly string[]): void {
    for (const field of this.#fields) {
      const raw = row[columns.indexOf(field.from)] ?? null;
      if (raw === null) continue;
      const own = field.read(raw);
      const turned = field.turned(raw);
      if (turned === null || own === turned) continue;
      if (own === null) field.only += 1;
      else field.both += 1;
    }
  }

  problems(): Problem[] {
    return this.#fields
      .filter(({ only, both }) => only > 0 && both > 0)
      .map(({ name, format, only, both }) =>
        warning(
          "day_order",
          name,
          `“${name}” is read as ${format}, and ${only} of its values ${only === 1 ? "is a day" : "are days"} with day and month the other way round alone: others that both ways are days may be meant so as well, and nothing holds them.`,
          "Find out who wrote which: correct them in a copy of the source, or name both formats, `dd/MM/yyyy or MM/dd/yyyy`, and what is two days is held.",
          both,
        ),
      );
  }
}

function orderedOf(name: string, field: Field): Ordered[] {
  if (!("format" in field) || field.format === undefined || !("from" in field)) return [];
  const other = swapped(field.format);
  if (
    other === undefined ||
    !["date", "birth_date", "timestamp", "created_at"].includes(field.kind)
  )
    return [];
  const make = field.kind === "date" || field.kind === "birth_date" ? dateReader : momentReader;
  const reader = (format: string) => {
    const read = make({ format });
    return (raw: string | null) => read(raw).value;
  };
  const counted = { only: 0, both: 0 };
  const { from, format } = field;
  return [{ name, from, format, read: reader(format), turned: reader(other), ...counted }];
}
