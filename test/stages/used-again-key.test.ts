import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findRun } from "../../lib/data/runs.ts";
import {
  birthDate,
  commit,
  defineMigration,
  email,
  entity,
  insert,
  name,
  need,
  of,
  phone,
  ref,
  skip,
  table,
  text,
} from "../../lib/define/builders.ts";
import { explain } from "../../lib/review/rows/explain.ts";
import { type Judge, judgeRange, whatIf } from "../../lib/review/rows/what-if.ts";
import { finalVerify } from "../../lib/stages/final-verify.ts";
import { faultsOfBundle } from "../lifecycle/whole-life.ts";
import { type CsvServices, csvServices } from "../support/csv-services.ts";
import { reviewedRun, toTheEnd } from "../support/steps.ts";

const [first, second] = ["1", "2"].map((n) => `7f3a0000-0000-4000-8000-0000000d191${n}`) as [
  string,
  string,
];

/** Skaters and their laps. */
const rink = defineMigration({
  name: "rink",
  title: "Skaters and laps",
  connection: "old-rink",
  source: {
    skaters: table("no", "name", "mobile", "mail", "born"),
    laps: table("no", "skater", "says"),
  },
  entities: [
    entity("skater", {
      from: ["skaters"],
      fields: {
        full_name: name("name"),
        mobile: phone("mobile", { region: "DZ" }),
        mail: email("mail", { placeholders: [] }),
        born: birthDate("born", { implausible: [] }),
      },
      decide: {},
      actions: {
        skater: insert("skaters", { name: "full_name", mail: "mail" }, { id: "id" }),
      },
      plan: [commit("skater")],
    }),
    entity("lap", {
      from: ["laps"],
      fields: { skater: text("skater"), says: text("says") },
      refs: { skater: ref("skater", "skater") },
      decide: {},
      actions: {
        lap: insert("laps", { skater_id: of("skater"), says: "says" }, { id: "id" }),
      },
      plan: [need("skater", skip("skater_missing")), commit("lap")],
    }),
  ],
});

const skaters = (...lines: string[]) => ["no,name,mobile,mail,born", ...lines];
const before = skaters(
  "1,Sara Benali,0555123456,sara@example.org,1990-02-03",
  "2,Omar Haddad,0555123457,omar@example.org,1991-02-03",
  "3,Lina Kaci,0555123458,lina@example.org,1992-02-03",
  "4,Adel Ziani,,,",
  "5,Rym Saadi,0555123459,,",
  "6,Nour Amrani,,nour@example.org,1995-02-03",
);

let test: CsvServices;
beforeAll(async () => {
  test = await csvServices(
    rink,
    `create table skaters (id bigint generated always as identity primary key, name text, mail text);
     create table laps (id bigint generated always as identity primary key, skater_id bigint not null references skaters, says text)`,
    { skaters: before, laps: ["no,skater,says", "1,1,of Sara", "2,2,of Omar"] },
  );
});
afterAll(() => test.close());

describe("M11 a key that the source gave to somebody else behind an earlier run", () => {
  it("holds its row, and what belongs to it goes to nobody; whoever has new contacts or another name is who was moved", async () => {
    await reviewedRun(test, first, { wavePlan: [3] });
    await toTheEnd(test, first);
    await finalVerify(test.services, first);
    await writeFile(
      join(test.folder, "skaters.csv"),
      [
        ...skaters(
          // Another person; one who moved and married; one whose name was corrected, with other contacts.
          "1,Yacine Belaid,0666123450,yacine@example.org,1970-12-31",
          "2,Omar Haddad,0666123457,new@example.org,1991-02-03",
          "3,Linah Kaci,0666123458,linah@example.org,",
          // Of whom too little is known to say so.
          "4,Karim Toumi,0666123452,,",
          "5,Samir Cherif,0666123453,,",
          "6,Hind Bouzid,,hind@example.org,",
        ),
        "",
      ].join("\n"),
    );
    await writeFile(
      join(test.folder, "laps.csv"),
      "no,skater,says\n1,1,of Sara\n2,2,of Omar\n3,1,of Yacine\n4,2,of Omar again\n",
    );
    await reviewedRun(test, second, { wavePlan: [3] });
    await toTheEnd(test, second);
    expect((await finalVerify(test.services, second)).passed).toBe(true);
    const outcome = await test.query<{ says: string }>(
      `select concat_ws(' ', 'skater', legacy_id, import_state, state_reason) as says from wavegate.rink_skater where run_id = $1
       union all select concat_ws(' ', 'lap', legacy_id, import_state, state_reason) from wavegate.rink_lap where run_id = $1 order by 1`,
      [second],
    );
    expect(outcome.map(({ says }) => says)).toEqual([
      "lap 1 skipped moved_before",
      "lap 2 skipped moved_before",
      "lap 3 skipped skater_missing",
      "lap 4 committed",
      "skater 1 held key_of_another",
      "skater 2 skipped moved_before",
      "skater 3 skipped moved_before",
      "skater 4 skipped moved_before",
      "skater 5 held key_of_another",
      "skater 6 held key_of_another",
    ]);
    expect(
      await test.query(
        "select s.name, l.says from laps l join skaters s on s.id = l.skater_id order by l.id",
      ),
    ).toEqual([
      { name: "Sara Benali", says: "of Sara" },
      { name: "Omar Haddad", says: "of Omar" },
      { name: "Omar Haddad", says: "of Omar again" },
    ]);
    expect(await faultsOfBundle(test, second)).toEqual([]);
    // What decided is said, and no line of the plan is said to have, though one holds.
    const reasons = async (no: string) => {
      const row = { table: "skaters", legacyId: no };
      const found = await explain(test.services.sign, await findRun(test.operator, second), row);
      return found?.reasons
        .filter(({ about, decides }) => about === "plan" && decides)
        .map(({ rule, outcome }) => `${rule} → ${outcome}`);
    };
    expect(await reasons("1")).toEqual([
      "Under its key in the source an earlier run moved somebody else, or a row of a table that is read no more. → hold (key_of_another)",
    ]);
    expect(await reasons("2")).toEqual([
      "An earlier run moved this legacy row already. → skip (moved_before)",
    ]);
    // Nor does the same definition judge it otherwise.
    const { operator, services } = test;
    const pinned = await findRun(operator, second);
    const judge: Judge = (part, range) => judgeRange(services.sign, pinned, part, range);
    const { changes } = await whatIf(operator, pinned, test.definition, judge);
    expect(changes).toEqual([]);
  });
});
