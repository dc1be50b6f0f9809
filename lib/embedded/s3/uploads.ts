import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { writeFileDurably } from "../identity/durable.ts";
import { type NewBlob, newBlob } from "./blob.ts";
import type { Bucket } from "./bucket.ts";
import type { ChecksumAlgorithm, ChecksumType } from "./checksums.ts";
import { S3Error } from "./errors.ts";
import type { ObjectRecord } from "./records.ts";
import { newId } from "./versions.ts";

/** A multipart upload under way. */
export interface Upload {
  readonly id: string;
  readonly key: string;
  readonly headers: ObjectRecord["headers"];
  readonly checksum:
    | { readonly algorithm: ChecksumAlgorithm; readonly type: ChecksumType }
    | undefined;
}

/** One part of it, whole and verified. */
export interface Part {
  readonly number: number;
  readonly size: number;
  readonly etag: string;
  /** ISO 8601. */
  readonly modified: string;
  readonly blob: string;
  readonly checksum?: { readonly algorithm: ChecksumAlgorithm; readonly value: string };
}

/** Begins an upload and returns it with its id. */
export async function createUpload(bucket: Bucket, wanted: Omit<Upload, "id">): Promise<Upload> {
  const upload: Upload = { id: newId(), ...wanted };
  const folder = folderOf(bucket, upload.id);
  await mkdir(folder, { mode: 0o700 });
  await writeFileDurably(join(folder, "upload.json"), JSON.stringify(upload), {
    scratch: bucket.folders.incoming,
  });
  return upload;
}

/** Errors: `NoSuchUpload`, also when the id belongs to another key. */
export async function findUpload(bucket: Bucket, id: string, key: string): Promise<Upload> {
  if (/^[A-Za-z0-9._-]{32}$/.test(id)) {
    const text = await readFile(join(folderOf(bucket, id), "upload.json"), "utf8").catch(
      noneIfAbsent,
    );
    const upload = text === undefined ? undefined : (JSON.parse(text) as Upload);
    if (upload?.key === key) return upload;
  }
  throw noSuchUpload();
}

/** Stores a part whole or not at all, in place of an earlier one of that number. */
export async function storePart(
  bucket: Bucket,
  upload: Upload,
  number: number,
  fill: (blob: NewBlob) => Promise<Omit<Part, "number" | "blob">>,
): Promise<Part> {
  const folder = folderOf(bucket, upload.id);
  const blob = await newBlob(folder).catch(goneIfAbsent);
  try {
    const part: Part = { number, blob: blob.name, ...(await fill(blob)) };
    await blob.finish();
    await writeFileDurably(join(folder, partFile(number)), JSON.stringify(part), {
      scratch: bucket.folders.incoming,
    });
    return part;
  } catch (error) {
    await blob.discard();
    return goneIfAbsent(error as NodeJS.ErrnoException);
  }
}

/** All parts in order. */
export async function listParts(bucket: Bucket, upload: Upload): Promise<Part[]> {
  const folder = folderOf(bucket, upload.id);
  const names = (await readdir(folder).catch(goneIfAbsent))
    .filter((name) => /^part-\d+\.json$/.test(name))
    .sort();
  return Promise.all(
    names.map(async (name) => JSON.parse(await readFile(join(folder, name), "utf8")) as Part),
  );
}

/** Path of a part's bytes. */
export function partBytes(bucket: Bucket, upload: Upload, part: Part): string {
  return join(folderOf(bucket, upload.id), part.blob);
}

/** Forgets an upload with all its parts. */
export async function removeUpload(bucket: Bucket, upload: Upload): Promise<void> {
  const folder = folderOf(bucket, upload.id);
  // First what makes it findable, so that a crash in between leaves only rubbish.
  await rm(join(folder, "upload.json"), { force: true });
  await rm(folder, { recursive: true, force: true });
}

function folderOf(bucket: Bucket, id: string): string {
  return join(bucket.folders.uploads, id);
}

function partFile(number: number): string {
  return `part-${String(number).padStart(5, "0")}.json`;
}

function noneIfAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code === "ENOENT") return undefined;
  throw error;
}

/** The upload was aborted or completed while this request was under way. */
function goneIfAbsent(error: NodeJS.ErrnoException): never {
  throw error.code === "ENOENT" ? noSuchUpload() : error;
}

function noSuchUpload(): S3Error {
  return new S3Error(
    "NoSuchUpload",
    "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
  );
}
