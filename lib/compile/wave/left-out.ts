import { identifier, literal } from "../../data/sql.ts";
import type { Migration } from "../../define/definition.ts";
import { isUpdated } from "../../define/identity.ts";
import type { OnTheWay } from "../around/on-the-way.ts";
import { standsIn } from "../references/above.ts";
import { actsOn } from "../target/acting-triggers.ts";
import { type JsonColumns, unkeptIn } from "../target/json-columns.ts";
import type { Drawn } from "../target/new-keys.ts";
import { keyColumnsOf } from "../target-key.ts";
import { changedBeside } from "./updates.ts";
import { changedOnTheWay, isMadeOf, makes } from "./wave.ts";

/** Triggers that may leave a row out or write another one, of a table or its partitions, by name; with what they do. */
const triggers = (table: string, event: "insert" | "update", does: string): string => `(
      select coalesce(string_agg(distinct g.tgname, ', '), 'the platform') || ' (' || ${does} || ')'
        from pg_trigger g
       where ${actsOn(table)} and g.tgtype & 3 = 3 and g.tgtype & ${event === "insert" ? 4 : 16} > 0)`;

/**
 * What keeps rows of `picked` from being written as a wave means to, where nothing refuses them: its name, or an empty
 * text. A trigger returns null, and fewer were written than there are; it changes the key, and nobody knows whose row it
 * is; of a row that is there it changes what waves watch and were not to change of this one; what stands in a column of
 * a new row cannot be kept in the ledger, as PostgreSQL takes it for json and not for jsonb; or one that came since preflight
 * writes something else than was signed.
 */
export function leftOut(
  migration: Migration,
  drawn: Drawn,
  json: JsonColumns,
  onTheWay: OnTheWay,
): string {
  const fewer = (of: string, written: string) =>
    `(select count(*) from picked p where ${of}) > (select count(*) from ${written})`;
  const cases = Object.entries(migration.entity.actions).flatMap(([name, action]) => {
    const { into, id } = action;
    const made = identifier(`made_${name}`);
    const key = keyColumnsOf(id)
      .map((column) => `${into}.${column}`)
      .join(", ");
    const columns = (json[into] ?? []).filter(({ base }) => !base.startsWith("jsonb"));
    const unkept = `(select min(${unkeptIn(columns)}) from ${made} i)`;
    return [
      `when ${fewer(makes(name), made)} then ${triggers(into, "insert", literal("leaves it out in silence"))}`,
      `when ${fewer(makes(name), `picked p join ${made} i on ${isMadeOf(name, action)}`)} then ${triggers(into, "insert", literal(`changes ${key}`))}`,
      ...(columns.length === 0
        ? []
        : [
            `when ${unkept} is not null then ${literal(`${into}.`)} || ${unkept} || ' holds what no ledger takes'`,
          ]),
    ];
  });
  if (isUpdated(migration.entity)) {
    const { into } = standsIn(migration);
    const beside = changedBeside(migration);
    cases.push(
      `when ${fewer("p.planned = 'update'", "changed_there")} then ${triggers(into, "update", literal("keeps it in silence"))}`,
      `when ${beside} is not null then ${triggers(into, "update", `'changes ' || ${beside}`)}`,
    );
  }
  for (const changed of changedOnTheWay(migration, drawn, onTheWay))
    cases.push(`when ${changed} is not null then ${changed}`);
  return `case when false then '' ${cases.join(" ")} else '' end`;
}
