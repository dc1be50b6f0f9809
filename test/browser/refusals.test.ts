import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { formGuard } from "../../lib/console/trust.ts";
import { ask } from "../../lib/review/sign-off/sign-offs.ts";
import { review, runId } from "../review/fixture.ts";
import { openSite } from "./site.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const week = 8 * 24 * 60 * 60 * 1_000;

const here = openSite();

async function signedIn(name: string, locale = "en-GB"): Promise<Page> {
  const context = await here.browser.newContext({
    viewport: { width: 375, height: 800 },
    locale,
    bypassCSP: true,
  });
  const page = await context.newPage();
  await page.goto(new URL("/admin/legacy-imports", here.site.link).href);
  const french = locale === "fr-FR";
  await page.getByLabel(french ? "Nom" : "Name").fill(name);
  await page.getByLabel(french ? "Mot de passe" : "Password").fill(`correct horse ${name}`);
  await page.getByRole("button", { name: french ? "Se connecter" : "Sign in" }).click();
  await page.getByRole("heading", { level: 1 }).waitFor();
  return page;
}

/** The page is a whole one: a heading of its own, what to do, a number for the log, and nothing that axe finds. */
async function refused(page: Page, title: string, says: RegExp): Promise<void> {
  await page.getByRole("heading", { level: 1, name: title }).waitFor();
  expect(await page.locator("main").innerText()).toMatch(says);
  expect(await page.locator("main").innerText()).toMatch(
    /(?:Reference for the log|Référence pour le journal)\s?: [0-9a-f-]{36}/u,
  );
  expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(375);
  await page.evaluate(axe);
  expect(
    await page.evaluate(
      "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes[0].html))",
    ),
  ).toEqual([]);
}

/** Sends a form that the page does not offer, with the token that it would have had. */
async function send(page: Page, person: string, fields: Record<string, string>): Promise<void> {
  const { pathname } = new URL(here.site.link);
  const csrf = formGuard(Buffer.alloc(32, 7), here.site.link).tokenFor(person, pathname);
  const form = JSON.stringify({ ...fields, csrf });
  await page.goto(here.site.link);
  await page.evaluate(`{
    const form = Object.assign(document.createElement("form"), { method: "post", action: ${JSON.stringify(pathname)} });
    for (const [name, value] of Object.entries(${form})) form.append(Object.assign(document.createElement("input"), { name, value }));
    document.body.append(form);
    form.submit();
  }`);
}

const decided = async () =>
  (
    await here.site.world.admin.query(
      "select status, decided_by from wavegate.sign_offs where run_id = $1 order by asked_at",
      [runId],
    )
  ).rows;
const undecided = [{ status: "pending", decided_by: null }];

describe("each refusal is a page of its own", () => {
  it("W8 a link that nobody sent, and an address that is none", async () => {
    const page = await signedIn("amina");
    await page.goto(new URL(`/sign-off/${"x".repeat(43)}`, here.site.link).href);
    await refused(page, "This link is unknown", /Nothing was changed/u);
    await page.goto(new URL("/sign-off/by-id/7", here.site.link).href);
    await refused(page, "There is no such page", /Nothing was changed/u);
    await page.context().close();
  });

  it("W8 M14 the wrong person, and whoever started the run", async () => {
    const wrong = await signedIn("vera");
    await send(wrong, "vera", { decision: "approve" });
    await refused(wrong, "You may not do this", /legacy_imports\.commit/u);
    const starter = await signedIn("karim", "fr-FR");
    await send(starter, "karim", { decision: "approve" });
    await refused(starter, "C’est à quelqu’un d’autre de décider", /Rien n’a été changé/u);
    expect(await decided()).toEqual(undecided);
    for (const page of [wrong, starter]) await page.context().close();
  });

  it("W8 a link that expired since it was opened", async () => {
    const page = await signedIn("amina");
    await page.goto(here.site.link);
    const { time } = here.site.world;
    const now = time.now;
    time.now = new Date(now.getTime() + week);
    await page.getByRole("button", { name: "Reject" }).click();
    await refused(page, "This link no longer works", /valid until 2026-11-27/u);
    time.now = now;
    expect((await decided()).map(({ decided_by }) => decided_by)).toEqual([null]);
    await page.context().close();
  });

  it("W7 W8 what changed since the page was opened, the link that was withdrawn by it, and one that is used up", async () => {
    const { world } = here.site;
    await world.admin.query(
      `update wavegate.sign_offs set status = 'pending' where run_id = '${runId}' and status = 'expired'`,
    );
    await world.admin.query(
      `update wavegate.samples set verdict = 'right', wrong = '[]', judged_by = 'amina', judged_at = now() where run_id = '${runId}'`,
    );
    const page = await signedIn("amina");
    await page.goto(here.site.link);
    await page.getByRole("button", { name: "Approve the first wave" }).waitFor();
    await world.admin.query(
      `update wavegate.legacy_course_mappings set status = 'rejected' where run_id = '${runId}' and legacy_formation_id = 6`,
    );
    await page.getByRole("button", { name: "Approve the first wave" }).click();
    await refused(
      page,
      "Something changed",
      /mappings, or what their targets are called, changed/u,
    );
    expect((await decided()).map(({ decided_by }) => decided_by)).toEqual([null]);
    await page.goto(here.site.link);
    await refused(page, "This link no longer works", /withdrawn/u);

    await review(world);
    await ask(world.services, { run: runId, gate: "first_wave", token: "task-2" });
    const secret = /sign-off\/(\S+)/u.exec(world.outbox.at(-1)?.text ?? "")?.[1];
    const link = new URL(`/sign-off/${secret}`, here.site.link).href;
    await page.goto(link);
    await page.getByLabel("Comment").fill("Not yet.");
    await page.getByRole("button", { name: "Reject" }).click();
    await page.getByRole("heading", { name: "Rejected" }).first().waitFor();
    await page.goto(link);
    await refused(page, "Already decided", /rejected/u);
    expect(await decided()).toContainEqual({ status: "rejected", decided_by: "amina" });
    await page.context().close();
  });
});
