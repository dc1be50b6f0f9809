import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as stacks from "@aws-sdk/client-cloudformation";
import * as trail from "@aws-sdk/client-cloudtrail";
import * as kms from "@aws-sdk/client-kms";
import * as data from "@aws-sdk/client-rds-data";
import * as s3 from "@aws-sdk/client-s3";
import * as secrets from "@aws-sdk/client-secrets-manager";
import * as mail from "@aws-sdk/client-sesv2";
import * as states from "@aws-sdk/client-sfn";
import { describe, expect, it } from "vitest";
import { definitionText, machineNames } from "../../lib/infra/definitions.ts";
import { rows } from "../../scripts/truth/compare.ts";
import { singleStates } from "../../scripts/truth/single-states.ts";
import { unasked } from "../../scripts/truth/unasked.ts";

const home = join(import.meta.dirname, "../..");

/** The product's own files: what it ships, without the stand-ins and what describes the deployment. */
const sources = ["lib", "functions", "bin"]
  .flatMap((folder) =>
    readdirSync(join(home, folder), { recursive: true, encoding: "utf8" }).map((name) =>
      join(folder, name),
    ),
  )
  .filter((name) => name.endsWith(".ts") && !/^lib\/(?:embedded|infra)\//.test(name));
const texts = sources.map((name) => readFileSync(join(home, name), "utf8"));

const clients: Readonly<Record<string, object>> = {
  "client-cloudformation": stacks,
  "client-cloudtrail": trail,
  "client-kms": kms,
  "client-rds-data": data,
  "client-s3": s3,
  "client-secrets-manager": secrets,
  "client-sesv2": mail,
  "client-sfn": states,
};

/** `Upload` of lib-storage decides by the size which of these it makes. */
const callsOfUpload = [
  "PutObject",
  "CreateMultipartUpload",
  "UploadPart",
  "CompleteMultipartUpload",
  "AbortMultipartUpload",
];

/** Every operation whose command or paginator the product names. */
function callsOf(all: readonly string[]): string[] {
  const calls = new Set<string>();
  for (const text of all) {
    // Before a colon it is the name of a refusal, to be told in another language.
    for (const [, call = ""] of text.matchAll(/\b([A-Z]\w+)Command\b(?!:)/g)) calls.add(call);
    for (const [, call = ""] of text.matchAll(/\bpaginate([A-Z]\w+)\b/g)) calls.add(call);
    if (text.includes("@aws-sdk/lib-storage")) for (const call of callsOfUpload) calls.add(call);
  }
  return [...calls].sort();
}

/** Every error of AWS that the product names: modelled by a client, called so, or known by no model. */
function errorsOf(all: readonly string[]): string[] {
  const modelled = new Set(
    Object.values(clients).flatMap((client) =>
      Object.entries(client)
        .filter(([, value]) => value?.prototype instanceof Error)
        .map(([name]) => name),
    ),
  );
  const unmodelled = ["PreconditionFailed", "ConditionalRequestConflict", "ExpiredToken"];
  const sdk = ["CredentialsProviderError", "TimeoutError"];
  const named = all.flatMap((text) => [...text.matchAll(/"([A-Z]\w+)"/g)].map(([, name]) => name));
  return [...new Set(named)]
    .filter((name): name is string => name !== undefined)
    .filter(
      (name) =>
        modelled.has(name) ||
        name.endsWith("Exception") ||
        unmodelled.includes(name) ||
        sdk.includes(name),
    )
    .sort();
}

/** Names of errors of Step Functions that a retrier or a catcher names. */
const errorsOfMachines = [
  ...new Set(
    machineNames
      .flatMap((machine) => [...definitionText(machine).matchAll(/ErrorEquals:\s*\[([^\]]*)\]/g)])
      .flatMap(([, list = ""]) => list.split(",").map((one) => one.trim()))
      .filter((name) => name !== "States.ALL" && /Exception$|^States\.|^Lambda\./.test(name)),
  ),
].sort();

const asked = new Set(rows.map(({ call }) => call));
const answered = new Set([
  ...rows.flatMap(({ answers }) => JSON.stringify(answers).match(/[A-Z]\w+/g) ?? []),
  ...unasked.map(({ error }) => error),
]);

describe("W2 the table of what AWS answers", () => {
  it("has a row for every call that the product makes", () => {
    const calls = callsOf(texts);
    expect(calls).toEqual(
      expect.arrayContaining(["AbortMultipartUpload", "ListObjectsV2", "LookupEvents", "Sign"]),
    );
    expect(calls.filter((call) => !asked.has(call))).toEqual([]);
  });

  it("would miss a row for a call that is new", () => {
    expect(callsOf(["new DescribeLogStreamsCommand()", "paginateListUsers(a, b)"])).toEqual([
      "DescribeLogStreams",
      "ListUsers",
    ]);
  });

  it("knows every client of AWS that the product has", () => {
    const named = texts.flatMap((text) =>
      [...text.matchAll(/"@aws-sdk\/(client-[a-z0-9-]+)"/g)].map(([, name]) => name),
    );
    expect([...new Set(named)].sort()).toEqual(Object.keys(clients).sort());
  });

  it("has a row or a reason for every error that the product handles", () => {
    const errors = errorsOf(texts);
    expect(errors).toEqual(
      expect.arrayContaining(["DatabaseErrorException", "PreconditionFailed", "TaskTimedOut"]),
    );
    expect(errors.filter((error) => !answered.has(error))).toEqual([]);
    expect(errorsOf(['if (name === "NoSuchUpload")'])).toEqual(["NoSuchUpload"]);
  });

  it("has a row or a reason for every error that a state machine handles", () => {
    expect(errorsOfMachines).toEqual([
      "DatabaseResumingException",
      "DatabaseUnavailableException",
      "StatementTimeoutException",
      "States.DataLimitExceeded",
    ]);
    const reasons = new Set(unasked.map(({ error }) => error));
    expect(errorsOfMachines.filter((error) => !reasons.has(error))).toEqual([]);
  });

  it("marks how each answer is known, and says no more than once why an error is not asked", () => {
    const errors = unasked.map(({ error }) => error);
    expect(new Set(errors).size).toBe(errors.length);
    const known = Object.fromEntries(
      ["recorded", "documented", "assumed"].map((kind) => [
        kind,
        rows.filter((row) => row.known === kind).length,
      ]),
    );
    expect(Object.values(known).reduce((sum, count) => sum + count, 0)).toBe(rows.length);
    expect(known.assumed).toBeLessThan(rows.length / 4);
  });
});

it("W13 docs/unproven.md reckons with what is asked", () => {
  const says = readFileSync(join(home, "docs/unproven.md"), "utf8").replaceAll(/\s+/gu, " ");
  const of = (known: string) => rows.filter((row) => row.known === known).length;
  for (const figure of [
    `a table of ${rows.length} requests`,
    `but for ${unasked.length} that no request can provoke`,
    `${of("recorded")} were recorded on AWS, ${of("documented")} are documented`,
    `${of("assumed")} are assumed`,
    `asks \`TestState\` ${singleStates.length} questions`,
  ])
    expect(says).toContain(figure);
});
