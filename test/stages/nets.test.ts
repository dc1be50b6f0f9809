import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { definitionDigest } from "../../lib/data/runs.ts";
import { raw } from "../../lib/data/sql.ts";
import type { Migration } from "../../lib/define/definition.ts";
import { pause, resume, stop } from "../../lib/review/steer/control.ts";
import { createSealer, createServices } from "../../lib/services/create.ts";
import { commit } from "../../lib/stages/commit.ts";
import { drill } from "../../lib/stages/drill.ts";
import { reviewExport } from "../../lib/stages/export-review.ts";
import { finishImport } from "../../lib/stages/finish-import.ts";
import { gate } from "../../lib/stages/gate.ts";
import { importRange } from "../../lib/stages/import-range.ts";
import { planImport } from "../../lib/stages/plan-import.ts";
import { preflight } from "../../lib/stages/preflight.ts";
import { verify } from "../../lib/stages/verify.ts";
import {
  platformDigest,
  reviewed,
  reviewedServices,
  type TestServices,
  testServices,
} from "../support/services.ts";
import {
  acknowledged,
  approve,
  importAll,
  judgeAll,
  refusal,
  reviewedRun,
} from "../support/steps.ts";

let test: TestServices;
beforeAll(async () => {
  test = await testServices();
});
afterAll(() => test.close());

const messageOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "",
    (error: Error) => error.message,
  );

describe("R3 an import that lacks something does not end", () => {
  const run = "7f3d0000-0000-4000-8000-000000000001";

  it("R3 ImportIncomplete while a range is open, with the range to look at", async () => {
    await preflight(test.services, {
      migration: "ecoin",
      run,
      executionArn: `arn:${run}`,
      acknowledge: acknowledged,
    });
    const { ranges } = await planImport(test.services, run);
    const [first, ...others] = ranges;
    for (const { range } of others) await importRange(test.services, run, range);
    const says = await messageOf(finishImport(test.services, run));
    expect(says).toMatch(/^1 import range of ecoin-\S+ is not done; the first is number \d+ of /);
    expect(says).toContain("What was staged stays.");
    expect(await refusal(finishImport(test.services, run))).toBe("ImportIncomplete");
    expect(await refusal(importRange(test.services, run, 999))).toBe("UnknownRange");
    await importRange(test.services, run, first?.range ?? 0);
  });

  it("R3 ImportUnbalanced when fewer rows are staged than were read", async () => {
    await test.query(
      `delete from wavegate.legacy_student_imports where run_id = $1
          and id = (select min(id) from wavegate.legacy_student_imports where run_id = $1)`,
      [run],
    );
    expect(await refusal(finishImport(test.services, run))).toBe("ImportUnbalanced");
    expect(await messageOf(finishImport(test.services, run))).toMatch(
      /^3,000 rows were read and 2,999 are staged in run ecoin-\S+\. Nothing was committed\. /,
    );
  });
});

describe("R6 a definition that forgets rows", () => {
  it("R6 rows that no line of the plan is about are refused by the database, and shown in no dry run", async () => {
    const { ecoin } = test.services.migrations as Record<"ecoin", Migration>;
    const forgetting: Migration = {
      ...ecoin,
      entity: { ...ecoin.entity, plan: ecoin.entity.plan.slice(0, 1) },
    };
    const services = { ...test.services, migrations: { ecoin: forgetting } };
    const run = "7f3d0000-0000-4000-8000-000000000009";
    // Preflight refuses such a definition; what went wrong behind it is what this net is for.
    await importAll(test, run);
    await test.query(
      "update wavegate.legacy_import_runs set definition_digest = $2, definition = $3 where id = $1",
      [run, definitionDigest(forgetting), JSON.stringify(forgetting)],
    );
    await expect(judgeAll({ ...test, services }, run)).rejects.toThrow(/SQLState: 23502$/u);
    expect(await test.query("select 1 from wavegate.dry_runs where run_id = $1", [run])).toEqual(
      [],
    );
  });
});

