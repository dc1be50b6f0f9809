import { afterEach, expect, it } from "vitest";
import { OfTheMoment } from "../../lib/data/failures.ts";
import { raw as plain } from "../../lib/data/sql.ts";
import { Refusal } from "../../lib/services/errors.ts";
import { meetingAt } from "../support/overtaken.ts";
import { setUpAgain, type TestServices } from "../support/services.ts";
import { type Act, acts, another } from "./acts.ts";
import { whatDoesNotHold } from "./holds.ts";
import { meetings } from "./meetings.ts";
import { run, smallWorlds } from "./worlds.ts";

const lent = smallWorlds();
const open: TestServices[] = [];
afterEach(async () => {
  for (const test of open.splice(0)) await test.close();
});

const isSentAgain = (error: unknown): boolean =>
  error instanceof OfTheMoment || (error instanceof Refusal && error.name === "WaveContended");

/** How an act ended, once more where it is sent again, as a state machine does; undefined where it was done. */
const sentAgain = async (test: TestServices, act: Act, error: unknown): Promise<unknown> =>
  isSentAgain(error)
    ? act(test).then(
        () => undefined,
        (again: unknown) => again,
      )
    : error;

/** A named refusal is an end, and so is what a state machine sends again; anything else is told. */
const raw = (who: string, error: unknown): string[] =>
  error === undefined || error instanceof Refusal || isSentAgain(error) ? [] : [`${who}: ${error}`];

// Neighbours begin at other steps.
it.each(
  meetings.map((each, place) => [...each, 1 + ((3 * place) % Math.min(each[3], 7))] as const),
)(
  "W3 W6 in a run that is %s, %s that %s meets at any step leaves everything whole",
  { timeout: 30 * 60_000 },
  async (world, act, other, stride, from) => {
    const wrong: string[] = [];
    /** Whether the act came as far as that step. */
    const meet = async (nth: number): Promise<boolean> => {
      const test = await lent.lend(world);
      open.push(test);
      const first = await meetingAt(test, nth, acts[act], another[other] as Act);
      const ends = {
        act: await sentAgain(test, acts[act], first.act),
        other: await sentAgain(test, another[other] as Act, first.other),
      };
      const found = [
        ...raw(act, ends.act),
        ...raw(other, ends.other),
        ...(await whatDoesNotHold(test, run)),
      ];
      const how = `step ${nth} (${ends.act ?? "done"} / ${ends.other ?? "done"})`;
      wrong.push(...found.map((line) => `${how}: ${line}`));
      await test.close();
      open.pop();
      return first.met;
    };
    let nth = from;
    while (await meet(nth)) nth += stride;
    // Of few steps the first one, at least.
    if (nth === from) expect(await meet(1)).toBe(true);
    expect(wrong).toEqual([]);
  },
);

it("W3 W11 a set-up that waits for somebody gives way, and says nothing of it: who looks meanwhile is answered, and it is done in the end", async () => {
  const test = await lent.lend("begun");
  open.push(test);
  // As the snapshot of an export does.
  await test.query("begin");
  await test.query(`do $$ declare one record; begin
    for one in select oid::regclass as name from pg_class
                where relkind in ('r', 'p') and relnamespace in ('wavegate'::regnamespace, 'public'::regnamespace) loop
      execute format('lock table %s in access share mode', one.name);
    end loop; end $$`);
  const setUp = setUpAgain(test, test.definition);
  const waitsFor = async () =>
    (
      await test.query<{ name: string }>(
        `select l.relation::regclass::text as name from pg_locks l join pg_stat_activity a using (pid)
          where not l.granted and l.relation is not null and a.datname = current_database()`,
      )
    )[0]?.name;
  let table = await waitsFor();
  while (table === undefined) table = await waitsFor();
  expect(await test.admin.rows(plain(`select 1 as seen from ${table} limit 0`))).toEqual([]);
  await test.query("commit");
  await setUp;
});
