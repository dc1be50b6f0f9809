import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Database } from "../../lib/data/database.ts";
import { render, type Sql } from "../../lib/data/sql.ts";
import {
  inLanes,
  inNotedLanes,
  oneBehindAnother,
  progressNotes,
  wholeStage,
} from "../../lib/stages/run/ranges.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

interface Step {
  readonly weight: number;
  readonly ms: number;
}

/** What is noted while steps run, with the milliseconds at which it was. */
async function notesOf(steps: readonly Step[], part = { from: 0, to: wholeStage }) {
  const notes: { at: number; done: number }[] = [];
  const started = performance.now();
  const running = inNotedLanes(
    async (done) => void notes.push({ at: performance.now() - started, done }),
    part,
    steps,
    ({ weight }) => weight,
    // Looked up when it is called: the clock is the test's.
    ({ ms }) => new Promise((resolve) => void setTimeout(resolve, ms)),
  );
  await vi.runAllTimersAsync();
  await running;
  return notes;
}

const steady = (count: number, ms = 100): Step[] =>
  Array.from({ length: count }, () => ({ weight: 1, ms }));

describe("W11 notes of a stage that works in two lanes", () => {
  it("W11 are right within a fifth from the first on, where items take the same time", async () => {
    for (const { at, done } of await notesOf(steady(20))) {
      expect(Math.abs(done / wholeStage / (at / 1_000) - 1)).toBeLessThan(0.2);
    }
  });

  it("W11 count what the other lane is at, where the lanes are apart", async () => {
    // The first item takes half as long, so that one lane is always in the middle of an item.
    const notes = await notesOf([{ weight: 1, ms: 50 }, ...steady(20)]);
    const whole = notes.at(-1)?.at ?? 0;
    for (const { at, done } of notes.slice(3)) {
      expect(Math.abs(done / wholeStage / (at / whole) - 1)).toBeLessThan(0.2);
    }
  });

  it("W11 count a long item while short ones pass by, and never more than its weight", async () => {
    const notes = await notesOf([{ weight: 10, ms: 1_000 }, ...steady(10)]);
    expect(notes.map(({ done }) => done)).toEqual(
      [...notes.keys()].map((n) => Math.min(wholeStage, (n + 1) * 1_000)),
    );
    const late = await notesOf([{ weight: 1, ms: 1_000 }, ...steady(9)]);
    expect(late.at(-2)?.done).toBe(wholeStage);
  });

  it("W11 stay inside their part of the stage, and end with it", async () => {
    const notes = await notesOf(steady(7), { from: 2_000, to: 5_000 });
    expect(notes.every(({ done }) => done > 2_000 && done <= 5_000)).toBe(true);
    expect(notes.at(-1)?.done).toBe(5_000);
    const weightless = await notesOf([{ weight: 0, ms: 10 }], { from: 2_000, to: 2_000 });
    expect(weightless.map(({ done }) => done)).toEqual([2_000]);
  });
});

describe("W3 an item behind another one", () => {
  const items = [
    { name: "first", ms: 100 },
    { name: "beside it", ms: 10 },
    { name: "second", ms: 10, behind: "first" },
  ];

  it("W3 begins once that one ended, however soon a lane is free", async () => {
    const seen: string[] = [];
    const take = oneBehindAnother(async ({ name, ms }: (typeof items)[number]) => {
      seen.push(`${name} begins`);
      await new Promise((resolve) => void setTimeout(resolve, ms));
      seen.push(`${name} ends`);
    });
    const running = inLanes(items, take);
    await vi.runAllTimersAsync();
    await running;
    expect(seen).toEqual([
      "first begins",
      "beside it begins",
      "beside it ends",
      "first ends",
      "second begins",
      "second ends",
    ]);
  });

  it("W3 never begins where that one failed", async () => {
    const seen: string[] = [];
    const take = oneBehindAnother(async ({ name, ms }: (typeof items)[number]) => {
      seen.push(name);
      await new Promise((resolve) => void setTimeout(resolve, ms));
      if (name === "first") throw new Error("cut off");
    });
    const running = expect(inLanes(items, take)).rejects.toThrow("cut off");
    await vi.runAllTimersAsync();
    await running;
    expect(seen).toEqual(["first", "beside it"]);
  });
});

describe("W11 notes of a stage that says often how far it is", () => {
  const noting = (total?: number) => {
    const noted: unknown[] = [];
    const execute = async (statement: Sql) =>
      noted.push(render(statement).parameters[2]?.value?.longValue);
    const db = { execute } as unknown as Database;
    const note = progressNotes(db, "7f3a0000-0000-4000-8000-000000000044", "export-review", total);
    return { note, noted };
  };

  it.each([
    [wholeStage, undefined],
    [40_000, 40_000],
  ])("W11 are at most a hundred, its beginning, and its end, of %i", async (all, total) => {
    const { note, noted } = noting(total);
    for (let done = 0; done <= all; done += 1) await note(done);
    expect(noted).toEqual(Array.from({ length: 101 }, (_, n) => (n * all) / 100));
  });
});
