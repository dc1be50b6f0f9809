import { mainField } from "../compile/columns.ts";
import { believedBirthDate, contactsOf } from "../compile/match/context.ts";
import { findNoted, noteHints } from "../compile/match/hints.ts";
import { type Compared, type MatchStep, matchRounds } from "../compile/match/match.ts";
import { commonDates } from "../compile/match/similar.ts";
import { allDecisions, sourceTable } from "../compile/rows.ts";
import type { Database } from "../data/database.ts";
import { identifier, join, raw, sql, uuid } from "../data/sql.ts";
import type { Migration } from "../define/definition.ts";
import type { Services } from "../services/services.ts";
import { beginStage, endStage, whileClaimed } from "./run/claim.ts";
import { numberingOf } from "./run/numbering.ts";
import { openAfter } from "./run/opened-run.ts";
import {
  inNotedLanes,
  noteProgress,
  oneBehindAnother,
  overRanges,
  progressNotes,
  timeInLanes,
  wholeStage,
} from "./run/ranges.ts";

/** Rows by duplicate confidence: against the platform, and inside the source. */
interface Matched {
  readonly run: string;
  readonly platform: Record<string, number>;
  readonly source: Record<string, number>;
  readonly cappedGroups: number;
}

/**
 * Blocks have no statistics, and a sort of millions of them costs several times a hash: the planner is told so for the
 * transaction. Nor does it go through one side for each row of the other, of which it may expect one where a million come.
 */
export const comparing =
  "set_config('enable_mergejoin', 'off', true), set_config('enable_memoize', 'off', true), set_config('enable_nestloop', 'off', true)";

/**
 * Finds hints that a row's person is on the platform already, or stands more than once in the
 * source (M7, D6–D8). Hints only: nothing is merged. All hints of a run are found anew; a run whose
 * matching was cut off stands before it again, so that nothing goes on with half of them.
 */
export async function match(services: Services, id: string): Promise<Matched> {
  const { run, parts } = await openAfter(services, id, "classify");
  const db = services.stage;
  const migration = contactsOf(parts);
  const claim = await beginStage(db, run, "classify");
  await noteProgress(db, run.id, "match", 0);
  // Whoever notes hints for an earlier claim was waited for.
  const [compared, { noted }] = await Promise.all([
    comparedOf(db, migration, run.id),
    db.one<{ noted: boolean }>(findNoted(run.id)),
  ]);
  const rounds = matchRounds(migration, run.id, compared, numberingOf(migration), undefined, parts);
  const weights = rounds.map((steps) => timeInLanes(steps.map(({ weight }) => weight)));
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  const note = progressNotes(db, run.id, "match");
  // Finding hints is most of matching; noting them on the rows is the rest.
  const finding = wholeStage * 0.87;
  let done = 0;
  const take = oneBehindAnother((step: MatchStep) => {
    let { statements } = step;
    return whileClaimed(
      db,
      claim,
      async (transaction) => {
        const each = statements;
        ({ again: statements } = step);
        for (const statement of each) await transaction.execute(statement);
      },
      comparing,
    );
  });
  for (const [n, steps] of rounds.entries()) {
    const from = done;
    done += (finding * (weights[n] as number)) / whole;
    await inNotedLanes(note, { from, to: done }, steps, ({ weight }) => weight, take);
  }
  await overRanges(
    db,
    parts,
    run.id,
    "match",
    (part, range) =>
      whileClaimed(db, claim, (transaction) => transaction.execute(noteHints(part, range, noted))),
    finding,
  );
  await endStage(db, claim, "match");

  const counted = (side: string) => sql`
    (select coalesce(jsonb_object_agg(level, n), '{}')
       from (select ${raw(side)} as level, sum(n) as n from levels group by 1) counted)`;
  const found = await db.one<{
    platform: Matched["platform"];
    source: Matched["source"];
    capped: number;
  }>(sql`
    with levels as materialized (
      select duplicate_confidence as platform, source_duplicate_confidence as source, count(*) as n
        from ${raw(allDecisions(parts, "duplicate_confidence", "source_duplicate_confidence"))} d
       where run_id = ${uuid(run.id)} group by 1, 2)
    select ${counted("platform")} as platform, ${counted("source")} as source,
           (select coalesce(sum(groups), 0)::bigint from wavegate.capped_groups where run_id = ${uuid(run.id)}) as capped`);
  return {
    run: run.id,
    platform: found.platform,
    source: found.source,
    cappedGroups: found.capped,
  };
}

/**
 * How much there is to compare. Who is on the platform is taken to be born when rows are: counting them by their
 * dates would read a table that nobody has copied yet.
 */
export async function comparedOf(
  db: Database,
  migration: Migration,
  run: string,
): Promise<Compared> {
  const { against, cap } = migration.entity.match;
  const tables = against.map(({ table }) => sql`(select count(*) from ${raw(identifier(table))})`);
  const born = mainField(migration, "birth_date");
  const most = cap * commonDates;
  return db.one<Compared & { people: number }>(sql`
    select greatest(rows, people) as rows,
           ceil(undated + people / 20.0)::bigint as undated, common::bigint as common,
           ceil(same_date * (0.5 + people::numeric / greatest(rows, 1)))::bigint as pairs
      from (select coalesce(sum(n), 0)::bigint as rows, coalesce(sum(undated), 0) as undated,
                   ${tables.length === 0 ? raw("0") : join(tables, " + ")} as people,
                   coalesce(sum(n * n) filter (where born is not null and n <= ${most}), 0) as same_date,
                   coalesce(sum(n) filter (where born is not null and n > ${most}), 0) as common
              from (select ${raw(born === undefined ? "null::date" : identifier(born))} as born, count(*) as n,
                           count(*) filter (where ${raw(believedBirthDate(migration))} is null) as undated
                      from ${raw(sourceTable(migration))} where run_id = ${uuid(run)} group by 1) dates) counted`);
}
