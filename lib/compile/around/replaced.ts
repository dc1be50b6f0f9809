import { identifier, literal, raw, type Sql, sql, tablesNamed, uuid } from "../../data/sql.ts";
import type { Pin } from "../pin/pin.ts";
import { keptInStore } from "../target-key.ts";
import { isNamed, saidNames } from "./surroundings.ts";

/** Under which name a dry run keeps what else it saw of the platform, beside the types of tables: none is called so. */
const besides = "";

/** The greatest key of each target of which the platform counts them, less {@link keptInStore}: a select of one JSON value. */
const keysNow = ({ targets }: Pin): string => {
  const each = targets
    .filter(({ key }) => key === undefined)
    .map(
      ({ table, id }) =>
        `${literal(table)}, (select max(${identifier(id)}) - ${keptInStore} from ${identifier(table)})`,
    );
  return `jsonb_build_object(${each.slice(0, 45).join(", ")})`;
};

/** By target table the key beyond which rows came since the newest dry run, as a select of one JSON value; it has no others. */
export const seenKeys = (run: string): Sql => sql`
    select coalesce((select types -> ${besides}::text -> 'keys' from wavegate.dry_runs where run_id = ${uuid(run)} order by created_at desc limit 1), '{}')`;

/** Triggers that the definition names and that act on rows of its targets, as `(trigger, does)`: what each does, as one digest. */
const namedTriggers = ({ targets, effects }: Pin): Sql =>
  sql`${raw(`
      select t.name || '.' || g.tgname as trigger,
             md5(string_agg(concat_ws(E'\\n', c.relname, g.tgenabled, pg_get_triggerdef(g.oid), pg_get_functiondef(g.tgfoid)), E'\\n' order by g.oid)) as does
        from (${tablesNamed(targets.map(({ table }) => table))}) t
       cross join lateral (select t.oid union select relid from pg_partition_tree(t.oid)) p(oid)
        join pg_class c on c.oid = p.oid
        join pg_trigger g on g.tgrelid = p.oid and not g.tgisinternal and g.tgenabled in ('O', 'A')
         -- A part that is new has those of its table.
         and g.tgparentid = 0
       cross join `)}${saidNames(effects)}${raw(` said
       where t.oid is not null and ${isNamed("g.tgrelid", "g.tgname")}
       group by 1`)}`;

/**
 * What those do at this moment, the greatest keys, and which tables those are that go by the names of a definition, to be
 * kept beside the types that a dry run sees: a select of one JSON value.
 */
export const besidesNow = (pin: Pin): Sql => sql`
    select jsonb_build_object('${raw(besides)}', jsonb_build_object('keys', ${raw(keysNow(pin))},
             'tables', (select coalesce(jsonb_object_agg(t.name, t.oid::bigint), '{}')
                          from (${raw(tablesNamed(pin.read))}) t join pg_class c on c.oid = t.oid and c.relkind in ('r', 'p')),
             'triggers', (select coalesce(jsonb_object_agg(n.trigger, n.does), '{}') from (${namedTriggers(pin)}) n)))`;

/**
 * Those that do something else than when the newest dry run saw them, or that it did not see, by name, as a select of one JSON
 * list: their function was replaced, or they came back under a name that the definition trusts.
 */
export const replacedSince = (pin: Pin, run: string): Sql => sql`
    select coalesce(jsonb_agg(n.trigger order by n.trigger), '[]')
      from (${namedTriggers(pin)}) n
      join (select types -> ${besides}::text -> 'triggers' as seen from wavegate.dry_runs where run_id = ${uuid(run)} order by created_at desc limit 1) d
        on d.seen is not null and d.seen ->> n.trigger is distinct from n.does`;

/**
 * The tables that the newest dry run saw in whose place another one stands, or something else of their name, as a select of
 * one JSON list.
 */
export const othersSince = ({ read }: Pin, run: string): Sql => sql`
    select coalesce(jsonb_agg(t.name order by t.name), '[]')
      from (${raw(tablesNamed(read))}) t
      join (select types -> ${besides}::text -> 'tables' as seen from wavegate.dry_runs where run_id = ${uuid(run)} order by created_at desc limit 1) d
        on (d.seen ->> t.name)::bigint <> t.oid::bigint`;
