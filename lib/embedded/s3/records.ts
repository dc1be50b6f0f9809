import type { Checksum } from "./checksums.ts";

/** What is known of a stored object: one version of a key. */
export interface ObjectRecord {
  readonly key: string;
  /** The version's id; absent for what was stored before versions were kept, whose id is `null`. */
  readonly version?: string;
  /** The version's place among those of its key, from 1; absent: 0. */
  readonly number?: number;
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

/** What `fill` of a new object says about it; key, version and file are the bucket's. */
export type NewObject = Omit<ObjectRecord, "key" | "version" | "number" | "blob">;

/** A version without bytes: while it is the latest, the key counts as deleted. */
export interface DeleteMarker {
  readonly key: string;
  readonly version: string;
  readonly number: number;
  /** ISO 8601. */
  readonly modified: string;
  readonly deleted: true;
}

/** One of a key's versions. */
export type Version = ObjectRecord | DeleteMarker;

/** Whether this version is a delete marker. */
export const isMarker = (version: Version | undefined): version is DeleteMarker =>
  version !== undefined && "deleted" in version;

/** The id under which clients know a version. */
export const versionIdOf = (version: Version): string => version.version ?? "null";

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
  /** One small JSON file for each key that has an object now: its record. Its appearing is the commit. */
  readonly index: string;
  /** One JSON file for each key that has more than that: its earlier versions and delete markers. */
  readonly versions: string;
  /** The bytes, under random names. */
  readonly data: string;
  /** Files being written, and locks. */
  readonly incoming: string;
  /** Multipart uploads under way. */
  readonly uploads: string;
}
