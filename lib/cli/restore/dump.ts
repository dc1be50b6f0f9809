import { open, rm } from "node:fs/promises";
import { putNew } from "../../services/whole-file.ts";
import { CannotRun } from "../failure.ts";
import { type ClientTools, environmentOf, runTool } from "./tools.ts";

/** Where a backup is written until it is whole. */
export const unfinishedFile = (file: string): string => `${file}.unfinished`;

/**
 * Writes the platform's schemas of a database into a new file, and nothing of wavegate's. The file is there once it is
 * whole: what was killed leaves {@link unfinishedFile}. Errors: `BackupFailed`, `FileNotWritten`.
 */
export async function dump(tools: ClientTools, url: string, file: string): Promise<void> {
  const unfinished = unfinishedFile(file);
  // Everybody's data: for its owner alone, and nothing that is there is written over.
  await (await open(unfinished, "wx", 0o600)).close();
  const { code, said } = await runTool(
    tools,
    "pg_dump",
    ["--format=custom", "--exclude-schema=wavegate", "--no-password", "--file", unfinished],
    environmentOf(url),
  );
  if (code === 0)
    return putNew(unfinished, file).catch(async (error) => {
      await rm(unfinished, { force: true });
      throw new CannotRun(
        "FileNotWritten",
        `${file} cannot be written (${error.code}), or somebody put a file there meanwhile. No backup was made; name another file.`,
        { cause: error },
      );
    });
  await rm(unfinished, { force: true });
  throw new CannotRun(
    "BackupFailed",
    /server version: /u.test(said)
      ? `pg_dump is of version ${tools.major}, and the server of a newer one. No backup was made; install the client programs of the server's version (postgresql-client-NN), or make the backup where they are.`
      : `pg_dump made no backup (${said.slice(0, 200)}). Nothing was changed.`,
  );
}
