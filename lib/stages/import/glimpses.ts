import { createHash } from "node:crypto";
import { ofReference, usedColumns } from "../../compile/pin/used-columns.ts";
import type { Database } from "../../data/database.ts";
import { rowsWhole } from "../../data/records.ts";
import { countedAs } from "../../data/run-counts.ts";
import { isWholeTrial, type Run } from "../../data/runs.ts";
import { json, sql, uuid } from "../../data/sql.ts";
import type { Migration, SourceTable } from "../../define/definition.ts";
import { keyColumns, keyText, type SourceKey } from "../../define/keys.ts";
import { sharedOf, type WholeMigration } from "../../define/several.ts";
import { count, several } from "../../services/words.ts";
import { SourceChanged } from "../../sources/errors.ts";
import type { Legacy } from "../../sources/legacy.ts";
import type { KeyRange, Source } from "../../sources/source.ts";
import { readKey } from "./range-keys.ts";
import { keyOfReference } from "./read-reference.ts";

/** Rows that are looked at before and after: of each range, and of each table that rows refer to. */
const most = { range: 250, reference: 5_000 } as const;
/** A table of so many rows is looked at whole. */
const wholeUpTo = 1_000;
/** Of those the part that may hold something else by then; a single row of a table of people always may. */
const mayDiffer = { range: 0.1, reference: 0.01 } as const;

/** What rows hold, by their keys: both as digests. */
type Rows = Readonly<Record<string, string>>;

/** Some rows of a table, in the order of their keys. */
interface Glimpse {
  /** How they are called where they are kept. */
  readonly about: string;
  readonly kind: keyof typeof most;
  readonly key: SourceKey;
  readonly columns: readonly string[];
  readonly range: KeyRange;
  readonly rows: number;
}

/** Rows as they stood when an import began. */
export interface Seen {
  readonly about: string;
  readonly rows: Rows;
}

/** Whether nothing is to be looked at again: files refuse to be others by themselves, and a slice is no whole import. */
export const isGuarded = ({ opened }: Legacy, run: Pick<Run, "trial">): boolean =>
  (run.trial !== null && !isWholeTrial(run)) ||
  opened.every(({ source }) => source.guarded === true);

/** What rows refer to, whole where it is no more than some thousands. */
export function glimpsesOfReferences(whole: WholeMigration): readonly Glimpse[] {
  const migration: Migration = sharedOf(whole);
  return Object.entries(migration.references)
    .filter(([, { from }]) => isRead(migration.source[from]))
    .map(([name, reference]) => ({
      about: `reference ${name}`,
      kind: "reference",
      key: keyOfReference(migration, reference),
      columns: ofReference(reference),
      range: { table: reference.from, after: null, upTo: null },
      rows: most.reference,
    }));
}

/**
 * Rows of each range from anywhere in it on, or a small table whole; of keys that no index has in order the first ones of
 * a table alone, as each range is sorted whole.
 */
export const glimpsesOfRanges = (
  whole: WholeMigration,
  { id, counts }: Pick<Run, "id" | "counts">,
  ranges: readonly (KeyRange & { readonly n: number })[],
): readonly Glimpse[] =>
  ranges.flatMap(({ n, ...range }) => {
    const { key, columns: declared } = whole.source[range.table] as SourceTable;
    const small = (counts[countedAs(range.table)] ?? 0) <= wholeUpTo;
    const sorted = typeof key !== "string";
    if (!isRead(whole.source[range.table]) || (sorted && !small && range.after !== null)) return [];
    // Of a table that made rows begin with, what they take of others is used as well, and is no column of it.
    const columns = [...usedColumns(whole, range.table)].filter((each) => declared.includes(each));
    const within = small || sorted ? range : fromWithin(range, `${id} ${n}`);
    const rows = small ? wholeUpTo : most.range;
    return [{ about: `range ${n}`, kind: "range" as const, key, columns, range: within, rows }];
  });

/** A range of whole numbers from one of them on: the same one whenever it is asked for. */
function fromWithin(range: KeyRange, by: string): KeyRange {
  if (range.upTo === null) return range;
  const from = BigInt(range.after ?? 0);
  const keys = BigInt(range.upTo) - from;
  if (keys <= 0n) return range;
  const part = BigInt(createHash("sha256").update(by).digest().readUInt16BE(0));
  // Not so far that no rows are left behind it.
  return { ...range, after: String(from + (keys * part * 9n) / (65_536n * 10n)) };
}

