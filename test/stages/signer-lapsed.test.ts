import pg from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sql, uuid } from "../../lib/data/sql.ts";
import {
  addPerson,
  type Permission,
  permissions,
  removePerson,
} from "../../lib/review/people/people.ts";
import { judgeSamples } from "../../lib/review/samples/judge.ts";
import { override } from "../../lib/review/sign-off/override.ts";
import { decide } from "../../lib/review/sign-off/sign-offs.ts";
import { commit } from "../../lib/stages/commit.ts";
import { drill } from "../../lib/stages/drill.ts";
import { finalVerify } from "../../lib/stages/final-verify.ts";
import { nextWave } from "../../lib/stages/next-wave.ts";
import { run as small, smallWorlds } from "../faults/worlds.ts";
import { reviewedServices, reviewed as run, type TestServices } from "../support/services.ts";
import { approve, question, refusal, runWave } from "../support/steps.ts";

let test: TestServices;
const lent = smallWorlds();

beforeEach(async () => {
  test = await reviewedServices();
});
afterEach(() => test.close());

/** Lets somebody do all but decide about commits. */
const lets = (name: string, held: readonly Permission[]) =>
  addPerson(test.admin, { name, email: `${name}@example.com`, permissions: held });
const allBut = permissions.filter((each) => each !== "legacy_imports.commit");
const written = async () =>
  (
    await test.query<{ n: number }>(
      "select count(*)::int as n from wavegate.legacy_import_commit_logs where run_id = $1 and rolled_back_at is null",
      [run],
    )
  )[0]?.n;
const approvedBy = async (person: string, gate: "first_wave" | "scale_up") => {
  const id = await question(test, run, gate);
  if (id === undefined) throw new Error("It was answered before.");
  const ref = { id };
  const judged = await test.query<{ id: number }>(
    `select distinct on (bucket) staged_id::float8 as id from wavegate.samples
      where run_id = $1 and digest = (select digest from wavegate.dry_runs where run_id = $1 order by created_at desc limit 1)`,
    [run],
  );
  const verdicts = [...new Set(judged.map((each) => each.id))];
  await judgeSamples(test.services, {
    ref,
    person,
    verdicts: verdicts.map((stagedId) => ({ stagedId, wrong: [] })),
  });
  return decide(test.services, { ref, person, decision: "approve", comment: "Looked at." });
};

