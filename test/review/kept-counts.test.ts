import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createConsole } from "../../lib/console/app.ts";
import type { Database } from "../../lib/data/database.ts";
import { findRun } from "../../lib/data/runs.ts";
import { render, type Sql } from "../../lib/data/sql.ts";
import { balance, keptBalance } from "../../lib/evidence/balance.ts";
import { findLookedAt, pinOf } from "../../lib/evidence/pinned.ts";
import { mappingLines } from "../../lib/review/mappings/lines.ts";
import { heldGroups } from "../../lib/review/rows/held-groups.ts";
import { keepDecision } from "../../lib/review/steer/keep-decision.ts";
import { takeWaveBack } from "../../lib/stages/undo/undo-wave.ts";
import { reviewed, reviewedServices, type TestServices } from "../support/services.ts";
import { approve, judgeAll, runWave } from "../support/steps.ts";

const decisions = "wavegate.legacy_student_imports_decisions";
let test: TestServices;
const run = reviewed;

beforeAll(async () => {
  test = await reviewedServices();
});
afterAll(() => test.close());

const idOf = async (where: string): Promise<number> =>
  (
    await test.query<{ id: number }>(
      `select staged_id::float8 as id from ${decisions} where run_id = $1 and ${where} order by 1 limit 1`,
      [run],
    )
  )[0]?.id ?? 0;

/** Everything that pages show of counts. */
async function shown() {
  const { sign } = test.services;
  const { run: found, look } = await findLookedAt(sign, run);
  const [part] = look.parts;
  if (part === undefined) throw new Error("It has one kind of things.");
  const listed = { which: "all", limit: 10_000 } as const;
  return {
    groups: await heldGroups(sign, found, look),
    mappings: await Promise.all(
      part.references.map((each) => mappingLines(sign, found, [{ part, reference: each }], listed)),
    ),
  };
}

/** What is kept is what the tables hold, counted row by row. */
async function agrees(): Promise<void> {
  const { sign } = test.services;
  const found = await findRun(sign, run);
  expect(await keptBalance(sign, pinOf(found), run)).toEqual(
    await balance(sign, pinOf(found), run),
  );
  const kept = await shown();
  const [claim] = await test.query<{ claim: string }>(
    "select claim from wavegate.stage_claims where run_id = $1",
    [run],
  );
  // Once a stage began since, nothing of what was kept before it counts.
  await test.query("update wavegate.stage_claims set claim = gen_random_uuid()");
  await test.query("update wavegate.kept_counts set rows = rows + 1000");
  expect(await shown()).toEqual(kept);
  await test.query("update wavegate.kept_counts set rows = rows - 1000");
  await test.query("update wavegate.stage_claims set claim = $1 where run_id = $2", [
    claim?.claim,
    run,
  ]);
  const held = await test.query<{ reason: string; rows: number }>(
    `select coalesce(state_reason, planned_reason) as reason, count(*)::int as rows from ${decisions}
      where run_id = $1 and import_state = 'held' group by 1`,
    [run],
  );
  expect(Object.fromEntries(kept.groups.map(({ reason, rows }) => [reason, rows]))).toEqual(
    Object.fromEntries(held.map(({ reason, rows }) => [reason, rows])),
  );
}

const decide = (decision: Parameters<typeof keepDecision>[2]) =>
  keepDecision(test.services, "approver", decision);

/** The services, with every statement that the pages send noted. */
function noting(noted: Sql[]): TestServices["services"] {
  const note = (statement: Sql) => {
    noted.push(statement);
    return statement;
  };
  const over = (db: Database): Database => ({
    rows: (statement) => db.rows(note(statement)),
    one: (statement) => db.one(note(statement)),
    execute: (statement) => db.execute(statement),
    transaction: (work, mode) => db.transaction((transaction) => work(over(transaction)), mode),
  });
  return {
    ...test.services,
    sign: over(test.services.sign),
    workflow: {
      ...test.services.workflow,
      underWay: async () => [],
      steps: async () => [],
    },
  };
}

interface Node {
  readonly "Relation Name"?: string;
  readonly "Actual Rows"?: number;
  readonly "Actual Loops"?: number;
  readonly "Rows Removed by Filter"?: number;
  readonly "Rows Removed by Index Recheck"?: number;
  readonly Plans?: readonly Node[];
}

/** Staged rows, and people of the platform, that a plan looked at. */
const looked = (node: Node): number =>
  (/^(?:legacy_student_imports_|match_people$)/u.test(node["Relation Name"] ?? "")
    ? ((node["Actual Rows"] ?? 0) +
        (node["Rows Removed by Filter"] ?? 0) +
        (node["Rows Removed by Index Recheck"] ?? 0)) *
      (node["Actual Loops"] ?? 1)
    : 0) + (node.Plans ?? []).reduce((all, each) => all + looked(each), 0);

