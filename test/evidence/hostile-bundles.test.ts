import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdtemp, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { verifyBundle } from "../../lib/evidence/verify-bundle.ts";
import { Forger } from "./forger.ts";
import { type SmallWorld, wholeWorld } from "./small-run.ts";

let world: SmallWorld;
let home: string;
let whole: Forger;

beforeAll(async () => {
  world = await wholeWorld();
  const { folder } = await world.bundle("whole");
  whole = await Forger.of(folder);
  home = await mkdtemp(join(tmpdir(), "wavegate-hostile-"));
});
afterAll(async () => {
  await world.close();
  await rm(home, { recursive: true, force: true });
});

const deep = (levels: number) => "[".repeat(levels) + "]".repeat(levels);

const files = [
  "balance.json",
  "definition.json",
  "drill.json",
  "go-no-go.json",
  "migration-config.json",
  "migration-report.json",
  "policy-bundle.json",
  "samples.json",
  "sign-offs.json",
  "summary.json",
  "verifications.json",
  "waves.json",
];
const logs = ["audit-log.jsonl", "security-log.jsonl"];

it.each([
  ...[2_000, 9_000, 300_000].flatMap((levels) =>
    [...files, ...logs].map(
      (name) => [name, `${levels} lists in each other`, deep(levels)] as const,
    ),
  ),
  ...[1_000_000, 9_000_000].flatMap((letters) =>
    [...files, ...logs].map(
      (name) =>
        [name, `a text of ${letters} letters`, JSON.stringify("a".repeat(letters))] as const,
    ),
  ),
])("B11 W12 a bundle of which %s is %s is told wrong, and ends nothing", async (name, _, text) => {
  const forger = whole.copy().text(name, (was) => `${logs.includes(name) ? was : ""}${text}\n`);
  await told(forger);
});

it.each([
  "sign-offs.json",
  "waves.json",
  "verifications.json",
  "summary.json",
  "definition.json",
  "drill.json",
])("B11 W12 nor is one with so many in a field of %s", async (name) => {
  const forger = whole.copy().text(name, (was) => was.replace("{", `{"further": ${deep(2_000)},`));
  await told(forger);
});

it.each([
  ["balance.json", "{"],
  ["drill.json", "{"],
  ["go-no-go.json", "{"],
  ["go-no-go.json", '"items": [\n    {'],
  ["samples.json", "{"],
  ["sign-offs.json", "{"],
  ["summary.json", "{"],
  ["summary.json", '"pinned_to": {'],
  ["summary.json", '"parts": {'],
  ["sign-offs.json", '"parts": {'],
  ["summary.json", '"dry_runs": [\n    {'],
  ["summary.json", '"review_exports": [\n    {'],
  ["verifications.json", "{"],
  ["waves.json", "{"],
])(
  "B11 W12 a field that wavegate never writes is told wrong: in %s behind %j",
  async (name, behind) => {
    for (const further of ['"agreed_by": "karima"', '"__proto__": {"passed": true}']) {
      const forger = whole.copy().text(name, (was) => {
        expect(was).toContain(behind);
        return was.replace(behind, `${behind}${further},`);
      });
      await told(forger);
    }
  },
);

it.each(["rows.csv.gz", "commit-log.csv.gz", "mappings-courses.csv"])(
  "B11 W12 so is a column of %s that it never writes",
  async (name) => {
    for (const at of [0, 999]) {
      const forger = whole.copy().csv(name, (rows) => {
        for (const [n, row] of rows.entries()) row.splice(at, 0, n === 0 ? "agreed_by" : "karima");
      });
      await told(forger);
    }
  },
);

// Of a file with nothing in it that a disk keeps as nothing.
it.each([
  ["summary.json", 140],
  ["migration-report.json", 20],
  ["audit-log.jsonl", 20],
  ["security-log.jsonl", 20],
])("B11 W13 nor does %s of %d megabytes end anything", async (name, megabytes) => {
  const folder = await whole.copy().into(join(await mkdtemp(join(home, "large-")), "b"));
  // Files that nobody changed are links to those of the whole bundle.
  await rm(join(folder, name));
  await writeFile(join(folder, name), "");
  await truncate(join(folder, name), megabytes * 1_000_000);
  await restated(folder, name);
  const { checks } = await verifyBundle(folder);
  const wrong = checks.filter(({ passed }) => !passed).map(({ message }) => message);
  expect(wrong.join(" ")).toMatch(new RegExp(`${name}.* (?:too long|larger than|megabytes)`, "u"));
  await rm(folder, { recursive: true });
});

it("B11 W13 nor does a log that is a pipe, whatever digest it is held against", async () => {
  const folder = await whole.copy().into(join(await mkdtemp(join(home, "pipe-")), "b"));
  await rm(join(folder, "audit-log.jsonl"));
  execFileSync("mkfifo", [join(folder, "audit-log.jsonl")]);
  const { anchor, checks } = await verifyBundle(folder, { digest: "a".repeat(64) });
  expect(anchor).toBe("none");
  expect(checks.filter(({ passed }) => !passed).map(({ message }) => message)).toEqual([
    expect.stringContaining(`and ${"a".repeat(64)} was expected.`),
    expect.stringContaining("audit-log.jsonl is not a plain file"),
  ]);
  await rm(folder, { recursive: true });
});

/** The manifest says of a file what it is. */
async function restated(folder: string, name: string): Promise<void> {
  const path = join(folder, "manifest.json");
  const manifest = JSON.parse(await readFile(path, "utf8"));
  const file = manifest.files.find((each: { name: string }) => each.name === name);
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(join(folder, name))) hash.update(chunk);
  file.sha256 = hash.digest("hex");
  file.bytes = (await stat(join(folder, name))).size;
  await writeFile(path, `${JSON.stringify(manifest, null, 2)}\n`);
}

async function told(forger: Forger): Promise<void> {
  const folder = await forger.into(join(await mkdtemp(join(home, "one-")), "b"));
  const { checks } = await verifyBundle(folder);
  expect(checks.filter(({ passed }) => !passed)).not.toEqual([]);
  await rm(folder, { recursive: true });
}
