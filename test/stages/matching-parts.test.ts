import { afterEach, beforeEach, expect, it } from "vitest";
import { matchRounds } from "../../lib/compile/match/match.ts";
import { raw, sql } from "../../lib/data/sql.ts";
import { classify } from "../../lib/stages/classify.ts";
import { comparedOf, comparing, match } from "../../lib/stages/match.ts";
import { validate } from "../../lib/stages/validate.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import { importedServices, reviewed, type TestServices } from "../support/services.ts";
import { refusal } from "../support/steps.ts";

let test: TestServices;
const run = reviewed;

beforeEach(async () => {
  test = await importedServices();
});
afterEach(() => test.close());

const hints = async () => [
  ...(await test.query(
    "select staged_id, level, rule, target_table, target_id, hits from wavegate.duplicate_hints order by 1, 3, 4, 5",
  )),
  ...(await test.query(
    "select staged_id, level, rule, first_id, hits, later from wavegate.source_hints order by 1, 3, 4",
  )),
];

/** How numbers are dialled there: 0559446168 is 213559446168. */
const algeria = { code: "213", prefix: "0", lengths: [8, 9] };

it("M7 W3 matching in parts, as large sources are, finds what it finds in one", async () => {
  await validate(test.services, run);
  await classify(test.services, run);
  await match(test.services, run);
  const whole = await hints();
  // So many pairs that names are signed, which the sample's are not.
  const parts = matchRounds(
    ecoin,
    run,
    { rows: 900, pairs: 95_000, undated: 500, common: 0 },
    algeria,
    {
      rows: 130,
      pairs: 10_000,
      undated: 80,
    },
  );

  const names = parts.flat().map(({ name }) => name);
  expect(names).toContain("name within one edit, part 7 of 7");
  expect(names).toContain("similar names, part 10 of 10");
  // Each done again as well, as where only the answer was lost: what is written stays.
  for (const { statements, again } of parts.flat()) {
    for (const statement of [...statements, ...again]) {
      await test.services.stage.execute(statement);
    }
  }

  expect(whole.length).toBeGreaterThan(50);
  expect(new Set(whole.map(({ rule }) => rule)).size).toBeGreaterThan(5);
  expect(await hints()).toEqual(whole);
});

it("M7 W3 of kinds of contacts that are found one after the other, each alone, a row's hints are those found in one", async () => {
  // Everybody shares a phone and an address with somebody: what one kind finds the other finds too.
  const contacts = "phone_normalized, email_candidate";
  await test.query(`
    update wavegate.legacy_student_imports_source s set (${contacts}) = (select ${contacts} from wavegate.legacy_student_imports_source o
        where o.run_id = s.run_id and o.phone_normalized is not null and o.email_candidate is not null order by abs(o.id - s.id), o.id limit 1)
     where s.id % 2 = 0 and s.run_id = '${run}'`);
  await validate(test.services, run);
  await classify(test.services, run);
  await match(test.services, run);
  const whole = await hints();

  const rounds = matchRounds(
    ecoin,
    run,
    { rows: 900, pairs: 2_669, undated: 500, common: 0 },
    algeria,
    { rows: 450, pairs: 10_000, undated: 1_000 },
  );
  const steps = rounds.find((of) => of.some(({ name }) => name === "same email")) ?? [];
  expect(steps.filter(({ behind }) => behind).map(({ name, behind }) => [name, behind])).toEqual([
    ["same email", "same phone"],
  ]);
  const places = steps.map(({ name }) => name);
  expect(places.indexOf("same phone")).toBeLessThan(places.indexOf("same email"));
  for (const { statements } of rounds.flat()) {
    for (const statement of statements) await test.services.stage.execute(statement);
  }

  expect(whole.filter(({ rule }) => rule === "same_contact").length).toBeGreaterThan(100);
  expect(await hints()).toEqual(whole);
});

