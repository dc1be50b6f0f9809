import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isElsewhere } from "../../lib/compile/written-rows.ts";
import { databaseRoles } from "../../lib/define/database-roles.ts";
import { resume } from "../../lib/review/control.ts";
import { finalVerify } from "../../lib/stages/final-verify.ts";
import { nextWave } from "../../lib/stages/next-wave.ts";
import { previewRollback } from "../../lib/stages/preview-rollback.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { meetingAt } from "../support/overtaken.ts";
import {
  type LeftServices,
  setUpAgain,
  type TestServices,
  testServices,
  type World,
} from "../support/services.ts";
import { toTheEnd } from "../support/steps.ts";
import { committed, faultsOfBundle, rowsOf, saidAndDone } from "./whole-life.ts";
import { lending, lendingFiles, lendingPlatform } from "./worlds/lending.ts";
import { mendedRooms, renamedRooms, rooms, roomsFiles, roomsPlatform } from "./worlds/rooms.ts";
import { roster, rosterFiles, rosterPlatform } from "./worlds/roster.ts";

const run = "7f3a0000-0000-4000-8000-00000000d501";

/** A run that is complete, with two waves and more, to be lent in copies. */
function whole(migration: World["migration"], platform: string, files: Record<string, string[]>) {
  let legacy: string;
  let world: World;
  let left: LeftServices;
  let before: Awaited<ReturnType<typeof rowsOf>>;
  beforeAll(async () => {
    legacy = await mkdtemp(join(tmpdir(), "wavegate-legacy-"));
    for (const [table, lines] of Object.entries(files)) {
      await writeFile(join(legacy, `${table}.csv`), `${lines.join("\n")}\n`);
    }
    world = { migration, platform: [platform], legacy };
    const test = await testServices({ world });
    before = await standing(test);
    expect(await committed(test, run)).toEqual([]);
    left = await test.leave();
  });
  afterAll(async () => {
    await left.remove();
    await rm(legacy, { recursive: true });
  });
  const standing = (test: TestServices) => rowsOf(test, tablesOf(migration));
  return {
    lend: () => testServices({ world, from: left }),
    standing,
    asItWas: () => before,
  };
}

const tables: Readonly<Record<string, readonly string[]>> = {
  lending: ["levels", "sites", "patrons", "loans"],
  roster: ["club_grades", "club_members", "club_notes"],
  rooms: ["rooms"],
};
const tablesOf = ({ name }: World["migration"]) => tables[name] ?? [];

const ofTheRun = ({ definition: { name } }: TestServices) =>
  databaseRoles(`draft_${name}`).commit(name);

/** Of this database alone: roles are every test's. */
const ofRoleHere = (setting: string) =>
  `do $do$ begin execute format('alter role $commit in database %I ${setting.replaceAll("'", "''")}', current_database()); end $do$`;

async function agree(test: TestServices, toWave = 1): Promise<number> {
  const { said, done, differs, spared } = await saidAndDone(test, run, toWave);
  expect(said).toEqual(done);
  expect(differs).toEqual([]);
  return spared;
}

describe("B1 of several kinds of things a preview says what the act does", () => {
  const library = whole(lending, lendingPlatform, lendingFiles);

  it.each<[string, number, string[], string[]]>([
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
  ])("%s", async (_what, spared, disturb, mend) => {
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
      expect(await agree(test)).toBe(0);
      expect(await library.standing(test)).toEqual(library.asItWas());
    } finally {
      await test.close();
    }
  });
});

