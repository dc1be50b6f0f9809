import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { checkSource } from "../../lib/author/check/source.ts";
import { checkTarget } from "../../lib/author/check/target.ts";
import { checkWords } from "../../lib/author/check/words.ts";
import { distributionOf } from "../../lib/cli/show/counts.ts";
import { problemsOf } from "../../lib/compile/problems/problems.ts";
import { candidates, nextRows } from "../../lib/compile/wave/rows.ts";
import { findRun } from "../../lib/data/runs.ts";
import { sql } from "../../lib/data/sql.ts";
import { birthDate, email, hold, name, phone, text } from "../../lib/define/builders.ts";
import type { Migration } from "../../lib/define/definition.ts";
import type { WholeMigration } from "../../lib/define/several.ts";
import { partsOf, type SeveralEntities } from "../../lib/define/several.ts";
import { balance } from "../../lib/evidence/balance.ts";
import { pinOf } from "../../lib/evidence/pinned.ts";
import { explain } from "../../lib/review/rows/explain.ts";
import { judgeRange, whatIf } from "../../lib/review/rows/what-if.ts";
import { erasable, eraseSome, eraseWhole } from "../../lib/review/steer/erase.ts";
import { openSource } from "../../lib/sources/open.ts";
import { sourceSettings } from "../../lib/sources/settings.ts";
import { withCatalogues } from "../../lib/sources/with-catalogues.ts";
import { finalVerify } from "../../lib/stages/final-verify.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { stagedPage } from "../support/staged-page.ts";
import { reviewedRun, toTheEnd } from "../support/steps.ts";
import { lending, lendingFiles, lendingPlatform } from "./worlds/lending.ts";

const run = "7f3a0000-0000-4000-8000-00000000c601";
let legacy: string;
let test: TestServices;
beforeAll(async () => {
  legacy = await mkdtemp(join(tmpdir(), "wavegate-legacy-"));
  for (const [table, lines] of Object.entries(lendingFiles)) {
    await writeFile(join(legacy, `${table}.csv`), `${lines.join("\n")}\n`);
  }
  test = await testServices({
    world: { migration: lending, platform: [lendingPlatform], legacy },
  });
  await reviewedRun(test, run, { wavePlan: [4, 20] });
});
afterAll(async () => {
  await test.close();
  await rm(legacy, { recursive: true });
});

const stored = () => findRun(test.operator, run);
const with_ = (name: string, change: (entity: SeveralEntities["entities"][number]) => object) =>
  ({
    ...lending,
    entities: lending.entities.map((each) =>
      each.name === name ? { ...each, ...change(each) } : each,
    ),
  }) as SeveralEntities;

it("B5 W11 pages of staged rows go on from one kind to the next, by their ids", async () => {
  const seen: string[] = [];
  let after: number | null = -1;
  while (after !== null) {
    const page: Awaited<ReturnType<typeof stagedPage>> = await stagedPage(
      test.services.sign,
      run,
      {},
      { after, rows: 4 },
    );
    seen.push(...page.rows.map(({ source_table, legacy_id }) => `${source_table}:${legacy_id}`));
    after = page.next;
  }
  expect(seen).toEqual([
    ...["levels:adult", "levels:junior", "branches:N", "branches:S", "branches:X"],
    ...["readers:R-1", "readers:R-2", "readers:R-3", "readers:R-4", "readers:R-5"],
    ...["loans:1", "loans:2", "loans:3", "loans:4", "loans:5", "loans:6", "loans:7"],
  ]);
  const held = await stagedPage(test.services.sign, run, {
    import_state: "held",
    focus: "everything",
  });
  expect(held.rows.map(({ legacy_id }) => legacy_id)).toEqual([
    ...["X", "R-3", "R-4", "3", "4", "5", "6"],
  ]);
});

it("W6 the balance is that of all kinds together", async () => {
  expect(await balance(test.services.stage, pinOf(await stored()), run)).toMatchObject({
    staged: 17,
    imported: 17,
    held: 7,
    skipped: 1,
    pending: 9,
    holds: true,
  });
  expect(await distributionOf(test.operator, await stored(), "planned_reason")).toEqual({
    "(none)": 9,
    moved_before: 1,
    title_missing: 1,
    left: 1,
    waits_for_branch: 2,
    reader_missing: 3,
  });
});

it("B7 no wave takes a row before the rows that it refers to; a slice may begin with it", async () => {
  const loan = partsOf(lending).at(-1) as Migration;
  const order = { run, wave: 2, round: 1, size: 10, kinds: loan.waves.order };
  const { stage } = test.services;
  expect(await stage.rows(sql`with ${nextRows(loan, order)} select id from next`)).toEqual([]);
  const first = await stage.rows<{ id: number }>(candidates(loan, order));
  expect(first.map(({ id }) => id - 3_000_000_000_000)).toEqual([1, 2, 7]);
});

it("R8 every rule of a row's own kind is explained, and what it refers to", async () => {
  const found = await explain(test.services.sign, await stored(), {
    table: "loans",
    legacyId: "3",
  });
  expect(found?.reasons.find(({ about, decides }) => about === "plan" && decides)).toEqual({
    about: "plan",
    rule: "Reader missing.",
    outcome: "hold (reader_missing)",
    holds: true,
    decides: true,
    input: { reader: "waits" },
  });
  expect(
    await explain(test.services.sign, await stored(), { table: "loans", legacyId: "99" }),
  ).toBe(undefined);
});

