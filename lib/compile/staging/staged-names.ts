import { partsOf, sharedOf, type WholeMigration } from "../../define/several.ts";
import { carryFunction } from "../references/carry-mappings.ts";
import { allChoices, chooseFunction, createChoices } from "../references/choices.ts";
import { decideFunction } from "../references/decide-mappings.ts";
import { createAuditViews } from "./audit-views.ts";
import { type MadeName, namesMadeBy } from "./made-names.ts";
import { createMappings, createStaging } from "./staging.ts";

/** What set-up makes in the schema `wavegate` for one thing to which a definition gives a name. */
interface StagedNames {
  /** That name: of a staging table, a table of mappings, a choice, or of `audit`. */
  readonly of: string;
  /** The statements, without those that were told of something before. */
  readonly statements: readonly string[];
  readonly names: readonly MadeName[];
}

/** What set-up makes for a sound definition, by the statements by which it makes it. */
export function stagedNames(migration: WholeMigration): readonly StagedNames[] {
  const shared = sharedOf(migration);
  const told = new Set<string>();
  const made = (of: string, all: readonly string[], ...called: string[]): StagedNames => {
    const statements = all.filter((statement) => !told.has(statement));
    for (const statement of statements) told.add(statement);
    const names = namesMadeBy(statements);
    const functions = called.map((name) => ({ name, kind: "function" as const }));
    return { of, statements, names: [...names, ...functions] };
  };
  return [
    ...Object.entries(shared.references).map(([name, reference]) =>
      made(
        reference.staging.table,
        createMappings({ ...shared, references: { [name]: reference } }),
        decideFunction(reference),
        carryFunction(reference),
      ),
    ),
    ...allChoices(migration).map((choice) =>
      made(choice.as, [createChoices(choice)], chooseFunction(choice)),
    ),
    ...partsOf(migration).map((part) => made(part.entity.staging.table, createStaging(part))),
    ...createAuditViews(migration).map((view) => made("audit", [view])),
  ];
}
