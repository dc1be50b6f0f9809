import * as z from "zod";
import { IMPORT_STATES } from "../balance.ts";
import { cellText } from "../csv.ts";
import { nameInReport } from "../migration-report.ts";
import { linesOf, parsed, UnreadableFile } from "./files.ts";
import { Tallies } from "./tally.ts";

const count = z.number();

const Table = z.strictObject({
  file: z.string(),
  totalRows: count,
  parsed: count,
  created: count,
  updated: count,
  skipped: count,
  errors: count,
  states: z.partialRecord(z.enum(IMPORT_STATES), count),
  records: z.tuple([]),
});

const Head = z.strictObject({
  runId: z.string(),
  startedAt: z.string(),
  completedAt: z.string(),
  dryRun: z.boolean(),
  config: z.strictObject({ source: z.string(), target: z.string(), version: z.string() }),
  summary: z.strictObject({
    totalRecords: count,
    created: count,
    updated: count,
    skipped: count,
    errors: count,
    duration_ms: count,
  }),
});

/** What `migration-report.json` tells: its head, and its long lists as sets. */
export interface ReportFacts {
  readonly head: z.infer<typeof Head>;
  readonly tables: Readonly<Record<string, z.infer<typeof Table>>>;
  /** As {@link RowFacts} names them. */
  readonly became: Tallies;
  readonly failed: Tallies;
}

const FILE = "migration-report.json";

/** Letters of a line: a row's, as CSV's records are no longer either. */
const longestLine = 1_048_576;

/** Letters beside the lists: some hundred for each table. */
const longestFrame = 16 * longestLine;

const heading = /^\s*(?:,\s*)?("(?:[^"\\]|\\.)+"): \[/;
const element = /^\s*,?(\{.*\})(.*)$/;

/**
 * Reads the report line by line, as it is written: one element of a list a line, which is a row of the
 * run each. What else it says is small.
 */
export async function readReport(path: string, tables: readonly string[]): Promise<ReportFacts> {
  const became = new Tallies();
  const failed = new Tallies();
  let frame = "";
  let list = "";
  let isMapping = false;
  for await (const line of linesOf(path)) {
    if (line.length > longestLine) throw unreadable("a line of many megabytes");
    if (frame.length > longestFrame) throw unreadable("too much beside its lists");
    const found = list === "" ? null : element.exec(line);
    if (found === null) {
      isMapping ||= /^\s*"idMapping": \{/.test(line);
      const [, named] = heading.exec(line) ?? [];
      if (named !== undefined) list = parsed<string>(named, FILE);
      // JSON's readers put names of digits first: with a sign before them they stay where they stand.
      frame += `${isMapping && heading.test(line) ? line.replace('"', '":') : line}\n`;
      if (/^\s*\]/.test(line)) list = "";
      continue;
    }
    note(parsed(withDigits(found[1] ?? ""), FILE), isMapping ? list : undefined, became, failed);
    frame += found[2]?.replace(/^,/, "") ?? "";
    if (found[2]?.startsWith("]")) list = "";
  }
  const whole = parsed<Record<string, unknown>>(frame, FILE);
  const { errors, idMapping, ...told } = whole;
  // Whatever else it says nobody compares with anything, and it may be about somebody.
  const ofTables = new Set(tables.map(nameInReport));
  const head = Head.safeParse(
    Object.fromEntries(Object.entries(told).filter(([name]) => !ofTables.has(name))),
  );
  if (!head.success) throw unreadable(head.error.issues[0]?.path.join(".") || "what it tells");
  const mapped = Object.keys(idMapping ?? {}).map((name) => name.replace(/^:/u, ""));
  if (mapped.some((name) => !tables.includes(name))) throw unreadable("idMapping");
  // What stood on lines of its own was taken out and looked at; nothing else stands in those lists.
  const lists = [errors, ...Object.values(idMapping ?? {})];
  if (lists.some((each) => !Array.isArray(each) || each.length > 0)) throw unreadable("the lists");
  return {
    head: head.data,
    became,
    failed,
    tables: Object.fromEntries(
      tables.map((table) => {
        const one = Table.safeParse(whole[nameInReport(table)]);
        if (!one.success) throw unreadable(table);
        return [table, one.data];
      }),
    ),
  };
}

/** Ids beyond 2^53 as texts: as numbers they would be read rounded. */
const withDigits = (json: string): string =>
  json.replaceAll(/"(?:[^"\\]|\\.)*"?|-?\d{16,}/gu, (token) =>
    token.startsWith('"') || Number.isSafeInteger(Number(token)) ? token : `"${token}"`,
  );

/** What an element of each list says, and nothing else. */
const keysOfFailed = "entity,sourceRow,message";
const keysOfMapped = "legacyId,targetTable,targetId,how";

/** Notes an element: of a table's rows, which may be called as anything, or of those that failed. */
function note(value: unknown, table: string | undefined, became: Tallies, failed: Tallies): void {
  const one = value as Record<string, string | number>;
  const keys = Object.keys(one).join();
  if (keys !== (table === undefined ? keysOfFailed : keysOfMapped)) throw unreadable("the lists");
  if (table === undefined) {
    failed.add(String(one.entity), [asInCsv(one.sourceRow), String(one.message)]);
  } else {
    const { legacyId, targetTable, targetId, how } = one;
    became.add(table, [asInCsv(legacyId), String(targetTable), asInCsv(targetId), String(how)]);
  }
}

/** A key that is a text stands in a CSV so that it starts no formula. */
const asInCsv = (id: string | number | null | undefined): string =>
  typeof id === "string" ? cellText(id) : String(id);

const unreadable = (where: string) => new UnreadableFile(`${FILE} is not of its shape: ${where}`);
