/** Asks a database, read only: a text of SQL without parameters, and its rows. */
export type Ask = (text: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;

/** A column of a platform table, by the catalogue. */
export interface TargetColumn {
  readonly name: string;
  /** As PostgreSQL writes it, e.g. `character varying(20)`. */
  readonly type: string;
  readonly notNull: boolean;
  /** Whether a row that does not name it gets a value: a default, a sequence, a generated column. */
  readonly filled: boolean;
  /** Characters that fit; null where as many as one likes. */
  readonly longest: number | null;
  /** The words a check constraint of this column alone lists; null where none does. */
  readonly words: readonly string[] | null;
}

/** A platform table, by the catalogue. */
export interface TargetTable {
  readonly name: string;
  readonly columns: readonly TargetColumn[];
  readonly key: readonly string[];
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** The tables of the platform by these names, as far as they are there; of all of them without names. */
export async function targetTables(ask: Ask, wanted?: readonly string[]): Promise<TargetTable[]> {
  const which =
    wanted === undefined
      ? "n.nspname = current_schema()"
      : wanted.length === 0
        ? "false"
        : `c.oid in (${wanted.map((name) => `to_regclass(quote_ident(${quoted(name)}))`).join(", ")})`;
  const rows = await ask(`
    select c.relname as table, a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
           a.attnotnull or (t.typtype = 'd' and t.typnotnull) as not_null,
           a.atthasdef or a.attidentity <> '' or a.attgenerated <> '' or t.typdefault is not null as filled,
           case when a.atttypid in ('varchar'::regtype, 'bpchar'::regtype) and a.atttypmod > 0
                then a.atttypmod - 4 end as longest,
           coalesce(a.attnum = any (k.conkey), false) as in_key,
           (select coalesce(jsonb_agg(pg_get_constraintdef(l.oid)), '[]') from pg_catalog.pg_constraint l
             where l.conrelid = c.oid and l.contype = 'c' and l.conkey = array[a.attnum]) as checks
      from pg_catalog.pg_class c
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      join pg_catalog.pg_type t on t.oid = a.atttypid
      left join pg_catalog.pg_constraint k on k.conrelid = c.oid and k.contype = 'p'
     where c.relkind in ('r', 'p') and ${which}
     order by c.relname, a.attnum`);
  const tables = new Map<string, { columns: TargetColumn[]; key: string[] }>();
  for (const row of rows) {
    const table = tables.get(String(row.table)) ?? { columns: [], key: [] };
    tables.set(String(row.table), table);
    const name = String(row.name);
    table.columns.push({
      name,
      type: String(row.type),
      notNull: row.not_null === true,
      filled: row.filled === true,
      longest: row.longest === null ? null : Number(row.longest),
      words: wordsOfChecks(row.checks),
    });
    if (row.in_key === true) table.key.push(name);
  }
  return [...tables].map(([name, table]) => ({ name, ...table }));
}

/**
 * What a column may be by its checks, as far as they are lists of words: PostgreSQL writes each as
 * `CHECK ((plan = ANY (ARRAY['gold'::text, 'concession'::text])))`. Other checks are not looked into.
 */
function wordsOfChecks(checks: unknown): string[] | null {
  const text: readonly string[] = typeof checks === "string" ? JSON.parse(checks) : checks;
  const lists = text.flatMap((check) => {
    const list =
      /^CHECK \(\(\(?"?[\w ]+"?\)?(?:::[\w ]+)? = ANY \(\(?ARRAY\[((?:'(?:[^']|'')*'::[\w ]+(?:, )?)+)\]\)?[\w:[\]]*\)\)\)$/u;
    const found = list.exec(check)?.[1];
    return found === undefined
      ? []
      : [
          [...found.matchAll(/'((?:[^']|'')*)'/gu)].map(([, word = ""]) =>
            word.replaceAll("''", "'"),
          ),
        ];
  });
  const [first, ...others] = lists;
  return first?.filter((word) => others.every((list) => list.includes(word))) ?? null;
}

/** Whether a value of one type is written into a column of another without a word, as an insert does it. */
export async function fits(
  ask: Ask,
  pairs: readonly { readonly from: string; readonly to: string }[],
): Promise<boolean[]> {
  if (pairs.length === 0) return [];
  const each = pairs.map(
    ({ from, to }) => `(select f = t or exists (select from pg_catalog.pg_cast c
        where c.castsource = f and c.casttarget = t and c.castcontext in ('a', 'i'))
      -- What any type is written as goes into a text.
      or exists (select from pg_catalog.pg_type y where y.oid = t and (y.typbasetype = f or y.typcategory = 'S'))
      from (select ${quoted(bare(from))}::regtype::oid as f, ${quoted(bare(to))}::regtype::oid as t) types)`,
  );
  const [row] = await ask(`select to_jsonb(array[${each.join(",\n")}]) as fits`);
  return row?.fits as boolean[];
}

/** A type without its length. */
const bare = (type: string): string => type.replace(/\([^)]*\)/u, "");

/** Which of these texts a column of a type cannot hold. */
export async function unfit(ask: Ask, type: string, texts: readonly string[]): Promise<string[]> {
  if (texts.length === 0) return [];
  const list = texts.map((text) => `(${quoted(text)})`).join(", ");
  const rows = await ask(
    `select v.text from (values ${list}) v(text) where not pg_input_is_valid(v.text, ${quoted(type)})`,
  );
  return rows.map(({ text }) => String(text));
}
