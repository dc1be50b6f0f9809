import { expect, it } from "vitest";
import { systems } from "../../bench/systems.ts";
import { usedColumns } from "../../lib/compile/pin/used-columns.ts";
import { readTables } from "../../lib/define/made.ts";

it.each(Object.entries(systems).filter(([, { exports }]) => exports !== undefined))(
  "W13 what the benchmark makes of %s has every column that its definition reads",
  (_, { definition, exports }) => {
    const tables = exports?.(100) ?? {};
    const read = readTables(definition.source);
    expect(Object.keys(tables).length).toBeGreaterThan(0);
    for (const [table, [header = [], ...rows]] of Object.entries(tables)) {
      const { columns = [] } = read[table] ?? {};
      const used = usedColumns(definition, table);
      const missing = columns.filter((column) => used.has(column) && !header.includes(column));
      expect([table, missing]).toEqual([table, []]);
      expect(rows.length).toBeGreaterThan(0);
      expect([table, rows.filter((row) => row.length !== header.length)]).toEqual([table, []]);
    }
  },
);
