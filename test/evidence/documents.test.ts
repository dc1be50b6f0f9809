import { expect, it } from "vitest";
import { documentsOf } from "../../lib/evidence/documents.ts";

const run = {
  ...{ migration: "club", definition_digest: "d", connection: "legacy", focus_mode: "members" },
  ...{ wave_plan: [25], gates: "every-wave", started_at: "2026-11-20T09:00:00.000Z" },
};
const policies = (documents?: Record<string, unknown>, source?: unknown) =>
  documentsOf(documents, { ...run, source })["policy-bundle.json"];
const head = { version: "1.0", generatedAt: "2026-11-20T09:00:00.000Z" };
const none = {
  ...head,
  organizationName: "",
  policies: [],
  validation: { valid: true, errors: [], warnings: [] },
  metadata: { policies: 0 },
};

it.each([
  ["no documents", undefined],
  ["another document alone", { "notes.json": {} }],
  ["nothing under that name", { "policy-bundle.json": null }],
  ["a text under that name", { "policy-bundle.json": "none" }],
])("V5 a migration with %s has a bundle that says that there are no policies", (_, documents) => {
  expect(policies(documents)).toEqual(none);
});

it("V5 policies are those of the definition, unless the source says them", () => {
  const bundle = {
    organizationName: "A club",
    policies: [{ key: "age", value: 18, source: "default", validationError: "Nobody said it." }],
    validation: { valid: false, errors: ["Nobody said it."], warnings: [] },
  };
  const of = (source: unknown) => policies({ "policy-bundle.json": bundle }, source);
  for (const silent of [undefined, null, {}]) expect(of(silent)).toEqual({ ...head, ...bundle });
  expect(of({ policies: { age: { value: 21, source: "the account" } } })).toEqual({
    ...head,
    organizationName: "A club",
    policies: [{ key: "age", value: 21, source: "the account" }],
    validation: { valid: true, errors: [], warnings: [] },
  });
});
