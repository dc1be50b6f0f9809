import { setTimeout } from "node:timers/promises";
import { DeleteObjectsCommand, type S3Client } from "@aws-sdk/client-s3";
import type { CopyToRemove, Removed } from "./services.ts";

/** Keys that one request removes at most. */
const atOnce = 1_000;

/** Codes of keys that may be asked for again in a moment, as the client itself asks again for whole requests. */
const passing: readonly string[] = [
  ...["InternalError", "ServiceUnavailable", "SlowDown", "OperationAborted"],
  "ConditionalRequestConflict",
];
const tries = 3;

/** What the code of a key says that was not removed. */
const saidBy: Readonly<Record<string, Removed>> = {
  NoSuchKey: "gone",
  NoSuchVersion: "gone",
  PreconditionFailed: "another",
};

/**
 * Removes objects of one bucket, a thousand with one request: a version by its id; without one what lies there, as long
 * as its content is that of the tag. Answers for each, in their order. Errors: those of a request as a whole.
 */
export async function removeCopies(
  client: S3Client,
  bucket: string,
  copies: readonly CopyToRemove[],
): Promise<readonly Removed[]> {
  const all: Removed[] = [];
  for (let from = 0; from < copies.length; from += atOnce) {
    const some = copies.slice(from, from + atOnce);
    const stay = await removeSome(client, bucket, some);
    all.push(...some.map(({ key }) => becameOf(stay.get(key))));
  }
  return all;
}

const becameOf = (code: string | undefined): Removed =>
  code === undefined
    ? "gone"
    : (saidBy[code] ??
      Object.assign(new Error(`A copy was not removed (${code}).`), { name: code }));

/** The codes of those keys that were not removed. */
async function removeSome(
  client: S3Client,
  Bucket: string,
  copies: readonly CopyToRemove[],
): Promise<ReadonlyMap<string, string>> {
  const codes = new Map<string, string>();
  let open = copies;
  for (let tried = 1; open.length > 0; tried++) {
    const Objects = open.map((copy) => ({
      Key: copy.key,
      ...(copy.version === null ? { ETag: copy.tag } : { VersionId: copy.version }),
    }));
    const { Errors = [] } = await client.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }),
    );
    for (const { key } of open) codes.delete(key);
    for (const { Key = "", Code = "InternalError" } of Errors) codes.set(Key, Code);
    if (tried === tries) break;
    open = open.filter(({ key }) => passing.includes(codes.get(key) ?? ""));
    if (open.length > 0) await setTimeout(100 * 4 ** tried);
  }
  return codes;
}
