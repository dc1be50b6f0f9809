import { selvesOf } from "../compile/above-columns.ts";
import { holdExcluding } from "../compile/judge/excluding.ts";
import { holdGivenTwice } from "../compile/judge/given-twice.ts";
import { holdBelowHeld } from "../compile/judge/levels.ts";
import { holdAgain, type PlannedBy, planRows } from "../compile/judge/plan.ts";
import { nearPlaceholders, type OfAll, unlistedStatuses } from "../compile/judge/report.ts";
import { holdWithoutRoom } from "../compile/judge/room.ts";
import { holdUnplain } from "../compile/judge/unplain.ts";
import { countSharedEmails, countSharedPhones } from "../compile/judge/validate.ts";
import { pinLook } from "../compile/pin/look.ts";
import { compilePin } from "../compile/pin/pin.ts";
import { noteChoices } from "../compile/references/above.ts";
import { noteCalled } from "../compile/references/called.ts";
import type { RowRange } from "../compile/rows.ts";
import { gatherStatistics } from "../compile/statistics.ts";
import { type IdentityTypes, identityTypesNow } from "../compile/target/identity-types.ts";
import type { TargetTable } from "../compile/target/table.ts";
import { findMovedBefore } from "../compile/there/moved-before.ts";
import { findRowsThere } from "../compile/there/there.ts";
import { typesWritten } from "../compile/wave/retyped.ts";
import type { Database } from "../data/database.ts";
import { json, raw, type Sql, sql, uuid } from "../data/sql.ts";
import type { Migration } from "../define/definition.ts";
import { sharedOf } from "../define/several.ts";
import { appendAudit } from "../evidence/audit-log.ts";
import { recordDigest } from "../evidence/record-digest.ts";
import { reviewDigest } from "../review/digest/digest.ts";
import { changesShown } from "../review/digest/unchanged.ts";
import { byId, type DryRunReport, type NearPlaceholder } from "../review/report.ts";
import { type KeptUses, keepCounts } from "../review/rows/kept-counts.ts";
import { drawSamples } from "../review/samples/samples.ts";
import { countTakenForReal } from "../review/sign-off/stop-conditions.ts";
import type { Services } from "../services/services.ts";
import { levelsFound } from "./dry-run/find-levels.ts";
import { mergedReport } from "./dry-run/merged-report.ts";
import { type DecisionCount, dryRunReport, type UnlistedStatus } from "./dry-run/report.ts";
import { typesThere } from "./dry-run/rows-there.ts";
import { comparedRows, firstOf, readTargetRules, unlessItFails } from "./dry-run/target-rules.ts";
import { beginStage, type Claim, endStage, onceWhileClaimed, whileClaimed } from "./run/claim.ts";
import { openAfter } from "./run/opened-run.ts";
import { noteProgress, overRanges, type Part, wholeStage } from "./run/ranges.ts";

/** What a dry run found, and the digest of what it found it about. */
export interface DryRun {
  readonly run: string;
  readonly digest: string;
  readonly report: DryRunReport;
}

/** How much of the stage is done, of {@link wholeStage}, when rows are planned, and when they are read. */
const allPlanned = 3_000;
const read = 8_000;

/**
 * Says what every row's wave would do, and writes nothing outside staging (R6, M13). The digest it
 * returns is the one a sign-off binds to (W7).
 */
