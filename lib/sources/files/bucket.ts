import type { Readable } from "node:stream";
import { GetObjectCommand, ListObjectsV2Command, type S3Client } from "@aws-sdk/client-s3";
import { FilesUnreachable } from "../errors.ts";
import { type Files, type FoundFile, formsOf, partsOfName } from "./files.ts";

/** Bytes of the longest key that a store takes: what is longer names nothing in it. */
const longestKey = 1_024;

/** Files in a bucket, below a prefix. What one object alone lies below is that object, as stores keep versions. */
export function openBucket(bucket: string, prefix: string, client: S3Client): Files {
  const description = `bucket ${bucket}`;
  const below = prefix === "" ? "" : `${prefix.replace(/\/+$/u, "")}/`;
  const failed = (error: unknown) =>
    new FilesUnreachable(
      `The ${description} cannot be read (${error instanceof Error ? error.name : "error"}). Nothing was written; check that it is there and may be read, and give it with --storage-path s3://BUCKET/PREFIX.`,
      { cause: error },
    );
  const list = async (Prefix: string, MaxKeys: number) => {
    try {
      const { Contents = [] } = await client.send(
        new ListObjectsV2Command({ Bucket: bucket, Prefix, MaxKeys }),
      );
      return Contents.map(({ Key = "", Size = 0 }) => ({ key: Key, size: Size }));
    } catch (error) {
      throw failed(error);
    }
  };
  const file = ({ key, size }: { key: string; size: number }): FoundFile => ({
    name: key.slice(below.length),
    size,
    bytes: async () => {
      try {
        const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        return Body as Readable;
      } catch (error) {
        if (error instanceof Error && error.name === "NoSuchKey") return undefined;
        throw failed(error);
      }
    },
  });
  return {
    description,
    failed,
    check: async () => void (await list(below, 1)),
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
