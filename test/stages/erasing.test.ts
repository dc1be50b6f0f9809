import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { findRun } from "../../lib/data/runs.ts";
import { raw } from "../../lib/data/sql.ts";
import { verifyBundle } from "../../lib/evidence/verify-bundle.ts";
import { resume } from "../../lib/review/steer/control.ts";
import {
  dueRuns,
  erasable,
  eraseDue,
  eraseSome,
  eraseWhole,
  notOver,
} from "../../lib/review/steer/erase.ts";
import { finalVerify } from "../../lib/stages/final-verify.ts";
import { match } from "../../lib/stages/match.ts";
import { nextWave } from "../../lib/stages/next-wave.ts";
import { previewRollback } from "../../lib/stages/preview-rollback.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { takeWaveBack } from "../../lib/stages/undo/undo-wave.ts";
import { verify, verifyAll } from "../../lib/stages/verify.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import {
  reviewedWorld,
  run,
  type SmallWorld,
  smallWorld,
  wholeWorld,
} from "../evidence/small-run.ts";
import { olderRun, olderRunsOf } from "../support/older-runs.ts";
import { platformDigest } from "../support/services.ts";
import { approve, refusal, reviewedRun, runWave } from "../support/steps.ts";

let world: SmallWorld;
afterEach(() => world.close());

const query = <Row extends object>(text: string, values?: unknown[]) =>
  world.test.query<Row>(text, values);
const asked = async (person = "approver", of = run) => {
  const { sign } = world.test.services;
  const found = await findRun(sign, of);
  return eraseWhole((behind) => eraseSome(sign, found, person, behind));
};

/**
 * Names, numbers and addresses of staged people: long enough to be nothing else, and not what the rules name as nobody's.
 * The older run of the same people has lost them.
 */
async function planted(): Promise<string[]> {
  await asked("approver", olderRun.takenBack);
  // People of the platform whom the others met, too.
  await query("delete from wavegate.match_people where run_id <> $1", [run]);
  const found = await query<{ value: string | null }>(
    `select distinct unnest(array[full_name, name_folded, name_key, phone_raw, phone_normalized, email_raw, email_candidate]) as value
       from wavegate.legacy_student_imports_source where run_id = $1`,
    [run],
  );
  const rules = JSON.stringify(ecoin);
  return found.flatMap(({ value }) =>
    value !== null && value.trim().length >= 8 && !rules.includes(value)
      ? [JSON.stringify(value).slice(1, -1)]
      : [],
  );
}

/** Whether one of many texts, each of eight characters or more, stands in a long one: looked up by how each begins. */
function anyOf(texts: readonly string[]): (all: string) => boolean {
  const begun = Map.groupBy(texts, (text) => text.slice(0, 8));
  return (all) => {
    for (let at = 0; at + 8 <= all.length; at++) {
      const some = begun.get(all.slice(at, at + 8));
      if (some?.some((text) => all.startsWith(text, at))) return true;
    }
    return false;
  };
}

/** Where in the schema one of these texts stands, by table. */
async function places(texts: readonly string[]): Promise<string[]> {
  expect(texts.filter((text) => text.length < 8)).toEqual([]);
  const stands = anyOf(texts);
  const tables = await query<{ name: string }>(
    "select relname as name from pg_class where relnamespace = 'wavegate'::regnamespace and relkind in ('r', 'v') order by 1",
  );
  const where: string[] = [];
  for (const { name } of tables) {
    const rows = await query<{ row: string }>(
      `select to_jsonb(t)::text as row from wavegate."${name}" t`,
    );
    const all = rows.map(({ row }) => row).join("\n");
    if (stands(all)) where.push(name);
  }
  // What PostgreSQL notes of values, to plan by them.
  const noted = await query<{ name: string; values: string }>(
    `select tablename as name, concat_ws(' ', most_common_vals, histogram_bounds, most_common_elems) as values
       from pg_stats where schemaname = 'wavegate' order by 1`,
  );
  const told = noted.filter(({ values }) => stands(values));
  return [...where, ...new Set(told.map(({ name }) => `statistics of ${name}`))];
}

