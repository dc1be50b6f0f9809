/**
 * `npm run truth`: holds a table of requests and answers against the stand-ins of this folder's runtime;
 * with `--aws` against the account of the environment, reading only, and with `--cluster ARN --secret ARN
 * --database NAME` against its Data API. Exits 1 on a difference.
 */
import { parseArgs } from "node:util";
import { CloudTrailClient } from "@aws-sdk/client-cloudtrail";
import { RDSDataClient } from "@aws-sdk/client-rds-data";
import { SFNClient } from "@aws-sdk/client-sfn";
import { compareStates, singleStates } from "./truth/single-states.ts";
import { compare, rows } from "./truth/table.ts";

const { values } = parseArgs({
  options: {
    aws: { type: "boolean", default: false },
    account: { type: "string", default: "000000000000" },
    cluster: { type: "string" },
    secret: { type: "string" },
    database: { type: "string" },
  },
});
const region = process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION;
if (!region || (!values.aws && !process.env.AWS_ENDPOINT_URL_SFN)) {
  console.error(
    'Say where: `eval "$(npx wavegate local env)"` for the stand-ins, or AWS_REGION with `--aws --account NUMBER`. Nothing was asked.',
  );
  process.exit(2);
}

const { cluster, secret, database } = values;
const states = new SFNClient({ region, maxAttempts: 5 });
const { same, different, leftOut } = await compare({
  states,
  trail: new CloudTrailClient({ region, maxAttempts: 5 }),
  data: new RDSDataClient({ region, maxAttempts: 1 }),
  region,
  account: values.account,
  database:
    cluster && secret && database
      ? { resourceArn: cluster, secretArn: secret, database }
      : undefined,
});
const ofStates = values.aws ? await compareStates(states) : [];

for (const { known, service, asks } of same)
  console.log(`✓ ${known.padEnd(10)} ${service}: ${asks}`);
for (const { asks, notForOperators } of leftOut) {
  const wants = notForOperators ? "an administrator's keys" : "--cluster, --secret, --database";
  console.log(`- left out: ${asks} (wants ${wants})`);
}
for (const { asks, expected, got } of [...different, ...ofStates]) {
  console.log(
    `✗ ${asks}\n    expected ${JSON.stringify(expected)}\n    got      ${JSON.stringify(got)}`,
  );
}
const all = rows.length + (values.aws ? singleStates.length : 0);
console.log(
  `${all} asked: ${different.length + ofStates.length} differ, ${leftOut.length} left out.${values.aws ? "" : ` ${singleStates.length} of single states are asked of an account alone (--aws).`}`,
);
process.exitCode = different.length + ofStates.length > 0 ? 1 : 0;
