import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { Database } from "../../lib/data/database.ts";
import { addPerson, removePerson } from "../../lib/review/people/people.ts";
import { undoVerdict } from "../../lib/review/samples/undo-verdict.ts";
import { decide, judgeSamples, override } from "../../lib/review/sign-off/sign-offs.ts";
import type { Services } from "../../lib/services/services.ts";
import { signOffs } from "./asked.ts";
import { runId } from "./fixture.ts";

const here = signOffs();
const { asked, reject, judgeAll, stored } = here;

const firstSampled = async (): Promise<number> => {
  const { rows } = await here.world.admin.query(
    `select min(staged_id)::int as id from wavegate.samples where run_id = '${runId}'`,
  );
  return rows[0].id;
};

describe("W8 what somebody may is looked at again as it is decided", () => {
  /** Services in whose first transaction something else has just happened. */
  const behind = (happens: () => Promise<unknown>): Services => {
    const { sign } = here.world.services;
    let left = 1;
    const late: Database = {
      ...{ rows: sign.rows.bind(sign), one: sign.one.bind(sign), execute: sign.execute.bind(sign) },
      transaction: async (work, mode) => {
        if (left-- > 0) await happens();
        return sign.transaction(work, mode);
      },
    };
    return { ...here.world.services, sign: late };
  };
  const taken = (name: string) => () => removePerson(here.world.administrator, name);
  const given = (name: string) =>
    addPerson(here.world.administrator, {
      name,
      email: `${name}@example.com`,
      permissions: ["legacy_imports.view", "legacy_imports.review", "legacy_imports.commit"],
    });

  it("M14 whoever lost the permission meanwhile judges, overrides and decides nothing", async () => {
    const ref = await asked();
    await judgeAll(ref, ["phone"]);
    const [before] = await stored();
    const judged = () =>
      here.world.admin.query(
        `select staged_id, verdict, judged_by from wavegate.samples where run_id = '${runId}' order by 1`,
      );
    const { rows } = await judged();
    const verdicts = [{ stagedId: Number(rows[0].staged_id), wrong: [] }];
    for (const act of [
      (services: Services) => judgeSamples(services, { ref, person: "brahim", verdicts }),
      (services: Services) => override(services, { ref, person: "brahim", reason: "One phone." }),
      (services: Services) =>
        decide(services, { ref, person: "brahim", decision: "reject", comment: "wrong" }),
    ]) {
      await expect(act(behind(taken("brahim")))).rejects.toMatchObject({
        name: "PermissionDenied",
      });
      await given("brahim");
    }
    expect((await stored())[0]).toEqual(before);
    expect((await judged()).rows).toEqual(rows);
  });

  it("M14 who loses the permission while a decision is written loses it behind that decision, or it is refused", async () => {
    const ref = await asked();
    await judgeAll(ref, ["phone"]);
    // Lina judged the first one wrong, which is hers.
    const own = (await firstSampled()) + 2;
    const acts: Record<string, (services: Services) => Promise<unknown>> = {
      overrides: (services) => override(services, { ref, person: "brahim", reason: "One phone." }),
      judges: (services) =>
        judgeSamples(services, {
          ref,
          person: "brahim",
          verdicts: [{ stagedId: own, wrong: [] }],
        }),
      undoes: (services) => undoVerdict(services, { ref, person: "brahim", row: own }),
      rejects: (services) =>
        decide(services, { ref, person: "brahim", decision: "reject", comment: "wrong" }),
    };
    const entries = async () =>
      (
        await here.world.admin.query(
          `select count(*)::int as n from wavegate.audit_log where run_id = '${runId}'`,
        )
      ).rows[0].n;
    const waits = async () =>
      (
        await here.world.admin.query(
          "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
        )
      ).rowCount;
    for (const [what, act] of Object.entries(acts)) {
      // Just before the last statement of its transaction, which tells of it in the log.
      let undecided: boolean | undefined;
      let met = false;
      let under: Promise<unknown> = Promise.resolve();
      const { sign } = here.world.services;
      const meeting: Database = {
        ...{
          rows: sign.rows.bind(sign),
          one: sign.one.bind(sign),
          execute: sign.execute.bind(sign),
        },
        transaction: (work) =>
          sign.transaction(async (inner) => {
            const result = await work(inner);
            // What follows a decision is telling its task, which is nobody's act.
            if (met) return result;
            met = true;
            const before = await entries();
            let over = false;
            under = removePerson(here.world.administrator, "brahim").then(async () => {
              over = true;
              undecided = (await entries()) === before;
            });
            while (!over && (await waits()) === 0) await sleep(2);
            return result;
          }),
      };
      await act({ ...here.world.services, sign: meeting });
      await under;
      expect([what, undecided]).toEqual([what, false]);
      await given("brahim");
    }
  });

  it("nothing is judged or overridden that somebody decided meanwhile", async () => {
    const verdicts = [{ stagedId: await firstSampled(), wrong: [] }];
    for (const act of [
      (ref: { secret: string }, services: Services) =>
        judgeSamples(services, { ref, person: "brahim", verdicts }),
      (ref: { secret: string }, services: Services) =>
        override(services, { ref, person: "brahim", reason: "One phone." }),
    ]) {
      const ref = await asked();
      await judgeAll(ref, ["phone"]);
      const late = act(
        ref,
        behind(() => reject(ref, "amina")),
      );
      await expect(late).rejects.toMatchObject({ name: "AlreadyDecided" });
      expect((await stored()).at(-1)).toMatchObject({ status: "rejected", override_by: null });
    }
  });
});
