import { open, rm } from "node:fs/promises";
import { CannotRun } from "../failure.ts";
import { type ClientTools, environmentOf, runTool } from "./tools.ts";

/** Writes the platform's schemas of a database into a new file, and nothing of wavegate's. Errors: `BackupFailed`. */
export async function dump(tools: ClientTools, url: string, file: string): Promise<void> {
  // Everybody's data: for its owner alone, and nothing that is there is written over.
  await (await open(file, "wx", 0o600)).close();
  const { code, said } = await runTool(
    tools,
    "pg_dump",
    ["--format=custom", "--exclude-schema=wavegate", "--no-password", "--file", file],
    environmentOf(url),
  );
  if (code === 0) return;
  // Half of a backup would be taken for one.
  await rm(file, { force: true });
  throw new CannotRun(
    "BackupFailed",
    /server version: /u.test(said)
      ? `pg_dump is of version ${tools.major}, and the server of a newer one. No backup was made; install the client programs of the server's version (postgresql-client-NN), or make the backup where they are.`
      : `pg_dump made no backup (${said.slice(0, 200)}). Nothing was changed.`,
  );
}
