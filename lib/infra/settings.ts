import * as z from "zod";

/** A setting's schema, what it may be in words, and an example: all that a message needs. */
function setting<Schema extends z.ZodType>(
  schema: Schema,
  allowed: string,
  example: string,
): Schema {
  return schema.meta({ allowed, example }) as Schema;
}

const text = (pattern: RegExp, allowed: string, example: string) =>
  setting(z.string().regex(pattern), allowed, example);

const days = (from: number, to: number, example: number) =>
  setting(
    z.number().int().min(from).max(to),
    `a whole number of days from ${from} to ${to}`,
    `${example}`,
  );

const arn = (service: string, resource: string, example: string) =>
  text(
    new RegExp(`^arn:aws[a-z-]*:${service}:[a-z0-9-]*:\\d{12}:${resource}`, "u"),
    `an ARN of ${service}`,
    `"${example}"`,
  );

/** RDS calls those that it makes itself `rds!cluster-…`. */
const secretArn = arn(
  "secretsmanager",
  "secret:[\\w/+=.@!-]+-\\w{6}$",
  "arn:aws:secretsmanager:eu-west-3:111122223333:secret:legacy/gym-AbCdEf",
);
const keyArn = arn(
  "kms",
  "key/[\\w-]+$",
  "arn:aws:kms:eu-west-3:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
);
const address = String.raw`(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!/)|(?=/))){4}`;
const range = (bits: string) => new RegExp(`^${address}/(?:${bits})$`, "u");
const cidr = text(range(String.raw`3[0-2]|[12]?\d`), "an IPv4 range", '"10.20.0.0/16"');
/** Of a VPC, of which each zone's subnets take their parts. */
const ownCidr = text(range("1[6-9]|2[0-5]"), "an IPv4 range from /16 to /25", '"10.40.0.0/20"');
const mail = text(/^[^\s@]+@[^\s@]+\.[^\s@]+$/u, "an e-mail address", '"wavegate@example.com"');
/** Of one that is there: whatever may have been given to it between quotes, but what no shell or address carries as it is. */
const word = text(
  /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}$/u,
  "the name of a database, of letters, digits, _, . and -",
  '"platform"',
);
/** RDS names a database so that a letter stands first. */
const newWord = text(
  /^[A-Za-z][A-Za-z0-9_]{0,62}$/u,
  "a name that begins with a letter",
  '"platform"',
);
const capacity = (from: number, example: string) =>
  setting(
    z.number().min(from).max(256).multipleOf(0.5),
    `ACUs in halves from ${from} to 256`,
    example,
  );

const NewDatabase = z.strictObject({
  /** A cluster of our own: for trials, or where the platform's database is yet to be moved. */
  kind: z.literal("new"),
  name: newWord.default("platform"),
  /** 0 lets it sleep after ten idle minutes; it then takes about 15 s to wake. */
  minimumCapacity: capacity(0, "0.5").optional(),
  maximumCapacity: capacity(1, "8").default(8),
});

const ExistingDatabase = z.strictObject({
  /** The platform's own Aurora PostgreSQL cluster, with the Data API switched on. */
  kind: z.literal("existing"),
  clusterArn: arn("rds", "cluster:[\\w-]+$", "arn:aws:rds:eu-west-3:111122223333:cluster:platform"),
  name: word,
  /** Who may make roles and schemas; used by the set-up alone. */
  adminSecretArn: secretArn,
  /** The key of that secret, when it is not AWS's own. */
  adminSecretKeyArn: keyArn.optional(),
});

const NewNetwork = z.strictObject({
  /** A VPC of its own, to be peered or routed to where the legacy database is. */
  kind: z.literal("new"),
  cidr: ownCidr.default("10.40.0.0/20"),
});

