import { describe, expect, it } from "vitest";
import { findRowRules, type RowRule } from "../../lib/compile/undo/row-rules.ts";
import { someOf } from "../support/every-step.ts";
import { agree, ofTheRun, run, shown, whole } from "./previewed.ts";
import { faultsOfBundle, saidAndDone } from "./whole-life.ts";
import { roster, rosterFiles, rosterPlatform } from "./worlds/roster.ts";

describe("B1 D16 of rows that the platform keeps from a rollback a preview says what the act does", () => {
  const club = whole(roster, rosterPlatform, rosterFiles);

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
  it("B1 D16 what the platform demands of each row is read as it stands, keys in another order and with columns beside them as well", async () => {
    const test = await club.lend();
    try {
      await test.query(`create table fees (kind text, fee numeric(8,2), says text, primary key (kind, fee) include (says));
        create table kinds (name text primary key) partition by list (name);
        create table some_kinds partition of kinds for values in ('free', 'paid'); create table other_kinds partition of kinds default;
        grant select on fees, kinds, some_kinds, other_kinds to ${ofTheRun(test)};
        do $$ begin
          if current_setting('server_version_num')::int >= 180000 then
            execute 'alter table club_members add constraint nobody check (false) not enforced';
          end if; end $$;
        alter table club_members add column kind text, add constraint known_kind foreign key (kind) references kinds,
          add constraint known_fee foreign key (fee, kind) references fees (fee, kind),
          add constraint some_fee check (fee > 0 or kind = 'free')`);
      const rules = await test.services
        .commitOf("roster")
        .rows<RowRule>(findRowRules(["club_members"]));
      expect(
        rules.map(({ kind, name, columns, at, at_columns: there }) =>
          [kind, name, `(${columns})`, ...(at === null ? [] : [at, `(${there})`])].join(" "),
        ),
      ).toEqual([
        "not null club_members.changed_at must not be null (changed_at)",
        "not null club_members.email must not be null (email)",
        "not null club_members.full_name must not be null (full_name)",
        "not null club_members.id must not be null (id)",
        "unique club_members_email_key (email)",
        "foreign key club_members_grade_id_fkey (grade_id) public.club_grades (id)",
        "unique club_members_pkey (id)",
        "foreign key known_fee (fee,kind) public.fees (fee,kind)",
        "foreign key known_kind (kind) public.kinds (name)",
        "check some_fee (fee,kind)",
      ]);
    } finally {
      await test.close();
    }
  });

  const lets = ["drop function keeps() cascade"];
  it.each<[string, string, number, "foreseen" | "found", string[], string[]]>(
    someOf<[string, string, number, "foreseen" | "found", string[], string[]]>(4, [
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
        [
          "drop policy takes on club_members",
          "alter table club_members disable row level security",
        ],
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
    ]),
  )(
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
  it.each<[string, string[], string[]?]>(
    someOf<[string, string[], string[]?]>(4, [
      ["in silence, under another name than its function", silentAs("stays")],
      ["in silence, beside another one", silentAs("looks", "stays")],
      ["in silence, under a name like two of them", silentAs("a, b (c)")],
      ["in silence, brought up to date", silent("before update", "ben")],
      ["aloud, brought up to date", keeps("before update", "ben")],
      [
        "aloud, and is only switched off then",
        keeps("before delete", "ada"),
        ["alter table club_members disable trigger keeps"],
      ],
    ]),
  )(
    "B1 D16 a row that a trigger kept is foreseen as long as the trigger is there: %s",
    async (_what, disturb, mend = lets) => {
      const test = await club.lend();
      try {
        for (const statement of disturb) await test.query(statement);
        expect((await saidAndDone(test, run)).differs).not.toEqual([]);
        expect(await agree(test)).toBe(1);
        // One that is edited is spared for that.
        const remark = (text: string) =>
          test.query(`alter table club_members disable trigger touched;
            update club_members set remark = ${text} where email ilike 'ada%';
            alter table club_members enable trigger touched`);
        await remark("'x'");
        expect(await agree(test)).toBe(1);
        await remark("null");
        // Known to be refused once more.
        await saidAndDone(test, run);
        expect(await agree(test)).toBe(1);
        for (const statement of mend) await test.query(statement);
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
});
