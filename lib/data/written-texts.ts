import { randomUUID } from "node:crypto";
import type { RDSDataClient, SqlParameter } from "@aws-sdk/client-rds-data";
import type { SqlValue } from "./sql.ts";

const written = Symbol("written");

/** A parameter whose text is written already: as JSON, in UTF-8, its quotes included. */
interface Written extends SqlParameter {
  readonly [written]: Uint8Array;
}

/**
 * A text that a client of {@link putWrittenTexts} sends as it is given: JSON, in UTF-8, its quotes included. The SDK
 * sees a mark in its place.
 */
export const writtenText = (json: Uint8Array): SqlValue => {
  const parameter: Written = { value: { stringValue: randomUUID() }, [written]: json };
  return { kind: "typed", parameter, cast: "" };
};

/**
 * Puts texts that are written already into the requests of a client: it goes through every other text letter by letter.
 * The SDK writes all the rest, and measures and signs what was put there.
 */
export function putWrittenTexts(client: RDSDataClient): RDSDataClient {
  client.middlewareStack.add(
    (next) => (args) => {
      const request = args.request as { body: string | Uint8Array };
      request.body = bodyWithTexts(args.input, request.body);
      return next(args);
    },
    { name: "putWrittenTexts", step: "build", priority: "high" },
  );
  return client;
}

/** The body that the SDK wrote of an input, with the texts of {@link writtenText} in it. */
export function bodyWithTexts(input: object, body: string | Uint8Array): string | Uint8Array {
  const { parameters } = input as { readonly parameters?: readonly SqlParameter[] };
  const found = parameters?.filter((each): each is Written => written in each) ?? [];
  return found.length === 0 ? body : withTexts(bytesOf(body), found);
}

/** The bytes of a body, where they lie: what the SDK writes them in is a text as well to whoever asks for its value. */
const bytesOf = (body: string | Uint8Array): Buffer =>
  typeof body === "string"
    ? Buffer.from(body)
    : Buffer.from(body.buffer, body.byteOffset, body.byteLength);

/** A body with texts in the places of their marks, in the order in which the SDK writes them. */
function withTexts(body: Buffer, texts: readonly Written[]): Buffer {
  const pieces: Uint8Array[] = [];
  let from = 0;
  for (const text of texts) {
    const mark = `"${text.value?.stringValue}"`;
    const at = body.indexOf(mark, from);
    if (at < 0) throw new Error("A text's place is not in the request that the SDK wrote.");
    pieces.push(body.subarray(from, at), text[written]);
    from = at + mark.length;
  }
  return Buffer.concat([...pieces, body.subarray(from)]);
}
