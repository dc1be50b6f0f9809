import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const program = fileURLToPath(new URL("long-texts.ts", import.meta.url));
/** Two seconds' work; where something takes the square of a text's length, or worse, it is ended. */
const patient = { timeout: 120_000 };

it("W13 a text that is made to be slow, in any column of a source, a remark or a form, is read as any other", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [program], patient);
  expect(stdout).toBe("Read 264 texts.\n");
});
