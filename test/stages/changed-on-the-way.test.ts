import { setTimeout } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Database } from "../../lib/data/database.ts";
import { raw } from "../../lib/data/sql.ts";
import {
  commit,
  constant,
  decimal,
  defineMigration,
  derived,
  entity,
  insert,
  keeps,
  same,
  staged,
  table,
  text,
  update,
} from "../../lib/define/builders.ts";
import { commit as commitWave } from "../../lib/stages/commit.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { saidAndDone } from "../lifecycle/whole-life.ts";
import { type CsvServices, csvServices } from "../support/csv-services.ts";
import { small } from "../support/small.ts";
import { approve, refusal, reviewedRun, runWave } from "../support/steps.ts";

/** Members, new ones and some that the platform has; it stamps each, and keeps what they paid. */
const club = (name: string) =>
  defineMigration({
    name,
    title: "A paddling club",
    connection: "old-paddling",
    source: { members: table("no", "code", "name", "fee") },
    effects: { "members.stamps": keeps("members(total)", "Stamps, and what was paid.") },
    entities: [
      entity("member", {
        from: ["members"],
        fields: { code: text("code"), name: text("name"), fee: decimal("fee") },
        decide: {},
        actions: {
          member: insert(
            "members",
            { code: "code", name: "name", fee: "fee" },
            { id: derived("id", "legacy_id") },
          ),
        },
        is: [same({ code: "code" })],
        there: update({ name: "name" }),
        plan: [commit("member")],
      }),
    ],
  });
const paddling = club("paddling");

const platform = `
create table members (id uuid primary key, code text not null unique, name text, fee numeric(8,2),
  status text not null default 'new', branch int not null default 0, token uuid default gen_random_uuid(), joined timestamptz default now(),
  hours time default '08:30', extra json, total numeric, stamp text, loud text generated always as (upper(name)) stored);
insert into members (id, code, name, status, branch, extra)
  select gen_random_uuid(), 'u' || n, 'Old', 'old', 1, '[1]' from generate_series(1, 9) n;
create function stamps() returns trigger language plpgsql as $$ begin new.stamp := 'stamped'; return new; end $$;
create trigger stamps before insert or update on members for each row execute function stamps()`;

/** What a trigger that came since the sign-off does to a row, by its code, and what is said of that; null where it is written. */
const does: readonly (readonly [code: string, plpgsql: string, by: string | null])[] = [
  ["i1", "null", null],
  ["i2", "new.name := upper(new.name)", "changes members.name"],
  ["i3", "new.fee := 0", "changes members.fee"],
  ["i4", "new.status := 'banned'", "changes members.status"],
  ["i5", "new.token := gen_random_uuid()", "changes members.token"],
  ["i6", "new.joined := '2001-01-01'", "changes members.joined"],
  ["i7", "new.extra := 'null'", "changes members.extra"],
  ["i8", "new.name := null; new.fee := 1", "changes members.fee, members.name"],
  ["i9", "new.total := 5", null],
  // The platform's own trigger gives it: nothing of it was signed.
  ["i10", "new.stamp := 'late'", null],
  ["i11", "return null", "leaves it out in silence"],
  ["i12", "new.hours := '09:30'", "changes members.hours"],
  ["u1", "null", null],
  ["u2", "new.name := upper(new.name)", "changes members.name"],
  ["u3", "new.extra := null", "changes members.extra"],
  ["u4", "new.total := 5", null],
  ["u5", "return null", "keeps it in silence"],
  ["u6", "new.fee := 1", "changes members.fee"],
  ["u7", "new.name := old.name", "changes members.name"],
  ...["u8", "u9"].map((code) => [code, "null", null] as const),
];
const codes = (held: boolean) =>
  does.flatMap(([code, , by]) => ((by !== null) === held ? [code] : [])).toSorted();

const run = "7f3a0000-0000-4000-8000-0000000f1e01";
let test: CsvServices;

/** A trigger that came since, which does something of its own to each row. */
const meddles = async (when: string, does: string, by: Pick<Database, "execute"> = test.admin) => {
  await by.execute(
    raw(`create function meddles() returns trigger language plpgsql as $$ begin ${does} end $$`),
  );
  await by.execute(
    raw(`create trigger twists ${when} on members for each row execute function meddles()`),
  );
};

const somebodyWaits = async (at = test, table = "members") => {
  const waiting = `select 1 as yes from pg_locks where not granted and relation = '${table}'::regclass`;
  while ((await at.query(waiting)).length === 0) await setTimeout(20);
};

/** One that came since and changes what was written, past whoever looks at the row on its way. */
const behind = (event: string) => [
  `create function meddles() returns trigger language plpgsql security definer as $$ begin
     update members set name = upper(name), total = 1 where id = new.id and name <> upper(name); return null; end $$`,
  `create trigger meddles after ${event} on members for each row execute function meddles()`,
];

beforeAll(async () => {
  const lines = does.map(([code], n) => `${n + 1},${code},Ada ${code},10.55`);
  test = await csvServices(paddling, platform, { members: ["no,code,name,fee", ...lines] });
  await reviewedRun(test, run);
  await approve(test, run, "first_wave");
});
afterEach(() => test.query("drop function if exists meddles cascade"));
afterAll(() => test.close());

