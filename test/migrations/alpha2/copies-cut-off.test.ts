import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFile, mkdtemp, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { promisify } from "node:util";
import { DeleteObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import type { CopyStore } from "../../../lib/services/services.ts";
import { readFacts } from "../../../lib/sources/files/read-file.ts";
import { rollback } from "../../../lib/stages/rollback.ts";
import type { TestServices } from "../../support/services.ts";
import { copied, copying, storeIn, takenBack } from "./copying.ts";

const one = "7f3a0000-0000-4000-8000-00000000a211";
const at = copying([one]);

describe("A5 W3 a copy that is cut off", () => {
  it.each([
    ["before it is put", async () => Promise.reject(new Error("cut off"))],
    [
      "once it lies there",
      async (...given: Parameters<CopyStore["put"]>) => {
        await at.test.services.copies.put(...given);
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
        return at.test.services.copies.put(key, half, facts);
      },
    ],
  ])("%s is made whole by whoever comes next", async (_, put) => {
    const rows = await at.rowsOf(one);
    const [, cut] = rows;
    const broken = at.withStore({
      put: (...given) =>
        given[0] === cut?.key ? put(...given) : at.test.services.copies.put(...given),
    });
    await expect(copied(broken, one, rows)).rejects.toMatchObject({ name: "CopyFailed" });
    // What became of the others is noted all the same.
    expect(await at.states(one)).toEqual([
      { state: "copied", rows: 1 },
      { state: "intended", rows: 1 },
    ]);
    await copied(at.test, one, rows);
    expect(await at.states(one)).toEqual([{ state: "copied", rows: 2 }]);
    for (const { key, sha256, size } of rows)
      expect(await readFacts(await at.test.services.copies.get(key, null))).toMatchObject({
        sha256,
        size,
      });
  });

  it("of a file of the same length that says something else is none, and one that was made stays", async () => {
    const rows = await at.rowsOf(one);
    const file = join(at.test.files, rows[0]?.name ?? "");
    const before = await readFile(file);
    await writeFile(file, Buffer.concat([before.subarray(0, -1), Buffer.from("?")]));
    await copied(at.test, one, rows);
    expect(await at.states(one)).toEqual([
      { state: "changed", rows: 1 },
      { state: "copied", rows: 1 },
    ]);
    expect(await at.lying()).toEqual([rows[1]?.key]);
    await rm(join(at.test.files, rows[1]?.name ?? ""));
    await at.test.query("update wavegate.file_copies set state = 'intended', version = null");
    await copied(at.test, one, rows.slice(1));
    expect(await at.states(one)).toEqual([
      { state: "copied", rows: 1 },
      { state: "intended", rows: 1 },
    ]);
    await writeFile(file, before);
    await at.test.services.copies
      .get(rows[1]?.key ?? "", null)
      .then(async (bytes) =>
        writeFile(join(at.test.files, rows[1]?.name ?? ""), await bytes.toArray()),
      );
  });

  it("of a link out that came in the place of a file is none, though the same bytes lie there", async () => {
    const rows = await at.rowsOf(one);
    const file = join(at.test.files, rows[0]?.name ?? "");
    const outside = join(at.test.files, "..", "the-same.pdf");
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
    await copied(at.test, one, rows);
    expect(await at.states(one)).toEqual(held);
    await back();
    await takenBack(at.test, one);
    await at.test.query("delete from wavegate.file_copies");
    // Between being found and being opened.
    const openFiles: TestServices["services"]["openFiles"] = (place) => {
      const files = at.test.services.openFiles(place);
      return {
        ...files,
        find: async (name) => {
          const found = await files.find(name);
          if (name === rows[0]?.name) await swap();
          return found;
        },
      };
    };
    await copied({ ...at.test, services: { ...at.test.services, openFiles } }, one, rows);
    expect(await at.states(one)).toEqual(held);
    expect(await at.lying()).toEqual([rows[1]?.key]);
    await back();
    await rm(outside);
  });

  it("of a large file that is replaced or written while it is read is none", async () => {
    const [row] = await at.rowsOf(one, 1);
    const file = join(at.test.files, row?.name ?? "");
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
        const files = at.test.services.openFiles(place);
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
      await copied({ ...at.test, services: { ...at.test.services, openFiles } }, one, rows);
      expect(await at.states(one)).toEqual([{ state: became, rows: 1 }]);
      expect(await at.lying()).toEqual(became === "copied" ? [row?.key] : []);
      await takenBack(at.test, one);
      await at.test.query("delete from wavegate.file_copies");
    }
    await writeFile(file, before);
  });

  it("of a store that tells no hash is read, and is none where it holds something else", async () => {
    const { copies } = at.test.services;
    const silent = {
      look: async (key: string) => {
        const lies = await copies.look(key);
        return lies && { ...lies, sha256: undefined };
      },
      put: async (...given: Parameters<CopyStore["put"]>) => {
        const put = await copies.put(...given);
        return { ...put, sha256: undefined };
      },
    };
    const rows = await at.rowsOf(one);
    await copied(at.withStore(silent), one, rows);
    expect(await at.states(one)).toEqual([{ state: "copied", rows: 2 }]);
    await takenBack(at.test, one);
    const worn: CopyStore["put"] = async (key, body, { owner, type }) => {
      body.destroy();
      const bytes = Buffer.alloc(rows[0]?.size ?? 0, "x");
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      return copies.put(key, Readable.from([bytes]), { size: bytes.length, type, sha256, owner });
    };
    for (const store of [{ put: worn }, { ...silent, put: worn }]) {
      await at.test.query("delete from wavegate.file_copies");
      await copied(at.withStore(store), one, rows.slice(0, 1));
      expect(await at.states(one)).toEqual([{ state: "changed", rows: 1 }]);
      expect(await at.lying()).toEqual([]);
    }
  });

  it("finds what bears its mark and holds other bytes occupied, and leaves it there", async () => {
    const directory = await mkdtemp(join(tmpdir(), "wavegate-store-"));
    const store = await storeIn(directory);
    const [row] = await at.rowsOf(one, 1);
    const { id = 0, key = "" } = row ?? {};
    const worked = { wavegate: `${one}/${id}` };
    const put = () =>
      store.client.send(
        new PutObjectCommand({ Bucket: "files", Key: key, Body: "smaller", Metadata: worked }),
      );
    await put();
    await copied(at.withStore(store.copies), one, row ? [row] : []);
    expect(await at.states(one)).toEqual([{ state: "occupied", rows: 1 }]);
    expect(await store.copies.look(key)).toMatchObject({ owner: worked.wavegate, size: 7 });
    // Also what came on top of a copy between its being put and being looked at.
    await at.test.query("delete from wavegate.file_copies");
    await store.client.send(new DeleteObjectCommand({ Bucket: "files", Key: key }));
    const topped: CopyStore["put"] = async (...given) => {
      const made = await store.copies.put(...given);
      await put();
      return { ...made, sha256: undefined };
    };
    const changing = at.withStore({ ...store.copies, put: topped });
    await copied(changing, one, row ? [row] : []);
    expect(await at.states(one)).toEqual([{ state: "occupied", rows: 1 }]);
    expect(await store.copies.look(key)).toMatchObject({ owner: worked.wavegate, size: 7 });
    await store.close();
    await rm(directory, { recursive: true });
  });

  it("is taken away by its version: what somebody put on top of it stays", async () => {
    const directory = await mkdtemp(join(tmpdir(), "wavegate-store-"));
    const store = await storeIn(directory);
    const [{ key = "" } = {}] = await at.rowsOf(one);
    await copied(at.withStore(store.copies), one, await at.rowsOf(one));
    await store.client.send(new PutObjectCommand({ Bucket: "files", Key: key, Body: "newer" }));
    expect(await takenBack(at.withStore(store.copies), one)).toBe(2);
    expect(await store.copies.look(key)).toMatchObject({ owner: undefined, size: 5 });
    for (const other of at.keys.slice(1)) expect(await store.copies.look(other)).toBeUndefined();
    await store.close();
    await rm(directory, { recursive: true });
  });

  it("of a file that grew or shrank while it was read is none", async () => {
    const [{ key = "", sha256 = "", size = 0 } = {}] = await at.rowsOf(one);
    for (const bytes of [Buffer.alloc(size - 1), Buffer.alloc(size + 1), Buffer.alloc(0)]) {
      const put = at.test.services.copies.put(key, Readable.from([bytes]), {
        ...{ size, sha256, type: "application/pdf", owner: "nobody" },
      });
      await expect(put).rejects.toMatchObject({ name: "BadDigest" });
    }
    expect(await at.lying()).toEqual([]);
  });

  it("and is not taken up again is taken away", async () => {
    const rows = await at.rowsOf(one);
    const put: CopyStore["put"] = async (...given) => {
      await at.test.services.copies.put(...given);
      throw new Error("cut off");
    };
    await expect(copied(at.withStore({ put }), one, rows)).rejects.toMatchObject({
      name: "CopyFailed",
    });
    expect((await at.lying()).length).toBeGreaterThan(0);
    const remove = async () => Promise.reject(new Error("cut off"));
    await expect(takenBack(at.withStore({ remove }), one)).rejects.toMatchObject({
      name: "CopyFailed",
    });
    await takenBack(at.test, one);
    expect(await at.lying()).toEqual([]);
  });

  it("R17 or that somebody lets a run make while a rollback comes to its end is taken away by that one", async () => {
    const { services } = at.test;
    const goesOn = (control: string) =>
      at.test.query("update wavegate.legacy_import_runs set control = $2 where id = $1", [
        one,
        control,
      ]);
    const rows = await at.rowsOf(one);
    let begun = 0;
    const transaction: typeof services.stage.transaction = async (work, mode) => {
      begun++;
      // Behind the look for copies, and before the end.
      if (begun === 2) {
        await goesOn("run");
        await copied(at.test, one, rows);
      }
      return services.stage.transaction(work, mode);
    };
    await rollback({ ...services, stage: { ...services.stage, transaction } }, one);
    expect(begun).toBe(3);
    expect(await at.lying()).toEqual([]);
    await goesOn("run");
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
      const rows = await at.rowsOf(one);
      const large = Buffer.concat([Buffer.from("%PDF-1.4\n"), Buffer.alloc(100_000, "x")]);
      const file = join(at.test.files, rows[0]?.name ?? "");
      const before = await readFile(file);
      await writeFile(file, large);
      const sha256 = createHash("sha256").update(large).digest("hex");
      const grown = rows.map((row, n) => (n === 0 ? { ...row, size: large.length, sha256 } : row));
      await expect(copied(at.withStore(store.copies), one, grown)).rejects.toMatchObject({
        name: "CopyFailed",
        message: expect.stringMatching(/^[^\n]+Look at the room and the rights of the bucket/u),
      });
      expect(await store.copies.look(rows[0]?.key ?? "")).toBeUndefined();
      await writeFile(file, before);
      await takenBack(at.withStore(store.copies), one);
    } finally {
      await store.close();
      await promisify(execFile)("umount", [disk]);
      await rm(disk, { recursive: true });
    }
  });
});
