import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ledgerCheck } from "../../lib/compile/wave/created-rows.ts";
import { raw } from "../../lib/data/sql.ts";
import { listRuns } from "../../lib/review/steer/run-list.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { reviewed, reviewedServices, roles, type TestServices } from "../support/services.ts";
import { approve, runWave } from "../support/steps.ts";

let test: TestServices;
const run = reviewed;

beforeAll(async () => {
  test = await reviewedServices();
  await approve(test, run, "first_wave");
  await runWave(test, run, 1);
});
afterAll(() => test.close());

const commit = () => test.services.commitOf("ecoin");

/** An entry of the ledger that names a row as if the run had created it. */
const forged = (table: string, id: string, staged = 1) =>
  raw(`
  insert into wavegate.legacy_import_commit_logs
    (run_id, wave, round, staged_id, action, target_table, target_id, after_image)
  select '${run}', 1, 77, ${staged}, 'commit', '${table}', t.id, to_jsonb(t) from ${table} t where ${id}`);

const platforms = async () =>
  test.query<{ n: number }>("select count(*)::int as n from crm_leads where source <> 'legacy'");

describe("D19 M12 an entry of the ledger names only a row that this very transaction created", () => {
  it.each([
    ["leads of the platform's, one", forged("crm_leads", "t.id = (select min(id) from crm_leads)")],
    [
      "of a row that its own earlier transaction wrote",
      forged("legacy_completed_trainings", "true limit 1"),
    ],
    ["of a table that it writes nothing of", forged("users", "t.id = 1")],
  ])("an entry that names %s is refused", async (_what, statement) => {
    const before = await platforms();
    await expect(commit().execute(statement)).rejects.toThrow(/SQLState: 23000/);
    expect(await platforms()).toEqual(before);
  });

  it("an entry beside one that is true is refused with it", async () => {
    const attempt = commit().transaction(async (db) => {
      await db.execute(
        raw("insert into crm_leads (full_name, source) values ('Made here', 'legacy')"),
      );
      await db.execute(forged("crm_leads", "t.full_name = 'Made here'", 1));
      await db.execute(forged("crm_leads", "t.source <> 'legacy' limit 1", 2));
    });
    await expect(attempt).rejects.toThrow(/SQLState: 23000/);
    expect(await test.query("select from crm_leads where full_name = 'Made here'")).toEqual([]);
  });
});

