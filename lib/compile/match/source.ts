import { identifier, literal, literals, raw, type Sql, sql, uuid } from "../../data/sql.ts";
import type { Condition } from "../../define/condition.ts";
import type { Migration, Once } from "../../define/definition.ts";
import { type OnceField, onceField } from "../../define/identity.ts";
import { smallLetters } from "../as-read.ts";
import { importedColumn } from "../columns.ts";
import { compileCondition, stagedFrom } from "../condition.ts";
import { decisionsTable, sourceTable } from "../rows.ts";
import { idInPart, type MatchContext, rowsOf, unlessThere } from "./context.ts";

/** Of several rows of one kind that share a contact only the earliest commits (D8): the others are later ones. */
export function laterOfPerson(context: MatchContext): Sql {
  const { migration, run } = context;
  const inPart = idInPart(context, "h.first_id");
  return sql`
  update wavegate.source_hints h set later = true
    from (select h.staged_id, h.first_id, row_number() over (
                   partition by h.first_id order by s.created_at nulls last, s.source_table, s.legacy_id) as place
            from (select h.staged_id, h.first_id, count(*) over (partition by h.first_id) as rows
                    from wavegate.source_hints h
                    join ${raw(decisionsTable(migration))} d on d.run_id = ${run} and d.staged_id = h.staged_id
                     and d.classification in (${raw(literals(migration.entity.match.onePerPerson))})
                   where h.run_id = ${run} and h.rule = 'same_contact' and ${inPart}) h
            -- Few share it with another of their kind: each is looked up, where all rows were read.
            cross join lateral (
              select created_at, source_table, legacy_id from ${rowsOf(context)} r where r.staged_id = h.staged_id offset 0) s
           where h.rows > 1) earlier
   where h.run_id = ${run} and h.rule = 'same_contact' and earlier.place > 1
     and h.staged_id = earlier.staged_id and h.first_id = earlier.first_id`;
}

/** Of rows that a definition wants once each that is not the first, with the first one. */
export function laterOfOnce(
  migration: Migration,
  run: string,
  { fields, by, where }: Once,
  again = false,
): Sql {
  const column = (name: string) => identifier(importedColumn(migration, name));
  const asked = fields.map(onceField);
  const exact = asked.filter(({ within }) => within === undefined);
  const near = asked.find(({ within }) => within !== undefined);
  const key = exact.map(({ name, lower }) => (lower ? smallLetters(column(name)) : column(name)));
  const told = asked.map(({ name }) => column(name)).join(", ");
  const rows = sql`${raw(sourceTable(migration))}
           where run_id = ${uuid(run)} and num_nulls(${raw(told)}) = 0${raw(where === undefined ? "" : countsIn(migration, run, where))}`;
  const time = near && column(near.name);
  const same = [...key, ...(near ? ["chain"] : [])].join(", ");
  const first = [
    ...by.map((of) =>
      typeof of === "string" ? `${column(of)} nulls last` : `${column(of.most)} desc nulls last`,
    ),
    ...(time ? [time] : []),
    "source_table",
    "legacy_id",
    "id",
  ];
  return sql`
  insert into wavegate.source_hints (run_id, staged_id, level, rule, first_id, hits, later)
  select ${uuid(run)}, id, 'high', 'once', first_id, hits, true
    from (select id, first_value(id) over told as first_id, row_number() over told as place,
                 count(*) over (partition by ${raw(same)}) as hits
            from ${near ? chained(rows, key.join(", "), column(near.name), distanceOf(migration, near)) : rows}
          window told as (partition by ${raw(same)} order by ${raw(first.join(", "))})) rows
   where place > 1 ${unlessThere(again)}`;
}

/** Whether a row is one of those that count, as a further condition. */
const countsIn = (migration: Migration, run: string, where: Condition): string => `
             and id in (select s.id from ${stagedFrom(migration)}
                         where s.run_id = '${run}' and ${compileCondition(where, migration)})`;

/** Rows that are the same but for a time or number, those one after the other that lie near each other as one chain. */
const chained = (rows: Sql, key: string, near: string, distance: string): Sql => sql`
                 (select *, sum(apart) over (partition by ${raw(key)} order by ${raw(near)}, id) as chain
                    from (select *, case when ${raw(near)} - lag(${raw(near)}) over (
                                      partition by ${raw(key)} order by ${raw(near)}, id) <= ${raw(distance)} then 0 else 1 end as apart
                            from ${rows}) one_by_one) one_by_one`;

/** How far apart two of a column may be, as what their difference is compared with. */
function distanceOf(migration: Migration, { name, within = "0" }: OnceField): string {
  const kind = migration.entity.fields[name]?.kind;
  const isTime = kind === "timestamp" || kind === "created_at";
  return `${literal(within)}::${isTime ? "interval" : "numeric"}`;
}
