import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { describeFailure } from "../../lib/cli/failure.ts";
import { exportAudit } from "../../lib/evidence/export-audit.ts";
import { pullBundle } from "../../lib/evidence/pull.ts";
import { verifyBundle } from "../../lib/evidence/verify-bundle.ts";
import { writeNew, writeWhole } from "../../lib/services/whole-file.ts";
import { reference, runId, stageRun } from "./fixture.ts";
import { type Evidence, startEvidence } from "./support.ts";

const folder = `runs/${reference}/audit`;
let evidence: Evidence;
let home: string;
let to: string;
let digests: string[];

beforeAll(async () => {
  evidence = await startEvidence();
  home = await mkdtemp(join(tmpdir(), "wavegate-pull-"));
  await stageRun(evidence.admin, evidence.services, [{ legacyId: 101 }]);
  digests = [];
  for (let n = 0; n < 2; n++) {
    digests.push((await exportAudit(evidence.services, runId)).manifestDigest);
  }
});
afterAll(async () => {
  await evidence.close();
  await rm(home, { recursive: true, force: true });
});
beforeEach(async () => {
  to = join(await mkdtemp(join(home, "to-")), "bundle");
});

const store = () => evidence.services.evidence;
const put = (key: string, text: string) =>
  store().put(key, Buffer.from(text), { contentType: "text/plain" });
/** The store, in which some objects are others, or there are more. */
const withObjects = (changed: Record<string, string>) => ({
  ...store(),
  list: async (prefix: string) => [
    ...(await store().list(prefix)).filter(({ key }) => !(key in changed)),
    ...Object.keys(changed).map((key) => ({ key, size: 1 })),
  ],
  get: async (key: string) =>
    key in changed ? Buffer.from(changed[key] as string) : store().get(key),
});

