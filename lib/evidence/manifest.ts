import { createHash } from "node:crypto";
import * as z from "zod";

const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/);
/** A file lies beside the manifest: its name is never a path. */
const fileName = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,99}$/);

const ManifestSchema = z.object({
  kind: z.enum(["review", "audit"]),
  format: z.literal(1),
  /** Id of the run. */
  run: z.string(),
  reference: z.string(),
  migration: z.string(),
  /** SHA-256 of the definition in canonical JSON (W5). */
  definition_digest: sha256Hex,
  /** The dry run a review export shows (W7). */
  dry_run_digest: z.string().optional(),
  /** When an audit bundle was made, ISO 8601. A review export has no time: the same data, the same bytes. */
  exported_at: z.string().optional(),
  /** How many entries the audit log had, and the hash of the last: a cut-off tail shows (W12). */
  audit_log: z.object({ entries: z.number().int().nonnegative(), head: sha256Hex }).optional(),
  /** The same of the log of what happens around runs: permissions, sign-ins, refusals (W8). */
  security_log: z.object({ entries: z.number().int().nonnegative(), head: sha256Hex }).optional(),
  /** In the order of their names. `rows`: records without the header; null where a file is not a list. */
  files: z.array(
    z.object({
      name: fileName,
      sha256: sha256Hex,
      bytes: z.number().int().nonnegative(),
      rows: z.number().int().nonnegative().nullable(),
      /** SHA-256 of what is compressed: how it is compressed changes with the library. */
      content: sha256Hex.optional(),
    }),
  ),
});

/** What a bundle consists of: the file `manifest.json`. */
export type Manifest = z.infer<typeof ManifestSchema>;
export type ManifestFile = Manifest["files"][number];

/** The manifest's own name in a bundle. */
export const MANIFEST = "manifest.json";

/** The signature's own name in a bundle: it lies beside the manifest, which does not name it. */
export const SIGNATURE = "signature.json";

const unlisted: readonly string[] = [MANIFEST, SIGNATURE];

/** The order in which a manifest's keys are written: a database that keeps it may forget theirs. */
const keys = [
  ...["kind", "run", "reference", "migration", "definition_digest", "dry_run_digest"],
  ...["exported_at", "audit_log", "entries", "head", "security_log", "format", "files"],
  ...["name", "sha256", "bytes", "rows", "content"],
];

/** The bytes of `manifest.json`: the same for the same manifest, whatever the order of its keys. */
export const manifestBytes = (manifest: Manifest): Buffer =>
  Buffer.from(`${JSON.stringify(manifest, keys, 2)}\n`);

/** SHA-256 as hex, of a manifest's bytes above all: what a sign-off or a letter quotes. */
export const sha256 = (bytes: Buffer | string): string =>
  createHash("sha256").update(bytes).digest("hex");

/** The manifest in these bytes, or in words why it is none. */
export function parseManifest(bytes: Buffer): { manifest: Manifest } | { because: string } {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString("utf8"));
  } catch {
    return { because: `${MANIFEST} is not JSON.` };
  }
  const parsed = ManifestSchema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return {
      because: `${MANIFEST} is not a manifest: ${issue?.path.join(".")}: ${issue?.message}.`,
    };
  }
  const names = parsed.data.files.map(({ name }) => name);
  if (new Set(names).size !== names.length || names.some((name) => unlisted.includes(name))) {
    return { because: `${MANIFEST} names a file twice, itself, or its signature.` };
  }
  return { manifest: parsed.data };
}
