import { expect, it } from "vitest";
import {
  commit,
  defineMigration,
  derived,
  entity,
  harmless,
  insert,
  table,
  text,
} from "../../lib/define/builders.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { csvServices } from "../support/csv-services.ts";
import { reviewedRun, toTheEnd } from "../support/steps.ts";

const run = "7f3a0000-0000-4000-8000-00000051e9ce";
const wavePlan = [25, 125, 625, 3_125, 5_000];
const rows = wavePlan.reduce((sum, each) => sum + each, 0);
const silent = (trigger: string) => `${trigger} (keeps it in silence)`;
const [all, some] = [
  "keeps_what_was_entered_before_the_house_was_sold_to_somebody",
  "keeps_the_last",
] as const;

const keepers = defineMigration({
  name: "keepers",
  title: "Keepers",
  connection: "old-keepers",
  source: { keepers: table("no", "code") },
  effects: Object.fromEntries(
    [all, some].map((name) => [`keepers.${name}`, harmless("keeps what is shut")]),
  ),
  entity: entity("keeper", {
    from: ["keepers"],
    fields: { code: text("code") },
    decide: {},
    actions: {
      keeper: insert("keepers", { code: "code" }, { id: derived("id", "legacy_id") }),
    },
    plan: [commit("keeper")],
  }),
});

// Of five thousand rows one answer does not hold which they are, and the rollback ended by that, however often it was sent.
it("R13 D16 W13 a wave that a trigger keeps whole in silence is told by how many it kept, with the first hundred, and goes once it may", async () => {
  const test = await csvServices(
    keepers,
    `create table keepers (id uuid primary key, code text not null) partition by hash (id);
     create table keepers_0 partition of keepers for values with (modulus 2, remainder 0);
     create table keepers_1 partition of keepers for values with (modulus 2, remainder 1);
     create function keeps() returns trigger language plpgsql as $$ begin return null; end $$`,
    { keepers: ["no,code", ...Array.from({ length: rows }, (_, n) => `${n + 1},k${n + 1}`)] },
  );
  try {
    await reviewedRun(test, run, { wavePlan });
    await toTheEnd(test, run);
    // The second keeps none of the first hundred entries of a wave, and is counted as well.
    const [last] = await test.query<{ codes: string }>(
      `select array_agg(code)::text as codes
         from (select after_image ->> 'code' as code from wavegate.legacy_import_commit_logs where action = 'commit' order by id desc limit 500) last`,
    );
    await test.query(`
      create trigger ${all} before delete on keepers_0 for each row execute function keeps();
      create trigger ${some} before delete on keepers_1 for each row when (old.code = any ('${last?.codes}')) execute function keeps()`);
    const kept = await test.query<{ by: string; rows: number }>(
      `select case when tableoid = 'keepers_0'::regclass then '${silent(all)}' else '${silent(some)}' end as by, count(*)::int as rows
         from keepers where tableoid = 'keepers_0'::regclass or code = any ('${last?.codes}') group by 1 order by 1`,
    );
    expect(await rollback(test.services, run)).toMatchObject({ outcome: "conflicts" });
    const ledger = await test.query(
      "select conflict ->> 'refused' as by, count(*)::int as rows from wavegate.legacy_import_commit_logs where rolled_back_at is null group by 1 order by 1",
    );
    expect(ledger).toEqual(kept);
    const told = await test.query(
      `select r.key as by, sum(r.value::int)::int as rows from wavegate.audit_log l cross join jsonb_each_text(l.details -> 'refused') r
        where l.action = 'rollback' group by 1 order by 1`,
    );
    expect(told).toEqual(kept);

    await test.query(`drop trigger ${all} on keepers_0; drop trigger ${some} on keepers_1`);
    expect(await rollback(test.services, run)).toMatchObject({ outcome: "rolled_back" });
    expect(await test.query("select count(*)::int as n from keepers")).toEqual([{ n: 0 }]);
  } finally {
    await test.close();
  }
}, 120_000);
