import { identifier, literal, raw, type Sql, sql, uuid } from "../../data/sql.ts";
import type { Migration, Reference } from "../../define/definition.ts";

/** What the record `p` is called, as a digest; null where it is called nothing. */
function called({ platform }: Reference): string {
  const by = "label" in platform ? platform.label : platform.code;
  return `md5(p.${identifier(by)}::text)`;
}

/** Notes what the platform calls at this moment what a run's references are mapped to, and forgets what none is mapped to any more. */
export const noteCalled = ({ references }: Pick<Migration, "references">, run: string): Sql[] =>
  Object.entries(references).flatMap(([name, reference]) => {
    const { platform, staging } = reference;
    const id = `p.${identifier(platform.id)}`;
    // As an anti join: a list of some hundred thousand targets would be read for each.
    const forget = sql`
    delete from wavegate.called_things c
     where c.run_id = ${uuid(run)} and c.reference = ${name} and not exists (
       select from wavegate.${raw(identifier(staging.table))} m
        where m.run_id = ${uuid(run)} and m.${raw(identifier(staging.target))}::text = c.target_id)`;
    const note = sql`
    insert into wavegate.called_things as c (run_id, reference, target_id, called)
    select distinct on (${raw(id)}) ${uuid(run)}, ${name}, ${raw(id)}::text, ${raw(called(reference))}
      from ${raw(identifier(platform.table))} p
     where ${raw(id)} in (
             select m.${raw(identifier(staging.target))} from wavegate.${raw(identifier(staging.table))} m where m.run_id = ${uuid(run)})
     order by ${raw(id)}
    on conflict (run_id, reference, target_id) do update set called = excluded.called
      where c.called is distinct from excluded.called`;
    return [forget, note];
  });

/** Joins, as `k`, what the newest dry run saw that a reference's `target` is called. */
export const calledThen = (name: string, target: string, run: string): Sql => sql`
      left join wavegate.called_things k
        on k.run_id = ${uuid(run)} and k.reference = ${raw(literal(name))} and k.target_id = (${raw(target)})::text`;

/** Whether the record `p` is called as it was then, by `k`; what was not there then is not. */
export const isCalledSo = (reference: Reference): Sql =>
  sql`k.run_id is not null and k.called is not distinct from ${raw(called(reference))}`;
