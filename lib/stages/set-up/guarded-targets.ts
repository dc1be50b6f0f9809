import { compilePin } from "../../compile/pin/pin.ts";
import { platformTables } from "../../compile/privileges/platform.ts";
import { keyNames } from "../../compile/target-key.ts";
import { type ChangedTarget, findChangesGuard } from "../../compile/wave/changed-rows.ts";
import { findDeletesGuard, type Target } from "../../compile/wave/created-rows.ts";
import type { Database } from "../../data/database.ts";
import { identifier, literal, literals, raw } from "../../data/sql.ts";
import { servedColumns } from "../../define/feature.ts";
import type { WholeMigration } from "../../define/several.ts";
import { Refusal } from "../../services/errors.ts";
import { standingRuns } from "./kept-staging.ts";

export const placeOf = (table: string, schemaOf: (table: string) => string): string =>
  `${identifier(schemaOf(table))}.${identifier(table)}`;

export const targetsOf = (
  migration: WholeMigration,
  schemaOf: (table: string) => string,
): Target[] =>
  compilePin(migration).targets.map(({ table, id, key }) => ({
    table,
    id,
    ...(key === undefined ? {} : { key }),
    place: placeOf(table, schemaOf),
  }));

/** Targets with the catalogue's numbers of their keys' columns. */
export async function numbered<T extends Target>(
  db: Database,
  targets: readonly T[],
): Promise<T[]> {
  const found: T[] = [];
  for (const target of targets) {
    const columns = await db.rows<{ name: string; number: number }>(
      raw(
        `select attname as name, attnum::int as number from pg_attribute where attrelid = to_regclass(${literal(target.place)}) and attname in (${literals(keyNames(target))})`,
      ),
    );
    found.push({
      ...target,
      numbers: Object.fromEntries(columns.map(({ name, number }) => [name, number])),
    });
  }
  return found;
}

/** The targets of which a migration changes rows. */
export async function changedTargets(
  db: Database,
  migration: WholeMigration,
  schemaOf: (table: string) => string,
): Promise<ChangedTarget[]> {
  const changed: ChangedTarget[] = [];
  const standing = (await standingRuns(db, migration.name)).flatMap(({ targets }) => targets);
  for (const { updated: own = [], ...target } of compilePin(migration).targets) {
    // What earlier runs changed they give back, whatever the definition has become.
    const before = standing.flatMap(({ table, updated }) =>
      table === target.table ? updated : [],
    );
    if (own.length + before.length === 0) continue;
    const place = placeOf(target.table, schemaOf);
    const columns = await db.rows<{ name: string; number: number }>(
      raw(
        `select attname as name, attnum::int as number from pg_attribute where attrelid = to_regclass(${literal(place)}) and attnum > 0 and not attisdropped and attname in (${literals(["", ...own])}) order by 1`,
      ),
    );
    const missing = own.filter((column) => !columns.some(({ name }) => name === column));
    if (columns.length > 0 && missing.length > 0) {
      throw new Refusal(
        "TargetColumnUnfit",
        `${target.table} has no column ${missing.join(", ")}, which “${migration.name}” writes. Nothing was set up; call it as the platform does.`,
      );
    }
    const all = new Map([
      ...before.map(
        ({ written, now, number }) => [written, { name: written, now, number }] as const,
      ),
      ...columns.map(({ name, number }) => [name, { name, now: name, number }] as const),
    ]);
    if (all.size > 0) changed.push({ ...target, place, columns: [...all.values()] });
  }
  return changed;
}

/** Target tables on which nothing keeps a migration's commit role from deleting what its runs did not create. */
export async function unguarded(
  db: Database,
  migration: WholeMigration,
  role: string,
): Promise<Target[]> {
  return without(db, targetsOf(migration, await schemasOf(db, migration)), (target) =>
    findDeletesGuard(migration.name, target, role),
  );
}

/** The same, of changes. */
export const unguardedChanges = async (
  db: Database,
  migration: WholeMigration,
  role: string,
): Promise<Target[]> =>
  without(db, await changedTargets(db, migration, await schemasOf(db, migration)), (target) =>
    findChangesGuard(migration.name, target, role),
  );

async function without(
  db: Database,
  targets: readonly Target[],
  find: (target: Target) => string,
): Promise<Target[]> {
  const missing: Target[] = [];
  for (const target of targets) {
    const [found] = await db.rows(raw(find(target)));
    if (!found) missing.push(target);
  }
  return missing;
}

/** Where the platform's tables are found. */
export async function schemasOf(
  db: Database,
  migration: WholeMigration,
): Promise<(table: string) => string> {
  const places = await db.rows<{ name: string; schema: string }>(
    raw(`
    select c.relname as name, n.nspname as schema
      from unnest(array[${literals([...platformTables(migration), ...servedColumns(migration).keys()])}]) t(name)
      join pg_class c on c.oid = to_regclass(quote_ident(t.name)) join pg_namespace n on n.oid = c.relnamespace`),
  );
  const schemas = new Map(places.map(({ name, schema }) => [name, schema]));
  return (table) => schemas.get(table) ?? "public";
}
