import { expect, it } from "vitest";
import {
  any,
  commit,
  defineMigration,
  email,
  hold,
  insert,
  noted,
  table,
  text,
  timestamp,
  when,
} from "../../lib/define/builders.ts";
import type { PlanRule, ValidationRule } from "../../lib/define/definition.ts";

const zone = { zone: "Europe/Copenhagen" };

/** What the default rule about a finding asks for, of rows with two times and an e-mail. */
const asked = (finding: string, validate: ValidationRule[], plan: PlanRule[] = []) =>
  defineMigration({
    name: "lessons",
    title: "Lessons",
    connection: "legacy",
    source: { lessons: table("no", "made", "changed", "mail", "title") },
    entity: {
      from: ["lessons"],
      fields: {
        made: timestamp("made", zone),
        changed: timestamp("changed", zone),
        mail: email("mail", { placeholders: ["none"] }),
        title: text("title"),
      },
      validate,
      decide: {},
      actions: { lesson: insert("lessons", { title: "title" }) },
      plan: [...plan, commit("lesson")],
    },
  }).entity.validate.find(({ id }) => id === finding)?.when;

const note = (when: ValidationRule["when"]): ValidationRule[] => [
  { id: "known", says: "It is known.", when, verdict: "note" },
];

it("D33 a rule about one field's finding leaves the other fields' to the default rule, and takes no row of its own field", () => {
  expect(asked("timestamp_gap", note(noted("changed_gap")))).toEqual({
    any: [{ noted: "made_gap" }],
  });
  expect(asked("timestamp_zero", note(noted("changed_gap")))).toEqual({ noted: "timestamp_zero" });
  expect(asked("timestamp_gap", [], [when(noted("changed_gap"), hold("gap"))])).toEqual({
    any: [{ noted: "made_gap" }],
  });
});

it("D33 a rule about a kind's finding, or about every field's, leaves nothing", () => {
  expect(asked("timestamp_gap", note(noted("timestamp_gap")))).toBeUndefined();
  expect(
    asked("timestamp_gap", note(any(noted("changed_gap"), noted("made_gap")))),
  ).toBeUndefined();
});

it("D33 what is never noted by a field's name rules nothing: the default rule stays", () => {
  expect(asked("email_placeholder", note(noted("mail_placeholder")))).toEqual({
    noted: "email_placeholder",
  });
});

it("D33 what is noted of any column of a row is not left to those of which a rule is about one", () => {
  expect(asked("text_damaged", note(noted("title_damaged")))).toEqual({ noted: "text_damaged" });
});
