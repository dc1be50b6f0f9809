/**
 * `npm run truth`: holds a table of requests and answers against the stand-ins of this folder's runtime;
 * with `--aws` against the account of the environment. It only reads, unless `--scratch` is given: then
 * it makes two state machines, a bucket and a table of its own, and removes them. Exits 1 on a difference.
 */
import { parseArgs } from "node:util";
import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { CloudTrailClient } from "@aws-sdk/client-cloudtrail";
import { KMSClient } from "@aws-sdk/client-kms";
import { RDSDataClient } from "@aws-sdk/client-rds-data";
import { S3Client } from "@aws-sdk/client-s3";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SESv2Client } from "@aws-sdk/client-sesv2";
import { SFNClient } from "@aws-sdk/client-sfn";
import { compare, type LeftOut, rows } from "./truth/compare.ts";
import type { Aws } from "./truth/row.ts";
import { makeScratch } from "./truth/scratch.ts";
import { compareStates, singleStates } from "./truth/single-states.ts";
import { unasked } from "./truth/unasked.ts";

const { values } = parseArgs({
  options: {
    aws: { type: "boolean", default: false },
    account: { type: "string", default: "000000000000" },
    cluster: { type: "string" },
    secret: { type: "string" },
    database: { type: "string" },
    bucket: { type: "string" },
    key: { type: "string" },
    scratch: { type: "boolean", default: false },
    role: { type: "string" },
  },
});
const region = process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION;
if (!region || (!values.aws && !process.env.AWS_ENDPOINT_URL_SFN)) {
  console.error(
    'Say where: `eval "$(npx wavegate local env)"` for the stand-ins, or AWS_REGION with `--aws --account NUMBER`. Nothing was asked.',
  );
  process.exit(2);
}
if (values.scratch && !values.aws) {
  console.error(
    "`--scratch` makes things in an account and wants `--aws`; of the stand-ins, `npx vitest run test/truth` asks these rows. Nothing was asked.",
  );
  process.exit(2);
}

const { cluster, secret, database, bucket, key } = values;
const patient = { region, maxAttempts: 5 };
const objects = new S3Client({ ...patient, forcePathStyle: !values.aws });
const aws: Aws = {
  region,
  account: values.account,
  states: new SFNClient(patient),
  trail: new CloudTrailClient(patient),
  data:
    cluster && secret && database
      ? {
          client: new RDSDataClient({ region, maxAttempts: 1 }),
          target: { resourceArn: cluster, secretArn: secret, database },
        }
      : undefined,
  // A bucket of its own is enough for the rows that write.
  objects: bucket || values.scratch ? { client: objects, bucket: bucket ?? "" } : undefined,
  key: key ? { client: new KMSClient(patient), arn: key } : undefined,
  mail: values.aws || process.env.AWS_ENDPOINT_URL_SESV2 ? new SESv2Client(patient) : undefined,
  ...(values.aws
    ? {
        stacks: new CloudFormationClient(patient),
        secrets: new SecretsManagerClient(patient),
      }
    : {}),
};

/** What each part is asked for with. */
const options: Readonly<Record<LeftOut["wants"], string>> = {
  data: "--cluster, --secret, --database",
  objects: "--bucket",
  key: "--key",
  mail: "--aws",
  stacks: "--aws",
  secrets: "--aws",
  "scratch machines": "--aws --scratch --role",
  "scratch bucket": "--aws --scratch",
  "scratch table": "--aws --scratch with --cluster, --secret, --database",
  "an administrator's keys": "an administrator's keys",
};

const scratch = values.scratch ? await makeScratch(aws, values.role) : undefined;
const asked = { ...aws, ...(scratch && { scratch: scratch.parts }) };
const { same, different, leftOut } = await compare(asked).finally(async () => {
  const left = (await scratch?.remove()) ?? [];
  if (left.length > 0) console.error(`Left behind, to be removed by hand: ${left.join(", ")}.`);
});
const ofStates = values.aws ? await compareStates(aws.states) : [];

for (const { known, call, asks } of same) {
  console.log(`✓ ${known.padEnd(10)} ${call}: ${asks}`);
}
for (const { row, wants } of leftOut) {
  console.log(`- left out: ${row.asks} (wants ${options[wants]})`);
}
for (const { error, known, why } of unasked) {
  console.log(`- never asked: ${error} is ${known}; ${why}`);
}
for (const { asks, expected, got } of [...different, ...ofStates]) {
  console.log(
    `✗ ${asks}\n    expected ${JSON.stringify(expected)}\n    got      ${JSON.stringify(got)}`,
  );
}
const all = rows.length + (values.aws ? singleStates.length : 0);
console.log(
  `${all} rows: ${different.length + ofStates.length} differ, ${leftOut.length} left out.${values.aws ? "" : ` ${singleStates.length} of single states are asked of an account alone (--aws).`}`,
);
process.exitCode = different.length + ofStates.length > 0 ? 1 : 0;
