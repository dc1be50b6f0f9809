import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { countSpared, sparedOf } from "../../lib/cli/verbs/rollback.ts";
import { findRun } from "../../lib/data/runs.ts";
import { kept } from "../../lib/define/builders.ts";
import { auditLog } from "../../lib/evidence/records.ts";
import { explain } from "../../lib/review/rows/explain.ts";
import { ledgerOf } from "../../lib/review/rows/row-record.ts";
import { keptPreviews, previewRollback } from "../../lib/stages/preview-rollback.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { folderOf, small } from "../support/small.ts";
import { stagedPage } from "../support/staged-page.ts";
import { approve, reviewedRun, runWave } from "../support/steps.ts";

/** Rows whose key is an address on both sides, though nothing in the definition says so. */
const definition = small("shown_keys", "no", { id: kept({ id: "legacy_id" }) });
const run = "7f3a0000-0000-4000-8000-0000000000f1";
const address = "sara@example.com";
const digest = expect.stringMatching(/^key:[0-9a-f]{64}$/u);
let test: TestServices;
let folder: { remove(): Promise<void> };

beforeAll(async () => {
  test = await testServices({
    world: {
      migration: definition,
      platform: ["create table things (id text primary key, word text)"],
      legacy: "",
    },
  });
  folder = await folderOf(test, {
    things: [
      ["no", "word"],
      ["S-1", "01"],
      [address, "02"],
    ],
  });
  await reviewedRun(test, run);
  await approve(test, run, "first_wave");
  await runWave(test, run, 1);
});
afterAll(async () => {
  await test?.close();
  await folder?.remove();
});

const staged = async () =>
  (
    await test.query<{ id: number }>(
      "select id::int from wavegate.shown_keys_rows where run_id = $1 order by word",
      [run],
    )
  ).map(({ id }) => id);

it("W14 D20 a key that may be somebody's address is told by its digest in a list, of a row and of its ledger, any other as it is", async () => {
  const { rows } = await stagedPage(test.services.stage, run);
  expect(rows.map((row) => row.legacy_id)).toEqual(["S-1", digest]);
  const found = await findRun(test.operator, run);
  const told: unknown[] = [];
  for (const id of await staged()) {
    told.push((await explain(test.services.sign, found, { id }))?.row.legacy_id);
    told.push(...(await ledgerOf(test.operator, found, id)).map((line) => line.target_id));
  }
  expect(told).toEqual(["S-1", "S-1", digest, digest]);
  expect(new Set([told[2], told[3], rows[1]?.legacy_id]).size).toBe(1);
});

it("W14 D20 and nobody learns which row an address is the key of by naming it, as any other key names its row", async () => {
  const found = await findRun(test.operator, run);
  const named = async (legacyId: string) =>
    (await explain(test.services.sign, found, { table: "things", legacyId }))?.row.word;
  expect(await named("S-1")).toBeDefined();
  expect(await named(address)).toBeUndefined();
});

it("W14 D20 so it is of a run of before there was a secret, as that run's exports have it", async () => {
  const as = (digests: string) =>
    test.query("update wavegate.legacy_import_runs set key_digests = $1", [digests]);
  await as("plain");
  const [, second = 0] = await staged();
  const found = await findRun(test.operator, run);
  const { rows } = await stagedPage(test.services.stage, run);
  expect(rows[1]?.legacy_id).toBe(address);
  expect((await ledgerOf(test.operator, found, second))[0]?.target_id).toBe(
    `sha256:${createHash("sha256").update(address).digest("hex")}`,
  );
  await as("keyed");
});

it("W14 D20 so is one that a rollback would spare, or spared, in a preview that was kept, a terminal and the log", async () => {
  await test.query("update things set word = 'edited'");
  await previewRollback(test.services, run);
  const [wave] = await keptPreviews(test.operator, run, 1);
  expect(wave?.conflicts.map(({ id }) => id).sort()).toEqual(["S-1", digest]);
  expect((await rollback(test.services, run)).outcome).toBe("conflicts");
  const spared = await sparedOf(test.operator, run, 1);
  expect(spared.map(({ target_id }) => target_id).sort()).toEqual(["S-1", digest]);
  // All of them are counted, however few are listed.
  expect(await sparedOf(test.operator, run, 1, 1)).toHaveLength(1);
  expect(await countSpared(test.operator, run, 1)).toBe(2);
  const log = JSON.stringify(await auditLog(test.services.stage, run));
  expect(log).toMatch(/things:key:[0-9a-f]{64}/u);
  expect(log).not.toContain(address);
});

it("W14 D20 R13 where the database's secret is gone it is hidden all the same, and nothing that is taken back waits for it", async () => {
  await test.query("delete from wavegate.key_secret");
  const spared = await sparedOf(test.operator, run, 1);
  expect(spared.map(({ target_id }) => target_id).sort()).toEqual(["S-1", "key:?"]);
  expect((await rollback(test.services, run)).outcome).toBe("conflicts");
});
