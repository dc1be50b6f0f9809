import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { afterEach, expect, it } from "vitest";
import { type Database, longestWait } from "../../lib/data/database.ts";
import { findRun } from "../../lib/data/runs.ts";
import { json, sql, uuid } from "../../lib/data/sql.ts";
import { watch } from "../../lib/define/watch.ts";
import { logBundle } from "../../lib/evidence/unlogged-bundles.ts";
import { decideMappings } from "../../lib/review/mappings/decisions.ts";
import { holdRow, releaseRow } from "../../lib/review/rows/held-rows.ts";
import { ask } from "../../lib/review/sign-off/ask.ts";
import { pause } from "../../lib/review/steer/control.ts";
import { eraseSome } from "../../lib/review/steer/erase.ts";
import { forgetTrial } from "../../lib/review/steer/forget-trial.ts";
import type { Services } from "../../lib/services/services.ts";
import { commit } from "../../lib/stages/commit.ts";
import { drill } from "../../lib/stages/drill.ts";
import { reviewExport } from "../../lib/stages/export-review.ts";
import { CopiesNeeded, withCopies } from "../../lib/stages/files/copy-files.ts";
import { takeBackFiles } from "../../lib/stages/files/take-back-files.ts";
import { finalVerify } from "../../lib/stages/final-verify.ts";
import { finishImport } from "../../lib/stages/finish-import.ts";
import { stageMade } from "../../lib/stages/import/made-rows.ts";
import { planImport } from "../../lib/stages/plan-import.ts";
import { preflight } from "../../lib/stages/preflight.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { requireNoneLost } from "../../lib/stages/undo/lost-rows.ts";
import { takeWaveBack } from "../../lib/stages/undo/undo-wave.ts";
import { validate } from "../../lib/stages/validate.ts";
import { verify } from "../../lib/stages/verify.ts";
import { watchPlatform } from "../../lib/stages/wave/watch-platform.ts";
import type { TestServices } from "../support/services.ts";
import { sooner } from "../support/sooner.ts";
import { acknowledged } from "../support/steps.ts";
import { run, smallWorlds, type World } from "./worlds.ts";

const whose = (services: Services) => findRun(services.stage, run);
/** The first row that is to be written. */
const plannedRow = async ({ stage }: Services): Promise<number> =>
  (
    await stage.one<{ id: number }>(
      sql`select min(id) as id from wavegate.legacy_student_imports where run_id = ${uuid(run)} and planned = 'commit'`,
    )
  ).id;
const lib = new URL("../../lib/", import.meta.url).pathname;

type Act = (test: TestServices) => Promise<unknown>;
/** Everything that locks a run's row, by the file or the function that does, and a world in which it comes to that. */
const acts: Readonly<Record<string, readonly [World, Act, prepare?: Act]>> = {
  "evidence/unlogged-bundles.ts": [
    "completed",
    ({ services }) =>
      logBundle(services.stage, run, { prefix: "runs/x/", manifestDigest: "00" }, new Date()),
  ],
  "review/sign-off/ask.ts": [
    "reviewed",
    ({ services }) => ask(services, { run, gate: "first_wave" }),
  ],
  "stages/run/claim.ts": ["reviewed", ({ services }) => validate(services, run)],
  "stages/commit.ts": ["approved", ({ services }) => commit(services, { run, wave: 1 })],
  "stages/files/copy-files.ts": [
    "approved",
    async ({ services }) => {
      const found = await whose(services);
      const settings = { files: { kind: "files" } };
      await withCopies(
        services,
        {
          ...found,
          definition: { ...found.definition, settings },
          settings: { files: lib },
        } as never,
        () => Promise.reject(new CopiesNeeded([{ id: 1, size: 1 } as never])),
      );
    },
  ],
  "stages/drill.ts": ["verified", ({ services }) => drill(services, run)],
  "stages/export-review.ts": ["reviewed", ({ services }) => reviewExport(services, run)],
  "stages/final-verify.ts": ["last", ({ services }) => finalVerify(services, run)],
  "stages/finish-import.ts": ["imported", ({ services }) => finishImport(services, run)],
  "stages/import/made-rows.ts": [
    "reviewed",
    async ({ services, definition }) => {
      const [from = ""] = Object.keys(definition.source);
      const made = { key: [], columns: [], made: { each: from, list: "any" } };
      await stageMade(services, await whose(services), {
        ...definition,
        source: { ...definition.source, made },
      } as never);
    },
  ],
  "stages/plan-import.ts": ["begun", ({ services }) => planImport(services, run)],
  "stages/preflight.ts": [
    "begun",
    ({ services }) =>
      preflight(services, {
        ...{ migration: "ecoin", run, executionArn: `arn:${run}` },
        acknowledge: acknowledged,
      }),
    ({ query }) =>
      query(`update wavegate.legacy_import_runs set preflight = '{}' where id = '${run}'`),
  ],
  "stages/rollback.ts": ["completed", ({ services }) => rollback(services, run)],
  "stages/files/take-back-files.ts": [
    "completed",
    async ({ services }) => takeBackFiles(services, await whose(services)),
    ({ query }) =>
      query(
        "insert into wavegate.file_copies (run_id, staged_id, object_key, state) values ($1, -1, 'there', 'copied')",
        [run],
      ),
  ],
  "stages/undo/lost-rows.ts": [
    "completed",
    async ({ services }) => requireNoneLost(services, await whose(services), 1),
  ],
  "stages/undo/undo-wave.ts": [
    "completed",
    async ({ services }) => takeWaveBack(services, await whose(services), 1),
  ],
  "stages/verify.ts": ["completed", ({ services }) => verify(services, run, 1)],
  "stages/wave/watch-platform.ts": [
    "approved",
    async ({ services, definition }) =>
      watchPlatform(services, await whose(services), {
        ...definition,
        watch: [watch("queue", "jobs that wait", "select 1", { above: 2 })],
      }),
  ],
  begin_restore: [
    "completed",
    ({ services }) =>
      services.sign.transaction((db) =>
        db.rows(
          sql`select wavegate.begin_restore(${uuid(run)}, 'approver', ${json({})}) as refused`,
        ),
      ),
  ],
  control_run: ["completed", ({ services }) => pause(services.sign, run, "operator")],
  erase_people: [
    "completed",
    async ({ services }) => eraseSome(services.sign, await whose(services), "operator", "0"),
  ],
  forget_trial: [
    "completed",
    async ({ services }) => forgetTrial(services.sign, await whose(services), "operator"),
  ],
  release_row: [
    "reviewed",
    async ({ services }) =>
      releaseRow(services.sign, await whose(services), {
        ...{ row: await plannedRow(services), person: "approver" },
        reason: "One person.",
      }),
    async ({ services }) =>
      holdRow(services.sign, await whose(services), {
        ...{ row: await plannedRow(services), person: "approver" },
        reason: "Two people of one name.",
      }),
  ],
  "decisions about mappings": [
    "reviewed",
    async ({ services }) =>
      decideMappings(
        services.sign,
        await whose(services),
        "course",
        [{ id: 1, reject: true }],
        "approver",
      ),
  ],
};