describe("B1 V10 of rows that were brought up to date a preview says what the act does", () => {
  const club = whole(roster, rosterPlatform, rosterFiles);
  /** Not when a row changed last, which a trigger of the platform's own says. */
  const shown = (rows: unknown) =>
    JSON.parse(JSON.stringify(rows, (key, value) => (key === "changed_at" ? null : value)));

  it.each<[string, number, string[], string[]]>([
    ["nothing was changed", 0, [], []],
    [
      "columns were edited, one of them to what it held before",
      1,
      [
        "update club_members set mobile = 'x' where full_name = 'Ben Bello'",
        "update club_members set joined = null where full_name = 'Ida Lane'",
      ],
      ["update club_members set mobile = '447911123002' where mobile = 'x'"],
    ],
    [
      "a column that refers to a row of ours was edited: that row goes",
      1,
      [
        "update club_members set grade_id = (select id from club_grades where code = 'full') where full_name = 'Dan Evans'",
      ],
      ["update club_members set grade_id = null where full_name = 'Dan Evans'"],
    ],
    [
      "somebody else came to refer to a row of ours",
      1,
      [
        "update club_members set grade_id = (select id from club_grades where code = 'youth') where full_name = 'Eve Young'",
      ],
      ["update club_members set grade_id = null where full_name = 'Eve Young'"],
    ],
    [
      "a row was edited that refers to a row of ours",
      2,
      ["update club_notes set body = 'Brings two dogs' where body = 'Brings a dog'"],
      ["update club_notes set body = 'Brings a dog' where body = 'Brings two dogs'"],
    ],
    [
      "columns were dropped, renamed and made of another type",
      0,
      [
        "alter table club_members rename column mobile to cell",
        "alter table club_members alter column fee type numeric(12,2)",
      ],
      [
        "alter table club_members rename column cell to mobile",
        "alter table club_members alter column fee type numeric(8,2)",
      ],
    ],
    [
      "columns are of types now that write the same values otherwise",
      0,
      [
        "alter table club_members alter column fee type double precision",
        "alter table club_members alter column joined type timestamp",
      ],
      [
        "alter table club_members alter column fee type numeric(8,2)",
        "alter table club_members alter column joined type date",
      ],
    ],
    [
      "the key is called otherwise",
      0,
      ["alter table club_members rename column id to no"],
      ["alter table club_members rename column no to id"],
    ],
    [
      "a row is gone",
      0,
      ["delete from club_members where full_name = 'Dan Evans'"],
      [
        "insert into club_members (id, email, full_name, mobile, joined, fee) values (3, 'dan@example.com', 'Dan Evans', '447911123004', '2021-06-30', 5)",
      ],
    ],
  ])("%s", async (_what, spared, disturb, mend) => {
    const test = await club.lend();
    try {
      for (const statement of disturb) await test.query(statement);
      expect(await agree(test)).toBe(spared);
      for (const statement of mend) await test.query(statement);
      expect(await agree(test)).toBe(0);
      expect(shown(await club.standing(test))).toEqual(shown(club.asItWas()));
    } finally {
      await test.close();
    }
  });

  it("B1 and where the platform changed in between the act says what was said before", async () => {
    const test = await club.lend();
    try {
      const { waves } = await previewRollback(test.services, run);
      await test.query("update club_members set fee = 1 where full_name = 'Ben Bello'");
      const act = await rollback(test.services, run);
      const of = (wave: number) => waves.find((each) => each.wave === wave);
      const told = act.waves.filter(({ previewed }) => previewed !== null);
      expect(told.map(({ spared, previewed }) => [spared, previewed?.spared])).toEqual([[1, 0]]);
      for (const { wave, previewed } of told) expect(of(wave)).toMatchObject({ ...previewed });
    } finally {
      await test.close();
    }
  });

  it("V10 D16 what was given back is the platform's own, whatever it writes there later", async () => {
    const test = await club.lend();
    try {
      const ben = async () =>
        (
          await test.query(
            "select full_name as name, mobile, fee::text from club_members where id = 1",
          )
        )[0];
      await test.query("update club_members set mobile = 'x' where id = 1");
      expect(await agree(test)).toBe(1);
      expect(await ben()).toEqual({ name: "Benjamin Bello", mobile: "x", fee: "11.50" });
      // The very value that the wave had written, and another one.
      await test.query("update club_members set fee = 12, full_name = 'Ben B.' where id = 1");
      expect(await agree(test)).toBe(1);
      expect(await ben()).toEqual({ name: "Ben B.", mobile: "x", fee: "12.00" });
      await test.query("update club_members set mobile = '447911123002' where id = 1");
      expect(await agree(test)).toBe(0);
      expect(await ben()).toEqual({ name: "Ben B.", mobile: null, fee: "12.00" });
      expect((await rollback(test.services, run)).outcome).toBe("nothing_to_do");
    } finally {
      await test.close();
    }
  });

  const acts = (when: string, body: string) => `
    create function meddle() returns trigger language plpgsql security definer as $$ begin ${body} end $$;
    create trigger zz_meddle ${when} on club_members for each row execute function meddle()`;
  it.each([
    [
      "writes something else than a rollback puts back",
      "PlatformRefused",
      acts("before update", "new.full_name := upper(new.full_name); return new;"),
    ],
    [
      "takes notes away behind it",
      "SideEffects",
      acts("after update", "delete from club_notes where member_id = new.id; return null;"),
    ],
    [
      "writes another row of the same table",
      "SideEffects",
      acts(
        "after update",
        "if pg_trigger_depth() = 1 then update club_members set remark = 'x' where id = 2; end if; return null;",
      ),
    ],
  ])(
    "R13 R14 a trigger that %s takes the wave's rollback back: %s",
    async (_what, name, trigger) => {
      const test = await club.lend();
      try {
        const before = shown(await club.standing(test));
        await test.query(trigger);
        await expect(rollback(test.services, run)).rejects.toMatchObject({ name });
        expect(shown(await club.standing(test))).toEqual(before);
        await test.query("drop function meddle() cascade");
        expect(await agree(test)).toBe(0);
        expect(shown(await club.standing(test))).toEqual(shown(club.asItWas()));
      } finally {
        await test.close();
      }
    },
  );

  const keeps = (when: string, name: string, code = "P0001") => [
    `create function keeps() returns trigger language plpgsql as $$ begin
       if old.email ilike '${name}%' then raise exception '% stays', old.full_name using errcode = '${code}'; end if; return coalesce(new, old); end $$`,
    `create trigger keeps ${when} on club_members for each row execute function keeps()`,
  ];
  const silent = (when: string, name: string) => [
    `create function keeps() returns trigger language plpgsql as $$ begin
       return case when old.email ilike '${name}%' then null else coalesce(new, old) end; end $$`,
    `create trigger keeps ${when} on club_members for each row execute function keeps()`,
  ];
  const lets = ["drop function keeps() cascade"];
  it.each<[string, string, number, "foreseen" | "found", string[], string[]]>([
    [
      "a column takes no null any more",
      "club_members.mobile must not be null",
      1,
      "foreseen",
      [
        "update club_members set mobile = '0' where mobile is null",
        "alter table club_members alter mobile set not null",
      ],
      [
        "alter table club_members alter mobile drop not null",
        "update club_members set mobile = null where mobile = '0'",
      ],
    ],
    [
      "a check came",
      "no_benjamin",
      1,
      "foreseen",
      [
        "alter table club_members add constraint no_benjamin check (club_members.* is not null or full_name <> 'Benjamin Bello')",
      ],
      ["alter table club_members drop constraint no_benjamin"],
    ],
    [
      "what it held is somebody else's now",
      "one_name",
      1,
      "foreseen",
      [
        "insert into club_members (email, full_name) values ('b@example.com', 'Benjamin Bello')",
        "create unique index one_name on club_members (full_name)",
      ],
      ["drop index one_name", "delete from club_members where email = 'b@example.com'"],
    ],
    [
      "what it referred to is gone, though nobody asks before the end",
      "known_fee",
      1,
      "foreseen",
      [
        "create table fees (fee numeric(8,2) primary key)",
        "insert into fees select distinct fee from club_members where fee is not null",
        "grant select on fees to $commit",
        "alter table club_members add constraint known_fee foreign key (fee) references fees deferrable initially deferred",
      ],
      ["drop table fees cascade"],
    ],
    [
      "a trigger keeps a row that was brought up to date",
      "keeps (P0001)",
      1,
      "found",
      keeps("before update", "ben"),
      lets,
    ],
    [
      "a trigger keeps a row that was created",
      "keeps (P0001)",
      1,
      "found",
      keeps("before delete", "ada"),
      lets,
    ],
    [
      "a trigger keeps a row under a code of missing rights",
      "keeps (42501)",
      1,
      "found",
      keeps("before update", "ben", "42501"),
      lets,
    ],
    [
      "a trigger keeps a row under a code of the session, at the end",
      "keeps (55000)",
      1,
      "found",
      keeps("after delete", "ada", "55000").map((each) =>
        each
          .replace("create trigger", "create constraint trigger")
          .replace("for each row", "deferrable initially deferred for each row"),
      ),
      lets,
    ],
    [
      "checks came that a look cannot ask: one fails on a row, one has a colon, one locks what is elsewhere",
      "SQLState 22P02",
      1,
      "found",
      [
        "alter table club_members add column lo int, add column hi int",
        "create table elsewhere (n int)",
        "create function locks(text) returns boolean language plpgsql security definer as $$ begin perform from elsewhere for update; return true; end $$",
        "alter table club_members add constraint a_lock check (locks(full_name))",
        "alter table club_members add constraint a_number check (case when full_name = 'Benjamin Bello' then full_name::int > 0 else true end)",
        "alter table club_members add constraint a_slice check (full_name <> 'Benjamin Bello' or coalesce(cardinality((array[full_name])[lo:hi]), 0) = 1)",
      ],
      [
        "alter table club_members drop constraint a_number, drop constraint a_slice, drop constraint a_lock",
        "alter table club_members drop column lo, drop column hi",
      ],
    ],
    [
      "an exclusion came",
      "not_beside",
      1,
      "found",
      [
        "insert into club_members (email, full_name) values ('b@example.com', 'Benjamin Bello')",
        "alter table club_members add constraint not_beside exclude using btree (full_name with =)",
      ],
      [
        "alter table club_members drop constraint not_beside",
        "delete from club_members where email = 'b@example.com'",
      ],
    ],
    [
      "a policy takes no such row",
      "a policy of row-level security (42501)",
      1,
      "found",
      [
        "alter table club_members enable row level security",
        "create policy takes on club_members using (true) with check (full_name <> 'Benjamin Bello')",
      ],
      ["drop policy takes on club_members", "alter table club_members disable row level security"],
    ],
    [
      "a domain demands more than it did",
      "club_members.full_name takes no such value",
      1,
      "found",
      [
        "create domain called as text",
        "alter table club_members alter full_name type called",
        "alter domain called add constraint not_ben check (value <> 'Benjamin Bello')",
      ],
      ["alter table club_members alter full_name type text", "drop domain called"],
    ],
    [
      "a trigger keeps a row that was created, and says nothing",
      "keeps (keeps it in silence)",
      1,
      "found",
      silent("before delete", "ada"),
      lets,
    ],
    [
      "a trigger keeps a row that was brought up to date, and says nothing",
      "keeps, touched (keeps it in silence)",
      1,
      "found",
      silent("before update", "ben"),
      lets,
    ],
    [
      "every row of a table is kept",
      "keeps (P0001)",
      5,
      "found",
      keeps("before update or delete", ""),
      lets,
    ],
  ])(
    "R13 D16 rows that the platform refuses to give back are spared by name, the others are not: %s",
    async (_what, by, rows, how, disturb, mend) => {
      const test = await club.lend();
      try {
        for (const statement of disturb)
          await test.query(statement.replace("$commit", ofTheRun(test)));
        if (how === "foreseen") expect(await agree(test)).toBe(rows);
        else {
          const { done, differs } = await saidAndDone(test, run);
          const conflicts = done.flatMap(({ conflicts }) => conflicts);
          expect(conflicts.filter(({ refused }) => refused === by)).toHaveLength(rows);
          expect(differs.reduce((sum, { spared }) => sum + spared, 0)).toBe(0);
        }
        const kept = await test.query(
          "select conflict ->> 'refused' as by from wavegate.legacy_import_commit_logs where conflict ? 'refused' and rolled_back_at is null",
        );
        expect(kept).toEqual(Array.from({ length: rows }, () => ({ by })));
        expect(await faultsOfBundle(test, run)).toEqual([]);
        // As long as it is so, it is said beforehand.
        expect((await saidAndDone(test, run)).done.map(({ undone }) => undone)).not.toContain(1);
        for (const statement of mend) await test.query(statement);
        expect(await agree(test)).toBe(0);
        expect(shown(await club.standing(test))).toEqual(shown(club.asItWas()));
      } finally {
        await test.close();
      }
    },
  );

  const silentAs = (...names: string[]) => {
    const [keeps = "", creates = ""] = silent("before delete", "ada");
    return [keeps, ...names.map((as) => creates.replace("trigger keeps", `trigger "${as}"`))];
  };
  it.each<[string, string[]]>([
    ["in silence, under another name than its function", silentAs("stays")],
    ["in silence, beside another one", silentAs("looks", "stays")],
    ["in silence, under a name like two of them", silentAs("a, b (c)")],
    ["in silence, brought up to date", silent("before update", "ben")],
    ["aloud, brought up to date", keeps("before update", "ben")],
  ])(
    "B1 D16 a row that a trigger kept is foreseen as long as the trigger is there: %s",
    async (_what, disturb) => {
      const test = await club.lend();
      try {
        for (const statement of disturb) await test.query(statement);
        expect((await saidAndDone(test, run)).differs).not.toEqual([]);
        expect(await agree(test)).toBe(1);
        for (const statement of lets) await test.query(statement);
        // Another one that lets every row go is not taken for it.
        await test.query(
          `create function lets() returns trigger language plpgsql as $$ begin return coalesce(new, old); end $$;
           create trigger lets before update or delete on club_members for each row execute function lets()`,
        );
        expect(await agree(test)).toBe(0);
        expect(shown(await club.standing(test))).toEqual(shown(club.asItWas()));
      } finally {
        await test.close();
      }
    },
  );

  it("R17 taken back in part it is asked for again, goes to its end, and back whole", async () => {
    const test = await club.lend();
    try {
      const complete = shown(await club.standing(test));
      expect(await agree(test, 2)).toBe(0);
      await resume(test.services.sign, run, "operator");
      expect(await nextWave(test.services, run)).toMatchObject({ next: "ask", gate: "scale_up" });
      await toTheEnd(test, run);
      expect((await finalVerify(test.services, run)).passed).toBe(true);
      // Ids that are drawn are others, and nothing else is.
      const named = (rows: Record<string, Record<string, unknown>[]>) =>
        Object.values(rows).map((of) =>
          of.map((row) => row.full_name ?? row.body ?? row.code).sort(),
        );
      expect(named(shown(await club.standing(test)))).toEqual(named(complete));
      expect(await agree(test)).toBe(0);
      expect(shown(await club.standing(test))).toEqual(shown(club.asItWas()));
    } finally {
      await test.close();
    }
  });
});

