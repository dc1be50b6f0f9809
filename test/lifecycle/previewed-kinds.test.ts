import { describe, expect, it } from "vitest";
import { rollback } from "../../lib/stages/rollback.ts";
import { someOf } from "../support/every-step.ts";
import { meetingAt } from "../support/overtaken.ts";
import { agree, ofRoleHere, ofTheRun, run, whole } from "./previewed.ts";
import { faultsOfBundle, saidAndDone } from "./whole-life.ts";
import { lending, lendingFiles, lendingPlatform } from "./worlds/lending.ts";

describe("B1 of several kinds of things a preview says what the act does", () => {
  const library = whole(lending, lendingPlatform, lendingFiles);

  it.each<[string, number, string[], string[]]>(
    someOf<[string, number, string[], string[]]>(4, [
      ["nothing was changed", 0, [], []],
      [
        "a row was edited that refers to others: what it refers to stays, whatever wave wrote it",
        3,
        ["update loans set book = 'another' where no = '1'"],
        ["update loans set book = 'Emma' where no = '1'"],
      ],
      [
        "the last one was edited: those stay that it refers to, and what these refer to",
        4,
        ["update loans set book = 'another' where no = '7'"],
        ["update loans set book = 'Cranford' where no = '7'"],
      ],
      [
        "rows in the middle were edited",
        6,
        ["update patrons set title = title || '!'"],
        ["update patrons set title = left(title, -1)"],
      ],
      [
        "a row that others refer to was edited, and goes no more",
        1,
        ["update levels set days = 7 where code = 'junior'"],
        ["update levels set days = null where code = 'junior'"],
      ],
      ["rows that refer were deleted", 0, ["delete from loans where no in ('1', '2')"], []],
      [
        "somebody else refers to a row in the middle",
        3,
        [
          "create table fines (patron uuid references patrons)",
          "grant select on fines to $commit",
          "insert into fines select id from patrons where card = 'R-2'",
        ],
        ["drop table fines"],
      ],
      [
        "somebody else's row of a table of ours refers to one of ours",
        2,
        [
          "insert into patrons (title, site_id, level_id) select 'Else', s.id, v.id from sites s, levels v where s.legacy_code = 'S' and v.code = 'junior'",
        ],
        ["delete from patrons where title = 'Else'"],
      ],
      [
        "a row of another table refers, which is called as one of ours, in a schema of its own",
        3,
        [
          "create schema archive",
          "create table archive.loans (id bigint primary key, patron uuid references patrons)",
          "insert into archive.loans select id, patron_id from loans where no = '2'",
          "grant usage on schema archive to $commit",
          "grant select on archive.loans to $commit",
        ],
        ["drop schema archive cascade"],
      ],
      [
        "a row came to refer to itself",
        0,
        [
          "alter table patrons add column friend uuid references patrons on delete cascade",
          "update patrons set friend = id where card = 'R-2'",
        ],
        ["alter table patrons drop column friend"],
      ],
      [
        "a row came to refer to another of its table: that one goes with the next rollback",
        3,
        [
          "alter table patrons add column friend uuid references patrons",
          "update patrons set friend = (select id from patrons where card = 'R-2') where card = 'R-5'",
        ],
        ["alter table patrons drop column friend"],
      ],
      [
        "what refers goes by itself, three deep",
        3,
        [
          "create table fines (id int primary key, patron uuid references patrons on delete cascade)",
          "create table dues (id int primary key, fine int references fines on delete cascade)",
          "create table stamps (due int references dues on delete cascade)",
          "grant select on fines to $commit",
          "insert into fines select 1, id from patrons where card = 'R-2'",
          "insert into dues values (1, 1)",
          "insert into stamps values (1)",
        ],
        ["drop table stamps, dues, fines"],
      ],
      [
        "what refers is cleared, or set to its default, and follows its key by itself",
        5,
        [
          "create table fines (patron uuid references patrons on delete set null on update cascade, other uuid references patrons on delete set default on update cascade)",
          "grant select on fines to $commit",
          "insert into fines (patron) select id from patrons where card = 'R-2'",
          "insert into fines (other) select id from patrons where card = 'R-5'",
        ],
        ["drop table fines"],
      ],
      [
        "a part of what refers was taken out of its table, another one is in it",
        5,
        [
          "create table fines (patron uuid references patrons, kind text) partition by list (kind)",
          "create table fines_a partition of fines for values in ('a')",
          "create table fines_b partition of fines for values in ('b')",
          "insert into fines select id, 'a' from patrons where card = 'R-2'",
          "insert into fines select id, 'b' from patrons where card = 'R-5'",
          "alter table fines detach partition fines_a",
          "grant select on fines, fines_a to $commit",
        ],
        ["drop table fines, fines_a"],
      ],
      [
        "a column is of a domain by now, which demands more since",
        0,
        [
          "create domain titled as text",
          "alter table patrons alter title type titled",
          "alter domain titled add constraint is_short check (length(value) < 100)",
        ],
        ["alter table patrons alter title type text", "drop domain titled"],
      ],
      [
        "the role that takes back has limits of its own, shorter than it needs",
        0,
        [
          ofRoleHere("set statement_timeout = '200ms'"),
          ofRoleHere("set lock_timeout = '1ms'"),
          ofRoleHere("set idle_in_transaction_session_timeout = '5s'"),
          "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and usename = '$commit'",
          "create function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(0.1); return old; end $$",
          "create trigger slow before delete on loans for each row execute function slow()",
        ],
        ["drop function slow() cascade", ofRoleHere("reset all")],
      ],
    ]),
  )("%s", async (_what, spared, disturb, mend) => {
    const test = await library.lend();
    try {
      for (const statement of disturb) {
        await test.query(statement.replace("$commit", ofTheRun(test)));
      }
      expect(await agree(test)).toBe(spared);
      for (const statement of mend) await test.query(statement.replace("$commit", ofTheRun(test)));
      expect(await agree(test)).toBe(0);
      expect(await library.standing(test)).toEqual(library.asItWas());
    } finally {
      await test.close();
    }
  });

  it("R13 D16 of rows that the platform gives up, but not together, the last one is spared by name", async () => {
    const test = await library.lend();
    try {
      await test.query(`create function keeps_one() returns trigger language plpgsql as $$ begin
        if old.book <> 'Emma' and not exists (select from loans where id <> old.id and book <> 'Emma') then raise exception 'one stays'; end if; return old; end $$`);
      await test.query(
        "create trigger keeps_one before delete on loans for each row execute function keeps_one()",
      );
      const { done, spared } = await saidAndDone(test, run);
      expect(spared).toBe(4);
      const refused = done.flatMap(({ conflicts }) => conflicts).filter((each) => each.refused);
      expect(refused.map(({ table, refused: by }) => [table, by])).toEqual([
        ["loans", "keeps_one (P0001)"],
      ]);
      expect(await test.query("select book from loans")).toEqual([{ book: "Cranford" }]);
      expect(await faultsOfBundle(test, run)).toEqual([]);
      await test.query("drop function keeps_one() cascade");
      expect(await agree(test)).toBe(0);
      expect(await library.standing(test)).toEqual(library.asItWas());
    } finally {
      await test.close();
    }
  });

  it("R13 D16 what holds in the end refuses nobody, though a row is refused beside it", async () => {
    const test = await library.lend();
    try {
      await test.query(`create function together() returns trigger language plpgsql as $$ begin
        if old.book = 'Middlemarch' and exists (select from patrons where id = old.patron_id) then raise exception 'loans go with whose they are'; end if; return null; end $$`);
      await test.query(
        "create constraint trigger together after delete on loans deferrable initially deferred for each row execute function together()",
      );
      await test.query(`create function keeps_cranford() returns trigger language plpgsql as $$ begin
        if old.book = 'Cranford' then raise exception 'it stays'; end if; return old; end $$`);
      await test.query(
        "create trigger keeps_cranford before delete on loans for each row execute function keeps_cranford()",
      );
      const { done, spared } = await saidAndDone(test, run);
      expect(spared).toBe(4);
      const refused = done.flatMap(({ conflicts }) => conflicts).filter((each) => each.refused);
      expect(refused.map(({ refused: by }) => by)).toEqual(["keeps_cranford (P0001)"]);
      expect(await test.query("select book from loans")).toEqual([{ book: "Cranford" }]);
      await test.query("drop function keeps_cranford() cascade");
      expect(await agree(test)).toBe(0);
      expect(await library.standing(test)).toEqual(library.asItWas());
    } finally {
      await test.close();
    }
  });

  it("R13 W3 a right that is lost in the middle is named, and spares nothing: given back, the rollback goes to its end", async () => {
    const ends = new Set<unknown>();
    for (let nth = 6, met = true; met; nth += 11) {
      const test = await library.lend();
      try {
        const role = ofTheRun(test);
        const ended = await meetingAt(
          test,
          nth,
          ({ services }) => rollback(services, run),
          () => test.query(`revoke delete on loans from ${role}`),
        );
        met = ended.met;
        ends.add(ended.act instanceof Error ? ended.act.name : "done");
        await test.query(`grant delete on loans to ${role}`);
        expect((await rollback(test.services, run)).outcome).not.toBe("conflicts");
        expect(await library.standing(test)).toEqual(library.asItWas());
      } finally {
        await test.close();
      }
    }
    expect(ends).toEqual(new Set(["PrivilegesMissing", "done"]));
  });

  it("of a part of the waves as well, and of the rest behind it", async () => {
    const test = await library.lend();
    try {
      await test.query("update loans set book = book || '!'");
      expect(await agree(test, 2)).toBeGreaterThan(0);
      expect(await agree(test)).toBeGreaterThan(0);
      await test.query("update loans set book = left(book, -1)");
      expect(await agree(test, 2)).toBe(0);
      // What came under the key of a row that was taken back is somebody else's.
      await test.query(`insert into loans (id, book, patron_id, patron_title)
        select l.target_id, 'Else', p.id, p.title from wavegate.legacy_import_commit_logs l, patrons p
         where l.target_table = 'loans' and l.rolled_back_at is not null and p.card = 'R-1' order by 1 limit 1`);
      expect(await agree(test)).toBeGreaterThan(0);
      await test.query("delete from loans where book = 'Else'");
      expect(await agree(test)).toBe(0);
      expect(await library.standing(test)).toEqual(library.asItWas());
    } finally {
      await test.close();
    }
  });
});
