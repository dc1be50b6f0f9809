import { readFile, rm, stat } from "node:fs/promises";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { mockClient } from "aws-sdk-client-mock";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { createSealer } from "../../lib/services/create.ts";
import {
  type MutableEnvironment,
  prepareEnvironment,
} from "../../lib/services/source-environment.ts";
import { createStamper } from "../../lib/services/stamper.ts";
import { sourceSettings } from "../../lib/sources/settings.ts";

const secrets = mockClient(SecretsManagerClient);
const open = () => new SecretsManagerClient({ region: "eu-west-3" });
const arn = (name: string) => `arn:aws:secretsmanager:eu-west-3:111122223333:secret:${name}-AbCdEf`;

beforeEach(() => secrets.reset());
afterAll(() => secrets.restore());

const holds = (name: string, SecretString: string) =>
  secrets.on(GetSecretValueCommand, { SecretId: arn(name) }).resolves({ SecretString });

const prepared = async (environment: MutableEnvironment): Promise<MutableEnvironment> => {
  await prepareEnvironment(environment, open);
  return environment;
};

describe("secrets of a deployment", () => {
  it("the token key is read once, and seals", async () => {
    holds("token", "0123456789abcdef".repeat(4));
    const environment = await prepared({ WAVEGATE_TOKEN_KEY_SECRET_ARN: arn("token") });
    expect(environment.WAVEGATE_TOKEN_KEY).toBe("ASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4mrze8=");
    const sealer = createSealer(environment.WAVEGATE_TOKEN_KEY ?? "");
    expect(sealer.open(sealer.seal("token"))).toBe("token");
    await prepareEnvironment(environment, open);
    expect(secrets.calls()).toHaveLength(1);
  });

  it("W3 a secret that Secrets Manager could not give just then is asked for again, by the name of that", async () => {
    const failing = (name: string, httpStatusCode: number) => {
      secrets
        .on(GetSecretValueCommand)
        .rejects(Object.assign(new Error(name), { name, $metadata: { httpStatusCode } }));
      return prepared({ WAVEGATE_TOKEN_KEY_SECRET_ARN: arn("token") });
    };
    await expect(failing("InternalServiceError", 500)).rejects.toMatchObject({
      name: "ConnectionLost",
    });
    await expect(failing("ResourceNotFoundException", 400)).rejects.toMatchObject({
      name: "SecretUnreadable",
    });
  });

  it("a key that is there already is left alone: one machine asks nobody", async () => {
    const key = Buffer.alloc(32, 7).toString("base64");
    expect(await prepared({ WAVEGATE_TOKEN_KEY: key })).toEqual({ WAVEGATE_TOKEN_KEY: key });
    expect(secrets.calls()).toHaveLength(0);
  });

  it("W8 a function that never opens tokens gets a key that opens nothing", async () => {
    const [one, other] = [await prepared({}), await prepared({})];
    const sealed = createSealer(one.WAVEGATE_TOKEN_KEY ?? "").seal("token");
    expect(() => createSealer(other.WAVEGATE_TOKEN_KEY ?? "").open(sealed)).toThrow();
  });

  it("W8 a sealed token whose mark was cut short is none", () => {
    const { seal, open } = createSealer(Buffer.alloc(32, 1).toString("base64"));
    const [iv = "", tag = "", sealed = ""] = seal("token").split(".");
    expect(open([iv, tag, sealed].join("."))).toBe("token");
    const short = Buffer.from(tag, "base64url").subarray(0, 4).toString("base64url");
    expect(() => open([iv, short, sealed].join("."))).toThrow();
  });

  it.each(["", "short", Buffer.alloc(31).toString("base64"), Buffer.alloc(33).toString("base64")])(
    "D36 W8 under a key of another length than 32 bytes nothing is stamped or sealed: %j",
    (key) => {
      for (const create of [createStamper, createSealer])
        expect(() => create(key)).toThrow(/is not 32 bytes in base64/u);
    },
  );

  it("R2 the legacy connection's settings are read at each call", async () => {
    holds(
      "legacy",
      JSON.stringify({
        LEGACY_DB_DRIVER: "mysql",
        LEGACY_DB_DATABASE: "old",
        LEGACY_DB_USERNAME: "reader",
        LEGACY_DB_PASSWORD: "one",
        LEGACY_DB_PORT: 3307,
        LEGACY_DB_STRICT: false,
      }),
    );
    const environment = await prepared({ WAVEGATE_LEGACY_SECRET_ARN: arn("legacy") });
    expect(sourceSettings("legacy", environment)).toMatchObject({
      port: 3307,
      password: "one",
      strict: false,
    });
    holds("legacy", JSON.stringify({ LEGACY_DB_PASSWORD: "two" }));
    await prepareEnvironment(environment, open);
    expect(environment.LEGACY_DB_PASSWORD).toBe("two");
  });

  it("nothing but settings of connections is taken from the legacy secret", async () => {
    holds(
      "legacy",
      JSON.stringify({
        WAVEGATE_CLUSTER_ARN: "theirs",
        NODE_OPTIONS: "--require=/tmp/theirs",
        ARCHIVE_DB_HOST: "archive.example.com",
      }),
    );
    const environment = await prepared({
      WAVEGATE_TOKEN_KEY: "here",
      WAVEGATE_LEGACY_SECRET_ARN: arn("legacy"),
      WAVEGATE_CLUSTER_ARN: "ours",
    });
    expect(environment).toEqual({
      WAVEGATE_TOKEN_KEY: "here",
      WAVEGATE_LEGACY_SECRET_ARN: arn("legacy"),
      WAVEGATE_CLUSTER_ARN: "ours",
      ARCHIVE_DB_HOST: "archive.example.com",
    });
  });

  it("a CA's certificate may lie in the secret itself", async () => {
    holds(
      "legacy",
      JSON.stringify({ TESTED_MYSQL_ATTR_SSL_CA_PEM: "-----BEGIN CERTIFICATE-----" }),
    );
    const environment = await prepared({ WAVEGATE_LEGACY_SECRET_ARN: arn("legacy") });
    const path = environment.TESTED_MYSQL_ATTR_SSL_CA ?? "";
    expect(await readFile(path, "utf8")).toBe("-----BEGIN CERTIFICATE-----");
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(environment).not.toHaveProperty("TESTED_MYSQL_ATTR_SSL_CA_PEM");
    await rm(path);
  });

  it.each([
    ["is no JSON", "LEGACY_DB_PASSWORD=hunter2"],
    ["is a list", '["hunter2"]'],
    ["holds an object for a text", '{"LEGACY_DB_HOST":{"hunter2":1}}'],
  ])("W13 a legacy secret that %s is named and not repeated", async (_, text) => {
    holds("legacy", text);
    const failure = await prepared({ WAVEGATE_LEGACY_SECRET_ARN: arn("legacy") }).catch(
      (error: Error) => error,
    );
    expect(failure).toMatchObject({ name: "SecretUnreadable" });
    expect(String(failure)).toContain(
      "WAVEGATE_LEGACY_SECRET_ARN is not a JSON object of settings",
    );
    expect(String(failure)).not.toContain("hunter2");
  });

  it("a token key that is too short is refused", async () => {
    holds("token", "abc");
    await expect(prepared({ WAVEGATE_TOKEN_KEY_SECRET_ARN: arn("token") })).rejects.toThrow(
      "neither 64 hexadecimal digits nor 32 bytes in base64",
    );
  });

  it("a secret that may not be read names the setting and the reason", async () => {
    secrets
      .on(GetSecretValueCommand)
      .rejects(
        Object.assign(new Error("arn:… is not authorized"), { name: "AccessDeniedException" }),
      );
    await expect(prepared({ WAVEGATE_TOKEN_KEY_SECRET_ARN: arn("token") })).rejects.toThrow(
      "The secret of WAVEGATE_TOKEN_KEY_SECRET_ARN cannot be read (AccessDeniedException). Nothing was written",
    );
  });
});
