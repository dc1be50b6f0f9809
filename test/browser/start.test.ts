import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { openSite } from "./site.ts";

const here = openSite();

async function signedIn(name: string): Promise<Page> {
  const context = await here.browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(new URL("/start", here.site.link).href);
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password").fill(`correct horse ${name}`);
  await page.getByRole("button", { name: "Sign in" }).click();
  return page;
}

const started = () => here.site.world.execution.started;

describe("a person starts a run in a browser", () => {
  it("W8 D36 M14 fills in what has to be acknowledged, and starts it once under their own stamp", async () => {
    const page = await signedIn("karim");
    await page.getByRole("heading", { level: 1, name: "Start a run" }).waitFor();
    await page.getByRole("button", { name: "Start the run" }).click();
    // The browser itself asks for what is missing.
    expect(started()).toEqual([]);
    await page.getByLabel("Id of the platform’s backup").fill("backup-2026-11-20");
    await page.getByLabel("The platform’s queues").check();
    await page
      .getByLabel("The team knows this: that historical completed training comes first.")
      .check();
    await page.getByRole("button", { name: "Start the run" }).click();
    await page.getByRole("heading", { name: "Started" }).waitFor();
    const [one] = started();
    expect(one).toMatchObject({
      machine: "migration",
      input: {
        migration: "ecoin",
        gates: "every-wave",
        acknowledge: { backup: "backup-2026-11-20", queues: true, priority: true },
      },
    });
    expect(one?.name).toBe(`${one?.input.run}-run-${String(one?.input.run).slice(0, 20)}`);
    expect(here.site.world.services.stamps.read(one?.input.stamp as string)).toMatchObject({
      person: "karim",
      machine: "migration",
      execution: one?.name,
    });
    await page.context().close();
  });
});
