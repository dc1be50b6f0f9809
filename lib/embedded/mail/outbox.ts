import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import PostalMime, { type Address, addressParser, type Email } from "postal-mime";
import { writeFileDurably } from "../identity/durable.ts";

/** A message in the outbox, as a person would read it. */
export interface Mail {
  /** Path of the `.eml` file. */
  readonly file: string;
  readonly at: Date;
  readonly from: string;
  /** Everybody who gets it, blind copies included. */
  readonly to: readonly string[];
  readonly subject: string;
  /** The text part; of a message in HTML only, its text. */
  readonly text: string;
  readonly html: string | undefined;
  /** Every http(s) link in text and HTML, in order, once. */
  readonly links: readonly string[];
}

const FILE_NAME = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)\.(\d{3})Z-.*\.eml$/;

/** Writes messages into a folder; their names sort by the time they were taken. */
export class Outbox {
  readonly #directory: string;
  #last = { time: 0, count: 0 };

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Makes the folder, for its owner only: messages hold personal links. */
  async open(): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
  }

  /** Puts a message there, whole or not at all. */
  async write(message: Buffer, at: Date, messageId: string): Promise<void> {
    const name = `${this.#nextName(at)}-${messageId}.eml`;
    await writeFileDurably(join(this.#directory, name), message, { mode: 0o600 });
  }

  /** Messages of one millisecond, or of a clock set back, keep their order by a count. */
  #nextName(at: Date): string {
    const { time, count } = this.#last;
    const isLater = at.getTime() > time;
    this.#last = isLater ? { time: at.getTime(), count: 0 } : { time, count: count + 1 };
    const stamp = new Date(this.#last.time).toISOString().replace(/[-:]/g, "");
    return `${stamp}-${String(this.#last.count).padStart(4, "0")}`;
  }
}

/** Reads the messages of an outbox, the oldest first. Files that are no messages are left out. */
export async function listMail(directory: string): Promise<Mail[]> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  const mails: Mail[] = [];
  for (const name of names.filter((one) => FILE_NAME.test(one)).sort()) {
    const file = join(directory, name);
    const email = await PostalMime.parse(await readFile(file)).catch(() => undefined);
    if (email !== undefined) mails.push(toMail(file, name, email));
  }
  return mails;
}

function toMail(file: string, name: string, email: Email): Mail {
  const { subject = "", text = "", html } = email;
  return {
    file,
    at: timeOf(name),
    from: headerAddresses(email, "x-envelope-from")[0] ?? "",
    to: headerAddresses(email, "x-envelope-to"),
    subject,
    text: text.replace(/\n$/, ""),
    html,
    links: [...new Set([...linksIn(text), ...hrefsIn(html ?? "")])],
  };
}

/** The envelope is in front of the message's own headers: the first of that name is ours. */
function headerAddresses(email: Email, name: string): string[] {
  const value = email.headers.find((header) => header.key === name)?.value ?? "";
  return addressParser(value).flatMap((one: Address) => one.address ?? []);
}

function linksIn(text: string): string[] {
  return (text.match(/https?:\/\/[^\s<>"']+/g) ?? []).map((link) =>
    link.replace(/[.,;:!?)\]}]+$/, ""),
  );
}

function hrefsIn(html: string): string[] {
  const hrefs = html.matchAll(/\shref\s*=\s*(?:"(https?:[^"]*)"|'(https?:[^']*)')/gi);
  return [...hrefs].map(([, double, single]) => (double ?? single ?? "").replaceAll("&amp;", "&"));
}

function timeOf(name: string): Date {
  const [, year, month, day, hour, minute, second, milli] = FILE_NAME.exec(name) ?? [];
  return new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}.${milli}Z`);
}
