import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DeleteObjectCommand } from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import { S3Error } from "../../../lib/embedded/s3/errors.ts";
import { openBucket } from "../../../lib/sources/files/bucket.ts";
import { readFacts } from "../../../lib/sources/files/read-file.ts";
import { finalVerify } from "../../../lib/stages/final-verify.ts";
import { takenBack as backAsSaid } from "../../lifecycle/whole-life.ts";
import { inFull } from "../../support/every-step.ts";
import { reviewedRun, toTheEnd } from "../../support/steps.ts";
import { copied, copying, school, storeIn, takenBack } from "./copying.ts";
import { otherwise } from "./world.ts";

const one = "7f3a0000-0000-4000-8000-00000000a211";
const third = "7f3a0000-0000-4000-8000-00000000a213";
const fourth = "7f3a0000-0000-4000-8000-00000000a214";
const whole = "7f3a0000-0000-4000-8000-00000000a215";
const at = copying([one]);

describe("A1 A5 files in a bucket", () => {
  inFull(
    "A3 are brought by a whole run: every wave, its verification, the bundle, and back",
    async () => {
      const directory = await mkdtemp(join(tmpdir(), "wavegate-source-"));
      const store = await storeIn(directory);
      await at.filled(store.client);
      const before = { ...process.env };
      Object.assign(process.env, {
        AWS_ENDPOINT_URL_S3: store.url,
        AWS_REGION: "us-east-1",
        AWS_ACCESS_KEY_ID: "test",
        AWS_SECRET_ACCESS_KEY: "test",
      });
      try {
        await reviewedRun(at.test, whole, {
          wavePlan: [25, 125, 625],
          settings: { storage: "s3://files/old/" },
        });
        await toTheEnd(at.test, whole);
        const { checks } = await finalVerify(at.test.services, whole);
        expect(checks.filter(({ passed }) => !passed)).toEqual([]);
        // A bucket holds no links: what leads out of a folder is not there.
        const wrong = await Promise.all(
          ["material", "submission"].map((entity) => otherwise(at.test, school, entity, whole)),
        );
        expect(wrong.flat()).toEqual([
          expect.stringMatching(/file_by_a_link_out: committed null$/u),
        ]);
        const files = await at.test.query<{ key: string; sha256: string; size: number }>(
          `select storage_key as key, sha256, size_bytes as size from unit_materials where kind = 'file'
          union all select storage_key, sha256, size_bytes from learning_submissions where kind <> 'text'`,
        );
        for (const { key, sha256, size } of files)
          expect(await readFacts(await at.test.services.copies.get(key, null))).toMatchObject({
            ...{ sha256, size },
          });
        expect(await at.states(whole)).toEqual([{ state: "copied", rows: files.length }]);
        expect(files.length).toBeGreaterThan(15);
        expect(await backAsSaid(at.test, whole)).toEqual([]);
        expect(await at.states(whole)).toEqual([{ state: "removed", rows: files.length }]);
        for (const { key } of files)
          expect(await at.test.services.copies.look(key)).toBeUndefined();
        expect(await at.test.query("select 1 from learning_submissions")).toEqual([]);
        // What was read is as it was.
        expect(await store.copies.look(`old/${(await at.rowsOf(one))[0]?.name}`)).toBeDefined();
      } finally {
        for (const name of Object.keys(process.env))
          if (!(name in before)) delete process.env[name];
        Object.assign(process.env, before);
        await store.close();
        await rm(directory, { recursive: true });
      }
    },
  );

  it("are read, judged and copied as those of a folder are, of any size; one that denies ends it in one line", async () => {
    const directory = await mkdtemp(join(tmpdir(), "wavegate-source-"));
    let allowed = Number.POSITIVE_INFINITY;
    const store = await storeIn(directory, () => {
      if (allowed-- <= 0) throw new S3Error("AccessDenied", "Access Denied.");
    });
    const send = await at.filled(store.client);
    const [large, gone] = await at.rowsOf(one);
    const small = await readFile(join(at.test.files, large?.name ?? ""));
    await send(large?.name ?? "", Buffer.concat([small, Buffer.alloc(3_000_000)]));
    const openFiles = () => openBucket("files", "old", store.client);
    const there = { ...at.test, services: { ...at.test.services, openFiles } };
    await reviewedRun(there, third);
    const facts = (run: string) =>
      at.test.query(
        `select legacy_id, blob, blob_key, blob_type, blob_size, blob_sha256, planned_action from wavegate.alpha2_submission
          where run_id = $1 and blob_sha256 is not null and blob <> $2
          union all select legacy_id, blob, blob_key, blob_type, blob_size, blob_sha256, planned_action from wavegate.alpha2_material
          where run_id = $1 and blob_sha256 is not null order by 1`,
        [run, large?.name],
      );
    expect(await facts(third)).toEqual(await facts(one));
    const rows = await at.rowsOf(third);
    expect(rows.map(({ size }) => size)).toEqual([small.length + 3_000_000, gone?.size]);
    await copied(there, third, rows);
    expect(await at.states(third)).toEqual([{ state: "copied", rows: 2 }]);
    for (const { key, sha256 } of rows)
      expect(await readFacts(await at.test.services.copies.get(key, null))).toMatchObject({
        sha256,
      });
    await takenBack(at.test, third);
    await store.client.send(new DeleteObjectCommand({ Bucket: "files", Key: `old/${gone?.name}` }));
    await copied(there, third, rows);
    expect(await at.states(third)).toEqual([
      { state: "changed", rows: 1 },
      { state: "copied", rows: 1 },
    ]);
    await takenBack(at.test, third);
    const denied =
      /^The bucket files cannot be read \(AccessDenied\)\. Nothing was written[^\n]+$/u;
    allowed = 0;
    await expect(copied(there, third, rows.slice(0, 1))).rejects.toMatchObject({
      message: expect.stringMatching(denied),
    });
    expect(await at.lying()).toEqual([]);
    await takenBack(at.test, third);
    await expect(reviewedRun(there, fourth)).rejects.toMatchObject({ name: "PreflightFailed" });
    // Not at the beginning, but amid what is read.
    allowed = 5;
    await expect(reviewedRun(there, fourth)).rejects.toMatchObject({
      message: expect.stringMatching(denied),
    });
    await store.close();
    await rm(directory, { recursive: true });
  });
});
