import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  choice,
  commit,
  decimal,
  defineMigration,
  derived,
  entity,
  insert,
  integer,
  list,
  same,
  table,
  text,
  time,
  timestamp,
  update,
} from "../../lib/define/builders.ts";
import { type CsvServices, csvServices } from "../support/csv-services.ts";
import { reviewedRun, toTheEnd } from "../support/steps.ts";

const run = "7f3a0000-0000-4000-8000-0000000d1617";

/** Gifts of which a donor's books know four digits behind the point, as many databases keep money. */
const till = defineMigration({
  name: "till",
  title: "Gifts",
  connection: "old-till",
  source: {
    gifts: table(
      ...["no", "amount", "share", "pieces", "rounded", "at", "weight", "word", "count"],
      ...["hour", "noted", "took", "called", "extra", "sign", "sizes"],
    ),
  },
  entities: [
    entity("gift", {
      from: ["gifts"],
      fields: {
        ...{ no: text("no"), amount: decimal("amount"), share: decimal("share") },
        ...{ pieces: decimal("pieces"), hundreds: decimal("rounded") },
        ...{
          weight: decimal("weight"),
          word: choice("word", { half: "2.50", more: "2.505", day: "2" }),
          count: integer("count"),
        },
        at: timestamp("at", { zone: "Europe/Berlin" }),
        ...{ hour: time("hour"), noted: text("noted"), took: text("took"), called: text("called") },
        ...{ extra: text("extra"), sign: text("sign"), sizes: list("sizes", { most: 5 }) },
      },
      decide: {},
      actions: {
        gift: insert(
          "gifts",
          {
            ...{ no: "no", amount: "amount", share: "share", pieces: "pieces" },
            ...{
              hundreds: "hundreds",
              day: "at",
              weight: "weight",
              ...{ said: "word", counted: "count", thousands: "count" },
              exact: "weight",
              fee: "weight",
              ...{ since: "at", until: "at", opens: "hour" },
              ...{ called: "called", sign: "sign", sizes: "sizes" },
            },
          },
          { id: derived("id", "legacy_id") },
        ),
      },
      is: [same({ no: "no" })],
      there: update({
        ...{ amount: "amount", pieces: "pieces", day: "at", weight: "weight" },
        ...{ noted: "noted", took: "took", extra: "extra" },
      }),
      plan: [commit("gift")],
    }),
  ],
});

/** What each row has behind the columns that most have nothing in: `hour,noted,took,called,extra,sign,sizes`. */
const further: Readonly<Record<string, string>> = {
  31: ",,,,,,",
  32: ",,,,,,",
  33: "08:30:00.5,,,,,,",
  34: "08:30,,,ab,,x,",
  35: ",2020-05-01 10:00:00.1234567,,,,,",
  36: ",tomorrow,,,,,",
  37: ",,01:30:00.5,,,,",
  38: `,,,${"n".repeat(64)},,,`,
  39: ',,,,"{""a"":1,""a"":2}",,',
  40: ",,,,,xy,",
  41: ',,,,,,"[""1.5"",""2.25""]"',
  42: ',,,,,,"[""1.5"",""2""]"',
  43: ',2020-05-01 10:00:00.123456,01:30:00,,"{""a"":1}",,',
  44: ",03/04/2020,,,,,",
  45: ",10:00 3.4.2020,,,,,",
  46: ",1 May 2020,,,,,",
};
const rows = [
  "no,amount,share,pieces,rounded,at,weight,word,count,hour,noted,took,called,extra,sign,sizes",
  ...[
    "1,12.5000,0.1,7,1200,,,,",
    "2,12.3450,,,,,,,",
    "3,-0.005,,,,,,,",
    "4,,0.25,,,,,,",
    "5,,,7.5,,,,,",
  ],
  ...["6,,,,1250,,,,", "7,,,,,2020-05-01 00:30:00,,,", "8,,,,,2020-05-01 02:00:00,,,"],
  ...[
    "9,,,,,,1234567,,",
    "10,,,,,,1234567.89,,",
    "11,,,,,,0.10,,",
    "12,,,,,,0.125,,",
    "13,,,,,,12345678901234567890,,",
  ],
  ...[
    "14,,,,,,,half,",
    "15,,,,,,,more,",
    "16,,,,,,,,17000000",
    "17,,,,,,,,16777217",
    "18,,,,,,,,1500",
  ],
  // Of rows that are there.
  ...[
    "21,12.5000,,7.0,,,,,",
    "22,12.3450,,,,,,,",
    "23,,,7.5,,,,,",
    "24,,,,,2020-05-01 00:30:00,,,",
  ],
  ...["25,,,,,,1234567.89,,"],
  // Of an instant one column keeps whole seconds and another thousandths.
  ...["31,,,,,2020-05-01 02:00:00.25,,,", "32,,,,,2020-05-01 02:00:00.000,,,"],
  ...Object.keys(further)
    .slice(2)
    .map((no) => `${no},,,,,,,,`),
].map((line, at) => (at === 0 ? line : `${line},${further[line.split(",")[0] ?? ""] ?? ",,,,,,"}`));
const platform = `
create domain money_of_ours as numeric(12,2) check (value <> 0);
create table gifts (id uuid primary key, no text not null unique, amount money_of_ours, share numeric(4,1), pieces int, hundreds numeric(5,-2), since timestamptz(0), day date, weight real, until timestamptz(3), opens time(0), noted timestamp, took interval(0), called name, extra jsonb, sign "char", sizes numeric(4,1)[], said numeric(12,2), counted real, thousands numeric(12,-3), exact double precision, fee money);
insert into gifts (id, no, amount, pieces, day) select gen_random_uuid(), n, 1, 1, '2000-01-01' from unnest('{21,22,23,24,25,35,36,37,39,43,44,45,46}'::text[]) n`;

