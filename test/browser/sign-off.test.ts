import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { judgeSamples } from "../../lib/review/samples/judge.ts";
import { reference, runId } from "../review/fixture.ts";
import { everyStep } from "../support/every-step.ts";
import { openSite } from "./site.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const here = openSite();

interface Screen {
  readonly width?: number;
  readonly height?: number;
  readonly javaScriptEnabled?: boolean;
}

async function signedIn(name: string, screen: Screen = {}): Promise<Page> {
  const { width = 1100, height = 900, javaScriptEnabled = true } = screen;
  const context = await here.browser.newContext({ viewport: { width, height }, javaScriptEnabled });
  const page = await context.newPage();
  await page.goto(here.site.link);
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password").fill(`correct horse ${name}`);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { level: 1, name: "May the first wave be written?" }).waitFor();
  // With its style.
  await page.waitForLoadState();
  return page;
}

/** What axe has to complain about; it is brought in from outside, past the page's own policy. */
async function complaintsOf(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe);
  const { violations } = (await page.evaluate("axe.run()")) as {
    violations: { id: string; nodes: { html: string }[] }[];
  };
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
}

const decisions = async () =>
  (
    await here.site.world.admin.query(
      "select status, decided_by from wavegate.sign_offs where run_id = $1",
      [runId],
    )
  ).rows;

/** Judges what has no verdict yet, but for so many rows of all that were drawn: they are judged in a page each. */
async function judgeBut(rows: number, person: string): Promise<void> {
  const { services, admin } = here.site.world;
  const { rows: open } = await admin.query<{ id: number }>(
    "select distinct staged_id::int as id from wavegate.samples where run_id = $1 and verdict is null order by 1",
    [runId],
  );
  const left = Math.floor(open.length / rows);
  const verdicts = open
    .filter((_, at) => at % left !== 0 || at >= rows * left)
    .map(({ id }) => ({ stagedId: id, wrong: [] }));
  const { rows: asked } = await admin.query<{ id: string }>(
    "select id from wavegate.sign_offs where run_id = $1",
    [runId],
  );
  await judgeSamples(services, { ref: { id: asked[0]?.id ?? "" }, person, verdicts });
}

