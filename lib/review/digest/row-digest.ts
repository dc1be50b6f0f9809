import { stagingTable } from "../../compile/rows.ts";
import type { Database } from "../../data/database.ts";
import { rowsWhole } from "../../data/records.ts";
import type { Run } from "../../data/runs.ts";
import { identifier, json, literal, raw, sql, uuid } from "../../data/sql.ts";
import { lookOf, pinOf } from "../../evidence/pinned.ts";
import { bytes, columnsOf, columnsThere, writtenByCommits } from "./digest-sql.ts";

/** A staged row, and what its digest is salted with. */
interface Salted {
  readonly id: number;
  readonly salt: string;
}

/** The salted digest of a row. */
export type RowDigest = Salted & { readonly digest: string };

/**
 * SHA-256 of everything that is reviewed of single rows: what the source holds, what was decided, the hints, what
 * would change of a row that is there, and what it refers to, by what that is called there. With one salt it is the
 * same for as long as a verdict on the row is about what it says now (B10), whatever becomes of other rows; what waves
 * write is left out, as in the digest of all rows (D13). The log keeps digests for ever, so the salt is a secret that
 * an erasure takes: without it nothing can be tried (B13).
 */
export async function rowDigests(
  db: Database,
  run: Run,
  wanted: readonly Salted[],
): Promise<readonly RowDigest[]> {
  if (wanted.length === 0) return [];
  const { parts } = await lookOf(db, run);
  const { entities } = pinOf(run);
  const digests: RowDigest[] = [];
  for (const [at, { staging }] of entities.entries()) {
    const references = parts[at]?.references ?? [];
    const tables = references.map((each) => each.staging.table);
    const columns = await columnsOf(db, [staging.source, staging.decisions, ...tables]);
    const mapped = references.map(({ name, column, staging: { table, id, target } }) => {
      const called = `(select ${bytes("c", ["called"])} from wavegate.called_things c
         where c.run_id = m.run_id and c.reference = ${literal(name)} and c.target_id = m.${identifier(target)}::text)`;
      const own = bytes("m", columns(table, ["decided_at"]));
      return ` || coalesce((select ${own} || coalesce(${called}, ''::bytea)
         from ${stagingTable(table)} m
        where m.run_id = s.run_id and m.${identifier(id)} = s.${identifier(column)}), ''::bytea)`;
    });
    digests.push(
      ...(await rowsWhole<RowDigest>(
        db,
        sql`
      select w.id, w.salt, encode(sha256(convert_to(w.salt, 'UTF8')
               || ${raw(bytes("s", columns(staging.source, [])))}
               || ${raw(bytes("d", columns(staging.decisions, [...writtenByCommits, ...staging.ids])))}
               || ${hints("duplicate_hints", ["level", "rule", "target_table", "target_id", "hits"])}
               || ${hints("source_hints", ["level", "rule", "first_id", "hits", "later"])}
               || ${hints("rows_there", columnsThere)}
               ${raw(mapped.join(""))}), 'hex') as digest
        from jsonb_to_recordset(${json(wanted)}) as w (id bigint, salt text)
        join ${raw(stagingTable(staging.source))} s on s.run_id = ${uuid(run.id)} and s.id = w.id
        join ${raw(stagingTable(staging.decisions))} d on d.run_id = s.run_id and d.staged_id = s.id
       order by w.id`,
      )),
    );
  }
  return digests;
}

const hints = (table: string, columns: readonly string[]) =>
  raw(`coalesce((select string_agg(each, ''::bytea order by each)
      from (select ${bytes("h", columns)} as each from wavegate.${table} h
             where h.run_id = s.run_id and h.staged_id = s.id) hints), ''::bytea)`);
