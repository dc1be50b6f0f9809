import { expect, it } from "vitest";
import { mutated, says } from "../../scripts/mutants/mutant.ts";
import { mutantsOfSql } from "../../scripts/mutants/sql.ts";
import { mutantsOfCode } from "../../scripts/mutants/typescript.ts";

const code = `/** A comment with \`where a = b\`. */
const one = sql\`
  select 1 from t -- where c = d
   where run_id = \${uuid(run)} and not exists (select from u where u.id < \${most("x = y", \`\${a} = \${b}\`)})\`;
throw new Refusal("Name", \`It was wrong and is not. Nothing was written where \${run} = 1.\`);
`;
const lines = (file: string, text: string) =>
  mutantsOfSql(file, text).map((each) => says(text, each));

it("W13 mistakes are made in the guards of SQL, and in no comment, sentence or name", () => {
  expect(lines("lib/a.ts", code).sort()).toEqual([
    "lib/a.ts:4 sql: a comparison turned round: = → <>",
    "lib/a.ts:4 sql: a comparison turned round: = → <>",
    "lib/a.ts:4 sql: a comparison turned round: = → <>",
    `lib/a.ts:4 sql: a condition dropped: where run_id = \${uuid(run)} → where true`,
    "lib/a.ts:4 sql: a limit moved by one: < → <=",
    "lib/a.ts:4 sql: a not dropped: not → nothing",
    "lib/a.ts:4 sql: and for or: and → or",
  ]);
  expect(lines("lib/a.sql", "-- a = b\nselect 1 where a is null or b > 2;")).toEqual([
    "lib/a.sql:2 sql: a limit moved by one: > → >=",
    "lib/a.sql:2 sql: or for and: or → and",
    "lib/a.sql:2 sql: not null for null: is null → is not null",
    "lib/a.sql:2 sql: a condition dropped: where a is null → where true",
  ]);
});

it("W13 a mistake in TypeScript is the text between its offsets, and no text is one", async () => {
  const text = 'const a = (b: number) =>\n  b > 1 ? "x" : "y";\n';
  const made = await mutantsOfCode("lib/a.ts", text);
  expect(made.map((each) => mutated(text, each))).toContain(
    'const a = (b: number) =>\n  b >= 1 ? "x" : "y";\n',
  );
  expect(made.map(({ kind }) => kind)).not.toContain("StringLiteral");
});