let test: CsvServices;
beforeAll(async () => {
  test = await csvServices(till, platform, { gifts: rows });
});
afterAll(() => test.close());

describe("B6 B2 what a column would leave out of a value without a word", () => {
  it("holds the row, by the column and what it holds, and writes what loses nothing", async () => {
    await reviewedRun(test, run, { wavePlan: [25, 25] });
    await toTheEnd(test, run);
    const states = await test.query<{ says: string }>(
      `select concat_ws(' ', legacy_id, import_state, state_detail) as says
         from wavegate.till_gift where run_id = $1 order by legacy_id::int`,
      [run],
    );
    expect(states.map(({ says }) => says)).toEqual([
      "1 committed",
      "2 held gifts.amount holds 2 digits behind the point",
      "3 held gifts.amount holds 2 digits behind the point",
      "4 held gifts.share holds 1 digit behind the point",
      "5 held gifts.pieces holds whole numbers",
      "6 held gifts.hundreds holds whole numbers that end with 00",
      // Of an instant no day is read: it is another one in each zone.
      "7 held gifts.day holds a day and no time",
      "8 committed",
      "9 committed",
      "10 held gifts.weight holds fewer digits",
      "11 committed",
      "12 held gifts.fee holds 2 digits behind the point",
      "13 held gifts.weight holds fewer digits",
      "14 committed",
      "15 held gifts.said holds 2 digits behind the point",
      "16 committed",
      "17 held gifts.counted holds fewer digits",
      "18 held gifts.thousands holds whole numbers that end with 000",
      "21 committed",
      "22 held gifts.amount holds 2 digits behind the point",
      "23 held gifts.pieces holds whole numbers",
      "24 held gifts.day holds a day and no time",
      "25 held gifts.weight holds fewer digits",
      "31 held gifts.since holds whole seconds",
      "32 committed",
      "33 held gifts.opens holds whole seconds",
      "34 committed",
      "35 held gifts.noted holds 6 digits of a second",
      // What is another time tomorrow is none that anybody signs.
      "36 held gifts.noted holds 6 digits of a second",
      "37 held gifts.took holds lengths of time that are less exact",
      "38 held gifts.called holds 63 bytes",
      "39 held gifts.extra holds each key once",
      "40 held gifts.sign holds 1 byte",
      "41 held gifts.sizes holds 1 digit behind the point",
      "42 committed",
      "43 committed",
      // Which number is the month nobody said: it went by a setting of the database.
      "44 held gifts.noted holds no such value",
      "45 held gifts.noted holds no such value",
      "46 committed",
    ]);
    expect(
      await test.query(
        "select no, weight::text, exact::text, fee::numeric::text as fee from gifts where no in ('9', '11') order by no::int",
      ),
    ).toEqual([
      { no: "9", weight: "1.234567e+06", exact: "1234567", fee: "1234567.00" },
      { no: "11", weight: "0.1", exact: "0.1", fee: "0.10" },
    ]);
    expect(
      await test.query(
        "select no, amount::text, pieces, day::text from gifts where no in ('1', '8', '21', '22', '24') order by no::int",
      ),
    ).toEqual([
      { no: "1", amount: "12.50", pieces: 7, day: null },
      { no: "8", amount: null, pieces: null, day: "2020-05-01" },
      { no: "21", amount: "12.50", pieces: 7, day: "2000-01-01" },
      { no: "22", amount: "1.00", pieces: 1, day: "2000-01-01" },
      { no: "24", amount: "1.00", pieces: 1, day: "2000-01-01" },
    ]);
  });
});
