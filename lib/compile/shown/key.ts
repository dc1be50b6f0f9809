/** A key of the platform's as exports show it, in SQL, of expressions: the run's id, and a text (`shown_key`). */
export const shownKeySql = (run: string, key: string): string => shownBy("shown_key", run, key);

/** A key of the source's as exports show it, likewise (`shown_source_key`). */
export const shownSourceKeySql = (run: string, key: string): string =>
  shownBy("shown_source_key", run, key);

const shownBy = (name: string, run: string, key: string): string =>
  `case when strpos(${key}, '@') > 0 then wavegate.${name}(${run}, ${key}) else ${key} end`;

/** A staged row's key as exports show it, as JSON: a number is one. */
export const exportedKeyAsJson = (row: string): string =>
  keyAsJson(row, `wavegate.shown_source_key(${row}.run_id, ${row}.legacy_id::text)`);

/** The same as pages and terminals show it: of a row that there is, and of no text that somebody thinks of (`shown_row`). */
export const sourceKeyAsJson = (row: string): string => keyAsJson(row, shownRowSql(row));

/** {@link sourceKeyAsJson} as a text. */
export const sourceKeyShown = (row: string): string =>
  `case when strpos(${row}.legacy_id::text, '@') > 0 then ${shownRowSql(row)} else ${row}.legacy_id::text end`;

const shownRowSql = (row: string): string => `wavegate.shown_row(${row}.run_id, ${row}.id)`;

const keyAsJson = (row: string, shown: string): string =>
  `case when strpos(${row}.legacy_id::text, '@') > 0 then to_jsonb(${shown}) else to_jsonb(${row}.legacy_id) end`;

/**
 * The id of an entry of the ledger as all but exports show it, as JSON: an integer, or a text (`shown_target`). One that
 * is a text with an `@` in it may be somebody's address, and is shown by a digest under the database's own secret, the
 * same for the same key (D20).
 */
export const entryKeyAsJson = (entry: string): string =>
  `coalesce(to_jsonb(${entry}.target_id), to_jsonb(wavegate.shown_target(${entry}.id)))`;

/** The same of a row of what was found: the entry's number, and its id as it is, as JSON. */
export const foundKeyAsJson = (log: string, id: string): string =>
  `case when strpos(${id}::text, '@') > 0 then to_jsonb(wavegate.shown_target(${log})) else ${id} end`;
