import { namesItself } from "../../compile/above-columns.ts";
import { stagedTable } from "../../compile/rows.ts";
import { nextRows, stagedNext, type WaveOrder } from "../../compile/wave/rows.ts";
import type { Database } from "../../data/database.ts";
import type { Run } from "../../data/runs.ts";
import { raw, type Sql, sql, uuid } from "../../data/sql.ts";
import type { Migration } from "../../define/definition.ts";
import { partsOf } from "../../define/several.ts";
import { nextWaveNumber, sizeOfWave, wavesOf } from "./plan.ts";
import { type ListedRow, listedRows } from "./staged-page.ts";
import { kindsOf, sliceOf } from "./write.ts";

/** What a row of the wave becomes: written by an action, or linked to a row of a platform's table. */
interface Becomes {
  readonly planned: "commit" | "link" | "update";
  readonly action: string | null;
  readonly table: string | null;
}

/** A row that the next wave would take, masked, and what would become of it. */
export type AheadRow = ListedRow & Becomes;

/** The wave that would be written next, as the rows stand now. */
export interface WaveAhead {
  readonly wave: number;
  /** Rows that it would take. */
  readonly rows: number;
  /** How many of them become what, most first. */
  readonly becomes: readonly (Becomes & { readonly rows: number })[];
  readonly page: readonly AheadRow[];
  /** Where the next page begins; null at the end. */
  readonly next: number | null;
  /** Where the page before this one ends; null on the first. */
  readonly previous: number | null;
}

/** Rows of the wave behind an id, or those right before one. */
export interface PageAhead {
  readonly from: { readonly after: number } | { readonly before: number };
  readonly rows: number;
}

/**
 * The rows that the next wave of a run would take if it were written now, in the order of their ids, page by
 * page. It is the very selection that a wave makes, kind by kind and of a kind that refers to itself level by level, of
 * which each takes the ones before for written; what the platform changes until then is held then.
 */
export async function waveAhead(db: Database, run: Run, page: PageAhead): Promise<WaveAhead> {
  const { wave, round } = nextWaveNumber(await wavesOf(db, run.id));
  const parts = partsOf(run.definition);
  const becomes: (Becomes & { rows: number })[] = [];
  const found: AheadRow[] = [];
  const size = sizeOfWave(run.wave_plan, wave);
  const before: number[] = [];
  const whole = { run: run.id, wave, round, size };
  const orderOf = async (part: Migration) => ({ ...whole, kinds: await kindsOf(db, part, whole) });
  const slice = await sliceOf(db, parts, whole, orderOf);
  const takeNext = async (part: Migration): Promise<number> => {
    const rows = slice?.get(part);
    const left = size - before.length;
    if (left === 0 || rows?.length === 0) return 0;
    const order = {
      ...(await orderOf(part)),
      size: left,
      before: [...before],
      ...(rows && { rows }),
    };
    if (!part.waves.order.some((kind) => order.kinds.includes(kind))) return 0;
    const counted = await db.rows<Becomes & { rows: number }>(countsOf(part, order));
    if (counted.length > 0) found.push(...(await pageOf(db, part, order, page)));
    const taken = await db.rows<{ id: number }>(
      sql`with ${nextRows(part, order)} select id from next`,
    );
    before.push(...taken.map(({ id }) => id));
    for (const each of counted) {
      const same = becomes.find((other) => kindOf(other) === kindOf(each));
      if (same === undefined) becomes.push(each);
      else same.rows += each.rows;
    }
    return counted.length;
  };
  for (const part of parts) {
    let took = await takeNext(part);
    while (took > 0 && namesItself(part)) took = await takeNext(part);
  }
  const sorted = found.sort((one, other) => one.id - other.id);
  const back = "before" in page.from;
  const shown = back ? sorted.slice(-page.rows) : sorted.slice(0, page.rows);
  const more = sorted.length > page.rows;
  return {
    wave,
    rows: before.length,
    becomes: becomes.sort((one, other) => other.rows - one.rows),
    page: shown,
    next: back || more ? (shown.at(-1)?.id ?? null) : null,
    previous: ("before" in page.from ? more : page.from.after >= 0) ? (shown[0]?.id ?? null) : null,
  };
}

/** What tells rows apart by what they become. */
const kindOf = ({ planned, action, table }: Becomes): string =>
  JSON.stringify([planned, action, table]);

const becoming =
  raw(`s.planned, case when s.planned in ('commit', 'update') then s.planned_action end as action,
           case when s.planned = 'link' then s.link_table end as "table"`);

const countsOf = (part: Migration, order: WaveOrder): Sql => sql`
  with ${nextRows(part, order)}
  select ${becoming}, count(*) as rows
    from ${stagedNext(part, order.run)} group by 1, 2, 3`;

/** One more row than is shown tells whether there is another page. */
async function pageOf(
  db: Database,
  part: Migration,
  order: WaveOrder,
  { from, rows }: PageAhead,
): Promise<AheadRow[]> {
  const beyond = "after" in from ? sql`> ${from.after}` : sql`< ${from.before}`;
  const way = raw("after" in from ? "asc" : "desc");
  const known = await db.rows<Becomes & { id: number }>(sql`
    with ${nextRows(part, order)},
    page as materialized (select id from next where id ${beyond} order by id ${way} limit ${rows + 1})
    select s.id, ${becoming}
      from page join ${raw(stagedTable(part))} s on s.run_id = ${uuid(order.run)} and s.id = page.id`);
  const byId = new Map(known.map((each) => [each.id, each]));
  const shown = await listedRows(db, order.run, [...byId.keys()]);
  return shown.flatMap((row) => {
    const each = byId.get(row.id);
    return each ? [{ ...row, ...each }] : [];
  });
}
