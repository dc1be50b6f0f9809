import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findMovedBefore } from "../../lib/compile/there/moved-before.ts";
import { render } from "../../lib/data/sql.ts";
import {
  commit,
  defineMigration,
  entity,
  insert,
  same,
  table,
  text,
  update,
} from "../../lib/define/builders.ts";
import { partsOf } from "../../lib/define/several.ts";
import { drill } from "../../lib/stages/drill.ts";
import { finalVerify } from "../../lib/stages/final-verify.ts";
import { stateOfEach } from "../lifecycle/whole-life.ts";
import { roster, rosterFiles, rosterPlatform } from "../lifecycle/worlds/roster.ts";
import { type CsvServices, csvServices } from "../support/csv-services.ts";
import { approve, judgeAll, reviewedRun, runWave, toTheEnd } from "../support/steps.ts";

const run = "7f3a0000-0000-4000-8000-0000000f2e01";
const files = {
  ...rosterFiles,
  notes: [...rosterFiles.notes, "5,M-3,Sings,", "6,M-10,Rows,", "7,M-8,Swims,", "8,M-2,Draws,"],
};

let test: CsvServices;
beforeAll(async () => {
  test = await csvServices(roster, rosterPlatform, files);
  await reviewedRun(test, run, { wavePlan: [3, 10] });
});
afterAll(() => test?.close());

const each = (view: string) => stateOfEach(test, view, run);
const members = () =>
  test.query<{ id: number; line: string }>(
    "select id::float8 as id, concat_ws('|', trim(email), full_name, mobile, fee, joined) as line from club_members order by id",
  );

