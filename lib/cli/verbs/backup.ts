import { stat } from "node:fs/promises";
import { basename, extname, resolve } from "node:path";
import { homeAt } from "../../embedded/runtime/home.ts";
import type { Answer, Frame } from "../command.ts";
import { CannotRun } from "../failure.ts";
import { runningRuntime } from "../local/place.ts";
import { isLocal } from "../place.ts";
import { dump } from "../restore/dump.ts";
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
  if (await stat(file).catch(() => undefined))
    throw new CannotRun(
      "FileNotWritten",
      `${to} is there already. Nothing was written; name a new file.`,
    );
  await dump(await clientTools(io.env), database.adminUrl, file);
  const id = basename(file, extname(file));
  return {
    json: { file, backup: id },
    text: [
      `${to} holds the platform's schemas as they are now, and nothing of wavegate's.`,
      `Start the run with --backup ${id}; \`wavegate rollback --level 2 --run RUN --from ${to}\` restores it.`,
    ],
  };
}
