import type { Readable } from "node:stream";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { Refusal } from "./errors.ts";
import type { CopyStore } from "./services.ts";

/** An object is there already, or another writer is just putting one there. */
const taken = new Set(["PreconditionFailed", "ConditionalRequestConflict"]);
const nameOf = (error: unknown): string => (error instanceof Error ? error.name : "error");

/** Copies in one S3 bucket. They go through as they come: nothing is held whole. */
export function openCopyStore(
  bucket: string | undefined,
  client = new S3Client({ forcePathStyle: true }),
): CopyStore {
  const Bucket = () => {
    if (bucket) return bucket;
    throw new Refusal(
      "EnvironmentIncomplete",
      "This place names no bucket for copies of files (WAVEGATE_FILES_BUCKET). Nothing was written.",
    );
  };
  const at = (key: string, version: string | null) => ({
    Bucket: Bucket(),
    Key: key,
    ...(version === null ? {} : { VersionId: version }),
  });
  return {
    put: async (key, body, { size, type, sha256, owner }) => {
      try {
        await client.send(
          new PutObjectCommand({
            Bucket: Bucket(),
            Key: key,
            Body: body,
            ContentLength: size,
            ContentType: type,
            ChecksumSHA256: Buffer.from(sha256, "hex").toString("base64"),
            Metadata: { wavegate: owner },
            IfNoneMatch: "*",
          }),
        );
      } catch (error) {
        if (!taken.has(nameOf(error))) throw error;
        throw new Refusal(
          "ObjectExists",
          `The object “${key}” is there already and was not replaced.`,
        );
      }
    },
    look: async (key) => {
      try {
        const { Metadata, VersionId } = await client.send(
          new HeadObjectCommand({ Bucket: Bucket(), Key: key }),
        );
        return { owner: Metadata?.wavegate, version: VersionId ?? null };
      } catch (error) {
        if (["NotFound", "NoSuchKey"].includes(nameOf(error))) return undefined;
        throw error;
      }
    },
    get: async (key, version) => {
      const { Body } = await client.send(new GetObjectCommand(at(key, version)));
      return Body as Readable;
    },
    remove: async (key, version) => {
      await client.send(new DeleteObjectCommand(at(key, version)));
    },
  };
}