it("M7 D7 of names that begin alike each is found that its trigrams say is similar, however close to the bound", async () => {
  // Words that differ in some letters, in one script and another, all of one birth date: hundreds of pairs at the bound.
  await test.query(`
    update wavegate.legacy_student_imports_source s set birth_date = '1990-03-01', findings = null, name_folded = made.name, name_key = made.name
      from (select id, 'benali ' || words[1 + id * 7 % 12] || ' ' || words[1 + id * 5 / 3 % 12] || translate(left(md5(id::text), 2), '0123456789', 'klmnoprstu') as name
              from (select id, array['amine', 'amina', 'yamina', 'yasmine', 'abderrahmane', 'abderrahim', 'lamia', 'زينب', 'زينة', 'rania', 'o', 'amel'] as words
                      from wavegate.legacy_student_imports_source) made) made
     where s.id = made.id and s.run_id = '${run}'`);
  const ids = `select id, name_key from wavegate.legacy_student_imports_source where run_id = '${run}' order by id limit 400`;
  await test.query(
    `update wavegate.legacy_student_imports_source set birth_date = null where run_id = '${run}' and id not in (select id from (${ids}) f)`,
  );
  const rule = `run_id = '${run}' and rule = 'similar_name_same_birth_date'`;
  const pairs = `(${ids}) earlier join (${ids}) later on earlier.id < later.id and earlier.name_key <> later.name_key`;
  const [usual, unsigned, signed] = [ecoin.entity.match.similarity, 1, 1_000_000];
  for (const [similarity, many] of [
    [usual, unsigned],
    [usual, signed],
    [0.8, signed],
  ] as const) {
    const match = { ...ecoin.entity.match, similarity };
    const migration = { ...ecoin, entity: { ...ecoin.entity, match } };
    const [near] = await test.query<{ pairs: number }>(
      `select count(*)::int as pairs from ${pairs} where abs(similarity(earlier.name_key, later.name_key) - ${similarity}) < 0.001`,
    );
    expect(near?.pairs).toBeGreaterThan(20);
    await test.query(`delete from wavegate.source_hints where ${rule}`);

    const steps = matchRounds(
      migration,
      run,
      { rows: 900, pairs: many, undated: 500, common: 0 },
      algeria,
    ).flat();
    for (const { statements } of steps.filter(({ name }) => name === "similar names")) {
      for (const statement of statements) await test.services.stage.execute(statement);
    }

    expect(
      await test.query(
        `select staged_id, first_id, hits from wavegate.source_hints where ${rule} order by 1`,
      ),
    ).toEqual(
      await test.query(
        `select later.id as staged_id, min(earlier.id) as first_id, count(*) + 1 as hits from ${pairs}
          where similarity(earlier.name_key, later.name_key) >= ${similarity} group by 1 order by 1`,
      ),
    );
  }
});

it("M7 W3 a million rows of whom many were born on one day are compared in parts, a sample is not", () => {
  const million = matchRounds(
    ecoin,
    run,
    { rows: 1_000_000, pairs: 57_000_000, undated: 76_000, common: 0 },
    algeria,
  ).flat();
  const names = million.map(({ name }) => name);
  expect(names).toContain("similar names, part 3 of 3");
  const three = matchRounds(
    ecoin,
    run,
    { rows: 3_000_000, pairs: 0, undated: 0, common: 0 },
    algeria,
  ).flat();
  expect(three.map(({ name }) => name)).toContain("same phone, part 3 of 3");
  // Of few rows without a birth date all people are looked at once; of many, again and again.
  const undated = (many: number) =>
    matchRounds(ecoin, run, { rows: 1_000_000, pairs: 0, undated: many, common: 0 }, algeria)
      .flat()
      .filter(({ name }) => /^name within one edit(?:, part|$)/.test(name)).length;
  expect([undated(76_000), undated(1_025_000)]).toEqual([1, 7]);
  const few = matchRounds(
    ecoin,
    run,
    { rows: 900, pairs: 2_669, undated: 500, common: 0 },
    algeria,
  ).flat();
  // Nor are a sample's names signed, which costs more than its pairs.
  const similar = [million, few].map((steps) =>
    JSON.stringify(steps.find(({ name }) => name.startsWith("similar names"))?.statements),
  );
  expect(similar.map((statement) => statement.includes("bit_count"))).toEqual([true, false]);
  expect(few.filter(({ name }) => name.includes("part"))).toEqual([]);
});

