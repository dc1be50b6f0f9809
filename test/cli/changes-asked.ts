import { expect } from "vitest";
import type { SampleMachine } from "./sample-machine.ts";

/** Asks for changes from a terminal, as the page does: not of the starter's, with a word, and once. */
export async function changesAsked(
  { json, starter, karima }: SampleMachine,
  run: string,
  gate: string,
): Promise<void> {
  const asks = ["sign-off", "changes", "--comment", "Map what the oldest rows name", "--run", run];
  expect(await starter.run(...asks)).toMatchObject({
    exit: 1,
    err: "wavegate: You started this run, so somebody else decides about it. Nothing was changed.\n",
  });
  expect(await karima.run(...asks)).toMatchObject({
    exit: 0,
    out: `Changes are asked for before ${gate} of ${run}.\nSee \`wavegate watch --run ${run}\`.\n`,
  });
  const asked = (await json("sign-off", "show", "--run", run)).sign_offs.at(-1);
  expect(asked).toMatchObject({ status: "rejected", changes_asked: true, decided_by: "karima" });
  const late = await karima.run("sign-off", "approve", "--run", run, "--question", asked.id);
  expect(late).toMatchObject({
    exit: 1,
    err: expect.stringContaining("asked for changes to this"),
  });
}
