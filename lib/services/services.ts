import type { Readable } from "node:stream";
import type { Database } from "../data/database.ts";
import type { Permission } from "../define/permissions.ts";
import type { WholeMigration } from "../define/several.ts";
import type { Files } from "../sources/files/files.ts";
import type { Source } from "../sources/source.ts";
import type { WhichReading } from "../sources/wild-apricot/reading.ts";

/**
 * Everything a stage may reach. Clock, randomness and ids are passed in, so that a dry run and a
 * commit are provably one decision; AWS is behind small words of the domain.
 */
export interface Services {
  /** As the role `stage` (D19): writes staging, reads the platform. */
  readonly stage: Database;
  /** As the role `sign`: sign-offs and verdicts; reads people. */
  readonly sign: Database;
  /** As the commit role of a migration: writes its waves, and nothing of another migration (D43). */
  readonly commitOf: (migration: string) => Database;
  readonly evidence: EvidenceStore;
  readonly mail: (message: Mail) => Promise<void>;
  readonly executions: Executions;
  readonly workflow: Workflow;
  readonly tokens: Sealer;
  /** Signs and reads who asked for an execution (D36). */
  readonly stamps: Stamper;
  /** Signs the manifests of bundles (W12). */
  readonly signer: Signer;
  readonly migrations: Readonly<Record<string, WholeMigration>>;
  /**
   * Opens the legacy system behind a connection name, from the settings of that name. What gives no picture of one
   * moment is read once: a reading that is so old at most, a day unless said, or the one that a run began with.
   */
  readonly openSource: (connection: string, which?: WhichReading) => Promise<Source>;
  /** Where files lie as a connection's settings say: functions that read no source know none of those. */
  readonly filesPlace: (connection: string) => string | undefined;
  /** Opens a place of files, a folder or `s3://BUCKET/PREFIX`. */
  readonly openFiles: (place: string) => Files;
  /** Where copies of files lie, for the platform. */
  readonly copies: CopyStore;
  readonly clock: () => Date;
  /** A new random UUID. */
  readonly newId: () => string;
  /** 16 random hex digits, by which a run's samples are drawn: its id is chosen by whoever starts it (R9). */
  readonly newSeed: () => string;
  /** 32 random bytes as base64url: what a sign-off link carries. */
  readonly newSecret: () => string;
  readonly settings: Settings;
}

export interface Settings {
  /** Where the sign-off pages are served, without a slash at the end. */
  readonly signOffUrl: string;
  readonly mailFrom: string;
  readonly evidenceBucket: string;
  /** Days a sign-off link stays valid. */
  readonly linkDays: number;
  /** In which mails are written, and pages for a browser that asks for no language that they speak. */
  readonly language: "en" | "fr";
  /** Who gets the digest of every audit bundle besides those who decide: an address, or nobody. */
  readonly auditor?: string | undefined;
  /** Key ranges of an import under way at once, at most 40: more than two want more than two processors. */
  readonly importAtOnce: number;
  /** The connection and the focus of a run whose start names none; else the definition's (R1, R2). */
  readonly connection?: string | undefined;
  readonly focus?: string | undefined;
}

export interface Mail {
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
}

/** Objects under one bucket; keys never hold personal data (W14). */
export interface EvidenceStore {
  /**
   * Writes a new object whole or not at all. Errors: `ObjectExists` where one is there, also with the
   * same bytes: nothing is ever put in the place of evidence, nor on top of it as a further version.
   */
  put(
    key: string,
    body: Buffer | Readable,
    options: { contentType: string; encoding?: string },
  ): Promise<void>;
  get(key: string): Promise<Buffer>;
  list(prefix: string): Promise<{ key: string; size: number }[]>;
  /** An address that gives one object to whoever has it, as a file of this name, for so many seconds. */
  link(
    key: string,
    options: { fileName: string; contentType: string; seconds: number },
  ): Promise<string>;
}

/** What lies at a key, as the store tells it. */
export interface LyingCopy {
  /** Whose it says it is. */
  readonly owner: string | undefined;
  readonly version: string | null;
  readonly size: number;
  /** Of all bytes, as hex; undefined where the store does not tell it. */
  readonly sha256: string | undefined;
  /** What the store calls its content. */
  readonly tag: string;
}

/** One object to remove: a version of a key, or what lies there as long as its content is the one of the tag. */
export type CopyToRemove = { readonly key: string } & (
  | { readonly version: string }
  | { readonly version: null; readonly tag: string }
);

