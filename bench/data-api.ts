/**
 * A process of its own with the stand-ins for the RDS Data API, S3 and KMS. The parent sends
 * `{ latency }` (milliseconds added to every request) or `{ stats: true }`.
 */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startKmsService } from "../lib/embedded/kms/service.ts";
import { startRdsDataService } from "../lib/embedded/rds-data/service.ts";
import { startS3Service } from "../lib/embedded/s3/service.ts";

const [adminUrl = "", stageUrl = "", signUrl = "", commitUrl = "", folder = ""] =
  process.argv.slice(2);
const secret = (role: string) =>
  `arn:aws:secretsmanager:us-east-1:000000000000:secret:wavegate/${role}`;

const SIGNING_KEY = "arn:aws:kms:us-east-1:000000000000:key/bench";

let latency = 0;
const objects = { requests: 0 };
const authenticate = async () => {
  if (latency > 0) await sleep(latency);
  return "bench";
};

const rds = await startRdsDataService({
  resourceArn: "arn:aws:rds:us-east-1:000000000000:cluster:wavegate",
  authenticate,
  roles: {
    [secret("admin")]: { connectionString: adminUrl },
    [secret("stage")]: { connectionString: stageUrl },
    [secret("sign")]: { connectionString: signUrl },
    [secret("commit")]: { connectionString: commitUrl },
  },
});
const s3 = await startS3Service({
  directory: folder,
  buckets: ["wavegate-evidence", "wavegate-files"],
  authenticate: async () => {
    objects.requests += 1;
    return authenticate();
  },
});

const kms = await startKmsService({
  file: join(folder, "signing-key.pem"),
  keyArn: SIGNING_KEY,
  authenticate: async () => "bench",
  authorize: () => undefined,
});

process.on("message", (message: { latency?: number; stats?: true }) => {
  if (message.latency !== undefined) latency = message.latency;
  process.send?.({ data: rds.stats(), objects: objects.requests });
});
// Ends with its parent, and in good order.
for (const end of ["SIGTERM", "disconnect"]) process.on(end, () => process.exit(0));
process.send?.({ rds: rds.url, s3: s3.url, kms: kms.url, signingKey: SIGNING_KEY });
