import { randomBytes, randomUUID } from "node:crypto";
import { S3Client } from "@aws-sdk/client-s3";
import pg from "pg";
import { createDataClient } from "../lib/data/client.ts";
import { openDatabase } from "../lib/data/database.ts";
import { sql } from "../lib/data/sql.ts";
import { databaseRoles } from "../lib/define/database-roles.ts";
import type { Fault as CallFault } from "../lib/embedded/rds-data/service.ts";
import {
  type Operation,
  type Role,
  startRdsDataService,
} from "../lib/embedded/rds-data/service.ts";
import { addPerson, permissions } from "../lib/review/people/people.ts";
import { openCopyStore } from "../lib/services/copy-store.ts";
import { createSealer, newSeed } from "../lib/services/create.ts";
import { openEvidenceStore } from "../lib/services/evidence-store.ts";
import type { Services } from "../lib/services/services.ts";
import { createStamper } from "../lib/services/stamper.ts";
import { openFiles } from "../lib/sources/files/open.ts";
import { openSource } from "../lib/sources/open.ts";
import { filesPlace, sourceSettings } from "../lib/sources/settings.ts";
import { setUpDatabase } from "../lib/stages/set-up-database.ts";
import { ecoin } from "../migrations/ecoin/definition.ts";
import { type CutProxy, startProxy } from "./proxy.ts";
import { campaignSigner } from "./signer.ts";

const credentials = { accessKeyId: "campaign", secretAccessKey: "campaign" };
const resourceArn = "arn:aws:rds:us-east-1:000000000000:cluster:campaign";
const secretOf = (role: string) => `arn:aws:secretsmanager:us-east-1:000000000000:secret:${role}`;
const passwords = {
  stage: "stage",
  sign: "sign",
  commit: { ecoin: "commit" },
  operator: "operator",
};

/** The database that is copied; its roles carry its name, in every copy. */
export const template = "campaign_template";
const roles = databaseRoles(template);

/** A wavegate on one machine: the Data API's stand-in with connections that can be cut, and services. */
export interface Runtime {
  readonly services: Services;
  readonly postgres: CutProxy;
  readonly mariadb: CutProxy;
  /** As a power cut does: whatever it is doing ends in the middle, and nothing of it goes on. */
  kill(): Promise<void>;
}

export interface RuntimeOptions {
  readonly database: string;
  readonly legacy: Readonly<Record<string, string>>;
  readonly s3: string;
  readonly now: () => Date;
  /** Hears of every call to the database, and may make it fail. */
  readonly onCall: (
    operation: Operation,
    runtime: Pick<Runtime, "postgres">,
  ) => CallFault | undefined;
}

export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const postgres = await startProxy(Number(new URL(options.database).port));
  const mariadb = await startProxy(Number(options.legacy.LEGACY_DB_PORT));
  const url = new URL(options.database);
  url.port = String(postgres.port);
  const rds = await startRdsDataService({
    resourceArn,
    authenticate: async () => "campaign",
    roles: rolesOf(url.href),
    faults: (operation) => options.onCall(operation, { postgres }),
  });
  const door = await startProxy(Number(new URL(rds.url).port));
  const client = createDataClient({
    endpoint: `http://127.0.0.1:${door.port}`,
    region: "us-east-1",
    credentials,
  });
  const open = (role: string) =>
    openDatabase({
      client,
      resourceArn,
      secretArn: secretOf(role),
      database: url.pathname.slice(1),
    });
  const objects = new S3Client({
    endpoint: options.s3,
    region: "us-east-1",
    credentials,
    forcePathStyle: true,
  });
  const legacy = { ...options.legacy, LEGACY_DB_PORT: String(mariadb.port) };
  const sign = open("sign");
  const services: Services = {
    stage: open("stage"),
    sign,
    commitOf: () => open("commit"),
    evidence: openEvidenceStore("evidence", objects),
    mail: async () => {},
    workflow: {
      definition: async () => "{}",
      underWay: async () => [],
      arnOf: ({ name }) => name,
      steps: async () => [],
    },
    executions: {
      start: async () => ({ executionArn: "arn:campaign" }),
      stop: async () => {},
      succeed: async () => "told",
      // As the first state of an execution notes it.
      starter: async (executionArn) => {
        await sign.execute(sql`
          insert into wavegate.run_beginnings (run_id, execution_arn, person)
          select id, execution_arn, 'operator' from wavegate.legacy_import_runs where execution_arn = ${executionArn}
          on conflict do nothing`);
        return "operator";
      },
    },
    stamps: createStamper(randomBytes(32).toString("base64")),
    tokens: createSealer(randomBytes(32).toString("base64")),
    signer: campaignSigner(),
    migrations: { ecoin },
    openSource: (connection) => openSource(sourceSettings(connection, legacy)),
    filesPlace: (connection) => filesPlace(connection, legacy),
    openFiles,
    copies: openCopyStore("files", objects),
    clock: options.now,
    newId: () => randomUUID(),
    newSeed,
    newSecret: () => randomBytes(32).toString("base64url"),
    settings: {
      signOffUrl: "http://127.0.0.1:1",
      mailFrom: "wavegate@example.com",
      evidenceBucket: "evidence",
      linkDays: 7,
      language: "en",
      importAtOnce: 2,
    },
  };
  return {
    services,
    postgres,
    mariadb,
    kill: async () => {
      // Nobody hears of it any more, and the database finds its connections gone.
      await Promise.all([door.close(), postgres.close(), mariadb.close()]);
      client.destroy();
      objects.destroy();
      await rds.close();
    },
  };
}

/** Staging, roles and people in the database that is copied. */
export async function setUpTemplate(url: string): Promise<void> {
  const rds = await startRdsDataService({
    resourceArn,
    authenticate: async () => "campaign",
    roles: { [secretOf("admin")]: { connectionString: url } },
  });
  const client = createDataClient({ endpoint: rds.url, region: "us-east-1", credentials });
  const database = new URL(url).pathname.slice(1);
  const admin = openDatabase({ client, resourceArn, secretArn: secretOf("admin"), database });
  await setUpDatabase(admin, [ecoin], passwords);
  for (const name of ["operator", "approver"]) {
    await addPerson(admin, {
      name,
      email: `${name}@example.com`,
      permissions: [...permissions],
    });
  }
  client.destroy();
  await rds.close();
}

function rolesOf(url: string): Record<string, Role> {
  const as = (user: string, password: string): Role => {
    const role = new URL(url);
    role.username = user;
    role.password = password;
    return { connectionString: role.href };
  };
  return {
    [secretOf("stage")]: as(roles.stage, passwords.stage),
    [secretOf("sign")]: as(roles.sign, passwords.sign),
    [secretOf("commit")]: as(roles.commit("ecoin"), passwords.commit.ecoin),
  };
}

/** The superuser's connections to a database, past every stand-in: for looking at what is really there. */
export function lookInto(url: string): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max: 2 });
  pool.on("error", () => {});
  return pool;
}
