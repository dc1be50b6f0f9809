import { expect, it } from "vitest";
import type { Database } from "../../lib/data/database.ts";
import { requireVersion } from "../../lib/stages/server-version.ts";

const server = (version: string, number: number) =>
  ({ one: async () => ({ version, number }) }) as unknown as Pick<Database, "one">;

it.each([
  ["15.18 (Debian 15.18-0+deb12u1)", 150_018, "15.18"],
  ["15.0", 150_000, "15.0"],
  ["9.6.24", 90_624, "9.6.24"],
])("D19 W13 PostgreSQL %s is refused before anything is made", async (version, number, says) => {
  await expect(requireVersion(server(version, number))).rejects.toMatchObject({
    name: "DatabaseTooOld",
    message: `The platform's database is PostgreSQL ${says}, and wavegate needs 16 or newer. Nothing was set up. Upgrade the server, or copy the platform's database to a newer one.`,
  });
});

it.each([
  ["16.0", 160_000],
  ["18.1", 180_001],
])("D19 PostgreSQL %s is taken", async (version, number) => {
  await expect(requireVersion(server(version, number))).resolves.toBeUndefined();
});
