/**
 * `npm run mutants -- --minutes 60`: makes small mistakes in the code, one at a time, and tells which no test
 * notices. Mistakes in TypeScript are Stryker's, those in SQL its own (`mutants/sql.ts`); a sample is drawn by a
 * seed, as there are tens of thousands. They are made in a copy of the project; a test that fails of no mistake is
 * asked no more. Of each mistake the likeliest tests are asked, not all. What is learnt of the tests meanwhile, what they
 * run and how long they take, is kept for the next time.
 */
import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { Copy } from "./mutants/copy.ts";
import { fitting } from "./mutants/fitting.ts";
import { Known } from "./mutants/known.ts";
import { type Mutant, says } from "./mutants/mutant.ts";
import { Reach } from "./mutants/reach.ts";
import { mutantsOfSql } from "./mutants/sql.ts";
import { mutantsOfCode } from "./mutants/typescript.ts";
import { Random } from "./sample/random.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "60" },
    seed: { type: "string", default: "1" },
    sample: { type: "string", default: "200" },
    /** How many of the sample an earlier piece tried already. */
    from: { type: "string", default: "0" },
    /** Of the sample only these, counted from one: those that an earlier piece did not notice. */
    only: { type: "string" },
    /** Mistakes that are tried at a time, each in a copy of its own. */
    lanes: { type: "string", default: "1" },
    /** Only mistakes in what this matches, a regular expression, e.g. conditions with `run_id =`. */
    text: { type: "string", default: "" },
    /** Test files that are asked about one mistake at most. */
    tests: { type: "string", default: "12" },
    /** Seconds that they may take together, as far as that is known. */
    seconds: { type: "string", default: "60" },
    files: {
      type: "string",
      default: "lib/{compile,stages,review,evidence,normalize,data}/**/*.{ts,sql}",
    },
  },
});
const root = join(import.meta.dirname, "..");
const until = Date.now() + Number(values.minutes) * 60_000;

const content = new Map(
  globSync(values.files, { cwd: root })
    .sort()
    .map((file) => [file, readFileSync(join(root, file), "utf8")]),
);

const made: { sql: Mutant[]; code: Mutant[] } = { sql: [], code: [] };
const wanted = new RegExp(values.text);
for (const [file, text] of content) {
  const some = ({ from, upTo }: Mutant) => wanted.test(text.slice(from, upTo));
  made.sql.push(...mutantsOfSql(file, text).filter(some));
  if (file.endsWith(".ts")) made.code.push(...(await mutantsOfCode(file, text)).filter(some));
}
const random = new Random(Number(values.seed));
const drawn = draw();
console.log(
  `${made.code.length} mistakes in TypeScript and ${made.sql.length} in SQL can be made; ${drawn.length} of them are drawn by the seed ${values.seed}.`,
);

const known = new Known(root, join(root, ".wavegate/mutants.json"));
const reach = new Reach(root, known);
const copies: Copy[] = [];
const survivors: Mutant[] = [];
const unasked: Mutant[] = [];
const sound = new Map<string, boolean>();
let noticed = 0;
let ended = false;
process.once("SIGINT", end);
const only = values.only?.split(",").map(Number);
const left = drawn
  .map((mutant, index) => ({ mutant, at: index + 1 }))
  .filter(({ at }) => (only ? only.includes(at) : at > Number(values.from)));
const lanes = Number(values.lanes);
const ends = await Promise.allSettled(Array.from({ length: lanes }, lane));
// The others ended with it, and took their copies away.
const broke = ends.find((each) => each.status === "rejected");
if (broke !== undefined) throw broke.reason;

const tried = noticed + survivors.length + unasked.length;
console.log(
  `\n${noticed} of ${tried} mistakes were noticed (${((100 * noticed) / Math.max(1, tried)).toFixed(1)} %); each was shown to ${values.tests} test files at most, of ${values.seconds} s.`,
);
for (const [file, some] of Map.groupBy([...survivors, ...unasked], (mutant) => mutant.file)) {
  console.log(`\n${file}`);
  for (const mutant of some)
    console.log(`  ${told(mutant)}${unasked.includes(mutant) ? " (no test comes here)" : ""}`);
}

