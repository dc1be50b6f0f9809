import MailComposer from "nodemailer/lib/mail-composer";
import type { RawLetter, SimpleLetter } from "./letter.ts";

/** What the service adds to every message. */
export interface Stamp {
  readonly messageId: string;
  readonly at: Date;
  readonly from: string;
  readonly recipients: readonly string[];
}

/**
 * The bytes of the message as RFC 5322 wants them, with the envelope in front of it (as a mail server
 * prepends its trace), so that the outbox knows blind copies too.
 */
export async function compose(letter: SimpleLetter | RawLetter, stamp: Stamp): Promise<Buffer> {
  const envelope = [
    `X-Envelope-From: ${stamp.from}`,
    `X-Envelope-To: ${stamp.recipients.join(",\r\n ")}`,
    "",
  ].join("\r\n");
  const message = letter.kind === "raw" ? letter.bytes : await composeSimple(letter, stamp);
  return Buffer.concat([Buffer.from(envelope, "latin1"), withCrlf(message)]);
}

function composeSimple(letter: SimpleLetter, stamp: Stamp): Promise<Buffer> {
  const { from, to, cc, replyTo, subject, text, html, headers, attachments } = letter;
  const composer = new MailComposer({
    from,
    to: [...to],
    cc: [...cc],
    replyTo: [...replyTo],
    subject,
    headers: [...headers],
    attachments: attachments.map((file) => ({ ...file })),
    messageId: `<${stamp.messageId}@wavegate.localhost>`,
    date: stamp.at,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(text === undefined ? {} : { text }),
    ...(html === undefined ? {} : { html }),
  });
  return composer.compile().build();
}

/** Lone line feeds and carriage returns become the line ends that mail has. */
function withCrlf(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString("latin1").replace(/\r\n|\r|\n/g, "\r\n"), "latin1");
}
