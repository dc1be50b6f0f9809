import { createHash } from "node:crypto";
import { join } from "node:path";
import { SourceChanged } from "../errors.ts";
import type { Client, Json } from "./client.ts";
import {
  contactsPage,
  countOf,
  eventOf,
  eventsPage,
  organizationOf,
  perPage,
  registrationsOf,
  requireWhole,
} from "./contacts.ts";
import { columns, eventRow, memberRow, type Row, registrationRow } from "./rows.ts";
import { type Shelf, writeWhole } from "./shelf.ts";

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

/** What is older than this is of another picture. */
export const oneDayMs = 24 * 60 * 60_000;

/** Which reading is meant: one that is not older, or the very one that a run began with. */
export type WhichReading = { readonly atMostMs: number } | { readonly fingerprint: string };

/** Each reading lies in a folder of its own: one that is made later takes nothing from whoever imports this one. */
const folderOf = (fingerprint: string): string => `readings/${fingerprint}`;
/** Says which reading is the latest. */
const LATEST = "reading.json";
const manifestOf = (fingerprint: string): string => `${folderOf(fingerprint)}/${LATEST}`;
const exportOf = (table: string): string => `${table}.csv`;

/** What tells readings apart: the account, and what was read of it. */
export const fingerprintOf = ({ account, files }: Pick<Reading, "account" | "files">): string =>
  createHash("sha256")
    .update(JSON.stringify([account, files]))
    .digest("hex");

/** Whether a moment is no longer ago; one that is still to come is of a clock that was set back since, and nobody knows how old it is. */
const isRecent = (at: number, now: number, mostMs: number): boolean => Math.abs(now - at) <= mostMs;

/**
 * The latest reading of a shelf; undefined where there is none, one that was cut off, one of another account, or an
 * older one than is asked for.
 */
export async function readingIn(
  shelf: Shelf,
  account: string,
  now: number,
  atMostMs: number,
): Promise<Reading | undefined> {
  const text = await shelf.get(LATEST);
  if (text === undefined) return undefined;
  const reading = JSON.parse(text) as Reading;
  const own = reading.account === account && isRecent(Date.parse(reading.readAt), now, atMostMs);
  return own ? reading : undefined;
}

/** The reading that a run began with, whatever was read since. Errors: `SourceChanged` where it is gone. */
export async function readingOf(
  shelf: Shelf,
  account: string,
  fingerprint: string,
): Promise<Reading> {
  const text = await shelf.get(manifestOf(fingerprint));
  const reading = text === undefined ? undefined : (JSON.parse(text) as Reading);
  if (reading?.account === account && fingerprintOf(reading) === fingerprint) return reading;
  throw new SourceChanged(
    `What was read of account ${account} when this run began is no longer in ${shelf.description}: it is kept for a day, or until its people are erased. Nothing more was imported; start a new run.`,
  );
}

const changedSince = ({ description }: Shelf, account: string): SourceChanged =>
  new SourceChanged(
    `The reading in ${description} is not what was read of account ${account}; nothing was imported. Remove it to read the account anew.`,
  );

/** Lays the exports of a reading into a folder. Errors: `SourceChanged`. */
export async function layOut(shelf: Shelf, reading: Reading, folder: string): Promise<void> {
  const kept = folderOf(fingerprintOf(reading));
  for (const [table, digest] of Object.entries(reading.files)) {
    const text = await shelf.get(`${kept}/${exportOf(table)}`);
    if (text === undefined || sha256(text) !== digest) throw changedSince(shelf, reading.account);
    await writeWhole(join(folder, exportOf(table)), text);
  }
}

/**
 * Reads an account, page by page; each page is kept as it comes, so that a reading that was cut off goes on with the
 * page that is missing. Nothing counts as read before all of it is there and is as much as the account says it has.
 */
export async function readAccount(client: Client, shelf: Shelf, account: string): Promise<Reading> {
  const { scopes } = await client.grant();
  const organization = await organizationOf(client);
  const pages = await pagesOf(client, shelf, account);
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
    const [event] = await pages(`event-${id}`, async () => [await eventOf(client, id)]);
    if (event !== undefined) detailed.push(event);
    // One by one: a call takes no list of any length.
    for (const each of await pages(`registrations-${id}`, () => registrationsOf(client, id)))
      registrations.push(each);
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
  const texts = Object.entries(tables).map(
    ([table, rows]) => [table, csvOf(columns[table as keyof typeof tables], rows)] as const,
  );
  const files = Object.fromEntries(texts.map(([table, text]) => [table, sha256(text)]));
  const reading: Reading = {
    account,
    readAt: new Date(client.time.now()).toISOString(),
    scopes,
    ...(organization === undefined ? {} : { organization }),
    rows: Object.fromEntries(Object.entries(tables).map(([table, rows]) => [table, rows.length])),
    files,
  };
  const fingerprint = fingerprintOf(reading);
  for (const [table, text] of texts)
    await shelf.put(`${folderOf(fingerprint)}/${exportOf(table)}`, text);
  const manifest = `${JSON.stringify(reading, null, 2)}\n`;
  await shelf.put(manifestOf(fingerprint), manifest);
  await shelf.put(LATEST, manifest);
  await shelf.clear("pages");
  // Whoever began with an older one has had their day: it holds people.
  await shelf.clear("readings/", oneDayMs);
  return reading;
}

type Pages = (name: string, ask: () => Promise<readonly Json[]>) => Promise<readonly Json[]>;

/** Pages that are kept on a shelf: one that is there is not asked for again. */
async function pagesOf(client: Client, shelf: Shelf, account: string): Promise<Pages> {
  const begun = await shelf.get("pages/begun.json");
  const known =
    begun === undefined ? undefined : (JSON.parse(begun) as { account: string; at: number });
  if (known?.account !== account || !isRecent(known.at, client.time.now(), oneDayMs)) {
    await shelf.clear("pages");
    await shelf.put("pages/begun.json", JSON.stringify({ account, at: client.time.now() }));
  }
  return async (name, ask) => {
    const kept = await shelf.get(`pages/${name}.json`);
    if (kept !== undefined) return JSON.parse(kept) as Json[];
    const page = await ask();
    await shelf.put(`pages/${name}.json`, JSON.stringify(page));
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
    for (const each of found) all.push(each);
    if (found.length < perPage) break;
  }
  return all;
}

const sha256 = (bytes: Buffer | string): string => createHash("sha256").update(bytes).digest("hex");

const csvOf = (header: readonly string[], rows: readonly Row[]): string =>
  [header, ...rows].map((row) => `${row.map(cell).join(",")}\n`).join("");

const cell = (text: string): string =>
  text === "\\N" || /[",\r\n]|^\s|\s$/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
