import type { Database } from "../../data/database.ts";
import type { Run } from "../../data/runs.ts";
import { sql, uuid } from "../../data/sql.ts";
import { appendAudit } from "../../evidence/audit-log.ts";
import { contentType } from "../../evidence/bundle.ts";
import { MANIFEST, type ManifestFile, parseManifest, sha256 } from "../../evidence/manifest.ts";
import { Refusal } from "../../services/errors.ts";
import type { Services } from "../../services/services.ts";
import { findPerson, type Permission } from "../people/people.ts";
import { denied } from "../people/permissions.ts";

/** Whoever reviews or signs off takes exports along: they hold every row, masked (D20). */
export const exportsTake: readonly [Permission, Permission] = [
  "legacy_imports.review",
  "legacy_imports.commit",
];

/** Seconds for which the address of a file can be used. */
const linkSeconds = 60;

/** An export that the log tells of, as its manifest says what is in it. */
export interface Exported {
  readonly kind: "review" | "audit";
  /** ISO 8601. */
  readonly at: string;
  /** SHA-256 of its manifest: what the log, the mails and a sign-off quote. */
  readonly digest: string;
  readonly files: readonly ManifestFile[];
}

/** A file on its way to a person. */
export interface Taken {
  readonly file: ManifestFile;
  /** Gives the file to whoever has it, for a minute. */
  readonly url: string;
}

/**
 * The export of a run whose manifest has this digest, held against it. Errors: `UnknownExport`, `BundleDamaged`.
 */
export async function exported(
  { sign, evidence }: Pick<Services, "sign" | "evidence">,
  run: Run,
  digest: string,
): Promise<Exported> {
  const { kind, prefix, at } = await placeOf(sign, run, digest);
  const bytes = await evidence.get(`${prefix}/${MANIFEST}`);
  const parsed = parseManifest(bytes);
  if (sha256(bytes) !== digest || "because" in parsed) {
    throw new Refusal(
      "BundleDamaged",
      `The manifest of this export of ${run.reference} is not the one that was signed. Nothing was downloaded; tell the owner of the bucket.`,
    );
  }
  return { kind, at, digest, files: parsed.manifest.files };
}

/**
 * Gives one file of an export to a person, and tells the run's log of it first (W12). Errors: `PermissionDenied`,
 * `UnknownExport`, `BundleDamaged`.
 */
export async function takeFile(
  services: Pick<Services, "sign" | "evidence" | "clock">,
  run: Run,
  { digest, name, person }: { digest: string; name: string; person: string },
): Promise<Taken> {
  const { sign, evidence, clock } = services;
  const found = await findPerson(sign, person);
  if (!found || !exportsTake.some((each) => found.permissions.includes(each))) {
    throw denied(exportsTake);
  }
  const { prefix } = await placeOf(sign, run, digest);
  const file = (await exported(services, run, digest)).files.find((each) => each.name === name);
  if (file === undefined) throw unknown(run);
  const event = { actor: found.name, action: "export-downloaded", digest, details: { file: name } };
  await appendAudit(sign, run.id, event, clock());
  const url = await evidence.link(`${prefix}/${name}`, {
    fileName: `${run.reference}-${name}`,
    contentType: contentType(name),
    seconds: linkSeconds,
  });
  return { file, url };
}

/** Where the log says that it lies: no path is ever taken from who asks. */
async function placeOf(db: Database, run: Run, digest: string) {
  const [found] = await db.rows<{ action: string; prefix: string; at: string }>(sql`
    select action, details ->> 'prefix' as prefix, at from wavegate.audit_log
     where run_id = ${uuid(run.id)} and action in ('export-audit', 'export-review') and digest = ${digest}
       and jsonb_exists(details, 'prefix')
     order by seq desc limit 1`);
  if (!found) throw unknown(run);
  const kind = found.action === "export-review" ? ("review" as const) : ("audit" as const);
  return { kind, prefix: found.prefix, at: found.at };
}

const unknown = ({ reference }: Run): Refusal =>
  new Refusal(
    "UnknownExport",
    `${reference} has no such export, or no such file in it. Nothing was downloaded; its audit page lists what was exported.`,
  );
