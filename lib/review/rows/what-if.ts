import { importedColumns } from "../../compile/columns.ts";
import { type JudgedAnew, judgedAnew } from "../../compile/judge/judged-anew.ts";
import { planOf } from "../../compile/keys.ts";
import type { RowRange } from "../../compile/rows.ts";
import { type Database, onlyReading } from "../../data/database.ts";
import { canonicalJson, type Run } from "../../data/runs.ts";
import type { Migration, Reference } from "../../define/definition.ts";
import { madeOf } from "../../define/made.ts";
import { partOf, partsOf, type WholeMigration } from "../../define/several.ts";
import { Refusal } from "../../services/errors.ts";
import { rowRanges } from "../row-ranges.ts";

/** Rows whose outcome a changed definition changes alike. */
export interface Change {
  /** `outcome`, or the name of a decision. */
  readonly what: string;
  readonly was: string;
  readonly is: string;
  /** What the line of the plan says that decides now; of a decision nothing. */
  readonly rule: string | null;
  readonly rows: number;
  readonly first: readonly string[];
}

/** What a changed definition would make of a run's rows. */
interface WhatIf {
  readonly changes: readonly Change[];
  /** Rows that stand on the platform already, and would be planned otherwise: nothing moves them. */
  readonly standing: number;
  /** What is taken as it is staged, though it might be something else by the definition as it is now. */
  readonly taken: readonly string[];
}

const rowsPerStatement = 50_000;
/** For whom there is room is told of all rows of a kind at once, or not at all. */
const rowsWithRoom = 200_000;
const firstRows = 5;

/** Judges the rows of one range by the changed definition of a kind of things; a terminal asks a function to. */
export type Judge = (changed: Migration, range: RowRange) => Promise<readonly JudgedAnew[]>;

/**
 * What a changed definition would make of the staged rows of a run: which outcomes change, from what to what, and
 * by which rule. It only reads, and of the rows themselves nothing but their ids. Errors: `WhatIfNeedsImport`
 * where the change needs what was never staged.
 */
export async function whatIf(
  db: Database,
  run: Run,
  changed: WholeMigration,
  judge: Judge,
): Promise<WhatIf> {
  const all: WhatIf[] = [];
  for (const part of partsOf(changed)) all.push(await whatIfPart(db, run, part, judge));
  const several = all.length > 1;
  return {
    changes: all.flatMap(({ changes }) => changes),
    standing: all.reduce((sum, { standing }) => sum + standing, 0),
    taken: partsOf(changed).flatMap(({ part }, at) =>
      (all[at]?.taken ?? []).map((what) => (several ? `${what} of “${part}”` : what)),
    ),
  };
}

/**
 * Judges the rows of one range by a changed definition of their kind of things, as a role that may see them.
 * The conditions are whoever asks: nothing is written by them. Errors: `WhatIfNeedsImport`.
 */
export async function judgeRange(
  db: Database,
  run: Run,
  changed: Migration,
  range: RowRange,
): Promise<JudgedAnew[]> {
  const before = stagedBefore(run, changed);
  const whole = changed.entity.room !== undefined && (await isWhole(db, run, before, range));
  const statement = judgedAnew(asStaged(before, changed), before, range, whole);
  return onlyReading(db, (transaction) => transaction.rows<JudgedAnew>(statement));
}

/** Whether there is no row of a kind outside a range. */
async function isWhole(db: Database, run: Run, before: Migration, range: RowRange) {
  const [only, ...more] = await rowRanges(db, before, run.id, rowsWithRoom);
  return more.length === 0 && only?.upTo === range.upTo && only.after === range.after;
}

/** The kind of things as the run staged it. Errors: `WhatIfNeedsImport`. */
function stagedBefore(run: Run, changed: Migration): Migration {
  const before = partOf(run.definition, changed.part);
  if (before === undefined) {
    throw new Refusal(
      "WhatIfNeedsImport",
      `${run.reference} staged no “${changed.part}”. Nothing was written; a new run reads the source anew.`,
    );
  }
  requireStaged(run, before, changed);
  return before;
}

async function whatIfPart(
  db: Database,
  run: Run,
  changed: Migration,
  judge: Judge,
): Promise<WhatIf> {
  const before = stagedBefore(run, changed);
  const found: JudgedAnew[] = [];
  const { room } = changed.entity;
  const atOnce = room === undefined ? rowsPerStatement : rowsWithRoom;
  const ranges = await rowRanges(db, before, run.id, atOnce);
  for (const range of ranges) {
    found.push(...(await judge(changed, range)));
  }
  const open = found.filter(({ standing }) => !standing);
  return {
    changes: [
      ...merged(
        open
          .filter(({ was, is }) => was !== is)
          .map(({ was, is, line, rows, first }) => {
            const rule = line === null ? null : (planOf(changed)[line - 1]?.says ?? null);
            return { what: "outcome", was, is, rule, rows, first };
          }),
      ),
      ...merged(
        open.flatMap(({ decisions, rows, first }) =>
          Object.entries(decisions).map(([what, [was, is]]) => ({
            what,
            was: was ?? "none",
            is: is ?? "none",
            rule: null,
            rows,
            first,
          })),
        ),
      ),
    ],
    standing: found
      .filter(({ standing, was, is }) => standing && was !== is)
      .reduce((sum, { rows }) => sum + rows, 0),
    taken: [
      ...taken(before, changed),
      ...(room !== undefined && ranges.length > 1 ? ["for whom there is room"] : []),
    ],
  };
}

