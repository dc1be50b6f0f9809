import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Callers } from "../../scripts/mutants/callers.ts";
import { Known } from "../../scripts/mutants/known.ts";
import { Reach } from "../../scripts/mutants/reach.ts";

const files = {
  "lib/phone.ts": "export const phone = 1;",
  "lib/call.ts":
    "const written = sql`insert into wavegate.calls`, rung = sql`select wavegate.ring()`;",
  "lib/schema/001-calls.sql":
    "create table if not exists wavegate.calls (n int);\ncreate or replace function wavegate.ring() as $$ a = b $$;\ncreate or replace function wavegate.noted() as $$ c = d $$;\ncreate trigger noted before insert on wavegate.calls for each row execute function wavegate.noted();",
  "lib/all.ts": 'export { phone } from "./phone.ts";',
  "test/phone.test.ts": 'import { phone } from "../lib/phone.ts";',
  "test/support/services.ts": "",
  "test/all.test.ts":
    'import { phone } from "../lib/all.ts";\nimport { services } from "./support/services.ts";',
  "test/everything.test.ts":
    'import { phone as other } from "../lib/all.ts";\nimport { services } from "./support/services.ts";',
  "test/others.test.ts": "",
  "test/refusals.test.ts": '  NoSuchPhone: "everything.test.ts",\n',
};
const [all, everything, phone] = ["all", "everything", "phone"].map(
  (name) => `test/${name}.test.ts`,
) as [string, string, string];
const file = "lib/phone.ts";
const place = { file, from: 0, upTo: 1 };
let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "wavegate-reach-"));
  for (const folder of ["lib/schema", "test/support"])
    await mkdir(join(root, folder), { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(join(root, name), text);
});
afterEach(() => rm(root, { recursive: true }));

const kept = () => join(root, "known.json");

it("W13 asked is what comes to a file by its imports: what noticed a mistake there first, what does not run it last", () => {
  const known = new Known(root, kept());
  expect(new Reach(root, known).testsOf(place)).toEqual([phone, all, everything]);
  known.noticed(file, everything);
  known.ran(phone, { [file]: [[5, 10]] });
  known.ran(all, { [file]: [[0, 10]] });
  known.keep();
  const again = new Reach(root, new Known(root, kept()));
  expect(again.testsOf(place)).toEqual([everything, all, phone]);
});

it("W13 of tests as near, the faster is asked first", () => {
  const known = new Known(root, kept());
  known.took(phone, 10_000);
  known.took(all, 100);
  known.took(everything, 50);
  expect(new Reach(root, known).testsOf(place)).toEqual([everything, all, phone]);
});

it("W13 what noticed a mistake in a folder is asked earlier about another one there", () => {
  const known = new Known(root, kept());
  known.took(phone, 100);
  known.took(all, 100);
  known.took(everything, 100);
  expect(new Reach(root, known).testsOf(place)[0]).toBe(phone);
  for (let times = 0; times < 4; times += 1) known.noticed("lib/other.ts", everything);
  for (let times = 0; times < 9; times += 1) known.noticed("lib/else/other.ts", all);
  expect(new Reach(root, known).testsOf(place).indexOf(everything)).toBeLessThan(
    new Reach(root, known).testsOf(place).indexOf(all),
  );
});

it("W13 what makes a refusal happen is asked first about a mistake beside it", () => {
  const reach = new Reach(root, new Known(root, kept()));
  expect(reach.testsOf(place, 'refuse("NoSuchPhone")')[0]).toBe(everything);
});

it("W13 of a function of the database the tests are asked first that run what calls it, or writes the table whose trigger it is", () => {
  const schema = "lib/schema/001-calls.sql";
  const text = files[schema];
  const named = (at: string) =>
    new Callers(root)
      .of(text, text.indexOf(at))
      .map(({ file, from, upTo }) => [file, files["lib/call.ts"].slice(from, upTo)]);
  expect(named("(n int)")).toEqual([["lib/call.ts", "wavegate.calls"]]);
  expect(named("a = b")).toEqual([["lib/call.ts", "wavegate.ring"]]);
  expect(named("c = d")).toEqual([["lib/call.ts", "into wavegate.calls"]]);
  const known = new Known(root, kept());
  const at = files["lib/call.ts"].indexOf("wavegate.ring");
  known.ran(everything, { "lib/call.ts": [[at, at + 3]] });
  const place = { file: schema, from: text.indexOf("a = b"), upTo: text.indexOf("a = b") + 1 };
  expect(new Reach(root, known).testsOf(place, text)).toEqual([everything, all]);
});

it("W13 what ran of a file is known no more once the file is another", async () => {
  await writeFile(join(root, "a.ts"), "one");
  const known = new Known(root, kept());
  known.ran("a.test.ts", { "a.ts": [[0, 2]] });
  known.keep();
  const runs = (test: string, at: number, of = "a.ts") =>
    new Known(root, kept()).runs(test, of, at, at + 1);
  expect([runs("a.test.ts", 0), runs("a.test.ts", 2), runs("a.test.ts", 0, "b.ts")]).toEqual([
    true,
    false,
    false,
  ]);
  expect(runs("b.test.ts", 0)).toBe(undefined);
  await writeFile(join(root, "a.ts"), "two");
  expect(runs("a.test.ts", 0)).toBe(undefined);
});
