import { numberOf } from "../../compile/people-keys.ts";
import type { PinnedRows } from "../../compile/pin/look.ts";
import { stagingTable } from "../../compile/rows.ts";
import { entryKeyAsJson } from "../../compile/shown/key.ts";
import type { Database } from "../../data/database.ts";
import type { ExactId } from "../../data/exact.ts";
import { oneRecord, rowsWhole } from "../../data/records.ts";
import type { Run } from "../../data/runs.ts";
import { identifier, json, literal, raw, type Sql, sql, textObject, uuid } from "../../data/sql.ts";
import type { MainKind } from "../../define/definition.ts";
import { HIDDEN } from "../../evidence/masking.ts";
import { lookOf } from "../../evidence/pinned.ts";

/** A field as the source had it, and as it is compared. */
interface FieldPair {
  readonly name: string;
  /** By the source's column. */
  readonly was: readonly { readonly column: string; readonly value: string | null }[];
  readonly is: string | null;
}

/** A row whole: for reviewers alone (M14). */
export interface WholeRow {
  readonly fields: readonly FieldPair[];
  /** Everything that the source had of it; null once its people were erased. */
  readonly payload: Readonly<Record<string, string | null>> | null;
  /** What would be changed of the row that is there: what each column holds, and would hold (B2). */
  readonly changes: Readonly<Record<string, readonly (string | false | null)[]>> | null;
}

/** What a wave did with a row. */
export interface LedgerLine {
  readonly wave: number;
  readonly round: number;
  readonly action: string;
  readonly target_table: string | null;
  readonly target_id: ExactId | null;
  readonly rolled_back: boolean;
  readonly spared: boolean;
}

/** The ledger's entries about a row, in order; the platform's keys as they are shown. */
export async function ledgerOf(
  db: Database,
  run: Pick<Run, "id">,
  row: number,
): Promise<LedgerLine[]> {
  return db.rows<LedgerLine>(sql`
    select wave, round, action, target_table, ${raw(entryKeyAsJson("l"))} as target_id, rolled_back_at is not null as rolled_back,
           conflict is not null as spared
      from wavegate.legacy_import_commit_logs l
     where run_id = ${uuid(run.id)} and staged_id = ${row} order by id`);
}

/** The kind of things that a staged row is, as it is stored with the run. */
export async function partOfRow(
  db: Database,
  run: Run,
  row: number,
): Promise<PinnedRows | undefined> {
  const { parts } = await lookOf(db, run);
  if (parts.length === 1) return parts[0];
  for (const part of parts) {
    const found = await db.rows(sql`
      select 1 as yes from ${raw(stagingTable(part.rows))} where run_id = ${uuid(run.id)} and id = ${row}`);
    if (found.length > 0) return part;
  }
  return undefined;
}

/** Reads a row whole. */
export async function wholeRow(
  db: Database,
  { rows, fields }: PinnedRows,
  run: Run,
  row: number,
): Promise<WholeRow> {
  const values = textObject(
    fields.map(({ name, value }) => [name, `s.${identifier(value)}::text`]),
  );
  const found = await oneRecord<{
    payload: Record<string, string | null> | null;
    values: Record<string, string | null>;
    changes: WholeRow["changes"];
  }>(
    db,
    sql`
    select s.raw_payload as payload, to_jsonb(s.*) -> 'there_changes' as changes, ${raw(values)} as values
      from ${raw(stagingTable(rows))} s where s.run_id = ${uuid(run.id)} and s.id = ${row}`,
  );
  const { payload, changes } = found;
  return {
    payload,
    changes,
    fields: fields.map(({ name, was }) => ({
      name,
      was: was.map((column) => ({ column, value: payload?.[column] ?? null })),
      is: found.values[name] ?? null,
    })),
  };
}

/** One thing that two records have of a person, and whether it agrees; null where one of them has none. */
export interface Sign {
  readonly what: "name" | "phone" | "email" | "birth_date";
  readonly agrees: boolean | null;
  readonly own: string | null;
  readonly theirs: string | null;
}

/** Why a row and a record of the platform may be one person. */
export interface Likeness {
  readonly table: string;
  readonly id: ExactId;
  readonly level: string;
  readonly rule: string;
  readonly signs: readonly Sign[];
}

