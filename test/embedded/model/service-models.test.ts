import { describe, expect, it } from "vitest";
import { inputs as kms } from "../../../lib/embedded/kms/service.ts";
import { SendEmail } from "../../../lib/embedded/mail/letter.ts";
import type { Shape, Structure } from "../../../lib/embedded/model/shapes.ts";
import { inputsFor } from "../../../lib/embedded/rds-data/requests.ts";
import { knownOperations } from "../../../lib/embedded/s3/routes.ts";
import { inputs as states } from "../../../lib/embedded/states/model.ts";
import { hasModels, type ModelShape, ServiceModel } from "./botocore.ts";

/** What the stand-ins know that Debian's models, which are older, do not. */
const CAME_LATER = [
  "DescribeExecution.includedData",
  "DescribeStateMachine.includedData",
  "DescribeStateMachineForExecution.includedData",
  "ListExecutions.redriveFilter",
  "ListExecutions.statusFilter: PENDING_REDRIVE",
  "Sign.DryRun",
  "Sign.MessageType: EXTERNAL_MU",
  "Sign.SigningAlgorithm: ML_DSA_SHAKE_256",
  "Sign.SigningAlgorithm: ED25519_SHA_512",
  "Sign.SigningAlgorithm: ED25519_PH_SHA_512",
  "RedriveExecution",
  ...["Success", "Failure", "Heartbeat"].map(
    (each) => `SendTask${each}.taskToken.max is 2048, and 1024 in AWS's model`,
  ),
  // A deployment's own secrets have longer ones than the older models let be.
  ...["ExecuteStatement", "BatchExecuteStatement"]
    .concat(["Begin", "Commit", "Rollback"].map((each) => `${each}Transaction`))
    .flatMap((each) =>
      ["resourceArn", "secretArn"].map(
        (member) => `${each}.${member}.max is 570, and 100 in AWS's model`,
      ),
    ),
  "LookupEvents.LookupAttributes[].AttributeValue.min is 1, and undefined in AWS's model",
  "LookupEvents.LookupAttributes[].AttributeValue.max is 2000, and undefined in AWS's model",
  ...["cache-control", "content-disposition", "content-encoding", "content-language"].map(
    (each) => `HeadObject?response-${each}`,
  ),
  "HeadObject?response-content-type",
  "HeadObject?response-expires",
];
const isKnown = (what: string) =>
  CAME_LATER.some((each) => what === each || what.startsWith(`${each}.`));

/** Where a shape of a stand-in says something else than AWS's. */
function differences(ours: Shape, theirs: ModelShape, model: ServiceModel, at: string): string[] {
  const found: string[] = [];
  const same = (what: string, one: unknown, other: unknown) => {
    if (one !== other) found.push(`${at}.${what} is ${one}, and ${other} in AWS's model`);
  };
  if (ours.type === "structure") {
    same("required", [...ours.required].sort().join(), [...(theirs.required ?? [])].sort().join());
    for (const [name, shape] of Object.entries(ours.members)) {
      const member = theirs.members?.[name];
      if (member === undefined) {
        found.push(`${at}.${name}`);
        continue;
      }
      found.push(...differences(shape, model.shape(member.shape), model, `${at}.${name}`));
    }
    for (const name of Object.keys(theirs.members ?? {})) {
      if (!(name in ours.members) && Object.keys(ours.members).length > 0)
        found.push(`${at} without ${name}`);
    }
    return found;
  }
  const types: Readonly<Record<string, readonly string[]>> = {
    integer: ["integer", "long"],
    string: ["string"],
    blob: ["blob"],
    boolean: ["boolean"],
    timestamp: ["timestamp"],
    list: ["list"],
  };
  if (!types[ours.type]?.includes(theirs.type)) same("type", ours.type, theirs.type);
  if (ours.type === "string" && ours.values !== undefined) {
    for (const word of ours.values) if (!theirs.enum?.includes(word)) found.push(`${at}: ${word}`);
    for (const word of theirs.enum ?? [])
      if (!ours.values.includes(word)) found.push(`${at} without ${word}`);
  } else if (
    "min" in ours ||
    "max" in ours ||
    theirs.min !== undefined ||
    theirs.max !== undefined
  ) {
    const { min, max } = ours as { min?: number; max?: number };
    if ((min ?? 0) !== (theirs.min ?? 0)) same("min", min, theirs.min);
    if (max !== theirs.max) same("max", max, theirs.max);
  }
  if (ours.type === "list" && theirs.member !== undefined) {
    const inner = model.shape(theirs.member.shape);
    if (ours.of.type !== "structure" || Object.keys(ours.of.members).length > 0)
      found.push(...differences(ours.of, inner, model, `${at}[]`));
  }
  return found;
}

