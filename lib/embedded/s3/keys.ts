import { createHash } from "node:crypto";
import { S3Error } from "./errors.ts";

const LONGEST_KEY_BYTES = 1024;
/** File systems stop at 255 bytes a name; the ending and a margin are left free. */
const LONGEST_NAME = 200;
const LONGEST_SEGMENT_BYTES = 255;
/** The mark of a name that is only a hash: no encoded key contains it. */
const HASHED = "~";
/** Keeps the keys `.` and `..` from being those folders. */
const ENDING = ".json";

/** Refuses keys that Amazon S3 refuses. Errors: `KeyTooLongError`. */
export function checkKey(key: string): void {
  if (Buffer.byteLength(key) > LONGEST_KEY_BYTES) {
    throw new S3Error("KeyTooLongError", "Your key is too long.", {
      details: { MaxSizeAllowed: String(LONGEST_KEY_BYTES) },
    });
  }
}

/**
 * The file name that belongs to a key and to no other one, on any file system: lower-case ASCII
 * letters, digits, `.`, `_` and `-` stand for themselves, every other byte is `%xx`, so that neither
 * folding of case nor Unicode forms nor `..` can make two keys one. Long keys are hashed.
 */
export function fileNameOf(key: string): string {
  let name = "";
  for (const byte of Buffer.from(key, "utf8")) {
    const character = String.fromCharCode(byte);
    name += /[a-z0-9._-]/.test(character) ? character : `%${byte.toString(16).padStart(2, "0")}`;
  }
  if (name.length > LONGEST_NAME) {
    name = `${HASHED}${createHash("sha256").update(key).digest("hex")}`;
  }
  return `${name}${ENDING}`;
}

/** The key a file name stands for; `undefined` for hashed names, whose file says it. */
export function keyOfFileName(name: string): string | undefined {
  if (name.startsWith(HASHED) || !name.endsWith(ENDING)) return undefined;
  return decodeURIComponent(name.slice(0, -ENDING.length));
}

/**
 * Where a person finds the object as a plain file below the bucket's folder: the key's own path, if
 * that is a path on every system. `undefined` for keys such as `a//b`, `../x`, `a/` or `a\b`.
 */
export function plainPathOf(key: string): string[] | undefined {
  const segments = key.split("/");
  return segments.every(isPlainName) ? segments : undefined;
}

/** Amazon lists keys by their UTF-8 bytes; JavaScript compares UTF-16 units, which differs above U+FFFF. */
export function compareKeys(one: string, other: string): number {
  const shared = Math.min(one.length, other.length);
  for (let i = 0; i < shared; i++) {
    const a = one.charCodeAt(i);
    const b = other.charCodeAt(i);
    if (a === b) continue;
    if (isSurrogate(a) !== isSurrogate(b)) return isSurrogate(a) ? 1 : -1;
    return a - b;
  }
  return one.length - other.length;
}

/** Whether this may be a bucket's name (and so a folder's). */
export function isBucketName(name: string): boolean {
  return (
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) &&
    !name.includes("..") &&
    !/^\d+\.\d+\.\d+\.\d+$/.test(name)
  );
}

function isPlainName(segment: string): boolean {
  return (
    segment !== "" &&
    segment !== "." &&
    segment !== ".." &&
    Buffer.byteLength(segment) <= LONGEST_SEGMENT_BYTES &&
    !/[\\:\p{Cc}]/u.test(segment)
  );
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}
