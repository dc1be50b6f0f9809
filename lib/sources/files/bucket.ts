import type { Readable } from "node:stream";
import { GetObjectCommand, ListObjectsV2Command, type S3Client } from "@aws-sdk/client-s3";
import { FilesUnreachable } from "../errors.ts";
import { type Files, type FoundFile, formsOf, OneFileUnreadable, partsOfName } from "./files.ts";

/** Bytes of the longest key that a store takes: what is longer names nothing in it. */
const longestKey = 1_024;

/** Answers about one object, and not about the bucket: what is denied of it, archived, or under a key of somebody's. */
const ofOne = new Set([
  ...["AccessDenied", "InvalidObjectState", "MethodNotAllowed", "InvalidRequest"],
  ...["AccountProblem", "KMS.DisabledException", "KMS.KMSInvalidStateException"],
  ...["KMS.NotFoundException", "KMS.AccessDeniedException", "KMS.InvalidKeyUsageException"],
]);
/** No such object, by whichever name: one of a version that is deleted, or to a look without a body. */
const absent = new Set(["NoSuchKey", "NotFound", "NoSuchVersion"]);
const nameOf = (error: unknown): string => (error instanceof Error ? error.name : "error");

/** Objects that are tried to find out whether a bucket's can be read at all. */
const tried = 5;
/** An object that is archived: whoever is told so may read it, and the others. */
const archived = "InvalidObjectState";
/** Milliseconds for which a bucket that could be read is not asked again for another of its files. */
const known = 5_000;

/** Files in a bucket, below a prefix. What one object alone lies below is that object, as stores keep versions. */
export function openBucket(
  bucket: string,
  prefix: string,
  client: S3Client,
  now: () => number = Date.now,
): Files {
  const description = `bucket ${bucket}`;
  const below = prefix === "" ? "" : `${prefix.replace(/\/+$/u, "")}/`;
  const gone = (error: unknown) =>
    new FilesUnreachable(
      `The ${description} cannot be read (${nameOf(error)}). Nothing was written; check that it is there and may be read, and give it with --storage-path s3://BUCKET/PREFIX.`,
      { cause: error },
    );
  const list = async (Prefix: string, MaxKeys: number) => {
    try {
      const { Contents = [] } = await client.send(
        new ListObjectsV2Command({ Bucket: bucket, Prefix, MaxKeys }),
      );
      return Contents.map(({ Key = "", Size = 0 }) => ({ key: Key, size: Size }));
    } catch (error) {
      throw gone(error);
    }
  };
  const get = (Key: string, Range?: string) =>
    client.send(new GetObjectCommand({ Bucket: bucket, Key, ...(Range && { Range }) }));
  /** Refuses a bucket of which no object can be read: then it is not the one that was asked for. */
  const check = async () => {
    readable = undefined;
    await look();
    readable = now();
  };
  let readable: number | undefined;
  const look = async () => {
    let first: unknown;
    for (const { key, size } of await list(below, tried)) {
      if (size === 0) continue;
      try {
        const { Body } = await get(key, "bytes=0-0");
        (Body as Readable).destroy();
        return;
      } catch (error) {
        if (nameOf(error) === archived) return;
        if (!absent.has(nameOf(error))) first ??= error;
      }
    }
    if (first !== undefined) throw gone(first);
  };
  const failed = async (error: unknown) => {
    if (!ofOne.has(nameOf(error))) return gone(error);
    const asked = readable === undefined || now() - readable > known ? check() : Promise.resolve();
    return asked.then(
      () => new OneFileUnreadable(`A file cannot be read (${nameOf(error)}).`, { cause: error }),
      (unreachable: FilesUnreachable) => unreachable,
    );
  };
  const file = ({ key, size }: { key: string; size: number }): FoundFile => ({
    name: key.slice(below.length),
    size,
    bytes: async () => {
      try {
        const { Body } = await get(key);
        return Body as Readable;
      } catch (error) {
        if (absent.has(nameOf(error))) return undefined;
        throw await failed(error);
      }
    },
  });
  return {
    description,
    failed,
    check,
    find: async (name) => {
      partsOfName(name);
      for (const form of formsOf(name)) {
        const key = `${below}${form}`;
        if (Buffer.byteLength(key) > longestKey) continue;
        // Keys come in order: the one itself first, of those below it two are enough.
        const itself = (await list(key, 1)).find((each) => each.key === key);
        if (itself !== undefined) return file(itself);
        const [only, ...others] = await list(`${key}/`, 2);
        if (only !== undefined && others.length === 0) return file(only);
      }
      return undefined;
    },
  };
}
