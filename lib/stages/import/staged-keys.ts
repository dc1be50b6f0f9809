import { legacyIdType } from "../../compile/keys.ts";
import { isPersonal } from "../../compile/personal-keys.ts";
import type { Migration, SourceTable } from "../../define/definition.ts";
import type { KeyFinding, MadeFinding } from "../../define/findings.ts";
import { keyColumns, keyText } from "../../define/keys.ts";
import { digestOfKey, isSpoiltKey, normalizeKey } from "../../normalize/key.ts";
import type { LegacyRow } from "../../sources/source.ts";
import type { StagedValues } from "./import-row.ts";

/** What puts the keys of a table's rows beside their staged values. */
interface StagedKeys {
  /** Takes the next row as it was read; gives the one before, whose key is settled now. */
  next(row: LegacyRow, values: StagedValues): StagedValues | undefined;
  /** The last row. */
  end(): StagedValues | undefined;
}

/**
 * Names rows by their keys, which come in order: rows of one key follow each other, in one range, the same
 * way each time. Each of them gets a number, as each row without a key does, so that a row that is sent
 * again is known; and none of them is the one that the key means, so all of them are held.
 *
 * @param elsewhere the key says who somebody is by what other kinds of things read (`personalElsewhere`)
 */
export function stagedKeys(migration: Migration, table: string, elsewhere = false): StagedKeys {
  const source = migration.source[table] as SourceTable;
  const columns = keyColumns(source.key);
  const at = columns.map((column) => source.columns.indexOf(column));
  if (legacyIdType(migration) === "bigint") {
    const [key = -1] = at;
    return {
      next: (_, values) => {
        values.push(values[0][key] ?? null);
        return values;
      },
      end: () => undefined,
    };
  }
  const personal = isPersonal(migration, columns);
  let before:
    | { values: StagedValues; id: string | null; digest: boolean; times: number }
    | undefined;
  let absent = 0;

  const settled = (): StagedValues | undefined => {
    if (before === undefined) return undefined;
    const { values, id, digest, times } = before;
    if (id !== null && times > 0) noteKey(values, "key_repeated");
    // A digest is staged under a secret of the database's. Of a key that may have stood as it is in earlier runs both are
    // sent: the run knows which.
    const stands = elsewhere && id !== null ? digestOfKey(id) : null;
    values.push(id, times === 0 ? null : times, digest ? true : stands);
    return values;
  };

  return {
    next(row, values) {
      const parts = at.map((index) => row[index]);
      const { id, reason } = normalizeKey(keyText(parts));
      if (reason === "absent") noteKey(values, "key_absent");
      else if (reason === "unfit" || isSpoiltKey(parts)) noteKey(values, "key_unfit");
      const shown = id !== null && reason === null && personal ? digestOfKey(id) : id;
      if (id === null) absent += 1;
      const again = shown !== null && before?.id === shown;
      if (again && before?.times === 0) before.times = 1;
      const ready = settled();
      const times = id === null ? absent : again ? (before?.times ?? 0) + 1 : 0;
      before = {
        values,
        id: shown,
        digest: shown !== null && (personal || reason !== null),
        times,
      };
      return ready;
    },
    end() {
      const ready = settled();
      before = undefined;
      return ready;
    },
  };
}

/** Findings are the last of the values but one. */
export function noteKey(values: StagedValues, finding: KeyFinding | MadeFinding): void {
  const noted = values.at(-2) as readonly string[] | null;
  values[values.length - 2] = [...(noted ?? []), finding];
}
