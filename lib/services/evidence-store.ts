import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import {
  GetObjectCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { brokenTo } from "../data/failures.ts";
import { Refusal } from "./errors.ts";
import type { EvidenceStore } from "./services.ts";

/** Parts of 5 MiB that an upload holds: one on its way while the next is filled. */
const PARTS_AT_ONCE = 2;

/** An object is there already, or another writer is just putting one there. */
const taken = new Set(["PreconditionFailed", "ConditionalRequestConflict"]);

/**
 * Evidence in one S3 bucket. Streams go up in parts; nothing is held whole. A connection that breaks though the SDK
 * tried again is `ConnectionLost`.
 */
export function openEvidenceStore(
  bucket: string,
  client = new S3Client({ forcePathStyle: true }),
): EvidenceStore {
  return {
    put: async (key, body, { contentType, encoding }) => {
      const request = {
        Bucket: bucket,
        Key: key,
        ContentType: contentType,
        ...(encoding === undefined ? {} : { ContentEncoding: encoding }),
        // Object Lock keeps what was there and lets another version be put on top: it is refused here.
        IfNoneMatch: "*",
      };
      try {
        if (Buffer.isBuffer(body))
          await client.send(new PutObjectCommand({ ...request, Body: body }));
        else {
          const params = { ...request, Body: body as Readable };
          await new Upload({ client, params, queueSize: PARTS_AT_ONCE }).done();
        }
      } catch (error) {
        if (error instanceof Error && taken.has(error.name)) {
          throw new Refusal(
            "ObjectExists",
            `The evidence “${key}” is there already and was not replaced.`,
          );
        }
        throw brokenTo("evidence", error);
      }
    },
    get: (key) => read(client, bucket, key).catch(failed),
    list: (prefix) => list(client, bucket, prefix).catch(failed),
    link: (key, { fileName, contentType, seconds }) =>
      getSignedUrl(
        client,
        new GetObjectCommand({
          Bucket: bucket,
          Key: key,
          ResponseCacheControl: "no-store",
          ResponseContentDisposition: `attachment; filename="${fileName}"`,
          ResponseContentType: contentType,
        }),
        { expiresIn: seconds },
      ),
  };
}

const failed = (error: unknown): never => {
  throw brokenTo("evidence", error);
};

async function read(client: S3Client, bucket: string, key: string): Promise<Buffer> {
  const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  return buffer(Body as Readable);
}

async function list(
  client: S3Client,
  bucket: string,
  prefix: string,
): Promise<{ key: string; size: number }[]> {
  const found: { key: string; size: number }[] = [];
  for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix })) {
    for (const { Key, Size } of page.Contents ?? [])
      found.push({ key: Key ?? "", size: Size ?? 0 });
  }
  return found;
}