const entries = () =>
  query<{ actor: string; action: string; details: unknown }>(
    "select actor, action, details from wavegate.audit_log where run_id = $1 and action like 'erase%' order by seq",
    [run],
  );

describe("B13 a completed run whose people are erased", () => {
  it("holds nothing of them, still verifies, and is never taken back", async () => {
    world = await wholeWorld();
    const { services } = world.test;
    const before = await world.bundle("before");
    const texts = await planted();
    expect(texts.length).toBeGreaterThan(200);
    // What rows refer to may be a text of the source's, and of a person.
    await query(
      "update wavegate.kept_counts set value = $2 where run_id = $1 and about = 'mapping'",
      [run, JSON.parse(`"${texts[0]}"`)],
    );
    for (const table of [
      ...["legacy_student_imports_source", "match_people", "shared_emails", "kept_counts"],
    ])
      await query(`analyze wavegate.${table}`);
    const held = await places(texts);
    const isNoted = (place: string) => place.startsWith("statistics of ");
    expect(held.filter((place) => !isNoted(place))).toEqual([
      "kept_counts",
      "legacy_import_commit_logs",
      "legacy_student_imports",
      "legacy_student_imports_source",
      "match_people",
      "shared_emails",
    ]);
    // PostgreSQL itself looks at further tables whenever it likes.
    expect(held.filter(isNoted)).toEqual(
      expect.arrayContaining([
        "statistics of kept_counts",
        "statistics of legacy_student_imports_source",
        "statistics of match_people",
      ]),
    );
    const platform = await platformDigest(world.test);
    // Without its salt nobody can try whom a judged row was about; each run's goes with its own people.
    const salted = async () =>
      (
        await query<{ run: string }>(
          "select distinct run_id::text as run from wavegate.samples where num_nonnulls(row_salt, row_digest) > 0 order by 1",
        )
      ).map((each) => each.run);
    expect(await salted()).toEqual([run, olderRun.complete, olderRun.half].sort());
    // Rows of two runs that are imported at one time lie between each other.
    await query(
      `update wavegate.legacy_import_commit_logs l set staged_id = of.first + 1
         from (select min(id) as first from wavegate.legacy_student_imports_source where run_id = $1) of
        where l.id = (select min(id) from wavegate.legacy_import_commit_logs where run_id = $2 and after_image is not null)`,
      [run, olderRun.complete],
    );
    const older = await olderRunsOf(world.test);
    const [{ n: staged = 0 } = {}] = await query<{ n: number }>(
      "select count(*)::int as n from wavegate.legacy_student_imports_source where run_id = $1",
      [run],
    );
    const counted = await erasable(world.test.operator, await findRun(services.stage, run));
    expect(counted.staged).toBe(staged);
    expect(counted.ledger).toBeGreaterThan(0);
    expect(counted.matched).toBeGreaterThan(0);

    await query(
      "insert into wavegate.people values ('looker', 'l@example.org', '[\"legacy_imports.run\", \"legacy_imports.commit\"]')",
    );
    expect(await refusal(asked("looker"))).toBe("PermissionDenied");
    expect(await refusal(asked("nobody"))).toBe("PermissionDenied");
    expect(await entries()).toEqual([]);
    expect((await findRun(services.stage, run)).erased_at).toBe(null);

    const ends = () =>
      query<{ n: number }>(
        "select count(*)::int as n from wavegate.import_ranges where run_id = $1 and num_nonnulls(after_key, up_to_key) > 0",
        [run],
      );
    expect(await ends()).not.toEqual([{ n: 0 }]);

    // What was read of an account goes with them, and of another connection it stays.
    await query(
      `insert into wavegate.source_readings (connection, name, piece, body)
         select connection_name, 'exports/people.csv', 0, 'QQ==' from wavegate.legacy_import_runs where id = $1
         union all select 'another', 'exports/people.csv', 0, 'QQ=='
         union all select 'beside', 'exports/people.csv', 0, 'QQ=='
         union all select 'imported', 'exports/people.csv', 0, 'QQ=='`,
      [run],
    );
    // Of a migration that reads several, those as well, unless another run is just being imported from there.
    await query(
      `update wavegate.legacy_import_runs
          set definition = jsonb_set(jsonb_set(definition, '{source,x}', '{"connection": "beside"}'), '{source,y}', '{"connection": "imported"}')
        where id = $1`,
      [run],
    );
    await query(
      `insert into wavegate.legacy_import_runs
         (id, reference, migration, definition_digest, definition, connection_name, focus_mode, wave_plan, seed)
       values ('7f3a0000-0000-4000-8000-00000000beef', 'beside', 'ecoin', 'd', '{}', 'imported', 'historical_completed', '[25]', 's')`,
    );
    expect(await asked("  APPROVER ")).toBe(staged);
    const readings = "select connection from wavegate.source_readings order by 1";
    expect(await query(readings)).toEqual([{ connection: "another" }, { connection: "imported" }]);
    // Once it is no longer, what is left goes with the people of either.
    await query(
      "delete from wavegate.legacy_import_runs where id = '7f3a0000-0000-4000-8000-00000000beef'",
    );
    expect(await asked("approver")).toBe(staged);
    expect(await query(readings)).toEqual([{ connection: "another" }]);
    await query(
      "update wavegate.legacy_import_runs set definition = definition #- '{source,x}' #- '{source,y}' where id = $1",
      [run],
    );

    expect(await places(texts)).toEqual([]);
    // A key may be an address; a staged row has its digest, a range that ends with it has it whole.
    expect(await ends()).toEqual([{ n: 0 }]);
    const { left } = (
      await query<{ left: number }>(
        "select (select count(*) from wavegate.made_rows where run_id = $1)::int + (select count(*) from wavegate.kept_counts where run_id = $1)::int as left",
        [run],
      )
    )[0] ?? { left: -1 };
    expect(left).toBe(0);
    expect(await erasable(world.test.operator, await findRun(services.stage, run))).toEqual({
      staged: 0,
      ledger: 0,
      matched: 0,
      shared: 0,
    });
    expect(await entries()).toEqual([
      { actor: "approver", action: "erase", details: { rows: staged } },
      { actor: "approver", action: "erased", details: { rows: staged } },
    ]);
    expect(await platformDigest(world.test)).toEqual(platform);
    // And nobody else's.
    expect(await salted()).toEqual([olderRun.complete, olderRun.half]);
    expect(await olderRunsOf(world.test)).toEqual(older);
    expect((await verifyBundle(before.folder, { digest: before.manifestDigest })).ok).toBe(true);

    const after = await world.bundle("after");
    const verdict = await verifyBundle(after.folder, { digest: after.manifestDigest });
    expect(verdict.checks.filter(({ passed }) => !passed)).toEqual([]);
    expect(verdict.checks.find(({ name }) => name === "erasure")?.message).toMatch(
      /^The people of the run were erased on 20\d\d-.* UTC by approver: only a bundle exported before shows/,
    );

    const found = await findRun(services.stage, run);
    const refused = {
      rollback: await refusal(rollback(services, run)),
      preview: await refusal(previewRollback(services, run)),
      wave: await refusal(takeWaveBack(services, found, 1)),
      verify: await refusal(verify(services, run)),
      verifyAll: await refusal(verifyAll(services, run)),
      match: await refusal(match(services, run)),
      next: await refusal(nextWave(services, run)),
    };
    expect(new Set(Object.values(refused))).toEqual(new Set(["RunErased"]));
    await expect(rollback(services, run)).rejects.toThrow(
      /^A rollback of ecoin-\S+ is no longer possible since 20\d\d-\d\d-\d\d \d\d:\d\d UTC, when the people it staged were erased\. Nothing was written\./,
    );
    expect(await findRun(services.stage, run)).toEqual(found);
    // The verification that ended the run is what it was.
    expect((await finalVerify(services, run)).passed).toBe(true);
    expect(await platformDigest(world.test)).toEqual(platform);
  });
});

