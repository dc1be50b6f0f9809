import type { Field } from "../../define/definition.ts";
import { holdsNumber, holdsOther } from "../../normalize/beside-name.ts";
import { type Damage, damageOfName } from "../../normalize/damage.ts";
import { nameOf, namePart, type PersonName, type ReadPart } from "../../normalize/name.ts";
import { nobodysName } from "../../normalize/no-name.ts";
import { remembered } from "../../normalize/remembered.ts";
import { cleanText } from "../../normalize/text.ts";
import type { LegacyRow } from "../../sources/source.ts";
import { type Noted, note, type Proposals } from "./clean-row.ts";

/** All that a part of a name says by itself: looked up once, as looking up is most of what a name costs. */
interface SeenPart {
  readonly read: ReadPart;
  readonly other: boolean;
  readonly number: boolean;
  readonly damage: Damage | null;
}

const seenIn = remembered(
  (text: string): SeenPart => ({
    read: namePart(text),
    other: holdsOther(text),
    number: holdsNumber(text),
    damage: damageOfName(text),
  }),
);

/** Reads the name of a row, and notes what is wrong with it and with its parts. */
export function nameReader(
  field: Extract<Field, { kind: "name" }>,
  at: (column: string) => number,
): (row: LegacyRow, findings: Noted[], proposals: Proposals) => PersonName | null {
  const parts = field.parts.map((column) => ({ column, index: at(column) }));
  const { longest = Number.POSITIVE_INFINITY, placeholders = [], damaged, typed } = field;
  const isNobodys = nobodysName(placeholders, typed === "none");
  return (row, findings, proposals) => {
    const read: ReadPart[] = [];
    let number = false;
    for (const { column, index } of parts) {
      const text = row[index] ?? null;
      if (text === null) {
        read.push("absent");
        continue;
      }
      let seen = seenIn(text);
      if (seen.other) note(findings, "name_not_alone");
      const { damage } = seen;
      if (damage !== null) {
        note(findings, "text_damaged");
        delete proposals[column];
        if (damage.proposal !== null) proposals[column] = cleanText(damage.proposal).text;
        if (damage.certain && damaged === "repair") seen = seenIn(proposals[column] as string);
        else note(findings, "name_damaged");
      }
      number ||= seen.number;
      read.push(seen.read);
    }
    const person = nameOf(read);
    if (person?.unreadablePart) note(findings, "name_part_unreadable");
    if (person && isLonger(person.full, longest)) note(findings, "name_too_long");
    if (person?.folded && isNobodys(person.folded)) note(findings, "name_placeholder");
    else if (number) note(findings, "name_not_alone");
    return person;
  };
}

/** Whether a text has more characters; a rare one is two in memory, and one to people and databases. */
const isLonger = (text: string, longest: number): boolean =>
  text.length > longest && [...text].length > longest;