const of = (service: string, inputs: Readonly<Record<string, Structure>>) => {
  const model = new ServiceModel(service);
  return Object.entries(inputs).flatMap(([target, ours]) => {
    const operation = target.slice(target.lastIndexOf(".") + 1);
    if (isKnown(operation)) return [];
    return differences(ours, model.input(operation), model, operation);
  });
};

const named = (prefix: string) =>
  Object.fromEntries(Object.entries(states).filter(([target]) => target.startsWith(prefix)));

describe.runIf(hasModels)("W2 the stand-ins take what AWS's own service models say", () => {
  it.each([
    ["stepfunctions/2016-11-23", () => named("AWSStepFunctions."), []],
    [
      "cloudtrail/2013-11-01",
      () => named("CloudTrail_"),
      // Refused by an error of its own, `InvalidMaxResultsException`.
      [
        "LookupEvents.MaxResults.min is undefined, and 1 in AWS's model",
        "LookupEvents.MaxResults.max is undefined, and 50 in AWS's model",
      ],
    ],
    ["kms/2014-11-01", () => kms, []],
    ["rds-data/2018-08-01", () => inputsFor(65_536), []],
  ])("%s", (service, inputs, otherwise) => {
    const found = of(service, inputs()).filter((each) => !isKnown(each));
    expect(found).toEqual(otherwise);
  });

  it("s3: every parameter of a query that an operation understands is one of that operation", () => {
    const model = new ServiceModel("s3/2006-03-01");
    const strange = Object.entries(knownOperations).flatMap(([operation, query]) => {
      const members = Object.values(
        model.input(operation === "ListBuckets" ? "ListObjects" : operation).members ?? {},
      );
      const known = members.filter(({ location }) => location === "querystring");
      const names = known.map(({ locationName }) => locationName);
      // What says which operation is meant stands in its address in the model.
      const marks = [
        "location",
        "versioning",
        "versions",
        "list-type",
        "delete",
        "uploads",
        "tagging",
      ];
      return query
        .filter((each) => !names.includes(each) && !marks.includes(each))
        .map((each) => `${operation}?${each}`);
    });
    expect(strange.filter((each) => !isKnown(each))).toEqual([]);
  });

  it("sesv2: every member of a letter is one of AWS's, and what must be there must be here", () => {
    const model = new ServiceModel("sesv2/2019-09-27");
    const letter = {
      FromEmailAddress: "a@example.com",
      Destination: { ToAddresses: ["b@example.com"], CcAddresses: [], BccAddresses: [] },
      ReplyToAddresses: ["c@example.com"],
      Content: {
        Simple: {
          Subject: { Data: "x", Charset: "UTF-8" },
          Body: { Text: { Data: "x" }, Html: { Data: "x" } },
        },
      },
    };
    expect(SendEmail.safeParse(letter).success).toBe(true);
    const strange = (value: unknown, shape: ModelShape, at: string): string[] =>
      Object.entries(value as object).flatMap(([name, inner]) => {
        const member = shape.members?.[name];
        if (member === undefined) return [`${at}.${name}`];
        const next = model.shape(member.shape);
        return next.type === "structure" ? strange(inner, next, `${at}.${name}`) : [];
      });
    expect(strange(letter, model.input("SendEmail"), "SendEmail")).toEqual([]);
    const without = (path: readonly string[]) => {
      const copy = structuredClone(letter) as unknown as Record<string, never>;
      const parent = path.slice(0, -1).reduce((inner, name) => inner[name] as never, copy);
      delete parent[path.at(-1) as string];
      return SendEmail.safeParse(copy).success;
    };
    const required = (shape: ModelShape, path: readonly string[]): string[][] =>
      Object.entries(shape.members ?? {}).flatMap(([name, member]) => {
        const here = [...path, name];
        const isGiven =
          here.reduce<unknown>((inner, each) => (inner as never)?.[each], letter) !== undefined;
        if (!isGiven) return [];
        const inner = model.shape(member.shape);
        const deeper = inner.type === "structure" ? required(inner, here) : [];
        return shape.required?.includes(name) ? [here, ...deeper] : deeper;
      });
    const must = required(model.input("SendEmail"), []);
    expect(must.map((path) => path.join("."))).toEqual([
      "Content",
      "Content.Simple.Subject",
      "Content.Simple.Subject.Data",
      "Content.Simple.Body",
      "Content.Simple.Body.Text.Data",
      "Content.Simple.Body.Html.Data",
    ]);
    expect(must.map(without)).toEqual(must.map(() => false));
    for (const not of [
      "ConfigurationSetName",
      "EmailTags",
      "ListManagementOptions",
      "FeedbackForwardingEmailAddress",
    ])
      expect([not, SendEmail.safeParse({ ...letter, [not]: "x" }).success]).toEqual([not, false]);
  });
});

it.runIf(!hasModels)(
  "AWS's service models are not here: nothing was held against them (scripts/install-test-tools.sh installs them)",
  () => {
    expect(hasModels).toBe(false);
  },
);
