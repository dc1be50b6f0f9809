import { identifier, join, literal, raw, type Sql, sql, uuid } from "../../data/sql.ts";
import type { MatchTarget, Migration } from "../../define/definition.ts";
import { fieldsOf, mainField, nameColumns, valueColumn } from "../columns.ts";
import { believedBirthDate, type Numbering } from "../match/context.ts";
import { peopleAsCompared } from "../match/snapshots.ts";
import { isKeyed, isMeant, isSnapshotOf, numberOf } from "../people-keys.ts";
import { sourceTable } from "../rows.ts";
import { keptInStore } from "../target-key.ts";
import type { ColumnTypes } from "../there/value.ts";
import { butWritten, contactColumns, writesUnmarked } from "../written-people.ts";

/** Tables that people came to since they were matched, each with the id beyond which they are; null where they may have any. */
export type CameTo = Readonly<Record<string, number | null>>;

/** What a wave knows of them: how the platform's phones are read, and where anybody came. */
export interface CameSince {
  readonly numbering: Numbering;
  readonly to: CameTo;
  /** From which transaction on their rows may be none that matching saw; without it any may be. */
  readonly from?: UnseenFrom;
  /** By target table the key beyond which rows of it came since the dry run, where the platform counts them. */
  readonly keys?: CameTo;
  /** The types of the tables in which rows above may be already. */
  readonly above?: ReadonlyMap<Migration, ColumnTypes>;
}

/** Of whom matching saw, and from which transaction on it may not have. */
type Before = Pick<CameSince, "to" | "from">;

/**
 * The transaction from which on a row of a table of people may be none that matching saw, by table: what was written by
 * an earlier one had ended when matching began. Null where rows do not say so.
 */
export type UnseenFrom = Readonly<Record<string, string | null>>;

/** Transactions by whose numbers two rows are told apart: numbers begin anew after twice as many (with half of that to spare). */
const comparable = 1_000_000_000;

/**
 * From which transaction on rows of these tables may be unseen, as a select of one JSON value like {@link UnseenFrom}. Rows say it
 * by their `xmin`; not those of a view or of another server, nor of a table that was made, joined or opened to more eyes since; nor any
 * in a database that was written anew from a dump, in which the moment's own row does not bear the number that it notes.
 */
export const unseenFrom = ({ entity }: Migration, run: string): Sql => sql`
  select coalesce(jsonb_object_agg(t.name, case when not exists (
           with recursive parts(oid) as (
             select to_regclass(quote_ident(t.name))::oid
             union select i.inhrelid from parts join pg_inherits i on i.inhparent = parts.oid)
           select from parts left join pg_class c on c.oid = parts.oid
            where (c.relkind = 'p' or c.relkind = 'r' and c.relam = (select oid from pg_am where amname = 'heap')) is not true
               or c.relrowsecurity or age(c.xmin) <= age(m.seen_from::xid)
               or exists (select from pg_inherits i where i.inhparent = c.oid and age(i.xmin) <= age(m.seen_from::xid)))
           then m.seen_from::text end), '{}') as unseen
    from (values ${join(
      entity.match.against.map(({ table }) => sql`(${table})`),
      ", ",
    )}) t(name)
    join wavegate.match_moments m on m.run_id = ${uuid(run)} and m.xmin = m.noted_by::xid
     and pg_snapshot_xmax(pg_current_snapshot())::text::numeric - m.seen_from::text::numeric between 0 and ${raw(String(comparable))}`;

/** The ids beyond which people may have come, by table, as a select of one JSON value: keys that are no numbers have no order. */
export const seenUpTo = ({ entity }: Migration, run: string): Sql => sql`
  select coalesce(jsonb_object_agg(t.name, case when not t.keyed then (
           select max(m.target_id) - ${raw(String(keptInStore))} from wavegate.match_people m
            where m.run_id = ${uuid(run)} and m.target_table = t.name) end), '{}') as seen
    from (values ${join(
      entity.match.against.map((target) => sql`(${target.table}, ${raw(String(isKeyed(target)))})`),
      ", ",
    )}) t(name, keyed)`;