it("M7 W3 pairs that are compared grow with those who were born on one day: in parts long before rows would be", async () => {
  const one = await comparedOf(test.services.stage, ecoin, run);

  // Everybody on one of two days: many times as many pairs of as many rows.
  await test.query(
    "update wavegate.legacy_student_imports_source set birth_date = date '1990-03-01' + (id % 2)::int",
  );

  const source = `(select count(*) from wavegate.legacy_student_imports_source where run_id = '${run}')`;
  const people = ecoin.entity.match.against.map(({ table }) => `(select count(*) from ${table})`);
  const [counted] = await test.query<{ rows: number; people: number }>(
    `select ${source}::int as rows, (${people.join(" + ")})::int as people`,
  );
  const { rows = 0, people: others = 0 } = counted ?? {};
  const crowded = await comparedOf(test.services.stage, ecoin, run);
  expect(crowded.pairs).toBeGreaterThan(10 * one.pairs);
  expect(crowded.rows).toBe(Math.max(rows, others));
  expect(crowded.undated).toBe(Math.ceil(others / 20));
  // Half of the square of each half, and each half with its half of the people.
  const inSource = (rows / 2) ** 2;
  const withPeople = (rows / 2) * others;
  expect(crowded.pairs / (inSource + withPeople)).toBeCloseTo(1, 1);
});

it("M7 D7 a name whose word begins otherwise, and so has another place in the order, is found on the platform", async () => {
  const [row] = await test.query<{ id: number }>(
    "select min(id) as id from wavegate.legacy_student_imports_source where run_id = $1",
    [run],
  );
  await test.query(
    `update wavegate.legacy_student_imports_source set birth_date = '1991-07-09', findings = null,
            name_folded = 'adel ait ali', name_key = 'adel ait ali' where id = $1 and run_id = $2`,
    [row?.id, run],
  );
  await test.query(
    `insert into wavegate.match_people (run_id, target_table, target_id, name_folded, name_key, birth_date)
     values ($1, 'users', 9001, 'adel ait aalie', 'aalie adel ait', '1991-07-09')`,
    [run],
  );
  for (const pairs of [1, 1_000_000]) {
    await test.query("delete from wavegate.duplicate_hints where run_id = $1", [run]);
    const steps = matchRounds(
      ecoin,
      run,
      { rows: 900, pairs, undated: 0, common: 0 },
      algeria,
    ).flat();
    for (const { statements } of steps.filter(({ name }) => name === "similar names")) {
      for (const statement of statements) await test.services.stage.execute(statement);
    }
    expect(
      await test.query(
        "select staged_id, target_id from wavegate.duplicate_hints where target_id = 9001 and run_id = $1",
        [run],
      ),
    ).toEqual([{ staged_id: row?.id, target_id: expect.anything() }]);
    await test.query("delete from wavegate.source_hints where run_id = $1", [run]);
  }
});

