import type { Field, Migration } from "../../define/definition.ts";
import { type Fault, type Finding, namedFinding } from "../../define/findings.ts";
import { keyColumns } from "../../define/keys.ts";
import { normalizeDate, normalizeTimestamp, yearsBefore } from "../../normalize/date.ts";
import { normalizeEmail } from "../../normalize/email.ts";
import { dateReader, momentReader } from "../../normalize/moment.ts";
import { normalizePhone } from "../../normalize/phone.ts";
import { phoneRegions } from "../../normalize/phone-regions.ts";
import { normalizeStatus } from "../../normalize/status.ts";
import type { LegacyRow } from "../../sources/source.ts";
import { type FactsOf, fileOf, rowDigest } from "../files/file-field.ts";
import { type Noted, note, type Proposals, rowCleaner } from "./clean-row.ts";
import { composedOf } from "./composed-field.ts";
import { digestOf } from "./digest-field.ts";
import { firstRead, ofColumn, timestampReader } from "./first-read.ts";
import { listOf } from "./list-field.ts";
import { nameReader } from "./name-field.ts";
import { rangeReader } from "./range-field.ts";
import { readReference } from "./read-reference.ts";
import { templateOf } from "./template-field.ts";
import { asIso, butNone, type Reader, type ReadField, valueReader } from "./value-readers.ts";

/**
 * A row on its way to staging: first the cleaned source columns, an array in their order, then the
 * values that are made from them, in the order of `importedColumns` (lib/compile/columns.ts).
 */
export type StagedValues = [clean: readonly (string | null)[], ...values: unknown[]];

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
    writer({ migration, table, name, at, today }, field),
  );

  const cleaned = rowCleaner(migration, table);

  const made = (row: LegacyRow, facts: FactsOf, part: number): StagedValues => {
    const findings: Noted[] = [];
    const proposals: Proposals = {};
    const clean = cleaned(row, findings, proposals, part);
    const values: StagedValues = [clean];
    for (const write of writers) write(clean, values, findings, proposals, facts);
    values.push(orNull(findings), isEmpty(proposals) ? null : proposals);
    return values;
  };
  /** Letters of a row's texts up to which no request is too long, whatever is made of each. */
  const anyhow = mostLetters / (3 * (writers.length + 1));

  return (row: LegacyRow, facts: FactsOf = new Map()): StagedValues => {
    let values = made(row, facts, 1);
    for (let part = 2; part <= 64 && lettersOf(values[0]) > anyhow && isTooLong(values); part *= 2)
      values = made(row, facts, part);
    return values;
  };
}

/** Letters of a staged row: written as up to six bytes each they fit into a request of 4 MiB. */
const mostLetters = 600_000;

const lettersOf = (texts: readonly (string | null)[]): number => {
  let letters = 0;
  for (const text of texts) letters += text?.length ?? 0;
  return letters;
};

/** Whether a row is more than a request holds, as one of hundreds of long texts is: each of them is cut further then. */
const isTooLong = ([clean, ...values]: StagedValues): boolean =>
  lettersOf(clean) +
    // What stands in staging as it is read is beside it once more.
    lettersOf(clean) +
    lettersOf(values.map((value) => (typeof value === "string" ? value : JSON.stringify(value)))) >
  mostLetters;

function isEmpty(proposals: Proposals): boolean {
  for (const _ in proposals) return false;
  return true;
}

/** Nothing where a list is empty: most are, and nothing takes no room. */
const orNull = (list: readonly string[]): readonly string[] | null =>
  list.length === 0 ? null : list;

type Writer = (
  row: LegacyRow,
  values: StagedValues,
  findings: Noted[],
  proposals: Proposals,
  facts: FactsOf,
) => void;

/** Of which field values are written, and what is known of its table. */
interface Place {
  readonly migration: Migration;
  readonly table: string;
  readonly name: string;
  readonly at: (column: string) => number;
  readonly today: string;
}
type Of<Kind extends Field["kind"]> = Extract<Field, { readonly kind: Kind }>;

function writer(place: Place, field: Field): Writer {
  const { migration, name, at } = place;
  switch (field.kind) {
    case "name": {
      const read = nameReader(field, at);
      return (row, values, findings, proposals) => {
        const person = read(row, findings, proposals);
        values.push(person?.full ?? null, person?.folded ?? null, person?.key ?? null);
      };
    }
    case "phone":
      return phoneWriter(place, field);
    case "email":
      return emailWriter(place, field);
    case "birth_date":
      return birthDateWriter(place, field);
    case "status": {
      const index = at(field.from);
      return (row, values) => void values.push(normalizeStatus(row[index] ?? null));
    }
    case "created_at": {
      const index = at(field.from);
      const written = asIso(field, momentReader);
      return (row, values, findings) => {
        const { time, reason } = normalizeTimestamp(written(row[index] ?? null));
        if (reason === "unreadable") note(findings, "created_at_unreadable");
        values.push(time);
      };
    }
    case "reference": {
      const one = butNone(field, readReference(migration, field.to));
      const read = firstRead(field, at, ofColumn(at(field.from), one), one);
      return (row, values, findings) => {
        const { id, reason } = read(row);
        if (reason === "unreadable") {
          note(findings, "reference_unreadable");
          note(findings, `${name}_unreadable`);
        }
        values.push(id);
      };
    }
    case "digest":
      return madeWriter(digestOf(field, at));
    case "template":
      return notingWriter(name, field.kind, templateOf(field, at));
    case "timestamp": {
      const { format: _, ...iso } = field;
      const read = firstRead(field, at, timestampReader(field, at), valueReader(iso));
      return readingWriter(name, field.kind, read);
    }
    case "file":
      return fileWriter(place, field);
    case "composed":
      return notingWriter(name, field.kind, composedOf(field, at));
    case "range":
      return notingWriter(name, field.kind, rangeReader(field, at));
    case "list":
      return listWriter(place, field);
    case "uuid":
      return field.derived ? derivedWriter(place, field) : readerWriter(name, field, at);
    default:
      return readerWriter(name, field, at);
  }
}

