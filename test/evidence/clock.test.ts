import { expect, it } from "vitest";
import { commitLog } from "../../lib/evidence/verify/compare/balance.ts";
import { wrongMoments } from "../../lib/evidence/verify/compare/clock.ts";
import { LedgerFacts } from "../../lib/evidence/verify/ledger.ts";
import { Tallies } from "../../lib/evidence/verify/tally.ts";

type Log = Parameters<typeof wrongMoments>[0];

const at = (minute: number) => new Date(Date.UTC(2026, 10, 20, 10) + minute * 60_000).toISOString();
/** A log whose entries are of these minutes, and when it was exported. */
const log = (minutes: readonly number[], exported: number): Log["facts"] =>
  ({
    summary: { pinned_to: { started_at: at(0) }, exported_at: at(exported) },
    log: minutes.map((minute, n) => ({ seq: n + 1, at: at(minute) })),
  }) as never;
const older = "The bundle is older than its log";
const third = "Entry 3 is older than the one before it";

it.each([
  ["goes forward", log([1, 2, 3], 4), 0, []],
  ["is set back in an entry", log([1, 30, 3], 40), 0, [third]],
  ["is set back before what is proved ends", log([1, 30, 3], 40), 3, []],
  ["is set back and goes on", log([1, 30, 3, 4], 40), 4, []],
  ["creeps back", log([10, 9.4, 8.8], 40), 0, [third]],
  ["creeps back where that is proved", log([10, 9.4, 8.8], 40), 3, []],
  ["is set back behind it", log([1, 30, 3], 40), 2, [third]],
  ["is set back before the export", log([1, 2, 30], 4), 0, [older]],
  ["is so where the log alone is proved", log([1, 2, 30], 4), 3, [older]],
  ["is so where all of the bundle is", log([1, 2, 30], 4), Number.POSITIVE_INFINITY, []],
])("W12 B11 a clock that %s", (_, facts, trustedTo, wrong) => {
  expect(wrongMoments({ facts, trustedTo })).toEqual(wrong);
});

it.each([
  ["where nothing from elsewhere proves the log", [1, 30, 3], 0, false],
  ["where the log is proved, and goes forward", [1, 2, 30], 3, false],
  ["where it was set back by less", [1, 11, 3], 3, false],
  ["but where it was set back so far", [1, 30, 3], 3, true],
])("W12 M12 nothing is taken back before it was written %s", (_, minutes, trustedTo, holds) => {
  const ledger = new LedgerFacts();
  const entry = { id: "1", wave: "1", round: "1", action: "commit", target_table: "t" };
  ledger.note({ ...entry, target_id: "1", committed_at: at(30), rolled_back_at: at(4) });
  const lists = { ledger, rows: { standing: new Tallies() } };
  expect(commitLog({ facts: log(minutes, 40), lists, trustedTo } as never)).toEqual(
    holds ? [] : ["one entry of the commit log was taken back before it was written"],
  );
});
