import { documentsOf } from "../../documents.ts";
import { Findings } from "../say.ts";
import type { Evidence } from "./evidence.ts";

/** Documents are the definition's own, and what the run was started by; bundles of earlier versions have fewer. */
export function documents({ facts, manifest }: Evidence): string[] {
  const { documents: own } = facts.definition;
  const expected = documentsOf(own, facts.summary.pinned_to);
  const found = new Findings();
  for (const name of Object.keys(own ?? {}))
    found.unless(
      manifest.files.some((file) => file.name === name),
      `${name} is named by the rules and is not in the bundle`,
    );
  const both = ["policy-bundle.json", "migration-config.json"].filter(
    (name) => name in facts.documents,
  );
  found.unless(both.length !== 1, "of policies and configuration only one is in the bundle");
  for (const [name, document] of Object.entries(facts.documents)) {
    const wanted = Object.hasOwn(expected, name) ? expected[name] : "no document of the rules";
    found.same(name, document, "the bundle", withoutMoment(document, wanted), "the rules");
  }
  return found.all;
}

/** Policies of bundles of earlier versions do not say when they were written. */
const withoutMoment = (document: unknown, wanted: unknown): unknown => {
  if (typeof document !== "object" || document === null || "generatedAt" in document) return wanted;
  if (typeof wanted !== "object" || wanted === null) return wanted;
  const { generatedAt: _, ...rest } = wanted as { generatedAt?: unknown };
  return rest;
};
