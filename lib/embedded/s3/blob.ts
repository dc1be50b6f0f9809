import { randomUUID } from "node:crypto";
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { syncDirectory } from "../identity/durable.ts";

/** New bytes on their way into a folder: nobody knows their name until a record refers to it. */
export interface NewBlob {
  readonly name: string;
  write(piece: Uint8Array): Promise<void>;
  /** Makes the bytes durable. */
  finish(): Promise<void>;
  /** Throws the bytes away. */
  discard(): Promise<void>;
}

/** Starts a file for new bytes, read-only for everybody who comes later. */
export async function newBlob(directory: string): Promise<NewBlob> {
  const name = randomUUID();
  const path = join(directory, name);
  const handle = await open(path, "wx", 0o444);
  let isOpen = true;
  const close = async () => {
    if (isOpen) await handle.close();
    isOpen = false;
  };
  return {
    name,
    write: async (piece) => {
      for (let at = 0; at < piece.length; ) {
        at += (await handle.write(piece, at)).bytesWritten;
      }
    },
    finish: async () => {
      await handle.sync();
      await close();
      await syncDirectory(directory);
    },
    discard: async () => {
      await close();
      await rm(path, { force: true });
    },
  };
}