describe("D19 M12 nothing stays in the ledger under which a later row of the platform's could be deleted", () => {
  const lead = (id: string) =>
    `insert into crm_leads (id, full_name, source) overriding system value values (${id}, 'Made here', 'legacy')`;
  const next = "nextval(pg_get_serial_sequence('crm_leads', 'id'))";
  const last = "pg_sequence_last_value(pg_get_serial_sequence('crm_leads', 'id')::regclass)";
  /** An entry for each row that it made, and each staged row that is named. */
  const entry = (staged: number, round = 77, more = staged) => `
    insert into wavegate.legacy_import_commit_logs
      (run_id, wave, round, staged_id, action, target_table, target_id, after_image)
    select '${run}', 1, ${round} + (row_number() over ())::int, n, 'commit', 'crm_leads', t.id, to_jsonb(t)
      from crm_leads t, generate_series(${staged}, ${more}) n where t.full_name = 'Made here'`;
  const training = `insert into legacy_completed_trainings
    (legacy_import_run_id, source_table, legacy_id, full_name, classification)
    values ('${run}', 'made', 1, 'Made here', 'completed')`;
  const trained = (staged: number) =>
    entry(staged).replaceAll("crm_leads", "legacy_completed_trainings");
  const locks = `insert into wavegate.commit_locks (migration, run_id) values ('ecoin', '${run}')
    on conflict (migration) do update set taken_at = now()`;
  const attempt = (...statements: string[]) =>
    commit().transaction(async (db) => {
      for (const statement of statements) await db.execute(raw(statement));
      throw new Error("nothing refused it");
    });

  it("W4 entries of thousands of rows read no table for each, in a session that knew it with a few", async () => {
    const many = (first: number, last: number) => `
      with made as (
        insert into legacy_completed_trainings (legacy_import_run_id, source_table, legacy_id, full_name, classification)
        select '${run}', 'made', n, 'Made here', 'completed' from generate_series(${first}, ${last}) n returning *)
      insert into wavegate.legacy_import_commit_logs
        (run_id, wave, round, staged_id, action, target_table, target_id, after_image)
      select '${run}', 1, 78, legacy_id, 'commit', 'legacy_completed_trainings', id, to_jsonb(made) from made`;
    let read = -1;
    const written = commit().transaction(async (db) => {
      for (const statement of [locks, many(1, 1), many(2, 3_000)]) await db.execute(raw(statement));
      const looked = "pg_stat_get_xact_tuples_returned('legacy_completed_trainings'::regclass)";
      ({ read } = await db.one<{ read: number }>(raw(`select ${looked} as read`)));
      throw new Error("nothing refused it");
    });
    await expect(written).rejects.toThrow("nothing refused it");
    expect(read).toBeLessThan(30_000);
  });

  it("a row that it made under an id from the sequence, entered once and under the lock, is", async () => {
    await expect(attempt(locks, lead(next), entry(1))).rejects.toThrow("nothing refused it");
    await expect(attempt(locks, lead(last), entry(1))).rejects.toThrow("nothing refused it");
  });

  it("W10 entries are noted at the run's own lock, and at no other migration's", async () => {
    await test.query("insert into wavegate.commit_locks (migration) values ('another')");
    let noted: unknown;
    const written = commit().transaction(async (db) => {
      for (const statement of [locks, lead(next), entry(1)]) await db.execute(raw(statement));
      noted = await db.rows(
        raw(
          "select migration, entered_by is not null as noted from wavegate.commit_locks order by 1",
        ),
      );
      throw new Error("nothing refused it");
    });
    await expect(written).rejects.toThrow("nothing refused it");
    expect(noted).toEqual([
      { migration: "another", noted: false },
      { migration: "ecoin", noted: true },
    ]);
    await test.query("delete from wavegate.commit_locks where migration = 'another'");
  });

  it("D43 whatever became of the tables of another migration", async () => {
    const place = "public.given_up";
    for (const statement of ledgerCheck({ name: "another" }, [
      { table: "given_up", id: "id", place },
    ]))
      await test.query(statement);
    await expect(attempt(locks, lead(next), entry(1))).rejects.toThrow("nothing refused it");
    await test.query("drop function wavegate.check_created_another() cascade");
  });

  it("B5 rows of one table may be entered one after the other, each once", async () => {
    const second = [
      lead(next).replace("Made here", "Another"),
      entry(2).replace("Made here", "Another"),
    ];
    await expect(attempt(locks, lead(next), entry(1), ...second)).rejects.toThrow(
      "nothing refused it",
    );
  });

  it.each([
    [
      "a row of another wave in one transaction",
      [
        locks,
        lead(next),
        entry(1),
        lead(next).replace("Made here", "Another"),
        entry(2).replace("Made here", "Another").replace("', 1,", "', 2,"),
      ],
    ],
    ["the very next id of the platform's", [locks, lead(`${last} + 1`), entry(1)]],
    ["one far ahead", [locks, lead("900000000000"), entry(1)]],
    ["one ahead, beside one that was given out", [locks, lead(next), lead("900000"), entry(1)]],
    ["a row that is entered twice at once", [locks, lead(next), entry(1, 77, 2)]],
    ["a row that is entered twice, for two staged rows", [locks, lead(next), entry(1), entry(2)]],
    ["a row that is entered twice, in two rounds", [locks, lead(next), entry(1), entry(1, 78)]],
    [
      "a row that is entered twice, the lock taken again between",
      [locks, lead(next), entry(1), locks, entry(2)],
    ],
    [
      "a row that is entered twice, behind one of another table",
      [locks, lead(next), entry(1), training, trained(2), trained(3)],
    ],
    [
      "a row that is entered twice, once within a savepoint",
      [locks, lead(next), "savepoint a", entry(1), "release savepoint a", entry(2)],
    ],
    [
      "a row that is made within a savepoint",
      [locks, "savepoint a", lead(next), "release savepoint a", entry(1)],
    ],
  ])("%s is refused", async (_what, statements) => {
    await expect(attempt(...statements)).rejects.toThrow(/SQLState: 23000/);
  });

  it("W10 the lock is taken from no run that holds it, and the role that writes gives none back", async () => {
    const held = "select run_id from wavegate.commit_locks";
    const before = await test.query(held);
    for (const to of ["null", "gen_random_uuid()"])
      await expect(attempt(`update wavegate.commit_locks set run_id = ${to}`)).rejects.toThrow(
        /SQLState: 23000/,
      );
    await expect(
      test.services.stage.execute(
        raw("update wavegate.commit_locks set run_id = gen_random_uuid()"),
      ),
    ).rejects.toThrow(/SQLState: 23000/);
    expect(before).toEqual([{ run_id: run }]);
    expect(await test.query(held)).toEqual(before);
  });

  it("W10 without the lock nothing is entered", async () => {
    await test.query("delete from wavegate.commit_locks");
    await expect(attempt(lead(next), entry(1))).rejects.toThrow(/SQLState: 23000/);
  });
});

