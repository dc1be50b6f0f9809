import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { machineNames, readDefinition, type State } from "../../lib/infra/definitions.ts";

/** Names that AWS throws, each with where it says so. */
const documented: Readonly<Record<string, string>> = {
  "States.ALL": "Amazon States Language, errors: every error",
  "Lambda.ServiceException": "Step Functions, best practices: transient Lambda errors",
  "Lambda.AWSLambdaException": "Step Functions, best practices: transient Lambda errors",
  "Lambda.SdkClientException": "Step Functions, best practices: transient Lambda errors",
  "States.DataLimitExceeded":
    "Step Functions, error names: data above 256 KiB, which States.ALL leaves out",
  "Lambda.ClientExecutionTimeoutException":
    "Step Functions, best practices: transient Lambda errors",
  "Lambda.TooManyRequestsException": "Lambda, Invoke: errors",
  "Lambda.CodeArtifactUserPendingException":
    "Lambda, function states: one that was idle for long is made anew first; so called in executions that others show",
  "Lambda.ResourceNotReadyException": "Lambda, Invoke: errors",
  "Lambda.ResourceConflictException": "Lambda, Invoke: errors",
  "Lambda.EC2ThrottledException": "Lambda, Invoke: errors",
  "Lambda.EC2UnexpectedException": "Lambda, Invoke: errors",
  "Lambda.ENINotReadyException": "Lambda, Invoke: errors",
  "Lambda.ENILimitReachedException": "Lambda, Invoke: errors",
  "Lambda.SubnetIPAddressLimitReachedException": "Lambda, Invoke: errors",
  "StepFunctions.ExecutionLimitExceeded": "Step Functions, startExecution: its example's retrier",
  "StepFunctions.ExecutionLimitExceededException":
    "Step Functions, StartExecution: errors, as a service integration names them",
  "StepFunctions.ThrottlingException":
    "Step Functions, common errors, as a service integration names them",
  "StepFunctions.AWSStepFunctionsException":
    "Step Functions, service integrations: what the service failed with by itself; AWS's own solutions start again after it",
  "StepFunctions.SdkClientException":
    "Step Functions, service integrations: the call itself failed",
  DatabaseResumingException: "RDS Data API, ExecuteStatement: errors",
  DatabaseUnavailableException: "RDS Data API, ExecuteStatement: errors",
  ThrottlingException: "RDS Data API, common errors",
};

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Everything a function can be made of. */
const code = ["functions", "lib"]
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((file) =>
      join(folder, file),
    ),
  )
  .filter((file) => file.endsWith(".ts") && !/^lib\/(?:embedded|infra|cli)\//.test(file))
  .map((file) => readFileSync(join(root, file), "utf8"))
  .join("\n");

/** A name is thrown where a refusal is made with it, or a class of errors bears it. */
const isThrown = (name: string): boolean =>
  new RegExp(`Refusal\\(\\s*"${name}"|override readonly name = "${name}"`).test(code);

const statesOf = (states: Readonly<Record<string, State>>): State[] =>
  Object.values(states).flatMap((state) => [
    state,
    ...(state.ItemProcessor ? statesOf(state.ItemProcessor.States) : []),
  ]);

/** Error names that a machine retries, catches or chooses by. */
function matched(machine: (typeof machineNames)[number]): string[] {
  const names = statesOf(readDefinition(machine).States).flatMap(
    ({ Retry = [], Catch = [], Choices = [] }) => [
      ...[...Retry, ...Catch].flatMap(({ ErrorEquals }) => ErrorEquals),
      ...Choices.filter(({ Variable }) => /\.Error$/.test(String(Variable))).map(
        ({ StringEquals }) => String(StringEquals),
      ),
    ],
  );
  return [...new Set(names)].sort();
}

describe("error names in the state machines", () => {
  it.each(machineNames)(
    "%s matches only names that are thrown, or that AWS documents",
    (machine) => {
      const unknown = matched(machine).filter((name) => !(name in documented) && !isThrown(name));
      expect(unknown).toEqual([]);
    },
  );

  it("are looked for in earnest: a name that nobody throws is found out", () => {
    expect(isThrown("StarterUnknown")).toBe(true);
    expect(isThrown("NobodyThrowsThis")).toBe(false);
  });

  it("AWS's are all matched somewhere: the list holds no leftovers", () => {
    const all = new Set(machineNames.flatMap(matched));
    expect(Object.keys(documented).filter((name) => !all.has(name))).toEqual([]);
  });

  it("retries name their errors, and never all of them", () => {
    for (const machine of machineNames) {
      const retried = statesOf(readDefinition(machine).States).flatMap(({ Retry = [] }) => Retry);
      expect(retried.length).toBeGreaterThan(0);
      expect(retried.flatMap(({ ErrorEquals }) => ErrorEquals)).not.toContain("States.ALL");
      expect(
        retried.every((retry) => "JitterStrategy" in retry && "MaxDelaySeconds" in retry),
      ).toBe(true);
    }
  });
});
