import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  commit,
  decimal,
  defineMigration,
  derived,
  entity,
  harmless,
  insert,
  need,
  of,
  onlyMissing,
  ref,
  same,
  skip,
  table,
  text,
  update,
} from "../../lib/define/builders.ts";
import { commit as commitWave } from "../../lib/stages/commit.ts";
import { finalVerify } from "../../lib/stages/final-verify.ts";
import { type CsvServices, csvServices } from "../support/csv-services.ts";
import { approve, judgeAll, refusal, reviewedRun, toTheEnd } from "../support/steps.ts";

const [run, later] = [1, 2].map((n) => `7f3a0000-0000-4000-8000-0000000f0e0${n}`) as [
  string,
  string,
];
const id = { id: derived("id", "legacy_id") };

/** Houses, and rooms that are there already: what a room is brought up to date by is its own, or its house's. */
const inn = defineMigration({
  name: "inn",
  title: "Houses and rooms",
  connection: "old-inn",
  source: {
    houses: table("no", "code", "zone", "beds"),
    rooms: table("no", "house", "code", "floor", "label", "kind", "area"),
  },
  entities: [
    entity("house", {
      from: ["houses"],
      fields: { code: text("code"), zone: text("zone"), beds: decimal("beds") },
      decide: {},
      actions: { house: insert("houses", { code: "code", zone: "zone", beds: "beds" }, id) },
      is: [same({ code: "code" })],
      there: update({ zone: "zone" }),
      plan: [commit("house")],
    }),
    entity("room", {
      from: ["rooms"],
      fields: {
        ...{ house: text("house"), code: text("code"), floor: decimal("floor") },
        ...{ label: text("label"), kind: text("kind"), area: decimal("area") },
      },
      refs: { house: ref("house", "house") },
      decide: {},
      actions: { room: insert("rooms", { code: "code" }, id) },
      is: [same({ code: "code" })],
      there: update({
        ...{ zone: of("house", "zone"), quarter: of("house", "zone") },
        ...{ first: onlyMissing(of("house", "zone")), beds: of("house", "beds") },
        ...{ made: of("house", "made"), floor: "floor", label: "label", kind: "kind" },
        ...{ area: "area", nick: of("house", "nick"), alias: onlyMissing(of("house", "nick")) },
      }),
      plan: [need("house", skip("house_missing")), commit("room")],
    }),
  ],
});

const files = {
  houses: [
    "no,code,zone,beds",
    ...["1,A,N,", "2,B,LONG,", "3,C,P,", "4,D,N,40000", "5,E,N,2.5"],
    // Still to be written.
    ...["6,F,LONG,", "7,G,,", "8,H,N,7.5", "15,WXYZ,N,", "16,I,P,", "17,J,N,40000"],
    ...["13,M,,", "14,Q,new,"],
  ],
  rooms: [
    "no,house,code,floor,label,kind,area",
    ...[1, 2, 3, 4, 5, 6, 7, 8, 13, 14, 15, 16, 17].map((no) => `${no},${no},r${no},,,,`),
    ...["9,1,r9,3.5,,,", "10,1,r10,,toolong,,", "11,1,r11,,,bad,", "12,1,r12,,,,99"],
    ...["18,1,r18,,ab      ,good,1", "19,1,r19,40000,,,", "20,14,r20,,,,"],
  ],
};

const platform = `
create domain quarter as text check (value <> 'P');
create table areas (id int primary key);
insert into areas values (1);
grant select on areas to public;
create table houses (id uuid primary key, code text not null unique, zone text, beds numeric,
  made text generated always as (code || code) stored, nick text generated always as (nullif(code, 'H')) stored);
insert into houses (id, code, zone, beds) select gen_random_uuid(), * from (values
  ('A', 'N', null), ('B', 'LONG', null), ('C', 'P', null), ('D', 'N', 40000), ('E', 'N', 2.5), ('M', null, null), ('Q', 'old', null)) v;
create table rooms (id uuid primary key, code text not null unique, zone varchar(4), quarter quarter, first text, beds smallint not null,
  made varchar(6) not null, floor smallint, label varchar(4), kind text constraint no_bad_kind check (kind <> 'bad'), area int references areas,
  nick text, alias text);
alter table rooms alter zone type varchar(3);
insert into rooms (id, code, zone, quarter, first, beds, made, nick, alias)
select gen_random_uuid(), 'r' || n, 'S', 'S', case when n > 1 then 'S' end, 1, 'own', 'own', case when n > 1 then 'own' end from generate_series(1, 20) n;
update rooms set made = 'MM', nick = 'M' where code = 'r13';
update rooms set zone = 'new', quarter = 'new', made = 'QQ', nick = 'Q' where code = 'r20'`;

let test: CsvServices;
beforeAll(async () => {
  test = await csvServices(inn, platform, files);
});
afterAll(() => test.close());

