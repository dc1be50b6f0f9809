import { usedColumns } from "../../compile/pin/used-columns.ts";
import { keyColumnsOf } from "../../compile/target-key.ts";
import type { Run } from "../../data/runs.ts";
import { partsOf, type WholeMigration } from "../../define/several.ts";
import type { Services } from "../../services/services.ts";
import type { Legacy } from "../../sources/legacy.ts";
import type { Source, SourceIdentity, TableFacts } from "../../sources/source.ts";
import { filesProblem, namesFiles } from "../files/row-files.ts";
import { free, type PreflightCheck } from "./check.ts";
import { damagedColumns, damageSays } from "./damaged-columns.ts";
import { knowsLetters, lettersSay } from "./letters.ts";

export interface ReadFrom {
  readonly description: string;
  readonly fingerprint: string;
}

/** One of several sources. */
export interface Connected extends ReadFrom {
  readonly connection: string;
}

/** What is looked at of the source. */
interface Looked {
  readonly source: Legacy;
  readonly tables: readonly TableFacts[];
  readonly connections: readonly (Connected & SourceIdentity)[];
}

/** Of each thing that has to be so of the source whether it is. */
export async function sourceChecks(
  services: Services,
  migration: WholeMigration,
  run: Run,
  { source, tables, connections }: Looked,
): Promise<PreflightCheck[]> {
  const missing = missingOf(migration, tables);
  const unfit = tables.flatMap(({ unfitKey }) => unfitKey ?? []);
  const damaged = missing.length > 0 ? [] : await damagedColumns(migration, source, tables);
  const writable = connections.filter(({ readOnly }) => !readOnly);
  const noFiles = await filesProblem(services, migration, run);
  return [
    free("source_tables", missing, hasAll(tables), `The source has no ${missing.join(", no ")}.`),
    free(
      "source_keys",
      unfit,
      "Every table has a key that names each of its rows.",
      `${unfit.join(" ")} Declare it without integerKey(…), as a key of texts, name another key in the definition, or correct it in a copy of the source.`,
    ),
    {
      id: "source_text",
      passed: true,
      says: damageSays(
        damaged,
        migration.source,
        run.connection_name,
        connections.flatMap(({ kind, connection }) => (kind === "mysql" ? connection : [])),
      ),
    },
    { id: "platform_letters", passed: true, says: lettersSay(await knowsLetters(services.stage)) },
    {
      id: "source_read_only",
      passed: writable.length === 0,
      says: writable
        .map(
          ({ connection, privileges }) =>
            `The ${connections.length === 1 ? "source's user" : `user of the source “${connection}”`} ${
              privileges?.length === 0
                ? "may read nothing, as far as its server says: give it SELECT on what the definition reads."
                : `may do more than SELECT: ${(privileges ?? []).join(", ")}. Use a user with SELECT only.`
            }`,
        )
        .join(" "),
    },
    ...(namesFiles(migration)
      ? [
          {
            id: "files",
            passed: noFiles === undefined,
            says: noFiles ?? "The place of the files that rows name can be read.",
          },
        ]
      : []),
    {
      id: "source_is_not_target",
      passed: migration.inPlace === true || !(await looksLikeTarget(source, migration)),
      says: migration.inPlace
        ? "The source is the platform itself, by a user that can only read it."
        : "The source holds the platform's own tables; it must be the legacy database, never the target.",
    },
  ];
}

/** Tables and columns that are used, and that the source does not have. */
export const missingOf = (migration: WholeMigration, tables: readonly TableFacts[]): string[] =>
  tables.flatMap(({ table, exists, missingColumns, elsewhere = [] }) => {
    if (!exists)
      return [`table ${table}${elsewhere.length > 0 ? ` (there is ${elsewhere.join(", ")})` : ""}`];
    const used = usedColumns(migration, table);
    return missingColumns
      .filter((column) => used.has(column))
      .map((each) => `column ${table}.${each}`);
  });

/** Of a source that has everything that is used. */
function hasAll(tables: readonly TableFacts[]): string {
  const leftOut = tables.flatMap(({ table, missingColumns }) =>
    missingColumns.map((column) => `${table}.${column}`),
  );
  return leftOut.length > 0
    ? `The source has every table and column that is used. It lacks ${leftOut.join(", ")}, which nothing uses.`
    : "The source has every declared table and column.";
}

/** The target's tables for what a migration writes do not exist in any legacy system. */
async function looksLikeTarget(source: Source, migration: WholeMigration): Promise<boolean> {
  const targets = partsOf(migration)
    .flatMap(({ entity }) => Object.values(entity.actions))
    .filter(({ into }) => !(into in migration.source));
  const found = await source.inspect(
    Object.fromEntries(
      targets.map(({ into, id }) => [into, { key: keyColumnsOf(id), columns: keyColumnsOf(id) }]),
    ),
  );
  return found.some(({ exists }) => exists);
}