describe("B13 W3 an erasure of any size", () => {
  it("looks in no call at more rows than it takes, and goes on from where it was, whatever it is asked for", async () => {
    world = await reviewedWorld();
    const { sign } = world.test.services;
    await rollback(world.test.services, run);
    await query("update wavegate.legacy_import_runs set status = 'rolled_back' where id = $1", [
      run,
    ]);
    await query("analyze");
    const most = 50;
    /** What a call answered, and the rows that it read of what is staged. */
    const asks = (behind: number) =>
      sign.transaction(async (db) => {
        // Of few rows all are read whatever there is to find them by.
        await db.execute(raw("set local enable_seqscan = off"));
        const { answer } = await db.one<{ answer: { next?: number; rows?: number } }>(
          raw(`select wavegate.erase_run('${run}', 'approver', ${behind}, ${most}) as answer`),
        );
        const { read } = await db.one<{ read: number }>(
          raw(`select coalesce(seq_tup_read + idx_tup_fetch, 0)::int as read from pg_stat_xact_user_tables
                where relname = 'legacy_student_imports_source'`),
        );
        return { ...answer, read };
      });
    const [{ n: staged = 0 } = {}] = await query<{ n: number }>(
      "select count(*)::int as n from wavegate.legacy_student_imports_source where run_id = $1",
      [run],
    );
    const filled = async () =>
      (
        await query<{ n: number }>(
          "select count(*)::int as n from wavegate.legacy_student_imports_source where run_id = $1 and full_name is not null",
          [run],
        )
      )[0]?.n ?? 0;
    let [calls, read] = [0, 0];
    // Nobody can leave rows out: where it was is kept by the database.
    for (let before = await filled(); ; calls++) {
      const done = await asks(1_000_000_000);
      // The session counts on from call to call.
      expect(done.read - read).toBeLessThanOrEqual(4 * most);
      read = done.read;
      if (done.rows !== undefined) {
        expect(done.rows).toBe(staged);
        break;
      }
      const left = await filled();
      expect(before - left).toBeLessThanOrEqual(most);
      before = left;
    }
    expect(await filled()).toBe(0);
    expect(calls).toBeGreaterThan(staged / most - 1);
    expect(staged).toBeGreaterThan(5 * most);
  });

  it("leaves nothing of what lies beside the rows, of which it takes as many a call", async () => {
    world = await reviewedWorld();
    await query("update wavegate.legacy_import_runs set status = 'rolled_back' where id = $1", [
      run,
    ]);
    // The more the earlier they are looked at, so that none goes with the calls that others take.
    const many = "generate_series(900001, 909000) n";
    const id = `'${run}'`;
    await world.test.query(`
      insert into wavegate.match_people (run_id, target_table, target_id, email) select ${id}, 'users', n, n || '@example.com' from ${many};
      insert into wavegate.shared_emails (run_id, address, rows) select ${id}, n || '@example.com', 9 from ${many};
      insert into wavegate.shared_phones (run_id, phone, rows) select ${id}, '213' || n, 9 from ${many};
      insert into wavegate.made_rows (run_id, source_table, place, source_values) select ${id}, 'stagiaires', n, '[]' from ${many};
      insert into wavegate.called_things (run_id, reference, target_id, called) select ${id}, 'course', n, 'x' from ${many};
      insert into wavegate.source_glimpses (run_id, about, rows) select ${id}, 'range ' || n, '{}' from ${many};
      insert into wavegate.rows_there (run_id, staged_id, there_is, target_table, before, after, seen) select ${id}, n, 'differs', 'users', '{}', '{}', '{}' from ${many} where n % 3 = 0;
      insert into wavegate.file_copies (run_id, staged_id, object_key, state, sha256) select ${id}, n, 'k' || n, 'removed', 'x' from ${many} where n % 6 = 0`);
    for (let next: number | undefined = 0; next !== undefined; ) {
      const { answer } = await world.test.services.sign.one<{ answer: { next?: number } }>(
        raw(`select wavegate.erase_run(${id}, 'approver', 0, 1000) as answer`),
      );
      ({ next } = answer);
    }
    const left = [
      ...["match_people", "shared_emails", "shared_phones"],
      ...["made_rows", "called_things", "source_glimpses"],
      ...[
        "rows_there where num_nonnulls(before, after, seen) > 0 and",
        "file_copies where sha256 is not null and",
      ],
    ].map(
      (of) =>
        `select '${of}' from wavegate.${of}${of.includes(" ") ? "" : " where"} run_id = ${id}`,
    );
    expect(await query(left.join(" union "))).toEqual([]);
  });
});

