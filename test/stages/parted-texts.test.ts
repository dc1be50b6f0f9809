import { afterAll, beforeAll, expect, it } from "vitest";
import {
  commit,
  defineMigration,
  each,
  entity,
  insert,
  joined,
  list,
  parted,
  skip,
  table,
  text,
} from "../../lib/define/builders.ts";
import { type CsvServices, csvServices } from "../support/csv-services.ts";
import { reviewedRun } from "../support/steps.ts";

const run = "7f3a0000-0000-4000-8000-0000000d1720";

/** Rescuers with what they can do in a field that repeats, as FileMaker writes it, and what they paid beside who they are. */
const rescue = defineMigration({
  name: "rescue",
  title: "Rescue",
  connection: "old-rescue",
  source: {
    people: parted(table("no", "name", "skills", "words", "tels"), {
      tels: { by: "\u001D", into: ["tel", "tel_2"] },
    }),
    fees: table("no", "person", "paid"),
    fee: joined("fees", { who: { table: "people", on: { no: "person" } } }),
    skill: each("people", "words", { by: "\u001D", key: "item" }),
  },
  entities: [
    entity("person", {
      from: ["people"],
      fields: {
        name: text("name"),
        skills: list("skills", { by: "\u001D" }),
        tel: text("tel"),
        tel_2: text("tel_2"),
      },
      decide: {},
      actions: { person: insert("people", { name: "name", skills: "skills" }) },
      plan: [commit("person")],
    }),
    entity("fee_row", {
      from: ["fees"],
      fields: {},
      decide: {},
      actions: {},
      plan: [skip("part")],
    }),
    entity("fee", {
      from: ["fee"],
      fields: { paid: text("paid"), name: text("who.name") },
      decide: {},
      actions: { fee: insert("fees", { paid: "paid", name: "name" }) },
      plan: [commit("fee")],
    }),
    entity("skill", {
      from: ["skill"],
      fields: { word: text("item") },
      decide: {},
      actions: { skill: insert("skills", { word: "word" }) },
      plan: [commit("skill")],
    }),
  ],
});

let test: CsvServices;
beforeAll(async () => {
  const id = "id bigint generated always as identity primary key";
  test = await csvServices(
    rescue,
    `create table people (${id}, name text, skills jsonb); create table fees (${id}, paid text, name text);
     create table skills (${id}, word text)`,
    {
      people: [
        "no,name,skills,words,tels",
        "1,Ann,Ski\u001DRope,Ski\u001DRope,555\u001D556",
        "2,Bob,Ski\u001D\u0002Rope,B\u0002b,555",
        "3,Ã‰lise,,Ski,",
        // What is left in the last part is one text more than there are columns.
        "4,Dan,,,555\u001D556\u001D557",
      ],
      fees: ["no,person,paid", "11,1,5", "12,2,6", "13,3,7"],
    },
  );
  await reviewedRun(test, run, {});
});
afterAll(() => test.close());

const planned = async (kind: string) =>
  (
    await test.query<{ says: string }>(
      `select concat_ws(' ', legacy_id, planned, findings) as says
         from wavegate.rescue_${kind} where run_id = $1 order by legacy_id`,
      [run],
    )
  ).map(({ says }) => says);

it("D33 a control character that a definition reads lists or parts by is no damage, and any other is", async () => {
  expect(await planned("person")).toEqual([
    "1 commit []",
    '2 hold ["text_damaged"]',
    '3 hold ["text_damaged", "name_damaged"]',
    '4 hold ["text_damaged", "tel_2_damaged"]',
  ]);
  const [found] = await test.query<{ says: string }>(
    `select c ->> 'says' as says from wavegate.legacy_import_runs,
            jsonb_array_elements(preflight -> 'checks') c where id = $1 and c ->> 'id' = 'source_text'`,
    [run],
  );
  expect(found?.says).toMatch(
    /in people\.name \(1 of 4 rows\), people\.skills \(1 of 4 rows\), people\.words \(1 of 4 rows\), people\.tel_2 \(1 of 4 rows\)\./u,
  );
});

it("D33 of a made row nothing is noted of what it has from another row and no field reads", async () => {
  expect(await planned("fee")).toEqual([
    "11 commit []",
    "12 commit []",
    '13 hold ["text_damaged", "name_damaged"]',
  ]);
  expect(await planned("skill")).toEqual([
    '["1","Rope"] commit []',
    '["1","Ski"] commit []',
    String.raw`["2","B\u0002b"] hold ["text_damaged", "word_damaged"]`,
    '["3","Ski"] commit []',
  ]);
});
