import { importedColumns, mainField, valueColumn } from "../../compile/columns.ts";
import { alsoDecidedBy, listedStatuses } from "../../compile/judge/report.ts";
import { isPersonal } from "../../compile/personal-keys.ts";
import { ofField, withColumns } from "../../compile/pin/used-columns.ts";
import type { Field, Migration, SourceTable } from "../../define/definition.ts";
import { type Finding, findingsOf, namedFinding, saysOf } from "../../define/findings.ts";
import { isIntegerKey, keyColumns } from "../../define/keys.ts";
import { notedIn } from "../../define/looked-at.ts";
import { readTables } from "../../define/made.ts";
import { partsOf, type WholeMigration } from "../../define/several.ts";
import { contactIn } from "../../evidence/contacts.ts";
import { wordOrShape } from "../../review/shape.ts";
import type { Source, TableFacts } from "../../sources/source.ts";
import { rowImporter, type StagedValues } from "../../stages/import/import-row.ts";
import { about, type Problem } from "../problem.ts";
import { instantProblems, lacks } from "./lacks.ts";
import { listProblems } from "./lists.ts";
import { readFrom, rowsRead } from "./made-of-read.ts";
import { heldFindings, Keys } from "./noted.ts";
import { DayOrder } from "./order.ts";
import { partnerProblems } from "./partners.ts";
import { References } from "./references.ts";
import { shownKeys } from "./shown-keys.ts";
import { Choices, cutTexts, damagedTexts, unlistedWords } from "./texts.ts";

/** Rows of each table that are read: enough to know its values, and done in seconds. */
const rowsAtMost = 100_000;
const rowsPerPage = 2_000;
/** Of a column that nobody can read, so few rows are a warning and not an error: a tenth. */
const mostly = 0.1;

const howDays =
  "Say how it is written (format, bounds), and of instants late in the evening in which zone they are a day (`zone`), or take a field of another kind";
/** What helps where values of a kind cannot be read: phones and addresses are written in ways that nobody says. */
const remedies: Partial<Record<Field["kind"], string>> = {
  date: howDays,
  birth_date: howDays,
  phone: "Say where its numbers are from (a region, or a column of countries), or take a text",
  email:
    "Name what stands for none (`placeholders`), make columns of several in one field (`parted`), or take a text",
};

/** What is wrong with a value that its field cannot read, as findings name it behind the field. */
const faults = ["unreadable", "unlisted", "out_of_bounds", "gap"] as const;

/** How much of the source was looked at. */
export interface Looked {
  readonly table: string;
  readonly rows: number;
  readonly of: number;
}

/** What the source lacks of a definition, and which of its values nobody thought of. */
export async function checkSource(
  whole: WholeMigration,
  source: Source,
  today: string,
): Promise<{ problems: Problem[]; looked: Looked[] }> {
  const tables = await source.inspect(readTables(whole.source));
  const missing = tables.flatMap((facts) => lacks(whole, facts));
  if (missing.some(({ level }) => level === "error")) return { problems: missing, looked: [] };
  const found = { problems: missing, looked: [] as Looked[] };
  const parts = partsOf(whole);
  for (const part of parts) {
    const { problems, looked } = await checkRows(parts, part, source, tables, today);
    found.problems.push(...about(part.part, [...problems, ...instantProblems(part, tables)]));
    found.looked.push(...looked);
  }
  return found;
}

/** What the values of one kind of things say against its rules. */
async function checkRows(
  parts: readonly Migration[],
  migration: Migration,
  source: Source,
  tables: readonly TableFacts[],
  today: string,
): Promise<{ problems: Problem[]; looked: Looked[] }> {
  const present = withColumns(
    migration,
    Object.fromEntries(
      Object.entries(migration.source).map(([table, { columns }]) => {
        const gone = tables.find((facts) => facts.table === table)?.missingColumns ?? [];
        return [table, columns.filter((column) => !gone.includes(column))];
      }),
    ),
  );
  const values = new Values(present);
  const references = new References(present, today);
  const [days, choices] = [new DayOrder(present), new Choices(present)];
  const order: RowNotes = {
    note: (...row) => {
      days.note(...row);
      choices.note(...row);
    },
  };
  const looked: Looked[] = [];
  const keys: Problem[] = [];
  const partners: Problem[] = [];
  for (const table of migration.entity.from) {
    // What of it is made is known once rows are staged; what comes of a table that is read, before.
    if (migration.source[table]?.made !== undefined) {
      await noteMade(values, order, present, source, table, today);
      await references.noteMade(source, table, today);
      partners.push(...(await partnerProblems(present, table, source)));
      partners.push(...(await listProblems(present, table, source)));
      continue;
    }
    const into = [values, references];
    const told = new Keys(table);
    const { rows, addressed } = await readInto(into, told, order, present, source, table, today);
    keys.push(...told.problems());
    keys.push(...shownKeys(parts, migration, table, { rows, addressed }));
    looked.push({ table, rows, of: tables.find((facts) => facts.table === table)?.rows ?? rows });
  }
  const unnamed = await references.problems(source, tables);
  return {
    problems: [
      ...keys,
      ...choices.besides(values.problems()),
      ...days.problems(),
      ...partners,
      ...unnamed,
    ],
    looked,
  };
}

