import { basename, join } from "node:path";
import * as z from "zod";
import type { WholeMigration } from "../../define/several.ts";
import type { AuditEntry } from "../audit-chain.ts";
import { INCIDENT } from "../incident-note.ts";
import { SECURITY_LOG } from "../security-log.ts";
import { jsonFile, jsonLines, textOf, UnreadableFile } from "./files.ts";
import {
  Balance,
  Drill,
  Entry,
  GoNoGo,
  Question,
  type ReviewFacts,
  ReviewSummary,
  Sample,
  SignOff,
  Summary,
  Verification,
  Wave,
} from "./shapes.ts";

/** What the small files of an audit bundle say, each of the shape it must have. */
export interface Facts {
  readonly summary: z.infer<typeof Summary>;
  readonly balance: z.infer<typeof Balance>;
  readonly definition: WholeMigration;
  readonly waves: readonly Wave[];
  readonly signOffs: readonly SignOff[];
  readonly samples: readonly Sample[];
  /** None of a bundle that is older than questions are; then its log tells of none either. */
  readonly questions: readonly Question[];
  readonly verifications: readonly Verification[];
  readonly drill: z.infer<typeof Drill> | undefined;
  /** The incident note of a run that was taken back; bundles of earlier versions have none. */
  readonly incident: string | undefined;
  readonly goNoGo: z.infer<typeof GoNoGo>;
  /** Of the rules and of the run, by file name. */
  readonly documents: Readonly<Record<string, unknown>>;
  readonly log: readonly AuditEntry[];
  /** Permissions, sign-ins and refusals around runs: a chain of its own (W8). */
  readonly security: readonly AuditEntry[];
}

/** Reads the summary of a review export, or says in words why it cannot be read. */
export async function readReviewFacts(
  directory: string,
): Promise<{ facts: ReviewFacts } | { because: string }> {
  try {
    const parsed = ReviewSummary.safeParse(await jsonFile(join(directory, "summary.json")));
    if (parsed.success) return { facts: parsed.data };
    return { because: `summary.json is not of its shape: ${issue(parsed.error)}` };
  } catch (error) {
    if (error instanceof UnreadableFile) return { because: error.message };
    throw error;
  }
}

/** Files that every audit bundle has; `drill.json` is there once a drill was held, `questions.json` in newer ones. */
export const ALWAYS: readonly string[] = [
  "audit-log.jsonl",
  "balance.json",
  "commit-log.csv.gz",
  "definition.json",
  "go-no-go.json",
  "migration-report.json",
  "rows.csv.gz",
  "samples.json",
  SECURITY_LOG,
  "sign-offs.json",
  "summary.json",
  "verifications.json",
  "waves.json",
];

const SOMETIMES: readonly string[] = ["drill.json", "questions.json", INCIDENT];

/** Files that every review export has, besides the mappings. */
export const OF_A_REVIEW: readonly string[] = ["rows.csv.gz", "summary.json"];

/** Reads the small files; in words what cannot be read or is not of its shape. */
export async function readFacts(
  directory: string,
  names: readonly string[],
): Promise<{ facts: Facts | undefined; unreadable: readonly string[] }> {
  const unreadable: string[] = [];
  const note = (error: unknown) => {
    if (!(error instanceof UnreadableFile)) throw error;
    unreadable.push(error.message);
    return undefined;
  };
  const read = async <Value>(name: string, shape: z.ZodType<Value>): Promise<Value | undefined> => {
    try {
      const parsed = shape.safeParse(await jsonFile<unknown>(join(directory, name)));
      if (parsed.success) return parsed.data;
      unreadable.push(`${name} is not of its shape: ${issue(parsed.error)}`);
      return undefined;
    } catch (error) {
      return note(error);
    }
  };
  const found = {
    summary: await read("summary.json", Summary),
    balance: await read("balance.json", Balance),
    definition: await read("definition.json", z.looseObject({ name: z.string() })),
    waves: await read("waves.json", z.array(Wave)),
    signOffs: await read("sign-offs.json", z.array(SignOff)),
    samples: await read("samples.json", z.array(Sample)),
    questions: names.includes("questions.json")
      ? await read("questions.json", z.array(Question))
      : [],
    verifications: await read("verifications.json", z.array(Verification)),
    documents: await readDocuments(names, (name) => read(name, z.unknown())),
    drill: names.includes("drill.json") ? await read("drill.json", Drill) : undefined,
    incident: names.includes(INCIDENT)
      ? await textOf(join(directory, INCIDENT)).catch(note)
      : undefined,
    goNoGo: await read("go-no-go.json", GoNoGo),
    log: await readLog(join(directory, "audit-log.jsonl")).catch(note),
    security: await readLog(join(directory, SECURITY_LOG)).catch(note),
  };
  const whole = unreadable.length === 0 ? (found as unknown as Facts) : undefined;
  return { facts: whole, unreadable };
}

/** What no file of every bundle is: the documents of the rules, and of the run. */
async function readDocuments(
  names: readonly string[],
  read: (name: string) => Promise<unknown>,
): Promise<Readonly<Record<string, unknown>>> {
  const found: Record<string, unknown> = {};
  for (const name of names)
    if (name.endsWith(".json") && !ALWAYS.includes(name) && !SOMETIMES.includes(name))
      found[name] = await read(name);
  return found;
}

async function readLog(path: string): Promise<AuditEntry[]> {
  const log: AuditEntry[] = [];
  for await (const value of jsonLines<unknown>(path)) {
    const parsed = Entry.safeParse(value);
    if (!parsed.success) {
      throw new UnreadableFile(`${basename(path)} line ${log.length + 1} is no audit entry`);
    }
    log.push(parsed.data);
  }
  return log;
}

function issue(error: z.ZodError): string {
  const [first] = error.issues;
  return `${first?.path.join(".") || "the whole"}: ${first?.message}`;
}