/** To which of these tables anybody came beyond whom matching saw, as a select of one JSON value like {@link CameTo}. */
export const cameTo = (migration: Migration, run: string, seen: Before): Sql =>
  sql`select ${join(
    [
      raw("'{}'::jsonb"),
      ...migration.entity.match.against.map(
        (target) => sql`case when ${anybodyCame(migration, target, run, seen)}
          then jsonb_build_object(${raw(literal(target.table))}, ${raw(String(seen.to[target.table] ?? null))}) else '{}' end`,
      ),
    ],
    " || ",
  )}`;

/**
 * Whether anybody came to a table beyond whom matching saw. Where whom the run wrote has to be told apart, they are counted: to find
 * a first one the planner holds each of those against all the others, and mostly there is none.
 */
function anybodyCame(migration: Migration, target: MatchTarget, run: string, seen: Before): Sql {
  const came = sql`from ${raw(identifier(target.table))} p
            where ${cameBeyond(migration, target, run, seen)} ${meant(target, run)}`;
  return isTold(target, seen.from) || writesUnmarked(migration, target)
    ? sql`(select count(*) ${came}) > 0`
    : sql`exists (select ${came})`;
}

/** Of those that are meant whom this run did not make, where people say so. */
const meant = (target: MatchTarget, run: string): Sql =>
  target.madeByRun === undefined
    ? raw(isMeant(target, "p"))
    : sql`and p.${raw(identifier(target.madeByRun))} is distinct from ${uuid(run)}${raw(isMeant(target, "p"))}`;

/**
 * Whether matching may not have seen the person `p` as it is, as a further condition: of what stood before it nothing is compared
 * again. The lower bound says nothing but to the planner, who takes a third for what one bound leaves, and one in 200 for two.
 */
const unseen = ({ table }: MatchTarget, from: UnseenFrom = {}): Sql => {
  const since = from[table] ?? null;
  return since === null
    ? raw("")
    : sql`and age(p.xmin) between -2147483648 and (select age(${since}::xid8::xid))`;
};

/**
 * Whether the person `p` of a table is none that matching saw, and none that this run wrote. Where rows say by their transaction
 * who that may be, whoever changed since is one of them.
 */
function cameBeyond(
  migration: Migration,
  target: MatchTarget,
  run: string,
  { to, from }: Before,
): Sql {
  const { table } = target;
  const others = butWritten(migration, target, sql`${uuid(run)}`);
  if (isTold(target, from))
    return sql`true ${unseen(target, from)}${notBroughtUpToDate(target, run)}${others}`;
  const id = `p.${identifier(target.id)}`;
  const beyond = to[table] ?? null;
  // The planner does not see that whom matching saw is beyond it too, and may read all of them for each wave.
  const seen = beyond === null ? "" : `and m.target_id > ${beyond}`;
  return sql`${raw(beyond === null ? "true" : `${id} > ${beyond}`)} and not exists (
            select from wavegate.match_people m
             where m.run_id = ${uuid(run)} and m.target_table = ${raw(literal(table))} ${raw(seen)}
               and m.target_id = ${raw(isKeyed(target) ? numberOf(id) : id)})${others}`;
}

/**
 * Whom this run did not write last, as a further condition on the person `p`: it brought people up to date, or took that back, in the
 * transaction that wrote the ledger's entry. Whoever somebody changed behind that did change.
 */
function notBroughtUpToDate(target: MatchTarget, run: string): Sql {
  const key = `l.target_key ->> ${literal(target.id)}`;
  const id = `p.${identifier(target.id)}`;
  const [theirs, ours] = isKeyed(target)
    ? [numberOf(id), `coalesce(l.target_id, hashtextextended(${key}, 0))`]
    : [id, `coalesce(l.target_id, (${key})::bigint)`];
  return sql` and not exists (
            select from wavegate.legacy_import_commit_logs l
             where l.run_id = ${uuid(run)} and l.action = 'update' and l.target_table = ${raw(literal(target.table))}
               and ${raw(ours)} = ${raw(theirs)} and l.xmin = p.xmin)`;
}

/** Whether rows of a table of people say by their transaction whether matching may not have seen them as they are. */
const isTold = ({ table }: MatchTarget, from: UnseenFrom = {}): boolean =>
  (from[table] ?? null) !== null;

