import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { graphOf } from "../../lib/console/machine/graph.ts";
import { machineNames, readDefinition } from "../../lib/infra/definitions.ts";
import { exampleTemplate } from "../../lib/infra/examples/template.ts";
import { standingPrices } from "../../scripts/estimate/sources.ts";
import { iamTable, iamTableFile } from "../../scripts/iam-table.ts";
import { pictureFolder, pictures, stateMachines } from "../../scripts/pictures.ts";
import { deployment, deployments, ofType } from "./templates.ts";

describe("documents that are made from the code", () => {
  it.each(Object.entries(pictures))(
    "docs/pictures/%s is current (node scripts/pictures.ts)",
    async (name, draw) => {
      expect(await readFile(new URL(name, pictureFolder), "utf8")).toBe(draw());
    },
  );

  it("docs/iam.md is current (node scripts/iam-table.ts)", async () => {
    expect(await readFile(iamTableFile, "utf8")).toBe(iamTable(await exampleTemplate()));
  });
});

describe("the estimate", () => {
  it.each(deployments)("W11 reckons with the alarms and secrets that %s has", (name) => {
    const made = deployment(name);
    const reckoned = standingPrices.map(({ what }) => what).join("; ");
    expect(reckoned).toContain(`${ofType(made, "AWS::CloudWatch::Alarm").length} alarms`);
    // A new cluster brings its administrator's.
    const secrets = ofType(made, "AWS::SecretsManager::Secret").filter(
      ([id]) => !id.includes("ClusterSecret"),
    );
    expect(reckoned).toContain(`${secrets.length} secrets`);
  });
});

describe("the picture of the state machines", () => {
  it("shows every state that a function, a person or another machine does", () => {
    for (const machine of machineNames) {
      const tasks = Object.entries(readDefinition(machine).States)
        .filter(([, { Type }]) => Type === "Task" || Type === "Map")
        .map(([name]) => name)
        .sort();
      const shown = graphOf(readDefinition(machine)).nodes.map(({ name }) => name);
      expect(tasks.filter((name) => !shown.includes(name))).toEqual([]);
      for (const name of tasks) expect(stateMachines()).toContain(`>${name}</text>`);
    }
  });

  it("shows the way of a whole run", () => {
    const { edges } = graphOf(readDefinition("migration"));
    const ways = edges.map(({ from, to, label }) => `${from} → ${to}${label ? ` (${label})` : ""}`);
    expect(ways).toEqual(
      expect.arrayContaining([
        "Preflight → WhereToBegin",
        "ImportRanges → FinishImport",
        "ExportReview → NextWave",
        "WhatIsNext → HandOver (hand-over)",
        "WhatIsNext → StampWave (wave)",
        "WhatIsNext → SignOff (ask)",
        "RunWave → NextWave",
        "Halted → Failed",
      ]),
    );
  });
});
