import { constants, createReadStream } from "node:fs";
import { type FileHandle, open, readdir, readlink, realpath, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { Readable } from "node:stream";
import { FilesUnreachable } from "../errors.ts";
import {
  type Files,
  type FoundFile,
  formsOf,
  OneFileUnreadable,
  partsOfName,
  UnsafeName,
} from "./files.ts";

/** Bytes of a file that is read at once. */
const small = 256 * 1024;

const absent = new Set(["ENOENT", "ENOTDIR", "ENAMETOOLONG"]);
/**
 * What ails one file, or a folder above it, and not the place of all: a link to itself, the rights, a sector of a disk,
 * what is no file. Whatever else a system says, such as that no more files can be opened, is said of no file.
 */
const ofOne = new Set([
  ...["ELOOP", "EACCES", "EPERM", "EISDIR", "EIO", "ENXIO", "ENODEV", "EINVAL", "EOVERFLOW"],
  ...["EFBIG", "ESPIPE", "EBADMSG", "EUCLEAN", "ESTALE", "EBUSY", "ETXTBSY", "EILSEQ"],
]);
/** Of these what a system of another machine's files says when those were put in place anew, or are waited for. */
const passing = new Set(["ESTALE", "EIO", "EBUSY"]);
const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error ? String(error.code) : "error";

/**
 * A folder of files. A folder that holds one file and nothing else is that file, as stores keep versions; a name is
 * looked for as it is written, then with accents put together, and apart. What a link goes to outside of the folder
 * is not read.
 */
export function openFolder(path: string): Files {
  const description = `folder ${path}`;
  const gone = (error: unknown) =>
    new FilesUnreachable(
      `The ${description} cannot be read (${codeOf(error)}). Nothing was written; check that it is there and readable, and give it with --storage-path.`,
      { cause: error },
    );
  const root = async () => {
    try {
      const real = await realpath(path);
      if ((await stat(real)).isDirectory()) {
        // Whether what is in it can be reached.
        await stat(`${real}${sep}.`);
        return real;
      }
    } catch (error) {
      throw gone(error);
    }
    throw gone(Object.assign(new Error("no folder"), { code: "ENOTDIR" }));
  };
  /** Where the place itself can be read, it is the file. */
  const failed = async (error: unknown) => {
    const code = codeOf(error);
    if (!ofOne.has(code)) return gone(error);
    return root().then(
      () =>
        new OneFileUnreadable(`A file cannot be read (${code}).`, {
          cause: error,
          mayPass: passing.has(code),
        }),
      (unreachable: FilesUnreachable) => unreachable,
    );
  };
  let known: Promise<string> | undefined;
  return {
    description,
    failed,
    check: async () => void (await root()),
    find: async (name) => {
      known ??= root();
      const within = await known;
      const parts = partsOfName(name);
      for (const form of formsOf(name)) {
        try {
          const found = await fileAt(within, join(within, ...partsOfName(form)), parts.length);
          if (found !== undefined) return found;
        } catch (error) {
          if (error instanceof UnsafeName || error instanceof OneFileUnreadable) throw error;
          if (!absent.has(codeOf(error))) throw await failed(error);
        }
      }
      // Where all of it is gone, a file is not what is missing.
      await root();
      return undefined;
    },
  };

  async function fileAt(within: string, at: string, depth: number): Promise<FoundFile | undefined> {
    const real = await realpath(at);
    if (!real.startsWith(within + sep)) throw new UnsafeName("A link goes out of the folder.");
    const facts = await stat(real);
    if (facts.isDirectory()) {
      const [only, ...others] = await readdir(real, { withFileTypes: true });
      if (only === undefined || others.length > 0 || !only.isFile() || depth < 2) return undefined;
      return fileAt(within, join(real, only.name), depth);
    }
    // A pipe, a socket or a device: nobody waits for what comes of it.
    if (!facts.isFile()) throw new OneFileUnreadable("What lies there is no file.");
    const name = relative(within, real);
    partsOfName(name);
    return {
      name,
      size: facts.size,
      bytes: async () => {
        try {
          const handle = await openItself(real);
          if (handle !== undefined) return await bytesOf(handle, facts.size);
        } catch (error) {
          if (!elsewhere.has(codeOf(error))) throw await failed(error);
        }
        await root();
        return undefined;
      },
    };
  }
}

/** A link, a folder or nothing lies where a file was found. */
const elsewhere = new Set([...absent, "ELOOP", "EISDIR", "ENXIO"]);

/**
 * Opens a file where it was found; undefined where something else came into its place, or into that of a folder above it:
 * a link that goes out, or a pipe, which is not waited for.
 */
async function openItself(real: string): Promise<FileHandle | undefined> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  const handle = await open(real, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  let itself = false;
  try {
    // What was opened tells itself where it lies, wherever its name goes by now.
    const lies = await readlink(`/proc/self/fd/${handle.fd}`).catch(() => realpath(real));
    itself = lies === real && (await handle.stat()).isFile();
  } finally {
    if (!itself) await handle.close();
  }
  return itself ? handle : undefined;
}

/** The bytes of an open file: of a small one all at once, unless it grew. Closes it in the end. */
async function bytesOf(handle: FileHandle, size: number): Promise<Readable> {
  if (size > small) return createReadStream("", { fd: handle });
  try {
    const bytes = Buffer.alloc(size + 1);
    let read = 0;
    for (let more = 1; more > 0 && read < bytes.length; read += more)
      more = (await handle.read(bytes, read, bytes.length - read, read)).bytesRead;
    if (read === bytes.length) return createReadStream("", { fd: handle, start: 0 });
    await handle.close();
    return Readable.from(read === 0 ? [] : [bytes.subarray(0, read)]);
  } catch (error) {
    await handle.close();
    throw error;
  }
}
