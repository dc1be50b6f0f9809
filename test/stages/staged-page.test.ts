import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cameTo } from "../../lib/compile/judge/came-since.ts";
import { decideRows } from "../../lib/compile/judge/decide.ts";
import { settleWhatChanged, settling } from "../../lib/compile/judge/settle.ts";
import { pinLook } from "../../lib/compile/pin/look.ts";
import { compilePin } from "../../lib/compile/pin/pin.ts";
import { ledgerAgainstTargets } from "../../lib/compile/undo/checks.ts";
import { anyCandidates, candidates } from "../../lib/compile/wave/rows.ts";
import { writeWave } from "../../lib/compile/wave/wave.ts";
import { render, type Sql, sql } from "../../lib/data/sql.ts";
import { partsOf } from "../../lib/define/several.ts";
import { findLookedAt } from "../../lib/evidence/pinned.ts";
import type { StagedFilter } from "../../lib/stages/wave/page-ids.ts";
import { type ListedRow, pageBefore, selectPage } from "../../lib/stages/wave/staged-page.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import { reviewed, reviewedServices, type TestServices } from "../support/services.ts";
import { stagedPage } from "../support/staged-page.ts";
import { refusal } from "../support/steps.ts";

let test: TestServices;
const run = reviewed;

beforeAll(async () => {
  test = await reviewedServices();
  // Older runs leave a small table in many pages with few rows each, and to read all of it is cheaper than an index's order.
  await test.query(
    "cluster wavegate.legacy_student_imports_decisions using legacy_student_imports_decisions_pkey",
  );
});
afterAll(() => test.close());

const [look] = pinLook(ecoin).parts;
const [entity] = compilePin(ecoin).entities;
if (!look || !entity) throw new Error("It has one kind of things.");
const storedAs = { look, staging: entity.staging };

async function everyPage(filter: StagedFilter, rows: number, looks?: number) {
  const all: ListedRow[] = [];
  for (let after: number | undefined; ; ) {
    const page = await stagedPage(test.services.stage, run, filter, {
      rows,
      ...(looks === undefined ? {} : { looks }),
      ...(after === undefined ? {} : { after }),
    });
    expect(page.rows.length).toBeLessThanOrEqual(rows);
    all.push(...page.rows);
    if (page.next === null) return all;
    after = page.next;
  }
}

/** The same from the last page back to the first: each page with those of its rows that come before the one behind it. */
async function everyPageBack(filter: StagedFilter, from: number, looks?: number) {
  const { stage } = test.services;
  const looked = await findLookedAt(stage, run);
  const few = looks === undefined ? {} : { looks };
  const all: number[] = [];
  for (let before = from; ; ) {
    const after = await pageBefore(stage, looked, filter, { before, ...few });
    const page = await stagedPage(stage, run, filter, {
      ...few,
      ...(after === undefined ? {} : { after }),
    });
    const ids = page.rows.map(({ id }) => id).filter((id) => id < before);
    // A page that is whole ends where the next one begins.
    if (looks === undefined && after !== undefined) expect(ids.length).toBe(50);
    all.unshift(...ids);
    if (after === undefined) return all;
    expect(after).toBeLessThan(before);
    before = ids[0] ?? after + 1;
  }
}

/** How the database would do it. */
async function explained(statement: Sql): Promise<string> {
  const { sql, parameters } = render(statement);
  const text = parameters.reduceRight(
    (written, { name, value }) =>
      written.replaceAll(
        `:${name}`,
        value?.stringValue === undefined ? String(value?.longValue) : `'${value.stringValue}'`,
      ),
    sql,
  );
  const lines = await test.query<{ "QUERY PLAN": string }>(`explain ${text}`);
  return lines.map((line) => line["QUERY PLAN"]).join("\n");
}

/** How it would read the first page. */
async function planOf(filter: StagedFilter): Promise<string> {
  await test.query(
    "analyze wavegate.legacy_student_imports_source, wavegate.legacy_student_imports_decisions, wavegate.duplicate_hints",
  );
  return explained(selectPage(storedAs, run, filter, { from: { after: 0 }, rows: 51 }));
}

