import type { DatabaseRoles } from "../../define/database-roles.ts";
import { servedColumns } from "../../define/feature.ts";
import { partsOf, type WholeMigration } from "../../define/several.ts";
import { compilePin } from "../pin/pin.ts";
import type { Privilege } from "./privilege.ts";

/**
 * What roles may do on the platform: all but terminals look at what a migration is about, and its commit role alone
 * writes, into its targets. The owner looks up what a person says that a reference is.
 *
 * @param schemaOf where a table is
 * @param referring tables that refer to a target: a rollback looks whether they do (D16)
 */
export function platformPrivileges(
  migration: WholeMigration,
  roles: DatabaseRoles,
  schemaOf: (table: string) => string,
  referring: readonly { readonly schema: string; readonly name: string }[],
): readonly Privilege[] {
  const commit = roles.commit(migration.name);
  const on = (
    role: string,
    name: string,
    may: Privilege["may"],
    columns?: readonly string[],
  ): Privilege => ({
    role,
    kind: "table",
    schema: schemaOf(name),
    name,
    may,
    ...(columns === undefined ? {} : { columns }),
  });
  const targets = [
    ...new Set(
      partsOf(migration).flatMap(({ entity }) =>
        Object.values(entity.actions).map(({ into }) => into),
      ),
    ),
  ];
  const mapped = Object.values(migration.references).map(({ platform }) => platform.table);
  return [
    ...platformTables(migration).flatMap((table) =>
      [roles.stage, roles.sign, commit].map((role) => on(role, table, "select")),
    ),
    // To look up what a person names, and what the ledger does.
    ...[...mapped, ...targets].map((table) => on(roles.owner, table, "select")),
    ...targets.flatMap((table) => [on(commit, table, "insert"), on(commit, table, "delete")]),
    ...[...servedColumns(migration)].map(([table, columns]) =>
      on(roles.serve, table, "select", columns),
    ),
    // Of rows that were there, the columns that it brings up to date and no other.
    ...compilePin(migration).targets.flatMap(({ table, updated }) =>
      updated === undefined ? [] : [on(commit, table, "update", updated)],
    ),
    ...referring.flatMap((table): Privilege[] => [
      // Terminals look whether tables are there.
      ...[commit, roles.operator].map(
        (role): Privilege => ({
          ...{ role, kind: "schema", schema: table.schema, name: table.schema, may: "usage" },
        }),
      ),
      { ...table, role: commit, kind: "table", may: "select" },
    ]),
  ];
}

/** Every platform table that a migration reads, guards or writes. */
export const platformTables = (migration: WholeMigration): string[] => [
  ...new Set([
    ...migration.guarded,
    ...migration.reads,
    ...partsOf(migration).flatMap(({ entity }) => [
      ...entity.match.against.map(({ table }) => table),
      ...Object.values(entity.actions).map(({ into }) => into),
    ]),
    ...Object.values(migration.references).map(({ platform }) => platform.table),
  ]),
];
