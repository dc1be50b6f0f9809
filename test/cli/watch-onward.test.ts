import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { turnsOfExecution } from "../../lib/stages/next-wave.ts";
import { smallSource } from "../evidence/small-run.ts";
import { type TestMachine, testMachine, until } from "../lifecycle/machine.ts";
import { bundledProduct } from "../support/product.ts";

/** So many turns of each execution are left. */
const turns = 2;

let folder: string;
let machine: TestMachine;
let karima: Record<string, string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "wavegate-onward-"));
  const product = await bundledProduct();
  for (const beside of ["functions", "data", "lib", "migrations"])
    await symlink(join(product, beside), join(folder, beside));
  await cp(join(product, "statemachines"), join(folder, "statemachines"), {
    recursive: true,
    dereference: true,
  });
  const file = join(folder, "statemachines/migration.asl.yaml");
  const text = await readFile(file, "utf8");
  const begins = `turn: ${turnsOfExecution - turns} }`;
  expect(text.split("turn: 0 }")).toHaveLength(2);
  await writeFile(file, text.replace("turn: 0 }", begins));
  const made = await testMachine({
    WAVEGATE_PRODUCT: folder,
    LEGACY_DB_DRIVER: "csv",
    LEGACY_DB_PATH: await smallSource(join(folder, "legacy")),
  });
  machine = made;
  karima = { WAVEGATE_PERSON: "karima", WAVEGATE_PASSWORD: made.approver.password };
});
afterAll(async () => {
  await machine?.close();
  await rm(folder, { recursive: true, force: true });
});

const acknowledged = ["--backup", "b", "--queues-detached", "--priority-acknowledged"];

/** Approves whatever is asked until the run is over. */
async function approveAll(reference: string, over: () => boolean): Promise<void> {
  while (!over()) {
    await until(
      "a question, or the end",
      async () => over() || (await open(reference)) !== null,
      200,
    );
    if (over()) return;
    const question = await open(reference);
    const asked = ["--run", reference, "--question", question as string];
    await machine.wavegate(["samples", "judge", "rest", "right", ...asked], karima);
    await machine.wavegate(["sign-off", "approve", ...asked, "--comment", "Looked."], karima);
  }
}

/** Asked of the database, as it is waited for: a command is a process each time. */
const open = async (reference: string): Promise<string | null> => {
  const [asked] = await machine.query<{ id: string }>(
    "select s.id from wavegate.sign_offs s join wavegate.legacy_import_runs r on r.id = s.run_id where r.reference = $1 and s.status = 'pending'",
    [reference],
  );
  return asked?.id ?? null;
};

describe("a run that goes on in fresh executions", () => {
  it("W3 W11 is watched to its end, each wave told once, from the first execution and from one between", async () => {
    const { run } = await machine.json<{ run: string }>([
      ...["start", "ecoin", ...acknowledged, "--plan", "15,75", "--gates", "on-anomaly"],
    ]);
    let done = false;
    const first = machine.wavegate(["watch", "--run", run]).finally(() => {
      done = true;
    });
    const handedOver = () =>
      machine.query(
        "select details->>'execution' as name from wavegate.audit_log where action = 'execution-started' and details->>'execution' ~ '-onward-' order by seq",
      );
    const between = until(
      "a fresh execution",
      async () => (await handedOver()).length > 0,
      300,
    ).then(() => machine.wavegate(["watch", "--run", run]));
    await approveAll(run, () => done);
    const names = (await handedOver()).map(({ name }) => name);
    expect(names.length).toBeGreaterThan(2);
    expect(new Set(names).size).toBe(names.length);
    const waves = await machine.query<{ wave: number }>(
      "select wave from wavegate.waves where status = 'verified' order by wave",
    );
    expect(waves.length).toBeGreaterThan(turns * 2);
    for (const { code, stdout } of await Promise.all([first, between])) {
      const told = [...stdout.matchAll(/wave (\d+)(?: \(round 2\))?: verified, clean/gu)];
      const last = told.map(([, wave]) => Number(wave)).slice(-waves.length);
      expect(last).toEqual(waves.map(({ wave }) => wave));
      expect(stdout).toContain("It is complete, and its audit bundle is exported.");
      expect(stdout).not.toContain("failed");
      expect(code).toBe(0);
    }
    expect(await machine.json(["balance", "--run", run])).toMatchObject({ holds: true });
  });
});