/**
 * Who came to a table since, or changed, read as matching reads them: `(id, name_key, phone, phone_alternates, raw_phone, email,
 * birth_date, changed)`. Of whoever matching saw nothing stands there that it saw of them.
 */
function peopleSince(
  migration: Migration,
  target: MatchTarget,
  run: string,
  since: CameSince,
): Sql {
  const people = peopleAsCompared(
    target,
    { migration, run: sql`${uuid(run)}`, numbering: since.numbering },
    cameBeyond(migration, target, run, since),
    raw("id, "),
  );
  const had = (contact: string) =>
    `(${contact} = m.phone or ${contact} = m.raw_phone or ${contact} = any (m.phone_alternates)) is not true`;
  const { table } = target;
  return sql`select c.id, c.name_key,
           case when ${raw(had("c.phone"))} then c.phone end as phone,
           array(select a.number from unnest(c.phone_alternates) a(number) where ${raw(had("a.number"))}) as phone_alternates,
           case when m.target_id is null or m.name_key is distinct from c.name_key or m.raw_phone is distinct from c.raw_phone then c.raw_phone end as raw_phone,
           case when c.email is distinct from m.email then c.email end as email,
           case when m.target_id is null or m.name_key is distinct from c.name_key or m.birth_date is distinct from c.birth_date then c.birth_date end as birth_date,
           m.target_id is not null as changed
      from (${people}) c
      left join wavegate.match_people m on m.run_id = ${uuid(run)} and m.target_table = ${raw(literal(table))} and m.target_id = c.id
     where m.target_id is null
        or (c.name_key, c.phone, c.phone_alternates, c.raw_phone, c.email, c.birth_date)
           is distinct from (m.name_key, m.phone, m.phone_alternates, m.raw_phone, m.email, m.birth_date)`;
}

/** The columns in which a staged row has contacts of a kind, all of them together: each kind is one look at the platform. */
interface Contacts {
  readonly kind: "phone" | "email";
  readonly columns: readonly { readonly name: string; readonly isList: boolean }[];
}

const contactsOf = (migration: Migration): readonly Contacts[] =>
  (["phone", "email"] as const)
    .map((kind) => ({
      kind,
      columns: fieldsOf(migration, kind).flatMap(([name]) => [
        { name: valueColumn(migration, name), isList: false },
        ...(kind === "phone" ? [{ name: `${name}_alternates`, isList: true }] : []),
      ]),
    }))
    .filter(({ columns }) => columns.length > 0);

/** What {@link arrivals} looks at of a staged row, beside what matching compares names by: the names of columns. */
export function arrivalColumns(migration: Migration, since: CameSince): readonly string[] {
  const contacts = contactsOf(migration).flatMap(({ columns }) => columns.map(({ name }) => name));
  if (Object.keys(since.to).length === 0) return contacts;
  const { name, born, phone } = told(migration);
  return [
    ...contacts,
    ...(name === undefined ? [] : [nameColumns(migration, name).key]),
    ...(born === undefined ? [] : [born, "findings"]),
    ...(phone === undefined ? [] : [`${phone}_raw`]),
  ];
}

const told = (migration: Migration) => ({
  name: mainField(migration, "name"),
  born: mainField(migration, "birth_date"),
  phone: mainField(migration, "phone"),
});

/** The contacts of rows of a wave, `(id, contact)`: the planner is told that few have a list, of which it expects a hundred each. */
const each = ({ columns }: Contacts): Sql =>
  raw(
    `(${columns
      .map(({ name, isList }) =>
        isList
          ? `select s.id, a.contact from looked_up s cross join lateral jsonb_array_elements_text(s.${identifier(name)}) a(contact)
            where jsonb_array_length(s.${identifier(name)}) between 1 and 10000`
          : `select s.id, s.${identifier(name)} as contact from looked_up s`,
      )
      .join("\n            union all ")})`,
  );

/**
 * Rows of a wave, `looked_up`, of which somebody of the platform has a contact whom matching did not see with it: of those who
 * came or changed since, read as matching reads it, and so by what it compares names by; and where rows do not say who that
 * is, as it stands, which an index finds. And rows that are linked to somebody who changed.
 */
