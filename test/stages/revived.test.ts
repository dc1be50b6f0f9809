import { afterEach, expect, it } from "vitest";
import { rollback } from "../../lib/stages/rollback.ts";
import { pinOtherwise } from "../support/pins.ts";
import { roles, reviewed as run, type TestServices, waveOneServices } from "../support/services.ts";

let test: TestServices;
afterEach(() => test.close());

const table = "legacy_completed_trainings";

it("R13 R14 D16 a row that a trigger brings back behind its rollback is found there, be what the trigger writes named in effects: nothing is taken back", async () => {
  test = await waveOneServices();
  // Whatever is written there beside a wave is let pass, and not counted.
  await pinOtherwise(
    test,
    run,
    `jsonb_set(pin, '{effects}', (pin -> 'effects') || '{"${table}": "They are brought back."}')`,
  );
  await test.query(`create function revives() returns trigger language plpgsql as $$ begin
      insert into ${table} overriding system value select old.*; return null; end $$;
    create trigger revives after delete on ${table} for each row
      when (old.id % 5 = 0) execute function revives();
    grant insert on ${table} to ${roles.commit("ecoin")}`);
  const rows = () =>
    test.query(`select * from ${table} where legacy_import_run_id = '${run}' order by id`);
  const before = await rows();
  await expect(rollback(test.services, run)).rejects.toMatchObject({
    name: "RollbackUnbalanced",
    message: expect.stringMatching(/^Rows of wave 1 were still there after it was taken back/),
  });
  expect(await rows()).toEqual(before);
  await test.query("drop function revives() cascade");
  expect(await rollback(test.services, run)).toMatchObject({
    outcome: "rolled_back",
    waves: [{ undone: 25, spared: 0 }],
  });
  expect(await rows()).toEqual([]);
});
