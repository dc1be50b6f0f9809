import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { storedPassword } from "../../lib/stages/set-up/role-password.ts";
import { type TestDatabase, testDatabase } from "../support/postgres.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(async () => {
  await as(undefined, "", `drop role if exists ${role}`);
  await database.drop();
});

async function as(user: string | undefined, password: string, text: string): Promise<unknown> {
  const url = new URL(database.url);
  if (user !== undefined) Object.assign(url, { username: user, password });
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    const results = [await client.query(text)].flat();
    return Object.values(results.at(-1)?.rows[0] ?? {})[0];
  } finally {
    await client.end();
  }
}

const role = "kept_by_wavegate";
const scram = { encryption: "scram-sha-256", iterations: "4096" };

/** Makes the role with what is given as its password, and says what the server keeps of it. */
async function kept(given: string, encryption = "scram-sha-256"): Promise<unknown> {
  await as(undefined, "", `drop role if exists ${role}`);
  await as(
    undefined,
    "",
    `set password_encryption = '${encryption}'; create role ${role} login password ${pg.escapeLiteral(given)}`,
  );
  return as(undefined, "", `select rolpassword from pg_authid where rolname = '${role}'`);
}

it.each(["wavegate-Kept_1", " !~$'", "gardée 'à part'"])(
  "D19 a role is let in by its password %j, and by no other",
  async (password) => {
    const stored = storedPassword(role, password, scram);
    expect(await kept(stored)).toMatch(/^SCRAM-SHA-256\$/u);
    expect(await as(role, password, "select current_user::text")).toBe(role);
    await expect(as(role, `${password}x`, "select 1")).rejects.toThrow("authentication failed");
    // What the server prepares itself is sent as it is.
    if (stored !== password)
      await expect(as(role, stored, "select 1")).rejects.toThrow("authentication failed");
  },
);

it("what is made for a server is what it would have made: kept as it is sent, and counted as it counts", async () => {
  const password = "wavegate-Kept_1";
  expect(await kept(storedPassword(role, password, scram))).toMatch(/^SCRAM-SHA-256\$4096:/u);
  const few = { ...scram, iterations: "1" };
  expect(await kept(storedPassword(role, password, few))).toMatch(/^SCRAM-SHA-256\$1:/u);
  const md5 = storedPassword(role, password, { ...scram, encryption: "md5" });
  expect(await kept(password, "md5")).toBe(md5);
  expect(await kept(md5, "md5")).toBe(md5);
});

it("the same password is never stored alike", () => {
  const made = [0, 1].map(() => storedPassword("stage", "kept", scram));
  expect(new Set(made).size).toBe(2);
});
