/** A store in a process of its own, to be killed: prints its address, and its memory when it ends. */
import { openIdentities } from "../../../lib/embedded/identity/identities.ts";
import { startS3Service } from "../../../lib/embedded/s3/service.ts";

const [directory = "", people = ""] = process.argv.slice(2);
const { authenticate } = await openIdentities(people);
const service = await startS3Service({ directory, buckets: ["box"], authenticate });
process.stdout.write(`${service.url}\n`);
process.on("SIGTERM", async () => {
  await service.close();
  process.stdout.write(`${process.resourceUsage().maxRSS}\n`);
});