describe("B13 W14 an erasure that passed a row over", () => {
  it("is never done: a row whose id stands before where its kind of things begins", async () => {
    world = await reviewedWorld();
    const { sign } = world.test.services;
    await query("update wavegate.legacy_import_runs set status = 'rolled_back' where id = $1", [
      run,
    ]);
    await query(
      `insert into wavegate.legacy_student_imports_source (id, run_id, source_table, legacy_id, full_name)
       values (-1, $1, 'stagiaires', 999999, 'Sara Passed Over')`,
      [run],
    );
    const asked = async () => {
      for (;;) {
        const { answer } = await sign.one<{ answer: { next?: number } }>(
          raw(`select wavegate.erase_run('${run}', 'approver', 0, 1000) as answer`),
        );
        if (answer.next === undefined) return answer;
      }
    };
    await expect(asked()).rejects.toThrow("SQLState: 23000");
    expect((await findRun(world.test.services.stage, run)).erased_rows).toBe(null);
  });
});

describe("B13 a run that may still commit", () => {
  it("keeps its people until it is over; taken back it may lose them", async () => {
    world = await reviewedWorld();
    const { services, operator } = world.test;
    expect(await refusal(asked())).toBe("RunNotOver");
    await approve(world.test, run, "first_wave");
    await runWave(world.test, run, 1);
    for (const status of ["running", "waiting", "paused", "halted", "stopped"]) {
      await query("update wavegate.legacy_import_runs set status = $2 where id = $1", [
        run,
        status,
      ]);
      expect([status, await refusal(asked())]).toEqual([status, "RunNotOver"]);
    }
    // Stopped, with nothing under way, and what it wrote still stands: it may be taken back.
    const locked = (to: string | null) =>
      query("update wavegate.commit_locks set run_id = $1 where migration = 'ecoin'", [to]);
    await query("update wavegate.legacy_import_runs set status = 'stopped' where id = $1", [run]);
    await locked(null);
    expect(await refusal(asked())).toBe("RunNotOver");
    await locked(run);
    // A lock that is held says that a wave may follow, whatever the status is.
    await query("update wavegate.legacy_import_runs set status = 'completed' where id = $1", [run]);
    expect(await refusal(asked())).toBe("RunNotOver");
    await expect(asked()).rejects.toThrow("is completed, and something of it is still at work:");
    // A rollback that has begun with it has voided its approvals, and looks at what it wrote.
    await locked(null);
    await query("update wavegate.legacy_import_runs set control = 'stop' where id = $1", [run]);
    expect(await refusal(asked())).toBe("RunNotOver");
    expect((await query("select wavegate.ended_at($1) as at", [run]))[0]).toEqual({ at: null });
    await locked(run);
    expect(await entries()).toEqual([]);

    await rollback(services, run);
    // A wave that is just beginning is waited for: of this run before its people go, of another before a restore.
    const other = "7f3a1c00-0000-4000-8000-0000000000ff";
    await query(
      `insert into wavegate.legacy_import_runs
         (id, reference, migration, definition_digest, definition, connection_name, focus_mode, wave_plan, seed)
       values ($1, 'ecoin-other', 'ecoin', 'd', '{}', 'legacy', 'f', '[25]', 's')`,
      [other],
    );
    const restored = () =>
      services.sign.transaction(async (db) => {
        const begun = raw(
          `select wavegate.begin_restore('${run}', 'approver', '{"backup_sha256": "b"}') as says`,
        );
        return (await db.one<{ says: string | null }>(begun)).says;
      });
    for (const [holder, act, says] of [
      [run, () => refusal(asked()), "RunNotOver"],
      [other, restored, "AnotherRunCommits"],
    ] as const) {
      let meanwhile: Promise<string | null> | undefined;
      await services.commitOf("ecoin").transaction(async (db) => {
        await db.execute(
          raw(`update wavegate.commit_locks set run_id = '${holder}' where migration = 'ecoin'`),
        );
        meanwhile = act();
        await sleep(300);
      });
      expect(await meanwhile).toBe(says);
      await locked(null);
    }
    await query("delete from wavegate.legacy_import_runs where id = $1", [other]);
    const texts = await planted();
    const { id, reference } = await findRun(services.stage, run);
    const due = async (days: number) =>
      (await dueRuns(operator, days)).filter((each) => each.id !== olderRun.complete);
    expect((await dueRuns(operator, 0)).map((each) => each.id)).toContain(olderRun.complete);
    expect(await due(1)).toEqual([]);
    expect(await due(0)).toEqual([{ id, reference }]);

    // An execution that has not ended is no reason to take back what was taken back.
    expect(notOver(await findRun(services.stage, run), true).message).toMatch(
      /^ecoin-\S+ is rolled back, and something of it is still at work: its people are erased only when that has ended\. Nothing was changed\./,
    );
    expect(
      notOver({ ...(await findRun(services.stage, run)), status: "stopped" }, true).message,
    ).toContain("`wavegate stop --now --run ecoin-");
    // Cut off behind its first call: closed from then on, and ended by whoever asks again.
    await services.sign.transaction((db) =>
      db.rows(raw(`select wavegate.erase_run('${run}', 'approver', 0, 3)::text as answer`)),
    );
    expect(await places(texts)).toContain("legacy_student_imports_source");
    expect(await refusal(rollback(services, run))).toBe("RunErased");
    const half = await world.bundle("half");
    expect((await verifyBundle(half.folder, { digest: half.manifestDigest })).ok).toBe(true);
    expect(await due(0)).toEqual([{ id, reference }]);
    // Nor does a call take more than it may of those whom matching met, or of what rows there were.
    const met = async () => {
      const [found] = await query<{ n: number }>(
        "select count(*)::int as n from wavegate.match_people where run_id = $1",
        [run],
      );
      return found?.n ?? 0;
    };
    let left = await met();
    expect(left).toBeGreaterThan(200);
    for (let next: string | undefined = "0"; next !== undefined; ) {
      const behind: string = next;
      const { answer } = await services.sign.transaction((db) =>
        db.one<{ answer: { next?: string } }>(
          raw(`select wavegate.erase_run('${run}', 'second', ${behind}, 100) as answer`),
        ),
      );
      next = answer.next === undefined ? undefined : String(answer.next);
      const now = await met();
      expect(left - now).toBeLessThanOrEqual(100);
      left = now;
    }
    await asked("second");
    expect((await entries()).map(({ actor, action }) => [actor, action])).toEqual([
      ["approver", "erase"],
      ["second", "erased"],
    ]);
    expect(await places(texts)).toEqual([]);
    expect(await due(0)).toEqual([]);
    expect(await refusal(resume(services.sign, run, "operator"))).toBe("RunErased");
    expect(await refusal(rollback(services, run))).toBe("RunErased");
  });
});