describe("W8 an approval is worth what its people may do when a wave is written", () => {
  it.each<[string, () => Promise<unknown>]>([
    ["may no longer decide", () => lets("approver", allBut)],
    ["is gone", () => removePerson(test.admin, "approver")],
  ])("nothing is written once its approver %s, and somebody else is asked", async (_, lose) => {
    await approve(test, run, "first_wave");
    await lose();
    await expect(commit(test.services, { run, wave: 1 })).rejects.toMatchObject({
      name: "SignOffLapsed",
      message:
        "approver, who signed off the first wave, may no longer decide about commits. Nothing was written; ask anew with `wavegate sign-off ask`.",
    });
    expect(await written()).toBe(0);
    expect(await nextWave(test.services, run)).toEqual({
      next: "ask",
      run,
      wave: 1,
      gate: "first_wave",
    });
    await lets("approver", permissions);
    await lose();
    await approvedByOther("first_wave");
    expect((await commit(test.services, { run, wave: 1 })).counts.picked).toBe(25);
  });

  /** Samples are judged by whoever may. */
  const approvedByOther = async (gate: "first_wave") => {
    await lets("approver", allBut);
    await approvedBy("second", gate);
  };

  it("D13 the drill writes the first wave again under somebody who may still decide", async () => {
    await approve(test, run, "first_wave");
    await runWave(test, run, 1);
    await lets("approver", allBut);
    expect(await nextWave(test.services, run)).toMatchObject({ next: "ask", gate: "first_wave" });
    // Asked for alone, it begins and writes nothing again.
    expect(await refusal(drill(test.services, run))).toBe("SignOffLapsed");
    expect(await written()).toBe(0);
    expect(await nextWave(test.services, run)).toMatchObject({ next: "ask", gate: "first_wave" });
    await approvedBy("second", "first_wave");
    expect(await nextWave(test.services, run)).toMatchObject({ next: "drill" });
    expect(await drill(test.services, run)).toMatchObject({ passed: true });
    expect(await nextWave(test.services, run)).toMatchObject({ next: "ask", gate: "scale_up" });
  });

  it("R7 D15 neither does an approval hold whose override was by somebody who may no longer decide", async () => {
    const id = await question(test, run, "first_wave");
    if (id === undefined) throw new Error("It was answered before.");
    const ref = { id };
    const [row] = await test.query<{ id: number }>(
      "select staged_id::float8 as id from wavegate.samples where run_id = $1 order by staged_id limit 1",
      [run],
    );
    const wrong = [{ stagedId: row?.id ?? 0, wrong: ["phone"] as const }];
    await judgeSamples(test.services, { ref, person: "second", verdicts: wrong });
    await override(test.services, { ref, person: "second", reason: "An old number." });
    const answer = { ref, person: "approver", decision: "approve", comment: "" } as const;
    await lets("second", allBut);
    expect(await refusal(decide(test.services, answer))).toBe("StopConditionHolds");
    await lets("second", permissions);
    await decide(test.services, answer);
    await lets("second", allBut);
    await expect(commit(test.services, { run, wave: 1 })).rejects.toMatchObject({
      name: "SignOffLapsed",
      message: expect.stringContaining("second, who overrode what stopped the first wave, may no"),
    });
    expect(await nextWave(test.services, run)).toMatchObject({ next: "ask", gate: "first_wave" });
    expect(await written()).toBe(0);
    // Given back, it holds as it did.
    await lets("second", permissions);
    expect((await commit(test.services, { run, wave: 1 })).counts.picked).toBe(25);
  });

  it("R18 what was written stays verified when its approver leaves", async () => {
    const whole = await lent.lend("last");
    await removePerson(whole.admin, "approver");
    expect(await nextWave(whole.services, small)).toEqual({ next: "done", run: small });
    expect(await finalVerify(whole.services, small)).toMatchObject({ passed: true });
    await whole.close();
  });
});

describe("W8 of a wave and of whoever takes the permission, one comes first", () => {
  const signed = async () => {
    await approve(test, run, "first_wave");
    const [found] = await test.query<{ id: string }>(
      "select id::text as id from wavegate.sign_offs where run_id = $1 and status = 'approved'",
      [run],
    );
    return found?.id ?? "";
  };
  const inTransaction = async (work: (client: pg.Client) => Promise<void>) => {
    const client = new pg.Client({ connectionString: test.url });
    await client.connect();
    try {
      await client.query("begin isolation level repeatable read");
      await work(client);
    } finally {
      await client.query("rollback");
      await client.end();
    }
  };
  const lapsed = "select wavegate.lapsed_signer($1) as who";

  it("whoever takes it waits until a wave that rests on it ends", async () => {
    const id = await signed();
    await inTransaction(async (client) => {
      expect((await client.query(lapsed, [id])).rows).toEqual([{ who: null }]);
      await expect(
        test.query(
          "set lock_timeout = '100ms'; update wavegate.people set permissions = '[]' where name = 'approver'",
        ),
      ).rejects.toThrow("lock timeout");
    });
  });

  it("a wave whose snapshot is older than the loss fails", async () => {
    const id = await signed();
    await inTransaction(async (client) => {
      await client.query("select 1 from wavegate.people");
      await removePerson(test.admin, "approver");
      await expect(client.query(lapsed, [id])).rejects.toMatchObject({ code: "40001" });
    });
  });

  it("an approval of before it was kept what it rests on goes by its own approver and the log", async () => {
    const id = await signed();
    await test.query("update wavegate.sign_offs set rests_on = null where id = $1", [id]);
    const { who } = await test.services.sign.one<{ who: string | null }>(
      sql`select wavegate.lapsed_signer(${uuid(id)}) as who`,
    );
    expect(who).toBe(null);
  });
});