describe("a person signs off in a browser", () => {
  it("W8 nothing runs, nothing is loaded from elsewhere, and the policy blocks nothing of its own", async () => {
    const page = await signedIn("amina");
    const complaints: string[] = [];
    const asked: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("request", (request) => asked.push(new URL(request.url()).origin));
    await page.reload();
    expect(complaints).toEqual([]);
    expect([...new Set(asked)]).toEqual([new URL(here.site.link).origin]);
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
    const headings = await page.locator("main > section:not(:first-child) > h2").count();
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

  it("R5 is short on a laptop, fits a phone, and shows what would happen first", async () => {
    for (const [width, most] of [
      [1280, 6_400],
      [375, Number.POSITIVE_INFINITY],
    ] as const) {
      const page = await signedIn("amina", { width, height: 800 });
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        const size = (await page.evaluate(
          "({ wide: document.documentElement.scrollWidth, tall: document.documentElement.scrollHeight })",
        )) as { wide: number; tall: number };
        expect(size.wide).toBe(width);
        expect(size.tall).toBeLessThan(most);
      }
      const headings = await page.locator("main > section > h2").allTextContents();
      expect(headings.slice(0, 2)).toEqual(["What would happen", "The rows of wave 1"]);
      expect(await page.getByText("What you sign is the SHA-256").isVisible()).toBe(false);
      // Of a sampled row the verdict's buttons are in sight from the first line on, whatever its length.
      await page.getByText("Judge the samples").first().click();
      const box = await page.getByRole("group", { name: "Your verdict" }).boundingBox();
      expect(box && box.y + box.height).toBeLessThanOrEqual(800);
      expect(await page.evaluate("document.documentElement.scrollHeight")).toBeGreaterThan(900);
      await page.context().close();
    }
  });

  it("R5 axe finds nothing on the sign-off, the review and the receipt's way back", async () => {
    for (const person of ["amina", "vera", "karim"]) {
      const page = await signedIn(person);
      expect(await complaintsOf(page)).toEqual([]);
      // Who only looks sees the same review, without its buttons.
      if (person !== "amina" && !everyStep) {
        await page.context().close();
        continue;
      }
      await page
        .getByText(/^(Judge|Look at) the samples$/)
        .first()
        .click();
      expect(await complaintsOf(page)).toEqual([]);
      await page.emulateMedia({ colorScheme: "dark" });
      expect(await complaintsOf(page)).toEqual([]);
      await page.context().close();
    }
  });

  it("R8 axe finds nothing on the mappings, which fit a phone", async () => {
    const page = await signedIn("amina", { width: 375 });
    const index = new URL(`/admin/legacy-imports/runs/${reference}/mappings`, here.site.link).href;
    for (const path of ["", "/course", "/course?all=1", "/session?all=1"]) {
      await page.goto(index + path);
      await page.getByRole("heading", { level: 1 }).waitFor();
      expect(await complaintsOf(page)).toEqual([]);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(375);
    }
    await page.context().close();
  });

  it("R9 judges by keyboard alone: right, wrong with what, skip, back, next, help", async () => {
    const page = await signedIn("brahim", { width: 375 });
    await page.getByText("Judge the samples").first().click();
    await page.getByText(/^0 of \d+ judged$/).waitFor();
    const wide = await page.evaluate("document.documentElement.scrollWidth");
    expect(wide).toBe(375);
    await page.keyboard.press("r");
    await page.getByText(/^1 of \d+ judged/).waitFor();
    // Nothing is ticked yet: the first box is reached, and nothing is sent.
    await page.keyboard.press("w");
    expect(await page.locator(":focus").getAttribute("value")).toBe("name");
    await page.keyboard.press("2");
    await page.keyboard.press("w");
    await page.getByText(/^2 of \d+ judged/).waitFor();
    // Taken back, the row stands open again.
    await page.keyboard.press("u");
    await page.waitForURL(/\?row=/);
    await page.getByText(/^1 of \d+ judged/).waitFor();
    await page.keyboard.press("r");
    await page.waitForURL(/after=/);
    await page.getByText(/^2 of \d+ judged$/).waitFor();
    const place = await page.getByText(/^Row \d+ of/).textContent();
    await page.keyboard.press("s");
    await page.waitForURL(/\?row=/);
    expect(await page.getByText(/^Row \d+ of/).textContent()).not.toBe(place);
    await page.keyboard.press("n");
    await page.waitForURL(/after=/);
    await page.keyboard.press("?");
    await page.getByText("Each key does what the button").waitFor();
    // What is asked is typed where it belongs: none of its letters judges a row.
    await page.keyboard.press("a");
    await page.keyboard.type("Is r right, or w? Nobody, or s.");
    expect(await page.locator("#question").inputValue()).toBe("Is r right, or w? Nobody, or s.");
    await page.getByText(/^2 of \d+ judged$/).waitFor();
    // Whoever speaks to their browser turns keys off, on every page of it, and on again.
    const acting = page.getByLabel("Keys of one letter or digit press the buttons");
    await acting.uncheck();
    await page.keyboard.press("r");
    await page.reload();
    expect(await acting.isChecked()).toBe(false);
    expect(await page.locator("kbd").locator("visible=true").count()).toBe(0);
    await page.keyboard.press("w");
    expect(await page.locator("[name^=wrong]:focus").count()).toBe(0);
    await acting.check();
    await acting.blur();
    await page.keyboard.press("w");
    expect(await page.locator("[name^=wrong]:focus").count()).toBe(1);
    await page.getByText(/^2 of \d+ judged$/).waitFor();
    expect(
      (
        await here.site.world.admin.query(
          "select distinct verdict from wavegate.samples where run_id = $1 and verdict is not null",
          [runId],
        )
      ).rows,
    ).toEqual([{ verdict: "right" }]);
    await page.context().close();
  });

  it("R9 W8 without JavaScript judges every sample, one after the other, and approves; the link is used up then", async () => {
    if (!everyStep) await judgeBut(6, "amina");
    const page = await signedIn("amina", { javaScriptEnabled: false });
    expect(await page.getByRole("button", { name: /^Approve/ }).count()).toBe(0);
    await page.getByText("Judge the samples").first().click();
    await page.getByText(/^Row \d+ of/).waitFor();
    const all = Number(
      /of (\d+) judged/.exec((await page.locator(".progress").textContent()) ?? "")?.[1],
    );
    expect(all).toBeGreaterThan(40);
    // Some were judged by somebody else; whoever approves has judged of each quota.
    for (let judged = 0; judged < all; judged += 1) {
      if ((await page.getByRole("button", { name: /^Right/ }).count()) === 0) break;
      await page.getByRole("button", { name: /^Right/ }).click();
    }
    await page.getByText("Every row here has a verdict.").waitFor();
    expect(await decisions()).toEqual([{ status: "pending", decided_by: null }]);

    await page.goto(here.site.link);
    await page.getByText(`${all} of ${all} sampled rows are judged.`).first().waitFor();
    await page.getByLabel("Comment").fill("Compared with the old system.");
    await page.getByRole("button", { name: "Approve the first wave" }).click();
    await page.getByRole("heading", { name: "Approved" }).waitFor();
    await page.getByRole("heading", { name: "Receipt" }).waitFor();
    expect(await decisions()).toEqual([{ status: "approved", decided_by: "amina" }]);
    expect(here.site.world.execution.told).toHaveLength(1);
    await page.getByText("The sign-off as it was decided").click();
    await page.getByText("amina approved this on").first().waitFor();

    await page.goto(here.site.link);
    await page.getByRole("heading", { name: "Already decided" }).waitFor();
    await page.context().close();
  });
});
