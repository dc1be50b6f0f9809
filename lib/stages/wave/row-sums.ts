/** Adds rows by table to what there was. */
export function addTo(sums: Record<string, number>, more: Readonly<Record<string, number>>): void {
  for (const [table, rows] of Object.entries(more)) sums[table] = (sums[table] ?? 0) + rows;
}

/** All rows of some tables. */
export const allOf = (rows: Readonly<Record<string, number>> = {}): number =>
  Object.values(rows).reduce((sum, each) => sum + each, 0);
