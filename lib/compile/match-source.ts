import { identifier, literal, literals, raw, type Sql, sql, uuid } from "../data/sql.ts";
import type { Migration, Once } from "../define/definition.ts";
import { type OnceField, onceField } from "../define/identity.ts";
import { importedColumn } from "./columns.ts";
import {
  contacts,
  idInPart,
  type MatchContext,
  rowsOf,
  rowsWithContact,
  textInPart,
} from "./match-context.ts";
import { decisionsTable, sourceTable } from "./rows.ts";

/** High inside the source: rows that share a validated contact, each with the first of its group. */
export function sourceContact(context: MatchContext): Sql {
  const { run } = context;
  const rows = rowsWithContact(context.migration);
  return sql`
  with contacts as materialized (
    select staged_id, contact, hashtextextended(contact, 0) as key from (${contacts(context)}) c),
  -- Numbers are grouped and joined faster than texts; the few that are left are compared in full.
  often as materialized (select key from contacts group by 1 having count(*) > 1),
  few as materialized (select staged_id, contact from contacts c where c.key in (select key from often)),
  shared as materialized (select contact, ${rows} as hits from few group by 1 having ${rows} > 1),
  grouped as (
    select c.staged_id, shared.hits, first_value(c.staged_id) over (
             partition by c.contact order by s.created_at nulls last, s.source_table, s.legacy_id) as first_id
      from shared join few c on c.contact = shared.contact
      join ${rowsOf(context)} s on s.staged_id = c.staged_id)
  insert into wavegate.source_hints as h (run_id, staged_id, level, rule, first_id, hits)
  select ${run}, staged_id, 'high', 'same_contact', first_id, max(hits) from grouped group by staged_id, first_id
  -- Two contacts of a row may lead to the same row in two parts.
  on conflict (run_id, staged_id, rule, first_id) do update set hits = greatest(h.hits, excluded.hits)`;
}

/** Of several rows of one kind that share a contact only the earliest commits (D8): the others are later ones. */
export function laterOfPerson(context: MatchContext): Sql {
  const { migration, run } = context;
  const inPart = idInPart(context, "h.first_id");
  return sql`
  update wavegate.source_hints h set later = true
    from (select h.staged_id, h.first_id, row_number() over (
                   partition by h.first_id order by s.created_at nulls last, s.source_table, s.legacy_id) as place
            from wavegate.source_hints h
            join ${rowsOf(context)} s on s.staged_id = h.staged_id
            join ${raw(decisionsTable(migration))} d on d.run_id = ${run} and d.staged_id = h.staged_id
             and d.classification in (${raw(literals(migration.entity.match.onePerPerson))})
           where h.run_id = ${run} and h.rule = 'same_contact' and ${inPart}) earlier
   where h.run_id = ${run} and h.rule = 'same_contact' and earlier.place > 1
     and h.staged_id = earlier.staged_id and h.first_id = earlier.first_id`;
}

/** Of rows that a definition wants once each that is not the first, with the first one. */
export function laterOfOnce(migration: Migration, run: string, { fields, by }: Once): Sql {
  const column = (name: string) => identifier(importedColumn(migration, name));
  const asked = fields.map(onceField);
  const exact = asked.filter(({ within }) => within === undefined);
  const near = asked.find(({ within }) => within !== undefined);
  const key = exact.map(({ name, lower }) => (lower ? `lower(${column(name)})` : column(name)));
  const told = asked.map(({ name }) => column(name)).join(", ");
  const rows = sql`${raw(sourceTable(migration))}
           where run_id = ${uuid(run)} and num_nulls(${raw(told)}) = 0`;
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
   where place > 1`;
}

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

/** Medium inside the source: the same name with the same birth date, or the same unusable raw phone. */
export function sourceNames(context: MatchContext): Sql {
  const { run } = context;
  const inPart = textInPart(context, "name_key");
  return sql`
  with keyed as materialized (
    select staged_id, 'same_name_and_birth_date' as rule, name_key, birth_date, null::text as raw_phone,
           created_at, source_table, legacy_id,
           hashtextextended(name_key, (birth_date - date '2000-01-01')::bigint) as key
      from ${rowsOf(context)} s
     where name_key is not null and birth_date is not null and ${inPart}
    union all
    select staged_id, 'same_name_and_raw_phone', name_key, null, raw_phone, created_at, source_table, legacy_id,
           hashtextextended(raw_phone, hashtextextended(name_key, 1))
      from ${rowsOf(context)} s
     where name_key is not null and raw_phone is not null and ${inPart}),
  -- Numbers are grouped and joined faster than texts; the few that are left are compared in full.
  often as materialized (select key from keyed group by 1 having count(*) > 1)
  insert into wavegate.source_hints (run_id, staged_id, level, rule, first_id, hits)
  select ${run}, staged_id, 'medium', rule, first_id, hits
    from (select k.staged_id, k.rule, count(*) over same as hits, first_value(k.staged_id) over (
                   same order by k.created_at nulls last, k.source_table, k.legacy_id) as first_id
            from keyed k where k.key in (select key from often)
          window same as (partition by k.key, k.rule, k.name_key, k.birth_date, k.raw_phone)) grouped
   where hits > 1`;
}
