import * as z from "zod";
import { type Settings, SettingsSchema } from "./settings.ts";

/** A setting is missing, wrong, or contradicts another: one line, before anything is made. */
export class SettingsInvalid extends Error {
  override readonly name = "SettingsInvalid";
}

/**
 * Settings that can be deployed. Errors: {@link SettingsInvalid}, which names the first wrong setting,
 * what it may be, and an example. Values are not repeated.
 *
 * @param known names of the migrations there are
 */
export function checkSettings(wanted: unknown, known: readonly string[]): Settings {
  const parsed = SettingsSchema.safeParse(wanted);
  if (!parsed.success) throw new SettingsInvalid(sentence(firstOf(parsed.error), wanted));
  const contradiction = contradictionIn(parsed.data, known);
  if (contradiction) throw new SettingsInvalid(`${contradiction} Nothing was made.`);
  return parsed.data;
}

type Issue = z.core.$ZodIssue;

function firstOf(error: z.ZodError): Issue {
  return error.issues[0] as Issue;
}

function sentence(issue: Issue, wanted: unknown): string {
  if (issue.code === "unrecognized_keys") {
    const names = issue.keys.map((key) => [...issue.path, key].join("."));
    const among = keysAt(issue.path);
    return `There is no setting ${names.join(", ")}; ${issue.path.length === 0 ? "the settings are" : `those of ${issue.path.join(".")} are`} ${among.join(", ")}. Nothing was made.`;
  }
  const { path, schema } = describe(issue.path, wanted);
  const is = valueAt(wanted, issue.path) === undefined ? "is missing" : "cannot be used";
  const { allowed, example } = schema ?? {};
  return `The setting ${path || "file"} ${is}: it has to be ${allowed ?? "an object of settings"}${example ? `, for example ${path}: ${example}` : ""}. Nothing was made.`;
}

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (found, key) => (found as Record<PropertyKey, unknown> | undefined)?.[key],
    value,
  );

interface Described {
  readonly allowed?: string;
  readonly example?: string;
}

/** The innermost setting on a path that says what it may be. */
function describe(
  path: readonly PropertyKey[],
  wanted: unknown,
): { path: string; schema: Described | undefined } {
  const keys = path.filter((key) => typeof key === "string");
  for (let length = keys.length; length > 0; length -= 1) {
    const described = schemasAt(keys.slice(0, length), wanted).map(metaOf).find(Boolean);
    if (described) return { path: keys.slice(0, length).join("."), schema: described };
  }
  return { path: keys.join("."), schema: undefined };
}

function keysAt(path: readonly PropertyKey[]): string[] {
  const found = schemasAt(path.filter((key) => typeof key === "string"));
  return [...new Set(found.flatMap((schema) => Object.keys(shapeOf(schema))))].sort();
}

/** Every schema that may stand at a path: a union has several, and one where it is said which kind is wanted. */
function schemasAt(path: readonly PropertyKey[], wanted?: unknown): z.ZodType[] {
  let found: z.ZodType[] = [SettingsSchema];
  for (const [at, key] of path.entries()) {
    const kind = valueAt(wanted, [...path.slice(0, at), "kind"]);
    const all = found.flatMap(alternatives);
    const meant = all.filter((schema) => shapeOf(schema).kind?.safeParse(kind).success);
    found = (meant.length > 0 ? meant : all).flatMap((schema) => {
      const inner = shapeOf(schema)[String(key)];
      return inner ? [inner] : [];
    });
  }
  return [...found, ...found.flatMap(alternatives)];
}

function alternatives(schema: z.ZodType): z.ZodType[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) {
    return alternatives(schema.unwrap() as z.ZodType);
  }
  if (schema instanceof z.ZodUnion) return (schema.options as z.ZodType[]).flatMap(alternatives);
  return [schema];
}

const shapeOf = (schema: z.ZodType): Record<string, z.ZodType> =>
  schema instanceof z.ZodObject ? (schema.shape as Record<string, z.ZodType>) : {};

