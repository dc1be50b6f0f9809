import { partsOf, type WholeMigration } from "../define/several.ts";
import { several } from "../services/words.ts";
import type { AuditEntry } from "./audit-chain.ts";
import { STEERING } from "./csv.ts";

/** The incident note's own name in a bundle. */
export const INCIDENT = "incident.md";

/** What an incident note is filled in from: what stands in a bundle anyway. */
export interface TakenBack {
  readonly reference: string;
  readonly definition: WholeMigration;
  /** The backup that was named at the start. */
  readonly backup: unknown;
  readonly log: readonly AuditEntry[];
}

/** One time that a run was taken back: its steps in the log, of which the last says that it is over. */
interface Incident {
  readonly steps: readonly AuditEntry[];
  readonly over: AuditEntry;
  /** The run's last trouble before it. */
  readonly trouble: AuditEntry | undefined;
}

/**
 * The incident note of a run that was taken back (C10), in Markdown: what is known is filled in, and what a person has
 * to judge says so. Undefined where nothing was taken back. Ids, counts, actors and names of errors only (W14).
 */
export function incidentNote({
  reference,
  definition,
  backup,
  log,
}: TakenBack): string | undefined {
  const incidents = incidentsOf(log);
  if (incidents.length === 0) return undefined;
  const tables = partsOf(definition).flatMap(({ entity }) =>
    Object.values(entity.actions).map(({ into }) => into),
  );
  const systems = `${inCell(definition.title)}: ${[...new Set(tables)].sort().map(nameInCell).join(", ")}`;
  return incidents
    .map((incident, at) => {
      const id = `INC-${reference}${at === 0 ? "" : `-${at + 1}`}`;
      return noteOf(incident, { id, systems, backup: `${backup ?? "none"}` });
    })
    .join("\n");
}

/** What belongs to taking a run back. A drill takes a wave back as well, and writes it again. */
const steps = ["rollback", "rolled-back", "sign-offs-voided", "sign-off-voided", "feature"];

function incidentsOf(log: readonly AuditEntry[]): Incident[] {
  const found: Incident[] = [];
  let since = 0;
  for (const [at, over] of log.entries()) {
    if (["commit", "drill", "verify", "final-verify"].includes(over.action)) since = at + 1;
    if (over.action !== "rolled-back") continue;
    const before = log.slice(since, at + 1);
    found.push({
      over,
      steps: before.filter(
        ({ action, details }) =>
          steps.includes(action) && (action !== "feature" || details.percentage === 0),
      ),
      trouble: log
        .slice(0, at)
        .findLast(
          ({ action, details }) =>
            action === "halted" ||
            (["verify", "final-verify", "drill"].includes(action) && details.passed === false),
        ),
    });
    since = at + 1;
  }
  return found;
}

function noteOf(
  { steps, over, trouble }: Incident,
  about: { readonly id: string; readonly systems: string; readonly backup: string },
): string {
  const waves = steps.filter(({ action }) => action === "rollback");
  const [first = over] = steps;
  const by = waves.findLast(({ actor }) => actor !== "wavegate")?.actor ?? over.actor;
  const sum = (name: string) => waves.reduce((all, { details }) => all + Number(details[name]), 0);
  const spared = sum("spared");
  return `# Incident ${about.id}

| | |
|---|---|
| Id | ${about.id} |
| Start (UTC) | ${first.at} |
| End (UTC) | ${over.at} |
| Commander | ${inCell(by)} |
| Severity | *to be judged by the commander* |
| Systems | ${about.systems} |
| Backup named at the start | ${inCell(about.backup)} |

## What was taken back

Waves: ${waves.length}. Rows taken back: ${sum("undone")}, of which ${several(sum("gone"), "was", "were")} gone already.
Rows spared, as somebody changed them or something refers to them since: ${spared}${spared === 0 ? "" : "; each is a conflict in `commit-log.csv.gz`"}.${refusedBy(waves)}

## Timeline

| timestamp | actor | action |
|---|---|---|
${steps.map((step) => `| ${step.at} | ${inCell(step.actor)} | ${says(step)} |`).join("\n")}

## Hypothesis

${trouble === undefined ? "Nothing failed before it: somebody decided to take it back." : `The last that failed before it: ${says(trouble)}, ${trouble.at}.`}
*To be completed by the commander: why was it taken back?*

## Communications

By mail, once this bundle is written: everybody who may decide about the run, and the auditor.

## Follow-ups

| owner | task | due |
|---|---|---|
${spared === 0 ? "" : `| ${inCell(by)} | Look at the rows that were spared | *to be set* |\n`}| *to be set* | Correct the cause, and start a new run | *to be set* |

## Attachments

- logs: \`audit-log.jsonl\`, \`commit-log.csv.gz\`
- metrics: \`balance.json\`, \`waves.json\`, \`verifications.json\`
`;
}

/** What of the platform refused to have rows taken back; nothing where nothing did, as in notes of earlier versions. */
function refusedBy(waves: readonly AuditEntry[]): string {
  const names = waves.flatMap(({ details }) => Object.keys(details.refused ?? {}));
  if (names.length === 0) return "";
  return ` The platform refused some: ${[...new Set(names)].map(nameInCell).join(", ")}.`;
}

/** What was typed is one cell of a table, and no markup; nothing in it steers a terminal. */
const inCell = (text: string): string => oneLine(text).replaceAll(/[\\`*_{}[\]<>|#!]/gu, "\\$&");

/** A name of the rules: a line between letters is no markup. */
const nameInCell = (name: string): string =>
  oneLine(name).replaceAll(/[\\`*{}[\]<>|#!]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, "\\$&");

const oneLine = (text: string): string =>
  text.replaceAll(/\s+/gu, " ").replaceAll(steering, "\ufffd");
const steering = new RegExp(`[${STEERING}\\u0000]`, "gu");

function says({ action, details }: AuditEntry): string {
  switch (action) {
    case "feature":
      return `feature ${nameInCell(`${details.feature}`)} turned to ${details.percentage} %`;
    case "rollback":
      return `wave ${details.wave} taken back: ${several(Number(details.undone), "row")}, ${details.spared} spared`;
    case "sign-offs-voided":
    case "sign-off-voided":
      return "approvals voided";
    case "rolled-back":
      return Number(details.to_wave) <= 1
        ? "the run is taken back"
        : `the run is taken back down to wave ${details.to_wave}`;
    case "halted":
      return `the run halted (${inCell(`${details.error}`)})`;
    case "verify":
      return `the verification of wave ${details.wave}`;
    case "drill":
      return "the drill";
    default:
      return "the final verification";
  }
}