describe("R14 R15 a wave that is not proved stops the run", () => {
  const run = "7f3d0000-0000-4000-8000-000000000002";

  it("R14 DrillTooEarly and UnknownWave before there is a wave", async () => {
    await reviewedRun(test, run);
    expect(await refusal(drill(test.services, run))).toBe("DrillTooEarly");
    expect(await refusal(verify(test.services, run))).toBe("UnknownWave");
  });

  /** Lets the database lose what is written of rows. */
  const losing = async (
    table: string,
    when: string,
    work: () => Promise<void>,
    what: "insert" | "update" = "update",
  ) => {
    await test.query(`
      create function wavegate.lose() returns trigger language plpgsql as $$ begin return null; end $$;
      create trigger lose before ${what} on wavegate.${table} for each row
        when (${when}) execute function wavegate.lose()`);
    try {
      await work();
    } finally {
      await test.query("drop function wavegate.lose() cascade");
    }
  };
  /** The mark of every second row that is brought to a state. */
  const everySecond = (state: string) => `new.import_state = '${state}' and new.staged_id % 2 = 0`;
  const created = async () =>
    (
      await test.query<{ n: number }>(
        "select count(*)::int as n from legacy_completed_trainings where legacy_import_run_id = $1",
        [run],
      )
    )[0]?.n;

  it("B6 WaveUnbalanced when fewer rows were marked than picked: nothing is written", async () => {
    await approve(test, run, "first_wave");
    await losing("legacy_student_imports_decisions", everySecond("committed"), async () => {
      const says = await messageOf(commit(test.services, { run, wave: 1 }));
      expect(says).toMatch(
        /^Wave 1 of ecoin-\S+ picked 25 rows and marked \d+\. It was taken back whole; nothing was written\./,
      );
      expect(await refusal(commit(test.services, { run, wave: 1 }))).toBe("WaveUnbalanced");
    });
    expect(await created()).toBe(0);
  });

  it("W3 W4 WaveUnbalanced when the wave itself could not be noted, as where it stands already: nothing is written, nor told", async () => {
    const told = () =>
      test.query("select seq from wavegate.audit_log where run_id = $1 and action = 'commit'", [
        run,
      ]);
    await losing(
      "waves",
      "true",
      async () => {
        expect(await messageOf(commit(test.services, { run, wave: 1 }))).toBe(
          "Wave 1 stands already. What was written beside it was taken back whole; nothing was written.",
        );
      },
      "insert",
    );
    expect(await created()).toBe(0);
    expect(await told()).toEqual([]);
  });

  it("R15 WaveNotVerified for the wave after one that nobody verified", async () => {
    await commit(test.services, { run, wave: 1 });
    expect(await refusal(drill(test.services, run))).toBe("DrillTooEarly");
    expect(await refusal(commit(test.services, { run, wave: 2 }))).toBe("WaveNotVerified");
    expect(await messageOf(commit(test.services, { run, wave: 2 }))).toMatch(
      /^Wave 1 of ecoin-\S+ .*, so no further one may start\. Nothing was written\. /,
    );
    // Nor is it let past as if somebody had looked at it.
    expect(await refusal(gate(test.services, run, 1))).toBe("WaveNotClean");
  });

  it("R15 WaveNotClean for a wave whose row was edited before it was verified", async () => {
    const [{ id, full_name }] = (await test.query<{ id: number; full_name: string }>(
      "select id::int, full_name from legacy_completed_trainings where legacy_import_run_id = $1 order by id limit 1",
      [run],
    )) as [{ id: number; full_name: string }];
    const edit = (name: string) =>
      test.query("update legacy_completed_trainings set full_name = $2 where id = $1", [id, name]);
    await edit("Somebody Else");
    const { passed, checks } = await verify(test.services, run, 1);
    expect(passed).toBe(false);
    expect(checks.filter((check) => !check.passed).map((check) => check.id)).toEqual([
      "logs_written",
    ]);
    expect(await refusal(gate(test.services, run, 1))).toBe("WaveNotClean");
    expect(await messageOf(gate(test.services, run, 1))).toMatch(
      /^Wave 1 of ecoin-\S+ did not pass its verification: “[^”]+” \(expected 25 of 25, found 24 of 25; legacy_completed_trainings\.full_name is another one in 1\)\. Where a trigger .* by `keeps`\. No further wave starts\. `wavegate verify --run /,
    );
    expect(await refusal(commit(test.services, { run, wave: 2 }))).toBe("WaveNotVerified");
    await edit(full_name);
    expect((await verify(test.services, run, 1)).passed).toBe(true);
    expect(await gate(test.services, run, 1)).toEqual({ run, wave: 1, clean: true });
  });

  it("R17 RollbackUnbalanced when fewer rows were reset than taken back, or fewer entries closed: nothing is", async () => {
    await losing("legacy_student_imports_decisions", everySecond("rolled_back"), async () => {
      expect(await refusal(drill(test.services, run))).toBe("RollbackUnbalanced");
    });
    expect(await created()).toBe(25);
    // Nor where an entry is not closed, of a row that was only linked.
    const ledger = "wavegate.legacy_import_commit_logs";
    await test.query(`insert into ${ledger} (run_id, wave, round, staged_id, action, target_table, target_id)
      select run_id, 1, 1, min(id), 'link', 'users', 1 from wavegate.legacy_student_imports i where run_id = '${run}'
         and not exists (select from ${ledger} l where l.run_id = i.run_id and l.staged_id = i.id) group by 1`);
    await losing("legacy_import_commit_logs", "new.action = 'link'", async () => {
      expect(await refusal(drill(test.services, run))).toBe("RollbackUnbalanced");
    });
    await test.query(`alter table ${ledger} disable trigger user;
      delete from ${ledger} where action = 'link' and target_table = 'users' and target_id = 1;
      alter table ${ledger} enable trigger user`);
    expect(await created()).toBe(25);
    expect((await verify(test.services, run, 1)).passed).toBe(true);
  });

  it("R14 DrillFailed when a row of wave one was edited: it is spared, and so nothing is proved", async () => {
    await test.query(
      `update legacy_completed_trainings set full_name = 'Somebody Else'
        where id = (select min(id) from legacy_completed_trainings where legacy_import_run_id = $1)`,
      [run],
    );
    const says = await messageOf(drill(test.services, run));
    expect(says).toMatch(
      /^The rollback drill of ecoin-\S+ deviated: wave 1, rows written first 25, rows taken back 24, .*conflicts 1, .*verified again (yes|no)\. The run stops; no further wave starts\. /,
    );
    expect(says).not.toMatch(/[{}"]/);
    const [drilled] = await test.query("select passed from wavegate.drills where run_id = $1", [
      run,
    ]);
    expect(drilled).toEqual({ passed: false });
    expect(await refusal(commit(test.services, { run, wave: 2 }))).not.toBe("");
  });
});

describe("W9 W7 B8 what stands between a run and the next step", () => {
  const run = reviewed;
  let own: TestServices;
  beforeAll(async () => {
    own = await reviewedServices();
  });
  afterAll(() => own.close());

  /** The error's name, and whether anything was written on the platform by what was refused. */
  const refused = async (work: () => Promise<unknown>) => {
    const before = await platformDigest(own);
    const name = await refusal(work());
    return [name, JSON.stringify(await platformDigest(own)) === JSON.stringify(before)];
  };

  it("W9 RunPaused: a wave that was signed is not written while somebody paused the run", async () => {
    await approve(own, run, "first_wave");
    await pause(own.services.sign, run, "operator");
    const wave = () => commit(own.services, { run, wave: 1 });
    expect(await refused(wave)).toEqual(["RunPaused", true]);
    expect(await messageOf(wave())).toContain("Nothing was written.");
    await resume(own.services.sign, run, "operator");
  });

  it("B8 DefinitionChanged: rules that are not the run's commit nothing", async () => {
    const { ecoin } = own.services.migrations;
    const services = {
      ...own.services,
      migrations: { ecoin: { ...ecoin, title: "Others" } as typeof own.definition },
    };
    expect(await refused(() => commit(services, { run, wave: 1 }))).toEqual([
      "DefinitionChanged",
      true,
    ]);
  });

  it("W7 DryRunStale: what changed since the dry run is not exported as what was shown", async () => {
    await own.query(
      "update wavegate.legacy_student_imports set planned_reason = 'other' where id = (select min(id) from wavegate.legacy_student_imports where run_id = $1 and planned_reason is null)",
      [run],
    );
    expect(await refused(() => reviewExport(own.services, run))).toEqual(["DryRunStale", true]);
    await own.query(
      "update wavegate.legacy_student_imports set planned_reason = null where planned_reason = 'other'",
    );
  });

  it("RowCountError and TokenUnreadable: defects are told and never taken for an answer", async () => {
    const { stage } = own.services;
    for (const none of ["select 1 as n where false", "values (1), (2)"]) {
      expect(await refusal(stage.one(raw(none)))).toBe("RowCountError");
    }
    const sealer = createSealer(Buffer.alloc(32, 7).toString("base64"));
    expect(sealer.open(sealer.seal("a task's token"))).toBe("a task's token");
    for (const torn of ["", "a", "a.b", "."]) {
      await expect((async () => sealer.open(torn))()).rejects.toMatchObject({
        name: "TokenUnreadable",
      });
    }
    const sealed = sealer.seal("a task's token");
    expect(() => sealer.open(`${sealed.slice(0, -2)}AA`)).toThrow();
    await expect((async () => createSealer("short"))()).rejects.toMatchObject({
      name: "EnvironmentIncomplete",
    });
  });

  it.each(["7.01", "30", "0", "-1", "Infinity", "a week"])(
    "W8 EnvironmentIncomplete: a link works at most as long as its answer is waited for, and not %s days",
    async (days) => {
      await expect(
        (async () => createServices({ WAVEGATE_LINK_DAYS: days }))(),
      ).rejects.toMatchObject({
        name: "EnvironmentIncomplete",
        message: expect.stringContaining(`The environment says WAVEGATE_LINK_DAYS=${days}, `),
      });
    },
  );

  it("W9 W12 who says twice that a run is to pause or to stop is logged once, and told so; somebody else's word is news", async () => {
    const log = async () =>
      (
        await own.query<{ said: string }>(
          `select action || ' ' || actor as said from wavegate.audit_log
            where run_id = $1 and action in ('pause', 'stop', 'resume') order by seq`,
          [run],
        )
      ).map(({ said }) => said);
    const before = (await log()).length;
    const { sign } = own.services;
    const already: boolean[] = [];
    for (const [say, person] of [
      ...([
        [pause, "operator"],
        [pause, "operator"],
        [pause, "approver"],
      ] as const),
      ...([
        [stop, "operator"],
        [stop, "operator"],
        [pause, "operator"],
      ] as const),
      ...([
        [stop, "operator"],
        [resume, "operator"],
        [stop, "operator"],
      ] as const),
    ])
      already.push((await say(sign, run, person)).already);
    expect(already).toEqual([false, true, false, false, true, false, false, false, false]);
    expect((await log()).slice(before)).toEqual([
      "pause operator",
      "pause approver",
      "stop operator",
      "pause operator",
      "stop operator",
      "resume operator",
      "stop operator",
    ]);
    await resume(sign, run, "operator");
  });

  it("W9 RunCompleted: a run that is complete is neither paused nor gone on with", async () => {
    await commit(own.services, { run, wave: 1 });
    await own.query("update wavegate.legacy_import_runs set status = 'completed' where id = $1", [
      run,
    ]);
    expect(await refusal(pause(own.services.sign, run, "operator"))).toBe("RunCompleted");
    expect(await messageOf(resume(own.services.sign, run, "operator"))).toMatch(
      /^Run ecoin-\S+ is complete\. Nothing was changed\.$/u,
    );
    // A wave that was taken back since is something to do again.
    await own.query("update wavegate.waves set status = 'rolled_back' where run_id = $1", [run]);
    await resume(own.services.sign, run, "operator");
    await own.query("update wavegate.waves set status = 'committed' where run_id = $1", [run]);
  });
});