describe("a list of staged rows, page by page", () => {
  it("B4 is planned by what was just decided: the dry run counts it, of one kind of things too", async () => {
    const counted = await test.query<{ column: string; values: string }>(`
      select attname as column, coalesce(most_common_vals::text, '') as values from pg_stats
       where schemaname = 'wavegate' and tablename = 'legacy_student_imports_decisions'`);
    const valuesOf = (column: string) => counted.find((each) => each.column === column)?.values;
    expect(valuesOf("planned")).toContain("commit");
    expect(valuesOf("duplicate_confidence")).toContain("high");
    expect(valuesOf("import_state")).toContain("held");
    expect(valuesOf("classification")).toContain("lead_only");
  });

  it("shows every row once, in the order of the ids", async () => {
    const all = await everyPage({}, 137);
    const ids = all.map(({ id }) => id);
    expect(all).toHaveLength(3_000);
    expect(ids).toEqual([...new Set(ids)].sort((left, right) => left - right));
  });

  it.each([
    [{ classification: "unknown" }, "classification = 'unknown'"],
    [{ validation_status: "failed" }, "validation_status = 'failed'"],
    [{ duplicate_confidence: "high" }, "duplicate_confidence = 'high'"],
    [{ import_state: "held" }, "import_state = 'held'"],
    [{ reason: "session_not_confirmed" }, "planned_reason = 'session_not_confirmed'"],
    [
      { reason: "possible_duplicate", classification: "lead_only" },
      "planned_reason = 'possible_duplicate' and classification = 'lead_only'",
    ],
    [{ decided: { session_type: "placeholder_session" } }, "session_type = 'placeholder_session'"],
    [
      { decided: { import_action: "needs_review" }, import_state: "held" },
      "import_action = 'needs_review' and import_state = 'held'",
    ],
    [{ focus: "historical_completed" }, "classification in ('completed', 'archived_training')"],
    [
      { focus: "lead_only", duplicate_confidence: "low", import_state: "held" },
      "classification = 'lead_only' and duplicate_confidence = 'low' and import_state = 'held'",
    ],
  ])("shows exactly the rows of the filter %o", async (filter, where) => {
    const expected = await test.query<{ id: number }>(
      `select id::int from wavegate.legacy_student_imports where run_id = $1 and ${where} order by id`,
      [run],
    );
    expect(expected.length).toBeGreaterThan(0);
    const ids = expected.map(({ id }) => id);
    expect((await everyPage(filter, 50)).map(({ id }) => id)).toEqual(ids);
    // The same where a page ends after few rows that were looked at, full or not.
    expect((await everyPage(filter, 50, 40)).map(({ id }) => id)).toEqual(ids);
    // And back again, from page to page.
    const end = (ids.at(-1) ?? 0) + 1;
    expect(await everyPageBack(filter, end)).toEqual(ids);
    expect(await everyPageBack(filter, end, 400)).toEqual(ids);
  });

  it("B4 a page looks at so many rows at most where no index has those that are wanted, and says that it goes on", async () => {
    const rare = {
      classification: "completed",
      decided: { import_action: "needs_review", session_type: "placeholder_session" },
    };
    const first = await stagedPage(test.services.stage, run, rare, { rows: 50, looks: 200 });
    expect(first).toMatchObject({ looked: 200 });
    expect(first.rows.length).toBeLessThan(50);
    const [{ end } = { end: 0 }] = await test.query<{ end: number }>(
      `select staged_id::int as end from wavegate.legacy_student_imports_decisions where run_id = $1
        order by staged_id offset 199 limit 1`,
      [run],
    );
    expect(first.next).toBe(end);
    // Full pages, those that an index has, and the last one say nothing of it.
    for (const [filter, looks] of [
      [{ classification: "completed" }, 2_999],
      [{ import_state: "held" }, 1],
      [{ reason: "session_not_confirmed" }, 1],
      [{ duplicate_confidence: "high" }, 1],
      [{}, 1],
      [rare, 3_001],
    ] as const)
      expect(await stagedPage(test.services.stage, run, filter, { looks })).not.toHaveProperty(
        "looked",
      );
    await test.query("set enable_seqscan = off");
    // Fewer than there are, as a page of a million is: all of them are sorted as quickly.
    const plan = await explained(
      selectPage(storedAs, run, rare, { from: { after: 0 }, rows: 51, looks: 200 }),
    );
    const held = await explained(
      selectPage(
        storedAs,
        run,
        { ...rare, import_state: "held" },
        { from: { after: 0 }, rows: 51, looks: 9 },
      ),
    );
    await test.query("reset enable_seqscan");
    expect(plan).toMatch(
      /Limit [^\n]*\n[^\n]*Subquery Scan on d_1 [^\n]*\n[^\n]*Filter: [^\n]*\n[^\n]*Limit [^\n]*\n[^\n]*Index Scan using legacy_student_imports_decisions_pkey/u,
    );
    expect(held).toMatch(/Index Scan using legacy_student_imports_by_aside/u);
  });

  it("D20 shows names, phones, addresses and birth dates masked", async () => {
    const all = await everyPage({ classification: "completed" }, 200);
    const selma = all.find(
      ({ source_table, legacy_id }) => source_table === "stagiaires" && legacy_id === 1,
    );
    expect(selma).toMatchObject({
      name: "T. S.",
      phone: "213•••••••68",
      birth_year: "1957",
      import_state: "pending",
    });
  });

  it("refuses a focus that is not there and a page that is too long; quotes stay text", async () => {
    expect(await refusal(stagedPage(test.services.stage, run, { focus: "constructor" }))).toBe(
      "UnknownFocus",
    );
    expect(await refusal(stagedPage(test.services.stage, run, {}, { rows: 201 }))).toBe(
      "PageInvalid",
    );
    const hostile = { classification: "x' or '1' = '1" };
    expect((await stagedPage(test.services.stage, run, hostile)).rows).toEqual([]);
  });

  it("finds rows whom the platform may know along their hints, and the rows of a reason along an index of reasons", async () => {
    // So few rows are read through as quickly: at a million that is no way.
    const indexed = async (filter: StagedFilter) => {
      await test.query("set enable_seqscan = off");
      const plan = await planOf(filter);
      await test.query("reset enable_seqscan");
      return plan;
    };
    const hints = await indexed({ duplicate_confidence: "high" });
    expect(hints).toMatch(/Index (?:Only )?Scan (?:using|on) duplicate_hints/u);
    expect(hints).not.toContain("Seq Scan");
    // Nor where it was counted last before there were any.
    await test.query("begin");
    await test.query(
      "update wavegate.legacy_student_imports_decisions set duplicate_confidence = 'none'",
    );
    const page = (await planOf({ duplicate_confidence: "high" })).split("Limit")[1];
    await test.query("rollback");
    expect(page).toContain("legacy_student_imports_decisions_pkey");
    expect(page).not.toMatch(/Seq Scan on legacy|Hash/u);
    const reason = await indexed({ reason: "session_not_confirmed" });
    expect(reason).toMatch(/Index Scan (?:using|on) legacy_student_imports_by_why/u);
    expect(reason).not.toContain("Seq Scan");
  });

  it("has no row of a decision that its kind does not make", async () => {
    const none = { decided: { "colour' or '1'='1": "red" } };
    expect((await stagedPage(test.services.stage, run, none)).rows).toEqual([]);
    // Nor one of a reason that is called like what nothing is decided about.
    for (const filter of [{ reason: "pending" }, { decided: { import_action: "pending" } }])
      expect((await stagedPage(test.services.stage, run, filter)).rows).toEqual([]);
  });

  it.each<[StagedFilter, string]>([
    [{}, "legacy_student_imports_source_pkey"],
    [{ classification: "unknown" }, "legacy_student_imports_by_classification"],
    [{ validation_status: "failed" }, "legacy_student_imports_by_validation_status"],
    [{ import_state: "held" }, "legacy_student_imports_by_aside"],
    [{ part: "anything" }, "legacy_student_imports_source_pkey"],
    [{ decided: { session_type: "real_session" } }, "legacy_student_imports_decisions_pkey"],
    [
      { decided: { import_action: "create_course_interest" }, classification: "lead_only" },
      "legacy_student_imports_decisions_pkey",
    ],
    [{ focus: "historical_completed" }, "legacy_student_imports_decisions_pkey"],
  ])("reads a page of %o from an index in the order it is shown in", async (filter, index) => {
    const plan = await planOf(filter);
    // Right below the limit: walked along until the page is full, nothing sorted or read through.
    expect(plan).toMatch(new RegExp(`Limit .*\\n[^\\n]*Index (Only )?Scan using ${index} `));
  });

  it.each(["committed", "linked", "rolled_back"])(
    "reads a page of rows that are %s along the ledger in the order it is shown in",
    async (state) => {
      const plan = await planOf({ import_state: state });
      expect(plan).toMatch(
        /Limit [^\n]*\n[^\n]*Nested Loop [^\n]*\n[^\n]*Result [^\n]*\n\s*One-Time Filter: [\s\S]*on row_tallies [\s\S]*Unique [\s\S]*Index Only Scan using legacy_import_commit_logs_run_id_staged_id_round_wave_key [^\n]*\n[^\n]*staged_id > [\s\S]*Index Scan using legacy_student_imports_decisions_pkey/u,
      );
      expect(plan).not.toMatch(/Seq Scan|Sort/u);
    },
  );
});

