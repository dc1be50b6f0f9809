import type { TestServices } from "./services.ts";

/** Statements with which somebody past every guard changes what lies in the database; triggers and keys are asleep. */
const unguarded = (statements: string): string =>
  `begin; set local session_replication_role = replica; ${statements}; commit`;

/** Looks at how things are while `statement` has changed rows of these tables, then puts back what they held. */
export async function disturbed<Result>(
  test: TestServices,
  tables: readonly string[],
  statement: string,
  look: () => Promise<Result>,
): Promise<Result> {
  const kept = (index: number) => `public.kept_${index}`;
  // But for those that the database computes itself.
  const columns: string[] = [];
  for (const table of tables) {
    const [own] = await test.query<{ names: string }>(
      `select string_agg(quote_ident(attname), ', ' order by attnum) as names from pg_attribute
        where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = ''`,
      [table],
    );
    columns.push(own?.names ?? "");
  }
  await test.query(
    unguarded(
      [
        ...tables.map((table, index) => `create table ${kept(index)} as table ${table}`),
        statement,
      ].join("; "),
    ),
  );
  try {
    return await look();
  } finally {
    await test.query(
      unguarded(
        tables
          .map(
            (table, index) =>
              `delete from ${table}; insert into ${table} (${columns[index]}) overriding system value select ${columns[index]} from ${kept(index)}; drop table ${kept(index)}`,
          )
          .join("; "),
      ),
    );
  }
}
