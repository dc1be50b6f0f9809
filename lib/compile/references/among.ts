import { identifier, literal, literals, raw, type Sql, sql, uuid } from "../../data/sql.ts";
import type { Besides, EntityReference, Migration } from "../../define/definition.ts";
import { aliasOf, rowColumn, stateAbove, stateColumn } from "../above-columns.ts";
import { importedColumn } from "../columns.ts";
import { decisionsTable, sourceTable } from "../rows.ts";
import { type Choice, choiceOf, choiceTable, namedKey } from "./choices.ts";

/** How much there is of a row: nothing of it comes, it waits, it is there. */
const level = (state: string): string =>
  `case ${state} when 'there' then 2 when 'waits' then 1 else 0 end`;

/**
 * The rows that a reference of the row `s` may mean, each with how much there is of it and of what has to be beside it,
 * and its place: what a person says is meant comes first, then one beside which a time is not after that of `s`.
 *
 * @param isSame whether a row `a` holds what the row `s` names
 */
function candidates(
  migration: Migration,
  name: string,
  { to, beside = [] }: EntityReference,
  isSame: string,
): string {
  const parent = entityAbove(migration, to);
  const besides = beside.map((each, n) => besideJoin(migration, parent, each, `b${n}`));
  const levels = [level('w."own state"'), ...beside.map((_, n) => `coalesce(b${n}.level, -1)`)];
  const weights = beside.map((_, n) => `coalesce(b${n}.weight, 0)`);
  const choice = choiceOf(migration, name);
  const chosen =
    choice === undefined
      ? "0"
      : `case when (${namedKey("w")}) = ${saidOf(choice)} then 1 else 0 end`;
  return `select w.id, w.legacy_id, v.level, v.chosen,
                               rank() over (order by v.level desc, v.chosen desc, ${weights.join(" + ") || "0"} desc) as nth
                          from (select a.*, ${stateAbove(parent)} as "own state"
                                  from ${sourceTable(parent)} a
                                  left join lateral (select * from ${decisionsTable(parent)} each where each.run_id = a.run_id and each.staged_id = a.id offset 0) d on true
                                 where a.run_id = s.run_id and a.source_table in (${literals([...parent.entity.from])})
                                   and ${isSame}) w
                          ${besides.join("\n                          ")}
                          cross join lateral (select least(${levels.join(", ")}) as level, ${chosen} as chosen) v`;
}

/** What a person says that the row `s` means; null where nobody did. */
const saidOf = (choice: Choice): string =>
  `(select h.target from ${choiceTable(choice)} h
                               where h.run_id = s.run_id and h.legacy_id = s.legacy_id and h.status = 'confirmed')`;

/**
 * The join of a reference that may mean several rows, of which it is the one beside which others are there: all of
 * them, and rather one beside which a time is not after that of the row `s`. What only a guess could decide is
 * `several`, and so is what a person decided for one that is none of those any more.
 */
export function amongJoin(
  migration: Migration,
  name: string,
  reference: EntityReference,
  isSame: string,
): string {
  const named = Object.values(reference.by).map((field) => own(migration, field));
  const choice = choiceOf(migration, name);
  const other = choice === undefined ? "" : ` or (n.chosen = 0 and ${saidOf(choice)} is not null)`;
  return `cross join lateral (
        select case when n.level = 2 and not n.several then n.id end as ${identifier(rowColumn(name))},
               case when num_nulls(${named.join(", ")}) > 0 then 'none' when n.level is null then '${reference.others ? "none" : "absent"}'
                    when n.level = 1 then 'waits' when n.level = 0 then 'out'
                    when n.several then 'several' else 'there' end as ${identifier(stateColumn(name))}
          from (select n.*, n.rows > 1${other} as several
                  from (select count(*) as rows, min(c.id) as id, min(c.level) as level, min(c.chosen) as chosen
                          from (${candidates(migration, name, reference, isSame)}) c
                         where c.nth = 1 and c.level >= 0) n) n offset 0) ${aliasOf(name)}`;
}

/**
 * Notes, of the rows of which several could be meant, which those are, for a person to say; what is no more open and
 * was not decided is asked no more. What a person said stays.
 */