describe("what a wave takes next", () => {
  it("R16 is read kind by kind, each along an index of its own in the order in which it is taken", async () => {
    const [migration] = partsOf(ecoin);
    if (!migration) throw new Error("It has one kind of things.");
    const kinds = migration.waves.order;
    expect(kinds.length).toBeGreaterThan(2);
    await test.query("analyze wavegate.legacy_student_imports_decisions");
    const plan = await explained(
      candidates(migration, { run, wave: 2, round: 1, size: 50, kinds }),
    );
    const along = [
      ...plan.matchAll(
        /Index (?:Only )?Scan using (\w+_take_\w+) [^\n]*\n\s*Index Cond: [^\n]*staged_id >= COALESCE/gu,
      ),
    ];
    expect(new Set(along.map(([, index]) => index)).size).toBe(kinds.length);
    expect(plan).not.toContain("Sort");
    expect(plan).not.toContain("Seq Scan");
    const looks = anyCandidates([migration], run, "order");
    expect(looks).toHaveLength(1);
    const left = await explained(sql`select ${looks[0] ?? "none"} as "are"`);
    expect(left).not.toContain("Seq Scan");
    expect(left.match(/_take_/gu)?.length).toBeGreaterThanOrEqual(kinds.length);
  });

  it.each(["written", "settled and written in one statement"])(
    "R16 is told from what it made by a hash, whatever the number of rows: no row of a wave that is %s is held against each other one",
    async (how) => {
      const [migration] = partsOf(ecoin);
      if (!migration) throw new Error("It has one kind of things.");
      const order = { run, wave: 2, round: 1, size: 500, kinds: migration.waves.order };
      const first = how === "written" ? undefined : settling(migration, run, {}, {});
      await test.query("analyze wavegate.legacy_student_imports_decisions");
      const plan = await explained(writeWave(migration, order, {}, {}, {}, first));
      // Each of its rows is looked up once.
      expect(
        plan.match(/Index Scan using legacy_student_imports_source_pkey[^\n]* s_?\d* /gu),
      ).toHaveLength(1);
      expect(plan).toContain("CTE Scan on made_");
      expect(plan).toMatch(/Hash Join[^\n]*\n\s*Hash Cond: [^\n]*own new_id/u);
      expect(plan).not.toMatch(/Nested Loop[^\n]*\n\s*Join Filter: [^\n]*own new_id/u);
      // What was decided about them is brought up to date where it lies, and not looked for among all that was decided.
      expect(plan).toMatch(/Tid Scan on legacy_student_imports_decisions t /u);
      expect(plan).not.toContain("Seq Scan on legacy_student_imports_decisions");
    },
  );

  it("R13 is verified row by row: what was decided is looked up for each of its entries, and not read along", async () => {
    // As of so many rows that the planner would rather read along than look up.
    await test.query("set enable_nestloop = off");
    const [ledger] = ledgerAgainstTargets(compilePin(ecoin), run, 2, []);
    const plan = await explained(ledger);
    await test.query("reset enable_nestloop");
    expect(plan).toMatch(/Index Cond: [^\n]*staged_id = l\.staged_id/u);
    expect(plan).not.toMatch(/(?:Merge|Hash) Join/u);
  });
});

