import type { Logger } from "@stryker-mutator/api/logging";
import { Instrumenter } from "@stryker-mutator/instrumenter";
import type { Mutant } from "./mutant.ts";

/** Of Stryker's log only what it cannot parse would be of interest, and that it throws. */
const quiet: Logger = {
  isTraceEnabled: () => false,
  isDebugEnabled: () => false,
  isInfoEnabled: () => false,
  isWarnEnabled: () => false,
  isErrorEnabled: () => false,
  isFatalEnabled: () => false,
  trace: () => {},
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  fatal: () => {},
};

/** Texts are sentences and SQL: the first are held by tests of their words, the second are mutated as SQL. */
const leftOut = new Set(["StringLiteral"]);

/** Stryker's mutants of a TypeScript file. */
export async function mutantsOfCode(file: string, content: string): Promise<Mutant[]> {
  const { mutants } = await new Instrumenter(quiet).instrument(
    [{ name: file, content, mutate: true }],
    { plugins: null, excludedMutations: [], ignorers: [], noHeader: true },
  );
  const starts = [0];
  for (const { index } of content.matchAll(/\n/g)) starts.push(index + 1);
  const offset = ({ line, column }: { line: number; column: number }) =>
    (starts[line] ?? 0) + column;
  return mutants
    .filter(({ mutatorName }) => !leftOut.has(mutatorName))
    .map(({ location, replacement, mutatorName }) => ({
      file,
      from: offset(location.start),
      upTo: offset(location.end),
      replacement: replacement ?? "",
      kind: mutatorName,
    }));
}
