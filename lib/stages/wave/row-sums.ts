/** Adds rows by table, or by what they are counted by, to what there was: that may be called as what every object has. */
export function addTo(sums: Record<string, number>, more: Readonly<Record<string, number>>): void {
  for (const [table, rows] of Object.entries(more))
    sums[table] = (Object.hasOwn(sums, table) ? (sums[table] ?? 0) : 0) + rows;
}

/** All rows of some tables. */
export const allOf = (rows: Readonly<Record<string, number>> = {}): number =>
  Object.values(rows).reduce((sum, each) => sum + each, 0);
