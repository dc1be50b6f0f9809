import { afterAll, beforeAll, expect, it } from "vitest";
import { checkSource } from "../../lib/author/check/source.ts";
import { unlistedStatuses } from "../../lib/compile/judge/report.ts";
import {
  choice,
  commit,
  defineMigration,
  hold,
  insert,
  is,
  otherwise,
  status,
  table,
  text,
  when,
} from "../../lib/define/builders.ts";
import { partsOf } from "../../lib/define/several.ts";
import { openSource } from "../../lib/sources/open.ts";
import { sourceSettings } from "../../lib/sources/settings.ts";
import { type CsvServices, csvServices } from "../support/csv-services.ts";
import { reviewedRun } from "../support/steps.ts";

const run = "7f3a0000-0000-4000-8000-00000000d5c1";
const kennel = defineMigration({
  name: "kennel_by_choice",
  title: "A kennel's members",
  connection: "legacy",
  source: { members: table("no", "name", "state", "fee") },
  entity: {
    from: ["members"],
    fields: {
      called: text("name"),
      raw_status: status("state"),
      state: choice("state", { aktiv: "active", Aktiv: "active", "†": "deceased" }),
      // Nothing is decided by it.
      fee: choice("fee", { voll: "full" }),
      raw_fee: status("fee"),
    },
    decide: {
      classification: [
        { is: "blocked", when: is("raw_status", "gesperrt") },
        { is: "member", when: is("state", "active", "deceased") },
        { is: "unknown", when: otherwise },
      ],
      pays: [
        { is: "nothing", when: is("raw_fee", "frei") },
        { is: "all", when: otherwise },
      ],
    },
    actions: { member: insert("members", { name: "called", state: "state" }) },
    plan: [when(is("classification", "unknown"), hold("status_unknown")), commit("member")],
  },
});
const [kind] = partsOf(kennel);
let test: CsvServices;
beforeAll(async () => {
  test = await csvServices(
    kennel,
    "create table members (id bigserial primary key, name text, state text)",
    {
      members: [
        "no,name,state,fee",
        ...["1,Ada,aktiv,voll", "2,Ben,Aktiv,voll", "3,Cara,†,frei", "4,Dan,gesperrt,frei"],
        ...["5,Eva,???,frei", "6,Fay,,frei"],
      ],
    },
  );
  await reviewedRun(test, run);
});
afterAll(() => test?.close());

it("D2 a word of a status that a choice of the same column lists, and by which something is decided, is none that nobody lists", async () => {
  if (!kind) throw new Error("It has one kind of things.");
  const listed = await Promise.all(
    unlistedStatuses(kind, run).map((statement) =>
      test.services.stage.rows<{ field: string; status: string | null; rows: number }>(statement),
    ),
  );
  expect(listed.flat().map(({ field, status: word, rows }) => [field, word, Number(rows)])).toEqual(
    [
      ["raw_fee", "voll", 2],
      ["raw_status", "???", 1],
      ["raw_status", null, 1],
      ["fee", "frei", 4],
      ["state", "???", 1],
      ["state", "gesperrt", 1],
    ],
  );
});

it("B5 D2 check says the same", async () => {
  if (!kind) throw new Error("It has one kind of things.");
  const source = await openSource(sourceSettings("legacy", test.legacy));
  const { problems } = await checkSource(kind, source, "2026-11-20").finally(() => source.close());
  expect(
    problems.filter(({ id }) => id === "status_unlisted").map(({ says, rows }) => [says, rows]),
  ).toEqual([
    ["“???” of “raw_status” is not looked for by any decision.", 1],
    ["“raw_status” is empty in some rows, and no decision says what becomes of those.", 1],
    ["“voll” of “raw_fee” is not looked for by any decision.", 2],
  ]);
});
