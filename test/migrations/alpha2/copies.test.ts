import { describe, expect, it } from "vitest";
import { findRun } from "../../../lib/data/runs.ts";
import { stop } from "../../../lib/review/steer/control.ts";
import { eraseSome, eraseWhole } from "../../../lib/review/steer/erase.ts";
import { rollback } from "../../../lib/stages/rollback.ts";
import { everyNth } from "../../support/every-step.ts";
import { meetingAt } from "../../support/overtaken.ts";
import { refusal } from "../../support/steps.ts";
import { copied, copying, takenBack } from "./copying.ts";

const one = "7f3a0000-0000-4000-8000-00000000a211";
const other = "7f3a0000-0000-4000-8000-00000000a212";
const at = copying([one, other]);

describe("A5 W3 a copy that two runs name", () => {
  it("stays while one of them rests on it, and goes with the last", async () => {
    await copied(at.test, one, await at.rowsOf(one));
    await copied(at.test, other, await at.rowsOf(other));
    await takenBack(at.test, one);
    expect(await at.lying()).toEqual(at.keys);
    expect(await at.states(one)).toEqual([{ state: "removed", rows: 2 }]);
    expect(await takenBack(at.test, other)).toBe(2);
    expect(await at.lying()).toEqual([]);
  });

  it("is there for whom it was copied, and for nobody is left, whenever who copies meets who takes away", async () => {
    let copiedIt = 0;
    for (let step = 1; ; step += everyNth(3)) {
      await copied(at.test, one, await at.rowsOf(one));
      const rows = await at.rowsOf(other);
      const met = await meetingAt(
        at.test,
        step,
        (late) => copied(late, other, rows),
        (now) => takenBack(now, one),
      );
      if (!met.met) break;
      expect(met.other).toBeUndefined();
      expect(met.act).toBeUndefined();
      copiedIt++;
      expect(await at.states(other)).toEqual([{ state: "copied", rows: 2 }]);
      expect({ step, there: (await at.lying()).length }).toEqual({ step, there: 2 });
      await takenBack(at.test, other);
      expect({ step, there: await at.lying() }).toEqual({ step, there: [] });
    }
    expect(copiedIt).toBeGreaterThan(2);
  });

  it("is taken away from nobody who copies it while it is being taken away", async () => {
    let [copiedIt, refused] = [0, 0];
    for (let step = 1; ; step += everyNth(3)) {
      await copied(at.test, one, await at.rowsOf(one));
      const rows = await at.rowsOf(other);
      const met = await meetingAt(
        at.test,
        step,
        (late) => takenBack(late, one),
        (now) => copied(now, other, rows),
      );
      if (!met.met) break;
      expect(met.act).toBeUndefined();
      if (met.other === undefined) {
        copiedIt++;
        expect(await at.states(other)).toEqual([{ state: "copied", rows: 2 }]);
        expect({ step, there: (await at.lying()).length }).toEqual({ step, there: 2 });
      } else {
        refused++;
        expect(met.other).toMatchObject({ name: "CopiesBeingRemoved" });
      }
      await takenBack(at.test, other);
      expect({ step, there: await at.lying() }).toEqual({ step, there: [] });
    }
    expect(copiedIt).toBeGreaterThan(1);
    expect(refused).toBeGreaterThan(1);
  });

  it("of one run is made and taken away by whichever delivery, and never both", async () => {
    const rows = await at.rowsOf(one);
    for (const [act, meets] of [
      [copied, takenBack],
      [takenBack, copied],
      [copied, copied],
      [takenBack, takenBack],
    ] as const) {
      for (let step = 1; ; step += everyNth(3)) {
        if (act === takenBack) await copied(at.test, one, rows);
        const met = await meetingAt(
          at.test,
          step,
          (late) => act(late, one, rows),
          (now) => meets(now, one, rows),
        );
        for (const error of [met.act, met.other])
          if (error !== undefined) expect(error).toMatchObject({ name: "CopiesBeingRemoved" });
        // What is noted is what lies there.
        const [of] = await at.states(one);
        const there = (await at.lying()).length;
        expect({ step, there }).toEqual({ step, there: of?.state === "copied" ? 2 : 0 });
        await takenBack(at.test, one);
        if (!met.met) break;
      }
    }
  });
});

describe("A5 D19 copies of many, or of long, files", () => {
  it.each([
    ["three files of 30 MiB: two of them", 3, 30 * 1024 * 1024, 2],
    ["251 files: 250 of them", 251, 1, 250],
  ])("are made in parts, so that no transaction lasts: of %s", async (_, files, size, first) => {
    const [like] = await at.rowsOf(one, 1);
    if (like === undefined) throw new Error("There are answers with files.");
    // None of them is as long as it was: nothing is copied, but for each it is looked what lies there.
    const rows = Array.from({ length: files }, (_each, n) => ({
      ...like,
      id: like.id + n,
      key: `files/long-${n}.pdf`,
      size,
    }));
    const noted: number[] = [];
    const { look } = at.test.services.copies;
    const looking = at.withStore({
      look: async (key) => {
        const [of] = await at.states(one);
        noted.push(of?.rows ?? 0);
        return look(key);
      },
    });
    await copied(looking, one, rows);
    expect(noted[0]).toBe(first);
    expect(await at.states(one)).toEqual([{ state: "changed", rows: files }]);
  });
});

describe("A5 B13 copies for which no row was written", () => {
  it("keep a run's people from being erased until they are taken away", async () => {
    const { sign, stage } = at.test.services;
    await copied(at.test, one, await at.rowsOf(one));
    await at.test.query("update wavegate.legacy_import_runs set status = 'waiting' where id = $1", [
      one,
    ]);
    await stop(sign, one, "operator");
    await at.test.query("update wavegate.legacy_import_runs set status = 'stopped' where id = $1", [
      one,
    ]);
    const found = await findRun(stage, one);
    const erased = () => eraseWhole((behind) => eraseSome(sign, found, "approver", behind));
    await expect(erased()).rejects.toMatchObject({
      name: "CopiesStand",
      message: expect.stringMatching(
        /Take them away with `wavegate rollback --run \S+`, and erase then\.$/u,
      ),
    });
    // One that was noted and may lie there, and one that is on its way out.
    for (const state of ["intended", "removing", "copied"]) {
      await at.test.query("update wavegate.file_copies set state = $1", [state]);
      await expect(erased()).rejects.toMatchObject({ name: "CopiesStand" });
    }
    // Behind a stop nothing is copied any more.
    expect(await refusal(copied(at.test, one, await at.rowsOf(one, 4)))).toBe("RunStopped");
    await rollback(at.test.services, one);
    expect(await at.lying()).toEqual([]);
    // What was left in the place of a copy says nothing of the bytes any more.
    await at.test.query(
      "insert into wavegate.file_copies (run_id, staged_id, object_key, state, sha256) values ($1, -1, 'there', 'changed', 'of bytes')",
      [one],
    );
    expect(await erased()).toBeGreaterThan(100);
    expect(
      await at.test.query("select 1 from wavegate.file_copies where sha256 is not null"),
    ).toEqual([]);
  });
});
