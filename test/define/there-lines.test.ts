import { expect, it } from "vitest";
import { problemsOf } from "../../lib/compile/problems/problems.ts";
import {
  all,
  commit,
  defineMigration,
  hold,
  insert,
  is,
  not,
  same,
  skip,
  table,
  text,
  thereIs,
  when,
} from "../../lib/define/builders.ts";
import type { PlanRule, There } from "../../lib/define/definition.ts";

const migrationOf = (plan: PlanRule[], there?: There) =>
  defineMigration({
    name: "cards",
    title: "Cards",
    connection: "legacy",
    source: { cards: table("no", "title") },
    entity: {
      from: ["cards"],
      fields: { title: text("title") },
      decide: {},
      is: [same({ title: "title" })],
      ...(there === undefined ? {} : { there }),
      actions: { card: insert("cards", { title: "title" }) },
      plan,
    },
  });
/** The lines of a plan about rows that are there, by their reasons and in order, with what is written where. */
const linesOf = (plan: PlanRule[], there?: There) =>
  migrationOf(plan, there)
    .entity.plan.map((line) =>
      "commit" in line ? "commit" : "hold" in line ? line.hold : "skip" in line ? line.skip : "-",
    )
    .filter((line) => /there|commit|own/.test(line));

it.each<[string, PlanRule[], There | undefined, string[]]>([
  [
    "says nothing",
    [commit("card")],
    undefined,
    ["several_there", "shared_there", "perhaps_there", "there", "commit"],
  ],
  [
    "asks for one word: the others stay",
    [when(is("there_is", "several"), hold("own")), commit("card")],
    undefined,
    ["shared_there", "perhaps_there", "there", "own", "commit"],
  ],
  [
    "asks for one word among others",
    [when(is("there_is", "one", "perhaps"), skip("own")), commit("card")],
    undefined,
    ["several_there", "shared_there", "own", "commit"],
  ],
  [
    "asks for a word in part: what is left of it is told behind that line",
    [when(all(is("there_is", "one"), thereIs("locked", "yes")), hold("own")), commit("card")],
    undefined,
    ["several_there", "shared_there", "perhaps_there", "own", "there", "commit"],
  ],
  [
    "asks for rows that are there, whichever",
    [when(not(is("there_is", "none")), hold("own")), commit("card")],
    undefined,
    ["own", "several_there", "shared_there", "perhaps_there", "there", "commit"],
  ],
  [
    "asks for rows that are not there: all others are told before",
    [when(is("there_is", "none"), commit("card"))],
    undefined,
    ["several_there", "shared_there", "perhaps_there", "there", "commit"],
  ],
  [
    "asks for what differs of rows that are brought up to date",
    [when(all(is("there_is", "differs"), is("title", "x")), hold("own")), commit("card")],
    { update: { title: { staged: "title" } } },
    ["several_there", "shared_there", "perhaps_there", "own", "commit"],
  ],
])("B5 D28 of rows that are there a plan %s", (_, plan, there, expected) => {
  expect(linesOf(plan, there)).toEqual(expected);
});

it.each<[string, There | undefined, string[], string[]]>([
  ["is left as it is", undefined, ["none", "one"], ["same", "differs"]],
  [
    "is brought up to date",
    { update: { title: { staged: "title" } } },
    ["same", "differs"],
    ["one"],
  ],
])(
  "B5 B12 D28 a line about what never is is refused where what is there %s",
  (_, there, may, never) => {
    const problems = (word: string) =>
      problemsOf(migrationOf([when(is("there_is", word), hold("own")), commit("card")], there));
    for (const word of [...may, "several", "shared"])
      expect([word, problems(word)]).toEqual([word, []]);
    for (const word of never)
      expect(problems(word)).toEqual([
        expect.stringContaining(`“there_is” with “${word}”, which it never is: it is `),
      ]);
  },
);
