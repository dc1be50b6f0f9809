import { createHash } from "node:crypto";
import { ServiceError } from "./errors.ts";

/** Where the stand-in pretends to be. */
export interface Place {
  region: string;
  account: string;
}

/** Characters AWS refuses in the name of an execution. */
const FORBIDDEN = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}\p{Cs}\u{fffe}\u{ffff}]/u;

/** Throws `InvalidName` for a character that AWS does not take; how long a name may be, its model says. */
export function checkExecutionName(name: string): void {
  if (FORBIDDEN.test(name)) throw new ServiceError("InvalidName", `Invalid Name: '${name}'`);
}

/** The ARN of a state machine. */
export function machineArn(place: Place, machine: string): string {
  return `arn:aws:states:${place.region}:${place.account}:stateMachine:${machine}`;
}

/** The ARN of an execution. */
export function executionArn(place: Place, machine: string, name: string): string {
  return `arn:aws:states:${place.region}:${place.account}:execution:${machine}:${name}`;
}

/** The machine's name in its ARN; throws `InvalidArn` for anything else, `AccessDeniedException` for another account's. */
export function machineOf(place: Place, arn: string): string {
  const name = /^arn:aws[\w-]*:states:[\w-]+:\d{12}:stateMachine:([^:]+)$/.exec(arn)?.[1];
  if (name === undefined) throw new ServiceError("InvalidArn", `Invalid Arn: '${arn}'`);
  checkPlace(place, arn);
  return name;
}

/** Throws `InvalidArn` unless the text has the form of an execution's ARN of this place. */
export function checkExecutionArn(place: Place, arn: string): void {
  if (!/^arn:aws[\w-]*:states:[\w-]+:\d{12}:execution:[^:]+:[^:]+$/.test(arn)) {
    throw new ServiceError("InvalidArn", `Invalid Arn: '${arn}'`);
  }
  checkPlace(place, arn);
}

/** What is somewhere else is not here under the same name. */
function checkPlace(place: Place, arn: string): void {
  const [, partition, , region, account] = arn.split(":");
  if (partition !== "aws" || region !== place.region) {
    throw new ServiceError("InvalidArn", `Invalid Arn: '${arn}'`);
  }
  if (account !== place.account) {
    throw new ServiceError(
      "AccessDeniedException",
      `The resource ${arn} is of another account, which gave no access to it.`,
    );
  }
}

/** A Lambda function's plain name, given its name, its ARN or either with a version. */
export function functionOf(nameOrArn: string): string {
  const inArn = /(?:^|:)function:([^:]+)/.exec(nameOrArn)?.[1];
  return inArn ?? nameOrArn.split(":")[0] ?? nameOrArn;
}

/** A short id for file names and tokens: 32 hexadecimal digits that depend on the text alone. */
export function digestId(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}
