import { appendFileSync } from "node:fs";
import { it } from "vitest";
import { platformDigest, reviewed, reviewedServices } from "../support/services.ts";
import { approve, runWave } from "../support/steps.ts";
import { rollback } from "../../lib/stages/rollback.ts";
const log = (line: string) => appendFileSync("/tmp/wg/zz-ddl.log", `${line}\n`);
const T = "legacy_completed_trainings";
const fn = (name: string, body: string, ret = "new") => `create function ${name}() returns trigger language plpgsql security definer as $$ begin ${body}; return ${ret}; end $$;`;
const cases: [string, string, string?][] = [
  ["deferred constraint trigger writes users", `${fn("d1", "update users set full_name = full_name || 'x' where id = (select min(id) from users)")} create constraint trigger d1 after insert on ${T} deferrable initially deferred for each row execute function d1()`],
  ["deferred constraint trigger raises", `${fn("d2", "raise exception 'no %', new.full_name")} create constraint trigger d2 after insert on ${T} deferrable initially deferred for each row execute function d2()`],
  ["rename column", `alter table ${T} rename column phone to phone2`],
  ["generated always id", `alter table ${T} alter id set generated always`],
  ["drop identity", `alter table ${T} alter id drop identity`],
  ["narrow type", `alter table ${T} alter full_name type varchar(6)`],
  ["bytea", `alter table ${T} alter full_name type bytea using full_name::bytea`],
  ["domain", `create domain dd as text check (value not like 'A%'); alter table ${T} alter full_name type dd`],
  ["not null new", `alter table ${T} add column nn int not null`],
  ["statement trigger after", `${fn("s1", "delete from crm_leads where id = (select min(id) from crm_leads)", "null")} create trigger s1 after insert on ${T} for each statement execute function s1()`],
  ["before returns null", `${fn("b1", "null", "null")} create trigger b1 before insert on ${T} for each row execute function b1()`],
  ["rule instead", `create rule r1 as on insert to ${T} do instead nothing`],
  ["rule also", `create rule r2 as on insert to ${T} do also insert into crm_leads (full_name, source) values ('x','y')`],
  ["rls", `alter table ${T} enable row level security`],
  ["rls users", `alter table users enable row level security`],
  ["child table", `create table child () inherits (${T})`],
  ["no identity key", `alter table ${T} drop constraint ${T}_source_table_legacy_id_key`],
  ["revoke insert", `do $$ declare r text; begin for r in select rolname from pg_roles where rolname like 'wavegate%commit%' loop execute format('revoke insert on ${T} from %I', r); end loop; end $$`],
  ["schema usage", `revoke usage on schema public from public`],
  ["users renamed", `alter table users rename to users_old`],
  ["deleted user", `delete from users where id in (select id from users where not exists (select from enrollments e where e.user_id = users.id) limit 200)`],
  ["trigger as table writer of wavegate", `${fn("w1", "delete from wavegate.legacy_import_commit_logs")} create trigger w1 after insert on ${T} for each row execute function w1()`],
  ["trigger that commits setting", `${fn("w2", "perform set_config('session_replication_role','replica',true)")} create trigger w2 before insert on ${T} for each row execute function w2()`],
  ["trigger notify", `${fn("w3", "perform pg_notify('x', new.full_name)")} create trigger w3 after insert on ${T} for each row execute function w3()`],
  ["unlogged", `alter table ${T} set unlogged`],
  ["identity restart", `alter table ${T} alter id restart with 9223372036854775800`],
  ["id smallint", `alter table ${T} alter id type smallint; alter table ${T} alter id restart with 32760`],
  ["duplicate column default", `alter table ${T} alter created_at set default now() + interval '1 day'`],
  ["generated stored", `alter table ${T} drop column classification; alter table ${T} add column classification text generated always as ('completed') stored`],
];
const only = process.env.ZZ?.split(",");
it.each(cases.filter((_, n) => !only || only.includes(String(n))))("%s", async (what, ddl) => {
  const test = await reviewedServices();
  const before = await platformDigest(test);
  try {
    await approve(test, reviewed, "first_wave");
    await test.query(ddl).catch((e: Error) => { log(`${what}: DDL: ${e.message}`); throw e; });
    const mid = await platformDigest(test).catch((e: Error) => ({ failed: e.message }));
    let said = "";
    try { const { written, verified } = await runWave(test, reviewed, 1); said = `${JSON.stringify(written.counts.created)} refused ${JSON.stringify(written.counts.refused)} held ${written.counts.heldBack} verified ${verified.passed}`; }
    catch (e) { const x = e as Error; said = `${x.name}: ${x.message.slice(0, 260)}`; }
    const after = await platformDigest(test).catch((e: Error) => ({ failed: e.message }));
    const changed = Object.keys({ ...mid, ...after }).filter((k) => (mid as Record<string, string>)[k] !== (after as Record<string, string>)[k]);
    log(`${what}: ${said} | changed ${changed}`);
    try { const r = await rollback(test.services, reviewed); const end = await platformDigest(test).catch((e: Error) => ({ failed: e.message })); log(`   rollback ${r.outcome} same ${JSON.stringify(end) === JSON.stringify(mid)}`); }
    catch (e) { const x = e as Error; log(`   rollback ${x.name}: ${x.message.slice(0, 200)}`); }
  } finally { await test.close(); }
  void before;
}, 300_000);
