import {
  identifier,
  join,
  json,
  literals,
  raw,
  type Sql,
  sql,
  text,
  uuid,
} from "../../data/sql.ts";
import type { Reconciled } from "../../define/reconcile.ts";

/** A run, as far as what it was asked for goes. */
export interface Asked {
  readonly id: string;
  readonly seed: string;
  /** When it began. */
  readonly created_at: string;
  readonly settings: Readonly<Record<string, string>>;
}

/** Draws so many people of each side who have something there that the run was asked for, the same ones whenever it is asked. */
export function drawPeople(sides: readonly Reconciled[], run: Asked, people: number): Sql {
  const each = sides.map(
    ({ things }) => sql`(
      select person from (select distinct s.person::text as person from (${bound(things, run)}) s where s.asked) drawn
       where person is not null order by md5(person || ${run.seed}), person limit ${people})`,
  );
  return join(each, " union ");
}

/**
 * Of each of some people: things they were to have an entry of, entries there are, things without one that the run
 * does not tell of, entries of nothing, and things that the run tells of and has no entry of.
 */
export function comparePeople(
  { named, reasons, things, entries }: Reconciled,
  staging: string,
  run: Asked,
  people: readonly string[],
): Sql {
  const thing = named
    .map((column) => `coalesce(r.${identifier(column)}::text, '')`)
    .join(" || ':' || ");
  const left = `r.import_state in ('held', 'failed')${reasons.length === 0 ? "" : ` or (r.import_state = 'skipped' and r.state_reason in (${literals(reasons)}))`}`;
  return sql`
    with people as (select jsonb_array_elements_text(${json(people)}) as person),
         things as (
           select s.person::text as person, s.thing::text as thing, coalesce(bool_or(s.asked), false) as asked
             from (${bound(things, run)}) s
            where s.person::text in (select person from people) group by 1, 2),
         entries as (
           select s.person::text as person, s.thing::text as thing, count(*) as n
             from (${bound(entries, run)}) s
            where s.person::text in (select person from people) group by 1, 2),
         told as materialized (
           select distinct ${raw(thing)} as thing
             from wavegate.${raw(identifier(staging))} r
            where r.run_id = ${uuid(run.id)} and (${raw(left)}))
    select p.person,
           coalesce(sum(case when t.asked then 1 end), 0)::bigint as things,
           coalesce(sum(e.n), 0)::bigint as entries,
           coalesce(sum(case when t.asked and e.thing is null and o.thing is null then 1 end), 0)::bigint as missing,
           coalesce(sum(case when t.thing is null then e.n else e.n - 1 end), 0)::bigint as foreign_entries,
           coalesce(sum(case when t.asked and e.thing is null and o.thing is not null then 1 end), 0)::bigint as told
      from people p
      left join (things t full join entries e using (person, thing)) using (person)
      left join told o on o.thing = coalesce(t.thing, e.thing)
     group by p.person order by p.person`;
}

/** A select of a definition, with what was said of the run in the places that ask for it. */
function bound(select: string, { created_at: began, settings }: Asked): Sql {
  const parts = select.split(/(\{[a-z_]+\})/u).map((part) => {
    const [, name] = /^\{([a-z_]+)\}$/u.exec(part) ?? [];
    if (name === undefined) return raw(part);
    return sql`${text(name === "began" ? began : (settings[name] ?? null))}`;
  });
  return join(parts, "");
}