/** Notes beside the finding of the kind that of the field, where there are several of the kind. */
const noteOf =
  ({ migration, name }: Place) =>
  (findings: Noted[], finding: Finding) => {
    note(findings, finding);
    const own = namedFinding(name, migration.entity.fields, finding);
    if (own !== undefined) note(findings, own);
  };

function phoneWriter(place: Place, field: Of<"phone">): Writer {
  const index = place.at(field.from);
  const country = field.country === undefined ? undefined : place.at(field.country);
  const regionOf = phoneRegions(field);
  const noted = noteOf(place);
  return (row, values, findings) => {
    const value = row[index] ?? null;
    const region = country === undefined ? field.region : regionOf(value, row[country] ?? null);
    const { phone, alternates, reason, partly } = normalizePhone(value, region);
    if (reason !== null && reason !== "missing") noted(findings, "phone_invalid");
    if (partly) noted(findings, "phone_partly_read");
    values.push(phone, orNull(alternates));
    if (field.plus) values.push(phone === null ? null : `+${phone}`);
  };
}

function emailWriter(place: Place, field: Of<"email">): Writer {
  const index = place.at(field.from);
  const placeholders = [...field.placeholders];
  const noted = noteOf(place);
  return (row, values, findings) => {
    const { email, reason } = normalizeEmail(row[index] ?? null, placeholders);
    if (reason !== null && reason !== "missing") noted(findings, `email_${reason}`);
    values.push(email);
  };
}

function birthDateWriter({ at, today }: Place, field: Of<"birth_date">): Writer {
  const index = at(field.from);
  const implausible = new Set(field.implausible);
  // From this day on nobody is old enough.
  const born = field.youngest === undefined ? null : yearsBefore(today, field.youngest);
  const written = butNone(field, asIso(field, dateReader));
  return (row, values, findings) => {
    const { date, reason } = normalizeDate(written(row[index] ?? null), today);
    if (date !== null && (implausible.has(date) || (born !== null && date > born))) {
      note(findings, "birth_date_implausible");
    }
    if (reason === "zero" || reason === "placeholder") note(findings, `birth_date_${reason}`);
    else if (reason !== null && reason !== "missing") note(findings, "birth_date_impossible");
    values.push(date);
  };
}

function fileWriter({ migration, table, name, at }: Place, field: Of<"file">): Writer {
  const judge = fileOf(migration, table, field, at);
  return (row, values, findings, _proposals, facts) => {
    const { values: own, fault } = judge(row, facts);
    if (fault !== null) {
      note(findings, `file_${fault}` as Finding);
      note(findings, `${name}_${fault}`);
    }
    values.push(...own);
  };
}

function listWriter({ at }: Place, field: Of<"list">): Writer {
  const read = listOf(field, at);
  return (row, values, findings) => {
    const { list, cut, unlisted, spoilt, repaired } = read(row);
    if (repaired) note(findings, "text_repaired");
    if (unlisted) note(findings, "list_unlisted");
    if (cut) note(findings, "list_cut");
    if (spoilt) note(findings, "list_spoilt");
    values.push(orNull(list));
  };
}

/** A UUID, and where there is none that can be read one of the row's key. */
function derivedWriter({ migration, table, name, at }: Place, field: Of<"uuid">): Writer {
  const read = readerWriter(name, field, at);
  const keys = keyColumns(migration.source[table]?.key ?? []).map(at);
  return (row, values, findings, ...others) => {
    read(row, values, findings, ...others);
    values[values.length - 1] ??= uuidOf(
      rowDigest(
        migration.name,
        table,
        keys.map((key) => row[key] ?? ""),
      ),
    );
  };
}

/** A value that is made of columns, of which nothing is wrong. */
const madeWriter =
  (make: (row: LegacyRow) => string | null): Writer =>
  (row, values) =>
    void values.push(make(row));

/** The same of a value of several columns, with which several things may be wrong. */
const notingWriter =
  (
    name: string,
    kind: "composed" | "template" | "range",
    read: (row: LegacyRow) => { readonly value: string | null; readonly noted: readonly Fault[] },
  ): Writer =>
  (row, values, findings) => {
    const { value, noted } = read(row);
    for (const fault of noted) {
      note(findings, `${kind}_${fault}` as Finding);
      note(findings, `${name}_${fault}`);
    }
    values.push(value);
  };

/** Notes what is wrong with a value twice, by the field's kind and by its name: a rule may ask for either. */
function readerWriter(name: string, field: ReadField, at: (column: string) => number): Writer {
  const read = valueReader(field);
  return readingWriter(
    name,
    field.kind,
    firstRead(field, at, ofColumn(at(field.from), read), read),
  );
}

const readingWriter =
  (name: string, kind: ReadField["kind"], read: (row: LegacyRow) => ReturnType<Reader>): Writer =>
  (row, values, findings) => {
    const { value, reason } = read(row);
    if (reason !== null && reason !== "missing") {
      note(findings, `${kind}_${reason}`);
      note(findings, `${name}_${reason}`);
    }
    values.push(value);
  };

/** A UUID, of the version for ones made in ways of one's own, of a digest. */
const uuidOf = (digest: string): string =>
  `${digest.slice(0, 8)}-${digest.slice(8, 12)}-8${digest.slice(13, 16)}-a${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