describe("B13 where a time was settled for all runs", () => {
  const days = 86_400_000;

  it("the people of a run go so many days after its end, in nobody's name, and not before", async () => {
    world = await smallWorld({ now: () => new Date(Date.now() - 100 * days) });
    const { services } = world.test;
    await reviewedRun(world.test, run);
    await approve(world.test, run, "first_wave");
    await runWave(world.test, run, 1);
    const ended = (ago: number) =>
      world.test.query(
        `update wavegate.legacy_import_runs set updated_at = now() - interval '${ago} days' where id = $1`,
        [run],
      );
    await ended(95);
    const whenever = () => true;
    expect(await eraseDue(services.sign, 1, whenever)).toEqual([]);
    await rollback(services, run);
    await ended(95);
    const refused = async (after: number) =>
      (
        await services.sign.one<{ answer: object }>(
          raw(`select wavegate.erase_due('${run}', ${after}, 0, 1) as answer`),
        )
      ).answer;
    for (const after of [96, 99_999, 0, -1]) {
      expect(await refused(after)).toEqual({ refused: "RunNotDue" });
    }
    const { reference } = await findRun(services.stage, run);
    const seen = async () =>
      (
        await query<{ ago: string | null }>(
          "select (now() - due_seen between interval '0' and interval '1 minute')::text as ago from wavegate.legacy_import_runs where id = $1",
          [run],
        )
      )[0]?.ago;
    const seenBefore = (ago: string) =>
      query(
        `update wavegate.legacy_import_runs set due_seen = now() - interval '${ago}' where id = $1`,
        [run],
      );
    // Within a day of its time it is seen, and not erased however long ago that was.
    expect([await refused(96), await seen()]).toEqual([{ refused: "RunNotDue" }, "true"]);
    await seenBefore("21 hours");
    expect(await refused(96)).toEqual({ refused: "RunNotDue" });
    // Seen for the first time it may be the clock that is wrong, and a moment ahead was told by one that was.
    for (const ago of ["19 hours", "-400 days"]) {
      await seenBefore(ago);
      expect(await eraseDue(services.sign, 90, whenever)).toEqual([]);
    }
    expect(await seen()).toBe("true");
    // Once the clock is right again that was nothing, and at its time it is seen anew.
    await ended(2);
    expect(await eraseDue(services.sign, 90, whenever)).toEqual([]);
    expect(await seen()).toBe(null);
    await ended(95);
    expect(await eraseDue(services.sign, 90, whenever)).toEqual([]);
    expect((await findRun(services.stage, run)).erased_at).toBe(null);
    await seenBefore("21 hours");
    // A day is enough.
    const begun = services.sign.transaction(async (db) => {
      const { answer } = await db.one<{ answer: object }>(
        raw(`select wavegate.erase_due('${run}', 1, 0, 1) as answer`),
      );
      throw new Error(`undone: ${Object.keys(answer)}`);
    });
    await expect(begun).rejects.toThrow("undone: next");
    expect(await eraseDue(services.sign, 96, whenever)).toEqual([]);
    expect(await eraseDue(services.sign, 90, () => false)).toEqual([]);
    expect((await findRun(services.stage, run)).erased_at).toBe(null);
    expect(await refused(99_999)).toEqual({ refused: "RunNotDue" });
    await seenBefore("21 hours");
    expect(await eraseDue(services.sign, 90, whenever)).toEqual([reference]);
    expect(await eraseDue(services.sign, 90, whenever)).toEqual([]);
    expect(
      await world.test.query(
        `select actor, action, (details ->> 'days')::int as days from wavegate.audit_log where run_id = $1 and action in ('erase', 'erased') order by seq`,
        [run],
      ),
    ).toEqual([
      { actor: "wavegate", action: "erase", days: 90 },
      { actor: "wavegate", action: "erased", days: null },
    ]);
    expect(
      await world.test.query(
        `select run_id::text as run from wavegate.legacy_student_imports_source
            where num_nonnulls(full_name, phone_raw, email_raw, raw_values) > 0 group by 1 order by 1`,
      ),
    ).toEqual(Object.values(olderRun).map((each) => ({ run: each })));
  });
});