describe("B1 V10 of rows with keys of several columns a preview says what the act does", () => {
  const house = whole(rooms, roomsPlatform, roomsFiles);

  it.each<[string, string[], string[]]>([
    [
      "a column of the key is called otherwise",
      ["alter table rooms rename column no to number"],
      ["alter table rooms rename column number to no"],
    ],
    [
      "a column of the key is called otherwise, and the definition was mended",
      ["alter table rooms rename column no to number", "mend"],
      ["alter table rooms rename column number to no"],
    ],
    [
      "the columns of the key have each other's names",
      [
        "alter table rooms rename column no to other",
        "alter table rooms rename column house to no",
        "alter table rooms rename column other to house",
      ],
      [
        "alter table rooms rename column house to other",
        "alter table rooms rename column no to house",
        "alter table rooms rename column other to no",
      ],
    ],
    [
      "every column that was changed is gone",
      ["alter table rooms drop column title"],
      [
        "alter table rooms add column title text",
        "update rooms set title = case when (house, no) = ('N', 2) then 'North two' when house <> 'S' then 'Old one' end",
      ],
    ],
    [
      "the table was made anew, as from a dump, where its columns have other numbers",
      [
        "create table made_anew (like rooms including all)",
        "insert into made_anew select * from rooms",
        "drop table rooms",
        "alter table made_anew rename to rooms",
        "alter table rooms rename constraint made_anew_pkey to rooms_pkey",
        "set up",
      ],
      [],
    ],
  ])("%s", async (_what, disturb, mend) => {
    const test = await house.lend();
    try {
      for (const statement of disturb)
        await (statement === "set up"
          ? setUpAgain(test, rooms)
          : statement === "mend"
            ? setUpAgain(test, mendedRooms)
            : test.query(statement));
      expect(await agree(test)).toBe(0);
      for (const statement of mend) await test.query(statement);
      expect(await house.standing(test)).toEqual(house.asItWas());
    } finally {
      await test.close();
    }
  });

  const follows = [
    "create table houses (house text primary key)",
    "insert into houses select distinct house from rooms",
    "alter table rooms add constraint of_house foreign key (house) references houses on update cascade",
  ];
  it.each<[string, number, { gone: number; there: string[] }, string[], string[]]>([
    [
      "follows another table's: what was created and what was changed stays, and none of it counts as gone",
      2,
      { gone: 0, there: ["Z 1 South one", "Z 2 South two"] },
      [...follows, "update houses set house = 'Z' where house = 'S'"],
      ["update houses set house = 'S' where house = 'Z'"],
    ],
    [
      "was edited in one column",
      1,
      { gone: 0, there: ["W 7 West one"] },
      ["update rooms set no = 7 where house = 'W'"],
      ["update rooms set no = 1 where house = 'W'"],
    ],
    [
      "is nobody's any more: another row that looks like it is the platform's own",
      0,
      { gone: 1, there: ["N 3 West one"] },
      [
        "delete from rooms where house = 'W'",
        "insert into rooms (house, no, title) values ('N', 3, 'West one')",
      ],
      ["delete from rooms where no = 3"],
    ],
    [
      "is gone with what the ledger knew of its row, beside one that was edited",
      1,
      { gone: 1, there: ["S 7 South two"] },
      [
        "update wavegate.legacy_import_commit_logs set after_image = null where target_key ->> 'house' = 'W'",
        "delete from rooms where house = 'W'",
        "update rooms set no = 7 where (house, no) = ('S', 2)",
      ],
      ["update rooms set no = 2 where (house, no) = ('S', 7)"],
    ],
    [
      "may follow another table's, and nobody can tell where a row is that was changed",
      1,
      { gone: 1, there: [] },
      [...follows, "delete from rooms where house in ('N', 'W') and title like '% one'"],
      ["insert into rooms (house, no, title, remark) values ('N', 1, 'North one', 'n1')"],
    ],
  ])("D16 a key that %s", async (_what, spared, { gone, there }, disturb, mend) => {
    const test = await house.lend();
    try {
      for (const statement of disturb) await test.query(statement);
      const { said, done, differs } = await saidAndDone(test, run);
      expect(said).toEqual(done);
      expect(differs).toEqual([]);
      expect(done.reduce((sum, each) => sum + each.gone, 0)).toBe(gone);
      expect(done.reduce((sum, each) => sum + each.spared, 0)).toBe(spared);
      const stays = await test.query<{ says: string }>(
        "select concat_ws(' ', house, no, title) as says from rooms where remark is null or house = 'Z' order by 1",
      );
      expect(stays.map(({ says }) => says)).toEqual(there);
      expect(await faultsOfBundle(test, run)).toEqual([]);
      for (const statement of mend) await test.query(statement);
      expect(await agree(test)).toBe(0);
      expect(await house.standing(test)).toEqual(house.asItWas());
    } finally {
      await test.close();
    }
  });

  it("D16 where the platform draws the keys, which nobody changes, no table is searched for a row that is away", () => {
    const searched = (key: { drawn: boolean; follows?: boolean }, redrawn: string[] = []) =>
      isElsewhere(
        {
          ...{ table: "t", id: "id", written: ["name", "id"], redrawn },
          key: { columns: [{ written: "id", now: "id" }], ...key },
        },
        [],
        "created",
      ) !== undefined;
    expect(searched({ drawn: true })).toBe(false);
    expect(searched({ drawn: true, follows: true })).toBe(true);
    expect(searched({ drawn: true }, ["id"])).toBe(true);
    expect(searched({ drawn: false })).toBe(true);
  });

  it("R13 D16 of a key with several new names in a mended definition nothing is taken back, and it is said what helps", async () => {
    const test = await house.lend();
    try {
      await test.query("alter table rooms rename column no to number");
      await test.query("alter table rooms rename column house to building");
      const before = await house.standing(test);
      await setUpAgain(test, renamedRooms);
      const refused = await rollback(test.services, run).catch((error) => error);
      expect(refused.message).toMatch(/several columns/);
      expect(refused).toMatchObject({
        name: "PlatformRefused",
        message: expect.stringMatching(
          /several columns of a key have other names since, .* call them as wave \d+ wrote them, `wavegate set-up rooms` with the definition of then, and roll back again\.$/,
        ),
      });
      expect(await house.standing(test)).toEqual(before);
      await test.query("alter table rooms rename column number to no");
      await test.query("alter table rooms rename column building to house");
      await setUpAgain(test, rooms);
      expect(await agree(test)).toBe(0);
      expect(await house.standing(test)).toEqual(house.asItWas());
    } finally {
      await test.close();
    }
  });
});
