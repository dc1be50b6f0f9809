import { createHash } from "node:crypto";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { pullBundle } from "../../lib/evidence/pull.ts";
import { anchorOf } from "../../lib/evidence/verify/anchor.ts";
import { csvRecords } from "../../lib/evidence/verify/files.ts";
import { verifyBundle } from "../../lib/evidence/verify-bundle.ts";
import { type SmallWorld, wholeWorld } from "./small-run.ts";

let world: SmallWorld;
let home: string;
let whole: string;
let review: string;
let manifestDigest: string;
/** A copy of the bundle to spoil, for each test. */
let bundle: string;

beforeAll(async () => {
  world = await wholeWorld();
  ({ home } = world);
  ({ folder: whole, manifestDigest } = await world.bundle("whole"));
  review = join(home, "review");
  const [{ prefix }] = (await world.test.query<{ prefix: string }>(
    "select prefix from wavegate.review_exports order by created_at desc limit 1",
  )) as [{ prefix: string }];
  await pullBundle(world.test.services.evidence, prefix, review);
});
afterAll(async () => {
  await world.close();
});
beforeEach(async () => {
  bundle = await mkdtemp(join(home, "copy-"));
  await cp(whole, bundle, { recursive: true });
});
afterEach(() => rm(bundle, { recursive: true, force: true }));

const path = (name: string) => join(bundle, name);
const failures = async (expected?: string) =>
  (await verifyBundle(bundle, { digest: expected })).checks.filter(({ passed }) => !passed);
const failed = async (expected?: string) => (await failures(expected)).map(({ name }) => name);

type File = {
  name: string;
  sha256: string;
  bytes: number;
  rows: number | null;
  content?: string;
};
type Manifest = { files: File[]; audit_log: { entries: number; head: string } };

async function manifest(change: (manifest: Manifest) => void): Promise<void> {
  const found = JSON.parse(await readFile(path("manifest.json"), "utf8"));
  change(found);
  await writeFile(path("manifest.json"), `${JSON.stringify(found, null, 2)}\n`);
  // What a forger cannot make, it takes away.
  await rm(path("signature.json"), { force: true });
}

/** Rewrites a file and its line in the manifest, as someone would who can write everything. */
async function forge(name: string, change: (text: string) => string, rows?: number): Promise<void> {
  const zipped = name.endsWith(".gz");
  const bytes = await readFile(path(name));
  const text = change((zipped ? gunzipSync(bytes) : bytes).toString("utf8"));
  const forged = zipped ? gzipSync(text) : Buffer.from(text);
  await writeFile(path(name), forged);
  await manifest(({ files }) => {
    const file = files.find((each) => each.name === name) as File;
    file.sha256 = createHash("sha256").update(forged).digest("hex");
    file.bytes = forged.length;
    if (zipped) file.content = createHash("sha256").update(text).digest("hex");
    if (rows !== undefined) file.rows = rows;
  });
}

describe("a bundle as it was exported", () => {
  it("W12 passes every check, with the digest that was returned", async () => {
    const verdict = await verifyBundle(bundle, { digest: manifestDigest });
    expect(verdict.checks.map(({ name, passed }) => [name, passed])).toEqual([
      ["anchor", true],
      ["manifest", true],
      ["files", true],
      ["records", true],
      ["masking", true],
      ["definition", true],
      ["audit log", true],
      ["security log", true],
      ["run", true],
      ["balance", true],
      ["dry runs", true],
      ["review", true],
      ["mappings", true],
      ["samples", true],
      ["questions", true],
      ["sign-offs", true],
      ["waves", true],
      ["commit log", true],
      ["verifications", true],
      ["outcome", true],
      ["report", true],
      ["documents", true],
      ["erasure", true],
    ]);
    expect(verdict.ok).toBe(true);
  });

  it("R10 a review export passes as well", async () => {
    const verdict = await verifyBundle(review);
    expect(verdict.checks.map(({ name }) => name)).toEqual([
      "manifest",
      "files",
      "records",
      "masking",
      "dry run",
    ]);
    expect(verdict.ok).toBe(true);
  });
});

describe("files", () => {
  it("W12 notices one changed byte", async () => {
    const bytes = await readFile(path("rows.csv.gz"));
    bytes[bytes.length - 5] = (bytes.at(-5) as number) ^ 1;
    await writeFile(path("rows.csv.gz"), bytes);
    expect(await failures()).toEqual([
      { name: "files", passed: false, message: "rows.csv.gz was changed." },
    ]);
  });

  it("W12 notices a missing file", async () => {
    await rm(path("balance.json"));
    expect(await failures()).toEqual([
      { name: "files", passed: false, message: "balance.json is missing." },
    ]);
  });

  it("W12 notices a file too many, hidden ones included", async () => {
    await writeFile(path(".notes"), "x");
    expect((await failures())[0]?.message).toBe('".notes" is not in the manifest.');
  });

  it("W12 notices a truncated file", async () => {
    await truncate(path("waves.json"), 10);
    expect((await failures())[0]?.message).toMatch(/^waves\.json has 10 bytes instead of \d+\.$/);
  });

  it("does not follow a link to a file elsewhere", async () => {
    await rm(path("waves.json"));
    await symlink(join(whole, "waves.json"), path("waves.json"));
    expect((await failures())[0]?.message).toBe("waves.json is not a plain file.");
  });
});

