import { appendFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Database } from "../../lib/data/database.ts";
import { findRun } from "../../lib/data/runs.ts";
import { raw } from "../../lib/data/sql.ts";
import { auditLog } from "../../lib/evidence/records.ts";
import { judgeRange } from "../../lib/review/rows/what-if.ts";
import { look } from "../../lib/review/steer/look.ts";
import { finalVerify } from "../../lib/stages/final-verify.ts";
import { previewRollback } from "../../lib/stages/preview-rollback.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import { run, type SmallWorld, smallWorld, wholeRun } from "../evidence/small-run.ts";
import { roles } from "../support/services.ts";
import { refusal } from "../support/steps.ts";

let world: SmallWorld;

/** Somebody whose every value is found in no other text, in the legacy system and on the platform. */
const markers = [
  "Zwqvexlari",
  "ZWQVEXLARI",
  "zwqvexlari",
  "0661987654",
  "213661987654",
  "661987654",
  "zwq.vexlari@example.net",
  "1961-11-23",
  "23/11/1961",
  "Rue Zwq",
] as const;

/** Rows of the legacy system that hold them in every column, also where they do not belong. */
const strangers = [
  `90001,Zwqvexlari,Ada,1961-11-23,0661987654,zwq.vexlari@example.net,Rue Zwq 7,4AM,Formée,1,3,Zwqvexlari 0661987654,2014-01-02 08:00:00,2014-06-11 08:00:00`,
  `90002,Zwqvexlari,Bela,23/11/1961,0661987654,zwq.vexlari@example.net,Rue Zwq 7,4AM,Zwqvexlari 0661987654,661987654,661987654,x,2014-01-02 08:00:00,2014-06-11 08:00:00`,
  `90003,Zwqvexlari 0661987654,zwq.vexlari@example.net,0661987654,zwq.vexlari@example.net,0661987654,Rue Zwq 7,Zwqvexlari,Informer,\\N,\\N,x,2014-01-02 08:00:00,2014-06-11 08:00:00`,
  `90004,Zwqvexlari,Celia,1961-11-23,0661987654,x,x,4AM,Mme Zwqvexlari,1,3,x,2014-01-02 08:00:00,2014-06-11 08:00:00`,
  `90005,Zwqvexlari,Dina,1961-11-23,0661987654,x,x,4AM,23/11/1961,1,3,x,2014-01-02 08:00:00,2014-06-11 08:00:00`,
  `90006,Zwqvexlari,Enya,1961-11-23,0661987654,x,x,4AM,zwq.vexlari@example.net,1,3,x,2014-01-02 08:00:00,2014-06-11 08:00:00`,
  ...["Amel", "Badr", "Chafik", "Djamila", "Elias", "Farida", "Ghania"].map(
    (name, at) =>
      `9001${at},Zwqvexlari,${name},1961-11-2${at},0661987655,zwq.shared@example.net,x,4AM,Informer,\\N,\\N,x,2014-01-02 08:00:00,2014-06-11 08:00:00`,
  ),
];

beforeAll(async () => {
  world = await smallWorld();
  const { test } = world;
  await appendFile(`${test.legacy.LEGACY_DB_PATH}stagiaires.csv`, `${strangers.join("\n")}\n`);
  await test.query(
    `insert into users (full_name, phone, email, birth_date) values ('Ada Zwqvexlari', '213661987654', 'zwq.vexlari@example.net', '1961-11-23')`,
  );
  await test.query(
    `insert into crm_leads (full_name, phone, email, source) values ('Bela Zwqvexlari', '213661987654', 'zwq.vexlari@example.net', 'site')`,
  );
  await wholeRun(world.test);
  // What is edited since is told of by a rollback, and by its preview.
  await test.query(
    "update legacy_completed_trainings set full_name = 'Zwqvexlari' where id = (select max(id) from legacy_completed_trainings where legacy_import_run_id = $1)",
    [run],
  );
  await previewRollback(test.services, run);
  await rollback(test.services, run);
  await finalVerify(test.services, run).catch(() => {});
}, 300_000);
afterAll(() => world.close());

interface Column {
  readonly relation: string;
  readonly column: string;
}

/** Every column that the role of terminals may read, whoever gave it the right to. */
const readable = () =>
  world.test.query<Column>(
    `select format('%I.%I', n.nspname, c.relname) as relation, a.attname as column
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
        and has_schema_privilege($1, n.oid, 'usage') and has_column_privilege($1, c.oid, a.attnum, 'select')
      order by 1, a.attnum`,
    [roles.operator],
  );

