import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type App, CfnResource } from "aws-cdk-lib";
import { CfnBucket } from "aws-cdk-lib/aws-s3";
import { describe, expect, it } from "vitest";
import { acknowledgements } from "../../lib/infra/acknowledgements.ts";
import { checkSettings } from "../../lib/infra/check-settings.ts";
import { deployments, newApp, wanted } from "./templates.ts";

describe.each(deployments)("the deployment %s", (name) => {
  it("has no finding that is not acknowledged, and no acknowledgement without a finding", () => {
    const { app } = newApp(name);
    const settings = checkSettings(wanted[name], ["ecoin"]);
    const reports = validate(app).pluginReports;
    expect(reports.flatMap(({ violations }) => violations)).toEqual([]);
    const nag = reports.find(({ pluginName }) => pluginName === "AwsSolutions");
    const acknowledged = nag?.suppressedViolations ?? [];
    expect(acknowledged.filter(({ reason }) => reason.length < 30)).toEqual([]);
    const used = new Set(
      acknowledged.map(
        ({ acknowledgedId, acknowledgedAt }) => `${acknowledgedAt} ${acknowledgedId}`,
      ),
    );
    const leftOver = acknowledgements(settings)
      .map(({ at, rule }) => `${settings.name}/${at} AwsSolutions::AwsSolutions-${rule}`)
      .filter((each) => !used.has(each));
    expect(leftOver).toEqual([]);
  });
});

describe("the checks themselves", () => {
  it("fail on a finding that nobody acknowledged", () => {
    const { app, stack } = newApp("default");
    new CfnBucket(stack, "Open");
    expect(() => validate(app)).toThrow("AwsSolutions-S1");
  });

  it("fail on what CloudFormation would not take", () => {
    const { app, stack } = newApp("default");
    const properties = { Runtime: "nodejs24.x", Nonsense: 1 };
    new CfnResource(stack, "Wrong", { type: "AWS::Lambda::LayerVersion", properties });
    expect(() => validate(app)).toThrow("CloudFormation-Validate::F3002");
  });
});

interface Report {
  readonly pluginReports: readonly {
    readonly pluginName: string;
    readonly violations: readonly unknown[];
    readonly suppressedViolations?: readonly {
      reason: string;
      acknowledgedId: string;
      acknowledgedAt: string;
    }[];
  }[];
}

/** Synthesises with every check, as `cdk synth` does, and reads the report. */
function validate(app: App): Report {
  const { directory } = app.synth({ force: true, validateOnSynthesis: true });
  return JSON.parse(readFileSync(join(directory, "validation-report.json"), "utf8"));
}