describe("D38 W7 a row of the platform that is another one since the review than it was told to be", () => {
  it("is not brought up to date, and nothing that refers to it is written", async () => {
    // Whoever is told by an address: two exchange theirs, one gives it to somebody who came, one has it twice by now.
    await test.query(`
      update club_members set email = 'x' where email = 'ida@example.com';
      update club_members set email = 'ida@example.com' where email = 'dan@example.com';
      update club_members set email = 'dan@example.com' where email = 'x';
      update club_members set email = 'cara.jones@example.com' where email = 'cara@example.com';
      insert into club_members (email, full_name) values ('cara@example.com', 'Cara Moore'), (' GIL@example.com', 'Gil Moore')`);
    const before = await members();
    await toTheEnd(test, run);
    expect(await each("roster_member")).toMatchObject({
      "M-1": "committed",
      "M-2": "committed",
      "M-3": "skipped unchanged",
      "M-4": "held platform_changed_since_review",
      "M-8": "held platform_changed_since_review",
      "M-10": "held platform_changed_since_review",
    });
    expect(await each("roster_note")).toEqual({
      "1": "committed",
      "2": "skipped unchanged",
      "3": "committed",
      "4": "held waits_for_member",
      "5": "held platform_changed_since_review",
      "6": "held waits_for_member",
      "7": "held waits_for_member",
      "8": "committed",
    });
    const [ada, ben] = ["ada@", "ben@"];
    const others = (lines: typeof before) =>
      lines.filter(({ line }) => !line.toLowerCase().startsWith(ben) && !line.startsWith(ada));
    expect(others(await members())).toEqual(others(before));
  });

  it("is none to which a later wave's row refers, be it brought up to date by an earlier one", async () => {
    const other = await csvServices(roster, rosterPlatform, files);
    await reviewedRun(other, run, { wavePlan: [5, 20] });
    await approve(other, run, "first_wave");
    await runWave(other, run, 1);
    await drill(other.services, run);
    expect(await stateOfEach(other, "roster_member", run)).toMatchObject({ "M-2": "committed" });
    // What is left alone, as it is there, and what the first wave brought up to date.
    await other.query(`
      update club_grades set code = 'whole' where code = 'full';
      insert into club_grades (code, label) values ('full', 'Another one');
      update club_members set email = 'b.bello@example.com' where full_name = 'Ben Bello'`);
    await toTheEnd(other, run);
    expect(await stateOfEach(other, "roster_member", run)).toMatchObject({
      "M-1": "committed",
      "M-2": "committed",
      "M-4": "committed",
      "M-8": "held platform_changed_since_review",
      "M-10": "held platform_changed_since_review",
    });
    expect(await stateOfEach(other, "roster_note", run)).toMatchObject({
      "3": "committed",
      "5": "committed",
      "8": "held platform_changed_since_review",
    });
    await other.close();
  });

  it("is what is there once it is judged anew", async () => {
    await judgeAll(test, run);
    await toTheEnd(test, run);
    expect(await each("roster_member")).toMatchObject({ "M-4": "committed", "M-10": "committed" });
    expect(await each("roster_note")).toMatchObject({ "5": "committed", "6": "committed" });
    expect(
      await test.query(
        "select m.full_name, n.body from club_notes n join club_members m on m.id = n.member_id where body in ('Sings', 'Rows') order by 2",
      ),
    ).toEqual([
      { full_name: "Ida Lane", body: "Rows" },
      { full_name: "Cara Jones", body: "Sings" },
    ]);
  });

  it("counts as that of whom an earlier run made it, whatever its address is since", async () => {
    const later = "7f3a0000-0000-4000-8000-0000000f2e02";
    await writeFile(
      join(test.folder, "notes.csv"),
      [...files.notes, "9,M-1,Paints,", ""].join("\n"),
    );
    await finalVerify(test.services, run);
    await reviewedRun(test, later, { wavePlan: [10] });
    await test.query(
      "update club_members set email = 'a.o@example.com' where full_name = 'Ada Okafor'",
    );
    await toTheEnd(test, later);
    expect(await stateOfEach(test, "roster_note", later)).toMatchObject({ "9": "committed" });
  });

  it("is nobody's any more whose number came to be a stranger's: what refers to whom an earlier run made is held", async () => {
    const other = await csvServices(roster, rosterPlatform, files);
    const later = "7f3a0000-0000-4000-8000-0000000f2e03";
    await reviewedRun(other, run, { wavePlan: [20] });
    await toTheEnd(other, run);
    await finalVerify(other.services, run);
    const [ada] = await other.query<{ id: number }>(
      "select id::int as id from club_members where full_name = 'Ada Okafor'",
    );
    // Emptied and filled anew, whose numbers begin anew; one is as it was but for its name, and is who it was.
    await other.query(`
      create temp table ben as select * from club_members where email = 'Ben@Example.com';
      update ben set full_name = 'Benedict Bello';
      truncate club_members, club_notes restart identity cascade;
      insert into club_members select * from ben;
      insert into club_members (id, email, full_name, mobile, joined, fee) values (${ada?.id}, 'zoe@example.com', 'Zoe Zimmer', '447911123999', '2001-01-01', 1);
      select setval('club_members_id_seq', 100)`);
    await writeFile(
      join(other.folder, "notes.csv"),
      [...files.notes, "9,M-1,Paints,", "10,M-2,Sews,", ""].join("\n"),
    );
    await reviewedRun(other, later, { wavePlan: [20] });
    await toTheEnd(other, later);
    expect(await stateOfEach(other, "roster_note", later)).toMatchObject({
      "9": "held waits_for_member",
      "10": "committed",
    });
    expect(
      await other.query(
        "select m.full_name, n.body from club_notes n join club_members m on m.id = n.member_id where n.body in ('Paints', 'Sews')",
      ),
    ).toEqual([{ full_name: "Benedict Bello", body: "Sews" }]);
    await other.close();
  });

  it("is looked at by some of its columns, however many there are: a statement has an end", () => {
    const names = Array.from({ length: 900 }, (_, n) => `a rather long name of a column ${n}`);
    const wide = defineMigration({
      name: "wide",
      title: "A wide table",
      connection: "old-wide",
      source: { people: table("no", ...names), things: table("no") },
      entities: [
        entity("person", {
          from: ["people"],
          fields: Object.fromEntries(names.map((each, n) => [`f${n}`, text(each)])),
          decide: {},
          actions: {
            person: insert("people", Object.fromEntries(names.map((each, n) => [each, `f${n}`]))),
          },
          plan: [commit("person")],
        }),
        entity("thing", {
          from: ["things"],
          fields: {},
          decide: {},
          actions: { thing: insert("things", { no: "legacy_id" }) },
          plan: [commit("thing")],
        }),
      ],
    });
    const lengths = findMovedBefore(partsOf(wide), run, {}).map((each) => render(each).sql.length);
    expect(Math.max(...lengths)).toBeLessThan(10_000);
  });

  it("is none because of what the run itself wrote", async () => {
    const family = defineMigration({
      name: "household",
      title: "Who shares an address",
      connection: "old-household",
      source: { people: table("no", "card", "mail") },
      entities: [
        entity("person", {
          from: ["people"],
          fields: { card: text("card"), mail: text("mail") },
          decide: {},
          actions: { person: insert("people", { card: "card", mail: "mail" }) },
          is: [same({ card: "card" }), same({ mail: "mail" })],
          there: update({ mail: "mail" }),
          plan: [commit("person")],
        }),
      ],
    });
    const other = await csvServices(
      family,
      `create table people (id bigint generated always as identity primary key, card text, mail text);
       create index on people (card); create index on people (mail);
       insert into people (card) values ('A'), ('B')`,
      { people: ["no,card,mail", "1,A,home@example.com", "2,B,home@example.com"] },
    );
    await reviewedRun(other, run, { wavePlan: [1, 1] });
    await toTheEnd(other, run);
    expect(await stateOfEach(other, "household_person", run)).toEqual({
      "1": "committed",
      "2": "committed",
    });
    await other.close();
  });
});
