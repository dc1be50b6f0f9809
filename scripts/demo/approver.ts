import { readdir } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { Shell } from "./shell.ts";

/** Who approves, and until when. */
export interface Approver {
  /** Where the runtime leaves its mails. */
  readonly outbox: string;
  readonly name: string;
  readonly password: string;
  /** Ends when there is nothing left to approve. */
  readonly until: Promise<unknown>;
  readonly onDecision: (line: string) => void;
}

/**
 * Plays the second person: reads the mails, opens each new link as a browser would, signs in, calls
 * every sampled row right, one after the other, and approves. A real approver looks at the rows instead.
 */
export async function approveThroughLink(shell: Shell, approver: Approver): Promise<void> {
  let over = false;
  void approver.until.then(
    () => (over = true),
    () => (over = true),
  );
  const browser = new Browser();
  const seen = new Set<number>();
  let mails = 0;
  while (!over) {
    await sleep(500);
    // A command takes a third of a second of a processor: it looks when something came.
    const there = (await readdir(approver.outbox)).filter((name) => name.endsWith(".eml"));
    if (there.length === mails) continue;
    mails = there.length;
    for (const link of await newLinks(shell, approver.name, seen)) {
      await decide(browser, link, approver);
    }
  }
}

/** Links of the mails to a person that were not read yet. */
async function newLinks(shell: Shell, name: string, seen: Set<number>): Promise<string[]> {
  const { mails } = JSON.parse(await shell.quiet("mail list --output json")) as {
    mails: { number: number; to: string[] }[];
  };
  const links: string[] = [];
  for (const { number, to } of mails.reverse()) {
    if (seen.has(number) || !to.some((address) => address.startsWith(name))) continue;
    seen.add(number);
    const mail = JSON.parse(await shell.quiet(`mail show ${number} --output json`)) as {
      links: string[];
    };
    links.push(...mail.links.filter((link) => link.includes("/sign-off/")));
  }
  return links;
}

async function decide(browser: Browser, link: string, approver: Approver): Promise<void> {
  let page = await browser.get(link);
  if (page.includes('action="/sign-in"')) {
    const { origin, pathname } = new URL(link);
    page = await browser.post(`${origin}/sign-in`, {
      to: pathname,
      name: approver.name,
      password: approver.password,
    });
  }
  const judged = await judgeSamples(browser, link, page);
  if (judged > 0) page = await browser.get(link);
  if (csrfOf(page) === "") {
    throw new Error(`The sign-off page did not open as it should: ${headingOf(page)}.`);
  }
  const answer = await browser.post(link, {
    csrf: csrfOf(page),
    decision: "approve",
    comment: "Looked at the report and the sampled rows.",
  });
  const said = headingOf(answer);
  if (said !== "Approved") throw new Error(`The approval was not kept: ${said}.`);
  approver.onDecision(`   ${approver.name} opened the link, judged ${judged} rows: ${said}`);
}

/** Calls every row that has no verdict right, as the review shows one after the other. */
async function judgeSamples(browser: Browser, link: string, signOff: string): Promise<number> {
  const path = /href="([^"]+\/review)"/u.exec(signOff)?.[1];
  if (path === undefined) return 0;
  const url = new URL(path, link).href;
  let page = await browser.get(url);
  for (let judged = 0; ; judged += 1) {
    const row = /name="row" value="(\d+)"/u.exec(page)?.[1];
    if (row === undefined) return judged;
    page = await browser.post(url, { csrf: csrfOf(page), row, [`verdict-${row}`]: "right" });
  }
}

const headingOf = (page: string): string =>
  /<h1[^>]*>([^<]*)<\/h1>/.exec(page)?.[1] ?? "a page without a heading";

/** The token of the page's own forms: what stands below it has one of its own. */
const csrfOf = (page: string): string =>
  /name="csrf" value="([^"]+)"/.exec(page.split("<footer>", 1)[0] ?? "")?.[1] ?? "";

/** Keeps cookies and follows redirects, as far as the pages need it. */
class Browser {
  #cookies = new Map<string, string>();

  get(url: string): Promise<string> {
    return this.#ask(url, {});
  }

  post(url: string, fields: Record<string, string>): Promise<string> {
    return this.#ask(url, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded", origin: new URL(url).origin },
      body: new URLSearchParams(fields).toString(),
    });
  }

  async #ask(url: string, init: RequestInit): Promise<string> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { ...init.headers, ...(cookie === "" ? {} : { cookie }) };
    const response = await fetch(url, { ...init, headers, redirect: "manual" });
    for (const set of response.headers.getSetCookie()) {
      const [name = "", value = ""] = (set.split(";")[0] ?? "").split("=");
      this.#cookies.set(name, value);
    }
    const location = response.headers.get("location");
    return location === null ? response.text() : this.#ask(new URL(location, url).href, {});
  }
}

/** The digest of the newest mail to somebody that tells of an audit bundle. */
export async function digestInMail(shell: Shell, address: string): Promise<string> {
  const { mails } = JSON.parse(await shell.quiet("mail list --output json")) as {
    mails: { number: number; to: string[]; subject: string }[];
  };
  const told = mails
    .filter(({ to, subject }) => to.includes(address) && subject.includes("the evidence of"))
    .sort((one, other) => other.number - one.number)[0];
  const mail = await shell.quiet(`mail show ${told?.number} --output json`);
  const digest = /--digest ([0-9a-f]{64})/.exec(mail)?.[1];
  if (digest === undefined) throw new Error(`No mail to ${address} tells of a bundle.`);
  return digest;
}
