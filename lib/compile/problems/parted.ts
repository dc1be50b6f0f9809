import type { SourceTable } from "../../define/definition.ts";
import { keyColumns } from "../../define/keys.ts";
import { partsNothing } from "../../define/marks.ts";
import { type Parted, partNames } from "../../define/parted.ts";

/** What is wrong with columns of a table that are parts of others. */
export function partedProblems([name, table]: readonly [string, SourceTable]): string[] {
  const { parted = {}, key, columns, named = {}, inherited = {} } = table;
  const wholes = Object.entries(parted);
  if (wholes.length === 0) return [];
  const says = (problem: string) => `“${name}” ${problem}`;
  if (table.made !== undefined || table.rows !== undefined)
    return [says("is not read from the source, and none of its columns can be parted.")];
  const parts = wholes.flatMap(([, how]) => partNames(how));
  const keys = keyColumns(key);
  const lending = Object.values(inherited).flatMap(({ named, by }) => [named, ...by]);
  return [
    ...wholes
      .filter(([whole]) => !columns.includes(whole) || parts.includes(whole))
      .map(([whole]) => says(`parts “${whole}”, which is no column that is read.`)),
    ...wholes.flatMap(([whole, how]) =>
      wayProblems(how).map((of) => says(`parts “${whole}” ${of}`)),
    ),
    ...parts
      .filter((part, at) => parts.indexOf(part) < at)
      .map((part) => says(`has two parts “${part}”.`)),
    ...parts
      .filter((part) => keys.includes(part))
      .map((part) =>
        says(
          `is known by “${part}”, which is a part: rows are read in the order of their keys, which only whole columns have.`,
        ),
      ),
    ...parts
      .filter(
        (part) =>
          Object.hasOwn(named, part) || Object.hasOwn(inherited, part) || lending.includes(part),
      )
      .map((part) =>
        says(
          `has “${part}” as a part, and says of it what only a column of the source can be: another name, or what it has of another row. Say so of the whole column.`,
        ),
      ),
  ];
}

function wayProblems(how: Parted): string[] {
  if ("bits" in how) {
    const unfit = Object.entries(how.bits).filter(
      ([, mask]) => !Number.isSafeInteger(mask) || mask <= 0,
    );
    return [
      ...unfit.map(
        ([part, mask]) =>
          `by ${mask} for “${part}”: the value of a bit is a whole number above 0, such as 4.`,
      ),
      ...(Object.keys(how.bits).length === 0 ? ["into nothing."] : []),
    ];
  }
  if ("widths" in how) {
    const fit = how.widths.every((width) => Number.isSafeInteger(width) && width > 0);
    const count = how.widths.length;
    return [
      ...(fit && count > 0 ? [] : ["by no widths: each is a whole number of characters above 0."]),
      ...([count, count + 1].includes(how.into.length)
        ? []
        : [
            `into ${how.into.length === 1 ? "1 column" : `${how.into.length} columns`} by ${count === 1 ? "1 width" : `${count} widths`}: name one for each, and perhaps one for what is left.`,
          ]),
    ];
  }
  return [
    ...(partsNothing(how.by) ? ["by nothing: say the mark between its parts."] : []),
    ...(how.into.length < 2 ? ["into fewer than two columns."] : []),
  ];
}
