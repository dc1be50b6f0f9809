import { mainField } from "../../compile/columns.ts";
import type { Numbering } from "../../compile/match/context.ts";
import type { Migration } from "../../define/definition.ts";
import { planOf } from "../../normalize/phone-plan.ts";

/** How numbers of the definition's region are dialled, by which the platform's phone fields are read. */
export function numberingOf(migration: Migration): Numbering {
  const field = migration.entity.fields[mainField(migration, "phone") ?? ""];
  const plan = field?.kind === "phone" ? planOf(field.region) : undefined;
  // Without a plan numbers are compared as they stand.
  return { code: plan?.code ?? "", prefix: plan?.trunk ?? "", lengths: plan?.lengths ?? [] };
}