const ExistingNetwork = z.strictObject({
  /** The VPC from which the legacy database can be reached. */
  kind: z.literal("existing"),
  vpcId: text(/^vpc-[0-9a-f]{8,17}$/u, "the id of a VPC", '"vpc-0123456789abcdef0"'),
  cidr,
  subnetIds: setting(
    z.array(z.string().regex(/^subnet-[0-9a-f]{8,17}$/u)).min(2),
    "ids of two or more private subnets",
    '["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]',
  ),
  availabilityZones: setting(
    z.array(z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d[a-z]$/u)).min(2),
    "the zones of those subnets, in the same order",
    '["eu-west-3a", "eu-west-3b"]',
  ),
  /** Which interface endpoints to make, all or none or some: one that is there, under the service's name, will do. */
  endpoints: setting(
    z.union([z.boolean(), z.array(z.enum(["rds-data", "secretsmanager", "cloudtrail", "s3"]))]),
    "true, false, or a list of rds-data, secretsmanager, cloudtrail and s3",
    '["rds-data"]',
  ).default(true),
  /** Where the other services answer: the VPC itself by default, the range of central endpoints, or by NAT. */
  servicesAt: setting(
    z.union([z.literal("nat"), cidr]),
    'an IPv4 range, or "nat"',
    '"10.99.0.0/24"',
  ).optional(),
});

/** Cognito puts it before people's names, with a line between: it takes none within. */
const providerName = (example: string) =>
  text(/^[A-Za-z][A-Za-z0-9-]{2,31}$/u, "3 to 32 letters, digits and hyphens", `"${example}"`);

const SignIn = z.discriminatedUnion("kind", [
  /** People that an administrator adds to the user pool. */
  z.strictObject({ kind: z.literal("user pool") }),
  /** The company's OpenID Connect provider. */
  z.strictObject({
    kind: z.literal("oidc"),
    name: providerName("okta"),
    issuer: text(/^https:\/\/\S+$/u, "an https address", '"https://example.okta.com"'),
    clientId: text(/^\S+$/u, "the client's id", '"0oa1example"'),
    /** JSON with the key `clientSecret`. */
    clientSecretArn: secretArn,
  }),
  /** A SAML provider, IAM Identity Center among them. */
  z.strictObject({
    kind: z.literal("saml"),
    name: providerName("identity-center"),
    metadataUrl: text(
      /^https:\/\/\S+$/u,
      "the https address of the metadata",
      '"https://portal.sso.eu-west-3.amazonaws.com/saml/metadata/EXAMPLE"',
    ),
  }),
]);