describe("W8 M14 the role of the terminals sees nobody", () => {
  it("no column of any relation that it may read holds a name, phone, address or birth date", async () => {
    const { test } = world;
    const people = await test.query<{ value: string }>(
      `select distinct v.value
         from (select jsonb_path_query(jsonb_build_array(s.full_name, s.name_folded, s.phone_raw, s.phone_normalized, s.email_raw,
                                s.email_candidate, s.birth_date), '$[*]') #>> '{}' as value
                 from wavegate.legacy_student_imports_source s
               union all
               select jsonb_path_query(jsonb_build_array(u.full_name, u.phone, u.email, u.birth_date), '$[*]') #>> '{}' from users u) v
        where length(v.value) >= 8`,
    );
    const rules = JSON.stringify(ecoin);
    const values = people.map(({ value }) => value).filter((value) => !rules.includes(value));
    expect(values).toEqual(expect.arrayContaining(["zwq.vexlari@example.net", "1961-11-23"]));
    expect(values.length).toBeGreaterThan(1_000);
    const found: string[] = [];
    const columns = await readable();
    for (const { relation, column } of columns) {
      const rows = await test.operator.rows<{ value: string | null }>(
        raw(`select string_agg(distinct "${column}"::text, E'\\n') as value from ${relation}`),
      );
      const all = rows[0]?.value ?? "";
      const seen = [...markers, ...values].filter((value) => all.includes(value));
      if (seen.length > 0) found.push(`${relation}.${column}: ${seen.slice(0, 3).join(", ")}`);
    }
    expect(found).toEqual([]);
    expect(columns.length).toBeGreaterThan(200);
  });

  it("W14 D2 a status that is somebody's name, date or number is reported by its shape", async () => {
    const [found] = await world.test.query<{ report: { unlisted_statuses: { status: string }[] } }>(
      "select report from wavegate.dry_runs where run_id = $1 order by created_at desc limit 1",
      [run],
    );
    expect(found?.report.unlisted_statuses.map(({ status }) => status)).toEqual(
      expect.arrayContaining([
        "aaaaaaaaaa 9999999999",
        "aaa aaaaaaaaaa",
        "99/99/9999",
        "aaa.aaaaaaa@aaaaaaa.aaa",
      ]),
    );
  });

  it("the markers are where they were put, for roles that may see them", async () => {
    const { test } = world;
    for (const relation of [
      "wavegate.legacy_student_imports",
      "wavegate.legacy_student_imports_source",
      "wavegate.match_people",
      "wavegate.legacy_import_commit_logs",
      "users",
      "crm_leads",
    ]) {
      const [row] = await test.query<{ seen: boolean }>(
        `select exists (select from ${relation} t where to_jsonb(t)::text ilike '%zwqvexlari%') as seen`,
      );
      expect([relation, row?.seen]).toEqual([relation, true]);
    }
    expect(
      await test.query("select phone from wavegate.shared_phones where phone = '213661987655'"),
    ).toHaveLength(1);
    expect(
      await test.query(
        "select address from wavegate.shared_emails where address = 'zwq.shared@example.net'",
      ),
    ).toHaveLength(1);
  });

  it.each([
    "select raw_payload from wavegate.legacy_student_imports",
    "select * from wavegate.legacy_student_imports",
    "select full_name from wavegate.legacy_student_imports_source",
    "select raw_status from wavegate.legacy_student_imports",
    "select legacy_formation_id from wavegate.legacy_training_imports",
    "select count(*) from wavegate.legacy_student_imports where phone_normalized = '213661987654'",
    "select to_jsonb(s) from wavegate.legacy_student_imports s",
    "select s from wavegate.legacy_student_imports s",
    "select phone from wavegate.match_people",
    "select address from wavegate.shared_emails",
    "select after_image from wavegate.legacy_import_commit_logs",
    "select after_key from wavegate.import_ranges",
    "select reason from wavegate.held_rows",
    "select token from wavegate.sign_offs",
    "select link_hash from wavegate.sign_offs",
    "select 1 from users",
    "select count(*) from crm_leads",
    "select legacy_name from wavegate.legacy_course_mappings",
    "select wavegate.erased_columns('wavegate.legacy_student_imports_source')",
    "select wavegate.fold_name('x')",
    `set role ${roles.owner}`,
  ])("is refused: %s", async (statement) => {
    await expect(world.test.operator.transaction((db) => db.rows(raw(statement)))).rejects.toThrow(
      /permission denied/,
    );
  });

  it("what the statistics of the database keep of columns is not shown to it", async () => {
    await world.test.query("analyze wavegate.legacy_student_imports_source, users");
    expect(
      await world.test.operator.rows(
        raw(
          "select tablename, attname from pg_stats where tablename = 'users' or (tablename like '%\\_source' and attname not in ('id', 'run_id', 'source_table', 'legacy_id'))",
        ),
      ),
    ).toEqual([]);
  });
});