export async function dryRun(services: Services, id: string): Promise<DryRun> {
  const { run, migration, parts: kinds } = await openAfter(services, id, "match");
  const db = services.stage;
  const claim = await beginStage(db, run, "match");
  await noteProgress(db, run.id, "dry-run", 0);
  const { types: identities, written: types } = await whileClaimed(
    db,
    claim,
    async (transaction) => {
      const seen = await transaction.one<{ types: IdentityTypes; written: object }>(
        sql`select (${raw(identityTypesNow(kinds))}) as types, (${typesWritten(compilePin(migration))}) as written`,
      );
      const { types } = seen;
      for (const statement of findMovedBefore(kinds, run.id, types)) {
        await transaction.execute(statement);
      }
      return seen;
    },
  );
  const counted = new Map<Migration, readonly DecisionCount[]>();
  const tables = new Map<string, TargetTable>();
  // What a row refers to is planned before it.
  for (const [at, kind] of kinds.entries()) {
    const part = (n: number) => 300 + ((allPlanned - 300) * n) / kinds.length;
    const between = { from: part(at), to: part(at + 1) };
    const below = kinds.slice(at + 1);
    counted.set(kind, await planKind(db, claim, kind, between, { tables, below, identities }));
    // What was counted last is from before matching and planning: lists would read the whole table for a page, and waves
    // take a few thousand rows for one, and compare each with each.
    await db.execute(gatherStatistics(`${kind.entity.staging.table}_decisions`));
  }
  await whileClaimed(db, claim, async (transaction) => {
    for (const noting of noteCalled(sharedOf(migration), run.id)) await transaction.execute(noting);
  });
  // Before the rows are read: what changes meanwhile is noted after it.
  const changes = await changesShown(db, migration);
  // Each reads every row, and waits for none of the others but for what was counted.
  const keeping = keepCounts(db, run, pinLook(migration), {
    claim: claim.id,
    write: (work) => whileClaimed(db, claim, work),
  });
  const [found, { digest, parts }] = await Promise.all([
    Promise.all(
      kinds.map(async (kind) => ({ kind, ...(await factsOf(db, kind, run.id, keeping)) })),
    ),
    reviewDigest(db, migration, run),
    keeping,
  ]);
  const { shared } = await db.one<{ shared: number }>(countSharedEmails(run.id));
  const phones = await db.one<{ shared: number }>(countSharedPhones(run.id));
  const { capped } = await db.one<{ capped: number }>(sql`
    select coalesce(sum(groups), 0)::bigint as capped from wavegate.capped_groups where run_id = ${uuid(run.id)}`);
  const report = mergedReport(
    found.map(({ kind: part, ...facts }) => ({
      part,
      report: dryRunReport(part, counted.get(part) ?? [], {
        ...facts,
        sharedEmails: shared,
        sharedPhones: phones.shared,
        cappedGroups: capped,
      }),
    })),
  );
  await noteProgress(db, run.id, "dry-run", read);
  await drawSamples(db, migration, run, digest);
  await endStage(db, claim, "dry-run", async (transaction) => {
    for (const kind of kinds) await transaction.execute(holdAgain(kind, run.id));
    const written = await transaction.execute(sql`
      insert into wavegate.dry_runs (run_id, digest, parts, report, changes, created_at)
      -- The newest one, whatever the clock says that went back since the one before.
      select ${uuid(run.id)}, ${digest}, ${json(parts)}, ${json(report)}, ${changes},
             greatest(now(), (select max(d.created_at) + interval '1 microsecond' from wavegate.dry_runs d where d.run_id = ${uuid(run.id)}))
      on conflict (run_id, digest) do update set report = excluded.report, created_at = excluded.created_at
        -- A state that comes back is the newest again.
        where dry_runs.report <> excluded.report or exists (
          select from wavegate.dry_runs d where d.run_id = excluded.run_id and d.created_at > dry_runs.created_at)`);
    await transaction.execute(sql`
      update wavegate.dry_runs set changes = ${changes}, types = ${json(types)} where run_id = ${uuid(run.id)} and digest = ${digest}`);
    if (written > 0) {
      const entry = {
        actor: "wavegate",
        action: "dry-run",
        digest,
        details: { counts: byId(report.counts), plan: report.plan, report: recordDigest(report) },
      };
      await appendAudit(transaction, run.id, entry, services.clock());
    }
  });
  await noteProgress(db, run.id, "dry-run", wholeStage);
  return { run: run.id, digest, report };
}

