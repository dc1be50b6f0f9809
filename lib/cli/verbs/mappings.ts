import type { PinnedReference } from "../../compile/shown/references.ts";
import { lookOf } from "../../evidence/pinned.ts";
import { idOfType, stands } from "../../review/mappings/decisions.ts";
import {
  likenessOf,
  type MappingLine,
  referenceFor,
  type Use,
  weightsOf,
} from "../../review/mappings/lines.ts";
import { several } from "../../services/words.ts";
import { askToDecide, askToLook, type Decided, type Ended } from "../ask-signed.ts";
import type { Aws } from "../aws.ts";
import type { Answer, Frame } from "../command.ts";
import { CannotRun } from "../failure.ts";
import { runOrLatest } from "../runs.ts";
import { table } from "../table.ts";
import { saysWithdrawn } from "./stages.ts";
import { withAws } from "./with-aws.ts";

const linesAtMost = 500;

/** `wavegate mappings NAME`: decides what was asked, then lists by R8's priority. */
export const mappings = (
  frame: Frame,
  name: string,
  options: {
    run?: string;
    confirm?: string[];
    reject?: string[];
    /** Whose earlier decisions were looked at. */
    insteadOf?: string;
    all?: boolean;
  },
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
    const { uses, reference } = referenceFor(run, await lookOf(aws.db, run), name);
    const said = decisionsFrom(reference, options);
    const decisions =
      options.insteadOf === undefined
        ? said
        : await insteadOf(aws, { run: run.id, reference: reference.name }, said, options.insteadOf);
    const decided =
      decisions.length === 0
        ? { ended: [] }
        : await askToDecide<Ended>(aws, {
            decide: "mappings",
            run: run.id,
            reference: reference.name,
            decisions,
          });
    const { lines } = await askToLook<{ lines: MappingLine[] }>(aws, {
      look: "mappings",
      run: run.id,
      reference: reference.name,
      which: options.all === true ? "all" : "open",
      limit: linesAtMost,
    });
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
          : showLines(uses, reference, lines)),
        ...(lines.length === linesAtMost ? [`Only the first ${linesAtMost} are shown.`] : []),
      ],
    };
    return decided.ended.length === 0 ? answer : saysWithdrawn(run, answer);
  });
};

/** Decisions in the place of somebody's earlier ones: as those stand now, where they are theirs. */
async function insteadOf(
  aws: Aws,
  about: { readonly run: string; readonly reference: string },
  said: readonly Decided[],
  person: string,
): Promise<Decided[]> {
  const { lines } = await askToLook<{ lines: MappingLine[] }>(aws, {
    ...{ look: "mappings", ...about, which: "all", limit: linesAtMost },
  });
  return said.map((each) => {
    const line = lines.find(({ id }) => String(id) === String(each.id));
    return line?.decided_by === person ? { ...each, seen: stands(line) } : each;
  });
}

/** What is said of each id; ids are what their systems have, so what is no number stays as it is written. */
function decisionsFrom(
  { legacyType, targetType }: PinnedReference,
  options: { confirm?: string[]; reject?: string[] },
): Decided[] {
  const legacy = idOfType(legacyType);
  const platform = idOfType(targetType);
  const confirmed = (options.confirm ?? []).map((word): Decided => {
    const { id, target } = parts(word);
    const known = legacy(id);
    // What is no id may be a label, which whoever keeps the decision looks up.
    const chosen = target === undefined || target === "" ? undefined : (platform(target) ?? target);
    // A suggestion may be another one by now: what is confirmed is what was looked at.
    if (known === undefined || chosen === undefined) throw unreadable("--confirm", word, "12=3");
    return { id: known, confirm: true, target: chosen };
  });
  const rejected = (options.reject ?? []).map((word): Decided => {
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

const likeness = (line: MappingLine): string => likenessOf(line)?.toFixed(2) ?? "–";

function showLines(
  uses: readonly Use[],
  { kind }: PinnedReference,
  lines: readonly MappingLine[],
): string[] {
  if (kind === "chosen") return showChoices(lines);
  const byName = kind === "by_name";
  const weights = weightsOf(uses);
  const titles = weights.map(({ says }) => says);
  return table(
    ["id", "legacy", byName ? "like" : "is", "platform", "status", ...titles, "rows", "by"],
    lines.map((line) => [
      String(line.id),
      line.legacy,
      byName ? likeness(line) : (line.type ?? ""),
      line.target === null ? null : `${line.target} ${line.platform ?? ""}`,
      line.status,
      ...weights.map(({ id }) => Number(line[id])),
      line.rows,
      decidedBy(line),
    ]),
  );
}

/** Who decided, and in which run where that was an earlier one. */
const decidedBy = ({ decided_by: by, carried }: MappingLine): string | null =>
  carried ? `${by}, in ${carried.run}` : by;

/** Rows of which several could be meant, with those: nothing is suggested, as nothing but a person knows. */
const showChoices = (lines: readonly MappingLine[]): string[] =>
  table(
    ["id", "could mean", "means", "status", "by"],
    lines.map((line) => [
      String(line.id),
      line.legacy,
      line.target === null ? null : String(line.target),
      line.status,
      line.decided_by,
    ]),
  );
