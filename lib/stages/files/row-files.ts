import type { Run } from "../../data/runs.ts";
import type { Migration, SourceTable } from "../../define/definition.ts";
import { partsOf, type WholeMigration } from "../../define/several.ts";
import type { Services } from "../../services/services.ts";
import { SourceError } from "../../sources/errors.ts";
import type { Files } from "../../sources/files/files.ts";
import { noPlaceOfFiles } from "../../sources/settings.ts";
import type { LegacyRow } from "../../sources/source.ts";
import { type FactsOf, factsOfFiles, fileFields, fileName } from "./file-field.ts";

/** Whether anything of a migration names files. */
export const namesFiles = (migration: WholeMigration): boolean =>
  partsOf(migration).some((part) => fileFields(part).length > 0);

/** The setting that says where the files of a migration lie. */
const settingOfFiles = ({ settings = {} }: Pick<WholeMigration, "settings">): string | undefined =>
  Object.keys(settings).find((name) => settings[name]?.kind === "files");

/**
 * Where files lie of which a run's start says nothing, by the name of its setting, as its connection says: pinned with
 * the run, as functions that read no source know nothing of a connection. Empty where that says nothing either.
 */
export function placeOfFiles(
  { filesPlace }: Pick<Services, "filesPlace">,
  migration: WholeMigration,
  connection: string,
): Readonly<Record<string, string>> {
  const setting = settingOfFiles(migration);
  const place = setting === undefined ? undefined : filesPlace(connection);
  return setting === undefined || place === undefined ? {} : { [setting]: place };
}

/** The place of a run's files, which it is pinned to. Errors: `SourceSettingsInvalid`. */
export function filesOf(services: Pick<Services, "openFiles">, run: Run): Files {
  const place = run.settings[settingOfFiles(run.definition) ?? ""];
  if (place === undefined) throw noPlaceOfFiles(run.connection_name);
  return services.openFiles(place);
}

/** Why the files of a run cannot be read, in a sentence; undefined where they can, or where nothing names any. */
export async function filesProblem(
  services: Pick<Services, "openFiles">,
  migration: WholeMigration,
  run: Run,
): Promise<string | undefined> {
  if (!namesFiles(migration)) return undefined;
  try {
    await filesOf(services, run).check();
    return undefined;
  } catch (error) {
    if (error instanceof SourceError) return error.message;
    throw error;
  }
}

const none: FactsOf = new Map();

/**
 * Makes the function that reads the files of some rows of a table before they are staged; nothing is opened where no
 * kind of things that is read from it names any.
 */
export function filesReader(
  services: Pick<Services, "openFiles">,
  run: Run,
  kinds: readonly Migration[],
  table: SourceTable,
): (rows: readonly LegacyRow[]) => Promise<FactsOf> {
  const fields = kinds
    .flatMap(fileFields)
    .map(([, field]) => ({ field, at: table.columns.indexOf(field.from) }));
  if (fields.length === 0) return async () => none;
  const files = filesOf(services, run);
  return (rows) => {
    const names = rows.flatMap((row) =>
      fields.flatMap(({ field, at }): (readonly [string, number])[] => {
        const name = fileName(field, row[at] ?? null);
        return name === null ? [] : [[name, field.most ?? Number.POSITIVE_INFINITY]];
      }),
    );
    return factsOfFiles(files, names);
  };
}