/** How many staged rows a statement looks at where reading a table through is no way. */
async function looksAt(statement: Sql): Promise<number> {
  const { sql, parameters } = render(statement);
  if (!/^\s*(?:select|with)\b/iu.test(sql)) return 0;
  const text = parameters.reduceRight(
    (written, { name, value }) =>
      written.replaceAll(
        `:${name}`,
        value?.isNull
          ? "null"
          : value?.stringValue === undefined
            ? String(value?.longValue ?? value?.booleanValue)
            : `'${value.stringValue.replaceAll("'", "''")}'`,
      ),
    sql,
  );
  const [{ "QUERY PLAN": plans } = { "QUERY PLAN": [] }] = await test.query<{
    "QUERY PLAN": { Plan: Node }[];
  }>(`explain (analyze, format json) ${text}`);
  return plans.reduce((all, { Plan }) => all + looked(Plan), 0);
}

describe("W11 B4 R8 what pages count is kept as it changes, and is what the tables hold", () => {
  it("no page that a person opens looks at more rows than it shows, but filters of what is not rare", async () => {
    await test.query(
      "analyze wavegate.legacy_student_imports_source, wavegate.legacy_student_imports_decisions, wavegate.duplicate_hints, wavegate.match_people, wavegate.row_tallies, wavegate.kept_counts",
    );
    const noted: Sql[] = [];
    const pages = createConsole({ services: noting(noted), key: Buffer.alloc(32, 7) });
    const { reference } = await findRun(test.services.sign, run);
    const base = `/admin/legacy-imports/runs/${reference}`;
    const row = await idOf("import_state = 'held'");
    // One that is held against people of the platform.
    const alike = await idOf("duplicate_confidence = 'high'");
    const most: Record<string, number> = {};
    await test.query("set enable_seqscan = off");
    for (const path of [
      "/admin/legacy-imports",
      base,
      ...[
        "rows",
        "rows?import_state=held",
        "rows?reason=session_not_confirmed",
        `rows/${row}`,
        `rows/${alike}`,
      ],
      ...["held", "mappings", "mappings/course", "mappings/session?all", "questions", "audit"],
    ].map((each) => (each.startsWith("/") ? each : `${base}/${each}`))) {
      noted.splice(0);
      const [rawPath = "", rawQueryString = ""] = path.split("?");
      const { statusCode } = await pages({
        rawPath,
        rawQueryString,
        headers: {},
        requestContext: {
          http: { method: "GET" },
          authorizer: { jwt: { claims: { "cognito:username": "approver" } } },
        },
      });
      expect([path, statusCode]).toEqual([path, 200]);
      let rows = 0;
      for (const statement of noted) rows += await looksAt(statement);
      most[path.replace(base, "").replace(String(row), "id")] = rows;
    }
    await test.query("reset enable_seqscan");
    expect(Object.entries(most).filter(([, rows]) => rows > 300)).toEqual([]);
  });

  it("after a dry run, holds, releases and a decision about a mapping", async () => {
    await agrees();
    const open = await idOf("planned = 'commit' and import_state = 'pending'");
    const held = await idOf("planned = 'hold' and import_state = 'held'");
    for (const row of [open, held]) {
      await decide({ decide: "hold", run, row, reason: "Who is it?" });
      await agrees();
    }
    await decide({ decide: "release", run, row: open, reason: "It is known." });
    await agrees();
    // Nobody knows it anyway: no condition stops the run for it.
    const [unknown] = await test.query<{ id: number }>(
      "select legacy_formation_id::float8 as id from wavegate.legacy_course_mappings where status = 'unmapped' order by 1 limit 1",
    );
    await decide({
      decide: "mappings",
      run,
      reference: "course",
      decisions: [{ id: unknown?.id ?? 0, reject: true }],
    });
    await agrees();
    await judgeAll(test, run);
    await agrees();
  });

  it("after a wave, its rollback, and whatever is written past the stages", async () => {
    await approve(test, run, "first_wave");
    await runWave(test, run, 1);
    await agrees();
    expect(await idOf("import_state = 'committed'")).toBeGreaterThan(0);
    await takeWaveBack(test.services, await findRun(test.services.stage, run), 1);
    await agrees();
    expect(await idOf("import_state = 'rolled_back'")).toBeGreaterThan(0);
    await test.query(
      `update ${decisions} set import_state = 'failed', planned_reason = 'x' where staged_id % 7 = 0`,
    );
    await test.query(`delete from ${decisions} where staged_id % 11 = 0`);
    await test.query("delete from wavegate.legacy_student_imports_source where id % 13 = 0");
    const found = await findRun(test.services.stage, run);
    expect(await keptBalance(test.services.sign, pinOf(found), run)).toEqual(
      await balance(test.services.sign, pinOf(found), run),
    );
    await test.query(`truncate ${decisions}`);
    expect(await keptBalance(test.services.sign, pinOf(found), run)).toEqual(
      await balance(test.services.sign, pinOf(found), run),
    );
  });
});
