import { type Database, longestStatement } from "./database.ts";
import { raw, sql } from "./sql.ts";

/** Characters of a block that a statement takes beside its own. */
const around = 100;
const mostOfBlock = longestStatement - 5_000;

/** Bytes of wavegate's tables from which on a statement about them may take a while, of an index above all. */
const large = 64 * 1024 * 1024;

/**
 * Executes statements that answer nothing, in their order, in as few requests as the Data API's longest statement
 * allows. They belong in one transaction: of a block all are done, or none. Where much is staged each goes by itself, as
 * a request may take 45 s.
 */
export async function executeTogether(db: Database, statements: readonly string[]): Promise<void> {
  if (statements.length === 0) return;
  const blocks = (await isLarge(db))
    ? statements.map((statement) => [statement])
    : blocksOf(statements);
  for (const block of blocks) {
    const [only] = block;
    await db.execute(raw(block.length === 1 && only !== undefined ? only : asBlock(block)));
  }
}

async function isLarge(db: Database): Promise<boolean> {
  const { bytes } = await db.one<{ bytes: number }>(sql`
    select coalesce(sum(pg_total_relation_size(c.oid)), 0)::float8 as bytes
      from pg_class c where c.relnamespace = to_regnamespace('wavegate') and c.relkind in ('r', 'm')`);
  return bytes > large;
}

function blocksOf(statements: readonly string[]): string[][] {
  const blocks: string[][] = [];
  let room = 0;
  for (const statement of statements) {
    const takes = statement.length + around;
    if (takes > room) {
      blocks.push([]);
      room = mostOfBlock;
    }
    blocks.at(-1)?.push(statement);
    room -= takes;
  }
  return blocks;
}

/** Quoted by tags that none of the statements has, so that no setting says how their letters are read. */
function asBlock(statements: readonly string[]): string {
  let tag = "each";
  const has = (quote: string) => statements.some((statement) => statement.includes(quote));
  while (has(`$${tag}`) || has(`$all_${tag}`)) tag += "_";
  const all = statements.map((statement) => `execute $${tag}$${statement}$${tag}$;`).join("\n");
  return `do $all_${tag}$ begin\n${all}\nend $all_${tag}$`;
}
