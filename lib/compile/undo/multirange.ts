/** Ids as PostgreSQL writes a set of ranges: those that follow each other are one. */
export function multirange(ids: readonly number[]): string {
  const ranges: [from: number, below: number][] = [];
  for (const id of [...ids].sort((one, other) => one - other)) {
    const last = ranges.at(-1);
    if (last !== undefined && id <= last[1]) last[1] = Math.max(last[1], id + 1);
    else ranges.push([id, id + 1]);
  }
  return `{${ranges.map(([from, below]) => `[${from},${below})`).join(",")}}`;
}
