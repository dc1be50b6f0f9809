/** What a run counts of itself, beside what it counts of each of the source's tables. */
export const OWN_COUNTS = [
  "source_rows",
  "staged",
  "staged_rows",
  "not_read",
  "taken_away",
  "read_twice",
  "rewritten",
  "forgotten",
] as const;

/**
 * The name of a source table's rows among a run's counts: its own, but where it is called what the run counts of
 * itself, as a legacy system may call its tables anything.
 */
export const countedAs = (table: string): string =>
  (OWN_COUNTS as readonly string[]).includes(table.replace(/^(?:table )+/u, ""))
    ? `table ${table}`
    : table;
