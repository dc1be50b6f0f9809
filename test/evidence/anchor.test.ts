import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sha256 } from "../../lib/evidence/manifest.ts";
import { anchorOf } from "../../lib/evidence/verify/anchor.ts";

const manifest = Buffer.from("{}");
const head = "d".repeat(64);
const log = `{"seq":1,"hash":"${"c".repeat(64)}"}\n{"seq":2,"hash":"${head}"}\n`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "wavegate-anchor-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function anchored(digest: string, text: string | undefined) {
  const path = join(folder, "audit-log.jsonl");
  await rm(path, { force: true });
  if (text !== undefined) await writeFile(path, text);
  const { anchor, trustedTo, said } = await anchorOf(folder, manifest, { digest });
  return [anchor, trustedTo, said.map(({ passed }) => passed)];
}

const none = ["none", 0, [false]];

describe("B11 W12 what a digest anchors of a bundle", () => {
  it.each([
    ["all, where it is the manifest's", sha256(manifest), log, ["digest", Infinity, [true]]],
    [
      "all, as a mail or a shell wrote it",
      ` ${sha256(manifest).toUpperCase()}\n`,
      log,
      ["digest", Infinity, [true]],
    ],
    ["the log up to an entry, where it is that one's", head, log, ["chain", 2, [true]]],
    ["nothing, where it is of nothing", "e".repeat(64), log, none],
    ["nothing of a log that cannot be read", "e".repeat(64), `${log}{"seq":`, none],
    ["nothing of a log with lines that are no entries", "e".repeat(64), `null\n7\n${log}`, none],
    ["nothing where there is no log", "e".repeat(64), undefined, none],
  ])("%s", async (_, digest, text, found) => {
    expect(await anchored(digest, text)).toEqual(found);
  });
});
