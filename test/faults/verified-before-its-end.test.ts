import { afterEach, expect, it } from "vitest";
import { resume } from "../../lib/review/steer/control.ts";
import { finalVerify } from "../../lib/stages/final-verify.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import type { TestServices } from "../support/services.ts";
import { toTheEnd } from "../support/steps.ts";
import { whatDoesNotHold } from "./holds.ts";
import { run, smallWorlds } from "./worlds.ts";

const lent = smallWorlds();
let test: TestServices;
afterEach(() => test.close());
const status = async () =>
  (
    await test.query<{ status: string }>(
      `select status from wavegate.legacy_import_runs where id = '${run}'`,
    )
  )[0]?.status;

it.each(["last", "completed"] as const)(
  "R17 W6 a run that was %s, of which waves were taken back just before it is verified, is not complete until they are written again",
  async (world) => {
    test = await lent.lend(world);
    await rollback(test.services, run, 2);
    expect((await finalVerify(test.services, run)).passed).toBe(true);
    expect(await status()).toBe("stopped");
    expect(await whatDoesNotHold(test, run)).toEqual([]);
    await resume(test.services.sign, run, "operator");
    await toTheEnd(test, run);
    await finalVerify(test.services, run);
    expect(await status()).toBe("completed");
    expect(await whatDoesNotHold(test, run)).toEqual([]);
  },
);
