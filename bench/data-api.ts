/**
 * A process of its own with the stand-ins for the RDS Data API and S3. The parent sends
 * `{ latency }` (milliseconds added to every request) or `{ stats: true }`.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { startRdsDataService } from "../lib/embedded/rds-data/service.ts";
import { startS3Service } from "../lib/embedded/s3/service.ts";

const [adminUrl = "", stageUrl = "", signUrl = "", commitUrl = "", folder = ""] =
  process.argv.slice(2);
const secret = (role: string) =>
  `arn:aws:secretsmanager:us-east-1:000000000000:secret:wavegate/${role}`;

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
  buckets: ["wavegate-evidence"],
  authenticate: async () => {
    objects.requests += 1;
    return authenticate();
  },
});

// CloudTrail, as far as it says who started an execution.
const trail = createServer((request, response) => {
  request.resume();
  response.setHeader("content-type", "application/x-amz-json-1.1");
  response.end(JSON.stringify({ Events: [{ EventName: "StartExecution", Username: "operator" }] }));
});
await new Promise<void>((done) => trail.listen(0, "127.0.0.1", done));

process.on("message", (message: { latency?: number; stats?: true }) => {
  if (message.latency !== undefined) latency = message.latency;
  process.send?.({ data: rds.stats(), objects: objects.requests });
});
const { port } = trail.address() as AddressInfo;
// Ends with its parent, and in good order.
for (const end of ["SIGTERM", "disconnect"]) process.on(end, () => process.exit(0));
process.send?.({ rds: rds.url, s3: s3.url, trail: `http://127.0.0.1:${port}` });
