import { CloudTrailClient } from "@aws-sdk/client-cloudtrail";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { machineNames, readDefinition } from "../../lib/infra/definitions.ts";
import { singleStates } from "../../scripts/truth/single-states.ts";
import { type Aws, compare, rows } from "../../scripts/truth/table.ts";
import { startTrial, type Trial } from "../embedded/rds-data/support.ts";
import { chain, StandIn } from "../embedded/states/stand-in.ts";

let trial: Trial;
let standIn: StandIn;
let aws: Aws;

beforeAll(async () => {
  trial = await startTrial();
  standIn = await StandIn.start({ machine: chain({ Pass: { Type: "Pass" } }) });
  aws = {
    states: standIn.client,
    trail: new CloudTrailClient({
      endpoint: standIn.service.url,
      region: "us-east-1",
      maxAttempts: 1,
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    }),
    data: trial.client,
    region: "us-east-1",
    account: "000000000000",
    database: { ...trial.target, database: trial.database.name },
  };
});
afterAll(async () => {
  await standIn.close();
  await trial.end();
});

describe("W2 the table of what AWS answers", () => {
  it("is what the stand-ins answer, row by row", async () => {
    const { same, different, leftOut } = await compare(aws);
    expect(different).toEqual([]);
    expect(leftOut).toEqual([]);
    expect(same).toHaveLength(rows.length);
  });

  it("finds a difference: an answer is compared, not only an error's presence", async () => {
    const elsewhere = { ...aws, account: "111122223333" };
    const { different } = await compare(elsewhere);
    expect(different.map(({ got }) => got)).toContain("AccessDeniedException");
  });

  it("leaves the Data API out where no cluster is named, and says so", async () => {
    const { leftOut } = await compare({ ...aws, database: undefined });
    expect(leftOut.map(({ service }) => service)).toEqual(Array(7).fill("rds-data"));
  });

  it("asks an account about every task of the three machines, with a result and with an error", () => {
    for (const machine of machineNames) {
      const tasks = Object.entries(readDefinition(machine).States)
        .filter(([, { Type }]) => Type === "Task")
        .map(([name]) => name);
      const asked = singleStates.filter((each) => each.machine === machine);
      expect(asked.map(({ state }) => state)).toEqual(tasks.flatMap((name) => [name, name]));
    }
    expect(singleStates).toContainEqual({
      machine: "migration",
      state: "DryRun",
      what: "an error",
      next: "StopOrAsk",
      status: "CAUGHT_ERROR",
    });
  });
});
