import { describe, expect, it } from "vitest";
import {
  all,
  birthDate,
  boolean,
  choice,
  commit,
  composed,
  count,
  date,
  defineMigration,
  distribution,
  email,
  entity,
  file,
  hold,
  insert,
  integer,
  is,
  kept,
  lower,
  mapped,
  match,
  missing,
  noted,
  once,
  otherwise,
  people,
  reconciled,
  reference,
  referenced,
  same,
  share,
  status,
  stop,
  table,
  template,
  text,
  time,
  timestamp,
  update,
  when,
  within,
} from "../../lib/define/builders.ts";
import type { Definition, Field } from "../../lib/define/definition.ts";
import { definitionFaults, requireSound } from "../../lib/stages/preflight/definition-faults.ts";
import { setUpDatabase } from "../../lib/stages/set-up-database.ts";
import { alpha2 } from "../../migrations/alpha2/definition.ts";
import { alpha2Staging } from "../../migrations/alpha2-staging/definition.ts";
import { community } from "../../migrations/community/definition.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import { wildApricot } from "../../migrations/wild-apricot/definition.ts";
import { gym } from "../gym/definition.ts";
import { bare } from "../lifecycle/worlds/bare.ts";
import { feed } from "../lifecycle/worlds/feed.ts";
import { kiln } from "../lifecycle/worlds/kiln.ts";
import { lending } from "../lifecycle/worlds/lending.ts";
import { lessons } from "../lifecycle/worlds/lessons.ts";
import { library } from "../lifecycle/worlds/library.ts";
import { registry } from "../lifecycle/worlds/registry.ts";
import { rich } from "../lifecycle/worlds/rich.ts";
import { roster } from "../lifecycle/worlds/roster.ts";
import { refusal } from "../support/steps.ts";

const sound = {
  name: "small",
  title: "Small",
  connection: "legacy",
  source: { things: table("no", "label", "state", "made") },
  entity: {
    from: ["things"],
    fields: { label: text("label"), state: status("state") },
    decide: {
      classification: [
        { is: "kept", when: is("state", "new", "old") },
        { is: "left", when: otherwise },
      ],
    },
    actions: { thing: insert("belongings", { label: "label" }) },
    plan: [when(is("classification", "left"), hold("left")), commit("thing")],
  },
} satisfies Definition;

const some = (n: number) => Array.from({ length: n }, (_, at) => at);

/** The faults of a definition with these parts of its entity, and these of its own. */
const faults = (
  entity: Partial<Definition["entity"]>,
  more: Partial<Omit<Definition, "entity">> = {},
): readonly string[] => {
  // Of a wide type: what types see would not compile.
  const wrong: Definition = { ...sound, ...more, entity: { ...sound.entity, ...entity } };
  return definitionFaults(defineMigration(wrong));
};

