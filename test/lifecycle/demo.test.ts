import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");

it("W1 W8 the demo runs a whole migration, with every sign-off through a link, and exits 0", async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [resolve(root, "scripts/demo.ts")],
    {
      cwd: root,
      maxBuffer: 10_000_000,
    },
  );
  expect(stdout).toContain("4 sign-offs through links.");
  expect(stdout).toContain(
    "The balance holds: every staged row is in exactly one of these states.",
  );
  expect(stdout).toContain("Nothing in the bundle contradicts anything else in it.");
  expect(stdout).toContain("Anchored by the digest you gave");
  expect(stdout).toMatch(/The audit bundle is in \.wavegate\/demo-\w+\/audit/);
});
