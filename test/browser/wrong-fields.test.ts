import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { reference, runId } from "../review/fixture.ts";
import { someOf } from "../support/every-step.ts";
import { fitsNarrow } from "./look.ts";
import { openSite } from "./site.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const here = openSite();
const run = `/admin/legacy-imports/runs/${reference}`;
let row: number;
let signOff: string;

beforeAll(async () => {
  const { admin } = here.site.world;
  const { rows } = await admin.query(
    `select (select min(id) from wavegate.legacy_student_imports where run_id = $1)::int as row,
            (select id from wavegate.sign_offs where run_id = $1) as sign_off`,
    [runId],
  );
  row = rows[0].row;
  signOff = rows[0].sign_off;
});
const pages: Page[] = [];
afterAll(async () => {
  for (const page of pages) await page.context().close();
});

async function signedIn(name: string, locale = "en-GB", javaScriptEnabled = true): Promise<Page> {
  const context = await here.browser.newContext({ locale, javaScriptEnabled, bypassCSP: true });
  const page = await context.newPage();
  pages.push(page);
  await page.goto(new URL("/admin/legacy-imports", here.site.link).href);
  await page.locator("[name=name]").fill(name);
  await page.locator("[type=password]").fill(`correct horse ${name}`);
  await page.getByRole("button").first().click();
  await page.getByRole("heading", { level: 1 }).waitFor();
  return page;
}

/** What a page says after its form was refused: its title, where the focus is, and what is said of that field. */
interface Refused {
  readonly title: string;
  readonly name: string;
  readonly value: string;
  readonly invalid: string | null;
  readonly described: string;
}

const refused = async (page: Page): Promise<Refused> => {
  await page.locator("[aria-invalid]").waitFor();
  return page.evaluate(`(() => {
    const field = document.activeElement;
    const ids = (field.getAttribute("aria-describedby") ?? "").split(" ");
    return {
      title: document.title, name: field.name, value: field.value, invalid: field.getAttribute("aria-invalid"),
      described: ids.map((id) => document.getElementById(id)?.textContent).join(" | "),
    };
  })()`);
};

const mailed = "Row 12 is sara.benali@example.com, and I looked twice.";

interface Form {
  readonly of: string;
  readonly person: string;
  readonly path: () => string;
  readonly fill: (page: Page) => Promise<void>;
  readonly title: RegExp;
  readonly name: RegExp;
  readonly value: string;
  readonly says: RegExp;
  /** Whether it is looked at in windows of every width: one of each kind is. */
  readonly narrow?: true;
}

const forms: readonly Form[] = [
  {
    of: "a rejection without a word",
    person: "amina",
    path: () => new URL(here.site.link).pathname,
    fill: (page) => page.getByRole("button", { name: "Reject" }).click(),
    title: /^Error: Sign-off/u,
    name: /^comment$/u,
    value: "",
    says: /^Error: A rejection takes a comment.* \| Kept in the audit log/u,
  },
  {
    of: "a remark with an address",
    narrow: true,
    person: "amina",
    path: () => new URL(here.site.link).pathname,
    fill: async (page) => {
      await page.getByLabel("Comment").fill(mailed);
      await page.getByRole("button", { name: "Ask for changes" }).click();
    },
    title: /^Error: Sign-off/u,
    name: /^comment$/u,
    value: mailed,
    says: /^Error: What you wrote holds an e-mail address/u,
  },
  {
    of: "a question",
    person: "amina",
    path: () => `${run}/rows/${row}`,
    fill: async (page) => {
      await page.locator("summary", { hasText: "Ask" }).click();
      await page.getByLabel("Your question").fill(mailed);
      await page.getByRole("button", { name: "Ask", exact: true }).click();
    },
    title: /^Error: /u,
    name: /^question$/u,
    value: mailed,
    says: /^Error: What you wrote holds an e-mail address/u,
  },
  {
    of: "a question beside a sampled row",
    person: "amina",
    path: () => `/admin/legacy-imports/sign-offs/${signOff}/review`,
    fill: async (page) => {
      await page.locator("summary", { hasText: "Ask" }).click();
      await page.getByLabel("Your question").fill(mailed);
      await page.getByRole("button", { name: "Ask", exact: true }).click();
    },
    title: /^Error: Row 1 of .* · Samples/u,
    name: /^question$/u,
    value: mailed,
    says: /^Error: What you wrote holds an e-mail address/u,
  },
  {
    of: "a reason to hold a row",
    person: "amina",
    path: () => `${run}/rows/${row}`,
    fill: async (page) => {
      await page.locator("summary", { hasText: "Hold" }).click();
      await page.getByLabel("Reason").fill(mailed);
      await page.getByRole("button", { name: "Hold" }).click();
    },
    title: /^Error: /u,
    name: /^reason$/u,
    value: mailed,
    says: /^Error: What you wrote holds an e-mail address/u,
  },
  {
    of: "a verdict that does not say what is wrong",
    narrow: true,
    person: "amina",
    path: () => `/admin/legacy-imports/sign-offs/${signOff}/review`,
    // As of a browser without our script; with it the button goes to the boxes first.
    fill: (page) =>
      page.evaluate(`{
        const button = document.querySelector("[name^=verdict-][value=wrong]");
        const form = button.form;
        form.append(Object.assign(document.createElement("input"), { type: "hidden", name: button.name, value: "wrong" }));
        form.submit();
      }`),
    title: /^Error: Row 1 of .* · Samples/u,
    name: /^wrong-\d+$/u,
    value: "name",
    says: /^Error: .*without saying what is wrong/u,
  },
  {
    of: "a person who is looked for by nothing",
    person: "amina",
    path: () => `${run}/rows`,
    fill: async (page) => {
      await page.locator("#value").fill("   ");
      await page.locator("form:has(#value) button").click();
    },
    title: /^Error: /u,
    name: /^value$/u,
    value: "   ",
    says: /^Error: A person is looked for by a whole phone number/u,
  },
  {
    of: "a thing of the platform that is none",
    narrow: true,
    person: "amina",
    path: () => `${run}/mappings/course?all=1`,
    fill: async (page) => {
      await page.locator("[name=target]").first().fill("no such <course>");
      await page.locator("button[value=other]").first().click();
    },
    title: /^Error: /u,
    name: /^target$/u,
    value: "no such <course>",
    says: /^Error: “no such <course>” is no id there/u,
  },
];

