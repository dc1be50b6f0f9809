import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ADMINISTRATOR, RequestRefused, SERVICE_NAME } from "../identity/identities.ts";
import { ARNS, BUCKET, FILES, secretName } from "./names.ts";

/** The services that ask who may do what. */
export type AskingService = "s3" | "states" | "ses" | "kms";

/** Who may do what on this machine, as roles and policies say on AWS. */
export interface Allowed {
  /** Whether a caller may act as the database role of this secret. */
  secret(caller: string, secretArn: string): boolean;
  /** Errors: {@link RequestRefused} `AccessDenied`. */
  require(caller: string, service: AskingService, operation: string, bucket?: string): void;
  /** What a function uses, in the words of the product's own table. */
  uses(functionName: string): ReadonlySet<string>;
}

/** The caller that a function's own keys stand for. */
export const functionCaller = (functionName: string): string => `${SERVICE_NAME}/${functionName}`;

/**
 * As which caller each function asks: as the first by name of those that may do the very same. What they may is known
 * by that, and functions that see the same share workers, in which what they have in common is loaded once.
 */
export function callersOf(
  allowed: Pick<Allowed, "uses">,
  functionNames: readonly string[],
): ReadonlyMap<string, string> {
  const alike = Map.groupBy(functionNames.toSorted(), (name) =>
    JSON.stringify([...allowed.uses(name)].sort()),
  );
  return new Map(
    [...alike.values()].flatMap((names) =>
      names.map((name) => [name, functionCaller(names[0] ?? name)] as const),
    ),
  );
}

/** Which use of a function a secret is for: `commit-gym` is one of those of `commit`. */
const useOfSecret = (arn: string): string => (secretName(arn) ?? "").replace(/-.*$/u, "");

/** Operations that each use of a function takes. */
const operationsOfUse: Readonly<Record<string, Partial<Record<AskingService, readonly string[]>>>> =
  {
    evidence: {
      s3: [
        "PutObject",
        "CreateMultipartUpload",
        "UploadPart",
        "CompleteMultipartUpload",
        "AbortMultipartUpload",
      ],
    },
    files: { s3: ["GetObject", "ListObjectsV2"] },
    copies: { s3: ["PutObject"] },
    "copies taken back": { s3: ["GetObject", "HeadObject", "DeleteObjects"] },
    "evidence list": { s3: ["ListObjectsV2"] },
    "evidence read": { s3: ["GetObject"] },
    signatures: { kms: ["Sign", "GetPublicKey"] },
    mail: { ses: ["SendEmail"] },
    start: { states: ["StartExecution"] },
    end: { states: ["StopExecution"] },
    answer: { states: ["SendTaskSuccess"] },
    starter: { states: ["LookupEvents"] },
    watch: { states: ["ListExecutions", "GetExecutionHistory"] },
    steps: { states: ["DescribeStateMachine", "ListExecutions", "GetExecutionHistory"] },
  };

/**
 * What people's keys are good for: what an operator's policy allows on AWS, and a few more that only look. None of
 * them decides anything: an execution that somebody starts begins with the look whether they may.
 */
const operationsOfPeople: Readonly<Record<AskingService, readonly string[]>> = {
  s3: [
    "GetObject",
    "HeadObject",
    "ListObjects",
    "ListObjectsV2",
    "ListObjectVersions",
    "ListBuckets",
    "GetBucketLocation",
  ],
  states: [
    "StartExecution",
    "DescribeExecution",
    "ListExecutions",
    "GetExecutionHistory",
    "ListStateMachines",
    "DescribeStateMachine",
    "DescribeStateMachineForExecution",
    "ListTagsForResource",
    "LookupEvents",
  ],
  ses: [],
  kms: ["GetPublicKey"],
};

/** The product's table, as far as it is read here. */
interface Table {
  readonly functions: Readonly<Record<string, unknown>>;
  readonly notDeployed: Readonly<Record<string, string>>;
  readonly usesOf: (functionName: string) => Iterable<string>;
}

/** Reads what each function may do from the product's own table, which a deployment grants by too. */
export async function allowedBy(product: string): Promise<Allowed> {
  const path = join(product, "lib", "infra", "functions.ts");
  if (!existsSync(path)) return allowed(() => new Set());
  const table = (await import(pathToFileURL(path).href)) as Table;
  const known = (name: string) => name in table.functions || name in table.notDeployed;
  return allowed((name) => new Set(known(name) ? table.usesOf(name) : []));
}

export function allowed(uses: Allowed["uses"]): Allowed {
  const may = (
    caller: string,
    service: AskingService,
    operation: string,
    bucket?: string,
  ): boolean => {
    if (caller === ADMINISTRATOR) return false;
    const of = functionOf(caller);
    // Copies are what people handed in: nobody reads them by keys of their own.
    if (of === undefined)
      return bucket !== FILES && operationsOfPeople[service].includes(operation);
    return [...uses(of)].some(
      (use) => reaches(use, bucket) && operationsOfUse[use]?.[service]?.includes(operation),
    );
  };
  return {
    uses,
    secret: (caller, secretArn) => {
      if (caller === ADMINISTRATOR) return secretArn === ARNS.adminSecret;
      const of = functionOf(caller);
      if (of === undefined) return secretArn === ARNS.operatorSecret;
      return uses(of).has(useOfSecret(secretArn));
    },
    require: (caller, service, operation, bucket) => {
      if (may(caller, service, operation, bucket)) return;
      throw new RequestRefused(
        "AccessDenied",
        `User: ${caller} is not authorized to perform: ${service}:${operation}. Nothing was done.`,
      );
    },
  };
}

/** Whether a use is about a bucket: copies lie in one of their own, evidence in another, and files in neither. */
function reaches(use: string, bucket: string | undefined): boolean {
  if (bucket === undefined) return true;
  if (use === "copies" || use === "copies taken back") return bucket === FILES;
  return use === "files" ? bucket !== BUCKET && bucket !== FILES : bucket !== FILES;
}

/** The function whose keys these are, or undefined for a person; the bare service stands for none. */
function functionOf(caller: string): string | undefined {
  if (caller === SERVICE_NAME) return "";
  return caller.startsWith(`${SERVICE_NAME}/`) ? caller.slice(SERVICE_NAME.length + 1) : undefined;
}
