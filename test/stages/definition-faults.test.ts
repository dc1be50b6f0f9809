import { describe, expect, it } from "vitest";
import {
  all,
  commit,
  composed,
  count,
  defineMigration,
  distribution,
  email,
  entity,
  file,
  hold,
  insert,
  integer,
  is,
  lower,
  mapped,
  missing,
  once,
  otherwise,
  same,
  share,
  status,
  stop,
  template,
  text,
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
import { faults, some, sound } from "../support/small-definition.ts";
import { refusal } from "../support/steps.ts";

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
      "a drawn key and nothing beside",
      faults({ actions: { thing: insert("things", {}) } }),
      "The action “thing” writes no column.",
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
