import {
  compileCondition,
  referenceColumn,
  stagedFrom,
  typeColumn,
  typesOf,
} from "../../compile/condition.ts";
import { idType, targetType } from "../../compile/keys.ts";
import type { ExactId } from "../../data/exact.ts";
import type { Run } from "../../data/runs.ts";
import { identifier, literal, literals, raw, sql, uuid } from "../../data/sql.ts";
import type { Count, Migration, Reference } from "../../define/definition.ts";
import { partsOf, sharedOf } from "../../define/several.ts";
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
    const reference = referenceFor(run, name);
    const decisions = decisionsFrom(run.definition, reference, options);
    const decided =
      decisions.length === 0
        ? { ended: [] }
        : await askToDecide<Ended>(aws, {
            decide: "mappings",
            run: run.id,
            reference: name,
            decisions,
          });
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
          : showLines(run, name, reference, lines)),
        ...(lines.length === linesAtMost ? [`Only the first ${linesAtMost} are shown.`] : []),
      ],
    };
    return decided.ended.length === 0 ? answer : saysWithdrawn(run, answer);
  });
};

function referenceFor({ definition, migration }: Run, name: string): Reference {
  const found = definition.references[name];
  if (found !== undefined) return found;
  const names = Object.keys(definition.references);
  throw new Refusal(
    "NoMappings",
    `The migration ${migration} maps no ${name}${names.length === 0 ? "" : `, but ${names.join(", ")}`}. Nothing was written.`,
  );
}

/** What is said of each id; ids are what their systems have, so what is no number stays as it is written. */
function decisionsFrom(
  migration: Pick<Migration, "source">,
  reference: Reference,
  options: { confirm?: string[]; reject?: string[] },
): Decision[] {
  const legacy = idOfType(idType(migration, reference));
  const platform = idOfType(targetType(reference));
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
  name: string,
  reference: Reference,
  all: boolean,
): Promise<Line[]> {
  const { staging, platform } = reference;
  const byName = reference.kind === "by_name";
  const label = byName ? reference.staging.label : reference.staging.code;
  const shown = byName ? reference.platform.label : reference.platform.code;
  const settled = byName ? ["mapped", "confirmed", "rejected"] : ["confirmed", "rejected"];
  const extra = byName ? "m.confidence" : `m.${typeColumn(reference)} as type`;
  const part = referring(run, name);
  const weights = weightsOf(run, name);
  const open = all
    ? "true"
    : byName
      ? `m.status not in (${literals(settled)})`
      : `m.status not in (${literals(settled)}) and m.${typeColumn(reference)} = ${literal(typesOf(reference).real)}`;
  return db.rows<Line>(sql`
    with used as (
      select s.${raw(identifier(referenceColumn(part, name)))} as id,
             ${raw(weights.map(({ id, when }) => `count(*) filter (where ${compileCondition(when, part)}) as ${identifier(id)},`).join("\n             "))}
             count(*) as rows
        from ${raw(stagedFrom(part))} where s.run_id = ${uuid(run.id)} group by 1)
    select to_jsonb(m.${raw(identifier(staging.id))}) as id, m.${raw(identifier(label))} as legacy,
           ${raw(extra)}, to_jsonb(m.${raw(identifier(staging.target))}) as target,
           p.${raw(identifier(shown))} as platform, m.status, m.decided_by,
           ${raw(weights.map(({ id }) => `coalesce(used.${identifier(id)}, 0) as ${identifier(id)},`).join(" "))}
           coalesce(used.rows, 0) as rows
      from wavegate.${raw(identifier(staging.table))} m
      left join ${raw(identifier(platform.table))} p
        on p.${raw(identifier(platform.id))} = m.${raw(identifier(staging.target))}
      left join used on used.id = m.${raw(identifier(staging.id))}
     where m.run_id = ${uuid(run.id)} and ${raw(open)}
     order by ${raw(weights.map(({ id }) => `${identifier(id)} desc, `).join(""))}rows desc, m.${raw(identifier(staging.id))}
     limit ${linesAtMost}`);
}

const likeness = (confidence: Line["confidence"]): string =>
  confidence === null || confidence === undefined ? "–" : Number(confidence).toFixed(2);

/** What mappings are weighed by, in the migration's words. */
const weightsOf = (run: Run, name: string): readonly Count[] =>
  referring(run, name).report.mappings ?? [];

/** The kind of things whose rows refer to it: the first, where several do. */
const referring = ({ definition }: Run, name: string): Migration =>
  partsOf(definition).find(({ references }) => Object.hasOwn(references, name)) ??
  sharedOf(definition);

function showLines(run: Run, name: string, { kind }: Reference, lines: readonly Line[]): string[] {
  const weights = weightsOf(run, name);
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