describe("D43 M12 the commit role of one migration writes nothing for runs of another one", () => {
  const of = `where run_id = '${run}'`;

  // Files are copied by waves of other migrations, whose roles may note it.
  const copies = `select, insert, update on wavegate.file_copies`;
  beforeAll(() =>
    test.query(`update wavegate.legacy_import_runs set migration = 'other' where id = '${run}';
                insert into wavegate.file_copies (run_id, staged_id, object_key, state) values ('${run}', 1, 'k', 'copied');
                grant ${copies} to "${roles.commit("ecoin")}"`),
  );
  afterAll(() =>
    test.query(`update wavegate.legacy_import_runs set migration = 'ecoin' where id = '${run}';
                delete from wavegate.file_copies; revoke ${copies} from "${roles.commit("ecoin")}"`),
  );

  it.each([
    [
      "closes entries",
      `update wavegate.legacy_import_commit_logs set rolled_back_at = now() ${of}`,
    ],
    [
      "closes one",
      `update wavegate.legacy_import_commit_logs set rolled_back_at = now() ${of} and id = (select min(id) from wavegate.legacy_import_commit_logs ${of})`,
    ],
    ["notes a conflict", `update wavegate.legacy_import_commit_logs set conflict = '{}' ${of}`],
    [
      "enters a link",
      `insert into wavegate.legacy_import_commit_logs (run_id, wave, round, staged_id, action, target_table, target_id) values ('${run}', 1, 9, 1, 'link', 'users', 1)`,
    ],
    [
      "enters for a run that is none",
      "insert into wavegate.legacy_import_commit_logs (run_id, wave, round, staged_id, action) values (gen_random_uuid(), 1, 9, 1, 'skip')",
    ],
    ["calls a wave taken back", `update wavegate.waves set status = 'rolled_back' ${of}`],
    [
      "notes a wave",
      `insert into wavegate.waves (run_id, wave, size, status, digest) values ('${run}', 2, 1, 'committed', 'x')`,
    ],
    ["has a copied file taken away", `update wavegate.file_copies set state = 'removing' ${of}`],
    [
      "notes a copy",
      `insert into wavegate.file_copies (run_id, staged_id, object_key, state) values ('${run}', 2, 'theirs', 'removing')`,
    ],
    [
      "takes the lock",
      `insert into wavegate.commit_locks (migration, run_id) values ('other', '${run}')`,
    ],
    [
      "takes its own lock for it",
      `insert into wavegate.commit_locks (migration, run_id) values ('ecoin', '${run}')`,
    ],
    [
      "touches the run",
      `update wavegate.legacy_import_runs set updated_at = now() where id = '${run}'`,
    ],
    [
      "tells of it in the log",
      `select wavegate.append_audit('${run}', 'wavegate', 'rollback', null, '{}', '2026-11-20T10:00:00.000Z')`,
    ],
  ])("%s: refused", async (_what, statement) => {
    const seen = () =>
      test.query(
        "select (select jsonb_agg(to_jsonb(l) order by l.id) from wavegate.legacy_import_commit_logs l) as ledger, (select jsonb_agg(to_jsonb(w)) from wavegate.waves w) as waves, (select jsonb_agg(to_jsonb(c)) from wavegate.file_copies c) as copies, (select jsonb_agg(to_jsonb(l)) from wavegate.commit_locks l) as locks, (select count(*) from wavegate.audit_log) as log, (select jsonb_agg(r.updated_at) from wavegate.legacy_import_runs r) as runs",
      );
    const before = await seen();
    await expect(commit().execute(raw(statement))).rejects.toThrow(/SQLState: 23000/);
    expect(await seen()).toEqual(before);
  });
});

