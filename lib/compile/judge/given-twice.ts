import { identifier, join, literal, raw, type Sql, sql } from "../../data/sql.ts";
import type { InsertAction, Migration } from "../../define/definition.ts";
import { drawnColumn } from "../../define/target-key.ts";
import { aheadOf, type Targets } from "../target/ahead.ts";
import { isByKey, isText, isTextOrWhole } from "../target/by-key.ts";
import type { TargetTable } from "../target/table.ts";
import { keyColumnsOf } from "../target-key.ts";
import {
  drawnAs,
  partsAs,
  plannedRows,
  targetsWritten,
  type Writer,
  writersOf,
} from "./compared.ts";
import { holdPlanned } from "./plan.ts";

/** Why rows are held of which several would be written as one. */
export const keyGivenTwice = "key_given_twice";

/** Columns that name one row of a table, and the actions that give them. */
interface Given {
  readonly columns: readonly string[];
  readonly writers: readonly Writer[];
}

/**
 * Holds all planned rows of a kind that would be named alike on the platform, by the key that the definition gives them or by
 * its `identity`, whether an index of the platform's keeps them apart or not: which of them is meant nobody can tell, and
 * what refers to one of them would be given to another. Where people hold all of them but one, that one goes, and the others
 * are held by the plan as well, so that none is let go beside it. By target; answers as {@link holdPlanned}.
 */
export const holdGivenTwice = (
  migration: Migration,
  run: string,
  targets: Targets,
): readonly Sql[] =>
  targetsWritten(migration, targets).flatMap((table) => {
    const given = givenIn(migration, targets, table);
    return given.length === 0 ? [] : [held(migration, run, targets, { table, given })];
  });

function givenIn(migration: Migration, targets: Targets, table: TargetTable): readonly Given[] {
  const found = new Map<string, { columns: readonly string[]; writers: Writer[] }>();
  for (const writer of writersOf([migration], targets, table.oid))
    for (const columns of namesOf(writer, table)) {
      if (columns.some((column) => aheadOf(migration, targets, writer[2], column) === undefined))
        continue;
      const key = columns.join();
      const one = found.get(key) ?? { columns, writers: [] };
      found.set(key, one);
      one.writers.push(writer);
    }
  return [...found.values()];
}

/** The columns by which an action names a row, but for those of which legacy keys say already that no two have them. */
function namesOf([kind, , action]: Writer, table: TargetTable): readonly (readonly string[])[] {
  const { id, identity = {} } = action;
  const isOwn =
    drawnColumn(id) === undefined &&
    !(typeof id === "object" && "derived" in id && id.from.includes("legacy_id")) &&
    !(typeof id === "object" && "kept" in id && isByKey(kind, id.kept, table, isText));
  return [
    ...(isOwn ? [keyColumnsOf(id)] : []),
    ...(Object.keys(identity).length === 0 || isByKey(kind, identity, table, isTextOrWhole)
      ? []
      : [Object.keys(identity).sort()]),
  ];
}

function held(
  migration: Migration,
  run: string,
  targets: Targets,
  { table, given }: { readonly table: TargetTable; readonly given: readonly Given[] },
): Sql {
  const columns = [...new Set(given.flatMap((each) => each.columns))];
  const writers = [...new Set(given.flatMap((each) => each.writers))];
  const rows = writers.map((writer) =>
    plannedRows(run, targets, withIdentity(writer), columns, {
      ours: true,
      also: "s.import_state = 'held' and s.state_reason = 'held_by_person'",
      known: given.map((each) => (each.writers.includes(writer) ? each.columns : nothing)),
      orDrawn: given.map((each) => each.columns),
    }),
  );
  const twice = given.map((each, n) => {
    const keys = each.columns.map((_, k) => `k${k}`);
    const drawn = each.columns.map((column) => `r.${drawnAs(columns.indexOf(column))}`);
    const by = `${table.name} (${each.columns.join(", ")})`;
    return `
    select staged, ${literal(by)} as by, ${n} as n from (
      select staged, open, count(*) over same as rows, count(*) filter (where open) over same as takers
        from (select r."own staged" as staged, r."own open" as open, ${partsAs(each.columns.map((column) => `r.${identifier(column)}`))}, ${drawn.map((above, k) => `${above} as d${k}`).join(", ")}
                from wanted r where r."own known ${n}") g
       where ${keys.map((key, k) => `num_nonnulls(${key}, d${k}) > 0`).join(" and ")}
      window same as (partition by ${[...keys, ...keys.map((_, k) => `d${k}`)].join(", ")})) g where rows > 1 and (takers > 1 or not open)`;
  });
  const refused = sql`wanted as materialized (${join(rows, "\n    union all ")}),
  refused as (select distinct on (staged) staged, by from (${raw(twice.join("\n    union all"))}) g order by staged, n)`;
  return holdPlanned(migration, run, refused, { reason: keyGivenTwice });
}

/** What no column is called: what is looked for by it is not known. */
const nothing = [""] as const;

/** An action that writes what tells which legacy row a row is, whether its values name those columns or not. */
const withIdentity = ([kind, name, action]: Writer): Writer => [
  kind,
  name,
  { ...action, values: { ...action.identity, ...action.values } } satisfies InsertAction,
];
