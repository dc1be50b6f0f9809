import { describe, expect, it } from "vitest";
import { checkSettings, SettingsInvalid } from "../../lib/infra/check-settings.ts";
import rehearsal from "../../lib/infra/examples/existing-cluster.ts";
import prod from "../../lib/infra/examples/prod.ts";
import { loadSettings } from "../../lib/infra/load-settings.ts";
import { rangesAtOnce } from "../../lib/infra/settings.ts";
import byDefault from "../../wavegate.config.ts";

const check = (wanted: unknown) => checkSettings(wanted, ["ecoin"]);

const messageOf = (wanted: unknown): string => {
  try {
    check(wanted);
  } catch (error) {
    if (error instanceof SettingsInvalid) return error.message;
    throw error;
  }
  return "nothing was wrong";
};

describe("settings of a deployment", () => {
  it("are filled in where there is a careful default", () => {
    expect(check(byDefault)).toMatchObject({
      name: "wavegate",
      logDays: 90,
      signOff: { linkDays: 7, language: "en", signIn: { kind: "user pool" } },
      evidence: { auditors: [] },
      legacy: { port: 3306 },
    });
  });

  it("two ranges are imported at once on a small database, four elsewhere, or as many as are asked for", () => {
    const of = (wanted: object) => rangesAtOnce(check({ ...byDefault, ...wanted }));
    expect(of({})).toBe(2);
    expect(of({ database: { kind: "new", maximumCapacity: 32 } })).toBe(4);
    expect(rangesAtOnce(check(prod))).toBe(4);
    expect(of({ legacy: { ...byDefault.legacy, rangesAtOnce: 40 } })).toBe(40);
  });

  const vpc = (cidr: string) => ({ ...byDefault, network: { kind: "new", cidr } });
  const reaching = (cidr: string) => ({
    ...byDefault,
    legacy: { ...byDefault.legacy, reach: { cidr } },
  });

  it.each([
    "10.40.0.0/33",
    "10.40.0.256/20",
    "10.40.0/20",
    "10.40.0.0.0/20",
    "10.40.0.0/8",
    "10.40.0.0/28",
  ])("a VPC of %s is none", (cidr) => {
    expect(messageOf(vpc(cidr))).toBe(
      'The setting network.cidr cannot be used: it has to be an IPv4 range from /16 to /25, for example network.cidr: "10.40.0.0/20". Nothing was made.',
    );
  });

  it.each(["10.20.0.0/33", "999.20.0.0/16", "10.20.0.0"])("no source is in %s", (cidr) => {
    expect(messageOf(reaching(cidr))).toMatch(
      /^The setting legacy\.reach\S* cannot be used: .* Nothing was made\.$/u,
    );
  });

  it("take the widest and the narrowest range, and a migration once", () => {
    for (const wanted of [
      vpc("10.40.0.0/16"),
      vpc("10.255.255.128/25"),
      reaching("0.0.0.0/0"),
      reaching("10.20.0.7/32"),
    ])
      expect(messageOf(wanted)).toBe("nothing was wrong");
    expect(messageOf({ ...byDefault, migrations: ["ecoin", "ecoin"] })).toBe(
      'The setting migrations cannot be used: it has to be names of folders in migrations/, each once, for example migrations: ["gym"]. Nothing was made.',
    );
  });

  it.each([
    [
      "more ranges than an inline Map takes",
      { ...byDefault, legacy: { ...byDefault.legacy, rangesAtOnce: 41 } },
      "The setting legacy.rangesAtOnce cannot be used: it has to be a whole number of ranges from 1 to 40, for example legacy.rangesAtOnce: 4. Nothing was made.",
    ],
    [
      "an endpoint that nothing here calls",
      { ...rehearsal, network: { ...rehearsal.network, endpoints: ["sqs"] } },
      'The setting network.endpoints cannot be used: it has to be true, false, or a list of rds-data, secretsmanager, cloudtrail and s3, for example network.endpoints: ["rds-data"]. Nothing was made.',
    ],
    [
      "nothing at all",
      undefined,
      "The setting file is missing: it has to be an object of settings. Nothing was made.",
    ],
    [
      "no region",
      { ...byDefault, region: undefined },
      'The setting region is missing: it has to be a region, neither of China nor of GovCloud nor of a sovereign cloud, for example region: "eu-west-3". Nothing was made.',
    ],
    ...["cn-north-1", "us-gov-west-1", "us-iso-east-1", "eu-isoe-west-1", "eusc-de-east-1"].map(
      (region): [string, unknown, string] => [
        `W13 ${region}, where people could not sign in`,
        { ...byDefault, region },
        'The setting region cannot be used: it has to be a region, neither of China nor of GovCloud nor of a sovereign cloud, for example region: "eu-west-3". Nothing was made.',
      ],
    ),
    [
      "a stage that is none",
      { ...byDefault, stage: "production" },
      'The setting stage cannot be used: it has to be "dev" or "prod", for example stage: "dev". Nothing was made.',
    ],
    [
      "a setting that does not exist",
      { ...byDefault, regoin: "x" },
      "There is no setting regoin; the settings are account, alarms, database, eraseAfterDays, evidence, files, legacy, logDays, migrations, name, network, region, signOff, stage. Nothing was made.",
    ],
    [
      "W13 a new database of a name that RDS gives to none",
      { ...byDefault, database: { kind: "new", name: "_platform" } },
      'The setting database.name cannot be used: it has to be a name that begins with a letter, for example database.name: "platform". Nothing was made.',
    ],
    [
      "half a database",
      { ...byDefault, database: { kind: "existing" } },
      'The setting database.clusterArn is missing: it has to be an ARN of rds, for example database.clusterArn: "arn:aws:rds:eu-west-3:111122223333:cluster:platform". Nothing was made.',
    ],
    [
      "a password for a mail address",
      { ...byDefault, alarms: { mail: "hunter2" } },
      'The setting alarms.mail cannot be used: it has to be an e-mail address, for example alarms.mail: "wavegate@example.com". Nothing was made.',
    ],
    [
      "a migration that does not exist",
      { ...byDefault, migrations: ["alpha3"] },
      'The setting migrations names “alpha3”, which is not there: it may name ecoin, for example migrations: ["ecoin"]. Nothing was made.',
    ],
    [
      "W13 a directory by a name that Cognito does not take",
      {
        ...byDefault,
        signOff: {
          ...byDefault.signOff,
          signIn: { kind: "saml", name: "identity_center", metadataUrl: "https://example.com" },
        },
      },
      'The setting signOff.signIn.name cannot be used: it has to be 3 to 32 letters, digits and hyphens, for example signOff.signIn.name: "identity-center". Nothing was made.',
    ],
  ])("%s: one line with the setting, what it may be, and an example", (_, wanted, message) => {
    expect(messageOf(wanted)).toBe(message);
    expect(message).not.toContain("\n");
  });

  it.each(["our-platform", "2026.platform"])(
    "W13 a database that is there may be called %s: whatever it is, it is nobody's to call it otherwise now",
    (name) => {
      const database = { ...(rehearsal.database as { kind: "existing" }), name };
      expect(messageOf({ ...rehearsal, database })).toBe("nothing was wrong");
      expect(messageOf({ ...rehearsal, database: { ...database, name: `${name};` } })).toMatch(
        /^The setting database\.name cannot be used: it has to be the name of a database, /u,
      );
    },
  );

  it("a key of another account is none: its policy decides who uses it", () => {
    const secretKeyArn = "arn:aws:kms:eu-west-3:999999999999:key/1234abcd";
    expect(messageOf({ ...prod, legacy: { ...prod.legacy, secretKeyArn } })).toBe(
      "nothing was wrong",
    );
  });

  it.each<[string, unknown, RegExp]>([
    [
      "a production database that sleeps",
      {
        ...byDefault,
        stage: "prod",
        evidence: { retentionDays: 30 },
        database: { kind: "new", minimumCapacity: 0 },
      },
      /^The setting database\.minimumCapacity is 0 while stage is "prod"/,
    ],
    [
      "production without a retention",
      { ...prod, evidence: {} },
      /^The setting evidence\.retentionDays is missing while stage is "prod"/,
    ],
    [
      "a security group of a network that is yet to be made",
      {
        ...byDefault,
        legacy: { ...byDefault.legacy, reach: { securityGroupId: "sg-0123456789abcdef0" } },
      },
      /^The setting legacy\.reach names a security group while network\.kind is "new"/,
    ],
    [
      "a cluster in another region",
      { ...prod, region: "eu-central-1" },
      /^The setting database\.clusterArn is in another region/,
    ],
    [
      "a cluster of another account",
      { ...prod, account: "999999999999" },
      /^The setting database\.clusterArn is in another account/,
    ],
    ...["legacy.secretKeyArn", "database.adminSecretKeyArn", "files.targetKeyArn"].map(
      (name): [string, unknown, RegExp] => {
        const key = "arn:aws:kms:eu-central-1:999999999999:key/1234abcd";
        const [group = "", field = ""] = name.split(".");
        const there = (prod as unknown as Record<string, object>)[group];
        return [
          `W13 a key in another region, ${name}`,
          { ...prod, [group]: { ...there, [field]: key } },
          new RegExp(`^The setting ${name} is in another region`, "u"),
        ];
      },
    ),
    [
      "W13 a database of our own in one zone",
      {
        ...rehearsal,
        database: { kind: "new", name: "platform" },
        network: { ...rehearsal.network, availabilityZones: ["eu-west-3a", "eu-west-3a"] },
      },
      /^The setting network\.availabilityZones names one zone while database\.kind is "new"/,
    ],
    [
      "more capacity at least than at most",
      { ...byDefault, database: { kind: "new", minimumCapacity: 16, maximumCapacity: 8 } },
      /^The setting database\.minimumCapacity is above database\.maximumCapacity/,
    ],
    [
      "three subnets in two zones",
      {
        ...prod,
        network: {
          ...prod.network,
          subnetIds: [
            "subnet-0123456789abcdef0",
            "subnet-0123456789abcdef1",
            "subnet-0123456789abcdef2",
          ],
        },
      },
      /^The setting network\.availabilityZones has to name one zone for each/,
    ],
  ])("%s is a contradiction, and named", (_, wanted, message) => {
    expect(messageOf(wanted)).toMatch(message);
    expect(messageOf(wanted)).toMatch(/for example .+\. Nothing was made\.$/);
  });

  it("W13 the administrator's secret may be the one that RDS itself made with the cluster, whose name no other has", () => {
    const arn = (secret: string) =>
      `arn:aws:secretsmanager:eu-west-3:111122223333:secret:${secret}-AbCdEf`;
    const managed = arn("rds!cluster-1757a281-ee31-460d-b56e-950817921010");
    const of = (adminSecretArn: string) => ({
      ...rehearsal,
      database: { ...rehearsal.database, adminSecretArn },
    });
    expect(messageOf(of(managed))).toBe("nothing was wrong");
    for (const wrong of [arn("a b"), arn("a*"), `${managed}:password`])
      expect(messageOf(of(wrong))).toMatch(/^The setting database\.adminSecretArn cannot be used/u);
  });

  it("W14 a wrong value is never repeated: it may be a secret in the wrong place", () => {
    expect(
      messageOf({ ...byDefault, legacy: { ...byDefault.legacy, secretArn: "hunter2" } }),
    ).not.toContain("hunter2");
  });

  it("a settings file that is not there is named", async () => {
    await expect(loadSettings("nowhere.ts", "/")).rejects.toThrow(
      "The settings file nowhere.ts is not there",
    );
  });
});
