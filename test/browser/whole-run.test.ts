import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestMachine, testMachine } from "../lifecycle/machine.ts";
import { everyStep } from "../support/every-step.ts";
import { openBrowser } from "./chromium.ts";
import { clicks, type Hands, keys } from "./hands.ts";

const sample = fileURLToPath(new URL("../../migrations/ecoin/sample/legacy/", import.meta.url));
const columns =
  "id,nom,prenom,date_naissance,telephone,email,adresse,niveau,statut,formation_id,session_ecoin_id,remarque,created_at,updated_at";
const syllables = ["ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu"];
const word = (n: number) =>
  [n % 10, Math.floor(n / 10) % 10, (n * 7) % 10].map((at) => syllables[at]).join("");
/** Somebody like nobody else. */
const person = (n: number, status: string) =>
  `${n},${word(n)},${word(n + 300)}na,1980-01-${10 + (n % 18)},05501${10_000 + n},\\N,\\N,\\N,${status},1,3,\\N,2014-01-02 08:00:00,2014-06-11 08:00:00`;
const people = (count: number, first: number, status: string) =>
  Array.from({ length: count }, (_, at) => person(first + at, status));

const passwords: Record<string, string> = {};
/** What a run's next step may take, on a machine that has other things to do; and all of it, there and back. */
const patient = { timeout: 150_000 };
const wholeRunTakes = 900_000;
let folder: string;
let machine: TestMachine;
let site: string;
let browser: Browser;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "wavegate-legacy-"));
  for (const table of ["formations", "session_ecoins"]) {
    await copyFile(`${sample}${table}.csv`, join(folder, `${table}.csv`));
  }
  const students = [...people(34, 1, "Formée"), ...people(6, 50, "Informer"), person(60, "?")];
  await writeFile(join(folder, "stagiaires.csv"), `${[columns, ...students].join("\n")}\n`);
  const archives = people(8, 100, "Archivé").map((line) => `${line},2015-01-01 08:00:00`);
  await writeFile(
    join(folder, "archives.csv"),
    `${[`${columns},archived_at`, ...archives].join("\n")}\n`,
  );
  machine = await testMachine({ LEGACY_DB_DRIVER: "csv", LEGACY_DB_PATH: folder });
  for (const [name, can] of [
    ["karim", "view,run,review,rollback"],
    ["amina", "view,review,commit"],
  ] as const) {
    const added = await machine.json<{ password: string }>([
      ...["people", "add", name, "--email", `${name}@example.com`, "--can", can],
    ]);
    passwords[name] = added.password;
  }
  const { stdout } = await machine.wavegate(["console"], {
    WAVEGATE_PERSON: "amina",
    WAVEGATE_PASSWORD: passwords.amina ?? "",
  });
  site = /http:\/\/127\.0\.0\.1:\d+/u.exec(stdout)?.[0] ?? "";
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await machine?.close();
  await rm(folder, { recursive: true, force: true });
});

/** How somebody works. */
type Way = "clicks" | "keys";
/** A person at their own browser. */
interface Somebody {
  readonly page: Page;
  readonly does: Hands;
  readonly way: Way;
}

/** Signs somebody in, at the list of runs. */
async function signedIn(name: string, way: Way): Promise<Somebody> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  await page.goto(`${site}/admin/legacy-imports`);
  const does = (way === "keys" ? keys : clicks)(page);
  await does.fill("Name", name);
  await does.fill("Password", passwords[name] ?? "");
  await does.press("Sign in");
  await page.getByRole("heading", { level: 1, name: "Runs" }).waitFor();
  return { page, does, way };
}

/** Judges every sampled row, by the keys that its buttons say or by the buttons; one is undone first. */
async function judge({ page, does, way }: Somebody) {
  await does.press("Judge the samples");
  const right = () => (way === "keys" ? page.keyboard.press("r") : does.press(/^Right/u));
  const undo = () => (way === "keys" ? page.keyboard.press("u") : does.press(/^Undo/u));
  await page.getByText(/^0 of \d+ judged/u).waitFor();
  const all = Number(/of (\d+) judged/u.exec(await page.locator(".progress").innerText())?.[1]);
  await right();
  await page.getByText(`1 of ${all} judged`).waitFor();
  await undo();
  await page.getByText(`0 of ${all} judged`).waitFor();
  for (let row = 1; row <= all; row += 1) {
    await right();
    await page.getByText(`${row} of ${all} judged`).waitFor();
  }
  await does.press("Back to the sign-off");
}

/** karim starts a run. Returns its reference. */
async function start({ page, does }: Somebody, backup: string): Promise<string> {
  await does.press("Start a run");
  await does.press("ecoin");
  await does.choose(
    "When a person decides again",
    "before the first two, then where something is unusual",
  );
  await does.fill("Id of the platform’s backup", backup);
  await does.tick("The platform’s queues");
  await does.tick("The team knows this");
  await does.press("Start the run");
  await does.press("Look at the run");
  // It is not a row yet, or is one by now: the page comes to it by itself.
  await page.getByText("What comes next.", { exact: true }).waitFor(patient);
  return page.getByRole("heading", { level: 1 }).innerText();
}

