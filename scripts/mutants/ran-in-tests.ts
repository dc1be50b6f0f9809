import { writeFileSync } from "node:fs";
import { type Profiler, Session } from "node:inspector";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect } from "vitest";
import { type Ran, ranges, together } from "./ran.ts";

/** What all test files of a process share: modules are loaded once, for the first of them. */
interface Shared {
  readonly session: Session;
  loaded: Ran;
}
const key = Symbol.for("wavegate.mutants.ran");
const held = globalThis as { [key]?: Shared };
const folder = process.env.WAVEGATE_MUTANTS_RAN;

if (folder) {
  held[key] ??= begun();
  const shared = held[key];
  beforeAll(() => {
    shared.loaded = together(shared.loaded, taken(shared));
  });
  // Registered first, it comes last.
  afterAll(() => {
    const test = relative(process.cwd(), expect.getState().testPath ?? "");
    const ran = together(shared.loaded, taken(shared));
    writeFileSync(join(folder, `${test.replaceAll("/", "|")}.json`), JSON.stringify(ran));
  });
}

function begun(): Shared {
  const session = new Session();
  session.connect();
  session.post("Profiler.enable");
  session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  return { session, loaded: {} };
}

/** What ran of the product since it was last asked. */
function taken({ session }: Shared): Ran {
  let result: Profiler.ScriptCoverage[] = [];
  session.post("Profiler.takePreciseCoverage", (error, told) => {
    if (error) throw error;
    ({ result } = told);
  });
  const root = `${pathToFileURL(process.cwd()).href}/`;
  const own = result.filter(({ url }) => url.startsWith(`${root}lib/`));
  return Object.fromEntries(
    own.map(({ url, functions }) => [
      url.slice(root.length).replace(/\?.*$/, ""),
      ranges(functions),
    ]),
  );
}
