import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SESv2Client, SendEmailCommand, type SendEmailCommandInput } from "@aws-sdk/client-sesv2";
import PostalMime from "postal-mime";
import { describe, expect, it, onTestFinished } from "vitest";
import { openIdentities } from "../../../lib/embedded/identity/identities.ts";
import { listMail, startMailService } from "../../../lib/embedded/mail/service.ts";

async function start(now = () => new Date("2030-01-15T12:00:00.123Z")) {
  const root = await mkdtemp(join(tmpdir(), "wavegate-mail-"));
  const directory = join(root, "outbox");
  // Requests are signed with the real clock; only the letters are dated.
  const identities = await openIdentities(join(root, "people"));
  const { authenticate } = identities;
  const service = await startMailService({ directory, authenticate, now });
  const client = (credentials: { accessKeyId: string; secretAccessKey: string }) =>
    new SESv2Client({ endpoint: service.url, region: "eu-west-1", maxAttempts: 1, credentials });
  const ses = client(await identities.service());
  onTestFinished(async () => {
    ses.destroy();
    await service.close();
    await rm(root, { recursive: true, force: true });
  });
  const send = (input: SendEmailCommandInput) => ses.send(new SendEmailCommand(input));
  return { directory, service, client, send };
}

const simple = (more: Partial<SendEmailCommandInput> = {}): SendEmailCommandInput => ({
  FromEmailAddress: "wavegate <wavegate@example.com>",
  Destination: { ToAddresses: ["salima@example.com"] },
  Content: { Simple: { Subject: { Data: "Hello" }, Body: { Text: { Data: "A line\n" } } } },
  ...more,
});
const withSubject = (Data: string) =>
  simple({ Content: { Simple: { Subject: { Data }, Body: { Text: { Data: "x" } } } } });
const withText = (Data: string) =>
  simple({ Content: { Simple: { Subject: { Data: "s" }, Body: { Text: { Data } } } } });

async function onlyFile(directory: string): Promise<string> {
  const names = await readdir(directory);
  expect(names).toHaveLength(1);
  return readFile(join(directory, names[0] ?? ""), "utf8");
}

