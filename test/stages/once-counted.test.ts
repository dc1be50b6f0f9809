import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { problemsOf } from "../../lib/compile/problems/problems.ts";
import {
  all,
  birthDate,
  commit,
  date,
  datedBefore,
  defineMigration,
  hold,
  insert,
  is,
  list,
  lower,
  missing,
  noted,
  once,
  present,
  skip,
  table,
  text,
  when,
} from "../../lib/define/builders.ts";
import type { Once } from "../../lib/define/definition.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { folderOf } from "../support/small.ts";
import { approve, reviewedRun, runWave } from "../support/steps.ts";

const run = "7f3a0000-0000-4000-8000-0000000000d4";

const membersOnce = (counted: Once["where"]) =>
  defineMigration({
    name: "once-counted",
    title: "Members",
    connection: "legacy",
    source: { members: table("no", "mail", "born", "left", "grades") },
    entity: {
      from: ["members"],
      fields: {
        mail: text("mail"),
        born: birthDate("born", { format: "d.M.yyyy or iso", zone: "Europe/Vienna", none: ["?"] }),
        left: date("left"),
        grades: list("grades", { by: ";", repeated: "kept", empty: "null" }),
        marks: list("grades", { by: ";" }),
      },
      once: once([lower("mail")], { by: ["born"], ...(counted ? { where: counted } : {}) }),
      decide: {},
      actions: {
        member: insert("members", {
          no: "legacy_id",
          mail: "mail",
          born: "born",
          grades: "grades",
          graded: "grades",
          marks: "marks",
        }),
      },
      plan: [
        when(noted("birth_date_placeholder"), hold("born_placeholder")),
        when(present("left"), skip("left")),
        when(is("later_of_person", "yes"), hold("same_mail_twice")),
        when(all(missing("marks"), is("mail", "none@x.com")), hold("nothing_known")),
        commit("member"),
      ],
    },
  });

