import { mkdir, mkdtemp, readdir, rm, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { contentDigest } from "../../../lib/review/content-digest.ts";
import { writeExports } from "../../../scripts/club/exports.ts";
import { clubOf } from "../../../scripts/club/generate.ts";
import { type TestServices, testServices } from "../../support/services.ts";
import { reviewedRun } from "../../support/steps.ts";
import {
  accountNumber,
  apiKey,
  type StandInApi,
  startApi,
} from "../../support/wild-apricot/api.ts";
import { toldByApi } from "../../support/wild-apricot/shapes.ts";
import { clubWorld } from "./club.ts";

const runs = {
  exports: "7f3a0000-0000-4000-8000-00000000a011",
  api: "7f3a0000-0000-4000-8000-00000000a012",
};
const account = toldByApi(clubOf({ planted: 0.1, members: 300, events: 60, registrations: 420 }));

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
  expect([members?.rows, api.asked.length]).toEqual([300, asked]);
  expect(await test.query("select distinct name from wavegate.source_readings order by 1")).toEqual(
    [
      { name: "exports/events.csv" },
      { name: "exports/members.csv" },
      { name: "exports/registrations.csv" },
      { name: "reading.json" },
    ],
  );
  const found = await digestOf(runs.exports);
  expect(await digestOf(runs.api)).toBe(found);
  await test.query(
    `update wavegate.wild_apricot_event_source set title = title || '!' where id =
       (select min(id) from wavegate.wild_apricot_event_source where run_id = $1)`,
    [runs.api],
  );
  expect(await digestOf(runs.api)).not.toBe(found);
});