const isRead = (table: SourceTable | undefined): boolean =>
  table?.rows === undefined && table?.made === undefined;

/** What a source holds of some rows at this moment. */
export async function look(
  source: Source,
  run: string,
  glimpses: readonly Glimpse[],
  times = 1,
): Promise<readonly Seen[]> {
  const seen: Seen[] = [];
  for (const { about, key, columns, range, rows: wanted } of glimpses) {
    const keys = keyColumns(key);
    const all = [...new Set([...keys, ...columns])];
    const rows: Record<string, string> = {};
    const twice = new Set<string>();
    let left = wanted * times;
    for await (const page of source.read(range.table, key, all, range, Math.min(left, 1_000))) {
      for (const row of page.slice(0, left)) {
        const own = keyText(row.slice(0, keys.length));
        if (own === null) continue;
        const id = digest(run, own);
        // Of two rows of one key nobody can tell which became which.
        if (rows[id] !== undefined) twice.add(id);
        rows[id] = digest(run, JSON.stringify(row));
      }
      left -= page.length;
      if (left <= 0) break;
    }
    for (const id of twice) delete rows[id];
    seen.push({ about, rows });
  }
  return seen;
}

/** Nine bytes: two that differ by chance are no matter, and nobody is known by them. */
const digest = (run: string, text: string): string =>
  createHash("sha256").update(`${run} ${text}`).digest("base64").slice(0, 12);

export async function keepSeen(db: Database, run: string, seen: readonly Seen[]): Promise<void> {
  for (const { about, rows } of seen) {
    await db.execute(sql`
      insert into wavegate.source_glimpses (run_id, about, rows) values (${uuid(run)}, ${about}, ${json(rows)})
      on conflict (run_id, about) do update set rows = excluded.rows`);
  }
}

/** What was seen when a run's import began; nothing where that guards itself. */
export const seenOf = (db: Database, run: string): Promise<Seen[]> =>
  rowsWhole<Seen>(
    db,
    sql`select about, rows from wavegate.source_glimpses where run_id = ${uuid(run)} order by about`,
  );

/**
 * How many of the rows that were looked at when an import began hold something else under their keys when it ends.
 * Errors: `SourceChanged` where more do than a source in use may change meanwhile: rows that were given each other's keys,
 * or a table that was emptied and filled anew, have the same number before and after.
 */
export async function rewritten(
  db: Database,
  source: Source,
  run: Run,
  migration: WholeMigration,
  seen: readonly Seen[],
): Promise<number> {
  const ranges = await db.rows<RangeRow>(sql`
    select n, source_table, after_key, up_to_key from wavegate.import_ranges where run_id = ${uuid(run.id)} order by n`);
  const glimpses = [
    ...glimpsesOfReferences(migration),
    ...glimpsesOfRanges(
      migration,
      run,
      ranges.map(({ n, source_table: table, after_key, up_to_key }) => ({
        ...{ n, table, after: readKey(after_key), upTo: readKey(up_to_key) },
      })),
    ),
  ];
  const told = new Map<string, { kind: Glimpse["kind"]; of: number; others: number }>();
  for (const glimpse of glimpses) {
    const before = seen.find(({ about }) => about === glimpse.about);
    if (before === undefined) continue;
    // Rows that came since stand before some of them.
    const [now] = await look(source, run.id, [glimpse], 2);
    const { of, others } = told.get(glimpse.range.table) ?? { of: 0, others: 0 };
    const known = Object.entries(before.rows).filter(([key]) => now?.rows[key] !== undefined);
    told.set(glimpse.range.table, {
      kind: glimpse.kind,
      of: of + known.length,
      others: others + known.filter(([key, row]) => now?.rows[key] !== row).length,
    });
  }
  for (const [table, { kind, of, others }] of told) {
    if (others > (kind === "range" ? Math.max(1, of * mayDiffer.range) : of * mayDiffer.reference))
      throw new SourceChanged(
        `The source changed while it was read: of ${several(of, "row")} of ${table} that ${of === 1 ? "was" : "were"} looked at again, ${count(others)} ${others === 1 ? "holds" : "hold"} something else under ${others === 1 ? "its key" : "their keys"} than when the import began. ` +
          "Nothing was committed. Start a new run, of a source that nobody writes anew meanwhile, or of a copy of it.",
      );
  }
  return [...told.values()].reduce((sum, { others }) => sum + others, 0);
}

interface RangeRow {
  readonly n: number;
  readonly source_table: string;
  readonly after_key: string | null;
  readonly up_to_key: string | null;
}
