import { resolve } from "node:path";
import { FilesUnreachable } from "../errors.ts";
import { openBucket } from "./bucket.ts";
import type { Files } from "./files.ts";
import { openFolder } from "./folder.ts";

/** Opens a folder, or `s3://BUCKET/PREFIX`. */
export function openFiles(place: string): Files {
  if (!place.startsWith("s3:")) return openFolder(resolve(place));
  const [, bucket, prefix = ""] =
    /^s3:\/\/([a-z0-9][a-z0-9.-]{1,62})(?:\/(.*))?$/u.exec(place) ?? [];
  if (bucket !== undefined) return openBucket(bucket, prefix);
  throw new FilesUnreachable(
    "A bucket of files is written s3://BUCKET/PREFIX. Nothing was read and nothing was written.",
  );
}
