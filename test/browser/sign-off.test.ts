import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBrowser } from "./chromium.ts";
import { type Site, startSite } from "./site.ts";

let browser: Browser;
let site: Site;
beforeAll(async () => {
  browser = await openBrowser();
  site = await startSite();
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
});

async function signedIn(name: string, options: { width?: number } = {}): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1100, height: 900 },
  });
  const page = await context.newPage();
  await page.goto(site.link);
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password").fill(`correct horse ${name}`);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { level: 1, name: "May the first wave be written?" }).waitFor();
  return page;
}

const decisions = async () =>
  (await site.world.admin.query("select status, decided_by from wavegate.sign_offs")).rows;

describe("a person signs off in a browser", () => {
  it("W8 nothing runs, nothing is loaded from elsewhere, and the policy blocks nothing of its own", async () => {
    const page = await signedIn("amina");
    const complaints: string[] = [];
    const asked: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("request", (request) => asked.push(new URL(request.url()).origin));
    await page.reload();
    expect(complaints).toEqual([]);
    expect([...new Set(asked)]).toEqual([new URL(site.link).origin]);
    expect(await page.locator("script, iframe, img").count()).toBe(0);
    const color = await page.evaluate(
      "getComputedStyle(document.querySelector('section')).backgroundColor",
    );
    expect(color).toBe("rgb(255, 255, 255)");
    await page.context().close();
  });

  it("W8 every field has a label, every section a heading, and the keyboard reaches the content first", async () => {
    const page = await signedIn("amina");
    const unlabelled = await page.evaluate(
      "[...document.querySelectorAll('input:not([type=hidden]), textarea')].filter((field) => field.labels.length === 0).length",
    );
    expect(unlabelled).toBe(0);
    const headings = await page.locator("section:not(:first-child) > h2").count();
    expect(headings).toBe((await page.locator("main > section").count()) - 1);
    await page.keyboard.press("Tab");
    expect(await page.locator(":focus").textContent()).toBe("Skip to the content");
    await page.context().close();
  });

  it("W8 fits a screen of 320 px without scrolling sideways, light and dark", async () => {
    const page = await signedIn("amina", { width: 320 });
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      const wide = await page.evaluate("document.documentElement.scrollWidth");
      expect(wide).toBe(320);
    }
    await page.context().close();
  });

  it("W8 the starter sees why somebody else decides", async () => {
    const page = await signedIn("karim");
    await page.getByText("You started this run, so somebody else decides about it.").waitFor();
    expect(await page.getByRole("button", { name: "Reject" }).count()).toBe(0);
    await page.context().close();
  });

  it("R9 W8 signs in, looks, judges every sample, and approves; the link is used up then", async () => {
    const page = await signedIn("amina");
    await page.getByText("O'Brien <b>Liam</b>").first().waitFor();
    expect(await page.getByRole("button", { name: /^Approve/ }).count()).toBe(0);

    const right = page.getByLabel("Everything is right");
    const count = await right.count();
    expect(count).toBeGreaterThan(40);
    for (let index = 0; index < count; index++) await right.nth(index).check();
    await page.getByRole("button", { name: "Save verdicts" }).click();
    await page.getByText(`All ${count} sampled rows are judged.`).waitFor();
    expect(await decisions()).toEqual([{ status: "pending", decided_by: null }]);

    await page.getByLabel("Comment").fill("Compared with the old system.");
    await page.getByRole("button", { name: "Approve the first wave" }).click();
    await page.getByRole("heading", { name: "Approved" }).waitFor();
    expect(await decisions()).toEqual([{ status: "approved", decided_by: "amina" }]);
    expect(site.world.execution.told).toHaveLength(1);

    await page.goto(site.link);
    await page.getByRole("heading", { name: "Already decided" }).waitFor();
    await page.context().close();
  });
});
