import { identifier, literal, literals, plainText, raw, type Sql, sql } from "../../data/sql.ts";
import type { MatchTarget } from "../../define/definition.ts";
import { addressAsRead } from "../as-read.ts";
import { mainField } from "../columns.ts";
import { isKeyed, isMeant, numberOf } from "../people-keys.ts";
import { butWritten } from "../written-people.ts";
import { idInPart, type MatchContext, unlessThere } from "./context.ts";

/** Ids that one part copies together: where each had every other id, all pages of the key were split by the second. */
const idsBeside = 4_096;

/** The platform's people as matching compares them; rows that this run made are no hint against it. */
export function copyPeople(target: MatchTarget, context: MatchContext): Sql {
  const keyed = isKeyed(target);
  const { id } = idOf(target);
  return sql`
  insert into wavegate.match_people
    (run_id, target_table, target_id, ${raw(keyed ? "target_key, " : "")}name_folded, name_key, phone, phone_alternates, raw_phone, email, birth_date)
  ${peopleAsCompared(
    target,
    context,
    sql`${idInPart(context, `(${id} / ${idsBeside})`)} ${butWritten(context.migration, target, context.run)}`,
    sql`${context.run}, ${raw(literal(target.table))}, id, ${raw(keyed ? "key, " : "")}folded, `,
  )}
  ${unlessThere(context.again)}`;
}

/** A person's id as a number, and what of it is kept beside where it is none. */
function idOf(target: MatchTarget): { readonly id: string; readonly also: string } {
  const own = identifier(target.id);
  return isKeyed(target)
    ? { id: numberOf(own), also: `, ${own}::text as key` }
    : { id: own, also: "" };
}

/** What people are read by. */
type ReadBy = Pick<MatchContext, "migration" | "run" | "numbering">;

/**
 * The people `p` of a table of whom `which` is true, that this run did not make, as a select of `first` and of what is compared:
 * `(name_key, phone, phone_alternates, raw_phone, email, birth_date)`.
 */
export function peopleAsCompared(
  target: MatchTarget,
  { migration, run, numbering }: ReadBy,
  which: Sql,
  first: Sql = raw(""),
): Sql {
  const { code, prefix, lengths } = numbering;
  const own = target.madeByRun
    ? sql`and ${raw(identifier(target.madeByRun))} is distinct from ${run}`
    : raw("");
  const { id, also } = idOf(target);
  const text = (name: string | undefined) =>
    raw(name === undefined ? "null::text" : plainText(name));
  const isOfCountry = sql`(left(phone, ${raw(String(code.length))}) = ${code} and length(phone) > ${raw(String(code.length))})`;
  const born = raw(target.birthDate === undefined ? "null::date" : identifier(target.birthDate));
  return sql`select ${first}${raw(nameKey)} as name_key,
         case when is_number then phone else numbers[1] end as phone, case when cardinality(numbers) > 1 then numbers[2:] end as phone_alternates,
         case when is_number or phone ~ '^[0-9]+$' then phone else wavegate.raw_phone_key(phone) end as raw_phone,
         nullif(${raw(addressAsRead("email"))}, '') as email, case when isfinite(birth_date) and ${believed({ migration, run })} then birth_date end as birth_date
    from (select ${raw(id)} as id${raw(also)},
                 wavegate.fold_name(${text(target.name)}) as folded,
                 ${text(target.phone)} as phone, ${text(target.email)} as email,
                 ${born} as birth_date
            from ${raw(identifier(target.table))} p
           where ${which} ${own}${raw(isMeant(target, "p"))} offset 0) people
    cross join lateral (
      select split_part(folded, ' ', 1) collate "C" as first, split_part(folded, ' ', 2) collate "C" as second,
             split_part(folded, ' ', 3) collate "C" as third, split_part(folded, ' ', 4) as fourth offset 0) words
    cross join lateral (
      -- Digits alone, with the country's code or as many as have any; a pattern says the same in three times the time.
      select phone is null or (phone <> '' and ltrim(phone, '0123456789') = ''
             and (${isOfCountry} or (length(phone) >= 11 and left(phone, 1) <> '0'))) as is_number offset 0) field
    left join lateral (
      -- A condition of the join would be looked at behind it, when the field was read.
      select case when not is_number
                  then wavegate.numbers_of(phone, ${code}, ${prefix}, ${raw(`array[${lengths.join(", ")}]::int[]`)}) end as numbers
      offset 0) read on true`;
}

/**
 * Whether a person's birth date is believed (D9): as the import judges a row's, on the run's day. One that is
 * not counts as none, on either side; so does PostgreSQL's `infinity`, which is no day.
 */
function believed({ migration, run }: Pick<MatchContext, "migration" | "run">): Sql {
  const field = migration.entity.fields[mainField(migration, "birth_date") ?? ""];
  if (field?.kind !== "birth_date") return raw("true");
  const { implausible = [], youngest } = field;
  const listed =
    implausible.length === 0 ? raw("true") : sql`birth_date not in (${raw(literals(implausible))})`;
  if (youngest === undefined) return listed;
  return sql`(${listed} and birth_date <= (
      select ((r.created_at at time zone 'UTC')::date - make_interval(years => ${youngest}::int))::date
        from wavegate.legacy_import_runs r where r.id = ${run}))`;
}

/**
 * The words of a folded name in order: equal for "Sara Benali" and "Benali Sara", and the same as
 * `key` of `personName` in lib/normalize, held by a test. Up to three words, most names, are put in
 * order by comparing them; sorting costs several times as much.
 */
const nameKey = `
         case when fourth <> '' then (select string_agg(word, ' ')
                from (select word from string_to_table(folded, ' ') word order by word collate "C") sorted)
              when third <> '' then least(first, second, third)
                || ' ' || greatest(least(first, second), least(greatest(first, second), third))
                || ' ' || greatest(first, second, third)
              when second = '' then nullif(first, '')
              when first <= second then folded
              else second || ' ' || first end`;
