import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { REGION } from "./machines.ts";
import { ARNS, BUCKET, FILES, secretArn } from "./names.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Settings of legacy connections, and the few of wavegate's own that a person may choose. */
const forFunctions =
  /^(LEGACY_\w+|[A-Z][A-Z0-9_]*_(DB_\w+|MYSQL_ATTR_\w+)|WAVEGATE_(AUDITOR_MAIL|ERASE_AFTER_DAYS|IMPORT_AT_ONCE|LANGUAGE|LINK_DAYS|MAIL_FROM))$/u;

/** The environment with `.env` of a folder behind it: what both say, the environment decides. */
export function withDotEnv(folder: string, environment: Environment): Environment {
  const path = join(folder, ".env");
  const file = existsSync(path) ? parseEnv(readFileSync(path, "utf8")) : {};
  const said = Object.entries(environment).filter(([, value]) => value !== undefined);
  return { ...file, ...Object.fromEntries(said) };
}

/**
 * The settings that functions get from people: those of `.env` in the folder, read anew at each
 * call, so that a corrected password counts at once, and those of the environment, which win.
 */
export function peoplesSettings(folder: string, environment: Environment): Record<string, string> {
  const settings: Record<string, string> = {};
  for (const [name, value] of Object.entries(withDotEnv(folder, environment))) {
    // An empty one of wavegate's own is a line of `.env` that is there for others to fill in.
    if (value === "" && name.startsWith("WAVEGATE_")) continue;
    if (value !== undefined && forFunctions.test(name)) settings[name] = value;
  }
  return settings;
}

/** The settings without those of legacy connections, for functions that read no source. */
export const withoutSources = (
  settings: Readonly<Record<string, string>>,
): Record<string, string> =>
  Object.fromEntries(Object.entries(settings).filter(([name]) => name.startsWith("WAVEGATE_")));

/**
 * The secrets of the database roles that a function may use, as a deployment would name them: commit
 * roles (`commit-gym`) together, as `gym=ARN`, the others each by itself.
 */
export function secretsEnvironment(
  uses: ReadonlySet<string>,
  names: readonly string[],
): Record<string, string> {
  const given = names.filter((name) => uses.has(name.replace(/-.*$/u, "")));
  const commits = given.filter((name) => name.startsWith("commit-"));
  return {
    ...Object.fromEntries(
      given
        .filter((name) => !commits.includes(name))
        .map((name) => [`WAVEGATE_${name.toUpperCase()}_SECRET_ARN`, secretArn(name)]),
    ),
    ...(commits.length > 0
      ? {
          WAVEGATE_COMMIT_SECRET_ARNS: commits
            .map((name) => `${name.slice("commit-".length)}=${secretArn(name)}`)
            .join(","),
        }
      : {}),
  };
}

/** Endpoints, ARNs and names: what clients of this machine's AWS need, without credentials. */
export function awsEnvironment(
  urls: Readonly<Record<string, string>>,
  database: string,
): Record<string, string> {
  const all: Record<string, string | undefined> = {
    AWS_REGION: REGION,
    AWS_ENDPOINT_URL_RDS_DATA: urls["rds-data"],
    AWS_ENDPOINT_URL_S3: urls.s3,
    AWS_ENDPOINT_URL_SESV2: urls.mail,
    AWS_ENDPOINT_URL_KMS: urls.kms,
    AWS_ENDPOINT_URL_SFN: urls.states,
    AWS_ENDPOINT_URL_CLOUDTRAIL: urls.states,
    WAVEGATE_CLUSTER_ARN: ARNS.cluster,
    WAVEGATE_DATABASE: database,
    WAVEGATE_ADMIN_SECRET_ARN: ARNS.adminSecret,
    WAVEGATE_OPERATOR_SECRET_ARN: ARNS.operatorSecret,
    WAVEGATE_EVIDENCE_BUCKET: BUCKET,
    WAVEGATE_FILES_BUCKET: FILES,
    WAVEGATE_SIGNING_KEY_ARN: ARNS.signingKey,
    WAVEGATE_SIGN_OFF_URL: urls.pages,
    WAVEGATE_MIGRATION_MACHINE_ARN: ARNS.migrationMachine,
    WAVEGATE_WAVE_MACHINE_ARN: ARNS.waveMachine,
    WAVEGATE_ROLLBACK_MACHINE_ARN: ARNS.rollbackMachine,
  };
  return Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
