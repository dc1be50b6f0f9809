import type { Field, Migration } from "../define/definition.ts";
import type { Finding } from "../define/findings.ts";
import { normalizeDate, normalizeTimestamp } from "../normalize/date.ts";
import { normalizeEmail } from "../normalize/email.ts";
import { personName } from "../normalize/name.ts";
import { normalizePhone } from "../normalize/phone.ts";
import { normalizeReference } from "../normalize/reference.ts";
import { normalizeStatus } from "../normalize/status.ts";
import { cleanText } from "../normalize/text.ts";
import type { LegacyRow } from "../sources/source.ts";

/**
 * A row on its way to staging: first the cleaned source columns, an array in their order, then the
 * values that are made from them, in the order of `importedColumns` (lib/compile/columns.ts).
 */
export type StagedValues = unknown[];

/** Text columns beyond this length are cut in `raw_payload`, so that a row stays below 64 KB (Data API). */
const longestText = 8_000;

/**
 * Makes the function that turns the rows of one legacy table into staged values. It is called once
 * for each row of a migration, so everything that can be looked up is looked up here.
 *
 * @param today day by which birth dates are judged, `YYYY-MM-DD`: the run's, so that it never shifts
 */
export function rowImporter(migration: Migration, table: string, today: string) {
  const source = migration.source[table];
  if (!source) throw new Error(`“${migration.name}” declares no table “${table}”.`);
  const position = new Map(source.columns.map((column, index) => [column, index]));
  const at = (column: string): number => {
    const index = position.get(column);
    if (index === undefined) throw new Error(`“${table}” declares no column “${column}”.`);
    return index;
  };
  const writers = Object.entries(migration.entity.fields).map(([name, field]) =>
    writer(name, field, at, today),
  );

  return (row: LegacyRow): StagedValues => {
    const findings: Noted[] = [];
    const clean: LegacyRow = row.map((value) => cleanValue(value, findings));
    const values: StagedValues = [clean];
    for (const write of writers) write(clean, values, findings);
    values.push(orNull(findings));
    return values;
  };
}

function cleanValue(value: string | null | undefined, findings: Noted[]): string | null {
  if (value === null || value === undefined) return null;
  const { text, stripped } = cleanText(value);
  if (stripped > 0) note(findings, "text_repaired");
  // A character that the legacy system itself could not read stands as U+FFFD.
  if (text.includes("\uFFFD")) note(findings, "text_repaired");
  if (text.length <= longestText) return text;
  note(findings, "text_cut");
  return text.slice(0, longestText).toWellFormed();
}

/** Nothing where a list is empty: most are, and nothing takes no room. */
const orNull = (list: readonly string[]): readonly string[] | null =>
  list.length === 0 ? null : list;

/** A finding, and which of the fields it is about. */
type Noted = Finding | `${string}_unreadable`;

const note = (findings: Noted[], finding: Noted): void => {
  if (!findings.includes(finding)) findings.push(finding);
};

type Writer = (row: LegacyRow, values: StagedValues, findings: Noted[]) => void;

function writer(name: string, field: Field, at: (column: string) => number, today: string): Writer {
  switch (field.kind) {
    case "name": {
      const parts = field.parts.map(at);
      return (row, values, findings) => {
        const person = personName(parts.map((index) => row[index] ?? null));
        if (person?.unreadablePart) note(findings, "name_part_unreadable");
        values.push(person?.full ?? null, person?.folded ?? null, person?.key ?? null);
      };
    }
    case "phone": {
      const index = at(field.from);
      return (row, values, findings) => {
        const value = row[index] ?? null;
        const { phone, alternates, reason } = normalizePhone(value, field.region);
        if (reason !== null && reason !== "missing") note(findings, "phone_invalid");
        values.push(phone, orNull(alternates));
      };
    }
    case "email": {
      const index = at(field.from);
      const placeholders = [...field.placeholders];
      return (row, values, findings) => {
        const value = row[index] ?? null;
        const { email, reason } = normalizeEmail(value, placeholders);
        if (reason !== null && reason !== "missing") note(findings, `email_${reason}`);
        values.push(email);
      };
    }
    case "birth_date": {
      const index = at(field.from);
      return (row, values, findings) => {
        const { date, reason } = normalizeDate(row[index] ?? null, today);
        if (reason === "zero") note(findings, "birth_date_zero");
        else if (reason !== null && reason !== "missing") note(findings, "birth_date_impossible");
        values.push(date);
      };
    }
    case "status": {
      const index = at(field.from);
      return (row, values) => void values.push(normalizeStatus(row[index] ?? null));
    }
    case "created_at": {
      const index = at(field.from);
      return (row, values, findings) => {
        const { time, reason } = normalizeTimestamp(row[index] ?? null);
        if (reason === "unreadable") note(findings, "created_at_unreadable");
        values.push(time);
      };
    }
    case "reference": {
      const index = at(field.from);
      return (row, values, findings) => {
        const { id, reason } = normalizeReference(row[index] ?? null);
        if (reason === "unreadable") {
          note(findings, "reference_unreadable");
          note(findings, `${name}_unreadable`);
        }
        values.push(id);
      };
    }
  }
}