type Found = Omit<Change, "first"> & Pick<JudgedAnew, "first">;

/** The same changes of several ranges as one, the most rows first. */
function merged(changes: readonly Found[]): Change[] {
  const by = new Map<string, Found>();
  for (const change of changes) {
    const key = JSON.stringify([change.what, change.was, change.is, change.rule]);
    const known = by.get(key);
    by.set(key, {
      ...change,
      rows: change.rows + (known?.rows ?? 0),
      first: [...(known?.first ?? []), ...change.first]
        .sort(([one], [other]) => one - other)
        .slice(0, firstRows),
    });
  }
  return [...by.values()]
    .sort((one, other) => other.rows - one.rows)
    .map((change) => ({ ...change, first: change.first.map(([, row]) => row) }));
}

/** The changed definition over the tables in which the run's rows are staged. */
function asStaged(before: Migration, changed: Migration): Migration {
  const references = Object.entries(changed.references).map(([name, reference]) => [
    name,
    { ...reference, staging: before.references[name]?.staging ?? reference.staging } as Reference,
  ]);
  return {
    ...changed,
    references: Object.fromEntries(references),
    entity: { ...changed.entity, staging: before.entity.staging },
  };
}

function requireStaged(run: Run, before: Migration, changed: Migration): void {
  const known = new Map(importedColumns(before).map(({ name, type }) => [name, type]));
  const columns = importedColumns(changed).filter(({ name, type }) => known.get(name) !== type);
  const references = Object.keys(changed.references).filter(
    (name) => before.references[name]?.kind !== changed.references[name]?.kind,
  );
  const unstaged = [...columns.map(({ name }) => name), ...references];
  if (unstaged.length === 0) return;
  throw new Refusal(
    "WhatIfNeedsImport",
    `${run.reference} never staged ${unstaged.map((name) => `“${name}”`).join(", ")}, which the changed definition judges by. Nothing was written; \`wavegate try ${run.migration}\` reads the source anew.`,
  );
}

/** Parts of which the change shows only when rows are read, or matched, again. */
function taken(before: Migration, changed: Migration): string[] {
  const same = (one: unknown, other: unknown) => canonicalJson(one) === canonicalJson(other);
  const named = restsOn(changed);
  const above = (changed.above ?? []).filter(
    ({ part = "", entity }) =>
      named.has(part) && !same(before.above?.find((each) => each.part === part)?.entity, entity),
  );
  const fields = Object.keys(changed.entity.fields).filter(
    (name) => !same(before.entity.fields[name], changed.entity.fields[name]),
  );
  const tables = changed.entity.from.filter(
    (name) => !same(readAs(before, name), readAs(changed, name)),
  );
  return [
    ...tables.map((name) => `how “${name}” is read`),
    ...fields.map((name) => `the field “${name}”`),
    ...(same(before.entity.match, changed.entity.match) ? [] : ["matching"]),
    ...Object.keys(changed.references)
      .filter((name) => !same(before.references[name], changed.references[name]))
      .map((name) => `the mappings of “${name}”`),
    ...(same(before.entity.once, changed.entity.once) ? [] : ["which row is the first of several"]),
    ...(same(before.entity.is, changed.entity.is) && same(before.entity.there, changed.entity.there)
      ? []
      : ["what is there already"]),
    ...(same(before.entity.actions, changed.entity.actions) ? [] : ["what the platform refuses"]),
    ...above.map(({ part }) => `what becomes of “${part}”`),
  ];
}

/** How rows of a table come about: of one that is made of others by those as well. */
function readAs({ source }: Pick<Migration, "source">, table: string): readonly unknown[] {
  const of = source[table];
  // A pinned definition has its partners in another order than they are written in.
  const above = of?.made === undefined ? [] : madeOf(of.made).toSorted();
  return [{ ...of, columns: null }, ...above.map((each) => readAs({ source }, each))];
}

/** The kinds that a kind's rows refer to, and those that they refer to in turn: their outcomes decide with. */
function restsOn({ entity, above = [] }: Migration): ReadonlySet<string> {
  const named = new Set(Object.values(entity.refs ?? {}).map(({ to }) => to));
  for (const parent of [...above].reverse())
    if (named.has(parent.part ?? ""))
      for (const { to } of Object.values(parent.entity.refs ?? {})) named.add(to);
  return named;
}
