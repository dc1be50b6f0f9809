import { importedColumns, linkTypes } from "../../compile/columns.ts";
import { legacyIdType } from "../../compile/keys.ts";
import { compilePin } from "../../compile/pin/pin.ts";
import { findStandingRuns, type StandingRun } from "../../compile/privileges/standing-runs.ts";
import { decisionsTable, sourceTable, stagedTable, stagingTable } from "../../compile/rows.ts";
import { stagedNames } from "../../compile/staging/staged-names.ts";
import type { Database } from "../../data/database.ts";
import { rowsWhole } from "../../data/records.ts";
import { json, literal, literals, raw, sql } from "../../data/sql.ts";
import type { Migration } from "../../define/definition.ts";
import { partsOf, type WholeMigration } from "../../define/several.ts";
import { Refusal } from "../../services/errors.ts";

/** The runs of a migration of which something stands; none before the schema is made. */
export async function standingRuns(
  db: Database,
  migration: string,
): Promise<readonly StandingRun[]> {
  const [made] = await db.rows(
    raw("select 1 as yes where to_regclass('wavegate.legacy_import_commit_logs') is not null"),
  );
  return made === undefined ? [] : rowsWhole<StandingRun>(db, findStandingRuns(migration));
}

/**
 * Refuses a definition that would take earlier runs' staging for something else: rows under another table are not
 * known any more as those that were moved, and a column of another type holds none of theirs. Tables without a row
 * are made anew.
 *
 * Errors: `StagingChanged`
 */
export async function keepStaging(db: Database, migration: WholeMigration): Promise<void> {
  const parts = partsOf(migration);
  const named = new Set(parts.map(({ entity }) => entity.staging.table));
  const known = await db.rows<{ staging: string }>(
    sql`select staging from wavegate.staged_entities where migration = ${migration.name} order by ordinal`,
  );
  for (const { staging } of known.filter((each) => !named.has(each.staging))) {
    if (!(await holdsRows(db, stagingTable(`${staging}_source`)))) continue;
    throw new Refusal(
      "StagingChanged",
      `Rows of earlier runs of “${migration.name}” are staged in “${staging}”, which the definition no longer has: they would be moved once more. ` +
        `Nothing was set up. Give the entity that they are of \`staging: { table: "${staging}" }\`; one that is no longer migrated stays, with a plan that skips its rows. ${trials(migration)}`,
    );
  }
  await keepOthers(db, migration);
  for (const part of parts) await keepColumns(db, part);
}

/**
 * What stands of a run that is older than pins is taken back as its definition says, by whoever reads that still.
 *
 * Errors: `PinUnreadable`
 */
export async function requireReadable(db: Database): Promise<void> {
  const runs = await rowsWhole<{ reference: string; definition: WholeMigration }>(
    db,
    sql`
    select r.reference, r.definition from wavegate.legacy_import_runs r
     where r.pin is null and exists (select from wavegate.legacy_import_commit_logs l
                                      where l.run_id = r.id and l.rolled_back_at is null) order by r.created_at`,
  );
  for (const { reference, definition } of runs) {
    try {
      compilePin(definition);
    } catch {
      throw new Refusal(
        "PinUnreadable",
        `Rows of ${reference} stand on the platform, and its rules are in words of an earlier wavegate, which this one does not read: it could not be taken back any more. ` +
          "Nothing was changed. Take it back with the version that began it, and set up again; to keep its rows, pull its evidence, drop the schema “wavegate”, and set up then.",
      );
    }
  }
}

/** Whose a table or view of staging is stands in its comment; those of before there were any have none. */
const mark = "Staging of the migration ";
/** Whether a table `c` is known as some migration's. */
export const isMarked = `coalesce(starts_with(obj_description(c.oid, 'pg_class'), ${literal(mark)}), false)`;
const findMarked = `
  select c.relname as name, substr(d.description, ${mark.length + 1}) as other
    from pg_class c join pg_description d on d.objoid = c.oid and d.classoid = 'pg_class'::regclass and d.objsubid = 0
   where c.relnamespace = 'wavegate'::regnamespace and starts_with(d.description, ${literal(mark)})`;

