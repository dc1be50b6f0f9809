import type { Checksum } from "./checksums.ts";

/** What is known of a stored object; the index holds one such record for each key. */
export interface ObjectRecord {
  readonly key: string;
  readonly size: number;
  /** Without quotes; MD5 in hex, or `MD5-N` for multipart. */
  readonly etag: string;
  /** ISO 8601. */
  readonly modified: string;
  /** Name of the file with the bytes, inside the bucket's data folder. */
  readonly blob: string;
  /** Headers given on upload that come back on download: `content-type`, `x-amz-meta-*`, …. */
  readonly headers: Readonly<Record<string, string>>;
  readonly checksum?: Checksum;
  /** The upload in parts that made it: its completion, sent again, is answered as before. */
  readonly upload?: string;
}

/** Conditions on what is stored under the key now. */
export interface WriteConditions {
  /** `If-None-Match: *`. */
  readonly onlyIfAbsent: boolean;
  /** `If-Match`: an ETag without quotes, or `*`. */
  readonly onlyIfEtag: string | undefined;
}

/** A bucket's folders. The view is for people; the rest lies under `.s3`. */
export interface BucketFolders {
  /** Plain files, hard links to the data. */
  readonly view: string;
  /** One small JSON file for each key: the record. Its appearing is the commit. */
  readonly index: string;
  /** The bytes, under random names. */
  readonly data: string;
  /** Files being written. */
  readonly incoming: string;
  /** Multipart uploads under way. */
  readonly uploads: string;
}