/** Half of the sample from each language, in turns, so that a run that ends early is no other sample. */
function draw(): Mutant[] {
  const sample: Mutant[] = [];
  const left = { sql: [...made.sql], code: [...made.code] };
  while (sample.length < Number(values.sample) && left.sql.length + left.code.length > 0) {
    const wanted = sample.length % 2 === 0 ? left.sql : left.code;
    const from = wanted.length > 0 ? wanted : wanted === left.sql ? left.code : left.sql;
    sample.push(...from.splice(random.below(from.length), 1));
  }
  return sample;
}

function end(): void {
  ended = true;
  for (const copy of copies) copy.end();
}

/** Tries one mistake after the other, until none is left or the time is over, in a copy that goes away however it ends. */
async function lane(): Promise<void> {
  let copy: Copy | undefined;
  try {
    copy = await Copy.of(root, lanes, known);
    copies.push(copy);
    await copy.begin();
    console.log(
      `What many tests begin with stands after ${(performance.now() / 1000).toFixed(0)} s.`,
    );
    await tryIn(copy);
  } catch (error) {
    end();
    throw error;
  } finally {
    await copy?.remove();
  }
}

async function tryIn(copy: Copy): Promise<void> {
  for (let next = left.shift(); next !== undefined; next = left.shift()) {
    if (ended || Date.now() > until) break;
    const { mutant, at } = next;
    const began = performance.now();
    const shown = testsOf(mutant).map((test) => basename(test, ".test.ts"));
    const by = await noticedBy(copy, mutant);
    if (ended) break;
    known.keep();
    if (by !== undefined) noticed += 1;
    else if (testsOf(mutant).length === 0) unasked.push(mutant);
    else survivors.push(mutant);
    const took = ((performance.now() - began) / 1000).toFixed(0);
    const how = by === undefined ? `NOT NOTICED by ${shown.join(", ")}` : `noticed by ${by}`;
    console.log(`${at} ${how} (${took} s): ${told(mutant)}`);
  }
}

/**
 * The tests that are asked about a mistake: the likeliest, as many as may be and as take no longer than they may, and
 * behind them the likeliest of those that take too long.
 */
function testsOf(mutant: Mutant): string[] {
  const likely = reach
    .testsOf(mutant, content.get(mutant.file))
    .filter((test) => sound.get(test) !== false);
  return fitting(likely, known.secondsOf, {
    tests: Number(values.tests),
    seconds: Number(values.seconds),
  });
}

/** The test file that notices a mistake, if one does. */
async function noticedBy(copy: Copy, mutant: Mutant): Promise<string | undefined> {
  const tests = testsOf(mutant);
  if (tests.length === 0) return undefined;
  const asked = await copy.ask(tests, mutant);
  if (asked.kind === "passed") return undefined;
  if (asked.kind === "failed" && asked.test !== undefined) {
    const { test } = asked;
    if (!(await isSound(copy, test))) return noticedBy(copy, mutant);
    known.noticed(mutant.file, test);
    return test;
  }
  // It waited, or nothing could begin: that is the mistake if it is so again, and not so of the code as it is.
  const those = asked.test === undefined ? tests.slice(0, 1) : [asked.test];
  if ((await copy.ask(those)).kind !== "passed") {
    if (ended) return undefined;
    for (const test of those) sound.set(test, false);
    console.log(`${those[0]} does not end of the code as it is, and is asked no more.`);
    return noticedBy(copy, mutant);
  }
  const again = await copy.ask(those, mutant);
  if (again.kind === "late") return `the clock, by ${those[0]}`;
  return again.kind === "failed" ? (again.test ?? "what all tests begin with") : undefined;
}

/** Whether a test file passes of the code as it is: looked at when it first fails. */
async function isSound(copy: Copy, test: string): Promise<boolean> {
  const before = copy.passed.has(test) || sound.get(test);
  if (before !== undefined) return before;
  const { kind } = await copy.ask([test]);
  // Whoever ended it ended this, too.
  if (ended) return true;
  sound.set(test, kind === "passed");
  if (kind !== "passed") console.log(`${test} fails of the code as it is, and is asked no more.`);
  return kind === "passed";
}

function told(mutant: Mutant): string {
  return says(content.get(mutant.file) ?? "", mutant);
}
