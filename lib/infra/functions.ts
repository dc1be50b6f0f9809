/**
 * What a function does with AWS, in the product's words. `grants.ts` says which API actions that
 * is; a test holds this table against what the code of each function really uses.
 */
export type Use =
  /** The database as its role `stage`. */
  | "stage"
  /** The database as its role `sign`: sign-offs and verdicts. */
  | "sign"
  /** The database as the commit role of each migration. */
  | "commit"
  /** The database as its administrator, and the passwords it gives to the roles. */
  | "admin"
  /** The database as its role `operator`: the CLI's, no function's. */
  | "operator"
  /** The database as its role `serve`: what people see who have a feature. */
  | "serve"
  /** The legacy system: its secret, and a place in the network. */
  | "source"
  /** Reads the files that rows of the legacy system name. */
  | "files"
  /** Puts copies of files for the platform where nothing lies. */
  | "copies"
  /** Looks at copies of files, reads them, and takes its own away. */
  | "copies taken back"
  /** Leaves evidence. */
  | "evidence"
  /** Looks which evidence is there. */
  | "evidence list"
  /** Reads evidence, and signs addresses that give one file for a minute. */
  | "evidence read"
  /** Signs the manifests of bundles. */
  | "signatures"
  | "mail"
  /** Answers a waiting task. */
  | "answer"
  /** Starts executions. */
  | "start"
  /** Ends executions. */
  | "end"
  /** Signs or reads the stamps that say who asked for an execution. */
  | "stamps"
  /** Seals or opens task tokens. */
  | "tokens"
  /** Asks CloudTrail who started an execution. */
  | "starter"
  /** Looks at running executions, without their data. */
  | "watch"
  /** Looks at state machines and executions, with what their steps were given and gave back. */
  | "steps";

/** How a function is deployed. */
export interface FunctionPlan {
  readonly says: string;
  readonly uses: readonly Use[];
  /** Why its bundle is larger than 1.5 MB. */
  readonly largeBecause?: string;
  /** MiB; Lambda gives CPU in proportion, a whole one at 1769. */
  readonly memory: number;
  readonly minutes: number;
  /** The migration whose feature it serves: deployed only where that one is. */
  readonly serves?: string;
}

/**
 * SQL does the work: these wait for the database. Measured: 80 MiB once loaded, and at most 268 MiB
 * with every stage in one process at a million rows; more memory is more CPU for the cold start. Not
 * measured: on Lambda itself.
 */
const waitsForSql = { memory: 512, minutes: 15 };

/**
 * Largest semi-space of V8's young generation in a function's process, MiB. What a row leaves behind
 * is garbage at once; the default of 16 only lets more of it lie about: an import of a million rows
 * takes the same processor time with 4, in 219 MiB instead of 299.
 */
export const SEMI_SPACE_MIB = 4;

/**
 * What a function's process is told beside that: buffers of 128 KiB and more go back to the system as soon as they are
 * free. Left alone, glibc keeps what is as large as the largest that was freed once, and a part of an upload has 5 MiB.
 */
export const MEMORY_GIVEN_BACK = { MALLOC_MMAP_THRESHOLD_: String(128 * 1024) } as const;

/** Beside the front door's and those that look at people who came since the only bundles above 1.5 MB. */
const withDrivers = {
  largeBecause: "mysql2 with the tables of its character sets (legacy text comes in any of them)",
};

const withNumbering = {
  largeBecause:
    "the numbering of all regions, as phones of people who came since are read as matching reads them",
};

/** Streams rows through Node: a whole CPU. Measured: at most 270 MiB at ten million rows; not on Lambda. */
const readsRows = { memory: 1769, minutes: 15 };

/** Compresses and hashes while it streams. Measured: at most 268 MiB at a million rows; not on Lambda. */
const exports = { memory: 1024, minutes: 15 };

