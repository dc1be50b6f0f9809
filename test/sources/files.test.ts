import { execFile } from "node:child_process";
import { once } from "node:events";
import {
  chmod,
  link,
  mkdir,
  mkdtemp,
  rename,
  rm,
  symlink,
  truncate,
  writeFile,
} from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { OneFileUnreadable, UnsafeName } from "../../lib/sources/files/files.ts";
import { openFiles } from "../../lib/sources/files/open.ts";
import { readFacts } from "../../lib/sources/files/read-file.ts";
import { factsOfFiles } from "../../lib/stages/files/file-field.ts";

let folder: string;
let socket: Server;
beforeAll(async () => {
  const top = await mkdtemp(join(tmpdir(), "wavegate-files-"));
  folder = join(top, "blobs");
  await mkdir(join(folder, "b", "a version"), { recursive: true });
  await mkdir(join(folder, "b", "two"));
  await mkdir(join(folder, "b", "none"));
  await writeFile(join(folder, "b", "a version", "1f"), "%PDF-1.7 one");
  await writeFile(join(folder, "b", "two", "1"), "1");
  await writeFile(join(folder, "b", "two", "2"), "2");
  await writeFile(join(folder, "b", "U\u0308bung 1 (final).pdf"), "%PDF-1.7 two");
  await writeFile(join(top, "outside"), "not to be read");
  await symlink("../../outside", join(folder, "b", "out"));
  await symlink("a version/1f", join(folder, "b", "in"));
  await symlink("loop", join(folder, "b", "loop"));
  await symlink("../..", join(folder, "b", "linked"));
  await symlink("pong", join(folder, "b", "ping"));
  await symlink("ping", join(folder, "b", "pong"));
  await promisify(execFile)("mkfifo", [join(folder, "b", "pipe")]);
  // Only root makes a device; nobody else's files hold one.
  await promisify(execFile)("mknod", [join(folder, "b", "device"), "c", "1", "5"]).catch(() =>
    symlink("device", join(folder, "b", "device")),
  );
  socket = createServer().listen(join(folder, "b", "socket"));
  await once(socket, "listening");
});
afterAll(async () => {
  socket.close();
  await rm(join(folder, ".."), { recursive: true });
});

