import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, it } from "vitest";
import { mutated } from "../../scripts/mutants/mutant.ts";
import { type Ranges, ranAt, ranges, together, withoutMistake } from "../../scripts/mutants/ran.ts";
import { type MadeState, otherwise } from "../../scripts/mutants/states.ts";

const source = `export const sign = (n: number): string => {
  if (n < 0) return "less";
  return n > 0 ? "more" : "none";
};
export const unasked = () => "never";
`;
const at = (text: string): [number, number] => [
  source.indexOf(text),
  source.indexOf(text) + text.length,
];

/** Asks it about a number, in a process of its own, and tells what V8 counted. */
const asking = `
import { Session } from "node:inspector";
const session = new Session();
session.connect();
session.post("Profiler.enable");
session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
const { sign } = await import(process.argv[1]);
sign(Number(process.argv[2]));
session.post("Profiler.takePreciseCoverage", (_, { result }) => {
  console.log(JSON.stringify(result.find(({ url }) => url === process.argv[1]).functions));
});`;

/** What runs of the source while it is asked about a number. */
async function ranFor(n: number): Promise<Ranges> {
  const folder = await mkdtemp(join(tmpdir(), "wavegate-ran-"));
  try {
    const file = join(folder, "sign.ts");
    await writeFile(file, source);
    const told = execFileSync(
      process.execPath,
      ["--input-type=module", "-e", asking, pathToFileURL(file).href, String(n)],
      { env: { ...process.env, NODE_COMPILE_CACHE: undefined } },
    );
    return ranges(JSON.parse(told.toString()));
  } finally {
    await rm(folder, { recursive: true });
  }
}

it("W13 what ran of a file is told by its parts, down to a branch", async () => {
  const ran = await ranFor(-1);
  const runs = (text: string) => ranAt(ran, ...at(text));
  expect({
    less: runs('return "less"'),
    more: runs('"more"'),
    module: runs("export const unasked"),
    unasked: runs('"never"'),
  }).toEqual({ less: true, more: false, module: true, unasked: false });
  const positive = await ranFor(1);
  expect(ranAt(positive, ...at('"more"'))).toBe(true);
  expect(ranAt(positive, ...at('"none"'))).toBe(false);
  const both = together({ "a.ts": ran }, { "a.ts": positive, "b.ts": [] });
  expect(ranAt(both["a.ts"], ...at('return "less"'))).toBe(true);
  expect(ranAt(both["a.ts"], ...at('"more"'))).toBe(true);
  expect(ranAt(both["a.ts"], ...at('"none"'))).toBe(false);
  expect(ranAt(both["c.ts"], 0, 10)).toBe(false);
});

it("W13 what ran beside a mistake is told of the text without it", () => {
  const text = "one; two; three;";
  const mutant = { file: "a.ts", from: 5, upTo: 8, replacement: "twentytwo", kind: "longer" };
  const changed = mutated(text, mutant);
  expect(changed).toBe("one; twentytwo; three;");
  const from = changed.indexOf("three");
  expect(withoutMistake([[from, from + 5]], mutant)).toEqual([[10, 15]]);
  expect(withoutMistake([[0, changed.length]], mutant)).toEqual([[0, text.length]]);
});

it("W13 a state that a mistake had a part in is made anew, and any behind a database that it set up otherwise", () => {
  const mutant = { file: "lib/a.ts", from: 10, upTo: 12, replacement: "", kind: "" };
  const made = (state: MadeState["state"], ...ran: [number, number][]): MadeState => ({
    state,
    templates: [`template_${state}`],
    ran: { "lib/a.ts": ran },
  });
  const states = [made("ecoin", [0, 10]), made("reviewed", [0, 11]), made("aged", [12, 20])];
  expect(otherwise(states, mutant)).toEqual(["template_reviewed"]);
  expect(otherwise(states, { ...mutant, from: 30, upTo: 31 })).toEqual([]);
  expect(otherwise(states, { ...mutant, from: 9 })).toBe("all");
  expect(otherwise(states, { ...mutant, file: "lib/data/schema/001.sql" })).toBe("all");
  expect(otherwise([], mutant)).toBe("all");
});