const states = async (of: string) =>
  (
    await test.query<{ says: string }>(
      `select concat_ws(' ', legacy_id, case import_state when 'pending' then planned else import_state end, coalesce(state_detail, state_reason)) as says
         from wavegate.inn_room where run_id = $1 order by legacy_id::int`,
      [of],
    )
  ).map(({ says }) => says);

/** What is known of a room before a wave: of 15 alone the platform itself makes what does not fit. */
const foreseen = (written: string, of15: string) => [
  `1 ${written}`,
  "2 held rooms.zone holds 3 characters",
  "3 held rooms.quarter holds no such value",
  "4 held rooms.beds holds no such value",
  `5 ${written}`,
  "6 held rooms.zone holds 3 characters",
  `7 ${written}`,
  `8 ${written}`,
  "9 held rooms.floor holds whole numbers",
  "10 held rooms.label holds 4 characters",
  "11 held no_bad_kind",
  "12 held rooms_area_fkey",
  "13 skipped unchanged",
  `14 ${written}`,
  of15,
  "16 held rooms.quarter holds no such value",
  "17 held rooms.beds holds no such value",
  `18 ${written}`,
  "19 held rooms.floor holds no such value",
  // It has already what a wave makes of its house.
  "20 skipped unchanged",
];

describe("B6 A11 B2 what the platform refuses of a row that is brought up to date", () => {
  it("is said by the dry run: lengths, ranges, domains, conditions and references, of what rows above hold or will hold as well", async () => {
    await reviewedRun(test, run, { wavePlan: [9, 35] });
    expect(await states(run)).toEqual(foreseen("update", "15 update"));
    // What a wave has still to write above, the wave below it looks up.
    expect(
      await test.query(
        `select s.legacy_id as no, t.after -> 'zone' as zone from wavegate.rows_there t
           join wavegate.inn_room s on s.run_id = t.run_id and s.id = t.staged_id
          where t.run_id = $1 and s.legacy_id in ('1', '8', '14') order by s.legacy_id::int`,
        [run],
      ),
    ).toEqual([
      { no: "1", zone: "N" },
      { no: "8", zone: false },
      { no: "14", zone: false },
    ]);
  });

  it("waves write what is left, what stands above rounded as the platform does; nothing is emptied, cut off, or written the other way round", async () => {
    await toTheEnd(test, run);
    const committed = foreseen("committed", "15 held rooms.made");
    expect(
      (await states(run)).map((each) => each.replace(/(15 held).*/u, "$1 rooms.made")),
    ).toEqual(committed);
    expect(
      (
        await test.query<{ says: string }>(
          `select concat_ws(' ', code, zone, quarter, coalesce(first, '-'), beds, made, nick, alias, floor, label, kind, area) as says
             from rooms where not (zone = 'S' and made = 'own') order by substr(code, 2)::int`,
        )
      ).map(({ says }) => says),
    ).toEqual([
      "r1 N N N 1 AA A A",
      "r5 N N S 3 EE E own",
      "r7 S S S 1 GG G own",
      "r8 N N S 8 HH own own",
      "r13 S S S 1 MM M own",
      "r14 new new S 1 QQ Q own",
      "r18 N N S 1 AA A own ab good 1",
      "r20 new new S 1 QQ Q own",
    ]);
  });

  it("and a run after it finds nothing more to write", async () => {
    const { checks } = await finalVerify(test.services, run);
    expect(checks.filter(({ passed }) => !passed)).toEqual([]);
    await reviewedRun(test, later, { wavePlan: [9, 35] });
    expect(await states(later)).toEqual(
      foreseen("skipped moved_before", "15 held rooms.made holds 6 characters"),
    );
    // Told by what stands there, too.
    expect(
      await test.query(
        `select distinct t.there_is from wavegate.rows_there t join wavegate.inn_room s on s.run_id = t.run_id and s.id = t.staged_id
          where t.run_id = $1 and s.import_state = 'skipped'`,
        [later],
      ),
    ).toEqual([{ there_is: "same" }]);
  });
});

