import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findRun } from "../../lib/data/runs.ts";
import { holdRow } from "../../lib/review/rows/held-rows.ts";
import { previewRollback } from "../../lib/stages/preview-rollback.ts";
import { type CsvServices, csvServices } from "../support/csv-services.ts";
import { reviewedRun, toTheEnd } from "../support/steps.ts";
import { committed, rowsOf, standing, takenBack } from "./whole-life.ts";
import { lending, lendingFiles, lendingPlatform } from "./worlds/lending.ts";

const runs = [1, 2, 3, 4].map((n) => `7f3a0000-0000-4000-8000-00000000c50${n}`) as [
  string,
  string,
  string,
  string,
];

let test: CsvServices;
beforeAll(async () => {
  test = await csvServices(lending, lendingPlatform, lendingFiles);
});
afterAll(() => test?.close());

const states = async (view: string, run: string) =>
  (await standing(test, view, run)).map(
    ({ no, state, why }) => `${no} ${state}${why ? ` ${why}` : ""}`,
  );

describe("B5 a migration of several kinds of things", () => {
  const tables = ["levels", "sites", "patrons", "loans"];

  it("B5 B7 R17 goes all the way, and back", async () => {
    const before = await rowsOf(test, tables);
    // With figures of the platform that are some, and no more than the definition lets them be.
    expect(await committed(test, runs[0])).toEqual([]);
    expect(await states("lending_level", runs[0])).toEqual([
      "adult skipped moved_before",
      "junior committed",
    ]);
    expect(await states("lending_branch", runs[0])).toEqual([
      "N committed",
      "S committed",
      "X held title_missing",
    ]);
    expect(await states("lending_reader", runs[0])).toEqual([
      "R-1 committed",
      "R-2 committed",
      "R-3 held left",
      "R-4 held waits_for_branch",
      "R-5 committed",
    ]);
    expect(await states("lending_loan", runs[0])).toEqual([
      "1 committed",
      "2 committed",
      "3 held reader_missing",
      "4 held reader_missing",
      "5 held reader_missing",
      "6 held waits_for_branch",
      "7 committed",
    ]);
    expect(
      await test.query(
        "select legacy_id as no, reader_is, branch_is from wavegate.lending_loan order by id",
      ),
    ).toEqual([
      { no: "1", reader_is: "there", branch_is: "there" },
      { no: "2", reader_is: "there", branch_is: "none" },
      { no: "3", reader_is: "waits", branch_is: "there" },
      { no: "4", reader_is: "absent", branch_is: "there" },
      { no: "5", reader_is: "waits", branch_is: "none" },
      { no: "6", reader_is: "there", branch_is: "absent" },
      { no: "7", reader_is: "there", branch_is: "there" },
    ]);
    const written = await test.query(
      `select l.book, p.card, l.patron_title as title, v.label, h.legacy_code as home, s.legacy_code as place
         from loans l join patrons p on p.id = l.patron_id join sites h on h.id = p.site_id join levels v on v.id = p.level_id
         left join sites s on s.id = l.site_id order by l.no`,
    );
    expect(written.map((row) => Object.values(row).join(" "))).toEqual([
      "Emma R-1 Ada Okafor Grown-up N N",
      "Middlemarch R-2 Ben Bello Junior S ",
      "Cranford R-1 Ada Okafor Grown-up N S",
    ]);
    const [ids] = await test.query(
      "select (select min(id) from wavegate.lending_level) as level, (select min(id) from wavegate.lending_loan) as loan",
    );
    expect(ids).toEqual({ level: "1", loan: "3000000000001" });
    // The first wave, of three rows, goes through all of them: a loan, its reader, the reader's branch.
    expect(
      await test.query(
        "select round, string_agg(target_table, ' ' order by id) as wrote from wavegate.legacy_import_commit_logs where wave = 1 group by 1 order by 1",
      ),
    ).toEqual([
      { round: 1, wrote: "sites patrons loans" },
      { round: 2, wrote: "sites patrons loans" },
    ]);
    expect(await takenBack(test, runs[0])).toEqual([]);
    expect(await rowsOf(test, tables)).toEqual(before);
  });

  it("D38 a row waits whose row above the platform refuses, or a person holds, and all of it is taken back", async () => {
    await test.query(
      "create function welcome(card text) returns boolean language sql immutable as $$ select card <> 'R-2' $$",
    );
    await test.query("alter table patrons add constraint patrons_welcome check (welcome(card))");
    const before = await rowsOf(test, tables);
    await reviewedRun(test, runs[3], { wavePlan: [3, 10] });
    const run = await findRun(test.services.stage, runs[3]);
    const [ada] = await test.query<{ id: number }>(
      "select id::float8 as id from wavegate.lending_reader where run_id = $1 and legacy_id = 'R-1'",
      [runs[3]],
    );
    await holdRow(test.services.sign, run, {
      row: ada?.id ?? 0,
      person: "approver",
      reason: "asked for",
    });
    await toTheEnd(test, runs[3]);
    expect(await states("lending_reader", runs[3])).toEqual([
      "R-1 held held_by_person",
      "R-2 held refused_by_platform",
      "R-3 held left",
      "R-4 held waits_for_branch",
      "R-5 committed",
    ]);
    expect((await states("lending_loan", runs[3])).slice(0, 2)).toEqual([
      "1 held waits_for_reader",
      "2 held waits_for_reader",
    ]);
    expect(await test.query("select no from loans")).toEqual([]);
    const { waves } = await previewRollback(test.services, runs[3]);
    expect(waves.map(({ entries, spared }) => [entries, spared])).toEqual(
      waves.map(({ entries }) => [entries, 0]),
    );
    expect(await takenBack(test, runs[3])).toEqual([]);
    expect(await rowsOf(test, tables)).toEqual(before);
    await test.query("alter table patrons drop constraint patrons_welcome");
  });

  it("B5 M11 once more writes nothing: the ledger knows each row, and what rows refer to is there", async () => {
    expect(await committed(test, runs[1])).toEqual([]);
    const after = await rowsOf(test, tables);
    expect(await committed(test, runs[2])).toEqual([]);
    expect(await rowsOf(test, tables)).toEqual(after);
    expect(await states("lending_branch", runs[2])).toEqual([
      "N skipped moved_before",
      "S skipped moved_before",
      "X held title_missing",
    ]);
    expect(await states("lending_loan", runs[2])).toEqual([
      "1 skipped moved_before",
      "2 skipped moved_before",
      "3 held reader_missing",
      "4 held reader_missing",
      "5 held reader_missing",
      "6 held waits_for_branch",
      "7 skipped moved_before",
    ]);
  });
});