/** Every function of the deployment, by its file in `functions/`. */
export const functions = {
  "start-execution": {
    says: "Starts an execution for whoever signed the request.",
    uses: ["sign", "start", "stamps"],
    memory: 512,
    minutes: 0.5,
  },
  "keep-decision": {
    says: "Keeps what an operator decides, for whoever signed the request.",
    uses: ["sign", "end"],
    memory: 512,
    minutes: 0.5,
  },
  look: {
    says: "Answers what a terminal asks about rows, masked, for whoever signed the request.",
    uses: ["sign"],
    memory: 512,
    minutes: 0.5,
  },
  caller: {
    says: "Says who asks for an execution, and whether they may; signs in whose name a wave begins, and begins what a long run goes on in.",
    uses: ["sign", "start", "starter", "stamps"],
    ...waitsForSql,
  },
  preflight: {
    says: "Checks everything that must be so before a row is staged.",
    uses: ["stage", "source", "starter", "files"],
    ...withDrivers,
    ...waitsForSql,
  },
  "plan-import": {
    says: "Cuts the source into key ranges.",
    uses: ["stage", "source"],
    ...withDrivers,
    ...waitsForSql,
  },
  "import-range": {
    says: "Reads one key range and stages its rows.",
    uses: ["stage", "source", "files"],
    ...withDrivers,
    ...readsRows,
  },
  "finish-import": {
    says: "Compares the counts of source and staging.",
    uses: ["stage", "source", "files"],
    ...withDrivers,
    ...waitsForSql,
  },
  validate: { says: "Judges every staged row.", uses: ["stage"], ...waitsForSql },
  classify: { says: "Says what every row is.", uses: ["stage"], ...waitsForSql },
  match: { says: "Looks for the same person.", uses: ["stage"], ...waitsForSql },
  "dry-run": { says: "Shows what every wave would do.", uses: ["stage"], ...waitsForSql },
  "export-review": {
    says: "Leaves the masked rows for review.",
    uses: ["stage", "evidence", "signatures"],
    ...exports,
  },
  "next-wave": { says: "Decides what comes next.", uses: ["stage"], ...waitsForSql },
  "sign-off": {
    says: "Asks people, and keeps the token sealed.",
    uses: ["stage", "sign", "mail", "answer", "tokens", "starter"],
    ...waitsForSql,
  },
  "plan-wave": { says: "Fixes a wave's number.", uses: ["stage"], ...waitsForSql },
  commit: {
    says: "Writes one signed wave.",
    uses: ["stage", "commit", "files", "copies", "copies taken back"],
    ...withNumbering,
    ...waitsForSql,
  },
  verify: { says: "The six checks after a wave.", uses: ["stage"], ...waitsForSql },
  gate: { says: "Lets a run past a clean wave only.", uses: ["stage"], ...waitsForSql },
  drill: {
    says: "Takes wave one back and commits it again.",
    uses: ["stage", "commit", "files", "copies", "copies taken back"],
    ...withNumbering,
    ...waitsForSql,
  },
  "preview-rollback": {
    says: "Says what a rollback would do.",
    uses: ["stage", "commit"],
    ...waitsForSql,
  },
  rollback: {
    says: "Takes waves back, and ends what waits on them.",
    uses: ["stage", "sign", "commit", "answer", "tokens", "copies taken back"],
    ...waitsForSql,
  },
  "final-verify": {
    says: "Proves the whole run once more, and takes away copies of files that no row names.",
    uses: ["stage", "commit", "copies taken back"],
    ...waitsForSql,
  },
  "export-audit": {
    says: "Leaves the bundle that auditors check.",
    uses: ["stage", "evidence", "evidence list", "signatures", "mail"],
    ...exports,
  },
  halted: {
    says: "Records an incident, exports the summary and tells people.",
    uses: ["stage", "evidence", "evidence list", "signatures", "mail"],
    ...exports,
  },
  paused: {
    says: "Notes that a run is paused.",
    uses: ["stage"],
    ...waitsForSql,
  },
  "front-door": {
    says: "Signs people in and serves the console.",
    uses: [
      "sign",
      "answer",
      "tokens",
      "starter",
      "start",
      "stamps",
      "steps",
      "end",
      "evidence read",
    ],
    largeBecause:
      "every page of the console, and the numbering of all regions, as a phone that is looked for is read as the import reads it",
    memory: 1024,
    minutes: 0.5,
  },
  "profile-activity": {
    says: "Answers people what they did in their communities, where the feature is on for them.",
    uses: ["serve"],
    serves: "community",
    memory: 512,
    minutes: 0.5,
  },
  "note-sign-in": {
    says: "Notes wrong and changed passwords in the security log.",
    uses: ["sign"],
    memory: 512,
    minutes: 2,
  },
  "erase-due": {
    says: "Erases the people of runs that are over long enough.",
    uses: ["sign"],
    ...waitsForSql,
  },
  waiting: {
    says: "Looks hourly how long people are waited for.",
    uses: ["watch"],
    memory: 256,
    minutes: 2,
  },
  "refuse-replacement": {
    says: "Lets no deployment replace what holds data by something empty.",
    uses: [],
    memory: 256,
    minutes: 1,
  },
  "set-up-database": {
    says: "Makes staging and roles at each deployment.",
    uses: ["admin"],
    memory: 512,
    minutes: 10,
  },
} as const satisfies Readonly<Record<string, FunctionPlan>>;

export type FunctionName = keyof typeof functions;

export const functionNames = Object.keys(functions) as FunctionName[];

/** The functions of a deployment of these migrations. */
export const deployedFor = (migrations: readonly string[]): FunctionName[] =>
  functionNames.filter((name) => {
    const { serves }: FunctionPlan = functions[name];
    return serves === undefined || migrations.includes(serves);
  });

/** What a function uses; one that is not deployed by itself, what the one uses that serves it. */
export const usesOf = (name: FunctionName | keyof typeof notDeployed): readonly Use[] =>
  functions[name in notDeployed ? "front-door" : (name as FunctionName)].uses;

/** Files in `functions/` that are not deployed by themselves, and why. */
export const notDeployed = {
  console: "front-door serves these pages after it has said who is asking",
} as const satisfies Readonly<Record<string, string>>;

/** `dry-run` → `DryRun`: ids of constructs, and substitutions in the state machines. */
export const pascalCase = (name: string): string =>
  name.replaceAll(/(?:^|-)(\w)/gu, (_, letter: string) => letter.toUpperCase());
