import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from "node:crypto";
import { CloudTrailClient } from "@aws-sdk/client-cloudtrail";
import { SESv2Client, SendEmailCommand } from "@aws-sdk/client-sesv2";
import {
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import * as z from "zod";
import { migrations } from "../../migrations/index.ts";
import { createDataClient } from "../data/client.ts";
import { type Database, openDatabase } from "../data/database.ts";
import { openFiles } from "../sources/files/open.ts";
import { openSource } from "../sources/open.ts";
import { filesPlace, sourceSettings } from "../sources/settings.ts";
import { openCopyStore } from "./copy-store.ts";
import { Refusal } from "./errors.ts";
import { openEvidenceStore } from "./evidence-store.ts";
import { databaseShelf } from "./kept-readings.ts";
import { secretArns } from "./secret-arns.ts";
import type { Executions, Machine, Sealer, Services } from "./services.ts";
import { openSigner } from "./signer.ts";
import { createStamper, keyBytes } from "./stamper.ts";
import { whoStarted } from "./who-started.ts";
import { openWorkflow } from "./workflow.ts";

const Environment = z.object({
  WAVEGATE_CLUSTER_ARN: z.string(),
  WAVEGATE_DATABASE: z.string(),
  // Each function is given the roles that it uses; commit roles as `migration=arn`, with commas between.
  WAVEGATE_STAGE_SECRET_ARN: z.string().optional(),
  WAVEGATE_SIGN_SECRET_ARN: z.string().optional(),
  WAVEGATE_COMMIT_SECRET_ARNS: z.string().default(""),
  WAVEGATE_EVIDENCE_BUCKET: z.string(),
  // Only functions that copy files, or remove copies, are given it.
  WAVEGATE_FILES_BUCKET: z.string().optional(),
  // Only functions that export are given it.
  WAVEGATE_SIGNING_KEY_ARN: z.string().optional(),
  WAVEGATE_TOKEN_KEY: z.string(),
  // Only functions that sign or read stamps are given one.
  WAVEGATE_STAMP_KEY: z.string().optional(),
  WAVEGATE_MAIL_FROM: z.string(),
  WAVEGATE_SIGN_OFF_URL: z.string(),
  WAVEGATE_AUDITOR_MAIL: z.string().optional(),
  // No longer than the task waits that hears the answer (`SignOff` in statemachines/migration.asl.yaml).
  WAVEGATE_LINK_DAYS: z.coerce.number().positive().max(7).default(7),
  WAVEGATE_LANGUAGE: z
    .enum(["en", "fr"])
    .or(z.literal("").transform(() => "en" as const))
    .default("en"),
  WAVEGATE_DATABASE_PATIENCE_SECONDS: z.coerce.number().positive().optional(),
  WAVEGATE_IMPORT_AT_ONCE: z.coerce.number().int().min(1).max(40).default(2),
  WAVEGATE_MIGRATION_MACHINE_ARN: z.string(),
  WAVEGATE_WAVE_MACHINE_ARN: z.string(),
  WAVEGATE_ROLLBACK_MACHINE_ARN: z.string(),
  // Empty counts as not set: a line of .env that is there for others to fill in.
  LEGACY_IMPORT_CONNECTION: z.string().optional(),
  LEGACY_IMPORT_FOCUS_MODE_DEFAULT: z.string().optional(),
});

let shared: Services | undefined;

/** The services of this process, made once: a warm function keeps its connections. */
export const sharedServices = (): Services => {
  shared ??= createServices(process.env);
  return shared;
};

/** Makes the services from the environment; what is missing is named in one sentence. */
export function createServices(environment: Record<string, string | undefined>): Services {
  const parsed = Environment.safeParse(environment);
  if (!parsed.success) {
    const names = parsed.error.issues.map(({ path }) => path.join("."));
    const [wrong] = parsed.error.issues.filter(
      ({ path }) => environment[path.join(".")] !== undefined,
    );
    if (wrong) {
      throw new Refusal(
        "EnvironmentIncomplete",
        `The environment says ${wrong.path.join(".")}=${environment[wrong.path.join(".")]}, which it may not be: ${wrong.message}. Nothing was written; correct it, on one machine in .env.`,
      );
    }
    throw new Refusal(
      "EnvironmentIncomplete",
      `The environment does not name ${names.join(", ")}. Nothing was written. On one machine \`wavegate local up\` sets them.`,
    );
  }
  const env = parsed.data;
  const rds = createDataClient();
  const patience = env.WAVEGATE_DATABASE_PATIENCE_SECONDS;
  const database = (secretArn: string | undefined, role: string) =>
    secretArn
      ? openDatabase({
          client: rds,
          resourceArn: env.WAVEGATE_CLUSTER_ARN,
          database: env.WAVEGATE_DATABASE,
          secretArn,
          patienceMs: patience === undefined ? undefined : patience * 1_000,
        })
      : notGiven(role);
  const commits = new Map(
    [...secretArns(env.WAVEGATE_COMMIT_SECRET_ARNS)].map(([name, arn]) => [
      name,
      database(arn, "commit"),
    ]),
  );
  const ses = new SESv2Client();
  const states = new SFNClient();
  const machines = {
    migration: env.WAVEGATE_MIGRATION_MACHINE_ARN,
    wave: env.WAVEGATE_WAVE_MACHINE_ARN,
    rollback: env.WAVEGATE_ROLLBACK_MACHINE_ARN,
  };
  const stage = database(env.WAVEGATE_STAGE_SECRET_ARN, "stage");
  return {
    stage,
    sign: database(env.WAVEGATE_SIGN_SECRET_ARN, "sign"),
    commitOf: (migration) => commits.get(migration) ?? notGiven(`commit of “${migration}”`),
    evidence: openEvidenceStore(env.WAVEGATE_EVIDENCE_BUCKET),
    mail: async ({ to, subject, text }) => {
      await ses.send(
        new SendEmailCommand({
          FromEmailAddress: env.WAVEGATE_MAIL_FROM,
          Destination: { ToAddresses: [...to] },
          Content: { Simple: { Subject: { Data: subject }, Body: { Text: { Data: text } } } },
        }),
      );
    },
    executions: openExecutions(states, machines),
    workflow: openWorkflow(states, machines),
    tokens: createSealer(env.WAVEGATE_TOKEN_KEY),
    stamps: createStamper(env.WAVEGATE_STAMP_KEY || randomBytes(32).toString("base64")),
    signer: openSigner(env.WAVEGATE_SIGNING_KEY_ARN),
    migrations,
    openSource: async (connection, which) =>
      openSource(sourceSettings(connection, environment), (of) => databaseShelf(stage, of), which),
    filesPlace: (connection) => filesPlace(connection, environment),
    openFiles,
    copies: openCopyStore(env.WAVEGATE_FILES_BUCKET),
    clock: () => new Date(),
    newId: () => randomUUID(),
    newSeed,
    newSecret: () => randomBytes(32).toString("base64url"),
    settings: {
      signOffUrl: env.WAVEGATE_SIGN_OFF_URL,
      mailFrom: env.WAVEGATE_MAIL_FROM,
      evidenceBucket: env.WAVEGATE_EVIDENCE_BUCKET,
      linkDays: env.WAVEGATE_LINK_DAYS,
      language: env.WAVEGATE_LANGUAGE,
      auditor: env.WAVEGATE_AUDITOR_MAIL || undefined,
      importAtOnce: env.WAVEGATE_IMPORT_AT_ONCE,
      connection: env.LEGACY_IMPORT_CONNECTION || undefined,
      focus: env.LEGACY_IMPORT_FOCUS_MODE_DEFAULT || undefined,
    },
  };
}

/** 16 random hex digits. */
export const newSeed = (): string => randomBytes(8).toString("hex");

/** A role of the database whose secret this function was not given: any use of it is a defect of ours. */
function notGiven(role: string): Database {
  const refuse = async (): Promise<never> => {
    throw new Refusal(
      "EnvironmentIncomplete",
      `This function was not given the database role ${role}. Nothing was written. Deploy again, or run \`wavegate local up\`.`,
    );
  };
  return { rows: refuse, one: refuse, execute: refuse, transaction: refuse };
}

function openExecutions(states: SFNClient, machines: Record<Machine, string>): Executions {
  // Two look-ups a second is all that CloudTrail takes: pages wait for their turn.
  const trail = new CloudTrailClient({ maxAttempts: 6 });
  return {
    start: async (machine, name, input) => {
      const { executionArn } = await states.send(
        new StartExecutionCommand({
          stateMachineArn: machines[machine],
          name,
          input: JSON.stringify(input),
        }),
      );
      return { executionArn: executionArn ?? "" };
    },
    stop: async (executionArn, cause) => {
      await states.send(new StopExecutionCommand({ executionArn, error: "Stopped", cause }));
    },
    succeed: async (taskToken, output) => {
      try {
        await states.send(
          new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(output) }),
        );
        return "told";
      } catch (error) {
        // Expired and already answered look alike (documented): in both cases nobody waits.
        if (error instanceof Error && ["TaskTimedOut", "TaskDoesNotExist"].includes(error.name)) {
          return "closed";
        }
        throw error;
      }
    },
    starter: (executionArn, recordedAt) => whoStarted(trail, executionArn, recordedAt),
  };
}

/** AES-256-GCM under a key of 32 bytes in base64: `iv.tag.ciphertext`, each base64url. */
export function createSealer(key: string): Sealer {
  const bytes = keyBytes("WAVEGATE_TOKEN_KEY", key);
  return {
    seal: (secret) => {
      const iv = randomBytes(12);
      const cipher = createCipheriv("aes-256-gcm", bytes, iv);
      const sealed = Buffer.concat([cipher.update(secret, "utf8"), cipher.final()]);
      return [iv, cipher.getAuthTag(), sealed].map((part) => part.toString("base64url")).join(".");
    },
    open: (text) => {
      const [iv, tag, sealed] = text.split(".").map((part) => Buffer.from(part, "base64url"));
      if (!iv || !tag || !sealed)
        throw new Refusal("TokenUnreadable", "A sealed token cannot be read.");
      // Of a shorter tag fewer tries would hit one that fits.
      const decipher = createDecipheriv("aes-256-gcm", bytes, iv, { authTagLength: 16 });
      decipher.setAuthTag(tag);
      return Buffer.concat([decipher.update(sealed), decipher.final()]).toString("utf8");
    },
  };
}
