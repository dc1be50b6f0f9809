import { mkdir, mkdtemp, readdir, rm, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { finishImport } from "../../../lib/stages/finish-import.ts";
import { importRange } from "../../../lib/stages/import-range.ts";
import { planImport } from "../../../lib/stages/plan-import.ts";
import { preflight } from "../../../lib/stages/preflight.ts";
import { writeExports } from "../../../scripts/club/exports.ts";
import { clubOf } from "../../../scripts/club/generate.ts";
import { inFull } from "../../support/every-step.ts";
import { type TestServices, testServices } from "../../support/services.ts";
import { acknowledged, refusal, reviewedRun } from "../../support/steps.ts";
import {
  accountNumber,
  apiKey,
  type StandInApi,
  startApi,
} from "../../support/wild-apricot/api.ts";
import { toldByApi } from "../../support/wild-apricot/shapes.ts";
import { clubWorld } from "./club.ts";
import { contentDigest } from "./content-digest.ts";

const runs = {
  exports: "7f3a0000-0000-4000-8000-00000000a011",
  api: "7f3a0000-0000-4000-8000-00000000a012",
};
const account = toldByApi(clubOf({ planted: 0.1, members: 100, events: 20, registrations: 140 }));

let folder: string;
let api: StandInApi;
let test: TestServices;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "wavegate-twin-"));
  await writeExports(account, join(folder, "exports"));
  api = await startApi(account);
  test = await testServices({ world: await clubWorld(join(folder, "exports")) });
});
afterAll(async () => {
  await test?.close();
  await api?.close();
  await rm(folder, { recursive: true, force: true });
});

const digestOf = (run: string) => contentDigest(test.services.stage, test.definition, run);

it("V11 B13 an account gives the same content by its exports and by its API, and another content another digest", async () => {
  // Exports do not say what the organization is called, and without it the policies are not valid (V1).
  expect(await refusal(reviewedRun(test, runs.exports))).toBe("PreflightFailed");
  test.legacy.WILD_APRICOT_DB_ORGANIZATION = "The Bridge Club";
  await reviewedRun(test, runs.exports);
  Object.assign(test.legacy, {
    WILD_APRICOT_DB_DRIVER: "wild-apricot",
    WILD_APRICOT_DB_ACCOUNT: accountNumber,
    WILD_APRICOT_DB_API_KEY: apiKey,
    WILD_APRICOT_DB_PATH: join(folder, "reading"),
    WILD_APRICOT_DB_PACE: "1000",
    WILD_APRICOT_DB_API_URL: api.url,
    WILD_APRICOT_DB_TOKEN_URL: api.tokenUrl,
  });
  // Left by an earlier version, and by a reader that was killed two days ago: people whom no erasure would find.
  await mkdir(join(folder, "reading", "exports"), { recursive: true });
  const killed = join(folder, "reading", "open-killed");
  await mkdir(join(killed, "exports"), { recursive: true });
  const then = Date.now() / 1000 - 2 * 86_400;
  await utimes(killed, then, then);
  await reviewedRun(test, runs.api);
  // B13: once it is staged nothing of it is left but on the shelf that an erasure takes.
  expect(await readdir(join(folder, "reading"))).toEqual([]);
  // Another function, with a folder of its own, sees what was read, and asks the account for nothing.
  const asked = api.asked.length;
  test.legacy.WILD_APRICOT_DB_PATH = join(folder, "elsewhere");
  const source = await test.services.openSource("wild-apricot");
  const [members] = await source.inspect({ members: { key: ["User ID"], columns: ["Email"] } });
  expect(await readdir(join(folder, "elsewhere"))).toHaveLength(1);
  await source.close();
  expect(await readdir(join(folder, "elsewhere"))).toEqual([]);
  expect([members?.rows, api.asked.length]).toEqual([account.members.length, asked]);
  const names = async () =>
    (
      await test.query<{ name: string }>(
        "select distinct name from wavegate.source_readings order by 1",
      )
    ).map(({ name }) => name);
  const first = (await names()).find((name) => name.startsWith("readings/")) ?? "";
  const folderOf = first.slice(0, first.lastIndexOf("/"));
  expect(folderOf).toMatch(/^readings\/[0-9a-f]{64}$/u);
  const one = ["events.csv", "members.csv", "reading.json", "registrations.csv"].map(
    (name) => `${folderOf}/${name}`,
  );
  expect((await names()).sort()).toEqual(["reading.json", ...one].sort());
  const found = await digestOf(runs.exports);
  expect(await digestOf(runs.api)).toBe(found);
  await test.query(
    `update wavegate.wild_apricot_event_source set title = title || '!' where id =
       (select min(id) from wavegate.wild_apricot_event_source where run_id = $1)`,
    [runs.api],
  );
  expect(await digestOf(runs.api)).not.toBe(found);
});

inFull(
  "V11 a second start while one imports reads anew, and neither gets anything of the other's reading",
  async () => {
    const ids = [13, 14, 15].map((n) => `7f3a0000-0000-4000-8000-00000000a0${n}`);
    const [one = "", other = "", third = ""] = ids;
    const begin = (run: string) =>
      preflight(test.services, {
        migration: test.definition.name,
        run,
        executionArn: `arn:${run}`,
        acknowledge: acknowledged,
      });
    const rest = async (run: string, ranges: readonly { range: number }[]) => {
      for (const { range } of ranges) await importRange(test.services, run, range);
      await finishImport(test.services, run);
    };
    const namesIn = async (run: string) =>
      (
        await test.query<{ name: string }>(
          "select first_name as name from wavegate.wild_apricot_member where run_id = $1 order by legacy_id::bigint limit 2",
          [run],
        )
      ).map(({ name }) => name);
    await begin(one);
    const { ranges } = await planImport(test.services, one);
    const [first, ...others] = ranges;
    if (first !== undefined) await importRange(test.services, one, first.range);
    // The account changes, and the reading before is too old for whoever begins.
    const members = account.members.map((each) => ({ ...each, first: "Changed" }));
    await using changed = await disposable(startApi({ ...account, members }));
    test.legacy.WILD_APRICOT_DB_API_URL = changed.url;
    test.legacy.WILD_APRICOT_DB_TOKEN_URL = changed.tokenUrl;
    await test.query(
      `update wavegate.source_readings set body = encode(convert_to(regexp_replace(convert_from(decode(body, 'base64'), 'UTF8'), '"readAt": "[^"]*"', '"readAt": "2020-01-01T00:00:00.000Z"'), 'UTF8'), 'base64') where name = 'reading.json'`,
    );
    await begin(other);
    await rest(one, others);
    await rest(other, (await planImport(test.services, other)).ranges);
    expect(await namesIn(other)).toEqual(["Changed", "Changed"]);
    expect(await namesIn(one)).not.toContain("Changed");
    const fingerprints = await test.query<{ is: string }>(
      "select distinct source ->> 'fingerprint' as is from wavegate.legacy_import_runs where id = any($1)",
      [[one, other]],
    );
    expect(fingerprints).toHaveLength(2);
    // What a run began with is gone: it is told, and nothing of another picture comes in its place.
    await begin(third);
    await test.query("delete from wavegate.source_readings where name like 'readings/%'");
    expect(await refusal(planImport(test.services, third))).toBe("SourceChanged");
  },
);

const disposable = async <Of extends { close(): Promise<void> }>(made: Promise<Of>) => {
  const of = await made;
  return { ...of, [Symbol.asyncDispose]: () => of.close() };
};