it("M7 D7 W3 of one birth date that a whole table has, names that most carry are left out and reported, others compared", async () => {
  const many = "row_number() over (order by id) as place";
  await test.query(`
    update wavegate.legacy_student_imports_source s set birth_date = '2000-01-01', findings = null, name_folded = made.name, name_key = made.name
      from (select id, case when place > 8 then 'test test' when place > 6 then 'test tests' else 'amina ' || left('benhaddouche', 6 + place::int) end as name
              from (select id, ${many} from wavegate.legacy_student_imports_source where run_id = '${run}') placed) made
     where s.id = made.id and s.run_id = '${run}'`);
  const { common: all } = await comparedOf(test.services.stage, ecoin, run);
  expect(all).toBeGreaterThan(2_000);
  for (const common of [0, all]) {
    const most = { rows: 1_000, pairs: 4 * 1_000, undated: 1_000 };
    const steps = matchRounds(
      ecoin,
      run,
      { rows: 900, pairs: 1, undated: 0, common },
      algeria,
      most,
    ).flat();
    for (const { statements, again } of steps.filter(({ name }) => name === "similar names")) {
      for (const statement of [...statements, ...again]) {
        await test.services.stage.execute(statement);
      }
    }
    const [first] = await test.query<{ id: number; rows: number }>(
      "select min(id) as id, count(*)::int as rows from wavegate.legacy_student_imports_source where run_id = $1",
      [run],
    );
    const hinted = await test.query(
      "delete from wavegate.source_hints where run_id = $1 and rule = 'similar_name_same_birth_date' returning first_id, hits",
      [run],
    );
    expect(hinted).toHaveLength(5);
    expect(hinted[0]).toEqual({ first_id: first?.id, hits: expect.anything() });
    expect(
      await test.query(
        "delete from wavegate.capped_groups where run_id = $1 and scope = 'part 1' returning rule, groups::int, rows::int",
        [run],
      ),
    ).toEqual([
      { rule: "common_birth_date", groups: 1, rows: first?.rows },
      { rule: "similar_name_of_common_birth_date", groups: 1, rows: Number(first?.rows) - 6 },
    ]);
  }
});

it("M7 D7 W3 of rows that all have one name each is told of all of that name on the platform, without being held against each", async () => {
  await test.query(
    "update wavegate.legacy_student_imports_source set birth_date = null, name_folded = 'sara benali', name_key = 'benali sara' where run_id = $1",
    [run],
  );
  await test.query(
    `insert into wavegate.match_people (run_id, target_table, target_id, name_folded, name_key, birth_date)
     select $1, 'users', 9000 + n, (array['sara benali', 'benali sara', 'sara benalii'])[1 + n % 3], 'benali sara', null
       from generate_series(1, 150) n`,
    [run],
  );
  const steps = matchRounds(
    ecoin,
    run,
    { rows: 900, pairs: 1, undated: 0, common: 0 },
    algeria,
  ).flat();
  const [step] = steps.filter(({ name }) => name === "name within one edit");
  await test.services.stage.transaction(async (transaction) => {
    const plan = await transaction.rows<{ "QUERY PLAN": readonly { readonly Plan: Plan }[] }>(
      sql`explain (analyze, format json) ${step?.statements[0] ?? sql``}`,
    );
    const most = (part: Plan): number =>
      Math.max(part["Actual Rows"] ?? 0, ...(part.Plans ?? []).map(most));
    // As many rows as there are, and some blocks of names: not each with each, which were 150 times as many.
    expect(most(plan[0]?.["QUERY PLAN"][0]?.Plan as Plan)).toBeLessThan(5_000);
  });
  const [counted] = await test.query<{ rows: number }>(
    "select count(*)::int as rows from wavegate.legacy_student_imports_source where run_id = $1",
    [run],
  );
  expect(
    await test.query(
      `select min(target_id)::int as first, max(hits)::int as most, min(hits)::int as least, count(*)::int as rows from wavegate.duplicate_hints
        where run_id = $1 and rule = 'name_within_one_edit' and target_table = 'users'`,
      [run],
    ),
  ).toEqual([{ first: 9001, most: 150, least: 150, rows: counted?.rows }]);
});

interface Plan {
  readonly "Actual Rows"?: number;
  readonly "Node Type": string;
  readonly "Parent Relationship"?: string;
  readonly Plans?: readonly Plan[];
}