/** Marks the tables and views of a migration's staging as its own: mappings, choices, and what auditors look at. */
export const markStaging = (migration: WholeMigration): string => {
  const names = stagedNames(migration).flatMap(({ names: made }) =>
    made.filter(({ kind }) => kind === "table").map(({ name }) => name),
  );
  return `do $wavegate$ declare each record; begin
  for each in select relname, relkind from pg_class
               where relnamespace = 'wavegate'::regnamespace and relkind in ('r', 'v') and relname in (${literals(names)}) loop
    execute format('comment on %s wavegate.%I is %L', case each.relkind when 'v' then 'view' else 'table' end, each.relname, ${literal(`${mark}${migration.name}`)});
  end loop;
end $wavegate$`;
};

/** What another migration of this database has staged is not taken for this one's. */
async function keepOthers(db: Database, migration: WholeMigration): Promise<void> {
  const others = await db.rows<{ staging: string; migration: string }>(
    sql`select staging, migration from wavegate.staged_entities where migration <> ${migration.name} order by migration, ordinal`,
  );
  const marked = await db.rows<{ name: string; other: string }>(raw(findMarked));
  const taken = [
    ...others.flatMap(({ staging, migration: other }) =>
      [staging, `${staging}_source`, `${staging}_decisions`].map((name) => ({ name, other })),
    ),
    ...marked.filter(({ other }) => other !== migration.name),
  ];
  for (const { of, names } of stagedNames(migration)) {
    const found = taken.find((each) =>
      names.some(({ name, kind }) => name === each.name && kind === "table"),
    );
    if (found === undefined) continue;
    throw new Refusal(
      "DefinitionInvalid",
      `“${migration.name}” would stage in “${found.name}”, where “${found.other}” of this database stages. Nothing was set up. ` +
        `Give what is called “${of}” another name, by \`staging\`.`,
    );
  }
}

async function keepColumns(db: Database, part: Migration): Promise<void> {
  const [source, decisions] = [sourceTable(part), decisionsTable(part)];
  const wanted = [
    { table: source, name: "legacy_id", type: legacyIdType(part) as string },
    ...importedColumns(part).map(({ name, type }) => ({ table: source, name, type })),
    ...linkTypes(part).map(({ name, type }) => ({ table: decisions, name, type })),
  ];
  const others = await db.rows<{ name: string; type: string; was: string }>(sql`
    select w.name, w.type, format_type(a.atttypid, a.atttypmod) as was
      from jsonb_to_recordset(${json(wanted)}) w("table" text, name text, type text)
      join pg_attribute a on a.attrelid = to_regclass(w."table") and a.attname = w.name and not a.attisdropped
     where a.atttypid <> to_regtype(w.type) order by w.name`);
  const [first] = others;
  if (first === undefined) return;
  if (!(await holdsRows(db, source))) {
    await db.execute(raw(`drop view if exists ${stagedTable(part)} cascade`));
    await db.execute(raw(`drop table if exists ${source}, ${decisions} cascade`));
    return;
  }
  const staging = part.entity.staging.table;
  throw new Refusal(
    "StagingChanged",
    `Earlier runs of “${part.name}” have “${first.name}” staged in “${staging}” as ${first.was}, and the definition makes it ${first.type}. Nothing was set up. ` +
      (first.name === "legacy_id"
        ? "Leave the key of its kind: it tells which rows were moved. "
        : "Give the field another name: what was staged stays as it is, and earlier runs go on to live by it. ") +
      trials(part),
  );
}

const trials = ({ name }: Pick<Migration, "name">): string =>
  `Rows of trials alone go with \`wavegate try ${name} --forget\`: while a definition is being written \`wavegate try\` judges it, and not \`wavegate start\`, whose rows stay.`;

async function holdsRows(db: Database, table: string): Promise<boolean> {
  const [there] = await db.rows(
    raw(`select 1 as yes where to_regclass(${literal(table)}) is not null`),
  );
  if (there === undefined) return false;
  return (await db.rows(raw(`select 1 as yes from ${table} limit 1`))).length > 0;
}
