import { fileURLToPath } from "node:url";
import { functionFiles, machineNames, substitutions } from "../../lib/embedded/runtime/machines.ts";
import type { AslDefinition, Json, State } from "../../lib/embedded/states/asl.ts";
import { loadStateMachines } from "../../lib/embedded/states/load.ts";
import { groupsOf } from "../../lib/embedded/states/walk.ts";
import type { Handler } from "../embedded/states/stand-in.ts";

const folder = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));

export const run = "11111111-1111-4111-8111-111111111111";

let loaded: Promise<Record<string, AslDefinition>> | undefined;

/** The three machines as they are deployed, their retries' waits left out: tests wait for nothing. */
export function ourMachines(): Promise<Record<string, AslDefinition>> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<Record<string, AslDefinition>> {
  const functions = Object.keys(await functionFiles(folder("functions")));
  const names = await machineNames(folder("statemachines"));
  const machines = await loadStateMachines(
    folder("statemachines"),
    substitutions(functions, names),
  );
  for (const state of Object.values(machines)
    .flatMap(groupsOf)
    .flatMap(({ States }) => Object.values(States))) {
    withoutWaits(state);
  }
  return machines;
}

function withoutWaits(state: State): void {
  for (const retrier of state.Retry ?? []) retrier.IntervalSeconds = 0;
}

/** What each function answers in a run of one wave that is asked for, approved and done. */
export function goodAnswers(): Record<string, Json> {
  return {
    caller: { person: "operator", permission: "legacy_imports.run" },
    preflight: { run, reference: "ecoin-1", stage: "preflight", connection: "legacy", counts: {} },
    "plan-import": { run, atOnce: 2, ranges: [{ range: 1 }, { range: 2 }] },
    "import-range": { range: 1, rowsRead: 1, rowsStaged: 1 },
    "finish-import": { staged: 2 },
    validate: { statuses: { valid: 2 }, sharedEmails: 0 },
    classify: { classifications: {} },
    match: { platform: {}, source: {}, cappedGroups: 0 },
    "dry-run": { run, digest: "d" },
    "export-review": { digest: "d", prefix: "p", manifestDigest: "m" },
    drill: { passed: true },
    verify: { passed: true },
    gate: {},
    commit: { wave: 1, round: 1, counts: {} },
    "plan-wave": { run, wave: 1 },
    "final-verify": { passed: true },
    "export-audit": { prefix: "p", manifestDigest: "m" },
    rollback: { outcome: "rolled_back", waves: [] },
    halted: {},
    paused: {},
  };
}

/** Functions that note in `called` that they were called, and answer as told. */
export function functionsOf(
  answers: Record<string, Json>,
  called: string[],
  others: Record<string, Handler>,
): Record<string, Handler> {
  const stubs = Object.entries(answers).map(([name, answer]): [string, Handler] => [
    name,
    () => {
      called.push(name);
      return answer;
    },
  ]);
  return { ...Object.fromEntries(stubs), ...others };
}
