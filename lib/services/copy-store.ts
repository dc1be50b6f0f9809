import { pipeline, type Readable, Transform } from "node:stream";
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
      // A request whose body breaks off would wait for the rest of it.
      const broken = new AbortController();
      let because: unknown;
      const bytes = ofLength(body, size).once("error", (error) => {
        because = error;
        broken.abort();
      });
      try {
        await client.send(
          new PutObjectCommand({
            Bucket: Bucket(),
            Key: key,
            Body: bytes,
            ContentLength: size,
            ContentType: type,
            ChecksumSHA256: Buffer.from(sha256, "hex").toString("base64"),
            Metadata: { wavegate: owner },
            IfNoneMatch: "*",
          }),
          { abortSignal: broken.signal },
        );
      } catch (error) {
        if (because !== undefined) throw because;
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

/** A stream that fails where there are not as many bytes as were promised: `BadDigest`, as they are not those. */
function ofLength(body: Readable, size: number): Readable {
  const other = () =>
    Object.assign(new Error("The file is of another length."), { name: "BadDigest" });
  let seen = 0;
  const counted = new Transform({
    transform: (chunk: Buffer, _, done) => {
      seen += chunk.length;
      if (seen > size) done(other());
      else done(null, chunk);
    },
    flush: (done) => done(seen === size ? null : other()),
  });
  return pipeline(body, counted, () => {});
}
