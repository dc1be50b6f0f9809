import type { Database } from "../data/database.ts";
import { lockRun } from "../data/runs.ts";
import { sql, uuid } from "../data/sql.ts";
import type { Services } from "../services/services.ts";
import { CHAIN_START } from "./audit-chain.ts";
import { appendAudit, headOf } from "./audit-log.ts";
import { MANIFEST } from "./manifest.ts";

/** A bundle, by where it lies and the SHA-256 of its manifest. */
export interface Bundle {
  readonly prefix: string;
  readonly manifestDigest: string;
}

/** What both logs were when a bundle was read. */
export interface Heads {
  readonly head: string;
  readonly securityHead: string;
}

/** Notes that a bundle will be whole in a moment: its manifest is written next, and the log is told then. */
export const noteBundle = (
  db: Database,
  run: string,
  { prefix, manifestDigest }: Bundle,
  { head, securityHead }: Heads,
): Promise<number> =>
  db.execute(sql`
    insert into wavegate.audit_bundles (run_id, prefix, manifest_digest, head, security_head)
    values (${uuid(run)}, ${prefix}, ${manifestDigest}, ${head}, ${securityHead})
    on conflict do nothing`);

/**
 * Tells the log of bundles that are whole and that it does not know: their exports were cut off between manifest
 * and entry.
 *
 * @returns the one that shows the run as it stands, if there is one: sent again, an export is that bundle
 */
export async function tellUnlogged(
  { stage, evidence, clock }: Pick<Services, "stage" | "evidence" | "clock">,
  run: string,
  folder: string,
): Promise<Bundle | undefined> {
  const unlogged = await stage.rows<Bundle & Heads>(sql`
    select b.prefix, b.manifest_digest as "manifestDigest", b.head, b.security_head as "securityHead"
      from wavegate.audit_bundles b
     where b.run_id = ${uuid(run)} and not exists (
       select from wavegate.audit_log l
        where l.run_id = b.run_id and l.action = 'export-audit' and l.details ->> 'prefix' = b.prefix)
     order by b.prefix`);
  if (unlogged.length === 0) return undefined;
  const keys = new Set((await evidence.list(folder)).map(({ key }) => key));
  const now = await headsNow(stage, run);
  let same: Bundle | undefined;
  for (const { prefix, manifestDigest, head, securityHead } of unlogged) {
    if (!keys.has(`${prefix}/${MANIFEST}`)) continue;
    const bundle = { prefix, manifestDigest };
    await logBundle(stage, run, bundle, clock());
    same = head === now.head && securityHead === now.securityHead ? bundle : undefined;
  }
  return same;
}

async function headsNow(db: Database, run: string): Promise<Heads> {
  const { hash } = await headOf(db, run);
  const [last] = await db.rows<{ hash: string }>(
    sql`select hash from wavegate.security_log order by seq desc limit 1`,
  );
  return { head: hash, securityHead: last?.hash ?? CHAIN_START };
}

/** Tells the log of a bundle, once. */
export const logBundle = (
  db: Database,
  run: string,
  { prefix, manifestDigest }: Bundle,
  at: Date,
): Promise<void> =>
  db.transaction(async (transaction) => {
    await lockRun(transaction, run);
    const [told] = await transaction.rows(sql`
      select 1 as yes from wavegate.audit_log
       where run_id = ${uuid(run)} and action = 'export-audit' and details ->> 'prefix' = ${prefix}`);
    if (told) return;
    const details = { prefix, manifest: manifestDigest };
    const event = { actor: "wavegate", action: "export-audit", digest: manifestDigest, details };
    await appendAudit(transaction, run, event, at);
  });
