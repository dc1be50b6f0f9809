import { identifier, literal, raw, type Sql, sql, uuid } from "../../data/sql.ts";
import type { Migration } from "../../define/definition.ts";
import { valueColumn } from "../columns.ts";
import { referenceJoins } from "../condition.ts";
import { standsIn } from "../references/above.ts";
import { stagedTable } from "../rows.ts";
import { type IdentityTypes, unplainFor } from "../target/identity-types.ts";
import { unplainThere } from "../there/same-records.ts";
import type { ColumnTypes } from "../there/value.ts";
import { refusedByPlatform } from "../wave/refused.ts";
import { holdPlanned } from "./plan.ts";

/**
 * Holds the planned rows that say by a text which row of the platform they are, where the platform has a number for it
 * and the text is none that a number has, as `007` and ` 7`: written, it would be taken for 7 ever after, and nobody knows
 * whether it is that row. Undefined where no column is of that kind. Answers as {@link holdPlanned}.
 *
 * @param identities of what tells that a row was moved, `types` of what tells that it is there
 */
export function holdUnplain(
  migration: Migration,
  run: string,
  identities: IdentityTypes,
  types: ColumnTypes,
): Sql | undefined {
  const { actions, is = [] } = migration.entity;
  const moved = Object.entries(actions).flatMap(([name, { into, identity = {} }]) =>
    Object.entries(identity).flatMap(([column, value]) => {
      if (!("staged" in value)) return [];
      const ours = valueColumn(migration, value.staged);
      const type = identities[into]?.[column];
      const unplain = unplainFor(migration, value, ours, type, `s.${identifier(ours)}`);
      return unplain === undefined
        ? []
        : [when(into, column, `s.planned_action = ${literal(name)} and ${unplain}`)];
    }),
  );
  const there = is.flatMap((same) =>
    same.flatMap(([column, as]) => {
      const unplain = unplainThere(migration, as, types, column);
      return unplain === undefined ? [] : [when(standsIn(migration).into, column, unplain)];
    }),
  );
  const each = [...new Set([...moved, ...there])];
  if (each.length === 0) return undefined;
  const refused = sql`refused as (
    select staged, by from (
      select s.id as staged, case ${raw(each.join("\n             "))} end as by
        from ${raw(stagedTable(migration))} s
        ${raw(referenceJoins(migration))}
       where s.run_id = ${uuid(run)} and s.planned = 'commit' and s.import_state in ('pending', 'rolled_back')) found
     where by is not null)`;
  return holdPlanned(migration, run, refused, { reason: refusedByPlatform });
}

const when = (into: string, column: string, unplain: string): string =>
  `when ${unplain} then ${literal(`${into}.${column} is a number, and this text is none as it is written`)}`;
