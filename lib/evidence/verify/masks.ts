import { type PinnedColumn, pinExport } from "../../compile/shown/export.ts";
import type { Migration } from "../../define/definition.ts";
import { LETTERS } from "../letters.ts";

/** A column of rows with what a masked cell of it looks like (D20); an empty one says nothing. */
type Mask = readonly [column: string, mask: RegExp];

const initial = `[\\p{L}${LETTERS}][\\p{L}\\p{M}]{0,2}\\.`;
const looks = {
  initials: `•••|${initial}(?: ${initial}){0,3}`,
  phone: "•••|[1-9]\\d{0,2}•{3,}\\d\\d",
  email: `•••|[^@]?•••@[${LETTERS}0-9.-]+`,
  year: "\\d{1,6}",
};
const whole = (text: string): RegExp => new RegExp(`^(?:${text})?$`, "u");

/** What rows show of people, whatever the definition is. */
const usual: readonly Mask[] = [
  ["name", whole(looks.initials)],
  ["phone", whole(looks.phone)],
  ["email", whole(looks.email)],
  ["birth_year", whole(looks.year)],
];

/** The columns of people that every list of rows may have. */
export const columnsOfPeople: readonly string[] = usual.map(([column]) => column);

/** The masks of rows of a kind of things, of what would be changed as well; without one, of what is usual. */
export function masksOf(kind: Migration | undefined): readonly Mask[] {
  if (kind === undefined) return usual;
  const { reviewed } = pinExport(kind);
  const own = new Set(reviewed.map(({ name }) => name));
  return [...reviewed.flatMap(ofColumn), ...usual.filter(([column]) => !own.has(column))];
}

function ofColumn({ name, shown, known }: PinnedColumn): readonly Mask[] {
  if (shown !== "changes") {
    return shown in looks ? [[name, whole(looks[shown as keyof typeof looks])]] : [];
  }
  const side = `(?:${Object.values(looks).join("|")})?`;
  const change = `(?:${known.map((each) => each.replaceAll(/[\\^$.*+?()[\]{}|/]/gu, "\\$&")).join("|")}): ${side} > ${side}`;
  return [[name, whole(`'?${change}(?:; ${change})*`)]];
}
