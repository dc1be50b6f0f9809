import { afterEach, expect, it } from "vitest";
import { rollback } from "../../lib/stages/rollback.ts";
import { run, smallWorlds } from "../faults/worlds.ts";
import { saidAndDone } from "../lifecycle/whole-life.ts";
import type { TestServices } from "../support/services.ts";

const lent = smallWorlds();
let test: TestServices;
afterEach(() => test.close());

const [leads, trainings] = ["crm_leads", "legacy_completed_trainings"] as const;
const rows = async (of: string) =>
  (await test.query<{ n: number }>(`select count(*)::int as n from ${of}`))[0]?.n ?? 0;

it("R13 D16 rows of two tables of which each stays while the other does are all spared by name, and go when one of the two gives way", async () => {
  test = await lent.lend("completed");
  const written = await test.query<{ table: string; n: number }>(
    `select target_table as table, count(*)::int as n from wavegate.legacy_import_commit_logs
      where run_id = $1 and action = 'commit' and rolled_back_at is null group by 1 order by 1`,
    [run],
  );
  const of = (table: string) => written.find((each) => each.table === table)?.n ?? 0;
  expect(Math.min(of(leads), of(trainings))).toBeGreaterThan(1);
  const before = { leads: await rows(leads), trainings: await rows(trainings) };
  const own = { leads: before.leads - of(leads), trainings: before.trainings - of(trainings) };
  const keeps = (name: string, on: string, while_: string, more: number) => `
    create function ${name}() returns trigger language plpgsql security definer set search_path = public as $$ begin
      if (select count(*) from ${while_}) > ${more} then raise exception 'it stays while others do'; end if; return old; end $$;
    create trigger ${name} before delete on ${on} for each row execute function ${name}()`;
  await test.query(keeps("keeps_leads", leads, trainings, own.trainings));
  await test.query(keeps("keeps_trainings", trainings, leads, own.leads));
  const { outcome, waves } = await rollback(test.services, run);
  expect(outcome).toBe("conflicts");
  const refused: Record<string, number> = {};
  for (const wave of waves)
    for (const [by, n] of Object.entries(wave.refused)) refused[by] = (refused[by] ?? 0) + n;
  expect(refused).toEqual({
    "keeps_leads (P0001)": of(leads),
    "keeps_trainings (P0001)": of(trainings),
  });
  expect({ leads: await rows(leads), trainings: await rows(trainings) }).toEqual(before);
  // Sent again nothing is other.
  expect((await rollback(test.services, run)).outcome).toBe("conflicts");
  await test.query("drop function keeps_leads() cascade");
  expect((await saidAndDone(test, run)).spared).toBe(0);
  expect({ leads: await rows(leads), trainings: await rows(trainings) }).toEqual(own);
  expect((await rollback(test.services, run)).outcome).toBe("nothing_to_do");
});