type RowNotes = Pick<DayOrder, "note">;

async function readInto(
  into: readonly (Values | References)[],
  keys: Keys,
  order: RowNotes,
  migration: Migration,
  source: Source,
  table: string,
  today: string,
): Promise<{ readonly rows: number; readonly addressed: number }> {
  const { key, columns } = migration.source[table] as SourceTable;
  const make = rowImporter(migration, table, today);
  const keyAt = keyColumns(key).map((column) => columns.indexOf(column));
  const ofKey = isPersonal(migration, keyColumns(key)) ? [] : keyAt;
  let rows = 0;
  let addressed = 0;
  const everything = { table, after: null, upTo: null };
  for await (const page of source.read(table, key, columns, everything, rowsPerPage)) {
    for (const row of page) {
      const values = make(row);
      for (const each of into) each.note(values);
      order.note(row, columns);
      if (!isIntegerKey(key)) keys.note(keyAt.map((at) => row[at]));
      if (ofKey.some((at) => isAddress(row[at]))) addressed += 1;
    }
    rows += page.length;
    if (rows >= rowsAtMost) break;
  }
  return { rows, addressed };
}

/** The same of a table whose rows are made, of the rows that they are made of: as far as fields are of those alone. */
async function noteMade(
  values: Values,
  order: RowNotes,
  migration: Migration,
  source: Source,
  table: string,
  today: string,
): Promise<void> {
  const from = readFrom(migration.source, table);
  if (from === undefined) return;
  const { columns = [] } = migration.source[table] ?? {};
  const make = rowImporter(migration, table, today);
  const isRead = (field: string) => {
    const of = migration.entity.fields[field];
    return of !== undefined && ofField(of).every(from.has);
  };
  let rows = 0;
  for await (const page of rowsRead(source, migration.source, from, columns, rowsPerPage)) {
    for (const row of page) {
      values.note(make(row), isRead);
      order.note(row, columns);
    }
    rows += page.length;
    if (rows >= rowsAtMost) break;
  }
}

/** Of keys an address alone is told: their numbers are often as long as a phone's. */
const isAddress = (part: string | null | undefined): boolean =>
  typeof part === "string" && contactIn(part) === "an e-mail address";

