import { decideRows } from "../compile/judge/decide.ts";
import {
  countSharedEmails,
  findSharedEmails,
  findSharedPhones,
  validateRows,
} from "../compile/judge/validate.ts";
import { contactsOf } from "../compile/match/context.ts";
import { allDecisions, decisionsTable, type RowRange } from "../compile/rows.ts";
import { gatherStatistics } from "../compile/statistics.ts";
import type { Database } from "../data/database.ts";
import { join, raw, type Sql, sql, uuid } from "../data/sql.ts";
import type { Migration } from "../define/definition.ts";
import type { WholeMigration } from "../define/several.ts";
import type { Services } from "../services/services.ts";
import { beginStage, endStage, whileClaimed } from "./run/claim.ts";
import { onceOrAgain } from "./run/once-or-again.ts";
import { openAfter } from "./run/opened-run.ts";
import { inLanes, noteProgress, overRanges, wholeStage } from "./run/ranges.ts";
import { restsOn } from "./run/rests-on.ts";

/** Rows by validation status, and addresses that too many rows share. */
export interface Validated {
  readonly run: string;
  readonly statuses: Record<string, number>;
  readonly sharedEmails: number;
}

/**
 * Judges whether each row can be trusted (M10, D9), and decides about new rows as far as that can be
 * done before anything is compared. May run again at any time before a commit.
 */
export async function validate(services: Services, id: string): Promise<Validated> {
  const { run, migration, parts } = await openAfter(services, id, "import");
  const db = services.stage;
  const claim = await beginStage(db, run, "import");
  await noteProgress(db, run.id, "validate", 0);
  const judging = contactsOf(parts);
  const contacts = [findSharedPhones(judging, run.id), findSharedEmails(judging, run.id)];
  const [by] = await Promise.all([
    whatDecides(db, parts, migration, run.id),
    inLanes(contacts, (statements) =>
      whileClaimed(db, claim, async (transaction) => {
        for (const statement of statements) await transaction.execute(statement);
      }),
    ),
  ]);
  const judge = async (migration: Migration, range: RowRange): Promise<void> => {
    const write = (statement: Sql) =>
      whileClaimed(db, claim, (transaction) => transaction.execute(statement));
    await onceOrAgain((repeated) => write(decideRows(migration, range, repeated)));
    // About rows of an earlier validation something is decided already.
    if (by === null) await write(validateRows(migration, range));
  };
  await overRanges(db, parts, run.id, "validate", judge, 600, 9_700);
  const gathered = inLanes(parts, async ({ entity }) => {
    await db.execute(gatherStatistics(`${entity.staging.table}_decisions`));
  });
  // What was said meanwhile of a mapping some rows were decided by, and others not.
  const [since] = await Promise.all([
    by === null ? null : restsOn(db, migration, run.id),
    gathered,
  ]);
  const one = by !== null && by === since;
  await endStage(db, claim, "validate", (transaction) =>
    transaction.execute(sql`
      update wavegate.stage_claims set rests_on = ${one ? by : null}::text where run_id = ${uuid(run.id)} and claim = ${uuid(claim.id)}`),
  );
  const { shared } = await db.one<{ shared: number }>(countSharedEmails(run.id));
  const { statuses } = await db.one<{ statuses: Record<string, number> }>(sql`
    select coalesce(jsonb_object_agg(validation_status, n), '{}') as statuses
      from (select validation_status, count(*) as n from ${raw(allDecisions(parts, "validation_status"))} d
             where run_id = ${uuid(run.id)} group by 1) counted`);
  await noteProgress(db, run.id, "validate", wholeStage);
  return { run: run.id, statuses, sharedEmails: shared };
}

/** By what all rows will be decided (`rests-on.ts`); null where something is decided about some already. */
async function whatDecides(
  db: Database,
  parts: readonly Migration[],
  migration: WholeMigration,
  run: string,
): Promise<string | null> {
  const { decided } = await db.one<{ decided: boolean }>(sql`
    select ${join(
      parts.map(
        (part) =>
          sql`exists (select from ${raw(decisionsTable(part))} where run_id = ${uuid(run)})`,
      ),
      " or ",
    )} as decided`);
  return decided ? null : restsOn(db, migration, run);
}
