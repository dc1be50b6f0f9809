import type { BrowserContextOptions, Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { cookieSettings } from "../../lib/console/cookies.ts";
import { routesOf } from "../../lib/console/routes.ts";
import { exportedForReview } from "../console/exported.ts";
import { reference, runId } from "../review/fixture.ts";
import { everyStep } from "../support/every-step.ts";
import { fitsLarge, fitsNarrow, looksWell } from "./look.ts";
import { openSite, signIn } from "./site.ts";

const runs = "/admin/legacy-imports";
const run = `${runs}/runs/${reference}`;
const paths = [
  runs,
  run,
  `${run}?step=SignOff`,
  `${run}/rollback`,
  `${run}/rows`,
  `${run}/rows?row=archives:4003`,
  `${run}/rows?row=archives:4009`,
  `${run}/rows?row=99999`,
  `${run}/held`,
  `${run}/audit`,
  `${runs}/runs/none`,
  `${run}/mappings`,
  `${run}/mappings/course?all`,
  `${run}/mappings/session?all`,
  `${run}/questions`,
  `${run}/features`,
  "/start",
  "/start?migration=ecoin",
  "/start?migration=community",
];

const here = openSite();

async function signedIn(name: string, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await here.browser.newContext({
    viewport: { width: 1280, height: 800 },
    ...options,
  });
  return signIn(context, here.site.link, name);
}

const open = (page: Page, path: string) => page.goto(new URL(path, here.site.link).href);

describe("the console in a browser", () => {
  it("R5 every page stands in light and dark, on a laptop, on a phone and in narrow windows, and axe finds nothing", async () => {
    const page = await signedIn("karim", { bypassCSP: true });
    // Names that nobody could have, from either side of the page.
    await here.site.world.admin.query(
      "update wavegate.legacy_student_imports_source set full_name = repeat('بنعلي<i>Xx</i>', 40), raw_status = repeat('W', 400) where run_id = $1 and legacy_id = 4009",
      [runId],
    );
    await here.site.world.admin.query(
      "update wavegate.legacy_import_runs set source = jsonb_build_object('description', repeat('csv<b>', 60)) where id = $1",
      [runId],
    );
    const { rows } = await here.site.world.admin.query(
      "select id from wavegate.sign_offs where run_id = $1",
      [runId],
    );
    const id = rows[0]?.id as string;
    const { pathname } = new URL(here.site.link);
    const digest = await exportedForReview(here.site.world);
    const looked = [
      ...paths,
      ...[`/sign-off/by-id/${id}`, pathname, `${runs}/sign-offs/${id}/review`],
      `${run}/exports/${digest}`,
    ];
    const titles = new Map<string, string>();
    for (const [at, path] of looked.entries()) {
      const schemes = (["light", "dark"] as const).slice(0, everyStep || at % 4 === 0 ? 2 : 1);
      const name = path.replace(id, "id");
      await looksWell(page, new URL(path, here.site.link).href, name, schemes);
      await fitsNarrow(page, name);
      await fitsLarge(page, name);
      const title = await page.title();
      expect([path, title]).toEqual([path, expect.stringMatching(/\S · wavegate$/u)]);
      titles.set(path.replace(/\?.*/u, ""), title);
      // Nothing waits for a script: each button sends a form of its own.
      expect([path, await page.locator("button:not([type=submit])").count()]).toEqual([path, 0]);
      expect([path, await page.locator("form:not([method])").count()]).toEqual([path, 0]);
    }
    // Of several windows each is told by its title; a sign-off has two addresses.
    titles.delete(pathname);
    expect(new Set(titles.values()).size).toBe(titles.size);
    // The whole workflow is seen at once on a laptop.
    await page.setViewportSize({ width: 1280, height: 800 });
    await open(page, `${run}?step=SignOff`);
    expect(
      await page
        .locator(".scroll")
        .evaluateAll((all) => all.map((each) => each.scrollWidth - each.clientWidth)),
    ).toEqual([0]);
    const spilt = `[...document.querySelectorAll("svg.machine a.state")].filter((a) => a.querySelector("text").getBoundingClientRect().width > a.querySelector("rect").getBoundingClientRect().width - 6).map((a) => a.textContent)`;
    expect(await page.evaluate(spilt)).toEqual([]);
    // On paper it is dark on white, whatever the screen is, and without what can only be pressed.
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    await page.setViewportSize({ width: 718, height: 1000 });
    for (const path of [
      run,
      pathname,
      `${run}/rows`,
      `${run}/rollback`,
      `${run}/mappings/course`,
    ]) {
      await open(page, path);
      const style = "((of) => [of.color, of.backgroundColor])(getComputedStyle(document.body))";
      expect(await page.evaluate(style)).toEqual(["rgb(21, 32, 43)", "rgba(0, 0, 0, 0)"]);
      await page.locator("h1").waitFor();
      const pressed = page.locator(
        "header a, main nav, button, input, textarea, a.button, ul.acts, :has(> ul.acts)",
      );
      expect([path, await pressed.locator("visible=true").count()]).toEqual([path, 0]);
    }
    // A sheet is as narrow as a small window, and its tables keep their columns; nothing is cut, nor left folded that a signature binds to.
    await open(page, pathname);
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(718);
    const heads =
      "[...document.querySelectorAll('table.rows thead')].map((each) => getComputedStyle(each).position)";
    expect(new Set((await page.evaluate(heads)) as string[])).toEqual(new Set(["static"]));
    const binds = "document.querySelector('#binds').getBoundingClientRect().height > 0";
    expect(await page.evaluate(binds)).toBe(true);
    // Where somebody has colours of their own, a legend keeps those of its picture.
    await page.emulateMedia({ media: "screen", colorScheme: "light", forcedColors: "active" });
    await open(page, run);
    const key = "getComputedStyle(document.querySelector('.key')).forcedColorAdjust";
    expect(await page.evaluate(key)).toBe("none");
    // A verdict keeps a shape, too, where its ground is gone.
    const mark = "getComputedStyle(document.querySelector('.mark')).outlineStyle";
    expect(await page.evaluate(mark)).toBe("solid");
    await page.emulateMedia({ media: "screen", forcedColors: "none" });
    // No address of the router that answers with a page was left out.
    const { rows: staged } = await here.site.world.admin.query(
      "select min(id)::text as id from wavegate.legacy_student_imports where run_id = $1",
      [runId],
    );
    const row = staged[0]?.id as string;
    const params = { run: reference, row, id, secret: pathname.split("/").at(-1), digest };
    const stands: Record<string, string | undefined> = { ...params, reference: "course" };
    const pages = routesOf(cookieSettings(here.site.link)).filter(({ verb }) => verb === "GET");
    const others: string[] = [];
    for (const { path } of pages) {
      const address = path.replaceAll(/:(\w+)/gu, (_, name: string) => stands[name] ?? "1");
      const answer = await page.request.get(new URL(address, here.site.link).href, {
        maxRedirects: 0,
      });
      const isPage = answer.headers()["content-type"]?.startsWith("text/html") ?? false;
      if (answer.status() !== 200 || !isPage) {
        others.push(path.replace(`${runs}/runs/:run`, ":run"));
        continue;
      }
      const shape = new RegExp(`^${path.replaceAll(/:\w+/gu, "[^/?]+")}(?:\\?|$)`, "u");
      const rows =
        looked.some((each) => each.includes("/rows?row=")) && path.endsWith("/rows/:row");
      expect([path, rows || looked.some((each) => shape.test(each))]).toEqual([path, true]);
    }
    // A file, and ways back from where forms are sent to.
    expect(others).toEqual([
      ":run/held/csv",
      `${runs}/language`,
      ...["resume", "next-wave", "pause", "stop", "stop-now", "export-review", "export-audit"].map(
        (act) => `:run/${act}`,
      ),
      ":run/rollback/preview",
      ...["hold", "release", "questions"].map((act) => `:run/rows/:row/${act}`),
      ":run/questions/:question",
      ...["/sign-off/by-id/:id", "/sign-off/:secret"].flatMap((way) => [
        `${way}/samples`,
        `${way}/override`,
      ]),
    ]);
    await page.context().close();
  });

  it("R5 the keyboard alone opens what a button will do, and presses it", async () => {
    const page = await signedIn("karim");
    await open(page, run);
    const summary = page.locator("summary", { hasText: "Stop" });
    await summary.focus();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    expect(await page.locator(":focus").textContent()).toBe("Stop");
    await page.context().close();
  });

  it("R17 W9 a run is found, looked at and stopped by clicks alone, with JavaScript off", async () => {
    const page = await signedIn("karim", { javaScriptEnabled: false });
    await page.getByRole("link", { name: reference }).click();
    await page.getByRole("link", { name: "Rows", exact: true }).click();
    await page.getByLabel("State", { exact: true }).selectOption("pending");
    await page.getByRole("button", { name: "Filter" }).click();
    await page.getByRole("link", { name: "archives 4003" }).click();
    // A hostile name is text, wherever it stands.
    await page.getByText("O'Brien <b>Liam</b>").first().waitFor();
    await page.getByRole("link", { name: reference, exact: true }).click();
    await page.locator("summary", { hasText: "Stop" }).click();
    await page.getByText("It ends before its next batch").waitFor();
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByRole("heading", { level: 1, name: reference }).waitFor();
    const { rows } = await here.site.world.admin.query(
      "select control from wavegate.legacy_import_runs where id = $1",
      [runId],
    );
    expect(rows).toEqual([{ control: "stop" }]);
    await page.context().close();
  });

  it("W11 the list and the run keep themselves as they stand, without a reload, while something is under way", async () => {
    const page = await signedIn("karim");
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    // The page looks every five seconds: those are the page's own, and pass when the test says so.
    await page.clock.install();
    here.site.underWay.push({
      machine: "migration",
      name: `${runId}-run`,
      executionArn: "arn:execution",
    });
    for (const path of [runs, run]) {
      await here.site.world.admin.query(
        "update wavegate.legacy_import_runs set status = 'running' where id = $1",
        [runId],
      );
      await open(page, path);
      await page.evaluate("window.kept = true");
      await page.locator("header a").first().focus();
      await here.site.world.admin.query(
        "update wavegate.legacy_import_runs set status = 'halted' where id = $1",
        [runId],
      );
      await page.clock.runFor(5_000);
      const shown = page.locator("main [data-live]").getByText("halted").first();
      await shown.waitFor({ timeout: 20_000 });
      expect([path, await page.evaluate("window.kept")]).toEqual([path, true]);
    }
    // Whoever hears the page is told what comes next, once it is another sentence.
    const said = page.getByRole("status");
    expect(await said.textContent()).toBe("");
    const asked = (status: string) =>
      here.site.world.admin.query("update wavegate.sign_offs set status = $1 where run_id = $2", [
        status,
        runId,
      ]);
    await asked("voided");
    await page.clock.runFor(5_000);
    await expect.poll(() => said.textContent()).toMatch(/^What comes next\. It is halted/u);
    await asked("pending");
    // What somebody has opened stays as it is under their hands.
    await page.locator("summary", { hasText: "Stop now" }).click();
    here.site.underWay.splice(0);
    const looked = page.waitForResponse(new URL(run, here.site.link).href);
    await page.clock.runFor(6_000);
    await (await looked).finished();
    // What came is taken over at once, or never.
    await page.waitForTimeout(1_000);
    expect(await page.getByText("ends at once").isVisible()).toBe(true);
    expect(complaints).toEqual([]);
    await open(page, run);
    expect(await page.locator("script").count()).toBe(0);
    await page.context().close();
  });

  it("R5 W8 every page fits a narrow window and one that is shown twice as large, whatever a run has come to and in French; its policy blocks nothing of its own, and nothing is loaded from elsewhere", async () => {
    const { rows: others } = await here.site.world.admin.query(
      `select r.reference, s.id::text as question from wavegate.legacy_import_runs r
         cross join lateral (select id from wavegate.sign_offs s where s.run_id = r.id order by asked_order desc limit 1) s`,
    );
    const ended = others.flatMap(({ reference: of, question }) => [
      ...["", "/rollback", "/held"].map((page) => `${runs}/runs/${of}${page}`),
      ...[`/sign-off/by-id/${question}`, `${runs}/sign-offs/${question}/review`],
    ]);
    const page = await signedIn("karim");
    const complaints: string[] = [];
    const asked = new Set<string>();
    page.on("console", (message) => complaints.push(`${page.url()}: ${message.text()}`));
    page.on("request", (request) => asked.add(new URL(request.url()).origin));
    const allFit = async (looked: readonly string[], language: string) => {
      for (const path of looked) {
        await open(page, path);
        await fitsNarrow(page, `${path} ${language}`);
        await fitsLarge(page, `${path} ${language}`);
      }
    };
    // Whatever a run has come to, in `npm test` each of its pages in one of the languages.
    const every = (nth: number) => ended.filter((_, at) => everyStep || at % 2 === nth);
    // In English the others were looked at beside their colours.
    await allFit(every(0), "English");
    await page.getByRole("button", { name: "Français" }).click();
    await allFit([...paths, ...every(1)], "French");
    // What is not there is a complaint of the browser's own.
    expect(complaints.filter((each) => !/none|99999/u.test(each))).toEqual([]);
    expect([...asked]).toEqual([new URL(here.site.link).origin]);
    await page.context().close();
  });

  it("R5 speaks French when somebody chooses it, and goes on doing so", async () => {
    const page = await signedIn("vera");
    await page.getByRole("button", { name: "Français" }).click();
    await page.getByRole("heading", { level: 1, name: "Exécutions" }).waitFor();
    await open(page, `${run}/held`);
    await page.getByRole("heading", { name: `Lignes retenues de ${reference}` }).waitFor();
    await page.getByRole("button", { name: "English" }).click();
    await page.getByRole("heading", { name: `Held rows of ${reference}` }).waitFor();
    await page.context().close();
  });
});
