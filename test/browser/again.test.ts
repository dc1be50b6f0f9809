import type { BrowserContextOptions, Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { ask } from "../../lib/review/sign-off/sign-offs.ts";
import { review, runId } from "../review/fixture.ts";
import { openSite, signIn } from "./site.ts";

const here = openSite();

async function signedIn(name: string, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await here.browser.newContext({
    viewport: { width: 1280, height: 800 },
    ...options,
  });
  return signIn(context, here.site.link, name);
}

/** The link of the newest mail. */
async function asked(token: string): Promise<string> {
  const { world } = here.site;
  await review(world);
  await ask(world.services, { run: runId, gate: "first_wave", token });
  const secret = /sign-off\/(\S+)/u.exec(world.outbox.at(-1)?.text ?? "")?.[1];
  return new URL(`/sign-off/${secret}`, here.site.link).href;
}

const decisions = async () =>
  (
    await here.site.world.admin.query(
      "select actor, action, details ->> 'comment' as comment from wavegate.audit_log where run_id = $1 and action ~ '^sign-off-(approved|rejected)$' order by seq",
      [runId],
    )
  ).rows;

describe("what is done again, or too late", () => {
  it("W8 two tabs, a button pressed twice, and the way back: one decision, and each page says so", async () => {
    const page = await signedIn("amina");
    const other = await page.context().newPage();
    for (const each of [page, other]) await each.goto(here.site.link);
    await page.getByLabel("Comment").fill("Not like this.");
    await page.getByRole("button", { name: "Reject" }).dblclick();
    await page.getByRole("heading", { level: 1, name: "Rejected" }).waitFor();
    await page.getByText("Not like this.").waitFor();
    await other.getByLabel("Comment").fill("And this, please.");
    await other.getByRole("button", { name: "Ask for changes" }).click();
    await other.getByRole("heading", { level: 1, name: "Already decided" }).waitFor();
    await other.locator("blockquote", { hasText: "And this, please." }).waitFor();
    await page.goBack();
    await page.getByRole("heading", { level: 1, name: "Already decided" }).waitFor();
    expect(await page.getByRole("button", { name: /Approve|Reject/u }).count()).toBe(0);
    expect(await decisions()).toEqual([
      { actor: "amina", action: "sign-off-rejected", comment: "Not like this." },
    ]);
    await page.context().close();
  });

  it.each([true, false])(
    "W8 R5 a sign-in that ends between the page and its button loses no comment, with JavaScript %s",
    async (javaScriptEnabled) => {
      const comment = `Row 3 is somebody else <b>"O'Brien"</b>, JavaScript ${javaScriptEnabled}.`;
      const page = await signedIn("amina", { javaScriptEnabled });
      await page.goto(await asked(`task-again-${javaScriptEnabled}`));
      await page.getByLabel("Comment").fill(comment);
      await page.context().clearCookies();
      await page.getByRole("button", { name: "Reject" }).click();
      await page.getByText("What you sent is kept on this page").waitFor();
      expect(await page.getByLabel("Comment").inputValue()).toBe(comment);
      const opening = page.context().waitForEvent("page");
      await page.getByRole("link", { name: "Sign in again, in another tab" }).click();
      const tab = await opening;
      await tab.getByLabel("Name").fill("amina");
      await tab.getByLabel("Password").fill("correct horse amina");
      await tab.getByRole("button", { name: "Sign in" }).click();
      await tab.getByRole("heading", { level: 1, name: "Runs" }).waitFor();
      await page.getByRole("button", { name: "Then send it again" }).click();
      await page.getByRole("heading", { level: 1, name: "Rejected" }).waitFor();
      expect((await decisions()).at(-1)).toEqual({
        actor: "amina",
        action: "sign-off-rejected",
        comment,
      });
      await page.context().close();
    },
  );

  it("W8 who signs in as somebody else sends nothing in the first one's name", async () => {
    const page = await signedIn("amina");
    await page.goto(await asked("task-somebody-else"));
    await page.getByLabel("Comment").fill("Mine.");
    await page.context().clearCookies();
    await page.getByRole("button", { name: "Reject" }).click();
    const opening = page.context().waitForEvent("page");
    await page.getByRole("link", { name: "Sign in again, in another tab" }).click();
    const tab = await opening;
    await tab.getByLabel("Name").fill("brahim");
    await tab.getByLabel("Password").fill("correct horse brahim");
    await tab.getByRole("button", { name: "Sign in" }).click();
    await tab.getByRole("heading", { level: 1, name: "Runs" }).waitFor();
    const before = await decisions();
    await page.getByRole("button", { name: "Then send it again" }).click();
    await page.getByRole("heading", { level: 1, name: "This form is not trusted" }).waitFor();
    expect(await decisions()).toEqual(before);
    await page.context().close();
  });
});
