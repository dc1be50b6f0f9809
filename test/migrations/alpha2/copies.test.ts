import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFile,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { Readable } from "node:stream";
import { promisify } from "node:util";
import { DeleteObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { RowToCopy } from "../../../lib/compile/file-copies.ts";
import { findRun } from "../../../lib/data/runs.ts";
import { S3Error } from "../../../lib/embedded/s3/errors.ts";
import { startS3Service } from "../../../lib/embedded/s3/service.ts";
import { stop } from "../../../lib/review/control.ts";
import { eraseSome, eraseWhole } from "../../../lib/review/erase.ts";
import { openCopyStore } from "../../../lib/services/copy-store.ts";
import type { CopyStore } from "../../../lib/services/services.ts";
import { openBucket } from "../../../lib/sources/files/bucket.ts";
import { readFacts } from "../../../lib/sources/files/read-file.ts";
import { CopiesNeeded, withCopies } from "../../../lib/stages/copy-files.ts";
import { finalVerify } from "../../../lib/stages/final-verify.ts";
import { rollback } from "../../../lib/stages/rollback.ts";
import { takeBackFiles } from "../../../lib/stages/take-back-files.ts";
import { schoolOf, small } from "../../../scripts/school/generate.ts";
import { takenBack as backAsSaid } from "../../lifecycle/whole-life.ts";
import { everyNth } from "../../support/every-step.ts";
import { meetingAt } from "../../support/overtaken.ts";
import type { TestServices } from "../../support/services.ts";
import { refusal, reviewedRun, toTheEnd } from "../../support/steps.ts";
import { otherwise, type SchoolServices, schoolServices } from "./world.ts";

const [one, other, third, fourth, whole] = [
  "7f3a0000-0000-4000-8000-00000000a211",
  "7f3a0000-0000-4000-8000-00000000a212",
  "7f3a0000-0000-4000-8000-00000000a213",
  "7f3a0000-0000-4000-8000-00000000a214",
  "7f3a0000-0000-4000-8000-00000000a215",
] as const;
const school = schoolOf(small);
let test: SchoolServices;
/** Where the copies of {@link rowsOf} lie. */
let keys: readonly string[];

beforeAll(async () => {
  test = await schoolServices(school);
  for (const run of [one, other]) await reviewedRun(test, run);
  keys = (await rowsOf(one)).map(({ key }) => key);
});
afterEach(async () => {
  for (const run of [one, other]) await takenBack(test, run);
  expect(await lying()).toEqual([]);
  await test.query("delete from wavegate.file_copies");
});
afterAll(() => test?.close());

/** Some answers with files, which both runs have. */
const rowsOf = async (run: string, most = 2): Promise<RowToCopy[]> =>
  (
    await test.query<RowToCopy>(
      `select id::float8 as id, blob as name, blob_key as key, blob_type as type, blob_size::int as size, blob_sha256 as sha256
         from wavegate.alpha2_submission where run_id = $1 and planned_action = 'file' order by legacy_id limit $2`,
      [run, most],
    )
  ).map((row) => ({ ...row, state: null }));

/** Copies the files of some rows of a run, as a wave does before it is written. */
async function copied({ services }: TestServices, run: string, rows: readonly RowToCopy[]) {
  let asked = false;
  await withCopies(services, await findRun(services.stage, run), async () => {
    if (asked) return;
    asked = true;
    throw new CopiesNeeded(rows);
  });
}
const takenBack = async ({ services }: TestServices, run: string) =>
  takeBackFiles(services, await findRun(services.stage, run));

/** The keys of what lies in the platform's bucket, of those. */
async function lying(): Promise<string[]> {
  const found = await Promise.all(
    keys.map(async (key) => ((await test.services.copies.look(key)) ? [key] : [])),
  );
  return found.flat();
}
const states = (run: string) =>
  test.query<{ state: string; rows: number }>(
    "select state, count(*)::int as rows from wavegate.file_copies where run_id = $1 group by 1 order by 1",
    [run],
  );

describe("A5 W3 a copy that two runs name", () => {
  it("stays while one of them rests on it, and goes with the last", async () => {
    await copied(test, one, await rowsOf(one));
    await copied(test, other, await rowsOf(other));
    await takenBack(test, one);
    expect(await lying()).toEqual(keys);
    expect(await states(one)).toEqual([{ state: "removed", rows: 2 }]);
    expect(await takenBack(test, other)).toBe(2);
    expect(await lying()).toEqual([]);
  });

  it("is there for whom it was copied, and for nobody is left, whenever who copies meets who takes away", async () => {
    let copiedIt = 0;
    for (let step = 1; ; step += everyNth(3)) {
      await copied(test, one, await rowsOf(one));
      const rows = await rowsOf(other);
      const met = await meetingAt(
        test,
        step,
        (late) => copied(late, other, rows),
        (now) => takenBack(now, one),
      );
      if (!met.met) break;
      expect(met.other).toBeUndefined();
      expect(met.act).toBeUndefined();
      copiedIt++;
      expect(await states(other)).toEqual([{ state: "copied", rows: 2 }]);
      expect({ step, there: (await lying()).length }).toEqual({ step, there: 2 });
      await takenBack(test, other);
      expect({ step, there: await lying() }).toEqual({ step, there: [] });
    }
    expect(copiedIt).toBeGreaterThan(2);
  });

  it("is taken away from nobody who copies it while it is being taken away", async () => {
    let [copiedIt, refused] = [0, 0];
    for (let step = 1; ; step += everyNth(3)) {
      await copied(test, one, await rowsOf(one));
      const rows = await rowsOf(other);
      const met = await meetingAt(
        test,
        step,
        (late) => takenBack(late, one),
        (now) => copied(now, other, rows),
      );
      if (!met.met) break;
      expect(met.act).toBeUndefined();
      if (met.other === undefined) {
        copiedIt++;
        expect(await states(other)).toEqual([{ state: "copied", rows: 2 }]);
        expect({ step, there: (await lying()).length }).toEqual({ step, there: 2 });
      } else {
        refused++;
        expect(met.other).toMatchObject({ name: "CopiesBeingRemoved" });
      }
      await takenBack(test, other);
      expect({ step, there: await lying() }).toEqual({ step, there: [] });
    }
    expect(copiedIt).toBeGreaterThan(1);
    expect(refused).toBeGreaterThan(1);
  });

  it("of one run is made and taken away by whichever delivery, and never both", async () => {
    const rows = await rowsOf(one);
    for (const [act, meets] of [
      [copied, takenBack],
      [takenBack, copied],
      [copied, copied],
      [takenBack, takenBack],
    ] as const) {
      for (let step = 1; ; step += everyNth(3)) {
        if (act === takenBack) await copied(test, one, rows);
        const met = await meetingAt(
          test,
          step,
          (late) => act(late, one, rows),
          (now) => meets(now, one, rows),
        );
        for (const error of [met.act, met.other])
          if (error !== undefined) expect(error).toMatchObject({ name: "CopiesBeingRemoved" });
        // What is noted is what lies there.
        const [of] = await states(one);
        const there = (await lying()).length;
        expect({ step, there }).toEqual({ step, there: of?.state === "copied" ? 2 : 0 });
        await takenBack(test, one);
        if (!met.met) break;
      }
    }
  });
});

describe("A5 W3 a copy that is cut off", () => {
  const withStore = (store: Partial<CopyStore>): TestServices => ({
    ...test,
    services: { ...test.services, copies: { ...test.services.copies, ...store } },
  });

  it.each([
    ["before it is put", async () => Promise.reject(new Error("cut off"))],
    [
      "once it lies there",
      async (...given: Parameters<CopyStore["put"]>) => {
        await test.services.copies.put(...given);
        throw new Error("cut off");
      },
    ],
    [
      "in the middle of its bytes",
      (...[key, body, facts]: Parameters<CopyStore["put"]>) => {
        const half = Readable.from(
          (async function* () {
            for await (const chunk of body) {
              yield chunk.subarray(0, chunk.length / 2);
              throw new Error("cut off");
            }
          })(),
        );
        return test.services.copies.put(key, half, facts);
      },
    ],
  ])("%s is made whole by whoever comes next", async (_, put) => {
    const rows = await rowsOf(one);
    const [, cut] = rows;
    const broken = withStore({
      put: (...given) =>
        given[0] === cut?.key ? put(...given) : test.services.copies.put(...given),
    });
    await expect(copied(broken, one, rows)).rejects.toMatchObject({ name: "CopyFailed" });
    // What became of the others is noted all the same.
    expect(await states(one)).toEqual([
      { state: "copied", rows: 1 },
      { state: "intended", rows: 1 },
    ]);
    await copied(test, one, rows);
    expect(await states(one)).toEqual([{ state: "copied", rows: 2 }]);
    for (const { key, sha256, size } of rows)
      expect(await readFacts(await test.services.copies.get(key, null))).toMatchObject({
        sha256,
        size,
      });
  });

  it("of a file of the same length that says something else is none, and one that was made stays", async () => {
    const rows = await rowsOf(one);
    const file = join(test.files, rows[0]?.name ?? "");
    const before = await readFile(file);
    await writeFile(file, Buffer.concat([before.subarray(0, -1), Buffer.from("?")]));
    await copied(test, one, rows);
    expect(await states(one)).toEqual([
      { state: "changed", rows: 1 },
      { state: "copied", rows: 1 },
    ]);
    expect(await lying()).toEqual([rows[1]?.key]);
    await rm(join(test.files, rows[1]?.name ?? ""));
    await test.query("update wavegate.file_copies set state = 'intended', version = null");
    await copied(test, one, rows.slice(1));
    expect(await states(one)).toEqual([
      { state: "copied", rows: 1 },
      { state: "intended", rows: 1 },
    ]);
    await writeFile(file, before);
    await test.services.copies
      .get(rows[1]?.key ?? "", null)
      .then(async (bytes) =>
        writeFile(join(test.files, rows[1]?.name ?? ""), await bytes.toArray()),
      );
  });

  it("of a link out that came in the place of a file is none, though the same bytes lie there", async () => {
    const rows = await rowsOf(one);
    const file = join(test.files, rows[0]?.name ?? "");
    const outside = join(test.files, "..", "the-same.pdf");
    await copyFile(file, outside);
    const swap = async () => {
      await rename(file, `${file}.before`);
      await symlink(outside, file);
    };
    const back = async () => rename(`${file}.before`, file);
    const held = [
      { state: "changed", rows: 1 },
      { state: "copied", rows: 1 },
    ];
    await swap();
    await copied(test, one, rows);
    expect(await states(one)).toEqual(held);
    await back();
    await takenBack(test, one);
    await test.query("delete from wavegate.file_copies");
    // Between being found and being opened.
    const openFiles: TestServices["services"]["openFiles"] = (place) => {
      const files = test.services.openFiles(place);
      return {
        ...files,
        find: async (name) => {
          const found = await files.find(name);
          if (name === rows[0]?.name) await swap();
          return found;
        },
      };
    };
    await copied({ ...test, services: { ...test.services, openFiles } }, one, rows);
    expect(await states(one)).toEqual(held);
    expect(await lying()).toEqual([rows[1]?.key]);
    await back();
    await rm(outside);
  });

  it("of a large file that is replaced or written while it is read is none", async () => {
    const [row] = await rowsOf(one, 1);
    const file = join(test.files, row?.name ?? "");
    const before = await readFile(file);
    const large = Buffer.concat([Buffer.from("%PDF-1.4\n"), Buffer.alloc(3_000_000, "x")]);
    const sha256 = createHash("sha256").update(large).digest("hex");
    const rows = row === undefined ? [] : [{ ...row, size: large.length, sha256 }];
    const replaced = Buffer.alloc(large.length, "y");
    for (const [bytes, became] of [
      [replaced, "changed"],
      [replaced.subarray(1), "changed"],
      [Buffer.concat([large, large]), "changed"],
      // The same anew is what was reviewed.
      [large, "copied"],
    ] as const) {
      await writeFile(file, large);
      const openFiles: TestServices["services"]["openFiles"] = (place) => {
        const files = test.services.openFiles(place);
        return {
          ...files,
          find: async (name) => {
            const found = await files.find(name);
            return (
              found && {
                ...found,
                bytes: async () => {
                  const opened = await found.bytes();
                  await writeFile(file, bytes);
                  return opened;
                },
              }
            );
          },
        };
      };
      await copied({ ...test, services: { ...test.services, openFiles } }, one, rows);
      expect(await states(one)).toEqual([{ state: became, rows: 1 }]);
      expect(await lying()).toEqual(became === "copied" ? [row?.key] : []);
      await takenBack(test, one);
      await test.query("delete from wavegate.file_copies");
    }
    await writeFile(file, before);
  });

  it("of a store that tells no hash is read, and is none where it holds something else", async () => {
    const { copies } = test.services;
    const silent = {
      look: async (key: string) => {
        const lies = await copies.look(key);
        return lies && { ...lies, sha256: undefined };
      },
      put: async (...given: Parameters<CopyStore["put"]>) => {
        const { version } = await copies.put(...given);
        return { version, sha256: undefined };
      },
    };
    const rows = await rowsOf(one);
    await copied(withStore(silent), one, rows);
    expect(await states(one)).toEqual([{ state: "copied", rows: 2 }]);
    await takenBack(test, one);
    const worn: CopyStore["put"] = async (key, body, { owner, type }) => {
      body.destroy();
      const bytes = Buffer.alloc(rows[0]?.size ?? 0, "x");
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      return copies.put(key, Readable.from([bytes]), { size: bytes.length, type, sha256, owner });
    };
    for (const store of [{ put: worn }, { ...silent, put: worn }]) {
      await test.query("delete from wavegate.file_copies");
      await copied(withStore(store), one, rows.slice(0, 1));
      expect(await states(one)).toEqual([{ state: "changed", rows: 1 }]);
      expect(await lying()).toEqual([]);
    }
  });

  it("is taken away by its version: what somebody put on top of it stays", async () => {
    const directory = await mkdtemp(join(tmpdir(), "wavegate-store-"));
    const store = await storeIn(directory);
    const [{ key = "" } = {}] = await rowsOf(one);
    await copied(withStore(store.copies), one, await rowsOf(one));
    await store.client.send(new PutObjectCommand({ Bucket: "files", Key: key, Body: "newer" }));
    expect(await takenBack(withStore(store.copies), one)).toBe(2);
    expect(await store.copies.look(key)).toMatchObject({ owner: undefined, size: 5 });
    for (const other of keys.slice(1)) expect(await store.copies.look(other)).toBeUndefined();
    await store.close();
    await rm(directory, { recursive: true });
  });

  it("of a file that grew or shrank while it was read is none", async () => {
    const [{ key = "", sha256 = "", size = 0 } = {}] = await rowsOf(one);
    for (const bytes of [Buffer.alloc(size - 1), Buffer.alloc(size + 1), Buffer.alloc(0)]) {
      const put = test.services.copies.put(key, Readable.from([bytes]), {
        ...{ size, sha256, type: "application/pdf", owner: "nobody" },
      });
      await expect(put).rejects.toMatchObject({ name: "BadDigest" });
    }
    expect(await lying()).toEqual([]);
  });

  it("and is not taken up again is taken away", async () => {
    const rows = await rowsOf(one);
    const put: CopyStore["put"] = async (...given) => {
      await test.services.copies.put(...given);
      throw new Error("cut off");
    };
    await expect(copied(withStore({ put }), one, rows)).rejects.toMatchObject({
      name: "CopyFailed",
    });
    expect((await lying()).length).toBeGreaterThan(0);
    const remove = async () => Promise.reject(new Error("cut off"));
    await expect(takenBack(withStore({ remove }), one)).rejects.toMatchObject({
      name: "CopyFailed",
    });
    await takenBack(test, one);
    expect(await lying()).toEqual([]);
  });

  it("by a disk that is full is one sentence, and nothing of it lies there", async (context) => {
    const disk = await mkdtemp(join(tmpdir(), "wavegate-disk-"));
    const made = await promisify(execFile)("mount", [
      "-t",
      "tmpfs",
      "-o",
      "size=64k",
      "x",
      disk,
    ]).then(
      () => true,
      () => false,
    );
    if (!made) {
      await rm(disk, { recursive: true });
      context.skip("NOT RUN: nobody but root may make the small disk that it fills");
    }
    const store = await storeIn(disk);
    try {
      await writeFile(join(disk, "filling"), Buffer.alloc(40_000));
      const rows = await rowsOf(one);
      const large = Buffer.concat([Buffer.from("%PDF-1.4\n"), Buffer.alloc(100_000, "x")]);
      const file = join(test.files, rows[0]?.name ?? "");
      const before = await readFile(file);
      await writeFile(file, large);
      const sha256 = createHash("sha256").update(large).digest("hex");
      const grown = rows.map((row, n) => (n === 0 ? { ...row, size: large.length, sha256 } : row));
      await expect(copied(withStore(store.copies), one, grown)).rejects.toMatchObject({
        name: "CopyFailed",
        message: expect.stringMatching(/^[^\n]+Look at the room and the rights of the bucket/u),
      });
      expect(await store.copies.look(rows[0]?.key ?? "")).toBeUndefined();
      await writeFile(file, before);
      await takenBack(withStore(store.copies), one);
    } finally {
      await store.close();
      await promisify(execFile)("umount", [disk]);
      await rm(disk, { recursive: true });
    }
  });
});

async function storeIn(directory: string, authorize: () => void = () => undefined) {
  const service = await startS3Service({
    directory,
    buckets: ["files"],
    authenticate: async () => "test",
    authorize,
  });
  const client = new S3Client({
    endpoint: service.url,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    forcePathStyle: true,
  });
  return {
    client,
    url: service.url,
    copies: openCopyStore("files", client),
    close: async () => {
      client.destroy();
      await service.close();
    },
  };
}

/** Puts the school's files below `old/`, and answers what puts one more. */
async function filled(client: S3Client) {
  const send = (Key: string, Body: Buffer) =>
    client.send(new PutObjectCommand({ Bucket: "files", Key: `old/${Key}`, Body }));
  for (const each of await readdir(test.files, { recursive: true, withFileTypes: true })) {
    const path = join(each.parentPath, each.name);
    if (each.isFile()) await send(relative(test.files, path), await readFile(path));
  }
  return send;
}

describe("A1 A5 files in a bucket", () => {
  it("A3 are brought by a whole run: every wave, its verification, the bundle, and back", async () => {
    const directory = await mkdtemp(join(tmpdir(), "wavegate-source-"));
    const store = await storeIn(directory);
    await filled(store.client);
    const before = { ...process.env };
    Object.assign(process.env, {
      AWS_ENDPOINT_URL_S3: store.url,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
    });
    try {
      await reviewedRun(test, whole, {
        wavePlan: [25, 125, 625],
        settings: { storage: "s3://files/old/" },
      });
      await toTheEnd(test, whole);
      const { checks } = await finalVerify(test.services, whole);
      expect(checks.filter(({ passed }) => !passed)).toEqual([]);
      // A bucket holds no links: what leads out of a folder is not there.
      const wrong = await Promise.all(
        ["material", "submission"].map((entity) => otherwise(test, school, entity, whole)),
      );
      expect(wrong.flat()).toEqual([expect.stringMatching(/file_by_a_link_out: committed null$/u)]);
      const files = await test.query<{ key: string; sha256: string; size: number }>(
        `select storage_key as key, sha256, size_bytes as size from unit_materials where kind = 'file'
          union all select storage_key, sha256, size_bytes from learning_submissions where kind <> 'text'`,
      );
      for (const { key, sha256, size } of files)
        expect(await readFacts(await test.services.copies.get(key, null))).toMatchObject({
          ...{ sha256, size },
        });
      expect(await states(whole)).toEqual([{ state: "copied", rows: files.length }]);
      expect(files.length).toBeGreaterThan(15);
      expect(await backAsSaid(test, whole)).toEqual([]);
      expect(await states(whole)).toEqual([{ state: "removed", rows: files.length }]);
      for (const { key } of files) expect(await test.services.copies.look(key)).toBeUndefined();
      expect(await test.query("select 1 from learning_submissions")).toEqual([]);
      // What was read is as it was.
      expect(await store.copies.look(`old/${(await rowsOf(one))[0]?.name}`)).toBeDefined();
    } finally {
      for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
      Object.assign(process.env, before);
      await store.close();
      await rm(directory, { recursive: true });
    }
  });

  it("are read, judged and copied as those of a folder are, of any size; one that denies ends it in one line", async () => {
    const directory = await mkdtemp(join(tmpdir(), "wavegate-source-"));
    let allowed = Number.POSITIVE_INFINITY;
    const store = await storeIn(directory, () => {
      if (allowed-- <= 0) throw new S3Error("AccessDenied", "Access Denied.");
    });
    const send = await filled(store.client);
    const [large, gone] = await rowsOf(one);
    const small = await readFile(join(test.files, large?.name ?? ""));
    await send(large?.name ?? "", Buffer.concat([small, Buffer.alloc(3_000_000)]));
    const openFiles = () => openBucket("files", "old", store.client);
    const there = { ...test, services: { ...test.services, openFiles } };
    await reviewedRun(there, third);
    const facts = (run: string) =>
      test.query(
        `select legacy_id, blob, blob_key, blob_type, blob_size, blob_sha256, planned_action from wavegate.alpha2_submission
          where run_id = $1 and blob_sha256 is not null and blob <> $2
          union all select legacy_id, blob, blob_key, blob_type, blob_size, blob_sha256, planned_action from wavegate.alpha2_material
          where run_id = $1 and blob_sha256 is not null order by 1`,
        [run, large?.name],
      );
    expect(await facts(third)).toEqual(await facts(one));
    const rows = await rowsOf(third);
    expect(rows.map(({ size }) => size)).toEqual([small.length + 3_000_000, gone?.size]);
    await copied(there, third, rows);
    expect(await states(third)).toEqual([{ state: "copied", rows: 2 }]);
    for (const { key, sha256 } of rows)
      expect(await readFacts(await test.services.copies.get(key, null))).toMatchObject({ sha256 });
    await takenBack(test, third);
    await store.client.send(new DeleteObjectCommand({ Bucket: "files", Key: `old/${gone?.name}` }));
    await copied(there, third, rows);
    expect(await states(third)).toEqual([
      { state: "changed", rows: 1 },
      { state: "copied", rows: 1 },
    ]);
    await takenBack(test, third);
    const denied =
      /^The bucket files cannot be read \(AccessDenied\)\. Nothing was written[^\n]+$/u;
    allowed = 0;
    await expect(copied(there, third, rows.slice(0, 1))).rejects.toMatchObject({
      message: expect.stringMatching(denied),
    });
    expect(await lying()).toEqual([]);
    await takenBack(test, third);
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

describe("A5 B13 copies for which no row was written", () => {
  it("keep a run's people from being erased until they are taken away", async () => {
    const { sign, stage } = test.services;
    await copied(test, one, await rowsOf(one));
    await test.query("update wavegate.legacy_import_runs set status = 'waiting' where id = $1", [
      one,
    ]);
    await stop(sign, one, "operator");
    await test.query("update wavegate.legacy_import_runs set status = 'stopped' where id = $1", [
      one,
    ]);
    const found = await findRun(stage, one);
    const erased = () => eraseWhole((behind) => eraseSome(sign, found, "approver", behind));
    expect(await refusal(erased())).toBe("CopiesStand");
    // Behind a stop nothing is copied any more.
    expect(await refusal(copied(test, one, await rowsOf(one, 4)))).toBe("RunStopped");
    await rollback(test.services, one);
    expect(await lying()).toEqual([]);
    expect(await erased()).toBeGreaterThan(100);
  });
});
