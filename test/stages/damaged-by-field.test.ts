import { afterAll, beforeAll, expect, it } from "vitest";
import {
  commit,
  composed,
  defineMigration,
  entity,
  hold,
  insert,
  list,
  noted,
  table,
  template,
  text,
  when,
} from "../../lib/define/builders.ts";
import { type DamagedColumn, damageSays } from "../../lib/stages/preflight/damaged-columns.ts";
import { type CsvServices, csvServices } from "../support/csv-services.ts";
import { reviewedRun } from "../support/steps.ts";

const run = "7f3a0000-0000-4000-8000-0000000d1619";

/** Firms of which what a program left in a note harms nobody, and a damaged name would. */
const firms = defineMigration({
  name: "firms",
  title: "Firms",
  connection: "old-firms",
  source: { firms: table("no", "firm", "note", "town") },
  entities: [
    entity("firm", {
      from: ["firms"],
      fields: {
        firm: text("firm"),
        note: text("note"),
        short: text("firm", { longest: 40 }),
        shown: composed("{firm} in {town}"),
        line: template("{note} ({no})", "{firm}"),
        words: list("note", { by: "," }),
      },
      validate: [
        {
          id: "odd",
          says: "A note holds what a program left.",
          when: noted("text_damaged"),
          verdict: "note",
        },
      ],
      decide: {},
      actions: { firm: insert("firms", { firm: "firm", note: "note" }) },
      plan: [when(noted("firm_damaged"), hold("firm_damaged")), commit("firm")],
    }),
  ],
});

let test: CsvServices;
beforeAll(async () => {
  test = await csvServices(
    firms,
    "create table firms (id bigint generated always as identity primary key, firm text, note text)",
    {
      firms: [
        "no,firm,note,town",
        ...["1,Bäckerei,Ruft an,Köln", "2,Bäckerei,Ruft sp&auml;ter an,Köln"],
        ...["6,Bäckerei,#N/A,Köln", '7,"1,23E+11",Ruft an,Köln'],
        ...["3,BÃ¤ckerei,Ruft an,Köln", "4,Bäckerei,Ruft an,KÃ¶ln", "5,BÃ¤ckerei,sp&auml;ter,Köln"],
      ],
    },
  );
});
afterAll(() => test.close());

it("D33 damaged letters of a text are noted by the field's name as well, so that a rule may be about one of several", async () => {
  await reviewedRun(test, run, {});
  const rows = await test.query<{ says: string }>(
    `select concat_ws(' ', legacy_id, planned, planned_reason, findings) as says
       from wavegate.firms_firm where run_id = $1 order by legacy_id`,
    [run],
  );
  expect(rows.map(({ says }) => says)).toEqual([
    "1 commit []",
    '2 commit ["text_damaged", "note_damaged"]',
    '3 hold firm_damaged ["text_damaged", "firm_damaged", "short_damaged"]',
    // No field reads it.
    '4 commit ["text_damaged"]',
    '5 hold firm_damaged ["text_damaged", "firm_damaged", "short_damaged", "note_damaged"]',
    // What a spreadsheet left of a text is nobody's to write, unless a rule of its own lets it go.
    '6 hold noted_without_rule ["template_spoilt", "line_spoilt", "text_spoilt", "note_spoilt", "list_spoilt"]',
    '7 hold noted_without_rule ["text_spoilt", "firm_spoilt", "short_spoilt", "composed_spoilt", "shown_spoilt"]',
  ]);
  // Where no setting says in which character set columns are read, none is named.
  const [found] = await test.query<{ says: string }>(
    `select c ->> 'says' as says from wavegate.legacy_import_runs,
            jsonb_array_elements(preflight -> 'checks') c where id = $1 and c ->> 'id' = 'source_text'`,
    [run],
  );
  expect(found?.says).toMatch(/is like that, correct it in a copy of the source, or let the/u);
});

it("W13 of a source whose columns have character sets it is said which setting names one", () => {
  const [mine, beside] = ["members", "desk"].map((table) => ({
    ...{ table, column: "name", rows: 2, looked: 9 },
  })) as [DamagedColumn, DamagedColumn];
  const tables = { members: table("no"), desk: { ...table("no"), connection: "box-office" } };
  const says = (inSets: readonly string[], ...found: readonly DamagedColumn[]) =>
    damageSays(found, tables, "club", inSets).replace(/^.*like that, /u, "");
  expect(says(["club"], mine)).toBe(
    "name the connection's character set in CLUB_DB_CHARSET, or let the definition repair names.",
  );
  expect(says(["club"], mine, beside)).toBe(
    "name the connection's character set in CLUB_DB_CHARSET, or correct it in a copy of the source, or let the definition repair names.",
  );
  expect(says([], mine)).toBe(
    "correct it in a copy of the source, or let the definition repair names.",
  );
});
