import { join } from "node:path";
import pg from "pg";
import { Refusal } from "../../services/errors.ts";
import type { Archive } from "./archive.ts";
import type { ComparedTable } from "./compare.ts";
import { withFolder } from "./scratch.ts";
import { before, behind, CHANGED_SINCE, NOT_THE_BACKUP } from "./script.ts";
import { type ClientTools, environmentOf, runTool } from "./tools.ts";

/** A trigger of wavegate's own on a table of the platform. */
export interface Guard {
  readonly name: string;
  /** How it is made again. */
  readonly statement: string;
}

/** The triggers by which wavegate keeps its own roles in bounds. */
export async function guardsOf(url: string): Promise<readonly Guard[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<Guard>(`
      select t.tgname as name, pg_get_triggerdef(t.oid) as statement
        from pg_trigger t
        join pg_proc p on p.oid = t.tgfoid join pg_namespace f on f.oid = p.pronamespace and f.nspname = 'wavegate'
        join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace and n.nspname <> 'wavegate'
       where not t.tgisinternal order by 1, 2`);
    return rows;
  } finally {
    await client.end();
  }
}

/**
 * Puts the platform's schemas back, in one transaction: they are the backup's, row for row, or as they were. Errors:
 * `PlatformChanged`, `RestoreFailed`.
 */
export const putBack = (
  tools: ClientTools,
  archive: Archive,
  url: string,
  tables: readonly ComparedTable[],
  guards: readonly Guard[],
): Promise<void> =>
  withFolder(async (write, folder) => {
    const contents = await write("contents", `${archive.contents.join("\n")}\n`);
    const script = join(folder, "restore.sql");
    const written = await runTool(
      tools,
      "pg_restore",
      [
        ...["--clean", "--if-exists", "--exclude-schema=wavegate", `--use-list=${contents}`],
        ...["--file", script, archive.file],
      ],
      {},
    );
    if (written.code !== 0) throw failed(written.said);
    const kept = tables.filter(({ backup }) => backup !== undefined).map(({ name }) => name);
    const ours = guards.filter(({ statement }) => kept.some((name) => onTable(statement, name)));
    const { code, said } = await runTool(
      tools,
      "psql",
      [
        ...["--no-psqlrc", "--quiet", "--output=/dev/null", "--single-transaction"],
        // Of what is wrong its code alone: the rest may quote somebody.
        ...["--set=ON_ERROR_STOP=1", "--set=VERBOSITY=sqlstate"],
        ...["--file", await write("before.sql", before(tables))],
        ...["--file", script],
        ...[
          "--file",
          await write(
            "behind.sql",
            behind(
              tables,
              ours.map(({ statement }) => statement),
            ),
          ),
        ],
      ],
      environmentOf(url),
    );
    if (code === 0) return;
    const state = /(?:ERROR|FATAL):\s+(\w{5})\s*$/u.exec(said)?.[1];
    if (state === CHANGED_SINCE)
      throw new Refusal(
        "PlatformChanged",
        "Somebody wrote on the platform since it was shown what would be lost. Nothing was restored, and the platform is as it was; keep people away from it, and run the command again.",
      );
    throw failed(
      state === undefined ? said.slice(0, 200) : (reasons[state] ?? `SQLState ${state}`),
    );
  });

const reasons: Readonly<Record<string, string>> = {
  [NOT_THE_BACKUP]: "what was restored is not what the backup holds",
  "2BP01":
    "something that was made since the backup, a view or a key, rests on what the backup would replace, and has to go first",
  "55P03": "somebody has held a table of the platform for more than 60 s",
  "42P01":
    "a table that was made since the backup would go with what the backup replaces, as a partition of it",
  "42501": "the database's administrator may not do it",
};

const failed = (why: string): Refusal =>
  new Refusal(
    "RestoreFailed",
    `The backup was not restored: ${why}. It is one transaction, so the platform is as it was; mend that, and run the command again.`,
  );

/** `CREATE TRIGGER … ON schema."Table" …`: names are quoted only where they have to be. */
const onTable = (statement: string, quoted: string): boolean => {
  const [, on = ""] = / ON (\S+(?:"[^"]*")?) /u.exec(statement) ?? [];
  return on.replaceAll('"', "") === quoted.replaceAll('"', "");
};
