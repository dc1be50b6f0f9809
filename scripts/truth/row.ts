import type { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import type { CloudTrailClient } from "@aws-sdk/client-cloudtrail";
import type { KMSClient } from "@aws-sdk/client-kms";
import type { RDSDataClient } from "@aws-sdk/client-rds-data";
import type { S3Client } from "@aws-sdk/client-s3";
import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { SESv2Client } from "@aws-sdk/client-sesv2";
import type { SFNClient } from "@aws-sdk/client-sfn";

/** State machines made for this alone, by their ARNs. */
export interface ScratchMachines {
  /** Does what its input says: `done`, `fail` or `wait` for an hour. */
  readonly steps: string;
  /** Waits for an hour, and is given up after a second. */
  readonly late: string;
}

/** What a row asks, and where things are: stand-ins on this machine, or an account. */
export interface Aws {
  readonly region: string;
  readonly account: string;
  readonly states: SFNClient;
  readonly trail: CloudTrailClient;
  /** Rows about a part that is not there are left out, with what they want. */
  readonly data?: { readonly client: RDSDataClient; readonly target: DataTarget } | undefined;
  readonly objects?: { readonly client: S3Client; readonly bucket: string } | undefined;
  readonly key?: { readonly client: KMSClient; readonly arn: string } | undefined;
  readonly mail?: SESv2Client | undefined;
  readonly stacks?: CloudFormationClient | undefined;
  readonly secrets?: SecretsManagerClient | undefined;
  /** What was made to be changed, and is removed afterwards. */
  readonly scratch?: {
    readonly machines?: ScratchMachines | undefined;
    /** An empty bucket with versions. */
    readonly bucket?: string | undefined;
    /** An empty table `(id integer primary key, name text)`. */
    readonly table?: string | undefined;
  };
}

/** A cluster with the Data API, its secret and a database. */
interface DataTarget {
  readonly resourceArn: string;
  readonly secretArn: string;
  readonly database: string;
}

/** What a row cannot be asked without. */
export type Part =
  | "data"
  | "objects"
  | "key"
  | "mail"
  | "stacks"
  | "secrets"
  | "scratch machines"
  | "scratch bucket"
  | "scratch table";

/** How we know an answer: a recording of AWS, its documentation or models, or our best guess. */
export type Known = "recorded" | "documented" | "assumed";

/** One request, and what answers it. */
export interface Row {
  readonly asks: string;
  /** The operation of AWS that is asked, as its API calls it. */
  readonly call: string;
  readonly known: Known;
  readonly needs?: Part;
  readonly ask: (aws: Aws) => Promise<unknown>;
  /** An operator may not ask this: it is left out where it is refused. */
  readonly notForOperators?: true;
  /** The answer's part that the product rests on, or the error's name. */
  readonly answers: unknown;
}

/** An error that the product handles and no row can provoke. */
export interface Unasked {
  readonly error: string;
  readonly known: Known | "of the SDK itself";
  readonly why: string;
}

/** The name of the error a request ends in; an answer instead is an error of its own. */
export const errorOf = (request: Promise<unknown>): Promise<string> =>
  request.then(
    () => "no error",
    (error: Error) => error.name,
  );
