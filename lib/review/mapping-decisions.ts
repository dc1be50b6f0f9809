import { nearestTargets } from "../compile/mappings.ts";
import type { Database } from "../data/database.ts";
import type { ExactId } from "../data/exact.ts";
import type { Run } from "../data/runs.ts";
import { bigint, identifier, raw, type Sql, sql, timestamp, uuid } from "../data/sql.ts";
import type { NamedReference, Reference } from "../define/definition.ts";
import { appendAudit } from "../evidence/audit-log.ts";
import { Refusal } from "../services/errors.ts";

/** What a person says about one legacy course or session. */
export type Decision =
  | { readonly id: ExactId; readonly confirm: true; readonly target: ExactId | null }
  | { readonly id: ExactId; readonly reject: true };

/**
 * Keeps decisions about mappings, all or none, with the person and an audit entry (R8). A later
 * suggestion never replaces them; a sign-off that was given before is void by its digest (W7).
 * Errors: `UnknownMapping`, `NothingSuggested`, `SeveralSuggested`, `UnknownTarget`, `PlaceholderSession`.
 */
export async function decideMappings(
  db: Database,
  run: Run,
  reference: Reference,
  decisions: readonly Decision[],
  by: { readonly person: string; readonly at: Date },
): Promise<void> {
  await db.transaction(async (transaction) => {
    for (const decision of decisions) {
      await decideOne(transaction, run, reference, decision, by);
    }
    // What was judged rests on the mappings: it is judged again before anything more is signed or written.
    await transaction.execute(sql`
      update wavegate.legacy_import_runs set stage = 'validate', updated_at = now()
       where id = ${uuid(run.id)} and stage in ('classify', 'match', 'dry-run', 'export-review')`);
    const event = {
      actor: by.person,
      action: "mappings-decided",
      details: { table: reference.staging.table, decisions },
    };
    await appendAudit(transaction, run.id, event, by.at);
  });
}

async function decideOne(
  db: Database,
  run: Run,
  reference: Reference,
  decision: Decision,
  by: { readonly person: string; readonly at: Date },
): Promise<void> {
  const target = raw(identifier(reference.staging.target));
  const mappings = raw(`wavegate.${identifier(reference.staging.table)}`);
  const which = sql`run_id = ${uuid(run.id)} and ${raw(identifier(reference.staging.id))} = ${bigint(decision.id)}`;
  const [known] = await db.rows<{ target: ExactId | null; session_type?: string }>(
    reference.kind === "by_code"
      ? sql`select to_jsonb(${target}) as target, session_type from ${mappings} where ${which} for update`
      : sql`select to_jsonb(${target}) as target from ${mappings} where ${which} for update`,
  );
  if (known === undefined) {
    throw new Refusal(
      "UnknownMapping",
      `${run.reference} has no legacy ${reference.from} ${decision.id}. Nothing was written.`,
    );
  }
  const decided = sql`decided_by = ${by.person}, decided_at = ${timestamp(by.at.toISOString())}`;
  if ("reject" in decision) {
    await db.execute(sql`
      update ${mappings} set status = 'rejected', ${target} = null, ${decided} where ${which}`);
    return;
  }
  if (known.session_type === "placeholder_session") {
    throw new Refusal(
      "PlaceholderSession",
      `Legacy session ${decision.id} is a waiting list, and that is never a cohort. Nothing was written; reject it or leave it.`,
    );
  }
  const to = decision.target ?? known.target;
  if (to === null) {
    throw new Refusal(
      "NothingSuggested",
      `Nothing is suggested for ${reference.from} ${decision.id}. Nothing was written; name the platform's id, as in --confirm ${decision.id}=7.`,
    );
  }
  if (decision.target === null && reference.kind === "by_name") {
    await requireOneNearest(db, reference, decision.id, which);
  }
  await requireTarget(db, reference, to);
  await db.execute(sql`
    update ${mappings} set status = 'confirmed', ${target} = ${bigint(to)}, ${decided} where ${which}`);
}

/** Of several that are equally near the one with the lowest id is suggested: which is meant is asked. */
async function requireOneNearest(
  db: Database,
  reference: NamedReference,
  id: ExactId,
  which: Sql,
): Promise<void> {
  const nearest = await db.rows<{ id: ExactId }>(nearestTargets(reference, which));
  if (nearest.length <= 1) return;
  const ids = nearest.map((each) => each.id);
  throw new Refusal(
    "SeveralSuggested",
    `Legacy ${reference.from} ${id} is equally near to ${ids.length} ${reference.platform.table} of the platform: ${ids.join(", ")}. ` +
      `Nothing was written; say which is meant, as in --confirm ${id}=${ids[0]}.`,
  );
}

async function requireTarget(db: Database, { platform }: Reference, id: ExactId): Promise<void> {
  const found = await db.rows(sql`
    select 1 as yes from ${raw(identifier(platform.table))}
     where ${raw(identifier(platform.id))} = ${bigint(id)}`);
  if (found.length > 0) return;
  throw new Refusal(
    "UnknownTarget",
    `The platform has no ${platform.table} ${id}. Nothing was written.`,
  );
}