export function noteCandidates(choice: Choice, isSame: string, run: string): readonly Sql[] {
  const { part, name, shows } = choice;
  const reference = part.entity.refs?.[name] as EntityReference;
  const parent = entityAbove(part, reference.to);
  const open = (of: string) => `from ${sourceTable(part)} ${of}
          join ${decisionsTable(part)} d on d.run_id = ${of}.run_id and d.staged_id = ${of}.id and d.${identifier(stateColumn(name))} = 'several'
         where ${of}.run_id = ${literal(run)}::uuid`;
  const title = shows === undefined ? "null" : shownOf(parent, shows);
  return [
    sql`
  insert into ${raw(choiceTable(choice))} (run_id, legacy_id, candidates, keys, status)
  select ${uuid(run)}, s.legacy_id, string_agg(concat(c.key, ' (' || c.title || ')'), '; ' order by c.key), jsonb_object_agg(c.key, c.title), 'needs_review'
    from (select distinct s.run_id, s.legacy_id, min(s.id) as id ${raw(open("s"))} group by 1, 2) one
    join ${raw(sourceTable(part))} s on s.run_id = one.run_id and s.id = one.id
    cross join lateral (
      select ${raw(namedKey("w"))} as key, ${raw(title)} as title
        from (${raw(candidates(part, name, reference, isSame))}) w where w.level = 2
       order by w.nth limit 50) c
   group by s.legacy_id
  on conflict (run_id, legacy_id) do update set candidates = excluded.candidates, keys = excluded.keys
    where (excluded.candidates, excluded.keys) is distinct from (${raw(identifier(choice.table))}.candidates, ${raw(identifier(choice.table))}.keys)`,
    sql`
  delete from ${raw(choiceTable(choice))} h
   where h.run_id = ${uuid(run)} and h.decided_by is null
     and not exists (select ${raw(open("o"))} and o.legacy_id = h.legacy_id)`,
  ];
}

/** What is shown of a candidate `w`: a field of a row that it refers to. */
function shownOf(parent: Migration, { of, field }: NonNullable<Choice["shows"]>): string {
  const shown = entityAbove(parent, parent.entity.refs?.[of]?.to ?? "");
  return `(select left(t.${identifier(importedColumn(shown, field))}::text, 60) from ${decisionsTable(parent)} e
                 join ${sourceTable(shown)} t on t.run_id = e.run_id and t.id = e.${identifier(rowColumn(of))}
                where e.run_id = s.run_id and e.staged_id = w.id)`;
}

/** Of rows of another entity beside a candidate `w`, how much there is of them, and whether one is not too late. */
function besideJoin(
  migration: Migration,
  parent: Migration,
  { entity, same, is = {}, rather }: Besides,
  as: string,
): string {
  const other = entityAbove(migration, entity);
  const theirs = (field: string) => `o.${identifier(importedColumn(other, field))}`;
  const equal = Object.entries(same).map(([field, value]) =>
    typeof value === "string"
      ? `${theirs(field)}::text = ${own(migration, value)}::text`
      : `${theirs(field)}::text = w.${identifier(importedColumn(parent, value.theirs))}::text`,
  );
  const words = Object.entries(is).map(([field, word]) =>
    other.entity.fields[field]?.kind === "boolean"
      ? `${theirs(field)} = ${word === "yes"}`
      : `${theirs(field)} = ${literal(word)}`,
  );
  const weight =
    rather === undefined
      ? "0"
      : `case when ${theirs(rather[0])} <= ${own(migration, rather[1])} then 1 else 0 end`;
  return `left join lateral (
                            select max(${level("x.state")}) as level, max(case x.state when 'there' then x.weight else 0 end) as weight
                              from (select ${stateAbove(other, "e")} as state, ${weight} as weight
                                      from ${sourceTable(other)} o
                                      left join ${decisionsTable(other)} e on e.run_id = o.run_id and e.staged_id = o.id
                                     where o.run_id = s.run_id and o.source_table in (${literals([...other.entity.from])})
                                       and ${[...equal, ...words].join(" and ")}) x) ${as} on true`;
}

const own = (migration: Migration, field: string): string =>
  `s.${identifier(importedColumn(migration, field))}`;

function entityAbove(migration: Migration, name: string): Migration {
  const found = migration.above?.find(({ part }) => part === name);
  if (found !== undefined) return found;
  throw new Error(`“${migration.part}” refers to “${name}”, which is nothing above it.`);
}
