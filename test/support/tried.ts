import type pg from "pg";
import { expect } from "vitest";

interface Trial {
  readonly relation: string;
  readonly verb: string;
  readonly col: string | null;
  readonly statement: string;
}

/** What tries each verb: most are planned by PostgreSQL with the rights that they take, and not run. */
const trials = `
  select case n.nspname when 'wavegate' then c.relname else n.nspname || '.' || c.relname end as relation, v.*
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
   cross join lateral (select format('%I.%I', n.nspname, c.relname) as place) p
   cross join lateral (
     select 'delete' as verb, null::text as col, format('explain delete from %s where false', place) as statement
     union all select 'truncate', null, format('truncate %s', place) where c.relkind in ('r', 'p')
     union all select 'lock', null, format('lock table %s in share row exclusive mode', place) where c.relkind in ('r', 'p')
     union all
     select verb, a.attname,
            format(case verb when 'select' then 'explain select %2$I from %1$s'
                             when 'insert' then 'explain insert into %1$s (%2$I) values (default)'
                             else 'explain update %1$s set %2$I = default where false' end, place, a.attname)
       from pg_attribute a cross join unnest(array['select', 'insert', 'update']) verb
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) v
   where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
   order by 1, 2, 3`;

/** Denied; no view that could be written to; or what nobody may, as a log is not emptied. */
const refusals = ["42501", "55000", "0A000", "P0001"];

/** Tries each statement by itself in a role's own session, and undoes it: `done`, or PostgreSQL's code of each. */
async function triedEach(client: pg.Client, statements: readonly string[]): Promise<string[]> {
  await client.query("select set_config('tried.statements', $1, false)", [
    JSON.stringify(statements),
  ]);
  await client.query(`do $tried$
    declare
      statement text;
      answers text[] := '{}';
    begin
      for statement in select s from jsonb_array_elements_text(current_setting('tried.statements')::jsonb) with ordinality t (s, n) order by n loop
        begin
          execute statement;
          raise exception 'undone' using errcode = 'WGUND';
        exception when others then
          answers := answers || case when sqlstate = 'WGUND' then 'done' else sqlstate end;
        end;
      end loop;
      perform set_config('tried.answers', to_jsonb(answers)::text, false);
    end $tried$`);
  const { rows } = await client.query<{ answers: string[] }>(
    "select current_setting('tried.answers')::jsonb as answers",
  );
  return rows[0]?.answers ?? [];
}

/**
 * By relation what a role may, as in `insert, select, update(a b)`, without columns where it is every one: each verb tried
 * on each column of the catalogue, and nothing of it stays. Relations of wavegate's stand without their schema.
 */
export async function mayDo(admin: pg.Client, who: pg.Client): Promise<Record<string, string>> {
  const { rows } = await admin.query<Trial>(trials);
  const answers = await triedEach(
    who,
    rows.map(({ statement }) => statement),
  );
  expect(answers).toHaveLength(rows.length);
  const others = answers.flatMap((answer, n) =>
    ["done", ...refusals].includes(answer) ? [] : [`${rows[n]?.statement}: ${answer}`],
  );
  expect(others).toEqual([]);
  const all = rows.map((trial, n) => ({ ...trial, done: answers[n] === "done" }));
  const found = [...Map.groupBy(all, ({ relation }) => relation)].map(([relation, ofOne]) => {
    const verbs = [...Map.groupBy(ofOne, ({ verb }) => verb)].flatMap(([verb, some]) => {
      const may = some.filter(({ done }) => done).map(({ col }) => col);
      if (may.length === 0) return [];
      return [may.length === some.length ? verb : `${verb}(${may.join(" ")})`];
    });
    return [relation, verbs.sort().join(", ")] as const;
  });
  return Object.fromEntries(found.filter(([, may]) => may !== ""));
}