/** As a terminal that sees no row, and asks the function that does. */
const judged = async (changed: WholeMigration) => {
  const pinned = await stored();
  return whatIf(test.operator, pinned, changed, (part, range) =>
    judgeRange(test.services.sign, pinned, part, range),
  );
};

it("B12 what a changed definition would change is told of the kind that it changes", async () => {
  expect(await judged(lending)).toEqual({
    changes: [],
    standing: 0,
    taken: [],
  });
  const changed = with_("branch", ({ entity }) => ({
    entity: { ...entity, plan: [hold("not_yet")] },
  }));
  const { changes, taken } = await judged(changed);
  expect(taken).toEqual([
    "what becomes of “branch” of “reader”",
    "what becomes of “branch” of “loan”",
  ]);
  expect(changes).toMatchObject([
    { was: "commit branch", is: "hold not_yet", rows: 2, first: ["branches:N", "branches:S"] },
    { was: "hold title_missing", is: "hold not_yet", rows: 1, first: ["branches:X"] },
  ]);
});

it("B12 a definition of several kinds is held against both sides", async () => {
  const opened = await openSource(sourceSettings(lending.connection, test.legacy));
  const source = withCatalogues(opened, lending.source);
  const { problems, looked } = await checkSource(lending, source, "2026-11-20").finally(() =>
    source.close(),
  );
  expect(problems.filter(({ level }) => level === "error")).toEqual([]);
  expect(looked).toEqual([
    { table: "levels", rows: 2, of: 2 },
    { table: "branches", rows: 3, of: 3 },
    { table: "readers", rows: 5, of: 5 },
    { table: "loans", rows: 7, of: 7 },
  ]);
  for (const part of partsOf(lending)) {
    // A plan that commits whatever is left is told of.
    const words = checkWords(part).filter(({ level }) => level === "error");
    expect(words.filter(({ id }) => id !== "plan_open")).toEqual([]);
    const target = await checkTarget(part, (sql) => test.query(sql));
    expect(target.filter(({ level }) => level === "error")).toEqual([]);
  }
});

it.each([
  [
    "found by what nothing is",
    { entity: "loan", change: { refs: { reader: { to: "reader", by: { badge: "card" } } } } },
    /“reader” of “loan” is found by “badge”, which is no field of “reader”/,
  ],
  [
    "of nothing that is declared",
    { entity: "loan", change: { refs: {} } },
    /The action “loan” writes what “reader” is, and `refs` declares no such reference/,
  ],
  [
    "asked about where one row alone is meant",
    {
      entity: "loan",
      change: { refs: { reader: { to: "reader", by: { card: "card" }, asks: { as: "reader" } } } },
    },
    /“reader” of “loan” asks which of several is meant, and says nothing that has to be `beside` one/,
  ],
  [
    "asked about with what nothing shows",
    {
      entity: "loan",
      change: {
        refs: {
          reader: {
            to: "reader",
            by: { card: "card" },
            asks: { as: "reader", shows: { of: "branch", field: "colour" } },
          },
        },
      },
    },
    /“reader” of “loan” shows “colour” of “branch”, which “reader” does not refer to or has not/,
  ],
  [
    "to something below",
    { entity: "branch", change: { refs: { loan: { to: "loan", by: { legacy_id: "title" } } } } },
    /“loan” of “branch” refers to “loan”, which is no entity above it/,
  ],
])("B5 kinds of things that are %s are refused in a sentence", (_, { entity, change }, says) => {
  const wrong = with_(entity, (each) => ({ entity: { ...each.entity, ...change } }));
  expect(problemsOf(lending)).toEqual([]);
  expect(problemsOf(wrong).join(" ")).toMatch(says);
});

it.each([
  name("head"),
  phone("head", { region: "GB" }),
  email("head", { placeholders: [] }),
  birthDate("head", { format: "YYYY-MM-DD" }),
])("D20 B13 which of several is meant is never asked by who somebody is: %j", (field) => {
  const asks = { as: "reader", shows: { of: "branch", field: "head" } };
  const asked = (of: typeof field | ReturnType<typeof text>) =>
    problemsOf({
      ...lending,
      entities: lending.entities.map((each) => {
        const { fields } = each.entity;
        if (each.name === "branch")
          return { ...each, entity: { ...each.entity, fields: { ...fields, head: of } } };
        const refs = { reader: { to: "reader", by: { card: "card" }, asks } };
        return each.name === "loan" ? { ...each, entity: { ...each.entity, refs } } : each;
      }),
    } as SeveralEntities).join(" ");
  expect(asked(field)).toMatch(
    /“reader” of “loan” shows “head” of “branch”, which says who somebody is: show something else\./,
  );
  expect(asked(text("head"))).not.toContain("who somebody is");
});

it("B13 nothing is left of the people of any kind once a run is erased", async () => {
  await toTheEnd(test, run);
  await finalVerify(test.services, run);
  const { sign } = test.services;
  expect(await erasable(test.operator, await stored())).toMatchObject({ staged: 17, ledger: 13 });
  const kept = await stored();
  await eraseWhole((behind) => eraseSome(sign, kept, "approver", behind));
  expect(await erasable(test.operator, await stored())).toMatchObject({ staged: 0, ledger: 0 });
  expect(
    await test.query(
      "select count(*)::int as rows from wavegate.lending_reader r where r.full is not null or raw_payload is not null",
    ),
  ).toEqual([{ rows: 0 }]);
});