describe("B5 a definition that is wrong is told so in a sentence", () => {
  it.each([
    [once([within("made", "1 hour")]), /`once` names no field by which rows are the same/u],
    [once(["label", within("label", "1 hour")]), /“label” within a distance, and it is neither/u],
    [once(["label", within("made", "an hour")]), /“made” within “an hour”, which is no distance/u],
    [once(["label", within("made", "5")]), /“made” within “5”, which is no distance/u],
    [once(["label", within("made", "-1 hours")]), /“made” within “-1 hours”, which is no/u],
    [once(["label", within("seats", "1 hour")]), /“seats” within “1 hour”, which is no distance/u],
    [once(["label", within("seats", "1"), within("made", "1 day")]), /more than one field that/u],
    [once([lower("made")]), /compares “made” in lower case, and it is no text/u],
    [once([lower("lable")]), /`once` names “lable”, which is no field/u],
    [once([lower(mapped("state"))]), /`once` names “”, which is no field/u],
  ])("of rows that are wanted once: %#", (wanted, says) => {
    const fields = { ...sound.entity.fields, made: timestamp("made"), seats: integer("no") };
    expect(faults({ fields, once: wanted }).join("\n")).toMatch(says);
    expect(faults({ fields, once: once([lower("label"), within("made", "1 day")]) })).toEqual([]);
    // A text that is put together is one as well.
    const whole = {
      ...fields,
      whole: composed("{no} {label}"),
      first: template("{label}", "{no}"),
    };
    expect(faults({ fields: whole, once: once([lower("whole"), lower("first")]) })).toEqual([]);
    expect(faults({ fields, once: once(["label", within("seats", "0.5")]) })).toEqual([]);
  });

  it("of a distance between a row and the one that is there", () => {
    const is = [same({ label: "label", made: within("made", "about an hour") })];
    expect(faults({ fields: { ...sound.entity.fields, made: timestamp("made") }, is })).toEqual([
      expect.stringMatching(/`is` takes “made” within “about an hour”, which is no distance/u),
    ]);
  });

  const whole = [ecoin, gym, alpha2, alpha2Staging, community, wildApricot];
  const worlds = [bare, feed, kiln, lending, lessons, library, registry, rich, roster];
  it.each([...whole, ...worlds, defineMigration(sound)])("$name is not", (migration) => {
    expect(definitionFaults(migration)).toEqual([]);
  });

  it("of a file whose key is written beside its copy, and of a column that is called like a key, is not", () => {
    const scan = { ...sound.entity.fields, scan: file("no", { within: "scans", types: [] }) };
    const copied = { thing: insert("belongings", { place: "scan_key" }, { copies: "scan" }) };
    expect(faults({ fields: scan, actions: copied }).join("\n")).not.toMatch(/copies/u);
    const called = { label_key: text("label"), state: status("state") };
    const written = { thing: insert("belongings", { label: "label_key" }) };
    expect(faults({ fields: called, actions: written })).toEqual([]);
  });

  it.each<[string, readonly string[], string]>([
    [
      "a column that nothing has",
      faults({ plan: [when(missing("lable"), hold("no_label")), commit("thing")] }),
      "looks at “lable”, which is not known there: there are source_table, legacy_id, findings, label, state",
    ],
    [
      "a finding of a field that is none of it",
      faults({
        fields: { ...sound.entity.fields, born: birthDate("made") },
        plan: [when(noted("born_zero"), hold("no_birthday")), commit("thing")],
      }),
      "asks for “born_zero”, which nothing notes: of that field it is “birth_date_zero”.",
    ],
    [
      "a finding of no field",
      faults({
        validate: [{ id: "r", says: "R.", when: noted("lable_too_long"), verdict: "note" }],
      }),
      "asks for “lable_too_long”, which nothing notes.",
    ],
    [
      "files without a place",
      faults({
        fields: { ...sound.entity.fields, scan: file("no", { within: "scans", types: [] }) },
      }),
      "“scan” names files, and no setting says where they lie",
    ],
    ...["delete from belongings", "select 1; delete from belongings"].map(
      (things): [string, readonly string[], string] => [
        `a comparison by “${things}”`,
        faults(
          {},
          {
            inPlace: true,
            reconcile: {
              people: 25,
              sides: [reconciled("kept", "K", { of: "x", named: [], things, entries: "select 1" })],
            },
          },
        ),
        "“kept” is compared by two selects, without semicolons.",
      ],
    ),
    [
      "two rules of one name",
      faults({
        validate: ["First.", "Second."].map((says) => ({
          id: "r",
          says,
          when: is("state", "old"),
          verdict: "note",
        })),
      }),
      "Two rules are called “r”.",
    ],
    [
      "the key of a file's copy without the copy",
      faults({
        fields: { ...sound.entity.fields, scan: file("no", { within: "scans", types: [] }) },
        actions: { thing: insert("belongings", { label: "label", place: "scan_key" }) },
      }),
      "“thing” writes the key of “scan” and does not copy it: say `copies`.",
    ],
    [
      "the key of one file's copy beside the copy of another",
      faults({
        fields: {
          ...sound.entity.fields,
          scan: file("no", { within: "scans", types: [] }),
          photo: file("no", { within: "photos", types: [] }),
        },
        actions: {
          thing: insert("belongings", { label: "label", place: "scan_key" }, { copies: "photo" }),
        },
      }),
      "“thing” writes the key of “scan” and does not copy it: say `copies`.",
    ],
    [
      "a copy of what is no file",
      faults({ actions: { thing: insert("belongings", { label: "label" }, { copies: "label" }) } }),
      "“thing” copies “label”, which is no field of a file.",
    ],
    [
      "a copy of what is nothing",
      faults({ actions: { thing: insert("belongings", { label: "label" }, { copies: "scan" }) } }),
      "“thing” copies “scan”, which is no field of a file.",
    ],
    [
      "a column that is known later only",
      faults({
        decide: {
          classification: [
            { is: "x", when: is("planned", "hold") },
            { is: "kept", when: otherwise },
          ],
        },
      }),
      "The decision “classification” looks at “planned”, which is not known there",
    ],
    [
      "a decision in a rule of validation",
      faults({
        validate: [{ id: "r", says: "R.", when: is("classification", "kept"), verdict: "note" }],
      }),
      "The rule “r” looks at “classification”, which is not known there",
    ],
    [
      "a word that a decision never is",
      faults({ plan: [when(is("classification", "lefd"), hold("left")), commit("thing")] }),
      "compares “classification” with “lefd”, which it never is: it is kept, left.",
    ],
    [
      "a word that a long list does not have: those most like it are said, and how many more there are",
      faults({
        fields: {
          ...sound.entity.fields,
          room: choice("made", Object.fromEntries(some(400).map((at) => [`${at}`, `room_${at}`]))),
        },
        plan: [when(is("room", "room_a39"), hold("left")), commit("thing")],
      }),
      "compares “room” with “room_a39”, which it never is: it is room_39, ",
    ],
    [
      "a decision without an otherwise",
      faults({ decide: { classification: [{ is: "kept", when: is("state", "new") }] } }),
      "The decision “classification” leaves rows undecided: its last line has to be “otherwise”.",
    ],
    [
      "a line that is never reached",
      faults({
        decide: {
          classification: [
            { is: "kept", when: otherwise },
            { is: "left", when: is("state", "old") },
            { is: "left", when: otherwise },
          ],
        },
      }),
      "The decision “classification” never comes to line 2: line 1 is for every row.",
    ],
    [
      "decisions that wait for each other",
      faults({
        decide: {
          one: [
            { is: "a", when: is("other", "b") },
            { is: "b", when: otherwise },
          ],
          other: [
            { is: "a", when: is("one", "b") },
            { is: "b", when: otherwise },
          ],
        },
      }),
      "Decisions of “small” wait for each other: “one”, “other”.",
    ],
    [
      "an action that nothing is",
      faults({ plan: [commit("things")] }),
      "commits “things”, which is no action: there is thing.",
    ],
    [
      "a column that the source does not declare",
      faults({ fields: { ...sound.entity.fields, label: text("lable") } }),
      "The field “label” is made from “lable”, a column that “things” does not declare.",
    ],
    [
      "a reference that is not declared",
      faults({ plan: [when(referenced("course", "mapped"), hold("x")), commit("thing")] }),
      "looks at the reference “course”, which is not declared: there is none.",
    ],
    [
      "a value of no reference",
      faults({ actions: { thing: insert("belongings", { label: mapped("course") }) } }),
      "The action “thing” writes what “course” is, which is no reference.",
    ],
    [
      "two things in one column",
      faults({ fields: { ...sound.entity.fields, state_key: text("label") } }),
      "Two things would be staged as “state_key”",
    ],
    [
      "a column of the engine's",
      faults({ fields: { ...sound.entity.fields, wave: text("label") } }),
      "Two things would be staged as “wave”",
    ],
    ...["source_values", "raw_values", "key_repeat", "staged_id", "findings", "proposals"].map(
      (name): [string, readonly string[], string] => [
        `a column of its tables, ${name}`,
        faults({ fields: { ...sound.entity.fields, [name]: text("label") } }),
        `Two things would be staged as “${name}”`,
      ],
    ),
    [
      "a decision that is called as a column of exports",
      faults({ decide: { phone: [{ is: "any", when: otherwise }] } }),
      "Exports have a column “phone” of their own: give the decision of that name another one.",
    ],
    [
      "a name that is SQL",
      faults({ fields: { ...sound.entity.fields, 'x"; drop table t; --': text("label") } }),
      "cannot name a field: a name is of small letters, digits and “_”, at most 40.",
    ],
    [
      "a format that means nothing",
      faults({ fields: { ...sound.entity.fields, made: date("made", { format: "DD/MM/YYYY" }) } }),
      "The field “made” can read nothing: “DD” of “DD/MM/YYYY” means nothing",
    ],
    [
      "seconds without bounds",
      faults({ fields: { ...sound.entity.fields, made: date("made", { format: "unix" }) } }),
      "The field “made” counts seconds, and any number is a time: say `since` and `until`.",
    ],
    [
      "a zone that nobody lives in",
      faults({
        fields: { ...sound.entity.fields, made: timestamp("made", { zone: "Mars/Base" }) },
      }),
      "there is no zone “Mars/Base”",
    ],
    [
      "a time beside a day that can be read by nothing",
      faults({
        fields: {
          ...sound.entity.fields,
          made: timestamp("made", { at: time("label", { format: "mm:ss" }) }),
        },
      }),
      "The field “made” can read nothing: “mm:ss” says no hour",
    ],
    [
      "a word that is yes and no",
      faults({
        fields: { ...sound.entity.fields, made: boolean("made", { yes: ["1"], no: ["1"] }) },
      }),
      "The field “made” takes “1” for yes and for no.",
    ],
    [
      "bounds that nothing is between",
      faults({ fields: { ...sound.entity.fields, made: integer("made", { least: 2, most: 1 }) } }),
      "The field “made” is never believed: 2 is more than 1.",
    ],
    [
      "places that no number has",
      faults({ fields: { ...sound.entity.fields, made: integer("made", { places: -1 }) } }),
      "The field “made” keeps -1 digits behind the point: say a whole number from 0 to 38.",
    ],
    [
      "a text that is left out and is none",
      faults({ fields: { ...sound.entity.fields, made: text("made", { without: [""] }) } }),
      "The field “made” leaves nothing out: “without” names an empty text.",
    ],
    [
      "a choice of nothing",
      faults({ fields: { ...sound.entity.fields, made: choice("made", {}) } }),
      "The field “made” has no words to choose from.",
    ],
    [
      "a reference that is named twice",
      faults(
        {
          fields: {
            ...sound.entity.fields,
            one: reference("made", "course"),
            two: reference("made", "course"),
          },
        },
        {
          references: {
            course: {
              kind: "by_name",
              from: "things",
              id: "no",
              label: "label",
              platform: { table: "courses", id: "id", label: "name" },
              suggestFrom: 0.6,
              staging: {
                table: "small_courses",
                id: "course",
                label: "label",
                target: "course_id",
              },
            },
          },
        },
      ),
      "Several fields name the reference “course”: one has to.",
    ],
    [
      "people of whom nothing is known",
      faults({ match: match([people({ in: "users" })]) }),
      "Nobody is found in “users”: say which column is the name, the phone or the e-mail.",
    ],
    [
      "waves of what no row is",
      faults({}, { waves: { order: ["kept", "lost"] } }),
      "Waves take “lost”, which no row is: a row is kept, left.",
    ],
    [
      "a distribution that would list people",
      faults(
        {},
        { report: { counts: [], sections: [], distributions: [distribution("label", "Label")] } },
      ),
      "A distribution of “label” would list what it holds of people",
    ],
    [
      "a stop about what is not known",
      faults({}, { stops: [stop("s", "S.", share(all(is("state", "old"), missing("x"))), 0.1)] }),
      "The stop “s” looks at “x”, which is not known there",
    ],
    [
      "a key and nothing beside",
      faults({ actions: { thing: insert("things", {}, { id: kept({ no: "legacy_id" }) }) } }),
      "The action “thing” writes no column: name those of its key among its values as well.",
    ],
    [
      "nothing to write",
      faults({ actions: {}, plan: [] }),
      "Nothing is written: there is no action.",
    ],
  ])("B5 %s", (_what, found, says) => {
    expect(found.join("\n")).toContain(says);
  });

  it.each([
    [
      "plan",
      "the 605 lines of its plan take",
      {
        plan: [
          ...some(600).map((at) => when(is("state", `Word number ${at}`), hold(`of_${at}`))),
          commit("thing"),
        ],
      },
      {},
    ],
    [
      "decisions",
      "the 901 lines of its decisions take",
      {
        decide: {
          classification: [
            ...some(900).map((at) => ({
              is: `kind_${at}`,
              when: is("state", `Word number ${at}`),
            })),
            { is: "left", when: otherwise },
          ],
        },
      },
      {},
    ],
    [
      "one line of a decision",
      "the 2 lines of its decisions take",
      {
        decide: {
          classification: [
            { is: "kept", when: is("state", ...some(9_000).map((at) => `w${at}`)) },
            { is: "left", when: otherwise },
          ],
        },
      },
      {},
    ],
    [
      "rules",
      "its 405 rules of `validate` take",
      {
        validate: some(400).map((at) => ({
          id: `rule_${at}`,
          says: "R.",
          when: is("state", `Word number ${at}, as the legacy system says it, with all its words`),
          verdict: "note" as const,
        })),
      },
      {},
    ],
    [
      "counts",
      "what its report and its stops count take",
      {},
      {
        report: {
          counts: some(900).map((at) =>
            count(
              `c_${at}`,
              "C",
              all(is("state", `Word number ${at}`), is("classification", "kept")),
            ),
          ),
          sections: [],
          distributions: [],
        },
      },
    ],
  ] satisfies [
    string,
    string,
    Partial<Definition["entity"]>,
    Partial<Omit<Definition, "entity">>,
  ][])(
    "B5 a statement longer than the Data API takes is told before it is sent: %s",
    (_what, says, entity, more) => {
      const found = faults(entity, more);
      expect(found).toHaveLength(1);
      expect(found[0]).toMatch(
        /^What (judges|plans|writes) its rows is [\d,]+ characters long as SQL, and a statement has 65,536 at most: /,
      );
      expect(found[0]).toContain(says);
    },
  );

  it("B2 of one table no more columns are brought up to date than one statement takes back, by all kinds together", () => {
    const kind = (name: string, from: number, columns: number) =>
      entity(name, {
        from: ["things"],
        fields: { label: text("label") },
        decide: {},
        is: [same({ no: "legacy_id" })],
        there: update(Object.fromEntries(some(columns).map((at) => [`c${from + at}`, "label"]))),
        actions: { thing: insert("belongings", { no: "legacy_id", label: "label" }) },
        plan: [commit("thing")],
      });
    const { entity: _, ...shared } = sound;
    const of = (...kinds: ReturnType<typeof kind>[]) =>
      definitionFaults(defineMigration({ ...shared, entities: kinds } as never)).filter((fault) =>
        fault.includes("brought up to date"),
      );
    expect(of(kind("one", 0, 30), kind("other", 10, 30))).toEqual([]);
    expect(of(kind("one", 0, 30), kind("other", 30, 21))).toEqual([
      "51 columns of “belongings” are brought up to date by several kinds of things, and 50 are the most: leave out what need not be.",
    ]);
  });

  it("B5 M7 people of two kinds of things are refused, with what does instead", () => {
    const kind = (name: string, label: Field) =>
      entity(name, {
        from: ["things"],
        fields: { label } as { label: ReturnType<typeof text> },
        decide: {},
        actions: { thing: insert(name, { no: "legacy_id" }) },
        plan: [commit("thing")],
      });
    const { entity: _, ...shared } = sound;
    const of = (...kinds: ReturnType<typeof kind>[]) =>
      definitionFaults(defineMigration({ ...shared, entities: kinds } as never)).filter((fault) =>
        fault.includes("people are looked for"),
      );
    const mail = email("label", { placeholders: [] });
    expect(of(kind("donors", mail), kind("staff", text("label")))).toEqual([]);
    expect(of(kind("donors", mail), kind("staff", mail))).toEqual([
      "“donors” and “staff” have phones, e-mails or a `match`: people are looked for in one entity. Make of them one entity that is read `from` their tables; or leave `match` to one, and let the others have such columns as `text(…)`, which is written as it stands and compared with nobody; or make of them migrations of their own, of which the later one finds by `match` whom the earlier one wrote.",
    ]);
  });

  it("B5 is refused before anything is made by it", async () => {
    const written: Definition = { ...sound, entity: { ...sound.entity, plan: [commit("x")] } };
    const wrong = defineMigration(written);
    expect(() => requireSound(wrong)).toThrow(
      /^The definition “small” is wrong\. Line \d of the plan commits “x”, .* Nothing was written; correct it and try again\.$/,
    );
    const untouched = new Proxy({} as never, {
      get: () => {
        throw new Error("The database was asked for something.");
      },
    });
    expect(await refusal(setUpDatabase(untouched, [wrong], {} as never))).toBe("DefinitionInvalid");
  });
});
