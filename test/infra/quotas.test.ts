import { Template } from "aws-cdk-lib/assertions";
import { expect, it } from "vitest";
import prod from "../../lib/infra/examples/prod.ts";
import type { Resource } from "../../lib/infra/template.ts";
import { migrations } from "../../migrations/index.ts";
import { newApp } from "./templates.ts";

/** Everything that there is in one deployment, of a name as long as one may be. */
const settings = { ...prod, name: `w${"x".repeat(27)}`, migrations: Object.keys(migrations) };
const { stack } = newApp("prod", settings, settings.migrations);
const template = Template.fromStack(stack).toJSON() as { Resources: Record<string, Resource> };
const all = Object.entries(template.Resources);

/** As long as what a name of a template stands for becomes: an ARN with the stack's name, the logical id and six letters. */
const arn = (id: string): string =>
  `arn:aws:secretsmanager:ap-southeast-3:111122223333:secret:${settings.name}-${id}-AbCdEf`;

/** A value as AWS gets it. */
function written(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(written);
  if (typeof value !== "object" || value === null) return value;
  const { Ref, "Fn::GetAtt": attribute, "Fn::Join": joined } = value as Record<string, unknown>;
  if (typeof Ref === "string") return Ref.startsWith("AWS::") ? "111122223333" : arn(Ref);
  if (Array.isArray(attribute)) return arn(String(attribute[0]));
  if (Array.isArray(joined))
    return (joined[1] as unknown[]).map((each) => String(written(each))).join(String(joined[0]));
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, written(each)]));
}
const bytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(written(value)));

/** Whatever is over what AWS takes of it, with how much it is. */
const over = (
  type: string,
  most: number,
  sizeOf: (resource: Resource) => number,
): [string, number][] =>
  all
    .filter(([, { Type }]) => Type === type)
    .map(([id, resource]): [string, number] => [id, sizeOf(resource)])
    .filter(([, size]) => size > most);

it("W2 stays within what AWS takes of one stack, with every migration in it and a long name", () => {
  expect(all.length).toBeLessThanOrEqual(500);
  expect(Buffer.byteLength(JSON.stringify(template))).toBeLessThanOrEqual(1_000_000);
  const policy = ({ Properties }: Resource) => bytes(Properties.PolicyDocument);
  expect(over("AWS::IAM::ManagedPolicy", 6_144, policy)).toEqual([]);
  expect(over("AWS::IAM::Policy", 10_240, policy)).toEqual([]);
  const environment = ({ Properties }: Resource) =>
    bytes((Properties.Environment as { Variables?: object } | undefined)?.Variables ?? {});
  expect(over("AWS::Lambda::Function", 4_096, environment)).toEqual([]);
  expect(over("AWS::StepFunctions::StateMachine", 1_000_000, bytes)).toEqual([]);
  // Each route and rule that calls a function is a statement of its policy, with some words of IAM's around it.
  const called = new Map<string, number>();
  for (const [, { Type, Properties }] of all) {
    if (Type !== "AWS::Lambda::Permission") continue;
    const name = JSON.stringify(Properties.FunctionName);
    called.set(name, (called.get(name) ?? 0) + bytes(Properties) + 200);
  }
  expect([...called].filter(([, size]) => size > 20_480)).toEqual([]);
  expect(Math.max(...called.values())).toBeGreaterThan(5_000);
});