/** What the rows that were read hold: counted, and of words of lists kept as they stand, or by the shape of what is about somebody. */
class Values {
  readonly #migration: Migration;
  readonly #findings = new Map<string, number>();
  readonly #words: readonly {
    readonly field: string;
    readonly at: number;
    readonly listed: ReadonlySet<string>;
    /** Where choices of the same column stand, by which it is decided as well. */
    readonly choices: readonly number[];
    readonly unlisted: Map<string | null, number>;
  }[];
  readonly #findingsAt: number;
  /** Where the row's own name is. */
  readonly #nameAt: number | undefined;
  /** What is noted by the name of a field and, by its kind, of others: by which names those note it as well. */
  readonly #ofOthers: ReadonlyMap<string, readonly string[]>;
  #rows = 0;

  constructor(migration: Migration) {
    this.#migration = migration;
    // The importer makes no value of columns that are texts of the source as they stand.
    const made = importedColumns(migration).filter(({ from }) => from === undefined);
    this.#findingsAt = 1 + made.findIndex(({ name }) => name === "findings");
    const name = mainField(migration, "name");
    const whole = name && valueColumn(migration, name);
    this.#nameAt =
      whole === undefined ? undefined : 1 + made.findIndex((column) => column.name === whole);
    const fields = Object.entries(migration.entity.fields);
    this.#ofOthers = new Map(
      fields.flatMap(([field]) =>
        faults.map((fault) => [
          `${field}_${fault}`,
          fields.flatMap(([other, { kind }]) =>
            kind === field && other !== field ? [`${other}_${fault}`] : [],
          ),
        ]),
      ),
    );
    this.#words = Object.entries(migration.entity.fields).flatMap(([field, { kind }]) => {
      if (kind !== "status") return [];
      const listed = new Set(listedStatuses(migration, field));
      const placeOf = (column: string) => 1 + made.findIndex(({ name }) => name === column);
      const at = placeOf(valueColumn(migration, field));
      const choices = alsoDecidedBy(migration, field).map(placeOf);
      return listed.size === 0 ? [] : [{ field, at, listed, choices, unlisted: new Map() }];
    });
  }

  /** @param isRead whether a field's columns were read: of others nothing is known, and nothing noted */
  note(values: StagedValues, isRead: (field: string) => boolean = () => true): void {
    this.#rows += 1;
    const name = this.#nameAt === undefined ? null : (values[this.#nameAt] as string | null);
    for (const { field, at, listed, choices, unlisted } of this.#words) {
      if (!isRead(field)) continue;
      const word = (values[at] ?? null) as string | null;
      if (word !== null && listed.has(word)) continue;
      if (choices.some((choice) => (values[choice] ?? null) !== null)) continue;
      const shown = word === null ? null : wordOrShape(word, name);
      unlisted.set(shown, (unlisted.get(shown) ?? 0) + 1);
    }
    const noted = (values[this.#findingsAt] ?? []) as readonly string[];
    for (const finding of noted) {
      if (this.#ofOthers.get(finding)?.some((other) => noted.includes(other))) continue;
      this.#findings.set(finding, (this.#findings.get(finding) ?? 0) + 1);
    }
  }

  problems(): Problem[] {
    return [
      ...this.#words.flatMap(unlistedWords),
      ...damagedTexts(this.#migration, this.#findings.get("text_damaged") ?? 0),
      ...cutTexts(this.#migration, this.#findings.get("text_cut") ?? 0),
      ...this.#unreadable(),
      ...heldFindings(this.#migration, (finding) => this.#findings.get(finding) ?? 0),
    ];
  }

  #isMost(rows: number): boolean {
    return rows > this.#rows * mostly;
  }

  /** Values that a field of its kind cannot read, by the field. */
  #unreadable(): Problem[] {
    // A rule that lets such rows go, or fails them, is somebody's word on what becomes of them.
    const ruled = new Set(
      this.#migration.entity.validate
        .filter(({ verdict }) => verdict !== "needs_review")
        .flatMap(({ when }) => notedIn(when)),
    );
    const foreseen = (name: string, kind: string, fault: string): boolean =>
      ruled.has(`${name}_${fault}`) || ruled.has(`${kind}_${fault}`);
    return Object.entries(this.#migration.entity.fields).flatMap(([name, field]) => {
      const of = (finding: string) => this.#findings.get(finding) ?? 0;
      const ofOwn = (name: string, finding: Finding) =>
        of(namedFinding(name, this.#migration.entity.fields, finding) ?? finding);
      const given: readonly string[] = findingsOf[field.kind];
      const by = faults
        .filter((fault) => given.includes(`${field.kind}_${fault}`))
        .map((fault) => [fault, of(`${name}_${fault}`)] as const);
      const known: readonly (readonly [string, number])[] =
        field.kind === "phone"
          ? [["invalid", ofOwn(name, "phone_invalid")]]
          : field.kind === "email"
            ? [["malformed", ofOwn(name, "email_malformed")]]
            : field.kind === "birth_date"
              ? [["impossible", of("birth_date_impossible")]]
              : field.kind === "created_at"
                ? [["unreadable", of("created_at_unreadable")]]
                : by;
      return known
        .filter(
          ([fault, rows]) => rows > 0 && (this.#isMost(rows) || !foreseen(name, field.kind, fault)),
        )
        .map(([fault, rows]): Problem => {
          const most = this.#isMost(rows);
          return {
            // No rule looks at it, so the plan holds its rows: nothing wrong is written of them.
            level: "warning",
            id: `value_${fault}`,
            about: name,
            says: `“${name}”, in ${most ? "many" : "some"} rows: ${saysOf[`${field.kind}_${fault}` as Finding]}${foreseen(name, field.kind, fault) ? "" : " Such rows are held."}`,
            remedy: `${remedies[field.kind] ?? "Say how it is written (format, words, bounds), or take a field of another kind"}; a rule with noted(…) says what becomes of such rows.`,
            rows,
          };
        });
    });
  }
}
