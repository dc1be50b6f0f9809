import { readFile } from "node:fs/promises";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import * as z from "zod";
import { createDataClient } from "../lib/data/client.ts";
import { type Database, openDatabase } from "../lib/data/database.ts";
import { raw } from "../lib/data/sql.ts";
import { Refusal } from "../lib/services/errors.ts";
import { secretArns } from "../lib/services/secret-arns.ts";
import { missingTables } from "../lib/stages/set-up/platform.ts";
import { splitStatements } from "../lib/stages/set-up/schema-statements.ts";
import { setUpDatabase } from "../lib/stages/set-up-database.ts";
import { answerCloudFormation, CloudFormationEvent } from "../lib/telemetry/cloudformation.ts";
import { migrations } from "../migrations/index.ts";

const Properties = z.looseObject({
  Migrations: z.array(z.string()).min(1),
  /** A new cluster is empty: then the platform's own tables are made first, for trials. */
  PlatformSchema: z.enum(["given", "made for trials"]),
});

const Environment = z.looseObject({
  WAVEGATE_CLUSTER_ARN: z.string(),
  WAVEGATE_DATABASE: z.string(),
  WAVEGATE_ADMIN_SECRET_ARN: z.string(),
  WAVEGATE_STAGE_SECRET_ARN: z.string(),
  WAVEGATE_SIGN_SECRET_ARN: z.string(),
  WAVEGATE_COMMIT_SECRET_ARNS: z.string(),
  WAVEGATE_OPERATOR_SECRET_ARN: z.string(),
  /** Where a feature is served. */
  WAVEGATE_SERVE_SECRET_ARN: z.string().optional(),
});

/**
 * A custom resource: makes staging, tables and roles at each deployment that changed them (D19).
 * Safe to run again. When the stack goes, the tables stay: they are evidence.
 */
export const handler = async (payload: unknown): Promise<void> => {
  const event = CloudFormationEvent.parse(payload);
  await answerCloudFormation(event, async () => {
    if (event.RequestType !== "Delete") await setUp(Properties.parse(event.ResourceProperties));
    return { says: "The database is set up." };
  });
};

async function setUp({ Migrations, PlatformSchema }: z.infer<typeof Properties>): Promise<void> {
  const env = Environment.parse(process.env);
  const enabled = Migrations.map((name) => {
    const migration = migrations[name];
    if (migration) return migration;
    throw new Refusal("UnknownMigration", `There is no migration “${name}”. Nothing was set up.`);
  });
  const admin = openDatabase({
    client: createDataClient(),
    resourceArn: env.WAVEGATE_CLUSTER_ARN,
    database: env.WAVEGATE_DATABASE,
    secretArn: env.WAVEGATE_ADMIN_SECRET_ARN,
  });
  if (PlatformSchema === "made for trials") {
    for (const migration of enabled) {
      if ((await missingTables(admin, migration)).length > 0)
        await makePlatform(admin, migration.name);
    }
  }
  const secrets = new SecretsManagerClient();
  const commits = secretArns(env.WAVEGATE_COMMIT_SECRET_ARNS);
  const commit: Record<string, string> = {};
  for (const { name } of enabled) commit[name] = await passwordOf(secrets, commits.get(name) ?? "");
  await setUpDatabase(admin, enabled, {
    stage: await passwordOf(secrets, env.WAVEGATE_STAGE_SECRET_ARN),
    sign: await passwordOf(secrets, env.WAVEGATE_SIGN_SECRET_ARN),
    commit,
    operator: await passwordOf(secrets, env.WAVEGATE_OPERATOR_SECRET_ARN),
    ...(env.WAVEGATE_SERVE_SECRET_ARN === undefined
      ? {}
      : { serve: await passwordOf(secrets, env.WAVEGATE_SERVE_SECRET_ARN) }),
  });
}

/** Beside the bundle, as beside this file. */
const schemaOf = (name: string): URL =>
  new URL(`../migrations/${name}/platform-schema.postgres.sql`, import.meta.url);

async function makePlatform(admin: Database, name: string): Promise<void> {
  const statements = splitStatements(await readFile(schemaOf(name), "utf8"));
  await admin.transaction(async (db) => {
    for (const statement of statements) await db.execute(raw(statement));
  });
}

const Password = z.looseObject({ password: z.string().min(1) });

async function passwordOf(secrets: SecretsManagerClient, arn: string): Promise<string> {
  const { SecretString = "" } = await secrets.send(new GetSecretValueCommand({ SecretId: arn }));
  return Password.parse(JSON.parse(SecretString)).password;
}