const lent = smallWorlds();
let test: TestServices | undefined;
afterEach(async () => {
  await test?.close();
  test = undefined;
});

/** A hundredth of a half minute: what is waited for is as it is, and how long is not. */
const soon = "300ms";
const hasty = (db: Database): Database =>
  sooner(db, { limit: /(lock_timeout(?:', | = )')30s'/g, is: soon });

/** Lends a world in which the roles' own half minute, where a set-up gave them one, is over sooner. */
async function lend(world: World): Promise<TestServices> {
  const lending = await lent.lend(world);
  test = lending;
  await lending.query(
    `do $$ declare one record; begin
       for one in select r.rolname from pg_db_role_setting s join pg_roles r on r.oid = s.setrole
                   where s.setdatabase = 0 and 'lock_timeout=${longestWait}' = any (s.setconfig) loop
         execute format('alter role %I in database %I set lock_timeout = ''${soon}''', one.rolname, current_database());
       end loop; end $$`,
  );
  const { services } = lending;
  return {
    ...lending,
    services: {
      ...services,
      stage: hasty(services.stage),
      sign: hasty(services.sign),
      commitOf: (migration) => hasty(services.commitOf(migration)),
    },
  };
}

it("W3 every act that locks a run is among those below", async () => {
  const { query } = await lend("begun");
  const files = (await readdir(lib, { recursive: true })).filter(
    (file) => file.endsWith(".ts") && file !== "data/runs.ts",
  );
  const locking: string[] = [];
  for (const file of files)
    if (/\block\w*Run(State)?(<\w+>)?\(/.test(await readFile(join(lib, file), "utf8")))
      locking.push(file);
  const functions = await query<{ name: string }>(
    `select distinct case when prosrc ~ 'mappings-decided' then 'decisions about mappings' else proname end as name from pg_proc
      where pronamespace = 'wavegate'::regnamespace and prosrc ~ 'legacy_import_runs r where r.id = run for (no key )?(update|share)'`,
  );
  // How long it waits it says itself: `review/features.test.ts`.
  expect([...Object.keys(acts), "turn_feature"].sort()).toEqual(
    [...locking, ...functions.map(({ name }) => name)].sort(),
  );
  expect(
    await query(
      "select proname from pg_proc where pronamespace = 'wavegate'::regnamespace and prosrc ~ $$lock_timeout', '(0|[4-9]\\ds|\\d{3,}s|\\d+min)'$$",
    ),
  ).toEqual([]);
});

it.each(Object.entries(Object.groupBy(Object.entries(acts), ([, [world]]) => world)))(
  "W3 W9 in a run that is %s, and that somebody holds for longer than a statement may take, every act is told so by the name that is sent again",
  { timeout: 240_000 },
  async (world, those) => {
    const held = await lend(world as World);
    for (const [, [, , prepare]] of those ?? []) await prepare?.(held);
    const holder = new pg.Client({ connectionString: held.url });
    await holder.connect();
    await holder.query("begin");
    await holder.query("select from wavegate.legacy_import_runs where id = $1 for no key update", [
      run,
    ]);
    const ends: Record<string, string> = {};
    for (const [name, [, act]] of those ?? []) {
      const end = await act(held).then(
        () => "done",
        (error: unknown) => (error instanceof Error ? error.name : String(error)),
      );
      ends[name] = end;
    }
    await holder.end();
    const said = (those ?? []).map(([name]) => [
      name,
      /^stages\/(?:commit|rollback|undo)/.test(name) ? "WaveContended" : "DatabaseContended",
    ]);
    expect(ends).toEqual(Object.fromEntries(said));
  },
);