/** Plans the rows of one kind of things, and holds those that a target would refuse (B6): their counts. */
async function planKind(
  db: Database,
  claim: Claim,
  kind: Migration,
  { from, to }: Part,
  {
    tables,
    below,
    identities,
  }: {
    readonly tables: Map<string, TargetTable>;
    readonly below: readonly Migration[];
    readonly identities: IdentityTypes;
  },
): Promise<readonly DecisionCount[]> {
  const run = claim.run.id;
  const targets = await readTargetRules(db, kind, tables);
  const types = await typesThere(db, kind);
  if (kind.entity.is !== undefined)
    // What its table refuses of a row that is brought up to date, and what rows above will be, may be too long to be
    // asked, or fail on a row: then without the one and the other, and in the end by those alone that stand there.
    await firstOf(
      [
        { targets: targets.targets, written: targets.targets, tried: true },
        { targets: targets.targets, written: targets.targets },
        { targets: targets.targets },
        {},
      ],
      (looked) =>
        whileClaimed(db, claim, async (transaction) => {
          for (const statement of findRowsThere(kind, run, types, { ...looked, below }))
            await transaction.execute(statement);
        }),
    );
  const counts: DecisionCount[] = [];
  const planned = (statement: Sql) =>
    whileClaimed(db, claim, (transaction) => transaction.rows<DecisionCount>(statement));
  // What a hold changes of the counts it says once.
  const held = (statement: Sql) =>
    onceWhileClaimed(db, claim, (transaction) => transaction.rows<DecisionCount>(statement));
  // What a row of its own kind is decides about a row below it.
  const levels = await levelsFound(db, claim, kind);
  for (const [nth, level] of levels.entries()) {
    const plan = async (_: Migration, range: RowRange) => {
      const by = (looked: PlannedBy) => planned(planRows(kind, range, looked, level));
      counts.push(...(await firstOf(targets.tries, by)));
    };
    const until = (n: number) => from + ((to - from) * n) / levels.length;
    await overRanges(db, [kind], run, "dry-run", plan, until(nth), until(nth + 1));
  }
  for (const statement of noteChoices(kind, run))
    await whileClaimed(db, claim, (transaction) => transaction.execute(statement));
  // Nothing of what a row refers to was known when it was judged: what looks at rows above would take a few thousand
  // rows for one, and compare each with each.
  if (kind.part !== undefined)
    await db.execute(gatherStatistics(`${kind.entity.staging.table}_decisions`));
  // Before what is compared: a row that is held takes no place.
  const unplain = holdUnplain(kind, run, identities, types);
  if (unplain !== undefined) counts.push(...(await held(unplain)));
  const none = async (): Promise<DecisionCount[]> => [];
  for (const twice of holdGivenTwice(kind, run, targets.targets))
    counts.push(...(await unlessItFails(() => held(twice), none)));
  for (const { all, each } of comparedRows(kind, run, targets)) {
    const oneByOne = async () => {
      const found: DecisionCount[] = [];
      for (const one of each) found.push(...(await unlessItFails(() => held(one), none)));
      return found;
    };
    counts.push(...(await unlessItFails(() => held(all), oneByOne)));
  }
  for (const excluding of holdExcluding(kind, run, targets.targets))
    counts.push(...(await unlessItFails(() => held(excluding), none)));
  // Behind those: whoever is held by a key takes no place.
  const full = holdWithoutRoom(kind, run);
  if (full !== undefined) counts.push(...(await held(full)));
  // And what refers to a row of its own kind that is held since: level by level.
  const hanging = selvesOf(kind).flatMap((name) => holdBelowHeld(kind, run, name) ?? []);
  for (let more = hanging.length > 0; more; ) {
    more = false;
    for (const one of hanging) {
      const found = await held(one);
      counts.push(...found);
      more ||= found.length > 0;
    }
  }
  return counts;
}

/** What is looked at of one kind of things besides the decisions. */
async function factsOf(db: Database, kind: Migration, run: string, keeping: Promise<KeptUses>) {
  const near = async () => {
    const uses = await keeping;
    const statements = nearPlaceholders(kind, run, (reference) => uses(kind.part, reference));
    return Promise.all(statements.map((statement) => db.rows<NearPlaceholder & OfAll>(statement)));
  };
  const [statuses, takenForReal, nearly] = await Promise.all([
    Promise.all(unlistedStatuses(kind, run).map((statement) => db.rows<UnlistedStatus>(statement))),
    countTakenForReal(db, kind, run),
    near(),
  ]);
  return { statuses: statuses.flat(), takenForReal, nearPlaceholders: nearly.flat() };
}
