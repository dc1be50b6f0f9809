/** A key of the platform's as exports show it, in SQL, of expressions: the run's id, and a text (`shown_key`). */
export const shownKeySql = (run: string, key: string): string => shownBy("shown_key", run, key);

/** A key of the source's as all show it, likewise (`shown_source_key`). */
export const shownSourceKeySql = (run: string, key: string): string =>
  shownBy("shown_source_key", run, key);

/** {@link shownSourceKeySql} as JSON, of a staged row: a number is one. */
export const sourceKeyAsJson = (row: string): string =>
  `case when strpos(${row}.legacy_id::text, '@') > 0
    then to_jsonb(wavegate.shown_source_key(${row}.run_id, ${row}.legacy_id::text)) else to_jsonb(${row}.legacy_id) end`;

const shownBy = (name: string, run: string, key: string): string =>
  `case when strpos(${key}, '@') > 0 then wavegate.${name}(${run}, ${key}) else ${key} end`;
