import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  commit,
  defineMigration,
  entity,
  insert,
  integerKey,
  joined,
  noted,
  skip,
  table,
  when,
} from "../../lib/define/builders.ts";
import { type CsvServices, csvServices } from "../support/csv-services.ts";
import { importAll } from "../support/steps.ts";

const run = "7f3a0000-0000-4000-8000-0000000d1618";

/** Donors of households, of which MySQL fills up the keys with zeros, and whoever names one does not. */
const house = defineMigration({
  name: "hearth",
  title: "Donors and households",
  connection: "old-hearth",
  source: {
    households: table(integerKey("id"), "mail"),
    donors: table("no", "household", "guardian"),
    calls: table("no", "donor"),
    letters: table("no", "to"),
    boxes: table("id", "mail"),
    at_home: joined("donors", {
      home: { table: "households", on: { id: "household" }, optional: true },
    }),
    further: joined("at_home", {
      guardian: { table: "households", on: { id: "guardian" }, optional: true },
      // A column of a partner, and of the key of whole numbers that stands in it.
      same: { table: "donors", on: { household: "home.id" }, optional: true },
    }),
    members: joined("households", {
      donor: { table: "donors", on: { household: "id" }, each: true },
    }),
    // Of other columns a text is itself.
    told: joined("calls", { who: { table: "donors", on: { no: "donor" }, optional: true } }),
    // Whatever the case of letters and the blanks around them.
    mailed: joined("letters", {
      box: { table: "boxes", on: { mail: "to" }, case: "ignored", optional: true },
    }),
    mailed_each: joined("letters", {
      box: { table: "boxes", on: { mail: "to" }, case: "ignored", each: true },
    }),
    mailed_exactly: joined("letters", {
      box: { table: "boxes", on: { mail: "to" }, optional: true },
    }),
  },
  entities: [
    entity("part", {
      from: ["households", "donors", "calls", "letters", "boxes", "at_home", "told"],
      fields: {},
      decide: {},
      actions: {},
      plan: [skip("part")],
    }),
    entity("donor", {
      from: ["further", "members", "mailed", "mailed_each", "mailed_exactly"],
      fields: {},
      decide: {},
      actions: { donor: insert("donors", { name: "legacy_id" } as never) },
      plan: [when(noted("partner_absent"), skip("alone")), commit("donor")],
    }),
  ],
} as never);

let test: CsvServices;
beforeAll(async () => {
  test = await csvServices(
    house as never,
    "create table donors (id bigint generated always as identity primary key, name text)",
    {
      households: ["id,mail", "0000000007,seven@example.org", "0000000012,twelve@example.org"],
      boxes: [
        "id,mail",
        "7,seven@example.org",
        "12,twelve@example.org",
        "13,Zoé@example.org",
        "14,ZOÉ@example.org ",
        "15, ",
        "16,",
      ],
      letters: [
        "no,to",
        "1, Seven@Example.ORG ",
        "2,twelve@example.org",
        "3,zoe\u0301@example.org",
        "4,",
        "5, ",
        "6,nobody@example.org",
      ],
      donors: ["no,household,guardian", "01,7,", "2,12,+7", "3,seven,", "4,99,0012", "5,,"],
      calls: ["no,donor", "1,1", "2,01", "3,2"],
    },
  );
});
afterAll(() => test.close());

describe("B5 a partner that is found by a key of whole numbers", () => {
  it("is found by its number, as references are, on either side and through others", async () => {
    await importAll(test, run);
    const rows = await test.query<{ source_table: string; says: string }>(
      `select source_table, concat_ws(' ', raw_payload ->> 'no', raw_payload ->> 'home.mail', raw_payload ->> 'box.mail', raw_payload ->> 'guardian.mail', raw_payload ->> 'same.no', raw_payload ->> 'donor.no', raw_payload ->> 'who.no') as says
         from (select source_table, raw_payload from wavegate.hearth_donor where run_id = $1
               union all select source_table, raw_payload from wavegate.hearth_part where run_id = $1 and source_table = 'told') r
        order by 1, 2`,
      [run],
    );
    const of = (name: string) =>
      rows.filter((row) => row.source_table === name).map(({ says }) => says);
    expect(of("further")).toEqual([
      "01 seven@example.org 01",
      "2 twelve@example.org seven@example.org 2",
      "3",
      "4 twelve@example.org",
      "5",
    ]);
    expect(of("members")).toEqual(["01", "2"]);
    expect(of("told")).toEqual(["1", "2 01", "3 2"]);
    expect(of("mailed")).toEqual([
      "1 seven@example.org",
      "2 twelve@example.org",
      // Two that are the same then, and nothing that is the same as nothing.
      ...["3", "4", "5", "6"],
    ]);
    expect(of("mailed_exactly").map((each) => each.trimEnd())).toEqual([
      "1",
      "2 twelve@example.org",
      "3",
      "4",
      "5",
      "6",
    ]);
    const noted = await test.query<{ no: string; noted: unknown }>(
      `select raw_payload ->> 'no' as no, findings as noted from wavegate.hearth_donor
        where run_id = $1 and source_table = 'mailed' and findings <> '[]'`,
      [run],
    );
    expect(noted).toEqual([{ no: "3", noted: ["partner_several"] }]);
    const addressed = of("mailed_each").map((each) => each.split(" ").slice(0, 2).join(" "));
    expect(addressed.toSorted()).toEqual([
      "1 seven@example.org",
      "2 twelve@example.org",
      ...["3 ZOÉ@example.org", "3 Zoé@example.org"],
      ...["4", "5", "6"],
    ]);
  });
});
