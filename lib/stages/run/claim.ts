import { randomUUID } from "node:crypto";
import { type Database, ownLimits } from "../../data/database.ts";
import { retryTransient } from "../../data/retry.ts";
import { findRunState, lockRun, lockRunState, type Run, requirePeople } from "../../data/runs.ts";
import { requireSame, thisServer } from "../../data/same-server.ts";
import { raw, sql, uuid } from "../../data/sql.ts";
import { Refusal } from "../../services/errors.ts";
import { requireStage, type Stage, stageOrder } from "./opened-run.ts";

/**
 * One judging of a run's rows, from its beginning to its end: rows are judged by one stage at a time, and
 * the latest to begin counts. One that another overtook writes nothing more, and does not end its stage.
 */
export interface Claim {
  readonly run: Run;
  readonly id: string;
  /** The stage that the run was put back to, and from which this one brings it on. */
  readonly from: Stage;
  /** The server that it began on (`data/same-server.ts`). */
  readonly server: string;
  /** By what all rows were decided, where the stage before it is the validation that did (`rests-on.ts`). */
  readonly restsOn: string | null;
}

/**
 * Begins a stage: the run goes back to the one before it, so that a cut is judged again before anything
 * rests on it, and what was asked about the former state is withdrawn (`schema/006-questions.sql`). Whoever
 * writes for an earlier claim is waited for. Errors: `RunErased`, `StageMissing`.
 */
export async function beginStage(db: Database, run: Run, from: Stage): Promise<Claim> {
  const id = randomUUID();
  const begun = await again(db, async (transaction) => {
    requireStage(await lockRunState(transaction, run.id), from);
    const [claimed] = await transaction.rows<{ rests_on: string | null }>(
      sql`select rests_on from wavegate.stage_claims where run_id = ${uuid(run.id)}`,
    );
    const { server } = await transaction.one<{ server: string }>(sql`
      insert into wavegate.stage_claims (run_id, claim) values (${uuid(run.id)}, ${uuid(id)})
      on conflict (run_id) do update set claim = excluded.claim, rests_on = null returning ${thisServer} as server`);
    await transaction.execute(sql`
      update wavegate.legacy_import_runs set stage = ${from}, updated_at = now() where id = ${uuid(run.id)}`);
    return { server, restsOn: claimed?.rests_on ?? null };
  });
  return { run, id, from, ...begun };
}

/** What stages write may be written twice: a transaction whose response was lost is done again, whole. */
const again = <Result>(
  db: Database,
  work: (transaction: Database) => Promise<Result>,
): Promise<Result> => retryTransient(() => db.transaction(work), { repeatable: true });

/**
 * Writes something of a stage, in one transaction under its own limits, as it is about many rows; no other stage begins
 * until it ends. Errors: `StageOvertaken`.
 *
 * @param also what the transaction sets for itself besides, in the list of a select
 */
export const whileClaimed = <Result>(
  db: Database,
  claim: Claim,
  work: (transaction: Database) => Promise<Result>,
  also?: string,
): Promise<Result> => again(db, (transaction) => underClaim(transaction, claim, work, also));

/**
 * The same of what answers how much it changed: done again it would find that done, and answer something else. Where its
 * response was lost the stage ends with that, and is sent again from its beginning.
 */
export const onceWhileClaimed = <Result>(
  db: Database,
  claim: Claim,
  work: (transaction: Database) => Promise<Result>,
): Promise<Result> =>
  retryTransient(() => db.transaction((transaction) => underClaim(transaction, claim, work)), {
    repeatable: false,
  });

async function underClaim<Result>(
  transaction: Database,
  claim: Claim,
  work: (transaction: Database) => Promise<Result>,
  also?: string,
): Promise<Result> {
  await requireClaim(
    transaction,
    claim,
    "share",
    also === undefined ? [ownLimits] : [ownLimits, also],
  );
  return work(transaction);
}

/**
 * Ends a stage, if nobody judged the run anew or decided anything that it rests on since it began, and one server took all of it;
 * `work` is what belongs to the end. Errors: `StageOvertaken`, `ConnectionLost`.
 */
export async function endStage(
  db: Database,
  claim: Claim,
  stage: Stage,
  work: (transaction: Database) => Promise<unknown> = async () => {},
): Promise<void> {
  await again(db, async (transaction) => {
    await lockRun(transaction, claim.run.id);
    await requireClaim(transaction, claim, "update");
    const ended = await transaction.execute(sql`
      update wavegate.legacy_import_runs set stage = ${stage}, updated_at = now()
       where id = ${uuid(claim.run.id)} and stage in (${claim.from}, ${stage})`);
    // A decision about a mapping puts the run back without a claim.
    if (ended === 0) throw overtaken(claim);
    await work(transaction);
  });
}

async function requireClaim(
  transaction: Database,
  claim: Claim,
  lock: "share" | "update",
  limits: readonly string[] = [],
): Promise<void> {
  const [own] = await transaction.rows<{ server: string }>(sql`
    select ${thisServer} as server${raw(["", ...limits].join(", "))} from wavegate.stage_claims
     where run_id = ${uuid(claim.run.id)} and claim = ${uuid(claim.id)} for ${raw(lock)}`);
  if (own) return requireSame(own.server, claim.server);
  requirePeople(await findRunState(transaction, claim.run.id), "Judging");
  throw overtaken(claim);
}

/** What a stage is refused with that judged rows by what does not hold any more. */
export function overtaken({ run, from }: Claim): Refusal {
  const stage = stageOrder[stageOrder.indexOf(from) + 1];
  return new Refusal(
    "StageOvertaken",
    `The rows of ${run.reference} were judged anew, or something they rest on was decided, while ${stage} worked. Nothing was committed, ` +
      `and nothing was shown to anybody. \`wavegate resume --run ${run.reference}\` judges them again.`,
  );
}
