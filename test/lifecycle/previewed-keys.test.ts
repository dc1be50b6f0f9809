import { describe, expect, it } from "vitest";
import { isElsewhere } from "../../lib/compile/undo/elsewhere.ts";
import { drill } from "../../lib/stages/drill.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { someOf } from "../support/every-step.ts";
import { setUpAgain } from "../support/services.ts";
import { agree, run, whole } from "./previewed.ts";
import { faultsOfBundle, saidAndDone } from "./whole-life.ts";
import { mendedRooms, renamedRooms, rooms, roomsFiles, roomsPlatform } from "./worlds/rooms.ts";

describe("B1 V10 of rows with keys of several columns a preview says what the act does", () => {
  const house = whole(rooms, roomsPlatform, roomsFiles);

  it.each<[string, string[], string[]]>(
    someOf<[string, string[], string[]]>(3, [
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
      [
        "a row came to refer to one of a wave before its own: it goes first",
        [
          "alter table rooms add column next_house text, add column next_no int",
          "alter table rooms add constraint beside foreign key (next_house, next_no) references rooms (house, no)",
          "update rooms set (next_house, next_no) = ('S', 2) where house = 'W'",
        ],
        ["alter table rooms drop column next_house, drop column next_no"],
      ],
    ]),
  )("%s", async (_what, disturb, mend) => {
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
  it.each<[string, number, { gone: number; there: string[] }, string[], string[]]>(
    someOf<[string, number, { gone: number; there: string[] }, string[], string[]]>(3, [
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
    ]),
  )("D16 a key that %s", async (_what, spared, { gone, there }, disturb, mend) => {
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

  it("R14 a drill that was cut off at its end takes rows for its own that it wrote under the same keys", async () => {
    const test = await house.lend();
    try {
      await test.query("delete from wavegate.drills");
      await test.query("update wavegate.drill_rounds set done = false");
      expect((await drill(test.services, run)).certificate).toMatchObject({
        rows_left_behind: 0,
        rows_differing: 0,
      });
    } finally {
      await test.close();
    }
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