describe("W8 M14 what a terminal asks about rows, a function answers that knows who asks", () => {
  const who = (name: string) => `arn:aws:iam::000000000000:user/${name}`;
  beforeAll(async () => {
    for (const can of ["view", "review", "run"]) {
      await world.test.query(
        "insert into wavegate.people (name, email, permissions) values ($1, $2, $3)",
        [`just-${can}`, `just-${can}@example.com`, JSON.stringify([`legacy_imports.${can}`])],
      );
    }
  });
  const asks = (name: string, request: Parameters<typeof look>[2]) =>
    look(world.test.services, who(name), request);
  const row = { look: "row", run, row: { table: "stagiaires", legacyId: "90001" } } as const;
  const judgement = {
    look: "what-if",
    run,
    definition: JSON.parse(JSON.stringify(ecoin)) as Record<string, unknown>,
    after: 0,
    upTo: 1_000_000,
  } as const;
  const mappings = {
    look: "mappings",
    run,
    reference: "course",
    which: "all",
    limit: 500,
  } as const;

  it.each(["90001", "90002", "90003", "90004", "90005", "90006", "90010"])(
    "whoever may look gets a row masked, with its rules: %s",
    async (legacyId) => {
      const asked = { ...row, row: { table: "stagiaires", legacyId } };
      const answer = JSON.stringify(await asks("just-view", asked));
      expect(answer).toContain(`"legacy_id":${legacyId}`);
      expect(answer).toContain('"about":"plan"');
      // What a row refers to is shown by its number, whatever somebody typed there.
      const shown = answer.replaceAll(/"(legacy_formation_id|legacy_session_id)":\d+/gu, "");
      expect(markers.filter((marker) => shown.includes(marker))).toEqual([]);
    },
  );

  it("samples, mappings and what is held are masked, too", async () => {
    const [drawn] = await world.test.query<{ digest: string }>(
      "select digest from wavegate.dry_runs where run_id = $1 order by created_at desc limit 1",
      [run],
    );
    const digest = drawn?.digest ?? "";
    const samples = JSON.stringify(await asks("just-view", { look: "samples", run, digest }));
    expect(samples).toContain("stagedId");
    const labels = { look: "labels", run, reference: "course" } as const;
    expect(await asks("just-run", labels)).toEqual({ labels: expect.any(Array) });
    expect(await refusal(asks("just-review", labels))).toBe("PermissionDenied");
    const lines = JSON.stringify(await asks("just-view", mappings));
    expect(lines).toContain("legacy");
    const held = JSON.stringify(await asks("just-view", { look: "held", run }));
    expect(held).toContain('"samples":[');
    const all = `${samples}${lines}${held}`;
    expect(markers.filter((marker) => all.includes(marker))).toEqual([]);
  });

  it("a row that is not there, or an id that is none, is nothing", async () => {
    for (const legacyId of ["1", "x", "", "9".repeat(19), "-5"].slice(1)) {
      const asked = { ...row, row: { table: "stagiaires", legacyId } };
      expect(await asks("just-view", asked)).toEqual({ found: null });
    }
    const elsewhere = { ...row, row: { table: "users", legacyId: "1" } };
    expect(await asks("just-view", elsewhere)).toEqual({ found: null });
  });

  it("somebody who may not look, or whom nobody knows, gets nothing", async () => {
    for (const name of ["just-run", "just-review", "nobody"]) {
      expect(await refusal(asks(name, row))).toBe("PermissionDenied");
      expect(await refusal(asks(name, mappings))).toBe("PermissionDenied");
      expect(await refusal(asks(name, { look: "held", run }))).toBe("PermissionDenied");
    }
    expect(await refusal(asks("just-view", judgement))).toBe("PermissionDenied");
    expect(await refusal(asks("nobody", judgement))).toBe("PermissionDenied");
  });

  it("conditions of one's own over whole values take review, only read, and are told of once", async () => {
    expect(await asks("just-review", judgement)).toEqual({ judged: expect.any(Array) });
    await asks("just-review", { ...judgement, after: 1_000_000, upTo: 2_000_000 });
    const { id } = await findRun(world.test.services.stage, run);
    const told = (await auditLog(world.test.services.stage, id)).filter(
      ({ action }) => action === "rows-judged-anew",
    );
    expect(told).toMatchObject([
      { actor: "just-review", digest: expect.stringMatching(/^[0-9a-f]{64}$/) },
    ]);
    const other = { ...judgement, definition: { ...judgement.definition, name: "another" } };
    expect(await refusal(asks("just-review", other))).toBe("InputInvalid");
  });

  it("a definition of somebody's own is run where nothing can be written", async () => {
    const { services, operator } = world.test;
    const said: unknown[] = [];
    const heard = (db: Database): Database => ({
      ...db,
      transaction: (work, mode) => {
        said.push(mode);
        return services.sign.transaction((inner) => work(heard(inner)), mode);
      },
    });
    const range = { run, after: 0, upTo: 1 };
    await judgeRange(heard(services.sign), await findRun(operator, run), ecoin, range);
    expect(said).toEqual(["read committed, read only"]);
  });
});
