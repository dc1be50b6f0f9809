import { createHash } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SourceChanged } from "../errors.ts";
import type { Client } from "./client.ts";
import {
  contactsPage,
  countOf,
  eventsPage,
  type Json,
  organizationOf,
  perPage,
  registrationsOf,
  requireWhole,
} from "./contacts.ts";
import { columns, eventRow, memberRow, type Row, registrationRow } from "./rows.ts";
import type { WildApricotSettings } from "./settings.ts";

/** A still picture of an account: a run imports what was read, whatever is changed there meanwhile. */
export interface Reading {
  readonly account: string;
  readonly readAt: string;
  readonly scopes: readonly string[];
  /** What the account calls itself; undefined where the key may not ask. */
  readonly organization?: string;
  /** Rows of each table. */
  readonly rows: Readonly<Record<string, number>>;
  /** SHA-256 of each table's file. */
  readonly files: Readonly<Record<string, string>>;
}

/** Pages older than this are of another picture. */
const oneDayMs = 24 * 60 * 60_000;

export const exportsIn = (path: string): string => join(path, "exports");
const manifestIn = (path: string): string => join(path, "reading.json");

/** The reading of a folder; undefined where there is none, or one that was cut off. Errors: it was changed since. */
export async function readingIn({
  path,
  account,
}: WildApricotSettings): Promise<Reading | undefined> {
  const text = await readFile(manifestIn(path), "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const reading = JSON.parse(text) as Reading;
  const changed = async () => {
    for (const [table, digest] of Object.entries(reading.files)) {
      const file = await readFile(join(exportsIn(path), `${table}.csv`)).catch(() => undefined);
      if (file === undefined || sha256(file) !== digest) return true;
    }
    return reading.account !== account;
  };
  if (!(await changed())) return reading;
  throw new SourceChanged(
    `The reading in ${path} is not what was read of account ${account}; nothing was imported. Remove the folder to read the account anew.`,
  );
}

/**
 * Reads an account, page by page; each page is kept as it comes, so that a reading that was cut off goes on with the
 * page that is missing. Nothing counts as read before all of it is there and is as much as the account says it has.
 */
export async function readAccount(client: Client, settings: WildApricotSettings): Promise<Reading> {
  const { path, account } = settings;
  const { scopes } = await client.grant();
  const organization = await organizationOf(client);
  const pages = await pagesOf(client, settings);
  const counted = async () => ({
    contacts: await countOf(client, "/contacts"),
    events: await countOf(client, "/events"),
  });
  const before = await counted();
  const contacts = await paged(before.contacts, (skip) =>
    pages(`contacts-${skip}`, () => contactsPage(client, skip)),
  );
  const events = await paged(before.events, (skip) =>
    pages(`events-${skip}`, () => eventsPage(client, skip)),
  );
  const detailed: Json[] = [];
  const registrations: Json[] = [];
  for (const { Id } of events) {
    const id = String(Id);
    const [event] = await pages(`event-${id}`, async () => [
      (await client.get(`/events/${encodeURIComponent(id)}`)) as Json,
    ]);
    if (event !== undefined) detailed.push(event);
    registrations.push(...(await pages(`registrations-${id}`, () => registrationsOf(client, id))));
  }
  const after = await counted();
  requireWhole(client, "contacts", contacts, [before.contacts, after.contacts]);
  requireWhole(client, "events", events, [before.events, after.events]);
  requireWhole(client, "registrations", registrations, []);
  const tables = {
    members: contacts.map(memberRow),
    events: detailed.map(eventRow),
    registrations: registrations.map(registrationRow),
  };
  const files: Record<string, string> = {};
  await mkdir(exportsIn(path), { recursive: true, mode: 0o700 });
  for (const [table, rows] of Object.entries(tables)) {
    const text = csvOf(columns[table as keyof typeof tables], rows);
    await writeWhole(join(exportsIn(path), `${table}.csv`), text);
    files[table] = sha256(text);
  }
  const reading: Reading = {
    account,
    readAt: new Date(client.time.now()).toISOString(),
    scopes,
    ...(organization === undefined ? {} : { organization }),
    rows: Object.fromEntries(Object.entries(tables).map(([table, rows]) => [table, rows.length])),
    files,
  };
  await writeWhole(manifestIn(path), `${JSON.stringify(reading, null, 2)}\n`);
  await rm(join(path, "pages"), { recursive: true, force: true });
  return reading;
}

type Pages = (name: string, ask: () => Promise<readonly Json[]>) => Promise<readonly Json[]>;

/** Pages that are kept in a folder: one that is there is not asked for again. */
async function pagesOf(client: Client, { path, account }: WildApricotSettings): Promise<Pages> {
  const folder = join(path, "pages");
  const begun = join(folder, "begun.json");
  const known = await readFile(begun, "utf8").then(
    (text) => JSON.parse(text) as { account: string; at: number },
    () => undefined,
  );
  if (known?.account !== account || client.time.now() - known.at > oneDayMs) {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeWhole(begun, JSON.stringify({ account, at: client.time.now() }));
  }
  return async (name, ask) => {
    const file = join(folder, `${name}.json`);
    const kept = await readFile(file, "utf8").catch(() => undefined);
    if (kept !== undefined) return JSON.parse(kept) as Json[];
    const page = await ask();
    await writeWhole(file, JSON.stringify(page));
    return page;
  };
}

/** Every page of so many rows, and one more, which has to be empty: an account may have more by then. */
async function paged(
  rows: number,
  page: (skip: number) => Promise<readonly Json[]>,
): Promise<readonly Json[]> {
  const all: Json[] = [];
  for (let skip = 0; skip <= rows; skip += perPage) {
    const found = await page(skip);
    all.push(...found);
    if (found.length < perPage) break;
  }
  return all;
}

/** A file is there whole or not at all; it holds people, and is nobody else's to read. */
async function writeWhole(file: string, text: string): Promise<void> {
  await writeFile(`${file}.part`, text, { mode: 0o600 });
  await rename(`${file}.part`, file);
}

const sha256 = (bytes: Buffer | string): string => createHash("sha256").update(bytes).digest("hex");

const csvOf = (header: readonly string[], rows: readonly Row[]): string =>
  [header, ...rows].map((row) => `${row.map(cell).join(",")}\n`).join("");

const cell = (text: string): string =>
  text === "\\N" || /[",\r\n]|^\s|\s$/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