describe("who came to the platform since it was matched", () => {
  it("D28 W13 is told by the transaction of their rows in one reading of them; where rows do not tell, none is read up to the greatest id that matching saw", async () => {
    const [migration] = partsOf(ecoin);
    if (!migration) throw new Error("It has one kind of things.");
    await test.query(`with people as (
        insert into users (full_name) select 'Somebody' from generate_series(1, 30000) returning id)
      insert into wavegate.match_people (run_id, target_table, target_id) select '${run}', 'users', id from people`);
    await test.query("analyze users, wavegate.match_people");
    const [{ most }] = (await test.query("select max(id)::int as most from users")) as [
      { most: number },
    ];
    const seen = { users: most - 10_000, crm_leads: null };
    const looks = await explained(cameTo(migration, run, { to: seen }));
    expect(looks).toMatch(/Index[^\n]* users_pkey[^\n]*\n\s*Index Cond: \(id > /u);
    expect(looks).not.toMatch(/Seq Scan on (?:users|match_people)/u);
    const told = {
      to: { users: null, crm_leads: null },
      from: { users: "3", crm_leads: "3" },
    };
    const few = await explained(cameTo(migration, run, told));
    expect(few).toMatch(/Scan[^\n]* on users p [^\n]*\n\s*Filter: [^\n]*age\(xmin\)/u);
    expect(few.match(/ on users /gu)).toHaveLength(1);
    expect(few).not.toMatch(/match_people/u);
    // Nor of those whom matching saw, all of whom one merge with the few would read.
    for (const [index] of looks.matchAll(/ match_people_pkey[^\n]*\n\s*Index Cond: [^\n]*/gu))
      expect(index).toMatch(/target_id (?:>|=)|crm_leads/u);
    const since = {
      numbering: { code: "213", prefix: "0", lengths: [8, 9] },
      to: { users: most - 10_000 },
    };
    const order = { run, wave: 2, round: 1, size: 500, kinds: migration.waves.order };
    const settles = await explained(settleWhatChanged(migration, order, {}, {}, since));
    expect(settles).toMatch(
      /CTE came_0[\s\S]*Index Scan using users_pkey on users p[^\n]*\n\s*Index Cond: \(id > /u,
    );
  });
});

// The last of this file: it takes the decisions away.
describe("first decisions about rows", () => {
  it("W3 are made once over a table that was emptied and looked through since: what is decided is not read again for each row", async () => {
    const [migration] = partsOf(ecoin);
    if (!migration) throw new Error("It has one kind of things.");
    await test.query("truncate wavegate.legacy_student_imports_decisions");
    await test.query("vacuum analyze wavegate.legacy_student_imports_decisions");
    const plan = await explained(decideRows(migration, { run, after: 0, upTo: 3_000 }, false));
    expect(plan).toContain("(hashed SubPlan");
    expect(plan).not.toContain("Anti Join");
  });
});
