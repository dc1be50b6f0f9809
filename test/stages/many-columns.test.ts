import { expect, it } from "vitest";
import { previewRollback } from "../../lib/stages/preview-rollback.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { testServices } from "../support/services.ts";
import { folderOf, small } from "../support/small.ts";
import { approve, reviewedRun, runWave } from "../support/steps.ts";

const run = "7f3a0000-0000-4000-8000-0000000b1701";
const columns = Array.from({ length: 120 }, (_, n) => `column_${n} text`);

it("W3 D16 rows that were edited in a table of many columns are put back once each to say what changed, and not once for each column", async () => {
  const test = await testServices({
    world: {
      migration: small("many_columns", { integer: "no" }),
      platform: [
        `create table things (id bigint generated always as identity primary key, word text, ${columns})`,
      ],
      legacy: "",
    },
  });
  const folder = await folderOf(test, {
    things: [["no", "word"], ...Array.from({ length: 20 }, (_, n) => [`${n + 1}`, `${n + 1}`])],
  });
  try {
    await reviewedRun(test, run);
    await approve(test, run, "first_wave");
    await runWave(test, run, 1);
    await test.query("update things set column_7 = 'edited' where id <= 10");
    await test.query("alter system set track_functions = 'all'");
    await test.query("select pg_reload_conf()");
    const times = async () => {
      const [{ calls } = { calls: 0 }] = await test.query<{ calls: number }>(
        "select coalesce(sum(calls), 0)::int as calls from pg_stat_user_functions where funcname = 'with_written'",
      );
      return calls;
    };
    const changed = [{ conflict: { edited: true, changed: ["column_7"] } }];
    const ahead = await previewRollback(test.services, run);
    expect(ahead.waves[0]?.conflicts.slice(0, 1)).toMatchObject(changed);
    const { waves } = await rollback(test.services, run);
    expect(waves).toMatchObject([{ undone: 10, spared: 10 }]);
    expect(waves[0]?.conflicts.slice(0, 1)).toMatchObject(changed);
    await expect.poll(times).toBeGreaterThan(0);
    // Two looks at most to tell that each was edited, and one for what changed, in the preview and in the rollback.
    expect(await times()).toBeLessThanOrEqual(2 * 20 * 4);
  } finally {
    await test.query("alter system reset track_functions");
    await test.query("select pg_reload_conf()");
    await test.close();
    await folder.remove();
  }
});
