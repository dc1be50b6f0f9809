import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import * as z from "zod";
import { brokenTo } from "../data/failures.ts";
import { Refusal } from "./errors.ts";

/** Names and values as functions read them; changed in place, as `process.env` is. */
export type MutableEnvironment = Record<string, string | undefined>;

/** Settings of a legacy connection: `LEGACY_DB_HOST`, `LEGACY_MYSQL_ATTR_SSL_CA` and their like. */
const sourceSetting = /^[A-Z][A-Z0-9_]*_(?:DB|MYSQL_ATTR)_[A-Z_]+$/u;

/** A CA's certificate itself, where no file of the name can be: it is put into one. */
const certificateText = /_(?:MYSQL_ATTR|DB)_SSL_CA_PEM$/u;

/** JSON hands a port over as a number, and a flag as a boolean. */
const SecretSettings = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

/**
 * Puts what lies in AWS Secrets Manager into the environment, before services are made of it:
 *
 * - `WAVEGATE_TOKEN_KEY_SECRET_ARN`: the token key, read once. A function that has no such setting
 *   and no `WAVEGATE_TOKEN_KEY` never seals or opens a token: it gets a key that opens nothing.
 * - `WAVEGATE_STAMP_KEY_SECRET_ARN`: likewise the key of the stamps that say who asked for an execution.
 * - `WAVEGATE_LEGACY_SECRET_ARN`: JSON with the same keys as `.env` (`LEGACY_DB_HOST`, …), read at
 *   each call, so that a corrected password counts at once. Other keys in it are ignored.
 *
 * Errors: `ConnectionLost`; `SecretUnreadable`, which names the setting and never the secret's content.
 */
export async function prepareEnvironment(
  environment: MutableEnvironment,
  open: () => SecretsManagerClient = sharedClient,
): Promise<void> {
  const { WAVEGATE_LEGACY_SECRET_ARN: legacy } = environment;
  for (const name of ["WAVEGATE_TOKEN_KEY", "WAVEGATE_STAMP_KEY"]) {
    const setting = `${name}_SECRET_ARN`;
    const arn = environment[setting];
    if (environment[name] || !arn) continue;
    environment[name] = keyOf(await readSecret(open(), arn, setting), setting);
  }
  environment.WAVEGATE_TOKEN_KEY ||= randomBytes(32).toString("base64");
  if (legacy) {
    const text = await readSecret(open(), legacy, "WAVEGATE_LEGACY_SECRET_ARN");
    Object.assign(environment, await sourceSettingsOf(text));
  }
}

let client: SecretsManagerClient | undefined;

function sharedClient(): SecretsManagerClient {
  client ??= new SecretsManagerClient();
  return client;
}

async function readSecret(
  secrets: SecretsManagerClient,
  arn: string,
  setting: string,
): Promise<string> {
  try {
    const { SecretString = "" } = await secrets.send(new GetSecretValueCommand({ SecretId: arn }));
    return SecretString;
  } catch (error) {
    const passing = brokenTo("service", error);
    if (passing !== error) throw passing;
    const reason = error instanceof Error ? error.name : "error";
    throw new Refusal(
      "SecretUnreadable",
      `The secret of ${setting} cannot be read (${reason}). Nothing was written; check that it is there and that this function's role may read it and its key.`,
      { cause: error },
    );
  }
}

/**
 * The 32 bytes of a generated secret. Secrets Manager generates characters, not bytes, so 64
 * hexadecimal digits are generated; 32 bytes in base64 are taken as well.
 */
function keyOf(text: string, setting: string): string {
  const trimmed = text.trim();
  if (/^[0-9a-f]{64}$/iu.test(trimmed)) return Buffer.from(trimmed, "hex").toString("base64");
  if (Buffer.from(trimmed, "base64").length === 32) return trimmed;
  throw new Refusal(
    "SecretUnreadable",
    `The secret of ${setting} is neither 64 hexadecimal digits nor 32 bytes in base64. Nothing was written.`,
  );
}

async function sourceSettingsOf(text: string): Promise<Record<string, string>> {
  const settings: Record<string, string> = {};
  for (const [name, value] of Object.entries(parse(text))) {
    if (!sourceSetting.test(name)) continue;
    if (certificateText.test(name)) {
      const path = join(tmpdir(), `${name.toLowerCase()}.pem`);
      await writeFile(path, String(value), { mode: 0o600 });
      settings[name.replace(/_PEM$/u, "")] = path;
    } else settings[name] = String(value);
  }
  return settings;
}

function parse(text: string): z.infer<typeof SecretSettings> {
  try {
    return SecretSettings.parse(JSON.parse(text));
  } catch {
    throw new Refusal(
      "SecretUnreadable",
      'The secret of WAVEGATE_LEGACY_SECRET_ARN is not a JSON object of settings. Nothing was written; it reads like {"LEGACY_DB_DRIVER":"mysql","LEGACY_DB_HOST":"…","LEGACY_DB_PASSWORD":"…"}.',
    );
  }
}
