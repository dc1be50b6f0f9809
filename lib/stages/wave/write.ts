import { namesItself } from "../../compile/above-columns.ts";
import {
  type CameTo,
  cameTo,
  seenUpTo,
  type UnseenFrom,
  unseenFrom,
} from "../../compile/judge/came-since.ts";
import { settleWhatChanged, settling } from "../../compile/judge/settle.ts";
import { isMatched } from "../../compile/match/context.ts";
import type { Pin } from "../../compile/pin/pin.ts";
import { toldParents } from "../../compile/there/told-otherwise.ts";
import type { ColumnTypes } from "../../compile/there/value.ts";
import { saysWave } from "../../compile/wave/created-rows.ts";
import { copiesFiles } from "../../compile/wave/file-copies.ts";
import { type Retyped, takesOtherwise } from "../../compile/wave/retyped.ts";
import { type Settling, type WaveOrder, writtenBefore } from "../../compile/wave/rows.ts";
import { writeWave } from "../../compile/wave/wave.ts";
import { type Database, longestStatement } from "../../data/database.ts";
import { lookTogether } from "../../data/records.ts";
import type { Run } from "../../data/runs.ts";
import { raw, render, type Sql, sql } from "../../data/sql.ts";
import type { Migration } from "../../define/definition.ts";
import { isUpdated } from "../../define/identity.ts";
import { Refusal } from "../../services/errors.ts";
import { count, several } from "../../services/words.ts";
import { typesThere } from "../dry-run/rows-there.ts";
import { requireCopies } from "../files/copy-files.ts";
import { numberingOf } from "../run/numbering.ts";
import { holdRefusals } from "../run/refusals.ts";
import { areCandidates } from "./any-candidates.ts";
import { ChangedOnTheWay } from "./changed-on-the-way.ts";
import { drawnOf } from "./drawn-keys.ts";
import { firstSlice, type Slice } from "./first-slice.ts";
import { refusedRows, type WaveCounts } from "./plan.ts";
import { addTo, allOf } from "./row-sums.ts";
import { measured, totals } from "./side-effects.ts";
import type { TargetLooks } from "./target-looks.ts";

/** A wave of all kinds of things together. */
export type WholeOrder = Omit<WaveOrder, "kinds">;

type Wrote = Pick<WaveCounts, "picked" | "committed" | "linked" | "created" | "updated">;

/** What a wave wrote, and what it left. */
interface WroteWave extends Wrote {
  readonly heldBack: number;
  readonly skipped: number;
  /** Of those held back how many refer to what is not there, and how many lack the copy of a file. */
  readonly waiting: number;
  readonly uncopied: number;
  readonly refused: Readonly<Record<string, number>>;
  /** Rows it might have written: in the place of a refused one no other moves up. */
  readonly size: number;
  /** What its writes did to each guarded table, on top of what had been done before. */
  readonly guardedBefore: Record<string, number>;
  readonly guardedAfter: Record<string, number>;
  /** Triggers that came since preflight and act behind rows of these tables, by name. */
  readonly behind: readonly string[];
}

/** What a wave writes. */
interface Writing {
  readonly run: Run;
  readonly pin: Pin;
  readonly kinds: readonly Migration[];
  /** What the transaction saw of the tables before it wrote anything, and up to whom matching saw people. */
  readonly looks: TargetLooks & SeenByMatching;
}

/** Up to whom matching saw people, and from which transaction on it may not have: {@link cameTo} asks by both. */
export interface SeenByMatching {
  readonly seen_up_to: CameTo;
  readonly unseen_from: UnseenFrom;
}

/** {@link SeenByMatching} as columns of a wave's first look. */
export const seenByMatching = (kinds: readonly Migration[], run: string): Sql => {
  const matched = kinds.find(isMatched);
  const none = raw("'{}'::jsonb");
  return sql`(${matched === undefined ? none : seenUpTo(matched, run)}) as seen_up_to,
            (${matched === undefined ? none : unseenFrom(matched, run)}) as unseen_from`;
};

/**
 * Writes the rows of a wave, kind by kind in their order, and of a kind that refers to itself level by level, so that
 * what a row refers to is there before it, and proves of each that nothing else was written. Errors: `WaveUnbalanced`, `SideEffects`.
 *
 * @param careful finds and holds what the platform refuses (D38)
 */
