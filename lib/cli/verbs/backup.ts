import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { homeAt } from "../../embedded/runtime/home.ts";
import type { Answer, Frame } from "../command.ts";
import { CannotRun } from "../failure.ts";
import { runningRuntime } from "../local/place.ts";
import { isLocal } from "../place.ts";
import { dump, unfinishedFile } from "../restore/dump.ts";
import { identityOf, noteBackup, noteFile } from "../restore/note.ts";
import { clientTools } from "../restore/tools.ts";

/** `wavegate backup --to FILE`: the platform's schemas, by pg_dump; what `rollback --level 2` restores. */
export async function backup({ io }: Frame, to: string): Promise<Answer> {
  if (!isLocal(io))
    throw new CannotRun(
      "NotHere",
      "On AWS a backup is a snapshot of the cluster: aws rds create-db-cluster-snapshot. Nothing was written.",
    );
  const { database } = await runningRuntime(homeAt(io.env, io.cwd));
  const file = resolve(io.cwd, to);
  for (const [each, said] of [
    [file, to],
    [noteFile(file), noteFile(to)],
    [unfinishedFile(file), unfinishedFile(to)],
  ] as const)
    if (await stat(each).catch(() => undefined))
      throw new CannotRun(
        "FileNotWritten",
        each === unfinishedFile(file)
          ? `${said} is there: a backup of this name is being made, or one was cut off. Nothing was written; name a new file, or remove that one where nobody writes it.`
          : `${said} is there already. Nothing was written; name a new file.`,
      );
  const tools = await clientTools(io.env);
  const { now, ...of } = await identityOf(database.adminUrl);
  await dump(tools, database.adminUrl, file);
  const { id, note } = await noteBackup(file, of, now);
  return {
    json: { file, backup: id, ...note },
    text: [
      `${to} holds the platform's schemas as they are now, and nothing of wavegate's; ${to}.json beside it says of which database, and its SHA-256.`,
      `Start the run with --backup ${id}; \`wavegate rollback --level 2 --run RUN --from ${to}\` restores it.`,
    ],
  };
}
