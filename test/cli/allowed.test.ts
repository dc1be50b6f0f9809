import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ADMINISTRATOR, SERVICE_NAME } from "../../lib/embedded/identity/identities.ts";
import {
  type AskingService,
  allowedBy,
  allowed as allowedOf,
  callersOf,
  functionCaller,
} from "../../lib/embedded/runtime/allowed.ts";
import { functionFiles } from "../../lib/embedded/runtime/machines.ts";
import { secretArn } from "../../lib/embedded/runtime/names.ts";
import { knownOperations } from "../../lib/embedded/s3/routes.ts";
import { operations as states } from "../../lib/embedded/states/operations.ts";
import { actionsOf } from "../../lib/infra/grants.ts";

const product = join(import.meta.dirname, "../..");
const allowed = await allowedBy(product);
const secrets = ["admin", "operator", "stage", "sign", "commit-ecoin"];
const secretsOf = (caller: string) =>
  secrets.filter((name) => allowed.secret(caller, secretArn(name)));

describe("who may do what on one machine", () => {
  it("W8 D19 a person's keys open the operator's role and no other, whatever the name", () => {
    for (const person of ["karima", "wavegate", "commit", "admin", "Wavegate-Functions", ""]) {
      expect([person, secretsOf(person)]).toEqual([person, ["operator"]]);
    }
  });

  it("W8 D19 the administrator's keys open the administrator's role and do nothing else", () => {
    expect(secretsOf(ADMINISTRATOR)).toEqual(["admin"]);
    expect(() => allowed.require(ADMINISTRATOR, "states", "StartExecution")).toThrow(
      /not authorized/,
    );
  });

  it("W8 D19 a function opens the roles that it is deployed with, and no function the operator's", async () => {
    expect(secretsOf(functionCaller("commit"))).toContain("commit-ecoin");
    for (const name of ["validate", "import-range", "export-audit", "halted"]) {
      expect([name, secretsOf(functionCaller(name))]).toEqual([name, ["stage"]]);
    }
    for (const name of Object.keys(await functionFiles(join(product, "functions")))) {
      expect([name, secretsOf(functionCaller(name))]).not.toEqual([
        name,
        expect.arrayContaining(["operator"]),
      ]);
    }
    // The keys that the others are made of, and a function that nobody planned.
    expect(secretsOf(SERVICE_NAME)).toEqual([]);
    expect(secretsOf(functionCaller("unheard-of"))).toEqual([]);
  });

  it("W8 D19 functions ask as one caller where they may do the very same, and nowhere else", async () => {
    const names = Object.keys(await functionFiles(join(product, "functions")));
    const callers = callersOf(allowed, names);
    expect([...callers.keys()].sort()).toEqual(names.toSorted());
    const rights = (name: string) => [...allowed.uses(name)].sort();
    for (const one of names)
      for (const other of names)
        expect([one, other, callers.get(one) === callers.get(other)]).toEqual([
          ...[one, other, rights(one).join() === rights(other).join()],
        ]);
    for (const name of names)
      expect(secretsOf(callers.get(name) ?? "")).toEqual(secretsOf(functionCaller(name)));
    expect(callers.get("validate")).toBe(callers.get("gate"));
    expect(callers.get("validate")).not.toBe(callers.get("export-review"));
  });

  it("W8 of all that the stand-ins know, a person's keys do what looks, and start what asks who it is", () => {
    const known = {
      s3: Object.keys(knownOperations),
      states: Object.keys(states).map((name) => name.slice(name.indexOf(".") + 1)),
      ses: ["SendEmail"],
      kms: ["Sign", "GetPublicKey"],
    };
    const may = Object.entries(known).flatMap(([service, names]) =>
      names
        .filter((name) => {
          try {
            allowed.require("karima", service as AskingService, name);
            return true;
          } catch {
            return false;
          }
        })
        .map((name) => `${service}:${name}`),
    );
    // None of a bucket as a whole: AWS takes that for a list of all of it, and an operator may see what is below runs/.
    expect(may.sort()).toEqual([
      "kms:GetPublicKey",
      "s3:GetBucketLocation",
      "s3:GetObject",
      "s3:HeadObject",
      "s3:ListBuckets",
      "s3:ListObjectVersions",
      "s3:ListObjects",
      "s3:ListObjectsV2",
      "states:DescribeExecution",
      "states:DescribeStateMachine",
      "states:DescribeStateMachineForExecution",
      "states:GetExecutionHistory",
      "states:ListExecutions",
      "states:ListStateMachines",
      "states:ListTagsForResource",
      "states:LookupEvents",
      // Its first state looks who asked, and whether they may.
      "states:StartExecution",
    ]);
  });

  it.each([
    ["karima", "s3", "PutObject"],
    ["karima", "s3", "CompleteMultipartUpload"],
    ["karima", "s3", "DeleteObject"],
    ["karima", "states", "SendTaskSuccess"],
    ["karima", "states", "RedriveExecution"],
    ["karima", "states", "StopExecution"],
    [functionCaller("start-execution"), "states", "StopExecution"],
    [functionCaller("keep-decision"), "states", "StartExecution"],
    ["karima", "ses", "SendEmail"],
    [functionCaller("import-range"), "s3", "PutObject"],
    [functionCaller("import-range"), "states", "SendTaskSuccess"],
    [functionCaller("export-audit"), "s3", "DeleteObject"],
    [functionCaller("commit"), "states", "StartExecution"],
    ["karima", "kms", "Sign"],
    [functionCaller("commit"), "kms", "Sign"],
    [functionCaller("sign-off"), "kms", "GetPublicKey"],
    [SERVICE_NAME, "states", "StartExecution"],
  ] as const)("W8 %s may not %s:%s", (caller, service, operation) => {
    expect(() => allowed.require(caller, service, operation)).toThrow(
      `User: ${caller} is not authorized to perform: ${service}:${operation}. Nothing was done.`,
    );
  });

  it("M14 W8 copies of files are read and removed by waves and rollbacks alone, and evidence by neither", () => {
    const may = (caller: string, operation: string, bucket: string): boolean => {
      try {
        allowed.require(caller, "s3", operation, bucket);
        return true;
      } catch {
        return false;
      }
    };
    const commit = functionCaller("commit");
    expect(may(commit, "PutObject", "wavegate-files")).toBe(true);
    for (const name of ["commit", "drill", "rollback", "final-verify"])
      for (const operation of ["GetObject", "HeadObject", "DeleteObjects"])
        expect([name, operation, may(functionCaller(name), operation, "wavegate-files")]).toEqual([
          name,
          operation,
          true,
        ]);
    for (const name of ["rollback", "final-verify"])
      expect([name, may(functionCaller(name), "PutObject", "wavegate-files")]).toEqual([
        name,
        false,
      ]);
    for (const operation of ["PutObject", "DeleteObjects", "GetObject"])
      expect(may(commit, operation, "wavegate-evidence")).toBe(false);
    for (const caller of ["karima", functionCaller("export-audit"), functionCaller("preflight")])
      for (const operation of ["GetObject", "HeadObject", "ListObjectsV2", "PutObject"])
        expect([caller, operation, may(caller, operation, "wavegate-files")]).toEqual([
          caller,
          operation,
          false,
        ]);
    expect(may("karima", "GetObject", "wavegate-evidence")).toBe(true);
  });

  it("D19 what a use of functions may do on AWS it may do here, whatever it is called", () => {
    // What is called otherwise in a policy than as an operation, and what is asked of another service.
    const operationOf: Readonly<Record<string, string>> = {
      DeleteObject: "DeleteObjects",
      DeleteObjectVersion: "DeleteObjects",
      GetObjectVersion: "GetObject",
      ListBucket: "ListObjectsV2",
    };
    const asked = Object.entries(actionsOf).flatMap(([use, actions]) =>
      actions
        .map((action) => action.split(":") as [string, string])
        .filter(([service]) => ["s3", "states", "ses", "kms"].includes(service))
        .map(([service, action]) => [use, service, operationOf[action] ?? action] as const),
    );
    const denied = asked.filter(([use, service, operation]) => {
      const only = allowedOf(() => new Set([use]));
      // Of copies it is looked whether one is there, and none is listed.
      const of =
        use === "copies taken back" && operation === "ListObjectsV2" ? "HeadObject" : operation;
      try {
        only.require(functionCaller("any"), service as AskingService, of);
        return false;
      } catch {
        return true;
      }
    });
    expect(denied).toEqual([]);
    expect(asked.length).toBeGreaterThan(15);
  });

  it.each([
    ["karima", "states", "StartExecution"],
    [functionCaller("keep-decision"), "states", "StopExecution"],
    ["karima", "s3", "GetObject"],
    [functionCaller("export-audit"), "s3", "PutObject"],
    [functionCaller("export-review"), "kms", "Sign"],
    [functionCaller("halted"), "kms", "Sign"],
    ["karima", "kms", "GetPublicKey"],
    [functionCaller("sign-off"), "ses", "SendEmail"],
    [functionCaller("console"), "states", "SendTaskSuccess"],
  ] as const)("W8 %s may %s:%s", (caller, service, operation) => {
    expect(() => allowed.require(caller, service, operation)).not.toThrow();
  });
});
