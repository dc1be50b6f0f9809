import { askedFrom, type PinnedLook, type PinnedRows } from "../../compile/pin-look.ts";
import type { PinnedReference } from "../../compile/pin-references.ts";
import { onlyReading } from "../../data/database.ts";
import type { ExactId } from "../../data/exact.ts";
import type { Run } from "../../data/runs.ts";
import { identifier, literals, raw, sql, uuid } from "../../data/sql.ts";
import { lookOf } from "../../evidence/pinned.ts";
import { type Decision, idOfType } from "../../review/mapping-decisions.ts";
import { Refusal } from "../../services/errors.ts";
import { several } from "../../services/words.ts";
import { askToDecide, type Ended } from "../ask-signed.ts";
import type { Aws } from "../aws.ts";
import type { Answer, Frame } from "../command.ts";
import { CannotRun } from "../failure.ts";
import { runOrLatest } from "../runs.ts";
import { table } from "../table.ts";
import { saysWithdrawn } from "./stages.ts";
import { withAws } from "./with-aws.ts";

/** A legacy thing that rows refer to, its counterpart, and how much depends on it. */
interface Line {
  readonly id: ExactId;
  readonly legacy: string | null;
  readonly type?: string;
  readonly target: ExactId | null;
  readonly platform: string | null;
  readonly confidence?: number | string | null;
  readonly status: string;
  readonly decided_by: string | null;
  readonly rows: number;
  /** Rows of each weight that the migration names, by its id. */
  readonly [weight: string]: unknown;
}

const linesAtMost = 500;

/** `wavegate mappings NAME`: decides what was asked, then lists by R8's priority. */
export const mappings = (
  frame: Frame,
  name: string,
  options: { run?: string; confirm?: string[]; reject?: string[]; all?: boolean },
): Promise<Answer> => {
  const asked = [...(options.confirm ?? []), ...(options.reject ?? [])];
  if (asked.length > 0 && options.run === undefined) {
    throw new CannotRun(
      "Usage",
      "A decision about a mapping names its run with --run RUN. Nothing was written.",
    );
  }
  return withAws(frame, async (aws) => {
    const run = await runOrLatest(aws.db, options.run);
    const { part, reference } = referenceFor(run, await lookOf(aws.db, run), name);
    const decisions = decisionsFrom(reference, options);
    const decided =
      decisions.length === 0
        ? { ended: [] }
        : await askToDecide<Ended>(aws, {
            decide: "mappings",
            run: run.id,
            reference: reference.name,
            decisions,
          });
    const lines = await linesOf(aws, run, part, reference, options.all === true);
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
          : showLines(part, reference, lines)),
        ...(lines.length === linesAtMost ? [`Only the first ${linesAtMost} are shown.`] : []),
      ],
    };
    return decided.ended.length === 0 ? answer : saysWithdrawn(run, answer);
  });
};

/** A reference by its name, and the kind of things whose rows refer to it: the first, where several do. */
function referenceFor({ migration }: Run, { parts }: PinnedLook, name: string) {
  for (const part of parts) {
    const reference = part.references.find((each) => [each.name, `${each.name}s`].includes(name));
    if (reference !== undefined) return { part, reference };
  }
  const names = [
    ...new Set(parts.flatMap(({ references }) => references.map((each) => each.name))),
  ];
  throw new Refusal(
    "NoMappings",
    `The migration ${migration} maps no ${name}${names.length === 0 ? "" : `, but ${names.join(", ")}`}. Nothing was written.`,
  );
}

/** What is said of each id; ids are what their systems have, so what is no number stays as it is written. */
function decisionsFrom(
  { legacyType, targetType }: PinnedReference,
  options: { confirm?: string[]; reject?: string[] },
): Decision[] {
  const legacy = idOfType(legacyType);
  const platform = idOfType(targetType);
  const confirmed = (options.confirm ?? []).map((word): Decision => {
    const { id, target } = parts(word);
    const known = legacy(id);
    const chosen = target === undefined ? null : platform(target);
    if (known === undefined || chosen === undefined)
      throw unreadable("--confirm", word, "12 or 12=3");
    return { id: known, confirm: true, target: chosen };
  });
  const rejected = (options.reject ?? []).map((word): Decision => {
    const { id, target } = parts(word);
    const known = legacy(id);
    if (known === undefined || target !== undefined) throw unreadable("--reject", word, "12");
    return { id: known, reject: true };
  });
  return [...confirmed, ...rejected];
}

