import * as z from "zod";
import { badRequest } from "./errors.ts";

const Text = z.strictObject({ Data: z.string(), Charset: z.string().optional() });
const Addresses = z.array(z.string()).optional();

/**
 * The JSON body of SESv2 `SendEmail`, as far as it is done here: a member that is not (a configuration set,
 * tags, a list) is refused, as a letter that goes out without it is another one.
 */
export const SendEmail = z.strictObject({
  FromEmailAddress: z.string().optional(),
  Destination: z
    .strictObject({ ToAddresses: Addresses, CcAddresses: Addresses, BccAddresses: Addresses })
    .optional(),
  ReplyToAddresses: Addresses,
  Content: z.strictObject({
    Simple: z
      .strictObject({
        Subject: Text,
        Body: z.strictObject({ Text: Text.optional(), Html: Text.optional() }),
        Headers: z.array(z.strictObject({ Name: z.string(), Value: z.string() })).optional(),
        Attachments: z
          .array(
            z.strictObject({
              RawContent: z.base64(),
              FileName: z.string(),
              ContentType: z.string().optional(),
              ContentId: z.string().optional(),
              ContentDisposition: z.enum(["ATTACHMENT", "INLINE"]).optional(),
            }),
          )
          .optional(),
      })
      .optional(),
    Raw: z.strictObject({ Data: z.base64() }).optional(),
    Template: z.unknown().optional(),
  }),
});
type SendEmail = z.infer<typeof SendEmail>;

/** A message made of parts, all of them checked: nothing here can begin a header of its own. */
export interface SimpleLetter {
  readonly kind: "simple";
  readonly from: string;
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly bcc: readonly string[];
  readonly replyTo: readonly string[];
  readonly subject: string;
  readonly text: string | undefined;
  readonly html: string | undefined;
  readonly headers: readonly { readonly key: string; readonly value: string }[];
  readonly attachments: readonly Attachment[];
}

/** A file that goes with a message. */
interface Attachment {
  readonly content: Buffer;
  readonly filename: string;
  readonly contentType: string | undefined;
  readonly cid: string | undefined;
  readonly contentDisposition: "attachment" | "inline";
}

/** A message that the sender composed; the destination may be in its own headers. */
export interface RawLetter {
  readonly kind: "raw";
  readonly from: string | undefined;
  readonly recipients: readonly string[];
  readonly bytes: Buffer;
}

/** SES takes at most 50 recipients a message. */
const MOST_RECIPIENTS = 50;
/** Set by the message itself, or by the service. */
const OWN_HEADERS =
  /^(?:from|sender|to|cc|bcc|reply-to|subject|date|message-id|return-path|received|mime-version|content-.*|x-envelope-.*)$/i;

/** Reads a SendEmail request. Errors: `MailRefused` (`BadRequestException`). */
export function readLetter(body: unknown): SimpleLetter | RawLetter {
  const parsed = SendEmail.safeParse(body);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw badRequest(
      `${issue?.path.join(".") || "The request"}: ${issue?.message ?? "not understood"}.`,
    );
  }
  const { FromEmailAddress: from, Content, Destination, ReplyToAddresses } = parsed.data;
  const to = addresses(Destination?.ToAddresses);
  const cc = addresses(Destination?.CcAddresses);
  const bcc = addresses(Destination?.BccAddresses);
  const { Simple, Raw } = Content;
  if (Content.Template !== undefined) throw badRequest("Templates are not kept here.");
  if ((Simple === undefined) === (Raw === undefined)) {
    throw badRequest("Either Simple or Raw content is needed.");
  }
  if (Raw !== undefined) {
    const bytes = Buffer.from(Raw.Data, "base64");
    const recipients = [...to, ...cc, ...bcc].map(bareAddress);
    return { kind: "raw", from: from && checkAddress(from), recipients, bytes };
  }
  if (from === undefined) throw badRequest("FromEmailAddress is missing.");
  if (to.length + cc.length + bcc.length === 0) throw badRequest("There is no recipient.");
  return {
    kind: "simple",
    from: checkAddress(from),
    to,
    cc,
    bcc,
    replyTo: addresses(ReplyToAddresses),
    ...simpleContent(Simple as NonNullable<typeof Simple>),
  };
}

/** The address itself without a display name: `Salima <s@example.com>` → `s@example.com`. */
export function bareAddress(address: string): string {
  const inBrackets = /<([^<>]*)>\s*$/.exec(address);
  return (inBrackets?.[1] ?? address).trim();
}

/** Checks the number of recipients. Errors: `MailRefused`. */
export function checkRecipients(recipients: readonly string[]): void {
  if (recipients.length === 0) throw badRequest("There is no recipient.");
  if (recipients.length > MOST_RECIPIENTS) {
    throw badRequest(`At most ${MOST_RECIPIENTS} recipients are allowed in a message.`);
  }
}

function simpleContent(simple: NonNullable<SendEmail["Content"]["Simple"]>) {
  const { Subject, Body, Headers = [], Attachments = [] } = simple;
  if (Body.Text === undefined && Body.Html === undefined)
    throw badRequest("The message has no body.");
  for (const { Name, Value } of Headers) {
    const isPlain = /^[!-9;-~]{1,126}$/.test(Name) && /^[ -~]{1,995}$/.test(Value);
    if (!isPlain || Name.length + Value.length > 996)
      throw badRequest("A header is not well-formed.");
    if (OWN_HEADERS.test(Name)) throw badRequest(`The header ${Name} cannot be given.`);
  }
  if (hasControls(Subject.Data))
    throw badRequest("The subject has line breaks or control characters.");
  return {
    subject: Subject.Data,
    text: Body.Text?.Data,
    html: Body.Html?.Data,
    headers: Headers.map(({ Name, Value }) => ({ key: Name, value: Value })),
    attachments: Attachments.map((file) => {
      const { FileName, ContentType, ContentId } = file;
      if ([FileName, ContentType, ContentId].some((text) => hasControls(text ?? ""))) {
        throw badRequest("An attachment's name or type is not well-formed.");
      }
      return {
        content: Buffer.from(file.RawContent, "base64"),
        filename: FileName,
        contentType: ContentType,
        cid: ContentId,
        contentDisposition:
          file.ContentDisposition === "INLINE" ? ("inline" as const) : ("attachment" as const),
      };
    }),
  };
}

function addresses(given: readonly string[] | undefined): string[] {
  return (given ?? []).map(checkAddress);
}

/** One mailbox, `a@b.c` or `Name <a@b.c>`. SES wants plain ASCII addresses. */
function checkAddress(address: string): string {
  const bare = bareAddress(address);
  const isMailbox =
    !hasControls(address) &&
    /^[^\s@<>(),;:\\"[\]]+@[^\s@<>(),;:\\"[\]]+$/.test(bare) &&
    bare.length <= 320;
  if (!isMailbox) throw badRequest("An address is not well-formed.");
  if (!/^[\x21-\x7e]+$/.test(bare)) {
    throw badRequest("An address is not ASCII; write its domain in punycode.");
  }
  const name = address.includes("<") ? address.slice(0, address.lastIndexOf("<")).trim() : "";
  const isOneName = /^(?:"(?:[^"\\]|\\.)*"|[^"<>,;:@()]*)$/.test(name);
  if (!isOneName) throw badRequest("An address is not well-formed.");
  return address.trim();
}

function hasControls(text: string): boolean {
  return /[\p{Cc}\u2028\u2029]/u.test(text);
}