describe("D38 B6 a row that is brought up to date and that a trigger keeps in silence, or changes beside", () => {
  const [run, later] = [1, 2].map((n) => `7f3a0000-0000-4000-8000-0000000f0f0${n}`) as [
    string,
    string,
  ];
  const houses = (name: string) =>
    defineMigration({
      name,
      title: "Houses",
      connection: "old-lodge",
      source: { houses: table("no", "code", "zone", "beds") },
      effects: {
        "houses.keeps": harmless("keeps what is shut"),
        "houses.again": harmless("writes"),
        "houses.shut": harmless("refuses"),
      },
      entity: entity("house", {
        from: ["houses"],
        fields: { code: text("code"), zone: text("zone"), beds: decimal("beds") },
        decide: {},
        actions: { house: insert("houses", { code: "code", zone: "zone", beds: "beds" }, id) },
        is: [same({ code: "code" })],
        there: update({ zone: "zone", beds: "beds" }),
        plan: [commit("house")],
      }),
    });
  const told = async (test: CsvServices, of: string, name = "lodge") => [
    (
      await test.query<{ says: string }>(
        `select concat_ws(' ', legacy_id, import_state, state_reason, state_detail) as says
           from wavegate.${name}_rows where run_id = $1 and import_state <> 'committed' order by legacy_id::int`,
        [of],
      )
    ).map(({ says }) => says),
    (
      await test.query<{ says: string }>(
        "select concat_ws(' ', code, zone) as says from houses order by code",
      )
    ).map(({ says }) => says),
  ];

  it("is held by the trigger's name, amid others of its wave that are changed and made, and when there is none but such", async () => {
    const test = await csvServices(
      houses("lodge"),
      `create table houses (id uuid primary key, code text not null unique, zone text, beds int);
       insert into houses (id, code, zone, beds) select gen_random_uuid(), c, 'old', 1 from unnest('{A,B,C,D,F,G}'::text[]) c;
       create function keeps() returns trigger language plpgsql as $$ begin
         case new.code when 'B' then return null; when 'D' then return null; when 'F' then new.beds := 7;
                       when 'G' then new.id := gen_random_uuid(); else null; end case;
         return new; end $$;
       create trigger keeps before update on houses for each row execute function keeps();
       create function refuses() returns trigger language plpgsql as $$ begin raise 'shut' using errcode = '23514'; end $$;
       create constraint trigger shut after insert on houses deferrable initially deferred
         for each row when (new.code = 'H') execute function refuses()`,
      {
        houses: [
          "no,code,zone,beds",
          ...[..."ABCDEFGH"].map((code, n) => `${n + 1},${code},new,1`),
        ],
      },
    );
    try {
      await reviewedRun(test, run, { wavePlan: [20] });
      await toTheEnd(test, run);
      const others = ["6 houses.beds", "7 houses.id"].map((each) =>
        each.replace(" ", " held refused_by_platform keeps (changes ").concat(")"),
      );
      const silent = "held refused_by_platform keeps (keeps it in silence)";
      expect(await told(test, run)).toEqual([
        [`2 ${silent}`, `4 ${silent}`, ...others, "8 held refused_by_platform refuses (23514)"],
        ["A new", "B old", "C new", "D old", "E new", "F old", "G old"],
      ]);
      await finalVerify(test.services, run);
      await test.query(`drop trigger shut on houses; drop function refuses();
        insert into houses (id, code, zone, beds) values (gen_random_uuid(), 'H', 'new', 1)`);
      await reviewedRun(test, later, { wavePlan: [20] });
      await approve(test, later, "first_wave");
      expect(await refusal(commitWave(test.services, { run: later, wave: 1 }))).toBe("WaveRefused");
      expect((await told(test, later))[0]?.filter((each) => each.includes("held"))).toEqual([
        `2 ${silent}`,
        `4 ${silent}`,
        ...others,
      ]);
      // W13 What is of no row is told with the trigger's name.
      await test.query(`drop trigger keeps on houses; drop function keeps();
        create function again() returns trigger language plpgsql as $$ begin
          if pg_trigger_depth() = 1 then update houses set beds = 8 where id = new.id; end if; return null; end $$;
        create trigger again after update on houses for each row execute function again()`);
      await judgeAll(test, later);
      await approve(test, later, "first_wave");
      await expect(commitWave(test.services, { run: later, wave: 1 })).rejects.toMatchObject({
        name: "PlatformRefused",
        message: expect.stringMatching(/nothing was written\. .*\(again on houses\).*goes on\.$/),
      });
    } finally {
      await test.close();
    }
  });

  it("is held by name where it and a new row of its wave exclude one another, though each could be written alone", async () => {
    const test = await csvServices(
      houses("terrace"),
      `create table houses (id uuid primary key, code text not null unique, zone text, beds int);
       insert into houses (id, code, zone, beds) select gen_random_uuid(), c, 'old ' || c, 1 from unnest('{A,B}'::text[]) c;
       create unique index one_zone on houses ((zone || ''))`,
      { houses: ["no,code,zone,beds", "1,A,same,1", "2,B,other,1", "3,C,same,1", "4,D,four,1"] },
    );
    try {
      await reviewedRun(test, run, { wavePlan: [20] });
      await toTheEnd(test, run);
      expect(await told(test, run, "terrace")).toEqual([
        ["1 held refused_by_platform one_zone"],
        ["A old A", "B other", "C same", "D four"],
      ]);
      await finalVerify(test.services, run);
    } finally {
      await test.close();
    }
  });
});
