import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import { createConsole } from "../../lib/console/app.ts";
import type { HttpEvent } from "../../lib/console/request.ts";
import { startPagesService } from "../../lib/embedded/pages/service.ts";
import { ask } from "../../lib/review/sign-off/sign-offs.ts";
import type { Services, UnderWay } from "../../lib/services/services.ts";
import { review, runId, type Staged, stageRun } from "../review/fixture.ts";
import { mailedSecret, startWorld, type World } from "../review/support.ts";
import { openBrowser } from "./chromium.ts";

/** The sign-off pages on this machine, with a run that waits for its first wave. */
export interface Site {
  readonly world: World;
  /** The link of the mail. */
  readonly link: string;
  /** Executions under way, as Step Functions would tell; a test puts some there. */
  readonly underWay: UnderWay[];
  close(): Promise<void>;
}

const people = [
  ["Benali Sara", "213559446168", "sara.benali@example.com"],
  ["بن علي سارة", "213661123456", null],
  ["Haddad Élodie-Noûr", null, "elodie@example.com"],
  ["O'Brien <b>Liam</b>", "213776845160", "liam@example.com"],
] as const;

const rows: Staged[] = Array.from({ length: 64 }, (_, index) => {
  const [name, phone, email] = people[index % people.length] ?? people[0];
  return {
    legacyId: 4_000 + index,
    table: index % 3 === 0 ? "archives" : "stagiaires",
    name,
    phone,
    email,
    classification: index % 2 === 0 ? "completed" : "archived_training",
    duplicate: index % 5 === 0 ? "high" : "none",
    ...(index % 7 === 0 ? { course: 6, session: 235, sessionType: "placeholder_session" } : {}),
  } satisfies Staged;
});

/** The console of some services, served on this machine. */
export interface Served {
  readonly url: string;
  /** The services, which know that address. */
  readonly services: Services;
  close(): Promise<void>;
}

/** Serves the console. Everybody's password here is “correct horse NAME”. */
export async function servePages(of: Services): Promise<Served> {
  let pages: ReturnType<typeof createConsole> | undefined;
  const service = await startPagesService({
    port: 0,
    open: (path) => path === "/healthz" || path.startsWith("/assets/"),
    verifyPassword: async (name, password) =>
      password === `correct horse ${name}` ? { name, email: `${name}@example.com` } : undefined,
    invoke: async (event) => {
      if (!pages) throw new Error("The pages are not there yet.");
      return pages(event as unknown as HttpEvent);
    },
  });
  const services = { ...of, settings: { ...of.settings, signOffUrl: service.url } };
  pages = createConsole({ services, key: Buffer.alloc(32, 7) });
  return { url: service.url, services, close: () => service.close() };
}

/** Signs somebody in, at the list of runs. */
export async function signIn(context: BrowserContext, url: string, name: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(new URL("/admin/legacy-imports", url).href);
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password").fill(`correct horse ${name}`);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { level: 1 }).waitFor();
  return page;
}

/** A run that waits for its first wave, and the console over it. */
async function startSite(): Promise<Site> {
  const world = await startWorld();
  const underWay: UnderWay[] = [];
  await stageRun(world.admin, rows);
  await review(world);
  const workflow = { ...world.services.workflow, underWay: async () => underWay };
  const served = await servePages({ ...world.services, workflow });
  await ask(world.services, { run: runId, gate: "first_wave", token: "task-1" });
  return {
    world,
    underWay,
    link: `${served.url}/sign-off/${mailedSecret(world)}`,
    close: async () => {
      await served.close();
      await world.close();
    },
  };
}

/** A browser, and the site over its run, from before a file's tests to behind them. */
export function openSite(): { readonly browser: Browser; readonly site: Site } {
  const here = {} as { browser: Browser; site: Site };
  beforeAll(async () => {
    here.browser = await openBrowser();
    here.site = await startSite();
  });
  afterAll(async () => {
    await here.browser?.close();
    await here.site?.close();
  });
  return here;
}
