import pg from "pg";
import { expect, inject, it } from "vitest";
import { checkTarget } from "../../lib/author/check-target.ts";
import { choice, constant, staged } from "../../lib/define/builders.ts";
import { small } from "../support/small.ts";

it("B12 B6 check holds constants and the words of choices against the platform's checks of a column, whatever they say", async () => {
  const client = new pg.Client({ connectionString: inject("postgresUrl") });
  await client.connect();
  try {
    await client.query(`
      create schema held_against; set search_path = held_against, public;
      create function is_dear(text) returns boolean language sql as 'select false';
      create table things (id bigserial primary key, word text, code text check (code ~ '^[A-Z]{3}$'), rank int constraint low check (rank < 10),
        plan text check (length(plan) < 7), dear text check (is_dear(dear)), listed text check (listed in ('a', 'b')),
        split int constraint whole check (100 / split > 1))`);
    await client.query("begin read only");
    const values = {
      word: staged("word"),
      split: constant("0"),
      code: constant("ab"),
      rank: constant("12"),
      plan: staged("plan"),
      dear: constant("x"),
      listed: constant("c"),
    };
    const fields = { plan: choice("plan", { Gold: "gold", Super: "platinum" }) };
    const source = { things: { key: "no", columns: ["word", "plan"] } };
    const problems = await checkTarget(
      small("held_against", "no", { values }, { fields, source }),
      async (text) => (await client.query(text)).rows,
    );
    expect(problems.filter(({ id }) => id === "target_word").map(({ says }) => says)).toEqual([
      "“thing” may write “c” into things.listed, of which a check of the platform takes “a”, “b” only.",
      "“thing” may write “ab” into things.code, which the platform’s check “things_code_check” refuses.",
      "“thing” may write “12” into things.rank, which the platform’s check “low” refuses.",
      "“thing” may write “platinum” into things.plan, which the platform’s check “things_plan_check” refuses.",
    ]);
  } finally {
    await client.query("rollback; drop schema held_against cascade");
    await client.end();
  }
});
