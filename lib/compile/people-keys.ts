import { identifier, literal, literals, raw, type Sql, sql, uuid } from "../data/sql.ts";
import type { MatchTarget, Migration } from "../define/definition.ts";

/** Whether people of a table have ids that are no integers. */
export const isKeyed = ({ idType = "bigint" }: MatchTarget): boolean => idType !== "bigint";

/** The tables of people whose ids are no integers. */
export const keyedPeople = ({ entity }: Migration): readonly MatchTarget[] =>
  entity.match.against.filter(isKeyed);

/** Whether `row` of a table of the platform is one of those that are meant, as a further condition: all of them unless said. */
export const isMeant = ({ where = {} }: Pick<MatchTarget, "where">, row: string): string =>
  Object.entries(where)
    .map(([column, value]) => {
      const own = `${row}.${identifier(column)}`;
      return "constant" in value
        ? ` and ${own}::text = ${literal(value.constant)}`
        : ` and ${own} is null`;
    })
    .join("");

/** A number that stands for an id that is none: the same for the same id, as matching compares numbers. */
export const numberOf = (id: string): string => `hashtextextended(${id}::text, 0)`;

/** The platform's id of the person that a link goes to, as matching found it: null where ids are integers. */
export const linkKey = (row: string): string =>
  `(select m.target_key from wavegate.match_people m
      where m.run_id = ${row}.run_id and m.target_table = ${row}.link_table and m.target_id = ${row}.link_id)`;

/** What the ledger's `target_id` and `target_key` are of a link of the row `p`. */
export function linkTarget(migration: Migration): { readonly id: string; readonly key: string } {
  const keyed = keyedPeople(migration);
  if (keyed.length === 0) return { id: "p.link_id", key: "null::jsonb" };
  const tables = literals(keyed.map(({ table }) => table));
  const keys = keyed.map(
    ({ table, id }) =>
      `when ${literal(table)} then jsonb_build_object(${literal(id)}, p."own link_key")`,
  );
  return {
    id: `case when p.link_table not in (${tables}) then p.link_id end`,
    key: `case p.link_table ${keys.join(" ")} end`,
  };
}

/** The key of whom of a table the staged row `s` is to be linked to, behind a comma; nothing where people stand elsewhere. */
export const keyToLink = ({ entity }: Migration, table: string): string => {
  const people = entity.match.against.find((target) => target.table === table);
  return people === undefined
    ? ""
    : `,
                case when s.planned = 'link' and s.import_state in ('pending', 'rolled_back') and s.link_table = ${literal(table)}
                     then jsonb_build_object(${literal(people.id)}, ${isKeyed(people) ? linkKey("s") : "s.link_id"}) end`;
};

/** The id of the person whom the row `p` is linked to, where that one is of this table. */
export const linkedId = (target: MatchTarget | undefined, table: string): string => {
  const id =
    target === undefined || !isKeyed(target) ? "p.link_id" : `p."own link_key"::${target.idType}`;
  return `case when p.link_table = ${literal(table)} then ${id} end`;
};

/** Whether `p` of a table of people is the one whom the row `s` is to be linked to. */
export const isLinked = (target: MatchTarget, run: string): Sql =>
  isKeyed(target)
    ? sql`p.${raw(identifier(target.id))} = (select m.target_key from wavegate.match_people m
           where m.run_id = ${uuid(run)} and m.target_table = s.link_table and m.target_id = s.link_id)::${raw(target.idType ?? "bigint")}`
    : raw(`p.${identifier(target.id)} = s.link_id`);

/** Whether the snapshot's row `m` is of the person `p`. */
export const isSnapshotOf = (target: MatchTarget): string =>
  isKeyed(target)
    ? `m.target_key = p.${identifier(target.id)}::text`
    : `m.target_id = p.${identifier(target.id)}`;