it("D43 R5 whatever the commit role of one migration notes of its own waves, all runs are listed", async () => {
  const noted = await test.query<{ counts: object }>(
    "select counts from wavegate.waves where run_id = $1",
    [run],
  );
  const listed = () => listRuns(test.services.sign, {}, 10, new Date());
  const before = await listed();
  expect(before[0]?.rows?.committed).toBeGreaterThan(0);
  for (const counts of [
    '{"committed": "many", "linked": 1.5, "heldBack": -1}',
    '{"committed": 1e300, "linked": [1], "heldBack": {}}',
    '{"committed": 999999999999999999, "linked": true}',
    "[]",
    "7",
    "null",
  ]) {
    await commit().execute(
      raw(
        `update wavegate.waves set counts = '${counts}', committed_at = 'infinity' where run_id = '${run}'`,
      ),
    );
    expect((await listed()).map(({ id }) => id)).toEqual(before.map(({ id }) => id));
  }
  await test.query(
    "update wavegate.waves set counts = $1, committed_at = now() where run_id = $2",
    [JSON.stringify(noted[0]?.counts), run],
  );
});

const deletes =
  "D19 M12 the role that writes deletes only with an entry that this very transaction closes";

describe(deletes, () => {
  const says = /SQLState: 23000/;
  const table = "legacy_completed_trainings";
  const needed = "id, full_name, legacy_import_run_id, source_table, legacy_id, classification";
  const settings = `select set_config('wavegate.run', '${run}', true), set_config('wavegate.wave', '1', true)`;
  const closes = `update wavegate.legacy_import_commit_logs set rolled_back_at = now() where run_id = '${run}' and wave = 1`;
  const own = `delete from ${table} where id in (select target_id from wavegate.legacy_import_commit_logs where run_id = '${run}' and target_table = '${table}')`;
  const platformRow = "(select min(id) from crm_leads where source <> 'legacy')";

  /** In one transaction of the commit role's, which is taken back if nothing refuses it. */
  const tried = (...statements: string[]) =>
    commit().transaction(async (db) => {
      for (const statement of statements) await db.execute(raw(statement));
      throw new Error("nothing refused it");
    });
  const everything = async () => [
    await test.query("select id from crm_leads order by id"),
    await test.query(`select id from ${table} order by id`),
    await test.query(
      "select id, rolled_back_at from wavegate.legacy_import_commit_logs order by id",
    ),
  ];

  let older: string[];
  beforeAll(async () => {
    older = (
      await test.query<{ id: string }>(
        `select id from ${table} where legacy_import_run_id <> '${run}'`,
      )
    ).map(({ id }) => id);
    // None of these is the run's.
    await test.query(
      "insert into crm_leads (full_name, source) select 'Lead ' || n, 'web' from generate_series(1, 150) n",
    );
    await test.query(
      `insert into ${table} (${needed}) values (900000, 'Theirs', gen_random_uuid(), 'elsewhere', 1, 'completed')`,
    );
  });

  it.each([
    ["150 leads of the platform's", ["delete from crm_leads where full_name like 'Lead %'"]],
    ["one of them", [`delete from crm_leads where id = ${platformRow}`]],
    ["by a condition of a join", ["delete from crm_leads c using users u where u.id > 0"]],
    [
      "by merge",
      [
        "merge into crm_leads c using users u on c.full_name like 'Lead %' and u.id = 1 when matched then delete",
      ],
    ],
    [
      "in a common table",
      ["with gone as (delete from crm_leads returning id) select count(*) from gone"],
    ],
    ["when it says which wave", [settings, "delete from crm_leads where full_name like 'Lead %'"]],
    [
      "when it closes a wave",
      [settings, closes, "delete from crm_leads where full_name like 'Lead %'"],
    ],
    ["beside rows of the wave", [settings, closes, `${own} or id = 900000`]],
    [
      "one that it only linked to, whose entry it closes",
      [
        `insert into wavegate.legacy_import_commit_logs (run_id, wave, round, staged_id, action, target_table, target_id)
         values ('${run}', 1, 90, 1, 'link', 'crm_leads', ${platformRow})`,
        settings,
        closes,
        `delete from crm_leads where id = ${platformRow}`,
      ],
    ],
    [
      "one of another table, that has the id of one of its own",
      [
        settings,
        closes,
        `delete from crm_leads where id in (select target_id from wavegate.legacy_import_commit_logs where run_id = '${run}' and target_table = '${table}')`,
      ],
    ],
    [
      "one that it made just now, whose entry stays open",
      [
        `insert into wavegate.commit_locks (migration, run_id) values ('ecoin', '${run}')
           on conflict (migration) do update set taken_at = now()`,
        "insert into crm_leads (full_name, source) values ('Made now', 'legacy')",
        `insert into wavegate.legacy_import_commit_logs
           (run_id, wave, round, staged_id, action, target_table, target_id, after_image)
         select '${run}', 1, 91, 1, 'commit', 'crm_leads', t.id, to_jsonb(t) from crm_leads t where t.full_name = 'Made now'`,
        settings,
        "delete from crm_leads where full_name = 'Made now'",
      ],
    ],
    ["its own, whose entries stay open", [settings, own]],
    ["its own, of a wave it does not name", [closes, own]],
    ["its own, of another wave", [settings.replace("'1'", "'2'"), closes, own]],
    [
      "its own, of a run that is none",
      [settings.replace(run, "7f3a0000-0000-4000-8000-0000000000c5"), closes, own],
    ],
  ])("%s", async (_what, statements) => {
    const before = await everything();
    await expect(tried(...statements)).rejects.toThrow(says);
    expect(await everything()).toEqual(before);
  });

  it("rows of another migration's run", async () => {
    await test.query(
      `update wavegate.legacy_import_runs set migration = 'other' where id = '${run}'`,
    );
    await expect(tried(settings, closes, own)).rejects.toThrow(says);
    await test.query(
      `update wavegate.legacy_import_runs set migration = 'ecoin' where id = '${run}'`,
    );
    await expect(tried(settings, closes, own)).rejects.toThrow("nothing refused it");
  });

  it("a setting that is no run and no wave is refused too", async () => {
    const forged = settings.replace(run, "x' || 'or true");
    await expect(tried(forged, closes, own)).rejects.toThrow(/SQLState: 22P02/);
  });

  it("the platform itself deletes what it likes", async () => {
    expect(
      await test.query("delete from crm_leads where full_name = 'Lead 150' returning 1 as yes"),
    ).toEqual([{ yes: 1 }]);
  });

  it("and the run's own rollback takes back what it wrote", async () => {
    const before = await platforms();
    // Called otherwise since, the key is still the key.
    await test.query(`alter table ${table} rename column id to number`);
    expect((await rollback(test.services, run)).outcome).toBe("rolled_back");
    await test.query(`alter table ${table} rename column number to id`);
    // What was written there before this run, the older ones did.
    expect(await test.query(`select id from ${table} where not id = any ($1)`, [older])).toEqual([
      { id: "900000" },
    ]);
    expect(await platforms()).toEqual(before);
  });

  it("a row that the platform makes under an id that was taken back is no longer the run's", async () => {
    const [{ id } = { id: "" }] = await test.query<{ id: string }>(
      `select target_id as id from wavegate.legacy_import_commit_logs where run_id = '${run}' and target_table = '${table}' limit 1`,
    );
    await test.query(
      `insert into ${table} (${needed}) values ($1, 'Theirs', gen_random_uuid(), 'elsewhere', 2, 'completed')`,
      [id],
    );
    await expect(tried(settings, own)).rejects.toThrow(says);
    for (const change of [
      "rolled_back_at = null",
      "rolled_back_at = now()",
      "rolled_back_at = rolled_back_at",
      "conflict = conflict",
    ]) {
      const reopens = `update wavegate.legacy_import_commit_logs set ${change}`;
      await expect(tried(settings, reopens, own)).rejects.toThrow(says);
    }
    expect(await test.query(`select full_name from ${table} where id = $1`, [id])).toEqual([
      { full_name: "Theirs" },
    ]);
  });
});
