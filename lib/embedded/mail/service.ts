import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import PostalMime, { type Address } from "postal-mime";
import type { Authenticate } from "../identity/identities.ts";
import { closeServer, listenOnLoopback } from "../identity/loopback.ts";
import { compose } from "./compose.ts";
import { badRequest, MailRefused } from "./errors.ts";
import {
  bareAddress,
  checkRecipients,
  type RawLetter,
  readLetter,
  type SimpleLetter,
} from "./letter.ts";
import { Outbox } from "./outbox.ts";

export { listMail, type Mail } from "./outbox.ts";

/** What the mail service needs to run. */
interface MailServiceOptions {
  /** The outbox: one `.eml` file for each message. */
  readonly directory: string;
  readonly authenticate: Authenticate;
  /** 0 (the default): any free one. */
  readonly port?: number;
  readonly now?: () => Date;
}

/** A running mail service. */
interface MailService {
  /** `http://127.0.0.1:PORT`, for `AWS_ENDPOINT_URL_SESV2`. */
  readonly url: string;
  close(): Promise<void>;
}

/** SES takes 40 MB, base64 included. */
const LARGEST_REQUEST = 40 * 1024 * 1024;

/** Starts SESv2's `SendEmail` over an outbox folder, on 127.0.0.1. Nothing leaves the machine. */
export async function startMailService(options: MailServiceOptions): Promise<MailService> {
  const outbox = new Outbox(options.directory);
  await outbox.open();
  const now = options.now ?? (() => new Date());
  const server = createServer((message, response) => {
    void answer(message, response, async (body) => {
      const { method = "", url = "", headers } = message;
      await options.authenticate({ method, path: url, headers, body, service: "ses" });
      if (method !== "POST" || url !== "/v2/email/outbound-emails") {
        throw new MailRefused("UnknownOperationException", "Only SendEmail is done here.");
      }
      return { MessageId: await send(outbox, parseJson(body), now()) };
    });
  });
  const url = await listenOnLoopback(server, options.port ?? 0);
  return { url, close: () => closeServer(server) };
}

async function send(outbox: Outbox, request: unknown, at: Date): Promise<string> {
  const letter = readLetter(request);
  const { from, recipients } =
    letter.kind === "raw" ? await rawEnvelope(letter) : simpleEnvelope(letter);
  checkRecipients(recipients);
  const messageId = randomUUID();
  const message = await compose(letter, { messageId, at, from, recipients });
  await outbox.write(message, at, messageId);
  return messageId;
}

function simpleEnvelope({ from, to, cc, bcc }: SimpleLetter) {
  return { from: bareAddress(from), recipients: [...to, ...cc, ...bcc].map(bareAddress) };
}

/** Without a destination in the request, the message's own headers say where it goes. */
async function rawEnvelope(letter: RawLetter) {
  const email = await PostalMime.parse(letter.bytes).catch(() => {
    throw badRequest("The raw message cannot be read.");
  });
  const from = letter.from === undefined ? addressesOf([email.from])[0] : bareAddress(letter.from);
  if (from === undefined) throw badRequest("The raw message has no From.");
  const own = addressesOf([...(email.to ?? []), ...(email.cc ?? []), ...(email.bcc ?? [])]);
  return { from, recipients: letter.recipients.length > 0 ? letter.recipients : own };
}

function addressesOf(list: readonly (Address | undefined)[]): string[] {
  const bare = list.flatMap(
    (one) => one?.group?.map(({ address }) => address) ?? one?.address ?? [],
  );
  return bare.filter((address) => /^[\x21-\x7e]+@[\x21-\x7e]+$/.test(address));
}

async function answer(
  message: IncomingMessage,
  response: ServerResponse,
  work: (body: Buffer) => Promise<object>,
): Promise<void> {
  try {
    reply(response, 200, await work(await readBody(message)));
  } catch (error) {
    const {
      name,
      status,
      message: text,
    } = error as { name: string; status?: number; message: string };
    const isKnown = status !== undefined && status >= 400 && status < 500;
    response.setHeader("x-amzn-errortype", isKnown ? name : "InternalServiceErrorException");
    const shown = isKnown ? text : "The message could not be written. Nothing was sent.";
    reply(response, isKnown ? status : 500, { message: shown });
  } finally {
    message.resume();
  }
}

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, {
    "content-type": "application/json",
    "x-amzn-requestid": randomUUID(),
  });
  response.end(JSON.stringify(body));
}

async function readBody(message: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of message.iterator({ destroyOnReturn: false })) {
    size += piece.length;
    if (size > LARGEST_REQUEST) {
      throw new MailRefused("MessageRejected", "The message is larger than 40 MB.");
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    throw badRequest("The request is not JSON.");
  }
}
