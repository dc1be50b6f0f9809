import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkTarget } from "../../lib/author/check/target.ts";
import { choice, staged } from "../../lib/define/builders.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { entity } from "./ecoin-with.ts";

let test: TestServices;
beforeAll(async () => {
  test = await testServices();
});
afterAll(() => test.close());

const ask = (sql: string) => test.query(sql);

describe("B12 check knows the words that a check of the platform lists", () => {
  const plans = (means: Record<string, string>) =>
    entity({
      fields: { ...ecoin.entity.fields, plan: choice("niveau", means) },
      actions: {
        member: {
          into: "members",
          id: "id",
          values: { plan: staged("plan") },
          importedAs: "imported_member_id",
          inverse: "delete_created",
        },
      },
    });
  const wordsFor = async (check: string, means: Record<string, string>) => {
    await test.query("drop table if exists members");
    await test.query(`create table members (id bigserial primary key, ${check})`);
    const found = await checkTarget(plans(means), ask);
    return found.filter(({ id }) => id === "target_word").map(({ about, says }) => [about, says]);
  };
  const of = (word: string) => [
    word,
    `“member” may write “${word}” into members.plan, of which a check of the platform takes “gold”, “it's” only.`,
  ];

  it.each([
    ["plan text check (plan in ('gold', 'it''s'))"],
    ["plan varchar(20) check (plan in ('gold', 'it''s'))"],
    [
      "plan varchar(20) check (plan in ('gold', 'it''s', 'old')) check (plan in ('gold', 'it''s', 'new'))",
    ],
  ])("%s", async (check) => {
    expect(await wordsFor(check, { G: "gold", S: "it's" })).toEqual([]);
    expect(await wordsFor(check, { G: "Gold", P: "new", S: "it's" })).toEqual(
      [of("Gold"), of("new")].slice(0, 2),
    );
  });

  it("but those of rows that the plan leaves out before anything is committed", async () => {
    const out = async (plan: readonly object[], decide: object) => {
      const { entity: of, ...whole } = plans({ G: "Gold", P: "new", S: "it's" });
      const changed = { ...whole, entity: { ...of, plan, decide } } as unknown as typeof ecoin;
      const found = await checkTarget(changed, ask);
      return found.filter(({ id }) => id === "target_word").map(({ about }) => about);
    };
    await test.query("drop table if exists members");
    await test.query(
      "create table members (id bigserial primary key, plan text check (plan in ('gold', 'it''s')))",
    );
    const line = (words: string[], does: object, of = "plan") => ({
      when: { field: of, is: words },
      says: "…",
      ...does,
    });
    const [skip, last] = [{ skip: "left" }, { when: { all: [] }, commit: "member", says: "…" }];
    expect(await out([line(["Gold"], skip), line(["new"], { hold: "old" }), last], {})).toEqual([]);
    expect(
      await out([line(["Gold"], { commit: "member" }), line(["new"], skip), last], {}),
    ).toEqual(["Gold", "new"]);
    const kinds = (...lines: object[]) => ({ kind: [...lines, { is: "rest", when: { all: [] } }] });
    const gone = { is: "gone", when: { field: "plan", is: ["Gold", "new"] } };
    const kept = { is: "kept", when: { field: "plan", is: ["new"] } };
    const other = { is: "kept", when: { field: "niveau", is: ["x"] } };
    expect(await out([line(["gone"], skip, "kind"), last], kinds(gone))).toEqual([]);
    expect(await out([line(["gone"], skip, "kind"), last], kinds(kept, gone))).toEqual(["new"]);
    expect(await out([line(["gone"], skip, "kind"), last], kinds(other, gone))).toEqual([
      "Gold",
      "new",
    ]);
  });

  it("and of a decision that is written those of rows that the plan leaves out", async () => {
    await test.query("drop table if exists members");
    await test.query(
      "create table members (id bigserial primary key, plan char(4) check (plan in ('gold')))",
    );
    const { entity: of, ...whole } = plans({ G: "gold" });
    const decided = async (...plan: object[]) => {
      const { plan: _, ...fields } = of.fields;
      const decide = {
        plan: [
          { is: "gold", when: { field: "raw_status", is: ["G"] } },
          { is: "nobody knows", when: { all: [] } },
        ],
      };
      const entity = { ...of, fields, decide, plan };
      const found = await checkTarget({ ...whole, entity } as unknown as typeof ecoin, ask);
      return found.filter(({ id }) => id === "target_word").map(({ about }) => about);
    };
    const commits = { when: { all: [] }, commit: "member", says: "…" };
    const held = { when: { field: "plan", is: ["nobody knows"] }, hold: "plan_unknown", says: "…" };
    expect(await decided(held, commits)).toEqual([]);
    expect(await decided(commits)).toEqual(["nobody knows"]);
    expect(await decided(commits, held)).toEqual(["nobody knows"]);
  });

  it.each([
    ["plan text check (plan not in ('gold', 'it''s'))"],
    ["plan text check (not (plan in ('gold', 'it''s')))"],
    ["plan text check (lower(plan) in ('gold', 'it''s'))"],
    ["plan text check (plan in ('gold', 'it''s') or plan like 'G%')"],
    ["plan text, other text check (other in ('gold'))"],
    ["plan text, other text, check (plan in ('gold') or other is null)"],
    ["plan text"],
  ])("and says nothing of what it cannot know: %s", async (check) => {
    expect(await wordsFor(check, { G: "Gold" })).toEqual([]);
  });
});
