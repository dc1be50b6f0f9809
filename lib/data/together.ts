import { type Database, longestStatement } from "./database.ts";
import { raw } from "./sql.ts";

/** Characters of a block that a statement takes beside its own. */
const around = 100;
const mostOfBlock = longestStatement - 5_000;

/**
 * Executes statements that answer nothing, in their order, in as few requests as the Data API's longest statement
 * allows. They belong in one transaction: of a block all are done, or none.
 */
export async function executeTogether(db: Database, statements: readonly string[]): Promise<void> {
  for (const block of blocksOf(statements)) {
    const [only] = block;
    await db.execute(raw(block.length === 1 && only !== undefined ? only : asBlock(block)));
  }
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
