import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { community } from "../../../migrations/community/definition.ts";
import { type TestServices, testServices } from "../../support/services.ts";

const folder = new URL("../../../migrations/community/", import.meta.url);
export const file = (name: string) => readFile(fileURLToPath(new URL(name, folder)), "utf8");

/**
 * The platform in use, with the dirty sample, small unless said, and a role that reads it and nothing else: the
 * source's.
 */
export async function communityServices(
  migration = community,
  size: "small" | "full" = "small",
): Promise<TestServices> {
  const test = await testServices({
    world: {
      migration,
      platform: [
        await file("platform-schema.postgres.sql"),
        `set sample.size = '${size}'; ${await file("sample/platform.sql")}`,
      ],
      legacy: "/nowhere",
    },
  });
  const reader = `platform_reader_${process.pid}`;
  await test.query(`drop role if exists ${reader}`);
  await test.query(`create role ${reader} login password 'reads'`);
  await test.query(
    `grant select on users, communities, community_course_links, enrollments, community_posts, community_post_comments, certificates to ${reader}`,
  );
  const { hostname, port, pathname } = new URL(test.url);
  Object.assign(test.legacy, {
    PLATFORM_DB_DRIVER: "pgsql",
    PLATFORM_DB_HOST: hostname,
    PLATFORM_DB_PORT: port,
    PLATFORM_DB_DATABASE: pathname.slice(1),
    PLATFORM_DB_USERNAME: reader,
    PLATFORM_DB_PASSWORD: "reads",
  });
  return {
    ...test,
    close: async () => {
      await test.query(`drop owned by ${reader}`);
      await test.query(`drop role ${reader}`);
      await test.close();
    },
  };
}
