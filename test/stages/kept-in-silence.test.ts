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
const by = "keeps_what_was_entered_before_the_house_was_sold_to_somebody (keeps it in silence)";

const keepers = defineMigration({
  name: "keepers",
  title: "Keepers",
  connection: "old-keepers",
  source: { keepers: table("no", "code") },
  effects: { [`keepers.${by.split(" ")[0]}`]: harmless("keeps what is shut") },
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
    `create table keepers (id uuid primary key, code text not null);
     create function keeps() returns trigger language plpgsql as $$ begin return null; end $$`,
    { keepers: ["no,code", ...Array.from({ length: rows }, (_, n) => `${n + 1},k${n + 1}`)] },
  );
  try {
    await reviewedRun(test, run, { wavePlan });
    await toTheEnd(test, run);
    const trigger = `${by.split(" ")[0]}`;
    await test.query(
      `create trigger ${trigger} before delete on keepers for each row execute function keeps()`,
    );
    expect(await rollback(test.services, run)).toMatchObject({ outcome: "conflicts" });
    const refused = await test.query<{ by: string; rows: string }>(
      "select conflict ->> 'refused' as by, count(*) as rows from wavegate.legacy_import_commit_logs where rolled_back_at is null group by 1",
    );
    expect(refused).toEqual([{ by, rows: String(rows) }]);
    const told = await test.query<{ rows: number }>(
      `select (details -> 'refused' ->> '${by}')::int as rows from wavegate.audit_log where action = 'rollback' and details -> 'refused' is not null order by 1`,
    );
    expect(told.map((each) => each.rows)).toEqual(wavePlan);

    await test.query(`drop trigger ${trigger} on keepers`);
    expect(await rollback(test.services, run)).toMatchObject({ outcome: "rolled_back" });
    expect(await test.query("select count(*)::int as n from keepers")).toEqual([{ n: 0 }]);
  } finally {
    await test.close();
  }
}, 120_000);
