import pg from "pg";
import { afterEach, expect, it } from "vitest";
import { findRun } from "../../lib/data/runs.ts";
import { sql, uuid } from "../../lib/data/sql.ts";
import { holdRow, releaseRow } from "../../lib/review/rows/held-rows.ts";
import { ask } from "../../lib/review/sign-off/ask.ts";
import { decide } from "../../lib/review/sign-off/decide.ts";
import { resume } from "../../lib/review/steer/control.ts";
import { commit } from "../../lib/stages/commit.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { meetingAt } from "../support/overtaken.ts";
import type { TestServices } from "../support/services.ts";
import { question } from "../support/steps.ts";
import { whatDoesNotHold } from "./holds.ts";
import { run, smallWorlds } from "./worlds.ts";

const lent = smallWorlds();
let test: TestServices;
afterEach(() => test.close());

/** Asks about the first gate; the question's id. */
const asks = async (): Promise<string> => {
  const asked = await ask(test.services, { run, gate: "first_wave" });
  return asked.kind === "asked" ? asked.signOff : "";
};
const onTheRow = async (act: typeof holdRow | typeof releaseRow): Promise<void> => {
  const [found] = await test.query<{ row: number }>(
    "select min(id)::int as row from wavegate.legacy_student_imports where run_id = $1 and planned = 'commit'",
    [run],
  );
  const { sign } = test.services;
  const reason = "Two people of one name.";
  await act(sign, await findRun(sign, run), { row: found?.row ?? 0, person: "approver", reason });
};
const featureOn = async (): Promise<string> => {
  await resume(test.services.sign, run, "operator");
  await test.query(
    `insert into wavegate.features (name, migration, percentage, run_id, changed_by) values ('shown', 'ecoin', 10, $1, 'approver')
     on conflict (name) do update set percentage = 10`,
    [run],
  );
  return asks();
};
/** A question whose verdicts were given in a reviewed state before this one. */
const judgedBefore = async (): Promise<string> => {
  const id = await question(test, run, "first_wave");
  await test.query(
    `insert into wavegate.samples
     select run_id, 'before', bucket, position, staged_id, verdict, wrong, judged_by, judged_at, row_salt, row_digest
       from wavegate.samples where run_id = '${run}' and digest <> 'before' on conflict do nothing`,
  );
  await test.query(
    `update wavegate.samples
        set verdict = null, wrong = null, judged_by = null, judged_at = null, row_salt = null, row_digest = null
      where run_id = '${run}' and digest <> 'before'`,
  );
  return id ?? "";
};

it.each<[string, () => Promise<string>, () => Promise<unknown>]>([
  [
    "releases a row",
    async () => {
      await onTheRow(holdRow);
      return asks();
    },
    () => onTheRow(releaseRow),
  ],
  ["takes the run back while people see a feature", featureOn, () => rollback(test.services, run)],
  [
    "restores a backup while people see a feature",
    featureOn,
    () =>
      test.services.sign.transaction((db) =>
        db.rows(sql`select wavegate.begin_restore(${uuid(run)}, 'approver', '{}') as refused`),
      ),
  ],
  ["asks anew, with verdicts of before", judgedBefore, asks],
])(
  "W3 W8 whoever %s waits for one who decides at that moment, and neither gives way to the other",
  async (_what, prepare, other) => {
    test = await lent.lend("reviewed");
    const ends: string[] = [];
    let steps = 0;
    for (let met = true; met; ) {
      const id = await prepare();
      steps++;
      const ended = await meetingAt(
        test,
        steps,
        ({ services }) =>
          decide(services, {
            ref: { id },
            person: "second",
            decision: "reject",
            comment: "Not yet.",
          }),
        other,
      );
      met = ended.met;
      for (const error of [ended.act, ended.other])
        ends.push(error instanceof Error ? error.name : "done");
    }
    expect(steps).toBeGreaterThan(8);
    // What came before the decision withdrew its question.
    expect([...new Set(ends)].sort()).toEqual(["LinkExpired", "done"]);
  },
);

/** As programs write that look first: what they locked they then change, and whoever refers to it waits or is ended. */
const platformWrites = async () => {
  const client = new pg.Client({ connectionString: test.url });
  await client.connect();
  try {
    await client.query("begin");
    await client.query("select from courses for update");
    await client.query("update courses set id = id");
    await client.query("commit");
  } finally {
    await client.end();
  }
};

it("W3 W13 a wave whose rows refer to what somebody on the platform locks and writes meanwhile is whole or not at all, says who it may have been, and is written when it is sent again", async () => {
  const said: string[] = [];
  for (let nth = 1, met = true; met; nth++) {
    test = await lent.lend("approved");
    const ends = await meetingAt(
      test,
      nth,
      ({ services }) => commit(services, { run, wave: 1 }),
      platformWrites,
    );
    met = ends.met;
    expect(ends.other).toBeUndefined();
    if (ends.act instanceof Error) said.push(ends.act.message);
    expect(await whatDoesNotHold(test, run)).toEqual([]);
    expect((await commit(test.services, { run, wave: 1 })).counts.picked).toBe(5);
    expect(await whatDoesNotHold(test, run)).toEqual([]);
    await test.close();
  }
  test = await lent.lend("approved");
  expect(said.length).toBeGreaterThan(0);
  for (const each of said)
    expect(each).toMatch(
      /^Another wave of this migration, or somebody on the platform, wrote the same rows or rows that they refer to at the same moment\. Nothing was written by this one; it may be sent again\./u,
    );
});