export async function writeKinds(
  transaction: Database,
  { run, pin, kinds, looks }: Writing,
  order: WholeOrder,
  careful: boolean,
): Promise<WroteWave> {
  const all = {
    picked: 0,
    committed: 0,
    linked: 0,
    heldBack: 0,
    skipped: 0,
    waiting: 0,
    uncopied: 0,
  };
  const created: Record<string, number> = {};
  const updated: Record<string, number> = {};
  let guarded: Pick<WroteWave, "guardedBefore" | "guardedAfter"> | undefined;
  const refused: Record<string, number> = {};
  const orderOf = async (kind: Migration, size: number): Promise<WaveOrder> => ({
    ...order,
    size,
    kinds: await kindsOf(transaction, kind, order),
  });
  if (kinds.some(({ entity }) => isUpdated(entity)))
    // What is changed the database holds against this wave's entries.
    await transaction.rows(saysWave(order.run, order.wave));
  const { json, identities, onTheWay, keys } = looks;
  requireSame(run, order.wave, looks.others);
  requireTypes(run, order.wave, looks.retyped);
  const matched = kinds.find(isMatched);
  // Of people's tables, which the role is known to see by now.
  const { unseen_from: from } = looks;
  const { to } =
    matched === undefined
      ? { to: {} }
      : await lookTogether<{ to: CameTo }>(transaction, {
          to: cameTo(matched, run.id, { to: looks.seen_up_to, from }),
        });
  ChangedOnTheWay.refuseReplaced(run, order.wave, looks.replaced);
  const above = new Map<Migration, ColumnTypes>();
  const typesFor = async (kind: Migration): Promise<ColumnTypes> => {
    const types = above.get(kind) ?? (await typesThere(transaction, kind));
    above.set(kind, types);
    return types;
  };
  const since = (kind: Migration) => ({
    numbering: numberingOf(kind),
    to: kind === matched ? to : {},
    from,
    keys,
    above,
  });
  const slice = await sliceOf(transaction, kinds, order, (kind) => orderOf(kind, order.size));
  let left = order.size;
  const writeNext = async (kind: Migration): Promise<number> => {
    const rows = slice?.get(kind);
    if (left === 0 || rows?.length === 0) return 0;
    const own = { ...(await orderOf(kind, left)), ...(rows && { rows }) };
    for (const parent of toldParents(kind)) await typesFor(parent);
    const types = await typesFor(kind);
    const drawn = await drawnOf(transaction, kind);
    const writing = (first?: Settling) =>
      writeWave(kind, { ...own, size: left }, drawn, types, json, first, onTheWay);
    const both = writing(settling(kind, order.run, types, identities, since(kind)));
    // In one statement each row is looked up once; apart where something comes between the two, or they are too long.
    const together = !careful && !copiesFiles(kind) && fits(both);
    const settleFirst = async () => {
      const order = { ...own, size: left };
      const settled = await settle(
        transaction,
        settleWhatChanged(kind, order, types, identities, since(kind)),
      );
      all.heldBack += settled.held;
      all.skipped += settled.skipped;
      all.waiting += settled.waiting;
    };
    if (!together) {
      await settleFirst();
      const uncopied = await requireCopies(transaction, kind, own);
      all.heldBack += uncopied;
      all.uncopied += uncopied;
    }
    const refusals = careful
      ? await holdRefusals(transaction, kind, own, { drawn, types, json, onTheWay })
      : {};
    addTo(refused, refusals);
    left -= refusedRows(refusals);
    if (left === 0) return 0;
    // What waited for a row of its own kind that was held just now waits no more, and is held for it.
    if (namesItself(kind) && !together) await settleFirst();
    // Only now: what was tried of rows that are refused counts as written, though it was undone. What was counted with the
    // looks holds until the first statement that writes: between them only was read.
    const untouched = together && slice === undefined && guarded === undefined;
    const what = `Wave ${order.wave} of ${run.reference}`;
    const work = async () => {
      const result = await settle<Wrote & { marked: number; altered?: string }>(
        transaction,
        together ? both : writing(),
      );
      requireWhole(run, order, result);
      ChangedOnTheWay.refuseWave(run, order.wave, result.altered);
      const { created, updated = {}, picked } = result;
      return { result, meant: { inserted: created, updated, entered: picked } };
    };
    const before = untouched ? looks.touches : undefined;
    const wrote = await measured(transaction, pin, what, work, [], before);
    guarded = onTop(
      guarded,
      totals(wrote.measured.before, pin.guarded),
      totals(wrote.measured.after, pin.guarded),
    );
    all.heldBack += wrote.held;
    all.skipped += wrote.skipped;
    all.waiting += wrote.waiting;
    left -= wrote.picked;
    all.picked += wrote.picked;
    all.committed += wrote.committed;
    all.linked += wrote.linked;
    addTo(created, wrote.created);
    addTo(updated, wrote.updated ?? {});
    return wrote.picked;
  };
  for (const kind of kinds) {
    let wrote = await writeNext(kind);
    // Of a kind that refers to itself what was written now is what others wait for.
    while (wrote > 0 && namesItself(kind)) wrote = await writeNext(kind);
  }
  const size = order.size - refusedRows(refused);
  const { guardedBefore = {}, guardedAfter = {} } = guarded ?? {};
  const changed = Object.keys(updated).length === 0 ? {} : { updated };
  const behind = Object.values(onTheWay).flatMap((each) => each.behind ?? []);
  return { ...all, created, ...changed, refused, size, guardedBefore, guardedAfter, behind };
}

/**
 * Wave one of several kinds of things is a slice through them (B7), if there is any; written again, of one kind too, it is
 * of the rows that it had, as far as its size goes: what was held or let go meanwhile brings no other ones.
 */
