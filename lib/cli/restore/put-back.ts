import { join } from "node:path";
import type pg from "pg";
import { literal } from "../../data/sql.ts";
import { Refusal } from "../../services/errors.ts";
import { ownClient } from "../own-client.ts";
import type { Archive } from "./archive.ts";
import type { ComparedTable } from "./compare.ts";
import { withFolder } from "./scratch.ts";
import { before, behind, CHANGED_SINCE, NOT_THE_BACKUP } from "./script.ts";
import { type ClientTools, environmentOf, runTool } from "./tools.ts";

/** What hangs on a table of the platform and is in no backup, or not as it is now. */
interface Hanging {
  /** The table, quoted whatever it is called; without one the statement looks itself whether anything is missing. */
  readonly table?: string;
  /** How it is made again. */
  readonly statement: string;
}

/** A trigger of wavegate's own on a table of the platform. */
interface Guard extends Hanging {
  readonly name: string;
  readonly table: string;
}

const quotedTable = `format('"%s"."%s"', replace(n.nspname, '"', '""'), replace(c.relname, '"', '""'))`;

/** The triggers by which wavegate keeps its own roles in bounds. */
export const guardsOf = (url: string): Promise<readonly Guard[]> =>
  asked<Guard>(
    url,
    `select t.tgname as name, ${quotedTable} as table, pg_get_triggerdef(t.oid) as statement
       from pg_trigger t
       join pg_proc p on p.oid = t.tgfoid join pg_namespace f on f.oid = p.pronamespace and f.nspname = 'wavegate'
       join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace and n.nspname <> 'wavegate'
      where not t.tgisinternal order by 1, 3`,
  );

/**
 * That tables are published: a table that is replaced is taken from its publications without a word, and whoever
 * follows them gets nothing any more.
 */
export async function publishedOf(url: string): Promise<readonly Hanging[]> {
  const published = await asked<{ publication: string; table: string; statement: string }>(
    url,
    `select p.pubname as publication, ${quotedTable} as table,
            format('alter publication %I add table only %I.%I%s%s', p.pubname, n.nspname, c.relname,
                   (select ' (' || string_agg(quote_ident(a.attname), ', ' order by a.attnum) || ')'
                      from pg_attribute a where a.attrelid = c.oid and a.attnum = any (r.prattrs::int2[])),
                   ' where (' || pg_get_expr(r.prqual, r.prrelid) || ')') as statement
       from pg_publication_rel r join pg_publication p on p.oid = r.prpubid
       join pg_class c on c.oid = r.prrelid join pg_namespace n on n.oid = c.relnamespace and n.nspname <> 'wavegate'
      order by 3`,
  );
  // Of whatever was replaced, the table that partitions are of as well.
  return published.map(({ publication, table, statement }) => ({
    statement: `do ${literal(`begin
  if not exists (select from pg_catalog.pg_publication_rel r join pg_catalog.pg_publication p on p.oid = r.prpubid
                  where p.pubname = ${literal(publication)} and r.prrelid = pg_catalog.to_regclass(${literal(table)})) then
    ${statement};
  end if;
end`)}`,
  }));
}

async function asked<Row extends pg.QueryResultRow>(url: string, text: string): Promise<Row[]> {
  const client = ownClient(url);
  await client.connect();
  try {
    // Every table is written with its schema.
    await client.query("set search_path = ''");
    return (await client.query<Row>(text)).rows;
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
  hanging: readonly Hanging[],
  signal?: AbortSignal,
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
      signal,
    );
    if (written.code !== 0) throw failed(written.said);
    const kept = tables.filter(({ backup }) => backup !== undefined).map(({ name }) => name);
    const ours = hanging.filter(({ table }) => table === undefined || kept.includes(table));
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
      signal,
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
  "42703": "a publication names a column that the backup's table does not have",
  "42704":
    "the backup names a role, or something else, that is not there any more, and has to be made again",
  "42501": "the database's administrator may not do it",
};

const failed = (why: string): Refusal =>
  new Refusal(
    "RestoreFailed",
    `The backup was not restored: ${why}. It is one transaction, so the platform is as it was; mend that, and run the command again.`,
  );