describe("D38 R13 a trigger that came since the sign-off and changes rows on their way", () => {
  it.each([
    [
      "insert",
      "once more behind it, by a trigger that came since \\(meddles\\): members\\.name is another one in 12\\. It was taken back whole; nothing was written\\. Mend or detach the trigger, and `wavegate resume --run paddling-\\S+` goes on; if it is right, name it in the definition's `effects` and start anew\\.$",
    ],
    [
      "update",
      "or changes them once more: wavegate's guard refused that, and nothing was written\\. A trigger does it \\(meddles on members, stamps on members\\): mend or detach it\\. `wavegate resume --run paddling-\\S+` goes on\\.$",
    ],
  ])(
    "writes nothing where it does so behind the row, of a table that the platform may change besides: after %s",
    async (event, says) => {
      const before = await test.query("select * from members order by code");
      for (const statement of behind(event)) await test.query(statement);
      await expect(runWave(test, run, 1)).rejects.toMatchObject({
        name: "PlatformRefused",
        message: expect.stringMatching(
          new RegExp(`^The platform changes .*of wave 1 of paddling-\\S+ .*${says}`),
        ),
      });
      expect(await test.query("select * from members order by code")).toEqual(before);
      await test.query("drop function meddles cascade");
    },
  );

  it("though it came while the wave waited for whoever made it", async () => {
    const wave = await test.admin.transaction(async (other) => {
      for (const statement of behind("insert")) await other.execute(raw(statement));
      const writing = refusal(commitWave(test.services, { run, wave: 1 }));
      await somebodyWaits();
      return { writing };
    });
    expect(await wave.writing).toBe("PlatformRefused");
  });

  it("though it came on a part of the table while the wave waited for whoever made it", async () => {
    const parted = platform
      .replace("id uuid primary key", "id uuid not null")
      .replace(
        "generated always as (upper(name)) stored)",
        "generated always as (upper(name)) stored) partition by range (code); create table members_all partition of members default",
      );
    const apart = await csvServices(club("parted-paddling"), parted, {
      members: ["no,code,name,fee", "1,i1,Ada i1,10.55", "2,i2,Ada i2,10.55"],
    });
    await using _closed = { [Symbol.asyncDispose]: () => apart.close() };
    await reviewedRun(apart, run);
    await approve(apart, run, "first_wave");
    const { writing } = await apart.admin.transaction(async (other) => {
      for (const statement of [
        "create function meddles() returns trigger language plpgsql as $$ begin new.name := case new.code when 'i2' then 'Meddled' else new.name end; return new; end $$",
        "create trigger twists before insert on members_all for each row execute function meddles()",
      ])
        await other.execute(raw(statement));
      const writing = commitWave(apart.services, { run, wave: 1 });
      await somebodyWaits(apart, "members_all");
      return { writing };
    });
    expect((await writing).counts).toMatchObject({ picked: 1, committed: 1 });
    expect(await apart.query("select name from members where code like 'i%'")).toEqual([
      { name: "Ada i1" },
    ]);
  });

  const stamps = (does: string) =>
    test.query(
      `create or replace function stamps() returns trigger language plpgsql as $$ begin ${does} return new; end $$`,
    );

  it.each([
    [
      "its function was replaced",
      () => stamps("new.stamp := 'stamped'; new.name := upper(new.name);"),
    ],
    [
      "it came back under its name with another function",
      async () => {
        await meddles("before insert", "new.name := upper(new.name); return new;");
        await test.query("drop trigger twists on members; drop trigger stamps on members");
        await test.query(
          "create trigger stamps before insert or update on members for each row execute function meddles()",
        );
      },
    ],
  ])(
    "W7 writes nothing past a trigger that the definition names and that does something else since: %s",
    async (_, replace) => {
      await replace();
      const wave = await commitWave(test.services, { run, wave: 1 }).catch(
        ({ name, message }) => `${name}: ${message}`,
      );
      await stamps("new.stamp := 'stamped';");
      await test.query("drop trigger stamps on members");
      await test.query(
        "create trigger stamps before insert or update on members for each row execute function stamps()",
      );
      expect(wave).toMatch(
        /^DryRunStale: The platform replaced what triggers do that act on rows of wave 1 of paddling-\S+ since it was reviewed: members\.stamps\. The definition's `effects` name what they did\. Nothing was written; put it back, or look at it, `wavegate dry-run --run paddling-\S+` and `wavegate export --run paddling-\S+` again, and `wavegate resume --run paddling-\S+` goes on\.$/,
      );
    },
  );

  it.each(["numeric(8,1)", "integer", "real"])(
    "W7 writes nothing into a column that came to take less of a value without a word: %s",
    async (type) => {
      await test.query(`alter table members alter fee type ${type}`);
      const wave = await commitWave(test.services, { run, wave: 1 }).catch(
        ({ name, message }) => `${name}: ${message}`,
      );
      // One that takes it whole is none.
      await test.query("alter table members alter fee type numeric(9,2)");
      expect(wave).toMatch(
        /^DryRunStale: The platform changed what wave 1 of paddling-\S+ writes into since it was reviewed: members\.fee is \S+ and was numeric\(8,2\)\. A value might be another one there\. Nothing was written; change it back, or run `wavegate dry-run --run paddling-\S+` and `wavegate export --run paddling-\S+` again, and `wavegate resume --run paddling-\S+` goes on\.$/,
      );
    },
  );

  it("holds each row of which something else would be written than was signed, by its name and the column, and the others are written", async () => {
    const each = does.map(([code, does]) => `when '${code}' then ${does};`).join("\n");
    await test.query("alter table members alter branch drop default");
    await meddles(
      "before insert or update",
      `case new.code ${each} else null; end case; new.branch := 1; return new;`,
    );
    const { written, verified } = await runWave(test, run, 1);
    const held = await test.query<{ code: string; by: string }>(
      `select code, state_detail as by from wavegate.paddling_member
        where run_id = $1 and import_state = 'held' order by legacy_id::int`,
      [run],
    );
    expect(held).toEqual(
      does.flatMap(([code, , by]) =>
        by === null
          ? []
          : [{ code, by: `${by.endsWith("silence") ? "stamps, twists" : "twists"} (${by})` }],
      ),
    );
    expect(written.counts.committed + (written.counts.updated?.members ?? 0)).toBe(
      codes(false).length,
    );
    expect(verified.checks.filter(({ passed }) => !passed)).toEqual([]);
    // What is held is as it was, and so is what stood beside what was written.
    expect(
      await test.query(
        `select string_agg(concat_ws(' ', code, name, status, fee, extra, stamp), '; ' order by code) as there from members`,
      ),
    ).toEqual([
      {
        there:
          "i1 Ada i1 new 10.55 stamped; i10 Ada i10 new 10.55 late; i9 Ada i9 new 10.55 stamped; u1 Ada u1 old [1] stamped; " +
          "u2 Old old [1]; u3 Old old [1]; u4 Ada u4 old [1] stamped; u5 Old old [1]; u6 Old old [1]; u7 Old old [1]; " +
          "u8 Ada u8 old [1] stamped; u9 Ada u9 old [1] stamped",
      },
    ]);
  });

  it("D16 spares what it would make something else of as that gets back what it held, by its name and the column; a preview tells it where it was seen", async () => {
    const there = () =>
      test.query<{ code: string; row: string }>(
        "select code, (name, fee, status, extra)::text as row from members where code like 'u%' order by code",
      );
    const before = await there();
    await test.query("alter table members add seen timestamptz");
    // It came while the rollback waited for whoever made it.
    const { rolling } = await test.admin.transaction(async (other) => {
      await meddles(
        "before update",
        `case old.code when 'u1' then new.extra := null; when 'u8' then new.seen := now(); else null; end case; return new;`,
        other,
      );
      const rolling = rollback(test.services, run);
      await somebodyWaits();
      return { rolling };
    });
    const first = await rolling;
    expect(first.waves.map(({ undone, spared, refused }) => ({ undone, spared, refused }))).toEqual(
      [
        {
          undone: 6,
          spared: 1,
          refused: { "twists (changes members.extra)": 1 },
        },
      ],
    );
    const old = (...codes: string[]) =>
      before.map((each) => (codes.includes(each.code) ? { ...each, row: "(Old,,old,[1])" } : each));
    expect(await there()).toEqual(old("u4", "u8", "u9"));
    const { said, done } = await saidAndDone(test, run);
    expect(said).toEqual(done);
    expect(done).toMatchObject([{ undone: 0, spared: 1 }]);
    await test.query("drop function meddles cascade");
    expect((await rollback(test.services, run)).outcome).toBe("rolled_back");
    expect(await there()).toEqual(old("u1", "u4", "u8", "u9"));
  });
});

