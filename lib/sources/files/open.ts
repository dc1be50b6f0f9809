import { resolve } from "node:path";
import { S3Client } from "@aws-sdk/client-s3";
import { FilesUnreachable } from "../errors.ts";
import { openBucket } from "./bucket.ts";
import type { Files } from "./files.ts";
import { openFolder } from "./folder.ts";

let client: S3Client | undefined;
/** One for all that a process reads: each has connections of its own. */
const shared = (): S3Client => {
  // A store that takes no more just then is asked for some seconds: what cannot be read then ends the import.
  client ??= new S3Client({ forcePathStyle: true, maxAttempts: 6 });
  return client;
};

/** Opens a folder, or `s3://BUCKET/PREFIX`. */
export function openFiles(place: string): Files {
  if (!place.startsWith("s3:")) return openFolder(resolve(place));
  const [, bucket, prefix = ""] =
    /^s3:\/\/([a-z0-9][a-z0-9.-]{1,62})(?:\/(.*))?$/u.exec(place) ?? [];
  if (bucket !== undefined) return openBucket(bucket, prefix, shared());
  throw new FilesUnreachable(
    "A bucket of files is written s3://BUCKET/PREFIX. Nothing was read and nothing was written.",
  );
}
