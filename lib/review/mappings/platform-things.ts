import { isMeant } from "../../compile/people-keys.ts";
import type { PinnedReference } from "../../compile/shown/references.ts";
import { type Database, onlyReading } from "../../data/database.ts";
import type { ExactId } from "../../data/exact.ts";
import type { Run } from "../../data/runs.ts";
import { identifier, json, plainText, raw, type Sql, sql, uuid } from "../../data/sql.ts";
import { partsOf } from "../../define/several.ts";
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
  run: Pick<Run, "id" | "definition">,
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

/** Words of one look, under names that no column of the platform's has: however many a terminal names, an answer holds a few ids of each. */
const wordsAtOnce = 500;

/**
 * Of each of these labels the one thing of the platform that has it, whatever its case and the spaces around it; none where
 * nothing has it, and where things are people. Errors: `InputInvalid` where several have it.
 */
export async function thingsCalled(
  db: Database,
  run: Pick<Run, "id" | "definition">,
  { platform }: PinnedReference,
  called: readonly string[],
): Promise<ReadonlyMap<string, ExactId>> {
  const things = new Map<string, ExactId>();
  const names = called.filter((word) => word.trim() !== "" && word.trim().length <= longest);
  if (platform === null || names.length === 0 || (await isOfPeople(db, run, platform)))
    return things;
  const [table, id] = [raw(identifier(platform.table)), raw(identifier(platform.id))];
  await inLooks(
    db,
    names,
    (asked) => sql`
    select n, jsonb_agg(id order by id) as ids
      from (select w.wavegate_nth::int as n, to_jsonb(p.${id}) as id,
                   row_number() over (partition by w.wavegate_nth order by to_jsonb(p.${id})) as k
              from jsonb_array_elements_text(${json(asked.map((word) => word.trim()))}) with ordinality w (wavegate_word, wavegate_nth)
              join ${table} p on lower(btrim(${raw(plainText(platform.label))})) = lower(w.wavegate_word)${raw(isMeant(platform, "p"))}) called
     where k <= 6
     group by 1 order by 1`,
    (word, ids) => {
      const [only, ...others] = ids as ExactId[];
      if (others.length > 0) throw several(platform.table, word.trim(), ids as ExactId[]);
      if (only !== undefined) things.set(word, only);
    },
  );
  return things;
}

function several(table: string, name: string, all: readonly ExactId[]): Refusal {
  const ids = all.slice(0, 5).map(String);
  return new Refusal(
    "InputInvalid",
    `“${name}” is what several ${table} of the platform are called: ${ids.join(", ")}${all.length > 5 ? " and more" : ""}. Nothing was decided; name the id of the one that is meant.`,
  );
}

/** Looks for some words at a time, each look being what has them by their place among those. */
async function inLooks(
  db: Database,
  words: readonly string[],
  look: (asked: readonly string[]) => Sql,
  found: (word: string, ids: readonly unknown[]) => void,
): Promise<void> {
  for (let at = 0; at < words.length; at += wordsAtOnce) {
    const asked = words.slice(at, at + wordsAtOnce);
    const rows = await onlyReading(db, (reading) =>
      reading.rows<{ n: number; ids: readonly unknown[] }>(look(asked)),
    );
    for (const { n, ids } of rows) found(asked[n - 1] as string, ids);
  }
}

/** Whether a run looks for people in a table of the platform: by its definition, be it before anybody was found there. */
async function isOfPeople(
  db: Database,
  { id, definition }: Pick<Run, "id" | "definition">,
  { table }: NonNullable<PinnedReference["platform"]>,
): Promise<boolean> {
  const matched = partsOf(definition).flatMap(({ entity }) => entity.match?.against ?? []);
  if (matched.some((each) => each.table === table)) return true;
  const { has } = await db.one<{ has: boolean }>(sql`
    select exists (select from wavegate.match_people where run_id = ${uuid(id)} and target_table = ${table}) as has`);
  return has;
}

/** Which of these ids, which are texts, the platform has: any word might be one. */
export async function thingsThere(
  db: Database,
  { platform }: PinnedReference,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  if (platform === null) return new Set(ids);
  const there = new Set<string>();
  await inLooks(
    db,
    ids,
    (asked) => sql`
      select w.n::int as n, '[]'::jsonb as ids
        from jsonb_array_elements_text(${json(asked)}) with ordinality w (id, n)
       where exists (select from ${raw(identifier(platform.table))} p
                      where p.${raw(identifier(platform.id))}::text = w.id${raw(isMeant(platform, "p"))})`,
    (id) => there.add(id),
  );
  return there;
}
