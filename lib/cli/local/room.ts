import { statfs } from "node:fs/promises";
import { homeAt } from "../../embedded/runtime/home.ts";
import type { Io } from "../io.ts";
import { isLocal } from "../place.ts";

/** PostgreSQL makes its log in pieces of 16 MiB, and ends itself where it cannot make one. */
const least = 16 * 1_024 * 1_024;

/**
 * That the disk of this machine's runtime has no room left, and what comes of that; undefined where it has, and on AWS.
 *
 * @param left bytes that may still be written there
 */
export async function withoutRoom(
  io: Io,
  left: (folder: string) => Promise<number> = bytesLeft,
): Promise<string | undefined> {
  if (!isLocal(io)) return undefined;
  const { folder } = homeAt(io.env, io.cwd);
  const bytes = await left(folder).catch(() => undefined);
  if (bytes === undefined || bytes >= least) return undefined;
  return `The disk of ${folder} is full: what is under way waits for room, or fails. Make room; what waits goes on by itself.`;
}

async function bytesLeft(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
