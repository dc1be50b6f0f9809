import type { Answer, Frame } from "../command.ts";
import { CannotRun } from "../failure.ts";
import type { Io } from "../io.ts";
import { isLocal } from "../place.ts";
import { facts, printable, table } from "../table.ts";

/** `wavegate mail list`: numbers count from the oldest mail, so that a number stays the same mail. */
export async function list({ io }: Frame, limit: number): Promise<Answer> {
  const mails = (await outbox(io)).slice(-limit).reverse();
  return {
    json: { mails: mails.map(({ number, at, to, subject }) => ({ number, at, to, subject })) },
    text:
      mails.length === 0
        ? ["No mail was sent."]
        : table(
            ["mail", "at", "to", "subject"],
            mails.map(({ number, at, to, subject }) => [
              String(number),
              at.toISOString().slice(0, 19).replace("T", " "),
              to.join(", "),
              subject,
            ]),
          ),
  };
}

/** `wavegate mail show`. */
export async function show({ io }: Frame, wanted: string | undefined): Promise<Answer> {
  const mails = await outbox(io);
  const found =
    wanted === undefined ? mails.at(-1) : mails.find(({ number }) => String(number) === wanted);
  if (found === undefined) {
    throw new CannotRun(
      "UnknownMail",
      wanted === undefined
        ? "No mail was sent yet."
        : `There is no mail ${printable(wanted)}. \`wavegate mail list\` shows their numbers.`,
    );
  }
  const { number, at, from, to, subject, text, links } = found;
  return {
    json: { number, at, from, to, subject, text, links },
    text: [
      ...facts([
        ["Mail", String(number)],
        ["At", at.toISOString()],
        ["From", from],
        ["To", to.join(", ")],
        ["Subject", subject],
      ]),
      "",
      ...text.split("\n").map(printable),
    ],
  };
}

async function outbox(io: Io) {
  if (!isLocal(io)) {
    throw new CannotRun(
      "NotHere",
      "On AWS mails go to their addresses; there is no outbox to look into.",
    );
  }
  const { sentMail } = await import("../local/outbox.ts");
  return (await sentMail(io)).map((mail, index) => ({ ...mail, number: index + 1 }));
}
