import { createHash } from "node:crypto";
import type { SourceTable } from "../define/definition.ts";
import type { Source, SourceIdentity, TableFacts, WantedTables } from "./source.ts";
import { withCatalogues } from "./with-catalogues.ts";

/** Everything that a migration reads, each connection opened once; tables are found where they are. */
export interface Legacy extends Source, AsyncDisposable {
  /** What was opened, by connection; of most migrations there is one. */
  readonly opened: readonly { readonly connection: string; readonly source: Source }[];
}

type Tables = Readonly<Record<string, SourceTable>>;

/** The connection from which a table is read; none where its rows are written down, or made of others. */
const connectionOf = ({ rows, made, connection }: SourceTable, own: string): string | undefined =>
  rows === undefined && made === undefined ? (connection ?? own) : undefined;

/** The connections that tables are read from, the migration's own first. */
export function connectionsOf(tables: Tables, own: string): readonly string[] {
  const found = Object.values(tables).flatMap((table) => connectionOf(table, own) ?? []);
  // Where all is written down nothing needs a connection; the migration's own is what there is to show.
  return found.length === 0 ? [own] : [...new Set(found)].sort((one) => (one === own ? -1 : 0));
}

/**
 * Opens what tables are read from.
 *
 * @param own the connection of those that name none
 */
export async function openLegacy(
  open: (connection: string) => Promise<Source>,
  own: string,
  tables: Tables,
): Promise<Legacy> {
  const opened: { connection: string; source: Source }[] = [];
  const close = async () => {
    await Promise.allSettled(opened.map(({ source }) => source.close()));
  };
  try {
    for (const connection of connectionsOf(tables, own)) {
      opened.push({ connection, source: await open(connection) });
    }
  } catch (error) {
    await close();
    throw error;
  }
  const [only, ...others] = opened;
  const together =
    only !== undefined && others.length === 0 ? only.source : beside(opened, own, tables);
  const legacy = withCatalogues(together, tables);
  return {
    description: legacy.description,
    opened,
    identify: () => legacy.identify(),
    inspect: (wanted) => legacy.inspect(wanted),
    ranges: (table, key, rows) => legacy.ranges(table, key, rows),
    read: (table, key, columns, range, rows) => legacy.read(table, key, columns, range, rows),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Several sources as one: each table is asked of its own, and one that none declares of every one. */
function beside(opened: Legacy["opened"], own: string, tables: Tables): Source {
  const sourceOf = (name: string): Source => {
    const table = tables[name];
    const connection = table === undefined ? own : connectionOf(table, own);
    const found = opened.find((each) => each.connection === connection);
    if (found !== undefined) return found.source;
    throw new Error(`Nothing was opened to read “${name}”.`);
  };
  return {
    description: opened
      .map(({ connection, source }) => `${connection}: ${source.description}`)
      .join("; "),
    identify: async () =>
      identityOf(
        await Promise.all(
          opened.map(async ({ connection, source }) => ({
            connection,
            ...(await source.identify()),
          })),
        ),
      ),
    inspect: async (wanted) => {
      const asked = opened.map(({ connection, source }) => {
        const of = Object.entries(wanted).filter(([name]) => {
          const table = tables[name];
          return table === undefined || connectionOf(table, own) === connection;
        });
        return inspected(source, Object.fromEntries(of));
      });
      const found = (await Promise.all(asked)).flat();
      return Object.keys(wanted).flatMap((name) => {
        const facts = found.filter(({ table }) => table === name);
        return facts.find(({ exists }) => exists) ?? facts[0] ?? [];
      });
    },
    header: async (table) => sourceOf(table).header?.(table),
    ranges: (table, key, rows) => sourceOf(table).ranges(table, key, rows),
    read: (table, key, columns, range, rows) =>
      sourceOf(table).read(table, key, columns, range, rows),
    close: async () => {},
  };
}

const inspected = (source: Source, wanted: WantedTables): Promise<TableFacts[]> =>
  Object.keys(wanted).length === 0 ? Promise.resolve([]) : source.inspect(wanted);

/** What several sources are together: read only, and encrypted, where each of them is. */
function identityOf(
  each: readonly (SourceIdentity & { readonly connection: string })[],
): SourceIdentity {
  const named = each.map(({ connection, fingerprint }) => [connection, fingerprint]);
  const privileges = each.flatMap((one) => one.privileges ?? []);
  const encrypted = each.flatMap((one) => one.encrypted ?? []);
  return {
    kind: each[0]?.kind ?? "csv",
    fingerprint: createHash("sha256").update(JSON.stringify(named)).digest("hex"),
    privileges: privileges.length === 0 ? null : [...new Set(privileges)].sort(),
    readOnly: each.every(({ readOnly }) => readOnly),
    encrypted: encrypted.length === 0 ? null : encrypted.every((yes) => yes),
  };
}