interface Hint {
  readonly level: string;
  readonly rule: string;
  readonly table?: string;
  readonly id?: ExactId;
}

/** Records that one row is held against, at most. */
const mostRecords = 6;

/** All numbers of a field, the first one and further ones of a JSON list: any of them may be what tells two alike (D3). */
const numbers = (first: Sql, further: Sql): Sql => sql`array_remove(${first} || array(
                select jsonb_array_elements_text(case jsonb_typeof(${further}) when 'array' then ${further} else '[]' end)), null)`;

/**
 * Holds a row against the records of the platform that matching found, as the snapshot of matching has both: what
 * agrees, what differs, and what one of them does not say. A key that may be somebody's address is told to whom the
 * row is shown `whole` alone (D20).
 */
export async function likenesses(
  db: Database,
  { main, nameKey, rows: view }: PinnedRows,
  run: Run,
  about: { readonly row: number; readonly whole: boolean },
): Promise<Likeness[]> {
  const { evidence } = await oneRecord<{ evidence: Hint[] | null }>(
    db,
    sql`
    select s.duplicate_evidence as evidence from ${raw(stagingTable(view))} s
     where s.run_id = ${uuid(run.id)} and s.id = ${about.row}`,
  );
  const hints = (evidence ?? [])
    .filter(({ table, id }) => table !== undefined && id !== undefined)
    .slice(0, mostRecords);
  if (hints.length === 0) return [];
  const own = (kind: MainKind) => {
    const field = main[kind];
    return raw(field === undefined ? "null::text" : `s.${identifier(field.value)}::text`);
  };
  const further = `to_jsonb(s) -> ${literal(main.phone === undefined ? "" : main.phone.value.replace(/_normalized$/, "_alternates"))}`;
  const key = raw(nameKey === null ? "null::text" : `s.${nameKey}`);
  const shown = own("name");
  const wanted = hints.map(({ table, id }) => ({ table, id: String(id) }));
  const found = await rowsWhole<{ table: string; id: string; signs: Sign[] }>(
    db,
    sql`
    select w."table", w.id, jsonb_build_array(
             jsonb_build_object('what', 'name', 'agrees', ${key} = m.name_key, 'own', ${shown}, 'theirs', m.name_folded),
             jsonb_build_object('what', 'phone', 'agrees', p.own && p.theirs, 'own', nullif(array_to_string(p.own, ', '), ''),
                                'theirs', nullif(array_to_string(p.theirs, ', '), '')),
             jsonb_build_object('what', 'email', 'agrees', ${own("email")} = m.email, 'own', ${own("email")}, 'theirs', m.email),
             jsonb_build_object('what', 'birth_date', 'agrees', ${own("birth_date")} = m.birth_date::text,
                                'own', ${own("birth_date")}, 'theirs', m.birth_date::text)) as signs
      from ${raw(stagingTable(view))} s
     cross join jsonb_to_recordset(${json(wanted)}) as w ("table" text, id text)
      -- Each is looked up by the number that it is, or that its key is known by: there are as many as the platform has people.
     cross join lateral (
       select * from wavegate.match_people p
        where p.run_id = ${uuid(run.id)} and p.target_table = w."table"
          and p.target_id = any (array[case when pg_input_is_valid(w.id, 'bigint') then w.id::bigint end, ${raw(numberOf("w.id"))}])
          and coalesce(p.target_key, p.target_id::text) = w.id offset 0) m
     cross join lateral (
       select nullif(${numbers(own("phone"), raw(further))}, '{}') as own,
              nullif(array_remove(m.phone || m.phone_alternates, null), '{}') as theirs) p
     where s.run_id = ${uuid(run.id)} and s.id = ${about.row}
     order by w."table", w.id`,
  );
  return hints.flatMap(({ table, id, level, rule }) => {
    const record = found.find((each) => each.table === table && each.id === String(id));
    return record === undefined || table === undefined || id === undefined
      ? []
      : [
          {
            table,
            id: about.whole || !String(id).includes("@") ? id : HIDDEN,
            level,
            rule,
            signs: record.signs,
          },
        ];
  });
}
