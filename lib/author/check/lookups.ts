import { platformTables } from "../../compile/privileges/platform.ts";
import { literals } from "../../data/sql.ts";
import { partsOf, type WholeMigration } from "../../define/several.ts";
import { givenKey } from "../../define/target-key.ts";
import { names, type Problem, warning } from "../problem.ts";
import type { Ask } from "../target.ts";

interface Lookup {
  readonly table: string;
  readonly columns: readonly string[];
  readonly to: string;
}

/**
 * What written columns have to name of tables that the definition does not read: no role of wavegate's may look into those, and
 * what is not there a wave alone would know.
 */
export async function lookupProblems(migration: WholeMigration, ask: Ask): Promise<Problem[]> {
  const actions = partsOf(migration).flatMap(({ entity }) => Object.entries(entity.actions));
  const targets = [...new Set(actions.map(([, { into }]) => into))];
  if (targets.length === 0) return [];
  const found = (await ask(`
    select c.conrelid::regclass::text as table, c.confrelid::regclass::text as to,
           (select jsonb_agg(a.attname order by a.attnum) from pg_attribute a where a.attrelid = c.conrelid and a.attnum = any (c.conkey)) as columns
      from pg_constraint c join pg_class t on t.oid = c.conrelid
     where c.contype = 'f' and c.conparentid = 0 and t.relname in (${literals(targets)}) and pg_table_is_visible(t.oid)
     order by c.conname`)) as unknown as (Omit<Lookup, "columns"> & { columns: unknown })[];
  const read = new Set(platformTables(migration));
  const unread = found
    .map(
      (each): Lookup => ({
        ...each,
        columns: typeof each.columns === "string" ? JSON.parse(each.columns) : each.columns,
      }),
    )
    .filter(({ to }) => !read.has(bare(to)));
  return actions.flatMap(([name, { into, values, id }]) =>
    unread
      .filter(({ table }) => bare(table) === into)
      .flatMap(({ columns, to }) => {
        const given = columns.map((column) => values[column] ?? givenKey(id)[column]);
        // What is the same in every row the first one shows.
        if (!given.some((value) => value !== undefined && "staged" in value)) return [];
        return [
          warning(
            "lookup_unread",
            name,
            `“${name}” writes ${names(columns)} of “${into}”, which has to be in “${bare(to)}”, and the definition does not read that table: the dry run cannot tell what is not there, and a wave holds it.`,
            `Let it be read: reads: [${JSON.stringify(bare(to))}].`,
          ),
        ];
      }),
  );
}

/** A name as a definition calls a table: without quotes. */
const bare = (name: string): string => name.replaceAll('"', "");