describe("files of a folder", () => {
  it("A5 are found by their names, also as the one version in a folder, and with accents apart", async () => {
    const files = openFiles(folder);
    const read = async (name: string) => {
      const bytes = await (await files.find(name))?.bytes();
      return bytes && (await readFacts(bytes));
    };
    expect(await read("b/a version")).toEqual({
      size: 12,
      type: "application/pdf",
      sha256: "e6d49ab2abf82176003da667a50ba1d708796b091f2957400c19699badfb6a20",
    });
    expect(await read("b/\u00dcbung 1 (final).pdf")).toMatchObject({ size: 12 });
    expect(await read("b/in")).toMatchObject({ size: 12 });
    for (const name of ["b/two", "b/none", "b", "b/nothing", "b/two/1/x", `b/${"x".repeat(300)}`])
      expect(await read(name)).toBeUndefined();
    // Whatever name leads to a file, it is that file.
    const named = ["b/a version", "b/a version/1f", "b/in", "b/\u00dcbung 1 (final).pdf"];
    expect(await Promise.all(named.map(async (name) => (await files.find(name))?.name))).toEqual([
      "b/a version/1f",
      "b/a version/1f",
      "b/a version/1f",
      "b/U\u0308bung 1 (final).pdf",
    ]);
  });

  it.each([
    "../outside",
    "/etc/passwd",
    "b/../../outside",
    "b//x",
    "b/./x",
    "b/out",
    "b\\..\\x",
    "b/\u0000",
    "b/a version/",
    "/",
    "",
    " /../x",
    "b/..",
    "b/\n",
    "b/linked",
    "x".repeat(1_001),
  ])("A5 W13 what goes out of it is not read: %j", async (name) => {
    await expect(openFiles(folder).find(name)).rejects.toBeInstanceOf(UnsafeName);
  });

  it("A5 are known by the accents of each part, a hard link as the file it is, and by no letters of another case", async () => {
    await mkdir(join(folder, "b", "\u00c4"));
    await writeFile(join(folder, "b", "\u00c4", "U\u0308.pdf"), "%PDF-1.7 three");
    await link(join(folder, "b", "\u00c4", "U\u0308.pdf"), join(folder, "b", "hard.pdf"));
    const files = openFiles(folder);
    for (const name of ["b/A\u0308/\u00dc.pdf", "b/\u00c4/\u00dc.pdf", "b/A\u0308/U\u0308.pdf"])
      expect(await files.find(name)).toMatchObject({ size: 14, name: "b/\u00c4/U\u0308.pdf" });
    expect(await files.find("b/hard.pdf")).toMatchObject({ size: 14, name: "b/hard.pdf" });
    for (const name of ["b/Hard.pdf", "b/HARD.PDF", "B/hard.pdf", "b/\u00e4/\u00dc.pdf"])
      expect(await files.find(name)).toBeUndefined();
  });

  const outside = () => join(folder, "..", "outside");
  it.each<[string, (file: string) => Promise<unknown>]>([
    ["a link that goes out", (file) => symlink(outside(), file)],
    ["a link to its like", (file) => symlink(`${file}.before`, file)],
    ["a pipe, which nobody writes", (file) => promisify(execFile)("mkfifo", [file])],
    ["a folder", (file) => mkdir(file)],
    ["nothing", async () => undefined],
  ])("A5 W13 %s in the place of a file that was found is not read", async (_, put) => {
    const file = join(folder, "b", "swapped.pdf");
    await writeFile(file, "%PDF-1.7 four");
    const found = await openFiles(folder).find("b/swapped.pdf");
    expect(found).toMatchObject({ size: 13 });
    await rename(file, `${file}.before`);
    await put(file);
    expect(await found?.bytes()).toBeUndefined();
    await rm(file, { recursive: true, force: true });
  });

  it("A5 W13 nor is what lies behind a link in the place of a folder above it", async () => {
    const above = join(folder, "b", "above");
    await mkdir(above);
    await writeFile(join(above, "outside"), "%PDF-1.7 five");
    const found = await openFiles(folder).find("b/above/outside");
    await rename(above, `${above}.before`);
    await symlink("../..", above);
    expect(await found?.bytes()).toBeUndefined();
    await rm(above);
  });

  it("A5 of which one is huge and holds nothing is measured, and not read", async () => {
    const file = join(folder, "b", "huge.pdf");
    await writeFile(file, "%PDF-1.7");
    await truncate(file, 2 ** 40);
    const facts = await factsOfFiles(openFiles(folder), [["b/huge.pdf", 10_485_760]]);
    expect(facts.get("b/huge.pdf")).toBe("too_long");
    await rm(file);
  });

  it("A5 one that is named for two uses is read for the one that may be longer, whichever names it last", async () => {
    for (const most of [
      [100, 5],
      [5, 100],
    ]) {
      const names = most.map((each) => ["b/in", each] as const);
      expect((await factsOfFiles(openFiles(folder), names)).get("b/in")).toMatchObject({
        size: 12,
      });
    }
  });

  it.each(["loop", "loop/inside", "ping", "pipe", "socket", "device"])(
    "A5 W13 what cannot be read as a file is told of the row alone: %s",
    async (name) => {
      const files = openFiles(folder);
      await expect(files.find(`b/${name}`)).rejects.toBeInstanceOf(OneFileUnreadable);
      const facts = await factsOfFiles(files, [
        [`b/${name}`, 10],
        ["b/in", 100],
      ]);
      expect(facts.get(`b/${name}`)).toBe("unreadable");
      expect(facts.get("b/in")).toMatchObject({ size: 12 });
    },
  );

  it.each([
    ["EIO", true],
    ["EACCES", true],
    ["ESTALE", true],
    ["EISDIR", true],
    // Said of no file: whoever asks has too many open, or no memory, or no network.
    ["EMFILE", false],
    ["ENFILE", false],
    ["ENOMEM", false],
    ["ETIMEDOUT", false],
    ["ENOTCONN", false],
  ])("A5 W13 an error of one file, %s, while it is read is of that row: %s", async (code, one) => {
    const broken = () =>
      Readable.from(
        (async function* () {
          yield Buffer.from("%PDF-");
          throw Object.assign(new Error(code), { code });
        })(),
      );
    const files = {
      ...openFiles(folder),
      find: async (name: string) => ({ name, size: 9, bytes: async () => broken() }),
    };
    const facts = factsOfFiles(files, [["b/x", 10]]);
    if (one) expect((await facts).get("b/x")).toBe("unreadable");
    else
      await expect(facts).rejects.toMatchObject({
        name: "FilesUnreachable",
        message: expect.stringMatching(
          new RegExp(`^[^\\n]+ cannot be read \\(${code}\\)\\.[^\\n]+$`, "u"),
        ),
      });
  });

  it.each([
    ["ESTALE", 2],
    ["EIO", 2],
    ["EBUSY", 2],
    ["EACCES", 1],
  ])("A5 of a system that says %s once, a file is read %i times", async (code, times) => {
    let asked = 0;
    const files = openFiles(folder);
    const find = async (name: string) => {
      const found = await files.find(name);
      asked += 1;
      if (found === undefined || asked > 1) return found;
      // As a disk of another machine does: the first bytes come, and what follows does not.
      const bytes = async () =>
        Readable.from(
          (async function* () {
            yield Buffer.from("%PDF-");
            throw Object.assign(new Error(code), { code });
          })(),
        );
      return { ...found, bytes };
    };
    const facts = await factsOfFiles({ ...files, find }, [["b/in", 100]]);
    expect(asked).toBe(times);
    if (times === 2) expect(facts.get("b/in")).toMatchObject({ size: 12 });
    else expect(facts.get("b/in")).toBe("unreadable");
  });

  it("A5 W13 a file whose rights are lost is told of its row, and a folder whose rights are lost ends it in one sentence, which names nobody", async () => {
    const file = join(folder, "b", "anna-muster.pdf");
    await writeFile(file, "%PDF-1.7");
    await chmod(join(folder, ".."), 0o755);
    await chmod(file, 0o000);
    // As somebody who is not allowed everything.
    const { stdout } = await promisify(execFile)(process.execPath, [
      "--input-type=module",
      "--eval",
      `const { chmod } = await import("node:fs/promises");
       const { openFiles } = await import(${JSON.stringify(new URL("../../lib/sources/files/open.ts", import.meta.url).href)});
       const files = openFiles(${JSON.stringify(folder)});
       const found = await files.find("b/anna-muster.pdf");
       const root = process.getuid() === 0;
       if (root) process.seteuid(65534);
       const say = ({ constructor, message }) => console.log(constructor.name, message);
       await found.bytes().catch(say);
       if (root) process.seteuid(0);
       await chmod(${JSON.stringify(folder)}, 0);
       if (root) process.seteuid(65534);
       await found.bytes().catch(say);
       await files.check().catch(say);
       if (root) process.seteuid(0);
       await chmod(${JSON.stringify(folder)}, 0o755);`,
    ]);
    const unreachable = `FilesUnreachable The folder ${folder} cannot be read (EACCES). Nothing was written; check that it is there and readable, and give it with --storage-path.\n`;
    expect(stdout).toBe(
      `OneFileUnreadable A file cannot be read (EACCES).\n${unreachable}${unreachable}`,
    );
    await rm(file);
  });

  it("W13 a place that is not there, or cannot be read, is one sentence", async () => {
    for (const place of [join(folder, "nowhere"), join(folder, "b", "two", "1")]) {
      await expect(openFiles(place).check()).rejects.toMatchObject({
        name: "FilesUnreachable",
        message: expect.stringMatching(
          /cannot be read \((ENOENT|ENOTDIR)\)\. Nothing was written/u,
        ),
      });
    }
    expect(() => openFiles("s3:/x")).toThrow("s3://BUCKET/PREFIX");
    // Gone behind the first look, it is not a file that is missing.
    const place = join(folder, "..", "for a while");
    await mkdir(place);
    await writeFile(join(place, "1.pdf"), "%PDF-1.7");
    const files = openFiles(place);
    expect(await files.find("1.pdf")).toBeDefined();
    await rm(place, { recursive: true });
    await expect(files.find("1.pdf")).rejects.toMatchObject({ name: "FilesUnreachable" });
  });

  it.each([
    ["GIF89a", "image/gif"],
    ["\u0089PNG\r\n\u001a\n", "image/png"],
    ["\u00ff\u00d8\u00ff\u00e0", "image/jpeg"],
    ["RIFF\u0001\u0000\u0000\u0000WEBP", "image/webp"],
    ["\u0000\u0000\u0000\u0018ftypheic", "image/heic"],
    ["PK\u0003\u0004", "application/zip"],
    ["", "application/octet-stream"],
  ])("A5 the type is what the bytes say: %j", async (bytes, type) => {
    const chunks = [...bytes].map((letter) => Buffer.from(letter, "latin1"));
    expect(await readFacts(Readable.from(chunks))).toMatchObject({ type, size: bytes.length });
  });
});
