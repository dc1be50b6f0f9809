import { randomBytes } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { writeFileDurably } from "../identity/durable.ts";
import { withFileLock } from "../identity/lock.ts";
import { type Home, readIfThere } from "./home.ts";

/** What a secret of a database role holds, as AWS keeps it: the role, and its password. */
export interface RoleSecret {
  readonly username: string;
  readonly password: string;
}

const RoleSecrets = z.record(z.string(), z.object({ username: z.string(), password: z.string() }));

const fileOf = (home: Home): string => join(home.folder, "role-secrets.json");

/**
 * Keeps a secret for each database role of a list, by the secret's name, and returns them. One that is
 * there keeps its password; the others get one. Those that the list does not name stay.
 */
export async function keepRoleSecrets(
  home: Home,
  usernames: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, RoleSecret>>> {
  const file = fileOf(home);
  return withFileLock(`${file}.lock`, async () => {
    const known = RoleSecrets.parse(JSON.parse((await readIfThere(file)) ?? "{}"));
    const wanted = Object.fromEntries(
      Object.entries(usernames).map(([name, username]) => {
        const password = known[name]?.password ?? randomBytes(24).toString("base64url");
        return [name, { username, password }];
      }),
    );
    const all = { ...known, ...wanted };
    if (JSON.stringify(all) !== JSON.stringify(known)) {
      await writeFileDurably(file, JSON.stringify(all), { mode: 0o600 });
    }
    return wanted;
  });
}

/** Reads the secrets as they now are, at each call anew if somebody changed them. */
export function roleSecretReader(home: Home): () => Readonly<Record<string, RoleSecret>> {
  const file = fileOf(home);
  let read: { at: number; secrets: Readonly<Record<string, RoleSecret>> } | undefined;
  return () => {
    const at = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
    if (at === undefined) return {};
    if (read?.at !== at) {
      read = { at, secrets: RoleSecrets.parse(JSON.parse(readFileSync(file, "utf8"))) };
    }
    return read.secrets;
  };
}
