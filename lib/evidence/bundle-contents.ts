import { join } from "node:path";
import type { AuditEntry } from "./audit-chain.ts";
import { IMPORT_STATES } from "./balance.ts";
import { csvRecords, jsonFile, jsonLines, UnreadableFile } from "./bundle-files.ts";
import type { Manifest } from "./manifest.ts";

/** How many rows, and the sum of their ids: equal sets have equal both, whatever their order. */
export interface Tally {
  rows: number;
  ids: bigint;
}

/** What reading every list of a bundle once tells. */
export interface Contents {
  /** Records by file name, of the files the manifest gives a number for. */
  readonly records: Record<string, number>;
  /** Rows by import state. */
  readonly states: Record<string, Tally>;
  /** Entries of the commit log that nothing took back, by action. */
  readonly open: Record<string, Tally>;
  /** Rows in which something is not masked as D20 has it. */
  readonly unmasked: number;
  readonly auditLog: readonly AuditEntry[];
  /** Which files are not what their names say, in words. */
  readonly unreadable: readonly string[];
}

/** What a masked cell looks like, by column. */
const masks: Readonly<Record<string, RegExp>> = {
  name: /^(?:|•••|\p{L}{1,3}\.(?: \p{L}{1,3}\.){0,3})$/u,
  phone: /^(?:|•••|[1-9]\d{0,2}•{3,}\d\d)$/,
  email: /^(?:|•••|[^@]?•••@[^@]+)$/u,
  birth_year: /^\d{0,6}$/,
};

/** Reads the lists of a bundle, one record at a time; a file that cannot be read is named, not thrown. */
export async function readContents(directory: string, manifest: Manifest): Promise<Contents> {
  const contents = {
    records: {} as Record<string, number>,
    states: Object.fromEntries(IMPORT_STATES.map((state) => [state, tally()])),
    open: { commit: tally(), link: tally() } as Record<string, Tally>,
    unmasked: 0,
    auditLog: [] as AuditEntry[],
    unreadable: [] as string[],
  };
  const count = async (name: string, values: AsyncIterable<unknown> | Iterable<unknown>) => {
    let records = 0;
    for await (const _ of values) records += 1;
    contents.records[name] = records;
  };
  const read = async (name: string): Promise<void> => {
    const path = join(directory, name);
    if (name === "rows.csv.gz") return count(name, noted(csvRecords(path), noteRow));
    if (name === "commit-log.csv.gz") return count(name, noted(csvRecords(path), noteLogged));
    if (name === "audit-log.jsonl") {
      return count(
        name,
        noted(jsonLines<AuditEntry>(path), (e) => contents.auditLog.push(e)),
      );
    }
    if (name.endsWith(".jsonl")) return count(name, jsonLines(path));
    if (/\.csv(\.gz)?$/.test(name)) return count(name, csvRecords(path));
    const list = await jsonFile<unknown>(path);
    if (!Array.isArray(list)) throw new UnreadableFile(`${name} is not a list`);
    return count(name, list);
  };
  const noteRow = (row: Record<string, string>) => {
    if (Object.entries(masks).some(([column, mask]) => !mask.test(row[column] ?? ""))) {
      contents.unmasked += 1;
    }
    if (row.import_state !== undefined) add(contents.states, row.import_state, row.id);
  };
  const noteLogged = (entry: Record<string, string>) => {
    if (entry.rolled_back_at === "") add(contents.open, entry.action ?? "", entry.row);
  };
  for (const { name, rows } of manifest.files) {
    if (rows === null) continue;
    try {
      await read(name);
    } catch (error) {
      if (!(error instanceof UnreadableFile)) throw error;
      contents.unreadable.push(error.message);
    }
  }
  return contents;
}

const tally = (): Tally => ({ rows: 0, ids: 0n });

function add(tallies: Record<string, Tally>, name: string, id: string | undefined): void {
  tallies[name] ??= tally();
  tallies[name].rows += 1;
  tallies[name].ids += /^\d+$/.test(id ?? "") ? BigInt(id as string) : 0n;
}

async function* noted<Value>(
  values: AsyncIterable<Value>,
  note: (value: Value) => void,
): AsyncGenerator<Value> {
  for await (const value of values) {
    note(value);
    yield value;
  }
}
