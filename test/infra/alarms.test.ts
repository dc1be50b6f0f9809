import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { flat, type Resource } from "../../lib/infra/template.ts";
import { deployment, deployments, ofType } from "./templates.ts";

interface Alarm {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions: readonly { readonly Name: string; readonly Value: unknown }[];
  readonly Period: number;
  readonly EvaluationPeriods: number;
  readonly Statistic: string;
  readonly TreatMissingData: string;
}

const text = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

/** What AWS documents of its own metrics: the dimensions, and the type of what they name. */
const documented: Readonly<Record<string, readonly [string, string]>> = {
  "AWS/ApiGateway 5xx": ["ApiId", "AWS::ApiGatewayV2::Api"],
  "AWS/Lambda AsyncEventsDropped": ["FunctionName", "AWS::Lambda::Function"],
  "AWS/SQS ApproximateNumberOfMessagesVisible": ["QueueName", "AWS::SQS::Queue"],
  "AWS/States ExecutionsFailed": ["StateMachineArn", "AWS::StepFunctions::StateMachine"],
  "AWS/States ExecutionsTimedOut": ["StateMachineArn", "AWS::StepFunctions::StateMachine"],
};

/** Metrics of ours that functions tell of. */
const told = new Set(
  ["lib/telemetry/measures.ts", "lib/telemetry/requests.ts", "lib/telemetry/waiting.ts"].flatMap(
    (path) => [...text(path).matchAll(/\b([A-Z][A-Za-z]+):/gu)].map(([, name]) => name),
  ),
);

describe.each(deployments)("alarms of the deployment %s", (name) => {
  const made = deployment(name);
  const alarms = ofType(made, "AWS::CloudWatch::Alarm").map(
    ([, { Properties }]) => Properties as unknown as Alarm,
  );
  const ours = alarms.filter(({ Namespace }) => Namespace === "wavegate");
  const deploymentOf = ({ Properties }: Resource) =>
    (Properties.Environment as { Variables: Record<string, unknown> }).Variables
      .WAVEGATE_DEPLOYMENT;

  it("R17 look at metrics that somebody tells of, under the dimensions that they are told under", () => {
    expect(ours.length).toBeGreaterThanOrEqual(5);
    for (const { MetricName, Dimensions } of ours) {
      expect(told).toContain(MetricName);
      expect(Dimensions).toEqual([{ Name: "Deployment", Value: made.stack.stackName }]);
    }
    const functions = ofType(made, "AWS::Lambda::Function").map(([, each]) => each);
    expect(new Set(functions.map(deploymentOf))).toEqual(new Set([made.stack.stackName]));
    for (const { Namespace, MetricName, Dimensions } of alarms.filter((x) => !ours.includes(x))) {
      const [dimension, type] = documented[`${Namespace} ${MetricName}`] ?? [];
      const [{ Name, Value } = { Name: "none", Value: "" }, ...others] = Dimensions;
      expect([MetricName, Name, others]).toEqual([MetricName, dimension, []]);
      expect(made.resources[flat(Value).split(".")[0] as string]?.Type).toBe(type);
    }
  });

  it("R17 are raised by one thing that happened, and end when nothing does; the one of an hourly look stays between two", () => {
    for (const { MetricName, Period, EvaluationPeriods, Statistic, TreatMissingData } of alarms) {
      const hourly = MetricName === "SignOffHours";
      expect([MetricName, Period, EvaluationPeriods, TreatMissingData]).toEqual([
        MetricName,
        hourly ? 3_600 : 300,
        1,
        hourly ? "ignore" : "notBreaching",
      ]);
      if (Statistic !== "Sum") expect(MetricName).toMatch(/^(?:SignOffHours|Approximate)/u);
    }
    const rules = ofType(made, "AWS::Events::Rule").map(([, { Properties }]) => Properties);
    expect(rules.map(({ ScheduleExpression }) => ScheduleExpression)).toContain("rate(1 hour)");
  });
});