/** The parts of a plan that read something row by row anew for each row of something else, which each reads whole. */
function eachWithEach(plan: Plan): string[] {
  const reads = (part: Plan): boolean =>
    /^(?:CTE|Seq) Scan$/.test(part["Node Type"]) || joined(part).some(reads);
  // What a condition looks at is read once.
  const joined = (part: Plan) =>
    (part.Plans ?? []).filter((each) => !/Plan$/.test(each["Parent Relationship"] ?? ""));
  const inner = plan.Plans?.filter((part) => part["Parent Relationship"] === "Inner") ?? [];
  const own =
    plan["Node Type"] === "Nested Loop" && inner.some(reads) ? [JSON.stringify(plan)] : [];
  return [...own, ...(plan.Plans ?? []).flatMap(eachWithEach)];
}

it.each([
  ["counted", "select 1"],
  [
    "counted while there was nobody",
    "delete from pg_statistic where starelid in (select oid from pg_class where relname in ('match_people', 'legacy_student_imports_source'))",
  ],
  [
    "counted when there were other runs alone",
    `
    alter table wavegate.legacy_student_imports_source disable trigger all;
    update wavegate.legacy_student_imports_source set run_id = gen_random_uuid();
    update wavegate.match_people set run_id = gen_random_uuid();
    analyze wavegate.legacy_student_imports_source;
    analyze wavegate.match_people`,
  ],
])("M7 W13 nothing is compared each with each, rows and people %s", async (_, counted) => {
  await validate(test.services, run);
  await classify(test.services, run);
  await match(test.services, run);
  for (const statement of counted.split(";")) await test.query(statement);
  for (const [rows, pairs] of [
    [900, 1],
    [900, 1_000_000],
    [600_000, 1],
  ] as const) {
    const steps = matchRounds(ecoin, run, { rows, pairs, undated: 500, common: 0 }, algeria).flat();
    for (const { name, statements } of steps.filter(({ name }) =>
      /^(?:similar|same|name )/.test(name),
    )) {
      for (const statement of statements) {
        const plan = await test.services.stage.transaction(async (transaction) => {
          await transaction.rows(raw(`select ${comparing}`));
          return transaction.rows<{ "QUERY PLAN": readonly { readonly Plan: Plan }[] }>(
            sql`explain (format json) ${statement}`,
          );
        });
        const [whole] = plan[0]?.["QUERY PLAN"] ?? [];
        expect([name, whole && eachWithEach(whole.Plan)]).toEqual([name, []]);
      }
    }
  }
});

it("M7 W10 a matching that another one overtook does not end the stage, and one done again takes back what it does not find", async () => {
  await validate(test.services, run);
  await classify(test.services, run);
  // The other one begins, as its claim says, while this one is among its comparisons.
  const stage: typeof test.services.stage = {
    ...test.services.stage,
    transaction: async (work, mode) => {
      await test.query(
        "update wavegate.stage_claims set claim = gen_random_uuid() where run_id = $1",
        [run],
      );
      return test.services.stage.transaction(work, mode);
    },
  };

  expect(await refusal(match({ ...test.services, stage }, run))).toBe("StageOvertaken");

  const stageOf = "select stage from wavegate.legacy_import_runs where id = $1";
  expect(await test.query(stageOf, [run])).toEqual([{ stage: "classify" }]);
  await match(test.services, run);
  expect(await test.query(stageOf, [run])).toEqual([{ stage: "match" }]);

  // What an earlier matching noted is taken back where nothing is found any more.
  const notes = "duplicate_confidence, high_hits, link_table, link_id, source_duplicate_confidence";
  const before = await test.query(
    `select staged_id, ${notes} from wavegate.legacy_student_imports_decisions where run_id = $1 order by 1`,
    [run],
  );
  const none = before.find(
    (row) => row.duplicate_confidence === "none" && row.source_duplicate_confidence === "none",
  );
  await test.query(
    `update wavegate.legacy_student_imports_decisions set duplicate_confidence = 'high', high_hits = 'one',
            link_table = 'users', link_id = 1 where run_id = $1 and staged_id = $2`,
    [run, none?.staged_id],
  );
  await match(test.services, run);
  expect(
    await test.query(
      `select staged_id, ${notes} from wavegate.legacy_student_imports_decisions where run_id = $1 order by 1`,
      [run],
    ),
  ).toEqual(before);
});
