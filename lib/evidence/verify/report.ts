import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { z } from "zod";
import { cellText } from "../csv.ts";
import { UnreadableFile } from "./files.ts";
import { Tallies } from "./tally.ts";

const count = z.number();

const Table = z.looseObject({
  file: z.string(),
  totalRows: count,
  parsed: count,
  created: count,
  updated: count,
  skipped: count,
  errors: count,
  states: z.record(z.string(), count),
});

const Head = z.looseObject({
  runId: z.string(),
  startedAt: z.string(),
  completedAt: z.string(),
  dryRun: z.boolean(),
  config: z.looseObject({ source: z.string(), target: z.string(), version: z.string() }),
  summary: z.looseObject({
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

const heading = /^\s*,?\s*"([^"]+)": \[/;
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
  for await (const line of createInterface({ input: createReadStream(path) })) {
    const found = list === "" ? null : element.exec(line);
    if (found === null) {
      frame += `${line}\n`;
      list = heading.exec(line)?.[1] ?? list;
      if (/^\s*\]/.test(line)) list = "";
      continue;
    }
    note(parse(found[1] ?? ""), list, became, failed);
    frame += found[2]?.replace(/^,/, "") ?? "";
    if (found[2]?.startsWith("]")) list = "";
  }
  const whole = parse(frame) as Record<string, unknown>;
  const parsed = Head.safeParse(whole);
  if (!parsed.success) throw unreadable(parsed.error.issues[0]?.path.join(".") ?? "");
  return {
    head: parsed.data,
    became,
    failed,
    tables: Object.fromEntries(
      tables.map((table) => {
        const one = Table.safeParse(whole[table]);
        if (!one.success) throw unreadable(table);
        return [table, one.data];
      }),
    ),
  };
}

function note(value: unknown, list: string, became: Tallies, failed: Tallies): void {
  const one = value as Record<string, string | number>;
  if (list === "errors") {
    failed.add(String(one.entity), [asInCsv(one.sourceRow), String(one.message)]);
  } else {
    const { legacyId, targetTable, targetId, how } = one;
    became.add(list, [asInCsv(legacyId), String(targetTable), asInCsv(targetId), String(how)]);
  }
}

/** A key that is a text stands in a CSV so that it starts no formula. */
const asInCsv = (id: string | number | null | undefined): string =>
  typeof id === "string" ? cellText(id) : String(id);

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UnreadableFile("migration-report.json is not as wavegate writes it", {
      cause: error,
    });
  }
}

const unreadable = (where: string) =>
  new UnreadableFile(`migration-report.json is not of its shape: ${where}`);
