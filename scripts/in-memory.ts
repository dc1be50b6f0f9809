import { access, constants, statfs } from "node:fs/promises";
import { freemem, tmpdir } from "node:os";

/** Where Linux keeps files in memory. */
export const memory = "/dev/shm";

/** What servers, templates and folders of one run of tests may come to at a time, in bytes, with room to spare. */
export const roomOfTests: number = 6 * 2 ** 30;

/**
 * Where temporary folders are made that may come to so many bytes: where the environment says, or else in memory, if it
 * holds them; a database is copied there in a third of the time.
 */
export async function placeFor(bytes: number): Promise<string> {
  if (process.env.TMPDIR) return tmpdir();
  try {
    await access(memory, constants.W_OK | constants.X_OK);
    const { bavail, bsize } = await statfs(memory);
    // What the mount may hold is not what the machine has left.
    return Math.min(bavail * bsize, freemem()) >= bytes ? memory : tmpdir();
  } catch {
    return tmpdir();
  }
}
