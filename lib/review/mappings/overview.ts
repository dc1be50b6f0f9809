import type { Database } from "../../data/database.ts";
import { rowsWhole } from "../../data/records.ts";
import type { Run } from "../../data/runs.ts";
import { identifier, raw, sql, uuid } from "../../data/sql.ts";
import { lookOf } from "../../evidence/pinned.ts";
import { newestReport } from "../kept-report.ts";
import type { DryRunReport, More } from "../report.ts";
import type { Gate } from "../sign-off-store.ts";
import { carriedInto } from "./carried.ts";
import { exactMappings, openMappings } from "./lines.ts";

/** A reference of a definition, and how many of its legacy things a person should look at. */
export interface ReferenceOverview {
  readonly name: string;
  readonly all: number;
  readonly open: number;
  /** Those with the very name of exactly one thing of the platform, which nobody decided about yet. */
  readonly exact: number;
  /** Those that somebody decided in an earlier run, and nobody anew. */
  readonly carried: number;
}

/** How far each reference of a run is settled, in the order of the definition. */
export async function mappingOverview(
  db: Database,
  run: Run,
): Promise<readonly ReferenceOverview[]> {
  const found: ReferenceOverview[] = [];
  const { parts } = await lookOf(db, run);
  const references = new Map(
    parts.flatMap((part) => part.references.map((each) => [each.name, each] as const)),
  );
  for (const [name, reference] of references) {
    const { table, id } = reference.staging;
    const counts = await db.one<Omit<ReferenceOverview, "name">>(sql`
      with carried as (${carriedInto(run.id, table)})
      select count(*) as "all", count(*) filter (where ${openMappings(reference)}) as open,
             count(*) filter (where ${exactMappings}) as exact,
             count(*) filter (where (m.${raw(identifier(id))}::text, m.decided_by, m.decided_at)
                                 in (select c.id, c.by, c.at from carried c)) as carried
        from wavegate.${raw(identifier(table))} m where m.run_id = ${uuid(run.id)}`);
    found.push({ name, ...counts });
  }
  return found;
}

/** A sign-off that a decision about a mapping makes worthless. */
export interface AtStake {
  readonly id: string;
  readonly gate: Gate;
  readonly status: "pending" | "approved";
  readonly by: string | null;
}

/** Questions that are open and approvals that were given: each is about the mappings as they are now (W7). */
export const signOffsAtStake = (db: Database, run: Run): Promise<AtStake[]> =>
  rowsWhole<AtStake>(
    db,
    sql`
    select id::text as id, gate, status, decided_by as by from wavegate.sign_offs
     where run_id = ${uuid(run.id)} and status in ('pending', 'approved') order by asked_order`,
  );

/** A spelling that no rule lists, and the condition of the definition with it among those of the nearest one. */
export type UnlistedStatus = DryRunReport["unlisted_statuses"][number] & {
  readonly aliases: readonly string[];
};

/** Spellings that no rule of the definition lists, as the newest dry run found them; the most rows first, and how many more there are. */
export async function unlistedStatuses(
  db: Database,
  run: Run,
): Promise<{ readonly unlisted: readonly UnlistedStatus[]; readonly more: More | undefined }> {
  const report = await newestReport(db, run.id);
  return { unlisted: withAliases(run, report), more: report?.unlisted_more };
}

/** The spellings that a report found, the most rows first, each with what would list it. */
export const withAliases = (
  { definition }: Pick<Run, "definition">,
  report: Pick<DryRunReport, "unlisted_statuses"> | undefined,
): readonly UnlistedStatus[] =>
  (report?.unlisted_statuses ?? [])
    .toSorted((one, other) => other.rows - one.rows)
    .map((each) => ({ ...each, aliases: aliasesOf(definition, each) }));

/**
 * The conditions of a definition that list a word, `is("status", "Done")`, each with another spelling of it added, to
 * be put into the definition in its place: a rule may ask for the word in several.
 */
export function aliasesOf(
  definition: unknown,
  {
    field,
    status,
    nearest,
  }: Pick<DryRunReport["unlisted_statuses"][number], "field" | "status" | "nearest">,
): readonly string[] {
  if (status === null || nearest === null) return [];
  const found = new Set<string>();
  const look = (value: unknown, of?: string): void => {
    if (typeof value !== "object" || value === null) return;
    const { field: name, is } = value as { field?: unknown; is?: unknown };
    const asked = typeof name === "string" && (of === undefined || name === of);
    if (asked && Array.isArray(is) && is.includes(nearest) && !is.includes(status))
      found.add(`is(${[name, ...is, status].map((word) => JSON.stringify(word)).join(", ")})`);
    for (const inner of Object.values(value)) look(inner, of);
  };
  const [kind, own] = field?.split(".") ?? [];
  for (const { name, entity } of kindsIn(definition)) {
    // Of several kinds of things it is told of which one it is; of one alone, by which field.
    if (name === undefined || name === kind) look(entity, name === undefined ? kind : own);
  }
  return [...found];
}

interface Judged {
  readonly name?: string;
  readonly entity?: Readonly<Partial<Record<"decide" | "plan" | "validate", unknown>>>;
}

/** The kinds of things of a definition as it is stored, whatever version of wavegate did that. */
function kindsIn(definition: unknown): readonly Judged[] {
  const { entities, entity } = (definition ?? {}) as { entities?: unknown; entity?: unknown };
  return Array.isArray(entities) ? (entities as Judged[]) : [{ entity } as Judged];
}
