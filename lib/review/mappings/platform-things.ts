import { isMeant } from "../../compile/people-keys.ts";
import type { PinnedReference } from "../../compile/shown/references.ts";
import { type Database, onlyReading } from "../../data/database.ts";
import type { ExactId } from "../../data/exact.ts";
import type { Run } from "../../data/runs.ts";
import { identifier, plainText, raw, sql, uuid } from "../../data/sql.ts";
import { Refusal } from "../../services/errors.ts";

/** A thing of the platform that a legacy one may be, by what the definition says it is called. */
export interface PlatformThing {
  readonly id: ExactId;
  readonly label: string;
}

/** Characters of a label; a longer one is named by its id. */
const longest = 200;

/**
 * Things of the platform that a reference may be mapped to, by their labels, in order; none where it is not known what the
 * platform calls them, nor of a table in which the run looks for people, as nobody is shown a list of those (W14). Only
 * with `find` in them, in whatever case, where that is given.
 *
 * @param limit one more is read than is shown, so that it is known whether there are more
 */
export async function platformThings(
  db: Database,
  run: Pick<Run, "id">,
  { platform }: PinnedReference,
  { find, limit }: { readonly find: string; readonly limit: number },
): Promise<readonly PlatformThing[]> {
  if (platform === null || (await isOfPeople(db, run, platform))) return [];
  const label = raw(plainText(platform.label));
  return onlyReading(db, (reading) =>
    reading.rows<PlatformThing>(sql`
      select to_jsonb(p.${raw(identifier(platform.id))}) as id, ${label} as label
        from ${raw(identifier(platform.table))} p
       where ${label} <> ''${raw(isMeant(platform, "p"))} and length(${label}) <= ${longest}::int
         and strpos(lower(${label}), lower(${find})) > 0
       order by label, id limit ${limit}::int`),
  );
}

/**
 * The one thing of the platform that has a label, whatever its case and the spaces around it; none where nothing has it,
 * and where things are people. Errors: `InputInvalid` where several have it.
 */
export async function thingCalled(
  db: Database,
  run: Pick<Run, "id">,
  { platform }: PinnedReference,
  called: string,
): Promise<ExactId | undefined> {
  const name = called.trim();
  if (platform === null || name === "" || name.length > longest) return undefined;
  if (await isOfPeople(db, run, platform)) return undefined;
  const found = await onlyReading(db, (reading) =>
    reading.rows<{ id: ExactId }>(sql`
      select to_jsonb(p.${raw(identifier(platform.id))}) as id from ${raw(identifier(platform.table))} p
       where lower(btrim(${raw(plainText(platform.label))})) = lower(${name})${raw(isMeant(platform, "p"))}
       order by id limit 6`),
  );
  if (found.length < 2) return found[0]?.id;
  const ids = found.slice(0, 5).map(({ id }) => String(id));
  throw new Refusal(
    "InputInvalid",
    `“${name}” is what several ${platform.table} of the platform are called: ${ids.join(", ")}${found.length > 5 ? " and more" : ""}. Nothing was decided; name the id of the one that is meant.`,
  );
}

/** Whether a run looks for people in a table of the platform. */
async function isOfPeople(
  db: Database,
  { id }: Pick<Run, "id">,
  { table }: NonNullable<PinnedReference["platform"]>,
): Promise<boolean> {
  const { has } = await db.one<{ has: boolean }>(sql`
    select exists (select from wavegate.match_people where run_id = ${uuid(id)} and target_table = ${table}) as has`);
  return has;
}

/** Whether the platform has a thing of an id that is a text: any word might be one. */
export async function hasThing(
  db: Database,
  { platform }: PinnedReference,
  id: string,
): Promise<boolean> {
  if (platform === null) return true;
  const { has } = await onlyReading(db, (reading) =>
    reading.one<{ has: boolean }>(sql`
      select exists (select from ${raw(identifier(platform.table))} p
                      where p.${raw(identifier(platform.id))}::text = ${id}${raw(isMeant(platform, "p"))}) as has`),
  );
  return has;
}
