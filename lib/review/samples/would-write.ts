import { askedFrom, type LookMask, type PinnedRows } from "../../compile/pin/look.ts";
import { type Database, onlyReading } from "../../data/database.ts";
import { rowsWhole } from "../../data/records.ts";
import { identifier, literal, raw, type Sql, sql, textObject, uuid } from "../../data/sql.ts";
import { HIDDEN, initials, maskEmail, maskPhone, yearOf } from "../../evidence/masking.ts";
import { wordOrShape } from "../shape.ts";

type Texts = Readonly<Record<string, string | null>>;

/** What would be written of one row, and the row's fields; whole or masked. */
export interface WouldWrite {
  /** The platform's table and its columns, of a row that would be a new one of it. */
  readonly into: string | null;
  readonly columns: readonly {
    readonly column: string;
    readonly value: string | null;
    /** The reference whose row on the platform it comes from: only a wave knows it. */
    readonly above?: string;
    /** What stands there where the value is missing: the platform's own default. */
    readonly or?: "default";
    /** What the legacy row had in the columns that it is made of; of a whole row alone. */
    readonly was?: readonly { readonly column: string; readonly value: string | null }[];
  }[];
  /** Of a row that is there: what each column holds, and would hold (B2). */
  readonly changes: Readonly<Record<string, readonly (string | false | null)[]>>;
  /** The fields of the definition, as they are compared. */
  readonly fields: readonly { readonly name: string; readonly value: string | null }[];
}

/** Characters of one value that are shown. */
const longest = 300;

/**
 * What a wave would write of a row as it is staged now, column by column. Of a run whose pin is older than this its
 * fields alone. Personal data is masked unless it was asked for whole (M14, D20).
 */
export async function wouldWrite(
  db: Database,
  look: PinnedRows,
  run: string,
  { row, unmasked }: { readonly row: number; readonly unmasked: boolean },
): Promise<WouldWrite> {
  // What is written is the run's own to say: whoever asks writes nothing by it.
  const [found] = await onlyReading(db, (transaction) =>
    rowsWhole<FoundRow>(transaction, selectRow(look, run, row, unmasked)),
  );
  const mask = (value: string | null, as: LookMask | null): string | null =>
    unmasked || value === null || as === null ? value : masked(value, as, found?.name ?? null);
  const masks = new Map(look.masks);
  const ofChange = new Map<string, LookMask>(look.changes ?? []);
  const action = found?.written ? look.writes?.[found.action ?? ""] : undefined;
  const changes = found?.planned === "update" ? (found.changes ?? {}) : {};
  return {
    into: action?.into ?? null,
    columns: (action?.columns ?? []).map(({ column, above, or, mask: as, was }) => ({
      column,
      value: mask(found?.written?.[column] ?? null, as),
      ...(above === undefined ? {} : { above }),
      ...(or === undefined ? {} : { or }),
      ...(found?.legacy && was !== undefined
        ? { was: was.map((from) => ({ column: from, value: found.legacy?.[from] ?? null })) }
        : {}),
    })),
    changes: Object.fromEntries(
      Object.entries(changes).map(([column, sides]) => [
        column,
        sides.map((side) => (side === false ? side : mask(side, ofChange.get(column) ?? "hidden"))),
      ]),
    ),
    fields: look.fields.map((field) => ({
      name: field.name,
      value: mask(found?.fields[field.name] ?? null, masks.get(field.value) ?? null),
    })),
  };
}

interface FoundRow {
  readonly planned: string | null;
  readonly action: string | null;
  readonly name: string | null;
  readonly written: Texts | null;
  readonly changes: WouldWrite["changes"] | null;
  readonly fields: Texts;
  readonly legacy: Texts | null;
}

/** The row with what each action would write of it, and of a whole one what the legacy row had. */
function selectRow(look: PinnedRows, run: string, row: number, unmasked: boolean): Sql {
  const { writes = {}, changes, fields, main } = look;
  const short = (value: string) => `left(${value}, ${longest})`;
  const actions = Object.entries(writes).map(
    ([name, { columns }]) =>
      `when ${literal(name)} then ${textObject(columns.map(({ column, sql: value }) => [column, value === null ? "null::text" : short(value)]))}`,
  );
  const written = actions.length === 0 ? "null" : `case s.planned_action ${actions.join(" ")} end`;
  const legacy = new Set(
    Object.values(writes).flatMap(({ columns }) => columns.flatMap(({ was }) => was ?? [])),
  );
  const had =
    unmasked && legacy.size > 0
      ? textObject(
          [...legacy].map((column) => [column, short(`s.raw_payload ->> ${literal(column)}`)]),
        )
      : "null::jsonb";
  const name = main.name === undefined ? "null" : `s.${identifier(main.name.value)}`;
  const held = textObject(
    fields.map((field) => [field.name, short(`s.${identifier(field.value)}::text`)]),
  );
  return sql`
    select s.planned, s.planned_action as action, ${raw(name)}::text as name,
           case when s.planned = 'commit' then ${raw(written)} end as written,
           ${raw(changes === undefined ? "null::jsonb" : "s.there_changes")} as changes,
           ${raw(held)} as fields, ${raw(had)} as legacy
      from ${raw(askedFrom(look))}
     where s.run_id = ${uuid(run)} and s.id = ${row}`;
}

const masked = (value: string, as: LookMask, name: string | null): string =>
  as === "word" ? wordOrShape(value, name) : (shownBy[as]?.(value) ?? HIDDEN);

const shownBy: Readonly<Partial<Record<LookMask, (value: string) => string>>> = {
  initials,
  phone: maskPhone,
  email: maskEmail,
  year: yearOf,
};