describe("D8 of rows that are wanted once", () => {
  const members = membersOnce(missing("left"));
  let test: TestServices;
  let folder: { remove(): Promise<void> };

  beforeAll(async () => {
    test = await testServices({
      world: {
        migration: members,
        platform: [
          `create table members (id bigserial primary key, no text, mail text, born date,
             grades integer[] check (cardinality(grades) > 0), graded jsonb, marks integer[])`,
        ],
        legacy: "",
      },
    });
    folder = await folderOf(test, {
      members: [
        ["no", "mail", "born", "left", "grades"],
        ["M-1", "ida@x.com", "2.1.1970", "2024-01-01", "1"],
        ["M-2", "Ida@x.com", "3.1.1971", "", "2;2"],
        ["M-3", "ida@x.com", "1972-01-03T23:00:00.000Z", "", ""],
        ["M-4", "bo@x.com", "?", "", ""],
        ["M-5", "cy@x.com", "unknown", "", "3"],
        ["M-6", "none@x.com", "", "", ""],
      ],
    });
    await reviewedRun(test, run);
  });
  afterAll(async () => {
    await test?.close();
    await folder?.remove();
  });

  it("those alone count that the definition says: who left is neither the first nor a later one", async () => {
    const rows = await test.query(
      `select legacy_id as no, later_of_person as later, planned, planned_reason as why
         from wavegate.${members.entity.staging.table} order by 1`,
    );
    expect(rows).toEqual([
      { no: "M-1", later: false, planned: "skip", why: "left" },
      { no: "M-2", later: false, planned: "commit", why: null },
      { no: "M-3", later: true, planned: "hold", why: "same_mail_twice" },
      { no: "M-4", later: false, planned: "commit", why: null },
      // D9: a word for nobody knows is one however dates are written, unless the definition says that it is nothing.
      { no: "M-5", later: false, planned: "hold", why: "born_placeholder" },
      // A list without elements is missing.
      { no: "M-6", later: false, planned: "hold", why: "nothing_known" },
    ]);
  });

  it("B5 D9 a birth date that a program wrote as an instant is the day in its zone", async () => {
    const born = await test.query(
      `select legacy_id as no, born::text from wavegate.${members.entity.staging.table} where born is not null order by 1`,
    );
    expect(born).toEqual([
      { no: "M-1", born: "1970-01-02" },
      { no: "M-2", born: "1971-01-03" },
      { no: "M-3", born: "1972-01-04" },
    ]);
  });

  it("V6 a list without elements is written as nothing where that is said, and else as an empty one", async () => {
    await approve(test, run, "first_wave");
    const { written, verified } = await runWave(test, run, 1);
    expect(written.counts).toMatchObject({ committed: 2 });
    expect(verified.passed).toBe(true);
    expect(
      await test.query("select no, born::text, grades, graded, marks from members order by no"),
    ).toEqual([
      { no: "M-2", born: "1971-01-03", grades: [2, 2], graded: ["2", "2"], marks: [2] },
      { no: "M-4", born: null, grades: null, graded: null, marks: [] },
    ]);
  });

  it("of several lists each counts by itself: a later one by any of them is a later one", async () => {
    const guests = defineMigration({
      name: "once-several",
      title: "Guests",
      connection: "legacy",
      source: { guests: table("no", "mail", "card", "came") },
      entity: {
        from: ["guests"],
        fields: { mail: text("mail"), card: text("card"), came: date("came") },
        once: [once([lower("mail")], { by: ["came"] }), once(["card"])],
        decide: {},
        actions: { guest: insert("guests", { no: "legacy_id" }) },
        plan: [when(is("later_of_person", "yes"), hold("twice")), commit("guest")],
      },
    });
    const test = await testServices({
      world: {
        migration: guests,
        platform: ["create table guests (id bigserial primary key, no text)"],
        legacy: "",
      },
    });
    const folder = await folderOf(test, {
      guests: [
        ["no", "mail", "card", "came"],
        ["1", "ida@x.com", "c1", "2024-02-01"],
        ["2", "Ida@x.com", "c2", "2024-01-01"],
        ["3", "bo@x.com", "c2", "2024-01-02"],
        ["4", "", "c2", ""],
        ["5", "cy@x.com", "c5", ""],
        ["6", "cy@x.com", "c5", ""],
        ["7", "", "", ""],
      ],
    });
    try {
      await reviewedRun(test, run);
      expect(
        await test.query(
          `select legacy_id as no, planned, planned_reason as why, jsonb_array_length(source_duplicate_evidence) as hints
             from wavegate.${guests.entity.staging.table} order by 1`,
        ),
      ).toEqual([
        // By mail: the earlier visit is the first.
        { no: "1", planned: "hold", why: "twice", hints: 1 },
        { no: "2", planned: "commit", why: null, hints: 0 },
        // By card: whatever becomes of the first, and be it the first by its mail.
        { no: "3", planned: "hold", why: "twice", hints: 1 },
        { no: "4", planned: "hold", why: "twice", hints: 1 },
        { no: "5", planned: "commit", why: null, hints: 0 },
        // By both behind the same one, which is one hint.
        { no: "6", planned: "hold", why: "twice", hints: 1 },
        { no: "7", planned: "commit", why: null, hints: 0 },
      ]);
    } finally {
      await folder.remove();
      await test.close();
    }
  });

  it("which of them count is told by what is known of each", () => {
    expect(problemsOf(membersOnce(present("gone")))).toEqual([
      expect.stringMatching(
        /^`once` looks at “gone”, which is not known there: there are .*, left, /,
      ),
    ]);
    expect(problemsOf(membersOnce(datedBefore("left", "2020-01-01")))).toContain(
      "`once` counts rows by a date that some may not have, of which nobody is asked: say present(…) or missing(…) beside it.",
    );
    expect(problemsOf(membersOnce(missing("left")))).toEqual([]);
  });
});