it.each(["varchar(4)", "short"])(
  "D38 R13 a value that no longer fits is held beside a trigger that came as well, and never cut off: %s",
  async (type) => {
    const name = `cut_off_${type.replace(/\W/gu, "")}`;
    const values = { word: staged("word"), kind: constant("kind"), run: { run: "id" } as const };
    const own = await csvServices(
      small(name, "no", { values }),
      `create domain short as varchar(4);
       create table things (id bigserial primary key, word varchar(40), kind char(6), run varchar(36), more text)`,
      { things: ["no,word", "1,one", "2,eleven", "3,two"] },
    );
    await using _closed = { [Symbol.asyncDispose]: () => own.close() };
    await reviewedRun(own, run);
    await approve(own, run, "first_wave");
    await own.query(`
      alter table things alter word type ${type};
      create function looks() returns trigger language plpgsql as $$ begin if new.more = 'x' then new.more := 'y'; end if; return new; end $$;
      create trigger looks before insert on things for each row execute function looks()`);
    const { written } = await runWave(own, run, 1);
    expect(written.counts).toMatchObject({ committed: 2 });
    expect(await own.query("select word, kind, run from things order by id")).toEqual(
      ["one", "two"].map((word) => ({ word, kind: "kind  ", run })),
    );
  },
);
