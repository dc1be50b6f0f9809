import type { Database } from "../data/database.ts";
import type { ExactId } from "../data/exact.ts";
import { json, sql, uuid } from "../data/sql.ts";

/**
 * Keys of the platform's as exports, lists and terminals show them: one that is a text with an `@` in it may be
 * somebody's address, and is shown by a digest under the database's own secret, the same for the same key (D20).
 */
export async function shownKeys<Key extends ExactId | null>(
  db: Database,
  run: string,
  keys: readonly Key[],
): Promise<readonly Key[]> {
  const hidden = [...new Set(keys.filter(isHidden))];
  if (hidden.length === 0) return keys;
  const rows = await db.rows<{ key: string; shown: string }>(sql`
    select k.key, wavegate.shown_key(${uuid(run)}, k.key) as shown
      from jsonb_array_elements_text(${json(hidden)}) k (key)`);
  const shown = new Map(rows.map((row) => [row.key, row.shown]));
  return keys.map((key) => (isHidden(key) ? (shown.get(key) as Key) : key));
}

const isHidden = (key: ExactId | null): key is string =>
  typeof key === "string" && key.includes("@");
