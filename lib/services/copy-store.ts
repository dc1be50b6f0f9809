import { createHash } from "node:crypto";
import { pipeline, type Readable, Transform } from "node:stream";
import {
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { Refusal } from "./errors.ts";
import { removeCopies } from "./remove-copies.ts";
import type { CopyStore } from "./services.ts";

/** An object is there already, or another writer is just putting one there. */
const taken = new Set(["PreconditionFailed", "ConditionalRequestConflict"]);
const nameOf = (error: unknown): string => (error instanceof Error ? error.name : "error");

/** Bytes of a file that is held whole on its way: its request can be sent again. */
const small = 256 * 1024;

/** Copies in one S3 bucket. Small ones are held on their way, others go through as they come. */
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
        const { VersionId, ChecksumSHA256, ETag } = await client.send(
          new PutObjectCommand({
            Bucket: Bucket(),
            Key: key,
            Body: size > small ? bytes : await wholeOf(bytes, sha256),
            ContentLength: size,
            ContentType: type,
            ChecksumSHA256: Buffer.from(sha256, "hex").toString("base64"),
            Metadata: { wavegate: owner },
            IfNoneMatch: "*",
          }),
          { abortSignal: broken.signal },
        );
        return { version: VersionId ?? null, sha256: hexOf(ChecksumSHA256), tag: ETag ?? "" };
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
        const { Metadata, VersionId, ContentLength, ChecksumSHA256, ETag } = await client.send(
          new HeadObjectCommand({ Bucket: Bucket(), Key: key, ChecksumMode: "ENABLED" }),
        );
        return {
          owner: Metadata?.wavegate,
          version: VersionId ?? null,
          size: ContentLength ?? 0,
          sha256: hexOf(ChecksumSHA256),
          tag: ETag ?? "",
        };
      } catch (error) {
        if (["NotFound", "NoSuchKey"].includes(nameOf(error))) return undefined;
        throw error;
      }
    },
    get: async (key, version) => {
      const { Body } = await client.send(new GetObjectCommand(at(key, version)));
      return Body as Readable;
    },
    remove: (copies) => removeCopies(client, Bucket(), copies),
  };
}

/** A store's checksum of all bytes as hex; of one that is made of parts' checksums (`…-3`) nothing is told. */
const hexOf = (base64: string | undefined): string | undefined =>
  base64 === undefined || base64.includes("-")
    ? undefined
    : Buffer.from(base64, "base64").toString("hex");

const otherBytes = (what: string) =>
  Object.assign(new Error(`The file is of ${what}.`), { name: "BadDigest" });

async function wholeOf(bytes: Readable, sha256: string): Promise<Buffer> {
  const whole = Buffer.concat(await bytes.toArray());
  if (createHash("sha256").update(whole).digest("hex") !== sha256) throw otherBytes("other bytes");
  return whole;
}

/** A stream that fails where there are not as many bytes as were promised: `BadDigest`, as they are not those. */
function ofLength(body: Readable, size: number): Readable {
  let seen = 0;
  const counted = new Transform({
    transform: (chunk: Buffer, _, done) => {
      seen += chunk.length;
      if (seen > size) done(otherBytes("another length"));
      else done(null, chunk);
    },
    flush: (done) => done(seen === size ? null : otherBytes("another length")),
  });
  return pipeline(body, counted, () => {});
}
