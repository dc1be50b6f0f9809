import { referenceColumn } from "../../compile/condition.ts";
import { stagedTable } from "../../compile/rows.ts";
import { type ExactId, exactId } from "../../data/exact.ts";
import type { Run } from "../../data/runs.ts";
import { identifier, literals, raw, sql, uuid } from "../../data/sql.ts";
import type { Reference } from "../../define/definition.ts";
import { type Decision, decideMappings } from "../../review/mapping-decisions.ts";
import { Refusal } from "../../services/errors.ts";
import { several } from "../../services/words.ts";
import type { Aws } from "../aws.ts";
import type { Answer, Frame } from "../command.ts";
import { CannotRun } from "../failure.ts";
import { personOf } from "../person.ts";
import { runOrLatest } from "../runs.ts";
import { table } from "../table.ts";
import { withdrawn } from "./stages.ts";
import { withAws } from "./with-aws.ts";

/** A legacy course or session, its counterpart, and how much depends on it. */
interface Line {
  readonly id: ExactId;
  readonly legacy: string | null;
  readonly session_type?: string;
  readonly target: ExactId | null;
  readonly platform: string | null;
  readonly confidence?: number | string | null;
  readonly status: string;
  readonly decided_by: string | null;
  readonly history: number;
  readonly registered: number;
  readonly rows: number;
}

const linesAtMost = 500;

/** `wavegate mappings courses|sessions`: decides what was asked, then lists by R8's priority. */
export const mappings = (
  frame: Frame,
  kind: "courses" | "sessions",
  options: { run?: string; confirm?: string[]; reject?: string[]; all?: boolean },
): Promise<Answer> => {
  const decisions = decisionsFrom(options);
  if (decisions.length > 0 && options.run === undefined) {
    throw new CannotRun(
      "Usage",
      "A decision about a mapping names its run with --run RUN. Nothing was written.",
    );
  }
  return withAws(frame, async (aws) => {
    const run = await runOrLatest(aws.db, options.run);
    const [name, reference] = referenceFor(run, kind);
    if (decisions.length > 0) {
      const person = personOf(frame.io, aws.place);
      await decideMappings(aws.db, run, reference, decisions, person);
    }
    const lines = await linesOf(aws, run, name, reference, options.all === true);
    const answer = {
      json: { run: run.reference, decided: decisions, mappings: lines },
      text: [
        ...(decisions.length === 0
          ? []
          : [
              `Kept ${several(decisions.length, "decision")}. What was reviewed before has changed: run \`wavegate classify\`, \`match\`, \`dry-run\` and \`export\` again before a sign-off.`,
              "",
            ]),
        ...(lines.length === 0
          ? ["Nothing needs a look. --all lists everything."]
          : showLines(kind, lines)),
        ...(lines.length === linesAtMost ? [`Only the first ${linesAtMost} are shown.`] : []),
      ],
    };
    return decisions.length === 0 ? answer : withdrawn(aws, run, answer);
  });
};

function referenceFor(run: Run, kind: "courses" | "sessions"): [string, Reference] {
  const wanted = kind === "courses" ? "by_name" : "by_code";
  const found = Object.entries(run.definition.references).find(([, each]) => each.kind === wanted);
  if (found !== undefined) return found;
  throw new Refusal(
    "NoMappings",
    `The migration ${run.migration} maps no ${kind}. Nothing was written.`,
  );
}

function decisionsFrom(options: { confirm?: string[]; reject?: string[] }): Decision[] {
  const confirmed = (options.confirm ?? []).map((word): Decision => {
    const [, id, target] = /^(-?\d{1,19})(?:=(-?\d{1,19}))?$/u.exec(word) ?? [];
    if (id === undefined) throw unreadable("--confirm", word, "12 or 12=3");
    return {
      id: exactId(id),
      confirm: true,
      target: target === undefined ? null : exactId(target),
    };
  });
  const rejected = (options.reject ?? []).map((word): Decision => {
    if (!/^-?\d{1,19}$/u.test(word)) throw unreadable("--reject", word, "12");
    return { id: exactId(word), reject: true };
  });
  return [...confirmed, ...rejected];
}

const unreadable = (option: string, word: string, as: string) =>
  new CannotRun(
    "Usage",
    `${option} takes a legacy id as in ${as}, not “${word}”. Nothing was written.`,
  );

/** Used by history first, then by registrations, then the rest (R8). */
function linesOf(
  { db }: Aws,
  run: Run,
  name: string,
  reference: Reference,
  all: boolean,
): Promise<Line[]> {
  const { staging, platform } = reference;
  const byName = reference.kind === "by_name";
  const label = byName ? reference.staging.label : reference.staging.code;
  const shown = byName ? reference.platform.label : reference.platform.code;
  const settled = byName ? ["mapped", "confirmed", "rejected"] : ["confirmed", "rejected"];
  const extra = byName ? "m.confidence" : "m.session_type";
  const open = all
    ? "true"
    : byName
      ? `m.status not in (${literals(settled)})`
      : `m.status not in (${literals(settled)}) and m.session_type = 'real_session'`;
  return db.rows<Line>(sql`
    with used as (
      select ${raw(identifier(referenceColumn(run.definition, name)))} as id, count(*) as rows,
             count(*) filter (where classification in ('completed', 'archived_training')) as history,
             count(*) filter (where classification = 'registered') as registered
        from ${raw(stagedTable(run.definition))} where run_id = ${uuid(run.id)} group by 1)
    select to_jsonb(m.${raw(identifier(staging.id))}) as id, m.${raw(identifier(label))} as legacy,
           ${raw(extra)}, to_jsonb(m.${raw(identifier(staging.target))}) as target,
           p.${raw(identifier(shown))} as platform, m.status, m.decided_by,
           coalesce(used.history, 0) as history, coalesce(used.registered, 0) as registered,
           coalesce(used.rows, 0) as rows
      from wavegate.${raw(identifier(staging.table))} m
      left join ${raw(identifier(platform.table))} p
        on p.${raw(identifier(platform.id))} = m.${raw(identifier(staging.target))}
      left join used on used.id = m.${raw(identifier(staging.id))}
     where m.run_id = ${uuid(run.id)} and ${raw(open)}
     order by history desc, registered desc, rows desc, m.${raw(identifier(staging.id))}
     limit ${linesAtMost}`);
}

const likeness = (confidence: Line["confidence"]): string =>
  confidence === null || confidence === undefined ? "–" : Number(confidence).toFixed(2);

const showLines = (kind: "courses" | "sessions", lines: readonly Line[]): string[] =>
  table(
    [
      "id",
      "legacy",
      kind === "courses" ? "like" : "is",
      "platform",
      "status",
      "history",
      "reg.",
      "rows",
      "by",
    ],
    lines.map((line) => [
      String(line.id),
      line.legacy,
      kind === "courses" ? likeness(line.confidence) : (line.session_type ?? ""),
      line.target === null ? null : `${line.target} ${line.platform ?? ""}`,
      line.status,
      line.history,
      line.registered,
      line.rows,
      line.decided_by,
    ]),
  );
