import { createHash } from "node:crypto";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { EvidenceStore, Signer } from "../services/services.ts";
import { steerless } from "./json-text.ts";
import {
  MANIFEST,
  type Manifest,
  type ManifestFile,
  manifestBytes,
  SIGNATURE,
  sha256,
} from "./manifest.ts";
import { type Statement, signBundle } from "./signature.ts";

/** A piece of a file, and how many records end in it. */
export interface Chunk {
  readonly text: string;
  readonly rows: number;
}

/** Writes the files of one bundle, then its manifest: a bundle without a manifest is unfinished. */
export interface BundleWriter {
  /** A small file. `rows` where it is a list. */
  json(name: string, value: unknown, rows?: number): Promise<void>;
  /** A small file of words. */
  text(name: string, text: string): Promise<void>;
  /** A file of any size, compressed when its name ends in `.gz`; never held as a whole. */
  stream(name: string, chunks: AsyncIterable<Chunk>): Promise<void>;
  /**
   * Signs the manifest and the head of the audit log, and writes both: the signature first.
   *
   * @param before done when all but the manifest is written
   */
  finish(
    about: Omit<Manifest, "format" | "files">,
    log: Statement["log"],
    before?: (manifestDigest: string) => Promise<unknown>,
  ): Promise<{ manifest: Manifest; manifestDigest: string }>;
}

/** Level 3 takes half the time of the default 6 and a tenth more room. */
const gzipLevel = 3;

/**
 * Starts a bundle below `prefix`. Nothing that exists is replaced: the first file claims the folder,
 * and the second of two exporters gets `ObjectExists`.
 */
export function writeBundle(store: EvidenceStore, prefix: string, signer: Signer): BundleWriter {
  const files: ManifestFile[] = [];
  const put = (name: string, body: Buffer | Readable) =>
    store.put(`${prefix}/${name}`, body, { contentType: contentType(name) });

  return {
    async json(name, value, rows) {
      const bytes = Buffer.from(`${steerless(JSON.stringify(value, null, 2))}\n`);
      await put(name, bytes);
      files.push({ name, sha256: sha256(bytes), bytes: bytes.length, rows: rows ?? null });
    },

    async text(name, text) {
      const bytes = Buffer.from(text);
      await put(name, bytes);
      files.push({ name, sha256: sha256(bytes), bytes: bytes.length, rows: null });
    },

    async stream(name, chunks) {
      let rows = 0;
      const source = async function* () {
        for await (const chunk of chunks) {
          rows += chunk.rows;
          if (chunk.text === "") continue;
          const bytes = Buffer.from(isJson ? steerless(chunk.text) : chunk.text);
          if (zipped) content.update(bytes);
          yield bytes;
        }
      };
      const isJson = /\.jsonl?$/u.test(name);
      const zipped = name.endsWith(".gz");
      const content = createHash("sha256");
      const meter = measure();
      const flowing = zipped
        ? pipeline(Readable.from(source()), createGzip({ level: gzipLevel }), meter.stream)
        : pipeline(Readable.from(source()), meter.stream);
      const writing = put(name, meter.stream).catch((error: Error) => {
        // Nobody reads any more: without this the source would wait for ever.
        meter.stream.destroy(error);
        throw error;
      });
      const [flow, write] = await Promise.allSettled([flowing, writing]);
      if (flow.status === "rejected") throw flow.reason;
      if (write.status === "rejected") throw write.reason;
      files.push({
        name,
        ...meter.result(),
        rows: isList(name) ? rows : null,
        ...(zipped ? { content: content.digest("hex") } : {}),
      });
    },

    async finish(about, log, before) {
      const inOrder = files.toSorted((left, right) => (left.name < right.name ? -1 : 1));
      const manifest: Manifest = { ...about, format: 1, files: inOrder };
      const bytes = manifestBytes(manifest);
      const manifestDigest = sha256(bytes);
      // A bundle with a manifest is a whole one, and a whole one is signed.
      await put(SIGNATURE, await signBundle(signer, { manifest: manifestDigest, log }));
      await before?.(manifestDigest);
      await put(MANIFEST, bytes);
      return { manifest, manifestDigest };
    },
  };
}

/** Streamed files hold one record a line, but for JSON. */
const isList = (name: string): boolean => !name.endsWith(".json");

/** Counts and hashes what passes through. */
function measure(): { stream: Transform; result: () => { sha256: string; bytes: number } } {
  const hash = createHash("sha256");
  let bytes = 0;
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  return { stream, result: () => ({ sha256: hash.digest("hex"), bytes }) };
}

/** What a file of a bundle is, by its name. */
export function contentType(name: string): string {
  if (name.endsWith(".gz")) return "application/gzip";
  if (name.endsWith(".csv")) return "text/csv; charset=utf-8";
  if (name.endsWith(".md")) return "text/markdown; charset=utf-8";
  if (name.endsWith(".jsonl")) return "application/x-ndjson";
  return "application/json";
}
