/**
 * Takes the pictures of the console that README and docs show: `node scripts/screenshots.ts`. A run of the
 * sample waits for its first sign-off on a machine of its own; a browser looks at it as an approver does. Needs
 * Chromium (`scripts/install-test-tools.sh`).
 */
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { chromium, type Page } from "playwright-core";
import { loadPlatform } from "./demo/platform.ts";
import { Shell } from "./demo/shell.ts";
import { pictureFolder } from "./pictures.ts";

const root = resolve(import.meta.dirname, "..");
const home = await mkdtemp(join(tmpdir(), "wavegate-screenshots-"));
const shell = new Shell(root, {
  WAVEGATE_HOME: home,
  WAVEGATE_ENV: "local",
  WAVEGATE_DATABASE_URL: "",
  WAVEGATE_PERSON: "",
  LEGACY_DB_DRIVER: "csv",
  // Named as it is from here: pictures show it.
  LEGACY_DB_PATH: "migrations/ecoin/sample/legacy",
});
const executablePath = [process.env.WAVEGATE_CHROMIUM, "/usr/bin/chromium"].find(
  (place) => place !== undefined && existsSync(place),
);
if (executablePath === undefined) {
  throw new Error("Chromium is missing: install it, or name it in WAVEGATE_CHROMIUM.");
}

const person = "karima";
await shell.quiet("local up");
try {
  await loadPlatform(root, (await shell.quiet("local database")).trim());
  const { password } = await shell.json<{ password: string }>(
    `people add ${person} --email ${person}@example.com --can all`,
  );
  const { run } = await shell.json<{ run: string }>(
    "start ecoin --backup nightly-7 --queues-detached --priority-acknowledged",
  );
  await shell.quiet(`watch --run ${run} --until person`);
  const { mails } = await shell.json<{ mails: { number: number; to: string[] }[] }>("mail list");
  const mail = mails.find(({ to }) => to.some((address) => address.startsWith(person)));
  const { links } = await shell.json<{ links: string[] }>(`mail show ${mail?.number}`);
  const link = links.find((each) => each.includes("/sign-off/")) as string;

  const browser = await chromium.launch({
    executablePath,
    args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
  });
  const page = await browser.newPage({ viewport: { width: 1100, height: 860 } });
  await page.goto(link);
  await page.getByLabel("Name").fill(person);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { level: 1 }).waitFor();
  await take(page, "sign-off");
  const review = await page.locator('a[href$="/review"]').first().getAttribute("href");
  await page.goto(new URL(review as string, link).href);
  await take(page, "review");
  for (const [name, path] of [
    ["run", ""],
    ["mappings", "/mappings/course"],
    ["rows", "/rows"],
  ]) {
    await page.goto(new URL(`/admin/legacy-imports/runs/${run}${path}`, link).href);
    await take(page, name as string);
  }
  await browser.close();
} finally {
  await shell.quiet("local down");
  // A runtime that ends may still write what it compiled.
  await rm(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
}

async function take(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: new URL(`${name}.png`, pictureFolder).pathname });
  console.log(`docs/pictures/${name}.png`);
}
