import { describe, expect, it } from "vitest";
import {
  birthDate,
  boolean,
  choice,
  commit,
  date,
  file,
  hold,
  insert,
  integer,
  is,
  mapped,
  match,
  missing,
  noted,
  otherwise,
  people,
  reconciled,
  reference,
  referenced,
  text,
  time,
  timestamp,
  when,
} from "../../lib/define/builders.ts";
import { faults, some, sound } from "../support/small-definition.ts";

describe("B5 names and kinds that do not fit each other are told in a sentence", () => {
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
      "digits that no number has",
      faults({ fields: { ...sound.entity.fields, made: text("made", { digits: 1 }) } }),
      "The field “made” has 1 digits: say a whole number from 2 to 100.",
    ],
    [
      "a text that is left out and is none",
      faults({ fields: { ...sound.entity.fields, made: text("made", { without: [""] }) } }),
      "The field “made” leaves nothing out: “without” names an empty text.",
    ],
    [
      "a choice by words within texts that all others would be listed beside",
      faults({
        fields: { ...sound.entity.fields, made: choice("made", {}, { containing: [["a", "b"]] }) },
      }),
      "The field “made” looks for words within texts, each of which would be listed as one that nobody said: say `otherwise`.",
    ],
    [
      "a choice by a word that every text has",
      faults({
        fields: {
          ...sound.entity.fields,
          made: choice("made", {}, { beginnings: [[" ", "b"]], otherwise: "c" }),
        },
      }),
      "The field “made” looks for a word that is none: every text has it.",
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
  ])("B5 %s", (_what, found, says) => {
    expect(found.join("\n")).toContain(says);
  });
});
