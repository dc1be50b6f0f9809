import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Database, longestStatement } from "../../lib/data/database.ts";
import {
  allRecords,
  bytesOf,
  charactersAround,
  lookTogether,
  oneRecord,
  rowsWhole,
} from "../../lib/data/records.ts";
import { raw, render, type Sql, sql } from "../../lib/data/sql.ts";
import { auditLog } from "../../lib/evidence/records.ts";
import { newestReport, reportOf } from "../../lib/review/kept-report.ts";
import { databaseShelf } from "../../lib/services/kept-readings.ts";
import { columnsRead } from "../../lib/stages/import/stage-range.ts";
import { testServices } from "../support/services.ts";

/** The stand-in refuses a row past 64 KB and an answer past 1 MiB, as the Data API does. */
describe("what is longer than a row of an answer", () => {
  let world: Awaited<ReturnType<typeof testServices>>;
  beforeAll(async () => {
    world = await testServices({ overHttp: true, now: () => new Date("2026-11-20T10:00:00.000Z") });
  });
  afterAll(() => world.close());

  const numbered = (upTo: number, record: string) =>
    sql`select n, ${raw(record)} as record from generate_series(1, ${raw(String(upTo))}) n`;

  it.each([0, 1, 999, 1_000, 1_001, 2_003])("W12 %i records come once each", async (count) => {
    const read = await allRecords(
      world.services.stage,
      numbered(count, "jsonb_build_object('n', n)"),
    );
    expect(read).toEqual(Array.from({ length: count }, (_, at) => ({ n: at + 1 })));
  });

  it("W12 records of any length and any letters are whole: beyond a row, beyond an answer, at the very end of a piece", async () => {
    // `"…"` is as long as a piece where the text is two bytes shorter; of others letters are cut in the middle.
    const text = `case n % 5 when 0 then repeat('😀"', 90000) when 1 then repeat('x', ${bytesOf - 2})
                               when 2 then repeat(E'\\u0001\\n', 150000) when 3 then repeat('é', ${(3 * bytesOf) / 2 - 1}) else '' end`;
    const read = await allRecords<string>(
      world.services.stage,
      numbered(10, `to_jsonb((${text})::text)`),
    );
    const wanted = ["", "x".repeat(bytesOf - 2), "\u0001\n".repeat(150_000)];
    wanted.push("é".repeat((3 * bytesOf) / 2 - 1), "", '😀"'.repeat(90_000));
    const lengths = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((n) => wanted[n % 5 || 5]?.length);
    expect(read.map(({ length }) => length)).toEqual(lengths);
    expect(read.every((each, at) => each === wanted[(at + 1) % 5 || 5])).toBe(true);
  });

  it("W4 what is looked at together is asked in one request, and in as few as take it where that is too long", async () => {
    const asked: string[] = [];
    const { stage } = world.services;
    const counting: Database = {
      ...stage,
      rows: (statement) => {
        asked.push(render(statement).sql);
        return stage.rows(statement);
      },
    };
    const long = (letter: string) => sql`select ${raw(`'${letter.repeat(40_000)}'`)}::text`;
    const short = { one: sql`select 1`, list: sql`select '[{"n": 2}]'::jsonb` };
    expect(await lookTogether(counting, short)).toEqual({ one: 1, list: [{ n: 2 }] });
    expect(asked).toHaveLength(1);
    expect(await lookTogether(counting, { a: long("a"), ...short, b: long("b") })).toEqual({
      ...{ a: "a".repeat(40_000), one: 1 },
      ...{ list: [{ n: 2 }], b: "b".repeat(40_000) },
    });
    expect(asked).toHaveLength(3);
    expect(asked.every(({ length }) => length <= longestStatement)).toBe(true);
  });

  it("W12 ids beyond 2^53 are read to the last digit, as in any answer", async () => {
    const read = await allRecords(
      world.services.stage,
      numbered(1, `jsonb_build_object('id', 9223372036854775807, 'long', repeat('x', 20000))`),
    );
    expect(read).toEqual([{ id: "9223372036854775807", long: "x".repeat(20_000) }]);
  });

  it("R6 a dry run's report of any length is read", async () => {
    const run = "00000000-0000-4000-8000-000000000001";
    const counts = Array.from({ length: 3_000 }, (_, at) => ({
      id: `count_${at}`,
      says: `Things of the kind “${at}”, which nobody counted before`,
      rows: at,
    }));
    await world.query(
      `insert into wavegate.legacy_import_runs (id, reference, migration, definition_digest, definition, connection_name, focus_mode, wave_plan, seed)
       values ($1, 'LONG-1', 'long', '', '{}', '', 'all', '[]', '1')`,
      [run],
    );
    await world.query(
      `insert into wavegate.dry_runs (run_id, digest, parts, report) values ($1, repeat('a', 64), '{}', $2)`,
      [run, JSON.stringify({ counts })],
    );
    const { stage } = world.services;
    expect((await newestReport(stage, run))?.counts).toEqual(counts);
    expect((await reportOf(stage, run, "a".repeat(64)))?.counts).toEqual(counts);
    expect(await reportOf(stage, run, "b".repeat(64))).toBeUndefined();
  });

  it("W12 of a long log each answer reads its own entries, and not all before them", async () => {
    const run = "00000000-0000-4000-8000-000000000001";
    await world.query(
      `insert into wavegate.audit_log (run_id, seq, at, actor, action, details, previous, hash)
       select $1, n, '2026-11-20T10:00:00.000Z', 'wavegate', 'looked', '{}', repeat('0', 64), repeat('1', 64) from generate_series(1, 12000) n`,
      [run],
    );
    await world.query("analyze wavegate.audit_log");
    const read = async () => {
      // A session counts what it read when it is asked again.
      await world.services.stage.rows(sql`select 1 as one`);
      const [{ n } = { n: 0 }] = await world.query<{ n: number }>(
        "select (seq_tup_read + idx_tup_fetch)::int as n from pg_stat_user_tables where relname = 'audit_log'",
      );
      return n;
    };
    const before = await read();
    const entries = await auditLog(world.services.stage, run);
    expect(entries.map(({ seq }) => seq)).toEqual(Array.from({ length: 12_000 }, (_, n) => n + 1));
    await expect.poll(read).toBeGreaterThan(before + 11_999);
    expect((await read()) - before).toBeLessThan(3 * 12_000);

    // Of a log from which entries were taken, past its guards, the rest is told, once each.
    const taken: number[] = [];
    for (const seqs of [[1000], [5, 1500, 1501]]) {
      taken.push(...seqs);
      await world.query(`
        alter table wavegate.audit_log disable trigger all;
        delete from wavegate.audit_log where run_id = '${run}' and seq in (${seqs.join(", ")});
        alter table wavegate.audit_log enable trigger all`);
      expect((await auditLog(world.services.stage, run)).map(({ seq }) => seq)).toEqual(
        Array.from({ length: 12_000 }, (_, n) => n + 1).filter((n) => !taken.includes(n)),
      );
    }
  });

  it("W12 so are rows of several columns, one or none of them, and which columns a run reads of its tables", async () => {
    const { stage } = world.services;
    const wide = (upTo: number) => sql`
      select n, repeat('é', 70000) as long, array['a', null] as list, n = 1 as first, null::text as none
        from generate_series(1, ${upTo}::int) n order by n desc`;
    const row = { long: "é".repeat(70_000), list: ["a", null], none: null };
    const [two, one] = [
      { n: 2, first: false, ...row },
      { n: 1, first: true, ...row },
    ];
    expect(await rowsWhole(stage, wide(2))).toEqual([two, one]);
    expect(await rowsWhole(stage, wide(0))).toEqual([]);
    expect(await oneRecord(stage, wide(1))).toEqual(one);
    for (const count of [0, 2])
      await expect(oneRecord(stage, wide(count))).rejects.toThrow("One row was expected");
    const run = "00000000-0000-4000-8000-000000000001";
    const columns = Array.from({ length: 1_500 }, (_, at) => `${"c".repeat(50)}${at}`);
    await world.query(
      "insert into wavegate.source_columns (run_id, source_table, columns) values ($1, 'wide', $2)",
      [run, columns],
    );
    expect(await columnsRead(world.services, run)).toEqual({ wide: columns });
  });

  it("W12 reading in pieces adds no more to a statement than is said", async () => {
    const asked: Sql[] = [];
    const rows = async (statement: Sql) => {
      asked.push(statement);
      return [];
    };
    await rowsWhole({ ...world.services.stage, rows } as Database, sql`select 1`);
    const around = asked.map((each) => render(each).sql.length - "select 1".length);
    expect(around).toEqual([expect.any(Number)]);
    expect(Math.max(...around)).toBeLessThanOrEqual(charactersAround);
  });

  it.each([0, 1, 35_999, 36_000, 36_001, 16 * 36_000, 3_000_000])(
    "V11 what was read of an account, %i letters of it, is kept whole",
    async (length) => {
      const shelf = databaseShelf(world.services.stage, "club");
      const text = "é€😀 \u0000".repeat(length).slice(0, length);
      await shelf.put("readings/1.json", text);
      expect((await shelf.get("readings/1.json")) === text).toBe(true);
      expect(await shelf.get("readings/2.json")).toBeUndefined();
    },
  );
});