describe("the manifest", () => {
  it("is asked for first", async () => {
    await rm(path("manifest.json"));
    expect(await verifyBundle(bundle)).toEqual({
      ok: false,
      anchor: "none",
      checks: [
        { name: "manifest", passed: false, message: "There is no manifest.json in the folder." },
      ],
    });
    expect((await verifyBundle(join(home, "nowhere"))).ok).toBe(false);
  });

  it.each(["", "not json", "{}", "null", '{"files": 3}'])(
    "fails when it reads %j",
    async (text) => {
      await writeFile(path("manifest.json"), text);
      expect(await failed()).toEqual(["manifest"]);
    },
  );

  it.each<[string, (text: string) => string]>([
    ["a key twice", (text) => text.replace("{", '{\n  "run": "another",')],
    ["a key twice, deep inside", (text) => text.replace('"entries":', '"head": "", "entries":')],
    ["a key that is none of its own", (text) => text.replace("{", '{\n  "approver": "nadia",')],
    ["a number in another notation", (text) => text.replace('"format": 1', '"format": 1.0')],
    ["a letter in another notation", (text) => text.replace('"audit"', '"\\u0061udit"')],
    ["line ends of another system", (text) => text.replaceAll("\n", "\r\n")],
    ["a mark of its byte order", (text) => `\ufeff${text}`],
    ["something behind its end", (text) => `${text}\n`],
  ])("W12 fails with %s, which others would read otherwise", async (_, change) => {
    await rm(path("signature.json"));
    await writeFile(path("manifest.json"), change(await readFile(path("manifest.json"), "utf8")));
    expect(await failed()).toEqual(["manifest"]);
  });

  it("is a file of its own: no link, no folder, nothing without an end", async () => {
    for (const make of [
      () => symlink(join(whole, "manifest.json"), path("manifest.json")),
      () => symlink("/dev/zero", path("manifest.json")),
      () => mkdir(path("manifest.json")),
    ]) {
      await rm(path("manifest.json"), { recursive: true, force: true });
      await make();
      expect(await failed()).toEqual(["manifest"]);
    }
  });

  it("W12 says of what is compressed what it is", async () => {
    for (const name of ["rows.csv.gz", "commit-log.csv.gz"]) {
      await manifest(({ files }) => {
        for (const file of files) if (file.name === name) file.content = "ab".repeat(32);
      });
      expect((await failures())[0]?.message).toContain(
        `${name} holds something else than the manifest says`,
      );
    }
  });

  it.each(["../secret", "/etc/passwd", "a/b", "..", "manifest.json", "a\\b"])(
    "fails when it names %j as a file",
    async (name) => {
      await manifest(({ files }) => files.push({ ...(files[0] as File), name }));
      expect(await failed()).toEqual(["manifest"]);
    },
  );

  it("W12 fails when it names a file twice", async () => {
    await manifest(({ files }) => files.push(files[0] as File));
    expect(await failed()).toEqual(["manifest"]);
  });

  it("W12 is not the expected one when everything was rewritten with it", async () => {
    const zipped = await readFile(path("rows.csv.gz"));
    await forge("rows.csv.gz", (text) => text);
    expect(await readFile(path("rows.csv.gz"))).not.toEqual(zipped);
    expect(await failed()).toEqual([]);
    expect(await failed(manifestDigest)).toEqual(["anchor"]);
  });
});