/** Everything that a deployment asks people; see `wavegate.config.ts`. */
export const SettingsSchema = z.strictObject({
  /** The stack's name, and the beginning of other names. */
  name: text(
    /^[a-z][a-z0-9-]{1,27}$/u,
    "2 to 28 small letters, digits and hyphens",
    '"wavegate"',
  ).default("wavegate"),
  account: text(/^\d{12}$/u, "an account of 12 digits", '"111122223333"').optional(),
  // The other partitions lack what people sign in with, or call it otherwise.
  region: text(
    /^(?!cn-|us-gov-|us-iso|eu-iso|eusc-)[a-z]{2}(-[a-z]+)+-\d$/u,
    "a region, neither of China nor of GovCloud nor of a sovereign cloud",
    '"eu-west-3"',
  ),
  stage: setting(z.enum(["dev", "prod"]), '"dev" or "prod"', '"dev"'),
  migrations: setting(
    z
      .array(z.string().regex(/^[a-z][a-z0-9-]*$/u))
      .min(1)
      .refine((names) => new Set(names).size === names.length),
    "names of folders in migrations/, each once",
    '["gym"]',
  ),
  database: setting(
    z.discriminatedUnion("kind", [NewDatabase, ExistingDatabase]),
    'kind "new" or "existing"',
    '{ kind: "new", name: "platform" }',
  ),
  network: setting(
    z.discriminatedUnion("kind", [NewNetwork, ExistingNetwork]),
    'kind "new" or "existing"',
    '{ kind: "new", cidr: "10.40.0.0/20" }',
  ),
  legacy: z.strictObject({
    /** JSON with `LEGACY_DB_HOST` and the other settings of the connection. */
    secretArn,
    secretKeyArn: keyArn.optional(),
    /** The range or the security group that the legacy database answers in. */
    reach: setting(
      z.union([
        z.strictObject({ cidr }),
        z.strictObject({
          securityGroupId: text(
            /^sg-[0-9a-f]{8,17}$/u,
            "the id of a security group",
            '"sg-0123456789abcdef0"',
          ),
        }),
      ]),
      "a cidr or a securityGroupId",
      '{ cidr: "10.20.0.0/16" }',
    ),
    port: setting(z.number().int().min(1).max(65_535), "a port", "3306").default(3306),
    /** Key ranges that are read and staged at once; see {@link rangesAtOnce} for what counts without it. */
    rangesAtOnce: setting(
      z.number().int().min(1).max(40),
      "a whole number of ranges from 1 to 40",
      "4",
    ).optional(),
  }),
  signOff: z.strictObject({
    /** Links and news come from here; the domain has to be verified in SES. */
    mailFrom: mail,
    linkDays: days(1, 7, 7).default(7),
    /** Of every mail, and of the pages where a browser asks for no language that they speak. */
    language: setting(z.enum(["en", "fr"]), '"en" or "fr"', '"fr"').default("en"),
    /** Gets the digest of every audit bundle, besides those who may decide. */
    auditor: mail.optional(),
    signIn: setting(SignIn, 'kind "user pool", "oidc" or "saml"', '{ kind: "user pool" }').default({
      kind: "user pool",
    }),
    /** `<domainPrefix>.auth.<region>.amazoncognito.com`: unique in the region. */
    domainPrefix: text(
      /^(?!.*(?:aws|amazon|cognito))[a-z0-9](?:[a-z0-9-]{1,60}[a-z0-9])?$/u,
      "small letters, digits and hyphens, without aws, amazon or cognito",
      '"wavegate-example"',
    ),
  }),
  evidence: z
    .strictObject({
      /** How long nobody can delete evidence: in dev with, in prod without exception. */
      retentionDays: days(1, 36_500, 3650).optional(),
      /** Who may read it: roles or accounts; by default whom the account lets assume the role. */
      auditors: setting(
        z.array(z.string().regex(/^arn:aws[a-z-]*:iam::\d{12}:(root|role\/\S+|user\/\S+)$/u)),
        "ARNs of roles, users or accounts",
        '["arn:aws:iam::111122223333:role/auditors"]',
      ).default([]),
    })
    .default({ auditors: [] }),
  /** Where rows of the legacy system name files: the bucket they lie in, and the platform's that copies go to. */
  files: z
    .strictObject({
      sourceBucket: text(
        /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/u,
        "the name of a bucket",
        '"legacy-files"',
      ),
      targetBucket: text(
        /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/u,
        "the name of a bucket",
        '"platform-files"',
      ),
      /** The keys the buckets are encrypted with, when they are not AWS's own. */
      sourceKeyArn: keyArn.optional(),
      targetKeyArn: keyArn.optional(),
    })
    .optional(),
  alarms: z.strictObject({ mail }),
  /** So many days after a run is over the people it staged are erased, for good; never, unless it is said (B13). */
  eraseAfterDays: days(1, 99_999, 90).optional(),
  /** How long logs are kept. */
  logDays: setting(
    z.literal([30, 60, 90, 180, 365, 731]),
    "30, 60, 90, 180, 365 or 731",
    "90",
  ).default(90),
});

/** Settings as a person writes them. */
export type SettingsInput = z.input<typeof SettingsSchema>;

/** Settings as the constructs read them. */
export type Settings = z.output<typeof SettingsSchema>;

/** Two ranges keep a database of 8 ACU busy; a larger one, or one whose size we do not know, takes four. */
export function rangesAtOnce({ legacy, database }: Settings): number {
  const small = database.kind === "new" && database.maximumCapacity <= 8;
  return legacy.rangesAtOnce ?? (small ? 2 : 4);
}

/** For the editor: what a settings file's default export is. */
export const settings = (wanted: SettingsInput): SettingsInput => wanted;