export async function sliceOf(
  transaction: Database,
  kinds: readonly Migration[],
  order: WholeOrder,
  orderOf: (kind: Migration) => Promise<WaveOrder>,
): Promise<Slice | undefined> {
  // Of one kind there is nothing to cut through.
  if (order.wave > 1 || (order.round === 1 && kinds.length === 1)) return undefined;
  const any = (slice: Slice) => [...slice.values()].some((rows) => rows.length > 0);
  const again = new Map<Migration, readonly number[]>();
  let room = order.size;
  for (const kind of kinds) {
    const rows = await transaction.rows<{ id: number }>(writtenBefore(kind, order));
    // What others refer to was written before them, so that a smaller wave is cut behind it.
    const taken = rows.slice(0, room).map(({ id }) => id);
    room -= taken.length;
    again.set(kind, taken);
  }
  if (any(again)) return again;
  if (kinds.length === 1) return undefined;
  const slice = await firstSlice(transaction, kinds, orderOf);
  return any(slice) ? slice : undefined;
}

/** What one more piece of work did to tables, on top of those before. */
function onTop(
  so: Pick<WroteWave, "guardedBefore" | "guardedAfter"> | undefined,
  before: Record<string, number>,
  after: Record<string, number>,
): Pick<WroteWave, "guardedBefore" | "guardedAfter"> {
  if (so === undefined) return { guardedBefore: before, guardedAfter: after };
  const sums = Object.entries(so.guardedAfter).map(([table, rows]) => [
    table,
    rows + (after[table] ?? 0) - (before[table] ?? 0),
  ]);
  return { guardedBefore: so.guardedBefore, guardedAfter: Object.fromEntries(sums) };
}

function requireWhole(run: Run, { wave }: WholeOrder, wrote: Wrote & { marked: number }): void {
  if (
    wrote.marked === wrote.picked &&
    wrote.committed + wrote.linked + allOf(wrote.updated) === wrote.picked
  )
    return;
  throw new Refusal(
    "WaveUnbalanced",
    `Wave ${wave} of ${run.reference} picked ${several(wrote.picked, "row")} and marked ${count(wrote.marked)}. It was taken back whole; nothing was written. A trigger of the platform that writes other rows than it is given does that: \`wavegate doctor\` lists them. Mend or detach it, and \`wavegate resume --run ${run.reference}\` goes on.`,
  );
}

/**
 * That the platform's tables are those that were looked at. Error: `DryRunStale`, where another one came to stand in the
 * place of one: what it holds, and whom, nobody reviewed.
 */
function requireSame(run: Run, wave: number, others: readonly string[]): void {
  if (others.length === 0) return;
  throw new Refusal(
    "DryRunStale",
    `Another table than the one that was reviewed is called ${others.join(", ")} now, which wave ${wave} of ${run.reference} would read or write. Nothing was written; put it back, or run \`wavegate dry-run --run ${run.reference}\` and \`wavegate export --run ${run.reference}\` again, and \`wavegate resume --run ${run.reference}\` goes on.`,
  );
}

/**
 * That values which were reviewed are written as they are. Error: `DryRunStale`, where a column that takes them came to
 * make something else of some without a word.
 */
function requireTypes(run: Run, wave: number, retyped: readonly Retyped[]): void {
  const otherwise = retyped.filter(takesOtherwise);
  if (otherwise.length === 0) return;
  const each = otherwise.map(({ column, was, is }) => `${column} is ${is} and was ${was}`);
  throw new Refusal(
    "DryRunStale",
    `The platform changed what wave ${wave} of ${run.reference} writes into since it was reviewed: ${each.join("; ")}. A value might be another one there. Nothing was written; change it back, or run \`wavegate dry-run --run ${run.reference}\` and \`wavegate export --run ${run.reference}\` again, and \`wavegate resume --run ${run.reference}\` goes on.`,
  );
}

/** Wave one takes rows of the kinds that come first only, unless there are none at all (R11). */
export async function kindsOf(
  db: Database,
  migration: Migration,
  { run, wave }: WholeOrder,
): Promise<readonly string[]> {
  if (wave > 1) return migration.waves.order;
  const first = await areCandidates(db, [migration], run, "first");
  return first ? migration.waves.first : migration.waves.order;
}

const fits = (statement: Sql): boolean => render(statement).sql.length <= longestStatement;

/**
 * Settles rows of this wave for which the platform changed, and those that move up in their place, by a statement that
 * is asked again as long as it settled any. Answers what it answered last, with all that were settled.
 */
async function settle<Answer extends object = object>(
  transaction: Database,
  statement: Sql,
): Promise<Answer & Settled> {
  const all = { held: 0, skipped: 0, waiting: 0 };
  for (;;) {
    const {
      held = 0,
      skipped = 0,
      waiting = 0,
      ...answer
    } = await transaction.one<Answer & Partial<Settled>>(statement);
    all.held += held;
    all.skipped += skipped;
    all.waiting += waiting;
    if (held + skipped === 0) return { ...(answer as unknown as Answer), ...all };
  }
}

interface Settled {
  readonly held: number;
  readonly skipped: number;
  /** Of those held how many refer to what is not there. */
  readonly waiting: number;
}
