import pg from "pg";
import { expect, inject, it } from "vitest";
import { asked } from "../../lib/author/check/constraints.ts";
import { checkTarget } from "../../lib/author/check/target.ts";
import { askingPlace } from "../../lib/cli/verbs/check.ts";
import { choice, constant, staged } from "../../lib/define/builders.ts";
import type { Value } from "../../lib/define/definition.ts";
import { importedServices } from "../support/services.ts";
import { small } from "../support/small.ts";

it("B12 B6 check holds constants and the words of choices against the platform's checks of a column, whatever they say", async () => {
  const client = new pg.Client({ connectionString: inject("postgresUrl") });
  await client.connect();
  try {
    await client.query(`
      create schema held_against; set search_path = held_against, public;
      create function is_dear(text) returns boolean language sql as 'select false';
      create table things (id bigserial primary key, word text, code text check (code ~ '^[A-Z]{3}$'), rank int constraint low check (rank < 10),
        plan text check (length(plan) < 7), dear text check (is_dear(dear)), text text constraint brief check (length(text) < 3), listed text check (listed in ('a', 'b')),
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
      text: constant("long"),
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
      "“thing” may write “long” into things.text, which the platform’s check “brief” refuses.",
    ]);
  } finally {
    await client.query("rollback; drop schema held_against cascade");
    await client.end();
  }
});

it("B12 B6 check holds what is known of new rows against the platform's checks of several columns, and says nothing where a row decides", async () => {
  const client = new pg.Client({ connectionString: inject("postgresUrl") });
  await client.connect();
  try {
    await client.query(`
      create schema held_together; set search_path = held_together, public;
      create type standing as enum ('active', 'blocked');
      create function odd(text, text) returns boolean language sql as 'select false';
      create table things (id bigserial primary key, word text, "select" standing not null, "Why" text, rank int, tier text, since date,
        kept text default 'x', split int,
        constraint blocked_why check (("select" = 'blocked') = ("Why" is not null)),
        constraint ranked check (rank > 3 or tier <> 'gold'),
        constraint dated check (since is not null or tier is null or word is null),
        constraint kept_so check (kept is not null or rank is null),
        constraint halved check (split is null or 100 / split > rank),
        n int, "own row" int, c0 int, c1 int,
        constraint numbered check (n <> c1 and c0 > c1),
        constraint of_own check (odd(word, tier)))`);
    await client.query("begin read only");
    const says = async (values: Record<string, Value>) => {
      const fields = { tier: choice("tier", { Gold: "gold", Silver: "silver" }) };
      const source = { things: { key: "no", columns: ["word", "tier"] } };
      const problems = await checkTarget(
        small("held_together", "no", { values }, { fields, source }),
        async (text) => (await client.query(text)).rows,
      );
      return problems.filter(({ id }) => id === "target_check").map(({ says }) => says);
    };
    expect(await says({ word: staged("word"), select: constant("blocked") })).toEqual([
      "“thing” writes “blocked” as select, nothing as Why into things, which the platform’s check “blocked_why” refuses together: no row would be taken.",
    ]);
    expect(await says({ select: constant("active"), Why: constant("because") })).toHaveLength(1);
    expect(await says({ select: constant("blocked"), Why: constant("because") })).toEqual([]);
    expect(await says({ select: constant("blocked"), Why: staged("word") })).toEqual([]);
    expect(
      await says({ select: constant("active"), tier: staged("tier"), rank: constant("2") }),
    ).toEqual([
      "“thing” may write “gold” into things.tier, which the platform’s check “ranked” refuses beside “2” as rank.",
    ]);
    // Whatever the platform's columns are called.
    expect(
      await says({
        select: constant("active"),
        n: constant("2"),
        c0: constant("1"),
        c1: constant("2"),
      }),
    ).toHaveLength(1);
    // What the type does not read is told elsewhere, and a check that fails by itself says nothing.
    expect(
      await says({ select: constant("active"), rank: constant("many"), tier: staged("tier") }),
    ).toEqual([]);
    expect(
      await says({ select: constant("active"), split: constant("0"), rank: constant("9") }),
    ).toEqual([]);
  } finally {
    await client.query("rollback; drop schema held_together cascade");
    await client.end();
  }
});

it("B12 B6 W13 a question that the platform fails at ends no other one, also where check asks through the place", async () => {
  const test = await importedServices();
  try {
    const answers = await askingPlace(test.services.stage, async (ask) => [
      await asked(ask, "select 1 / 0 as n"),
      await asked(ask, "select 2 as n"),
      await ask("select 3 as n"),
    ]);
    expect(answers).toEqual([undefined, [{ n: 2 }], [{ n: 3 }]]);
  } finally {
    await test.close();
  }
});

it("B12 what a table with many checks of several columns has is read once, and not beside each of its columns", async () => {
  const client = new pg.Client({ connectionString: inject("postgresUrl") });
  await client.connect();
  try {
    const columns = Array.from({ length: 60 }, (_, n) => `c${n} int`);
    const checks = columns.map((_, n) => `constraint two_${n} check (c${n} <> c${(n + 1) % 60})`);
    await client.query(`
      create schema much_held; set search_path = much_held, public;
      create table things (id bigserial primary key, word text, ${[...columns, ...checks]})`);
    await client.query("begin read only");
    let answered = 0;
    const values = { word: staged("word"), c1: constant("7"), c2: constant("7") };
    const problems = await checkTarget(small("much_held", "no", { values }), async (text) => {
      const { rows } = await client.query(text);
      answered += JSON.stringify(rows).length;
      return rows;
    });
    expect(problems.map(({ id, about }) => [id, about])).toEqual([["target_check", "two_1"]]);
    expect(answered).toBeLessThan(60_000);
  } finally {
    await client.query("rollback; drop schema much_held cascade");
    await client.end();
  }
});
