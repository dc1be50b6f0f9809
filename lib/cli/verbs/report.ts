import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { rowsWhole } from "../../data/records.ts";
import type { Run } from "../../data/runs.ts";
import { identifier, raw, sql, uuid } from "../../data/sql.ts";
import { partsOf } from "../../define/several.ts";
import { writeWhole } from "../../services/whole-file.ts";
import { several } from "../../services/words.ts";
import type { Aws } from "../aws.ts";
import type { Answer, Frame } from "../command.ts";
import { CannotRun } from "../failure.ts";
import { runOrLatest } from "../runs.ts";
import { facts, number, table } from "../table.ts";
import { withAws } from "./with-aws.ts";

const statuses = ["ok", "skip", "conflict", "error"] as const;
type Status = (typeof statuses)[number];

/** What became of the rows of one entity. */
interface EntityReport {
  readonly name: string;
  readonly started_at: string;
  readonly finished_at: string | null;
  readonly dry_run: boolean;
  readonly status: "success" | "partial" | "failed";
  readonly counts: Readonly<Record<Status, number>>;
  /** By status, how many rows for which reason. */
  readonly reasons: Readonly<Partial<Record<Status, Readonly<Record<string, number>>>>>;
}

interface Line {
  readonly entity: string;
  readonly status: Status;
  readonly reason: string | null;
  readonly rows: number;
}

interface Times {
  readonly began: string;
  readonly ended: string | null;
}

/** A moment as ISO 8601, as every other file has it. */
const inUtc = (column: string): string =>
  `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** `wavegate report`: the audit of a run by entity, as a table and as one JSON file each; exit 1 with a conflict. */
export const report = (
  frame: Frame,
  { run: name, to }: { readonly run?: string; readonly to?: string },
): Promise<Answer> =>
  withAws(frame, async (aws) => {
    const run = await runOrLatest(aws.db, name);
    const found = await reportOf(aws, run);
    if (to === undefined) return found;
    const folder = resolve(frame.io.cwd, to);
    await mkdir(folder, { recursive: true });
    for (const entity of found.json.entities)
      await writeWhole(join(folder, `${entity.name}.json`), `${JSON.stringify(entity, null, 2)}\n`);
    await writeWhole(
      join(folder, "run.json"),
      `${JSON.stringify({ run: run.reference, figures: found.json.figures, counts: found.json.counts }, null, 2)}\n`,
    );
    return { ...found, text: [...found.text, "", `One JSON file for each entity is in ${to}.`] };
  });

interface Counted {
  readonly id: string;
  readonly says: string;
  readonly rows: number;
}

interface Reported extends Answer {
  readonly exit: 0 | 1;
  readonly json: {
    readonly run: string;
    readonly entities: readonly EntityReport[];
    /** What its dry run counted, by the definition's own words. */
    readonly counts: readonly Counted[];
    readonly figures: readonly { id: string; says: string; got: unknown; passed: boolean }[];
  };
  readonly text: readonly string[];
}

/** The audit of a run by entity. Errors: `NoAudit`. */
export async function reportOf({ db }: Aws, run: Run): Promise<Reported> {
  const { audit } = run.definition;
  if (audit === undefined) {
    throw new CannotRun(
      "NoAudit",
      `The definition of ${run.migration} names no audit. Nothing was changed; \`wavegate balance\` says how the rows of ${run.reference} stand.`,
    );
  }
  const lines = await db.rows<Line>(sql`
    select entity, status, reason, count(*) as rows from wavegate.${raw(identifier(audit.mappings))}
     where run_id = ${uuid(run.id)} group by 1, 2, 3 order by 1, 2, 3`);
  const [times = { began: run.created_at, ended: null }] = await db.rows<Times>(sql`
    select ${raw(inUtc("started_at_utc"))} as began, ${raw(inUtc("ended_at_utc"))} as ended
      from wavegate.${raw(identifier(audit.runs))} where id = ${uuid(run.id)}`);
  const [{ counts = [] } = {}] = await rowsWhole<{ counts: readonly Counted[] }>(
    db,
    sql`
    select coalesce(report -> 'counts', '[]') as counts from wavegate.dry_runs
     where run_id = ${uuid(run.id)} order by created_at desc limit 1`,
  );
  const [{ checks = [] } = {}] = await rowsWhole<{
    checks: { id: string; says: string; got: unknown; passed: boolean }[];
  }>(
    db,
    sql`select checks from wavegate.verifications
         where run_id = ${uuid(run.id)} and kind = 'final' order by id desc limit 1`,
  );
  const figures = checks.filter(({ id }) => run.definition.figures?.some((each) => each.id === id));
  // A run that was refused has a line of its own.
  const inOrder = partsOf(run.definition).flatMap(({ part = "" }) => audit.entities[part] ?? []);
  const names = [...inOrder, "phase"];
  const entities = names
    .filter((name) => name !== "phase" || lines.some(({ entity }) => entity === name))
    .map((name) => entityReport(name, lines, run, times));
  const conflicts = entities.reduce((sum, { counts: of }) => sum + of.conflict, 0);
  return {
    exit: conflicts > 0 ? 1 : 0,
    json: { run: run.reference, entities, counts, figures },
    text: [
      `Run ${run.reference}${run.trial === null ? "" : ", a dry run"}`,
      "",
      ...table(
        ["entity", ...statuses, "reasons"],
        entities.map(({ name, counts: of, reasons }) => [
          name,
          ...statuses.map((status) => of[status]),
          reasonsOf(reasons),
        ]),
      ),
      "",
      // A dry run shows them itself.
      ...(run.trial !== null || counts.length === 0
        ? []
        : [...facts(counts.map(({ says, rows }) => [says, rows])), ""]),
      ...figures.map(({ says, got, passed }) => `${passed ? "✓" : "✗"} ${says} There are ${got}.`),
      ...(conflicts === 0 ? [] : [`${several(conflicts, "conflict")}: exit code 1.`]),
    ],
  };
}

const reasonsOf = (reasons: EntityReport["reasons"]): string =>
  Object.values(reasons)
    .flatMap((of) => Object.entries(of))
    .map(([reason, rows]) => `${reason} ${number(rows)}`)
    .join(", ");

function entityReport(
  name: string,
  lines: readonly Line[],
  run: Run,
  { began, ended }: Times,
): EntityReport {
  const own = lines.filter(({ entity }) => entity === name);
  const of = (status: Status) => own.filter((line) => line.status === status);
  const counts = Object.fromEntries(
    statuses.map((status) => [status, of(status).reduce((sum, { rows }) => sum + rows, 0)]),
  ) as Record<Status, number>;
  const reasons = Object.fromEntries(
    statuses.flatMap((status) => {
      const said = of(status).flatMap(({ reason, rows }) =>
        reason === null ? [] : [[reason, rows] as const],
      );
      return said.length === 0 ? [] : [[status, Object.fromEntries(said)]];
    }),
  );
  const bad = counts.conflict + counts.error;
  return {
    name,
    started_at: began,
    finished_at: ended,
    dry_run: run.trial !== null,
    status: bad === 0 ? "success" : counts.ok === 0 ? "failed" : "partial",
    counts,
    reasons,
  };
}