describe("what anchors a bundle", () => {
  const anchor = async (digest?: string) => {
    const { ok, anchor: found, checks } = await verifyBundle(bundle, { digest });
    return { ok, anchor: found, said: checks.find(({ name }) => name === "anchor")?.message };
  };

  it("B11 is nothing, unless something from elsewhere is known", async () => {
    expect(await anchor()).toEqual({ ok: true, anchor: "none", said: undefined });
  });

  it("B11 is the manifest's digest of the mail that told of it, to approvers and never to the starter", async () => {
    const mails = world.test.mails.filter(({ subject }) => subject.includes("the evidence of"));
    expect(mails.map(({ to }) => to[0])).toEqual(["approver@example.com", "second@example.com"]);
    const told = /--digest ([0-9a-f]{64})/.exec(mails[0]?.text ?? "")?.[1];
    expect(told).toBe(manifestDigest);
    expect((await anchor(` ${told?.toUpperCase()}\n`)).anchor).toBe("digest");
  });

  it("B11 W12 is in part the log's head of a mail that asked for a sign-off", async () => {
    const mail = world.test.mails.find(({ text }) => text.includes("/sign-off/"));
    const [, entries, head] =
      /audit log, (\d+) entries\s+([0-9a-f]{64})/.exec(mail?.text ?? "") ?? [];
    expect(await anchor(head)).toEqual({
      ok: true,
      anchor: "chain",
      said: `Entry ${entries} of the audit log is ${head}: the log up to there is the one that was announced, and what came after is not anchored.`,
    });
    // Nor is a clock that goes back behind it taken for one that did.
    const known = { digest: head };
    const { trustedTo } = await anchorOf(bundle, await readFile(path("manifest.json")), known);
    expect(trustedTo).toBe(Number(entries));
  });

  it("B11 a digest of nothing in the bundle anchors nothing, and fails", async () => {
    const found = await anchor("ab".repeat(32));
    expect(found).toMatchObject({ ok: false, anchor: "none" });
  });
});

describe("records", () => {
  it("notices that a row was taken out of the compressed rows", async () => {
    await forge("rows.csv.gz", (text) => text.replace(/^\d+,stagiaires.*\r\n/m, ""));
    expect((await failures())[0]?.message).toBe("rows.csv.gz holds 374 records instead of 375.");
  });

  it("names files that are not what they should be, instead of failing itself", async () => {
    const reading = async () => {
      for await (const { id } of csvRecords(path("rows.csv.gz"))) expect(id).not.toBe("unclosed");
    };
    await forge("rows.csv.gz", (text) => `${text}9999,"unclosed`);
    let lines = 0;
    await forge("audit-log.jsonl", (text) => {
      lines = text.split("\n").length;
      return `${text}not json\n`;
    });
    await forge("samples.json", () => "{}");
    await expect(reading()).rejects.toMatchObject({ name: "UnreadableFile" });
    const found = await failures();
    expect(found[0]?.name).toBe("records");
    expect(found[0]?.message).toContain("rows.csv.gz cannot be read");
    expect(found[0]?.message).toContain(`audit-log.jsonl line ${lines} is not JSON`);
    expect(found[0]?.message).toContain("samples.json is not a list");
  });
});

describe("masking", () => {
  it.each([
    ["213•••••••68", "213559446168"],
    ["s•••@example.com", "sara.benali@example.com"],
    ["B. S.", "Benali Sara"],
    ["1987", "1987-05-01"],
  ])("D20 notices %s unmasked as %s, without repeating it", async (mask, whole) => {
    await forge("rows.csv.gz", (text) => text.replace(mask, whole));
    const found = await failures();
    expect(found.map(({ name }) => name)).toContain("masking");
    expect(JSON.stringify(found)).not.toContain(whole);
  });
});

describe("the audit log", () => {
  it.each<[string, (lines: string[]) => string[]]>([
    ["removed", ([first, , ...rest]) => [first as string, ...rest]],
    ["exchanged", ([a, b, ...rest]) => [b as string, a as string, ...rest]],
    ["inserted", ([a, ...rest]) => [a as string, a as string, ...rest]],
    ["changed", (all) => all.map((line) => line.replace('"backup"', '"backed"'))],
    ["cut off at the end", (all) => all.slice(0, -1)],
    ["all gone", () => []],
  ])(
    "W12 notices entries that were %s, although the manifest's digests were forged",
    async (_, change) => {
      let rows = 0;
      await forge("audit-log.jsonl", (text) => {
        const changed = change(text.trimEnd().split("\n"));
        rows = changed.length;
        return changed.map((line) => `${line}\n`).join("");
      });
      await manifest(({ files }) => {
        (files.find(({ name }) => name === "audit-log.jsonl") as File).rows = rows;
      });
      expect(await failed()).toContain("audit log");
    },
  );

  it("W12 notices another run's log", async () => {
    await manifest((found) => Object.assign(found, { run: "another" }));
    expect(await failed()).toContain("audit log");
  });
});

describe("what the files say about each other", () => {
  it("says what cannot be read, and compares nothing with it", async () => {
    await forge("summary.json", () => "<html>");
    expect(await failures()).toEqual([
      { name: "records", passed: false, message: "summary.json is not JSON." },
    ]);
  });

  it("W5 notices rules that are not the run's, and judges nothing by them", async () => {
    await forge("definition.json", (text) =>
      text.replace('"similarity": 0.5', '"similarity": 0.9'),
    );
    expect(await failed()).toEqual(["definition"]);
  });
});