/** What became of one: also `gone` where nothing is, `another` where something else lies there by now, or why it stays. */
export type Removed = "gone" | "another" | Error;

/** Copies of files in the platform's bucket; each says of which run and row it is. */
export interface CopyStore {
  /**
   * Puts a copy where nothing is, and takes no other bytes than those of the hash; answers what the store made of
   * them. Errors: `ObjectExists`, `BadDigest`.
   */
  put(
    key: string,
    body: Readable,
    facts: { size: number; type: string; sha256: string; owner: string },
  ): Promise<Pick<LyingCopy, "version" | "sha256" | "tag">>;
  /** Undefined where nothing is. */
  look(key: string): Promise<LyingCopy | undefined>;
  /** The bytes that are there. */
  get(key: string, version: string | null): Promise<Readable>;
  /** Removes some, however many, and answers for each, in their order. */
  remove(copies: readonly CopyToRemove[]): Promise<readonly Removed[]>;
}

export type Machine = "migration" | "wave" | "rollback";

/** Step Functions, as far as the product drives it. */
export interface Executions {
  start(machine: Machine, name: string, input: unknown): Promise<{ executionArn: string }>;
  stop(executionArn: string, because: string): Promise<void>;
  /** Answers a waiting task; `closed` when the task is no longer waiting (decided, expired or stopped). */
  succeed(token: string, output: unknown): Promise<"told" | "closed">;
  /**
   * Who started an execution, as the platform vouches (CloudTrail), or undefined when not known yet;
   * `recordedAt` is when the execution recorded its run, shortly after its start.
   */
  starter(executionArn: string, recordedAt: Date): Promise<string | undefined>;
}

/** An execution that goes on. Its name begins with its run's id. */
export interface UnderWay {
  readonly machine: Machine;
  readonly name: string;
  readonly executionArn: string;
}

/** Something that happened in an execution. Input and output are JSON; of a step, never of a function's call. */
export interface StepEvent {
  readonly id: number;
  /** ISO 8601. */
  readonly at: string;
  /** As Step Functions calls it, e.g. `TaskStateEntered`. */
  readonly type: string;
  readonly state?: string | undefined;
  readonly input?: string | undefined;
  readonly output?: string | undefined;
  readonly error?: string | undefined;
  /** Why the whole execution failed, as the function that failed said it. */
  readonly because?: { readonly error: string; readonly message: string } | undefined;
}

/** Step Functions, as far as people look at it. */
export interface Workflow {
  /** A state machine as it is deployed: Amazon States Language, as JSON. */
  definition(machine: Machine): Promise<string>;
  /** Executions that go on now, of every machine; a run's own before those of its waves. */
  underWay(): Promise<readonly UnderWay[]>;
  /** The ARN of an execution by its name; whether there is one is not looked at. */
  arnOf(execution: Pick<UnderWay, "machine" | "name">): string;
  /** What happened last, the latest first, at most `most` of it (1,000). */
  steps(executionArn: string, most: number): Promise<readonly StepEvent[]>;
}

/**
 * What the function that starts an execution vouches for: who asked, for exactly which execution and
 * input, and until when. The name is used once, so a stamp that was read elsewhere starts nothing.
 */
export interface Stamp {
  /** Who asked, as the platform vouches. */
  readonly person: string;
  readonly machine: Machine;
  /** The execution's name. */
  readonly execution: string;
  /** SHA-256 of the input without the stamp. */
  readonly input: string;
  /** ISO 8601. */
  readonly until: string;
  /** A wave of a run: the permission that its run was started with, and checked for. */
  readonly within?: Permission | undefined;
}

/** Signs and reads stamps under a key that only functions hold. */
export interface Stamper {
  sign(stamp: Stamp): string;
  /** The stamp, if this very key signed it; undefined for anything else. */
  read(text: string): Stamp | undefined;
}

/** Signs with the key of bundles, whose private half never leaves KMS. */
export interface Signer {
  /** The key's ARN and its public half (SPKI, DER). */
  publicKey(): Promise<{ readonly key: string; readonly spki: Buffer }>;
  /** ECDSA over the SHA-256 of a text of 4 KiB at most, as ASN.1 DER. */
  sign(text: string): Promise<Buffer>;
}

/** Keeps task tokens unreadable in the database (W8): AES-256-GCM under a key of the environment. */
export interface Sealer {
  seal(secret: string): string;
  open(sealed: string): string;
}
