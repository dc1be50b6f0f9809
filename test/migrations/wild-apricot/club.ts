import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { wildApricot } from "../../../migrations/wild-apricot/definition.ts";
import type { Account } from "../../../scripts/club/account.ts";
import type { World } from "../../support/services.ts";

const folder = new URL("../../../migrations/wild-apricot/", import.meta.url);
const sqlOf = (name: string) => readFile(fileURLToPath(new URL(name, folder)), "utf8");

/** The club's platform as it is before the migration, and the folder of its exports. */
export const clubWorld = async (legacy: string): Promise<World> => ({
  migration: wildApricot,
  platform: [await sqlOf("platform-schema.postgres.sql"), await sqlOf("sample/platform.sql")],
  legacy,
});

/** What kind of dirt each row is, by entity and legacy id. */
export function kindsOf(account: Account): ReadonlyMap<string, string> {
  const kinds = new Map<string, string>();
  const note = (entity: string, rows: readonly { id: string; kind: string }[]) => {
    for (const { id, kind } of rows) kinds.set(`${entity} ${id}`, kind);
  };
  note("member", account.members);
  note("event", account.events);
  note("registration", account.registrations);
  return kinds;
}