export function arrivals(
  migration: Migration,
  run: string,
  since: CameSince,
): { readonly tables: readonly Sql[]; readonly rows: readonly Sql[] } {
  const found = migration.entity.match.against.map((target, at) => {
    // By phone and by e-mail apart: each is one join, with or without an index on the platform's side.
    const asItStands = isTold(target, since.from)
      ? []
      : contactsOf(migration).flatMap((contacts) => {
          const theirs = target[contacts.kind];
          return theirs === undefined ? [] : [cameWith(migration, target, theirs, contacts, run)];
        });
    if (!Object.hasOwn(since.to, target.table)) return { tables: [], rows: asItStands };
    const came = raw(`came_${at}`);
    const theirs = {
      phone: sql`select phone from ${came} where phone is not null union all select unnest(phone_alternates) from ${came}`,
      email: sql`select email from ${came} where email is not null`,
    };
    const asRead = contactsOf(migration).flatMap((contacts) =>
      target[contacts.kind] === undefined
        ? []
        : [
            sql`
    select s.id from ${each(contacts)} s where s.contact in (${theirs[contacts.kind]})`,
          ],
    );
    const linked = sql`
    select s.id from looked_up s where s.link_table = ${raw(literal(target.table))} and s.link_id in (select id from ${came} where changed)`;
    return {
      tables: [
        sql`
  ${came} as materialized (${peopleSince(migration, target, run, since)}),`,
      ],
      rows: [...asItStands, ...asRead, ...byNames(migration, target, came), linked],
    };
  });
  return {
    tables: found.flatMap(({ tables }) => tables),
    rows: found.flatMap(({ rows }) => rows),
  };
}

/** Rows whose name, in either order, somebody who came has with the same birth date, or with the same phone that is none (D6). */
function byNames(migration: Migration, target: MatchTarget, came: Sql): readonly Sql[] {
  const { name, born, phone } = told(migration);
  if (name === undefined || target.name === undefined) return [];
  const key = raw(identifier(nameColumns(migration, name).key));
  return [
    ...(born === undefined || target.birthDate === undefined
      ? []
      : [raw(`birth_date = (${believedBirthDate(migration)})`)]),
    ...(phone === undefined || target.phone === undefined
      ? []
      : [
          raw(
            `raw_phone = (case when ${identifier(valueColumn(migration, phone))} is null then wavegate.raw_phone_key(${identifier(`${phone}_raw`)}) end)`,
          ),
        ]),
  ].map(
    (same) => sql`
    select s.id from looked_up s where exists (select from ${came} p where p.name_key = s.${key} and p.${same})`,
  );
}

/**
 * Rows whose contact stands where nobody had it when the platform was matched, but with whom this run wrote: of two rows
 * that share one the first is no news to the second. Each contact is looked for once: knowing that, the planner looks the
 * few up in an index where there is one, and reads a large table past them otherwise, instead of building a hash of
 * everybody.
 */
function cameWith(
  migration: Migration,
  target: MatchTarget,
  column: string,
  contacts: Contacts,
  run: string,
): Sql {
  const had =
    contacts.kind === "email"
      ? "m.email = c.contact"
      : "(m.phone = c.contact or m.raw_phone = c.contact or c.contact = any (m.phone_alternates))";
  // Of what the run wrote, rows that were written with this contact: those an index has.
  const own = join(
    contactColumns(migration, contacts.kind).map(
      (ours) => sql`
                 select o.id from ${raw(sourceTable(migration))} o
                  where o.run_id = ${uuid(run)} and o.${raw(identifier(ours))} = c.contact`,
    ),
    " union all ",
  );
  const others = butWritten(migration, target, sql`${uuid(run)}`, sql`and l.staged_id in (${own})`);
  return sql`
    select s.id from ${each(contacts)} s join (
      select c.contact
        from (select distinct contact from ${each(contacts)} s) c
        join ${raw(identifier(target.table))} p on p.${raw(identifier(column))} = c.contact ${meant(target, run)}
       where not exists (select from wavegate.match_people m
               where m.run_id = ${uuid(run)} and m.target_table = ${raw(literal(target.table))}
                 and ${raw(isSnapshotOf(target))} and ${raw(had)}) ${others}) came
      on came.contact = s.contact`;
}