/** `12`, `12=3`, or `"a=b"=3`: an id with an equals sign stands in quotes, as JSON has them. */
function parts(word: string): { id: string; target: string | undefined } {
  const quoted = /^("(?:[^"\\]|\\.)*")(?:=(.*))?$/su.exec(word);
  if (quoted) {
    try {
      return { id: JSON.parse(quoted[1] as string), target: quoted[2] };
    } catch {
      return { id: "", target: undefined };
    }
  }
  const at = word.indexOf("=");
  return at === -1
    ? { id: word, target: undefined }
    : { id: word.slice(0, at), target: word.slice(at + 1) };
}

const unreadable = (option: string, word: string, as: string) =>
  new CannotRun(
    "Usage",
    `${option} takes a legacy id as in ${as}, not “${word}”. Nothing was written.`,
  );

/** By the weights that the migration names, then by all rows (R8). */
function linesOf(
  { db }: Aws,
  run: Run,
  look: PinnedRows,
  reference: PinnedReference,
  all: boolean,
): Promise<Line[]> {
  const { staging, platform, type } = reference;
  const column = (name: string) => raw(identifier(name));
  const settled = type === null ? ["mapped", "confirmed", "rejected"] : ["confirmed", "rejected"];
  const extra = type === null ? sql`m.confidence` : sql`m.${column(type.column)} as type`;
  const { weights } = look;
  const open = all
    ? sql`true`
    : type === null || type.real === null
      ? sql`m.status not in (${raw(literals(settled))})`
      : sql`m.status not in (${raw(literals(settled))}) and m.${column(type.column)} = ${type.real}`;
  // Weights are conditions of the run's own: whoever runs them writes nothing by them.
  return onlyReading(db, (transaction) =>
    transaction.rows<Line>(sql`
    with used as (
      select s.${column(reference.column)}::text as id,
             ${raw(weights.map(({ id, sql }) => `count(*) filter (where ${sql}) as ${identifier(id)},`).join("\n             "))}
             count(*) as rows
        from ${raw(askedFrom(look))} where s.run_id = ${uuid(run.id)} group by 1)
    select to_jsonb(m.${column(staging.id)}) as id, m.${column(staging.label)} as legacy,
           ${extra}, to_jsonb(m.${column(staging.target)}) as target,
           ${platform === null ? sql`null` : sql`p.${column(platform.label)}`} as platform, m.status, m.decided_by,
           ${raw(weights.map(({ id }) => `coalesce(used.${identifier(id)}, 0) as ${identifier(id)},`).join(" "))}
           coalesce(used.rows, 0) as rows
      from wavegate.${column(staging.table)} m
      ${platform === null ? sql`` : sql`left join ${column(platform.table)} p on p.${column(platform.id)} = m.${column(staging.target)}`}
      left join used on used.id = m.${column(staging.id)}::text
     where m.run_id = ${uuid(run.id)} and ${open}
     order by ${raw(weights.map(({ id }) => `${identifier(id)} desc, `).join(""))}rows desc, m.${column(staging.id)}
     limit ${linesAtMost}`),
  );
}

const likeness = (confidence: Line["confidence"]): string =>
  confidence === null || confidence === undefined ? "–" : Number(confidence).toFixed(2);

function showLines(
  { weights }: PinnedRows,
  { kind }: PinnedReference,
  lines: readonly Line[],
): string[] {
  const byName = kind === "by_name";
  const titles = weights.map(({ says }) => says);
  return table(
    ["id", "legacy", byName ? "like" : "is", "platform", "status", ...titles, "rows", "by"],
    lines.map((line) => [
      String(line.id),
      line.legacy,
      byName ? likeness(line.confidence) : (line.type ?? ""),
      line.target === null ? null : `${line.target} ${line.platform ?? ""}`,
      line.status,
      ...weights.map(({ id }) => Number(line[id])),
      line.rows,
      line.decided_by,
    ]),
  );
}