/** Looks at the held row, and asks about it. */
async function ask({ page, does }: Somebody, reference: string) {
  await does.press("Held rows");
  await page.getByRole("heading", { name: `Held rows of ${reference}` }).waitFor();
  await does.press(/^\d+$/u);
  await page.getByText("It is held for a person, and nothing is written").first().waitFor();
  await does.open("Ask about this row");
  await does.fill("Your question", "Is this row somebody who only asked?");
  await does.press(/^Ask$/u);
  await page.getByText("Is this row somebody who only asked?").waitFor();
}

/** From the start to the audit export: karim starts and asks, amina answers, judges and decides. */
async function wholeRun(karim: Somebody, amina: Somebody): Promise<string> {
  const reference = await start(karim, `backup-of-${karim.way}`);
  await karim.page.getByText("It waits for a sign-off by somebody else").first().waitFor(patient);
  await ask(karim, reference);

  await amina.does.press("Runs");
  await amina.does.press(reference);
  await amina.does.press("Look, and decide");
  await judge(amina);
  // What is asked stands between her and the approval, until she closes it with a reason.
  await amina.page.getByText("1 question about a row is open.").waitFor();
  await amina.does.open("Close this question");
  await amina.does.fill("Answer", "It stays held.");
  await amina.does.press("Close this question");
  await amina.page.getByText("It stays held.").first().waitFor();
  await amina.does.press("Runs");
  await amina.does.press(reference);
  await amina.does.press("Look, and decide");
  await amina.does.press("Approve the first wave");
  await amina.page.getByRole("heading", { name: "Approved" }).first().waitFor();
  // The first wave, its drill, and the question before scaling up.
  await amina.does.press("Runs");
  await amina.does.press(reference);
  await amina.page.getByText("Look, and decide").waitFor(patient);
  await amina.does.press("Look, and decide");
  await amina.page.getByText("The rollback drill passed on").waitFor();
  // What is new to whoever comes back stands before the rows of the next wave.
  expect((await amina.page.locator("main > section > h2").allTextContents()).slice(0, 4)).toEqual([
    "What would happen",
    "What was written so far",
    "Earlier decisions, and who is asked",
    "The rows of wave 2",
  ]);
  await amina.does.press(/^Approve scaling up/u);
  await amina.page.getByRole("heading", { name: "Approved" }).first().waitFor();

  // The starter watches it end, without a reload, and has its evidence exported.
  await karim.does.press("Runs");
  await karim.does.press(reference);
  await karim.page.getByText("It is complete").first().waitFor(patient);
  for (const wave of ["1", "2"]) {
    await karim.page.getByRole("row", { name: new RegExp(`^${wave} .*verified`, "u") }).waitFor();
  }
  await karim.does.open("Export the audit bundle");
  await karim.page.getByText("Writes masked rows").waitFor();
  await karim.does.press("Export the audit bundle");
  await amina.does.press("Runs");
  await amina.does.press(reference);
  await amina.does.press(/^Audit$/u);
  await amina.page.getByRole("heading", { name: "Exports" }).waitFor();
  await amina.does.press("Look at the export, and download it");
  const coming = amina.page.waitForEvent("download");
  await amina.does.press("Download rows.csv.gz");
  const download = await coming;
  expect(download.suggestedFilename()).toBe(`${reference}-rows.csv.gz`);
  const rows = gunzipSync(await readFile(await download.path())).toString();
  expect(rows.trim().split("\n")).toHaveLength(50);
  expect(rows).not.toContain("055011000");
  return reference;
}

/** Looks what a rollback would do, and has it done. */
async function takeBack({ page, does }: Somebody, reference: string) {
  await does.press("Runs");
  await does.press(reference);
  await does.press(/^Roll back/u);
  await does.press("Look what it would do");
  const preview = page.locator("summary", { hasText: "Take 48 entries back" });
  await expect
    .poll(async () => {
      if ((await preview.count()) === 0) await page.reload();
      return preview.count();
    }, patient)
    .toBe(1);
  await does.open("Take 48 entries back");
  await does.press("Take 48 entries back");
  await expect.poll(written, patient).toBe(0);
}

const outcome = (reference: string) =>
  machine.query(
    `select s.import_state as state, count(*)::int as rows
       from wavegate.legacy_student_imports s join wavegate.legacy_import_runs r on r.id = s.run_id
      where r.reference = $1 group by 1 order by 1`,
    [reference],
  );
const written = async () =>
  (
    await machine.query<{ rows: number }>(
      "select count(*)::int as rows from legacy_completed_trainings",
    )
  )[0]?.rows;

const ways: readonly (readonly [starter: Way, approver: Way])[] = everyStep
  ? [
      ["clicks", "clicks"],
      ["keys", "keys"],
    ]
  : [["clicks", "keys"]];

describe("a whole run by two people in browsers", () => {
  it.each(ways)(
    "R5 R9 R14 R17 W8 W11 B1 B9 from its start to its audit export, and back: %s of who starts it, %s of who decides",
    async (starter, approver) => {
      const karim = await signedIn("karim", starter);
      const amina = await signedIn("amina", approver);
      const reference = await wholeRun(karim, amina);
      expect(await outcome(reference)).toEqual([
        { state: "committed", rows: 48 },
        { state: "held", rows: 1 },
      ]);
      expect(await written()).toBe(42);
      await takeBack(karim, reference);
      for (const { page } of [karim, amina]) await page.context().close();
    },
    wholeRunTakes,
  );
});