describe("W13 R5 what is wrong with a form is said at its field", () => {
  it.each(someOf(2, forms))(
    "of $of: with all that was written, the focus and a title that says so",
    async (form) => {
      const page = await signedIn(form.person);
      await page.goto(new URL(form.path(), here.site.link).href);
      await form.fill(page);
      const { title, name, value, invalid, described } = await refused(page);
      expect(title).toMatch(form.title);
      expect(name).toMatch(form.name);
      expect(described).toMatch(form.says);
      expect([value, invalid]).toEqual([form.value, "true"]);
      expect(await page.getByRole("alert").innerText()).toMatch(/^Not done yet/u);
      await page.evaluate(axe);
      expect(
        await page.evaluate(
          "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes[0].html))",
        ),
      ).toEqual([]);
      if (form.narrow) await fitsNarrow(page, form.of);
    },
  );

  it("in French, and without JavaScript; mended there it is done", async () => {
    const page = await signedIn("amina", "fr-FR", false);
    await page.goto(here.site.link);
    await page.getByLabel("Commentaire").fill(mailed);
    await page.getByRole("button", { name: "Refuser" }).click();
    expect(await page.title()).toMatch(/^Erreur\s: /u);
    expect(await page.locator("#wrong").innerText()).toMatch(
      /^Erreur\s:\s+Le texte contient un numéro/u,
    );
    const comment = page.getByLabel("Commentaire");
    expect(await comment.inputValue()).toBe(mailed);
    await comment.fill("La ligne 12 est fausse.");
    await page.getByRole("button", { name: "Refuser" }).click();
    await page.getByRole("heading", { level: 1, name: "Refusé" }).waitFor();
  });
});

describe("W13 D36 the page that starts a run", () => {
  it("keeps what was said of the run", async () => {
    const page = await signedIn("karim");
    await page.goto(new URL("/start", here.site.link).href);
    await page.getByLabel("Id of the platform’s backup").fill("of karim@example.com");
    await page.locator("#gates").selectOption("on-anomaly");
    await page.locator("#queues").check();
    await page.locator("#priority").check();
    await page.getByRole("button", { name: "Start the run" }).click();
    expect(await refused(page)).toMatchObject({
      title: expect.stringMatching(/^Error: Start a run/u),
      name: "backup",
      value: "of karim@example.com",
      described: expect.stringMatching(/^Error: What was said of the run holds an e-mail/u),
    });
    expect(await page.locator("#gates").inputValue()).toBe("on-anomaly");
    expect(await page.locator("#queues:checked, #priority:checked").count()).toBe(2);
    await page.getByLabel("Id of the platform’s backup").fill("nightly-7");
    await page.getByRole("button", { name: "Start the run" }).click();
    await page.getByRole("heading", { name: "Started" }).waitFor();
    expect(here.site.world.execution.started).toHaveLength(1);
  });
});
