import { afterEach, describe, expect, it } from "vitest";
import { findRun, readPreflight } from "../../lib/data/runs.ts";
import { refers } from "../../lib/define/builders.ts";
import { listRuns } from "../../lib/review/steer/run-list.ts";
import { auditExport } from "../../lib/stages/export-audit.ts";
import { halt } from "../../lib/stages/halted.ts";
import { previewRollback } from "../../lib/stages/preview-rollback.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { folderOf, small } from "../support/small.ts";
import { approve, importAll, reviewedRun, runWave } from "../support/steps.ts";

const run = "7f3a0000-0000-4000-8000-0000000b1301";
/** A platform where so many tables refer to what is written. */
const platform = (tables: number) => [
  "create table things (id bigint generated always as identity primary key, word text)",
  `do $$ begin for n in 1..${tables} loop
     execute format('create table %I (thing_id bigint references things)', 'things_are_referred_to_by_these_' || n);
   end loop; end $$`,
];

describe("W13 D16 a platform with more around a table than a row of an answer of the Data API holds", () => {
  let test: TestServices;
  let folder: { remove(): Promise<void> };
  const started = async (tables: number, named: number) => {
    const migration = {
      ...small(`named_${named}`, { integer: "no" }),
      refersTo: Array.from({ length: named }, (_, n) =>
        refers(`things_are_referred_to_by_these_${n + 1}(thing_id)`, "things(id)"),
      ),
    };
    test = await testServices({ world: { migration, platform: platform(tables), legacy: "" } });
    folder = await folderOf(test, {
      things: [
        ["no", "word"],
        ["1", "one"],
        ["2", "two"],
      ],
    });
  };
  afterEach(async () => {
    await test?.close();
    await folder?.remove();
  });

  it("R1 is told of what a definition does not name of it, the first and how many more, and so is everybody who looks at the run", async () => {
    await started(250, 0);
    const refused = await importAll(test, run).catch((error: Error) => error);
    expect(refused).toMatchObject({
      name: "PreflightFailed",
      message: expect.stringContaining(
        `And 230 more: \`wavegate check named_0\` tells of each. Nothing was staged.`,
      ),
    });
    const found = await findRun(test.services.sign, run);
    expect(found).toMatchObject({ status: "halted", preflight: { passed: false } });
    expect(found.halted_because?.message.length).toBeLessThan(6_000);
    expect(found.halted_because?.message).toMatch(/ … .* `wavegate start named_0`\.$/su);
    const [listed] = await listRuns(test.services.sign, {}, 10, new Date());
    expect(listed).toMatchObject({ id: run, preflight: { passed: false } });
    expect((await readPreflight(test.services.stage, found)).surroundings).toHaveLength(250);
  });

  it("W3 B1 D16 is staged, written, looked at, taken back and exported where all of it is named", async () => {
    await started(450, 450);
    await reviewedRun(test, run);
    await approve(test, run, "first_wave");
    await runWave(test, run, 1);
    await test.query(
      "insert into things_are_referred_to_by_these_450 select id from things where word = 'one'",
    );
    const conflicts = [{ conflict: { referenced: true, edited: false } }];
    const ahead = await previewRollback(test.services, run);
    expect(ahead.waves).toMatchObject([{ undone: 1, spared: 1, referenced: 1, conflicts }]);
    const { waves } = await rollback(test.services, run);
    expect(waves).toMatchObject([{ undone: 1, spared: 1, conflicts }]);
    await auditExport(test.services, run);
    expect(await test.query("select word from things")).toEqual([{ word: "one" }]);
  });

  it("R17 D16 is refused where more refers to a table than a rollback can look at, before anything is staged", async () => {
    await started(900, 900);
    expect(await importAll(test, run).catch((error: Error) => error)).toMatchObject({
      name: "PreflightFailed",
      message: expect.stringContaining(
        "900 references of the platform point at things, more than one statement of a rollback can look at: what would be written there could not be taken back.",
      ),
    });
  });

  it("R17 a run that halts for a reason of any length is shown, and goes on", async () => {
    await started(1, 1);
    await importAll(test, run);
    await halt(test.services, {
      run,
      because: { error: "Error", message: "nothing ".repeat(20_000) },
    });
    const found = await findRun(test.services.stage, run);
    expect(found.halted_because?.message.length).toBeLessThan(6_000);
  });
});
