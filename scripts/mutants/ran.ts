import type { Profiler } from "node:inspector";
import type { Mutant } from "./mutant.ts";

/** Parts of a text, each from and up to an offset, in order and apart from each other. */
export type Ranges = readonly (readonly [from: number, upTo: number])[];

/** Which parts of the product's files ran, by the path from the project's folder. */
export type Ran = Readonly<Record<string, Ranges>>;

/** The parts of a file that ran, of what V8 counted of its functions: what lies within is told after what is around it. */
export function ranges(functions: readonly Pick<Profiler.FunctionCoverage, "ranges">[]): Ranges {
  const all = functions
    .flatMap((each) => each.ranges)
    .toSorted(
      (one, other) => one.startOffset - other.startOffset || other.endOffset - one.endOffset,
    );
  const painted = new Uint8Array(Math.max(0, ...all.map(({ endOffset }) => endOffset)));
  for (const { startOffset, endOffset, count } of all)
    painted.fill(count > 0 ? 1 : 0, startOffset, endOffset);
  return parts(painted);
}

function parts(painted: Uint8Array): Ranges {
  const found: [number, number][] = [];
  for (let from = painted.indexOf(1); from >= 0; ) {
    const end = painted.indexOf(0, from);
    const upTo = end < 0 ? painted.length : end;
    found.push([from, upTo]);
    from = painted.indexOf(1, upTo);
  }
  return found;
}

/** What ran in one of both. */
export function together(one: Ran, other: Ran): Ran {
  const both: Record<string, Ranges> = { ...one };
  for (const [file, more] of Object.entries(other)) {
    const known = both[file];
    both[file] = known === undefined ? more : union(known, more);
  }
  return both;
}

function union(one: Ranges, other: Ranges): Ranges {
  const painted = new Uint8Array(Math.max(0, ...[...one, ...other].map(([, upTo]) => upTo)));
  for (const [from, upTo] of [...one, ...other]) painted.fill(1, from, upTo);
  return parts(painted);
}

/** Whether anything of a part of a file ran. */
export const ranAt = (ran: Ranges | undefined, from: number, upTo: number): boolean =>
  (ran ?? []).some(([begin, end]) => begin < Math.max(upTo, from + 1) && from < end);

/** The same parts in the text without a mistake. */
export function withoutMistake(ran: Ranges, { from, upTo, replacement }: Mutant): Ranges {
  const more = replacement.length - (upTo - from);
  const place = (at: number, within: number) => {
    if (at <= from) return at;
    return at >= from + replacement.length ? at - more : within;
  };
  return ran.map(([begin, end]) => [place(begin, from), place(end, upTo)]);
}