describe("pullBundle", () => {
  it.each([folder, `${folder}/`])("takes the newest bundle under %s", async (prefix) => {
    const pulled = await pullBundle(store(), prefix, to);
    expect(pulled).toEqual({ prefix: `${folder}/0002`, manifestDigest: digests[1], files: 17 });
    expect(await readdir(to)).toHaveLength(19);
    expect(await readdir(to)).toContain("signature.json");
    const { checks } = await verifyBundle(to, { digest: digests[1] });
    expect(checks.find(({ name }) => name === "anchor")?.passed).toBe(true);
  });

  it("takes a bundle by its name", async () => {
    const pulled = await pullBundle(store(), `${folder}/0001`, to);
    expect(pulled.manifestDigest).toBe(digests[0]);
  });

  it("passes over a newer export that was never finished", async () => {
    await put(`${folder}/0500/summary.json`, "{}");
    expect((await pullBundle(store(), folder, to)).prefix).toBe(`${folder}/0002`);
  });

  it("W13 says so when there is none", async () => {
    const none = pullBundle(store(), "runs/unknown/audit", to);
    await expect(none).rejects.toMatchObject({ name: "BundleMissing" });
    await expect(readdir(to)).rejects.toThrow();
  });

  it("W13 leaves a folder alone that holds something", async () => {
    const busy = await mkdtemp(join(home, "busy-"));
    await writeFile(join(busy, "mine.txt"), "mine");
    const pulled = pullBundle(store(), folder, busy);
    await expect(pulled).rejects.toMatchObject({ name: "FolderNotEmpty" });
    expect(await readdir(busy)).toEqual(["mine.txt"]);
  });

  it("W12 refuses a file that is not what the manifest says, and leaves no manifest", async () => {
    const changed = withObjects({ [`${folder}/0002/rows.csv.gz`]: "forged" });
    const pulled = pullBundle(changed, folder, to);
    await expect(pulled).rejects.toMatchObject({ name: "BundleDamaged" });
    expect(await readdir(to)).not.toContain("manifest.json");
    expect(await readdir(to)).not.toContain("rows.csv.gz");
  });

  it("W13 R10 leaves no half of a bundle where the disk takes no more, and fetches it whole when it does", async () => {
    let room = 6;
    const small = {
      ...store(),
      get: async (key: string) => {
        if (room-- > 0) return store().get(key);
        throw Object.assign(new Error("write"), { code: "ENOSPC" });
      },
    };
    const pulled = await pullBundle(small, folder, to).catch((error) => error);
    expect(describeFailure(pulled)).toEqual({
      exit: 2,
      name: "ENOSPC",
      message: "The disk takes no more. Nothing was written. Make room, and run the command again.",
    });
    expect(await readdir(to)).toEqual([]);
    expect(await pullBundle(store(), folder, to)).toMatchObject({ manifestDigest: digests[1] });
  });

  it("W3 W13 one that is killed leaves nothing that looks finished, nor in the way of the next, unless it runs still", async () => {
    let asked = 0;
    const killed = {
      ...store(),
      // The eighth file never comes.
      get: (key: string) => (asked++ < 8 ? store().get(key) : new Promise<Buffer>(() => {})),
    };
    void pullBundle(killed, `${folder}/0001`, to);
    await expect.poll(() => readdir(to).catch(() => [])).toHaveLength(8);
    const left = await readdir(to);
    expect(left).not.toContain("manifest.json");
    const marker = left.find((name) => name.startsWith(`.pulling-${process.pid}`)) ?? "none";
    await expect(pullBundle(store(), folder, to)).rejects.toMatchObject({
      name: "FolderNotEmpty",
      message: expect.stringContaining(`is being fetched into (${marker})`),
    });
    const gone = spawn(process.execPath, ["-e", ""]);
    await once(gone, "close");
    await rename(join(to, marker), join(to, marker.replace(`${process.pid}`, `${gone.pid}`)));
    await writeFile(join(to, "mine.txt"), "mine");
    await expect(pullBundle(store(), folder, to)).rejects.toMatchObject({ name: "FolderNotEmpty" });
    await rm(join(to, "mine.txt"));
    expect(await readdir(to)).toHaveLength(8);
    const { manifestDigest } = await pullBundle(store(), folder, to);
    expect(manifestDigest).toBe(digests[1]);
    expect(await readdir(to)).toHaveLength(19);
    const { checks } = await verifyBundle(to, { digest: digests[1] });
    expect(checks.find(({ name }) => name === "anchor")?.passed).toBe(true);
  });

  it("R10 in a shared folder another container, whose processes have the same numbers, is left alone while it fetches", async () => {
    const theirs = join(to, ".pulling-1-0a1b2c3d");
    await mkdir(to, { recursive: true });
    await writeFile(theirs, "");
    await expect(pullBundle(store(), folder, to)).rejects.toMatchObject({
      name: "FolderNotEmpty",
      message: expect.stringContaining(
        "is being fetched into (.pulling-1-0a1b2c3d); where nobody does any more, it is free two minutes later",
      ),
    });
    expect(await readdir(to)).toEqual([".pulling-1-0a1b2c3d"]);
    // One that begins at this very moment as well.
    await rename(theirs, join(to, ".pulling"));
    await expect(pullBundle(store(), folder, to)).rejects.toMatchObject({ name: "FolderNotEmpty" });
    const before = new Date(Date.now() - 600_000);
    for (const name of [".pulling", ".pulling-1-0a1b2c3d"]) {
      await writeFile(join(to, name), "");
      await utimes(join(to, name), before, before);
    }
    expect(await pullBundle(store(), folder, to)).toMatchObject({ manifestDigest: digests[1] });
    expect(await readdir(to)).toHaveLength(19);
  });

  it("R10 of two who fetch into one folder at once one has the whole bundle, and neither takes the other's files", async () => {
    const both = await Promise.allSettled([
      pullBundle(store(), folder, to),
      pullBundle(store(), folder, to),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(both.find(({ status }) => status === "rejected")).toMatchObject({
      reason: { name: "FolderNotEmpty" },
    });
    expect(await readdir(to)).toHaveLength(19);
    const { checks } = await verifyBundle(to, { digest: digests[1] });
    expect(checks.find(({ name }) => name === "anchor")?.passed).toBe(true);
  });

  it("W13 what is no file is written to and stays what it is: a link such as /dev/stdout", async () => {
    const [file, link] = [join(home, "behind.txt"), join(home, "link.txt")];
    await writeFile(file, "");
    await symlink(file, link);
    await writeWhole(link, "through");
    expect(await readFile(file, "utf8")).toBe("through");
    expect((await lstat(link)).isSymbolicLink()).toBe(true);
  });

  it("W13 a file is there whole, or not at all", async () => {
    const file = join(home, "whole.txt");
    await writeWhole(file, "one");
    await writeWhole(file, "two");
    expect(await readFile(file, "utf8")).toBe("two");
    const taken = join(home, "taken");
    await mkdir(join(taken, "inside"), { recursive: true });
    await expect(writeWhole(taken, "three")).rejects.toThrow();
    expect((await readdir(home)).filter((name) => name.endsWith(".part"))).toEqual([]);
  });

  it("W13 a new file is there whole, or not at all, and goes over nothing: a full disk leaves no part of it", async () => {
    const file = join(home, "new.txt");
    const cutOff = (async function* () {
      yield "a part";
      throw Object.assign(new Error("write"), { code: "ENOSPC" });
    })();
    await expect(writeNew(file, cutOff as never)).rejects.toMatchObject({ code: "ENOSPC" });
    await writeNew(file, "one");
    await expect(writeNew(file, "two")).rejects.toMatchObject({ code: "EEXIST" });
    expect(await readFile(file, "utf8")).toBe("one");
    expect((await readdir(home)).filter((name) => name.startsWith("new."))).toEqual(["new.txt"]);
  });

  it.each(["../../escaped", "sub/file.json", "..\\escaped", "extra.json", ""])(
    "refuses a bundle in which an object %j lies, and writes nothing",
    async (name) => {
      const pulled = pullBundle(withObjects({ [`${folder}/0002/${name}`]: "x" }), folder, to);
      await expect(pulled).rejects.toMatchObject({ name: "BundleDamaged" });
      await expect(readdir(to)).rejects.toThrow();
    },
  );

  it("refuses a manifest that names a path outside, and writes nothing", async () => {
    const bytes = await store().get(`${folder}/0002/manifest.json`);
    const manifest = JSON.parse(bytes.toString("utf8"));
    const [file] = manifest.files;
    manifest.files.push({ ...file, name: "../../../escaped.json" });
    // What it names is there, and as it says.
    const forged = withObjects({
      [`${folder}/0002/manifest.json`]: `${JSON.stringify(manifest, null, 2)}\n`,
      [`${folder}/0002/../../../escaped.json`]: (
        await store().get(`${folder}/0002/${file.name}`)
      ).toString("utf8"),
    });
    const pulled = pullBundle(forged, folder, to);
    await expect(pulled).rejects.toMatchObject({
      name: "BundleDamaged",
      message: expect.stringContaining("manifest.json is not a manifest: files."),
    });
    await expect(readdir(to)).rejects.toThrow();
  });

  it("refuses a bundle of which a file is missing", async () => {
    const lacking = {
      ...store(),
      list: async (prefix: string) =>
        (await store().list(prefix)).filter(({ key }) => !key.endsWith("balance.json")),
    };
    const pulled = pullBundle(lacking, folder, to);
    await expect(pulled).rejects.toMatchObject({ name: "BundleDamaged" });
  });
});