function metaOf(schema: z.ZodType): Described | undefined {
  const own = schema.meta() as Described | undefined;
  if (own?.allowed) return own;
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) {
    return metaOf(schema.unwrap() as z.ZodType);
  }
  return undefined;
}

/** What is right alone and wrong together. */
function contradictionIn(settings: Settings, known: readonly string[]): string | undefined {
  const { database, network, evidence, stage, region, legacy, account } = settings;
  const unknown = settings.migrations.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    return `The setting migrations names “${unknown}”, which is not there: it may name ${known.join(", ")}, for example migrations: ["${known[0]}"].`;
  }
  if (database.kind === "new" && (database.minimumCapacity ?? 0.5) > database.maximumCapacity) {
    return "The setting database.minimumCapacity is above database.maximumCapacity: it has to be at most that, for example database.minimumCapacity: 0.5.";
  }
  if (stage === "prod" && database.kind === "new" && database.minimumCapacity === 0) {
    return 'The setting database.minimumCapacity is 0 while stage is "prod": a database that sleeps makes the first approval fail; it has to be from 0.5 to 256, for example database.minimumCapacity: 0.5.';
  }
  if (
    network.kind === "existing" &&
    network.subnetIds.length !== network.availabilityZones.length
  ) {
    return 'The setting network.availabilityZones has to name one zone for each of network.subnetIds, in the same order, for example network.availabilityZones: ["eu-west-3a", "eu-west-3b"].';
  }
  if (
    network.kind === "existing" &&
    database.kind === "new" &&
    new Set(network.availabilityZones).size < 2
  ) {
    return 'The setting network.availabilityZones names one zone while database.kind is "new": Aurora takes subnets of two or more, for example network.availabilityZones: ["eu-west-3a", "eu-west-3b"].';
  }
  if (network.kind === "new" && "securityGroupId" in legacy.reach) {
    return 'The setting legacy.reach names a security group while network.kind is "new": a group of another VPC cannot be meant before they are peered; it has to be a cidr, for example legacy.reach: { cidr: "10.20.0.0/16" }.';
  }
  if (stage === "prod" && evidence.retentionDays === undefined) {
    return 'The setting evidence.retentionDays is missing while stage is "prod": nobody can shorten it later, so it is never guessed; it has to be a whole number of days from 1 to 36500, for example evidence.retentionDays: 3650.';
  }
  const elsewhere = [...arnsOf(settings), ...keysOf(settings)].find(
    ([, arn]) => arn.split(":")[3] !== region,
  );
  if (elsewhere) {
    return `The setting ${elsewhere[0]} is in another region than the setting region: both have to be the same, for example region: "${elsewhere[1].split(":")[3]}".`;
  }
  const foreign = arnsOf(settings).find(([, arn]) => account && arn.split(":")[4] !== account);
  if (foreign) {
    return `The setting ${foreign[0]} is in another account than the setting account: both have to be the same, for example account: "${foreign[1].split(":")[4]}".`;
  }
  return undefined;
}

function arnsOf({ database, legacy, signOff }: Settings): [string, string][] {
  return [
    ...(database.kind === "existing"
      ? ([
          ["database.clusterArn", database.clusterArn],
          ["database.adminSecretArn", database.adminSecretArn],
        ] as [string, string][])
      : []),
    ["legacy.secretArn", legacy.secretArn],
    ...(signOff.signIn.kind === "oidc"
      ? ([["signOff.signIn.clientSecretArn", signOff.signIn.clientSecretArn]] as [string, string][])
      : []),
  ];
}

/** Keys of what is read and written here: a service uses those of its own region, of whatever account. */
function keysOf({ database, legacy, files }: Settings): [string, string][] {
  const keys: [string, string | undefined][] = [
    [
      "database.adminSecretKeyArn",
      database.kind === "existing" ? database.adminSecretKeyArn : undefined,
    ],
    ["legacy.secretKeyArn", legacy.secretKeyArn],
    ["files.sourceKeyArn", files?.sourceKeyArn],
    ["files.targetKeyArn", files?.targetKeyArn],
  ];
  return keys.filter((each): each is [string, string] => each[1] !== undefined);
}
