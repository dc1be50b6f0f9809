/**
 * Matching's joins in DuckDB, in a process of its own: `node duckdb-joins.ts MODULE FOLDER` reads `rows.csv` and
 * `people.csv` (`duckdb.ts` writes them), both normalised already, finds who is whom, and writes `hints.csv`.
 * Prints what it used as JSON. Broadly what matching does: no evidence, no caps, nothing between later rows of a person.
 */
import { join } from "node:path";

interface Module {
  readonly DuckDBInstance: {
    create(path: string, options: Record<string, string>): Promise<Instance>;
  };
}

interface Instance {
  connect(): Promise<{ run(text: string): Promise<unknown> }>;
}

const [module = "", folder = ""] = process.argv.slice(2);
const { DuckDBInstance } = (await import(module)) as Module;
const instance = await DuckDBInstance.create(":memory:", { threads: "2" });
const db = await instance.connect();
const file = (name: string) => `'${join(folder, name).replaceAll("'", "''")}'`;
const read = (name: string) =>
  `create table ${name} as select * from read_csv(${file(`${name}.csv`)}, header = true, all_varchar = true, nullstr = '\\N', quote = '"')`;

/** A name cut into three, filed under each two of its pieces, as for a text of that length. */
const cut = (length: string) =>
  [
    `'0' || ${length} || left(name_folded, (${length} * 2 // 3)::int)`,
    `'1' || ${length} || right(name_folded, (${length} - ${length} // 3)::int)`,
    `'2' || ${length} || left(name_folded, (${length} // 3)::int) || ' ' || right(name_folded, (${length} - ${length} * 2 // 3)::int)`,
  ].join(", ");

const lengths = ["(length(name_folded) - 1)", "length(name_folded)", "(length(name_folded) + 1)"];

/** The first letters of the first and of the last word, beside the birth date. */
const begun = `unnest([left(string_split(name_key, ' ')[1], 3), left(string_split(name_key, ' ')[-1], 3)]) as begins`;

/** A name begun at each of its first six words. */
const turned =
  "list_transform(range(1, least(len(words), 6) + 1), lambda n: array_to_string(list_concat(words[n:], words[:n - 1]), ' '))";

/** Names within one edit, each once, and then handed out to those who bear them. */
const withinOneEdit = (rows: string, people: string) => `
  select r.id, p.who, 'low' as level from (
      with near as (select named, name_folded, unnest([${lengths.map(cut).join(", ")}]) as block
                      from (select name_folded as named, unnest(${turned}) as name_folded
                              from (select distinct name_folded, string_split(name_folded, ' ') as words
                                      from rows where ${rows} and length(name_folded) >= 5))),
           own as (select name_folded, unnest([${cut("length(name_folded)")}]) as block
                     from (select distinct name_folded from people where ${people} and length(name_folded) >= 5))
      select distinct n.named as one, o.name_folded as other from near n join own o using (block)
       where levenshtein(n.name_folded, o.name_folded) <= 1) pairs
    join (select * from rows where ${rows}) r on r.name_folded = pairs.one
    join (select * from people where ${people}) p on p.name_folded = pairs.other`;

const steps = [
  `create table row_contacts as
     select id, phone as contact from rows where phone is not null
     union all select id, unnest(from_json(alternates, '["varchar"]')) from rows where alternates is not null
     union all select id, email from rows where email is not null`,
  `create table people_contacts as
     select who, phone as contact from people where phone is not null
     union all select who, email from people where email is not null`,
  "create table high as select distinct r.id, p.who, 'high' as level from row_contacts r join people_contacts p using (contact)",
  `create table in_source as select r.id, g.first_id, g.hits from row_contacts r
     join (select contact, min(id) as first_id, count(*) as hits from row_contacts group by 1 having count(*) > 1) g using (contact)`,
  "create table medium as select r.id, p.who, 'medium' as level from rows r join people p using (name_key, birth_date)",
  `create table same_in_source as select r.id, g.first_id from rows r
     join (select name_key, birth_date, min(id) as first_id from rows where birth_date is not null group by all having count(*) > 1) g using (name_key, birth_date)`,
  `create table alike as
     with r as (select id, name_key, birth_date, ${begun} from rows where birth_date is not null and name_key is not null),
          p as (select who, name_key, birth_date, ${begun} from people where birth_date is not null and name_key is not null)
     select distinct r.id, p.who, 'low' as level from r join p using (birth_date, begins)
      where r.name_key <> p.name_key and jaro_winkler_similarity(r.name_key, p.name_key) >= 0.85`,
  `create table alike_in_source as
     with r as (select id, name_key, birth_date, ${begun} from rows where birth_date is not null and name_key is not null)
     select distinct r.id, o.id as other from r join r o using (birth_date, begins)
      where o.id < r.id and r.name_key <> o.name_key and jaro_winkler_similarity(r.name_key, o.name_key) >= 0.85`,
  `create table one_edit as ${withinOneEdit("birth_date is null", "true")}
   union all ${withinOneEdit("birth_date is not null", "birth_date is null")}`,
];

await db.run(read("rows"));
await db.run(read("people"));
const began = process.cpuUsage();
const started = performance.now();
for (const step of steps) await db.run(step);
const seconds = (performance.now() - started) / 1000;
const { user, system } = process.cpuUsage(began);
await db.run(
  `copy (select distinct id, who, level from (
     select * from high union all select * from medium union all select * from alike union all select * from one_edit))
   to ${file("hints.csv")} (header false)`,
);
console.log(JSON.stringify({ seconds, cpu: (user + system) / 1e6 }));
process.exit(0);