describe("simple messages", () => {
  it("become one eml file each, readable by its owner, named by the time and the MessageId", async () => {
    const { directory, send } = await start();
    const { MessageId } = await send(simple());
    const [name = ""] = await readdir(directory);
    expect(name).toBe(`20300115T120000.123Z-0000-${MessageId}.eml`);
    expect((await stat(join(directory, name))).mode & 0o777).toBe(0o600);
    const message = await onlyFile(directory);
    expect(message).toContain("\r\nFrom: wavegate <wavegate@example.com>\r\n");
    expect(message).toContain("\r\nTo: salima@example.com\r\n");
    expect(message).toContain("\r\nDate: Tue, 15 Jan 2030 12:00:00 +0000\r\n");
    expect(message).toContain(`\r\nMessage-ID: <${MessageId}@wavegate.localhost>\r\n`);
    expect(message.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
  });

  it("carry any text in subject, names and bodies, in ASCII lines of at most 998 characters", async () => {
    const { directory, send } = await start();
    const subject = `Décision à prendre — سليمة 😀 ${"très ".repeat(60)}longue`;
    const text = `Ünïcode سليمة 😀\n.\nFrom the start\n${"x".repeat(3000)}\n\ttrailing \n=3D`;
    const html = `<p>Ünïcode</p><a href="https://example.com/?a=1&amp;b=2">here</a>${"é".repeat(2000)}`;
    await send({
      FromEmailAddress: '"Équipe, wavegate" <w@example.com>',
      Destination: { ToAddresses: ["Salima Bénali <s@example.com>"] },
      ReplyToAddresses: ["reply@example.com"],
      Content: {
        Simple: {
          Subject: { Data: subject },
          Body: { Text: { Data: text }, Html: { Data: html } },
        },
      },
    });
    const message = await onlyFile(directory);
    expect(message).toMatch(/^[\t\r\n\x20-\x7e]*$/);
    expect(Math.max(...message.split("\r\n").map((line) => line.length))).toBeLessThanOrEqual(998);
    const parsed = await PostalMime.parse(message);
    expect(parsed.subject).toBe(subject);
    expect(parsed.text?.trimEnd()).toBe(text);
    expect(parsed.html?.trimEnd()).toBe(html);
    expect(parsed.from).toEqual({ name: "Équipe, wavegate", address: "w@example.com" });
    expect(parsed.to).toEqual([{ name: "Salima Bénali", address: "s@example.com" }]);
    expect(parsed.replyTo?.[0]?.address).toBe("reply@example.com");
  });

  it("take headers and attachments", async () => {
    const { directory, send } = await start();
    const RawContent = Buffer.from([0, 1, 2, 255]);
    await send(
      simple({
        Content: {
          Simple: {
            Subject: { Data: "s" },
            Body: { Text: { Data: "x" } },
            Headers: [{ Name: "X-Run", Value: "7" }],
            Attachments: [{ RawContent, FileName: "é.csv", ContentType: "text/csv" }],
          },
        },
      }),
    );
    const parsed = await PostalMime.parse(await onlyFile(directory));
    expect(parsed.headers.find(({ key }) => key === "x-run")?.value).toBe("7");
    const [file] = parsed.attachments;
    expect(file?.filename).toBe("é.csv");
    expect(Buffer.from(file?.content as ArrayBuffer).equals(RawContent)).toBe(true);
  });

  it("cannot be given headers through any field", async () => {
    const { directory, send } = await start();
    const evil = "x\r\nBcc: all@example.com";
    const header = (Name: string, Value: string) =>
      simple({
        Content: {
          Simple: {
            Subject: { Data: "s" },
            Body: { Text: { Data: "x" } },
            Headers: [{ Name, Value }],
          },
        },
      });
    const refused = [
      withSubject(evil),
      withSubject("x\nBcc: a@example.com"),
      simple({ FromEmailAddress: `${evil} <a@example.com>` }),
      simple({ FromEmailAddress: `a@example.com\r\nBcc: all@example.com` }),
      simple({ Destination: { ToAddresses: [evil] } }),
      simple({ Destination: { ToAddresses: ["a@example.com, b@example.com"] } }),
      simple({ Destination: { ToAddresses: ["a@example.com>, <b@example.com"] } }),
      simple({ Destination: { ToAddresses: ["x: a@example.com;"] } }),
      simple({ Destination: { ToAddresses: ["no address"] } }),
      simple({ Destination: { CcAddresses: [`a@example.com\n`] } }),
      simple({ ReplyToAddresses: [evil] }),
      header("X-A\r\nBcc", "a@example.com"),
      header("X-A: b\r\nBcc", "a@example.com"),
      header("X-A", evil),
      header("Bcc", "a@example.com"),
      header("X-Envelope-To", "a@example.com"),
      header("X-A", "é"),
      header("X-A", ""),
      header("X-A", "x".repeat(996)),
      header(`X-${"a".repeat(98)}`, "x".repeat(897)),
    ];
    for (const input of refused) {
      await expect(send(input)).rejects.toMatchObject({ name: "BadRequestException" });
    }
    expect(await readdir(directory)).toEqual([]);
  });

  it("are refused without recipient, sender or body, with 51 recipients, and as templates", async () => {
    const { directory, send } = await start();
    const Subject = { Data: "s" };
    const refused = [
      simple({ Destination: {} }),
      simple({ FromEmailAddress: undefined }),
      simple({ Content: { Simple: { Subject, Body: {} } } }),
      simple({ Content: {} }),
      // What is not done here is not left out of a letter without a word.
      simple({ ConfigurationSetName: "none" }),
      simple({ EmailTags: [{ Name: "run", Value: "7" }] }),
      simple({ Content: { Template: { TemplateName: "t" } } }),
      simple({
        Destination: { ToAddresses: Array.from({ length: 51 }, (_, n) => `a${n}@example.com`) },
      }),
    ];
    for (const input of refused) {
      await expect(send(input)).rejects.toMatchObject({ name: "BadRequestException" });
    }
    expect(await readdir(directory)).toEqual([]);
  });
});

describe("raw messages", () => {
  it("are kept as they are, with the line ends of mail", async () => {
    const { directory, send } = await start();
    const raw =
      "From: a@example.com\nTo: b@example.com\nSubject: =?utf-8?q?caf=C3=A9?=\n\nBody\r\nEnd";
    await send({ Content: { Raw: { Data: Buffer.from(raw) } } });
    expect(await onlyFile(directory)).toBe(
      "X-Envelope-From: a@example.com\r\nX-Envelope-To: b@example.com\r\n" +
        "From: a@example.com\r\nTo: b@example.com\r\nSubject: =?utf-8?q?caf=C3=A9?=\r\n\r\nBody\r\nEnd",
    );
    const [mail] = await listMail(directory);
    expect(mail).toMatchObject({ subject: "café", to: ["b@example.com"], from: "a@example.com" });
  });

  it("go where the request says, if it says it", async () => {
    const { directory, send } = await start();
    const Data = Buffer.from("From: a@example.com\r\nTo: b@example.com\r\n\r\nx");
    await send({ Destination: { BccAddresses: ["c@example.com"] }, Content: { Raw: { Data } } });
    expect((await listMail(directory))[0]?.to).toEqual(["c@example.com"]);
    const lost = Buffer.from("Subject: nobody\r\n\r\nx");
    await expect(send({ Content: { Raw: { Data: lost } } })).rejects.toMatchObject({
      name: "BadRequestException",
    });
  });
});

describe("the outbox", () => {
  it("is read back in the order of sending, with every recipient and link", async () => {
    const times = ["2030-01-15T12:00:00.500Z", "2030-01-15T12:00:00.500Z", "2030-01-15T11:59:59Z"];
    const { directory, send } = await start(() => new Date(times.shift() ?? ""));
    await send(
      simple({
        Destination: {
          ToAddresses: ["Salima <s@example.com>"],
          CcAddresses: ["c@example.com"],
          BccAddresses: ["b@example.com"],
        },
        Content: {
          Simple: {
            Subject: { Data: "Wave 1" },
            Body: {
              Text: {
                Data: "Decide here: http://127.0.0.1:8080/d/abc?x=1&y=2.\n(see https://example.com/é)",
              },
              Html: { Data: '<a href="http://127.0.0.1:8080/d/abc?x=1&amp;y=2">Decide</a>' },
            },
          },
        },
      }),
    );
    await send(withSubject("second"));
    await send(withSubject("third"));
    await writeFile(join(directory, "notes.txt"), "a person's own file");
    const mails = await listMail(directory);
    expect(mails.map((mail) => mail.subject)).toEqual(["Wave 1", "second", "third"]);
    expect(mails[0]).toMatchObject({
      at: new Date("2030-01-15T12:00:00.500Z"),
      to: ["s@example.com", "c@example.com", "b@example.com"],
      text: "Decide here: http://127.0.0.1:8080/d/abc?x=1&y=2.\n(see https://example.com/é)",
      links: ["http://127.0.0.1:8080/d/abc?x=1&y=2", "https://example.com/é"],
    });
    const message = await readFile(mails[0]?.file ?? "", "utf8");
    expect(message).not.toMatch(/^bcc:/im);
  });

  it("is empty before the first message, also where there is no folder", async () => {
    const { directory } = await start();
    expect(await listMail(directory)).toEqual([]);
    expect(await listMail(join(directory, "missing"))).toEqual([]);
  });
});

describe("the service", () => {
  it("takes nothing from strangers, and nothing but SendEmail", async () => {
    const { directory, service, client, send } = await start();
    const stranger = client({ accessKeyId: "WAVESTRANGER", secretAccessKey: "x" });
    await expect(stranger.send(new SendEmailCommand(simple()))).rejects.toMatchObject({
      name: "UnrecognizedClientException",
    });
    stranger.destroy();
    const unsigned = await fetch(`${service.url}/v2/email/outbound-emails`, {
      method: "POST",
      body: "{}",
    });
    expect([unsigned.status, unsigned.headers.get("x-amzn-errortype")]).toEqual([
      403,
      "MissingAuthenticationToken",
    ]);
    expect(await readdir(directory)).toEqual([]);
    await send(withText("still running"));
    expect((await listMail(directory))[0]?.text).toBe("still running");
  });
});
