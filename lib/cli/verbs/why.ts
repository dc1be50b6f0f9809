import type { PinnedLook } from "../../compile/pin/look.ts";
import { stagingTable } from "../../compile/rows.ts";
import { isInt64 } from "../../data/exact.ts";
import type { Run } from "../../data/runs.ts";
import { raw, sql, uuid } from "../../data/sql.ts";
import { lookOf } from "../../evidence/pinned.ts";
import type { Explanation, Reason, RowRef } from "../../review/rows/explain.ts";
import { type LedgerLine, ledgerOf } from "../../review/rows/row-record.ts";
import { label, several } from "../../services/words.ts";
import { askToLook } from "../ask-signed.ts";
import type { Aws } from "../aws.ts";
import type { Answer, Frame } from "../command.ts";
import { CannotRun } from "../failure.ts";
import { runNamed } from "../runs.ts";
import { brief } from "../show/checks.ts";
import { showEvidence } from "../show/evidence.ts";
import { didYouMean } from "../suggest.ts";
import { facts, printable, table } from "../table.ts";
import { hanging } from "../width.ts";
import { withAws } from "./with-aws.ts";

/** `wavegate why`: the rules that hold, what they looked at, and which decided, or each of all; personal data masked. */
export const why = (frame: Frame, runName: string, rowName: string, all = false): Promise<Answer> =>
  withAws(frame, async (aws) => {
    const run = await runNamed(aws.db, runName);
    const found = await rowNamed(aws, run, rowName);
    const ledger = await ledgerOf(aws.db, run, Number(found.row.id));
    return { json: { run: run.reference, ...found, ledger }, text: show(found, ledger, all) };
  });

/** A row by its staged id, or its legacy table and id. Errors: `UnknownRow`. */
export async function rowNamed(aws: Aws, run: Run, name: string): Promise<Explanation> {
  const look = await lookOf(aws.db, run);
  const row = rowRef(look, name);
  if (typeof row === "string") {
    throw new CannotRun(
      "UnknownRow",
      `“${name}” names no row.${row} Nothing was written. ${await howNamed(aws, run, look)}`,
    );
  }
  const asked = { look: "row", run: run.id, row } as const;
  const { found } = await askToLook<{ found: Explanation | null }>(aws, asked);
  if (found !== null) return found;
  throw new CannotRun(
    "UnknownRow",
    `${run.reference} has no row “${name}”. Nothing was written. ${await howNamed(aws, run, look)}`,
  );
}

/** How rows are named, with one that there is: the first of the first kind of things that has any. */
async function howNamed({ db }: Aws, run: Run, { parts }: PinnedLook): Promise<string> {
  const says = "A row is its staged id, or its legacy table and id";
  for (const { rows, textIds } of parts) {
    // What is no number may be somebody's address, and terminals read none.
    const legacy = raw(textIds ? "null" : "legacy_id::text");
    const [first] = await db.rows<{ id: number; of: string; legacy: string | null }>(sql`
      select id, source_table as of, ${legacy} as legacy from ${raw(stagingTable(rows))}
       where run_id = ${uuid(run.id)} order by id limit 1`);
    if (first !== undefined)
      return `${says}, as in ${textIds ? "" : `${first.of}:${first.legacy} or `}${first.id}.`;
  }
  return `${says}. It has none yet.`;
}

/** Which row is meant; a text where none is: what may have been. */
function rowRef(look: PinnedLook, name: string): RowRef | string {
  if (/^\d{1,15}$/u.test(name)) return { id: Number(name) };
  const [, tableName = "", legacyId = ""] = /^([^:]+):(.+)$/su.exec(name) ?? [];
  const from = tablesOf(look);
  const part = look.parts.find(({ sources }) => sources.includes(tableName));
  if (part?.textIds && legacyId.includes("@")) {
    return " A key with an @ in it names none, as it may be somebody’s address.";
  }
  if (part !== undefined && (part.textIds ? legacyId !== "" : isInt64(legacyId))) {
    return { table: tableName, legacyId };
  }
  return legacyId === "" ? "" : didYouMean(tableName, from);
}

/** The legacy tables whose rows are judged. */
const tablesOf = ({ parts }: PinnedLook): string[] => parts.flatMap(({ sources }) => sources);

/** What the definition decides besides the classification and the action, in order. */
const otherDecisions = (decisions: readonly string[]): string[] =>
  decisions.filter((name) => name !== "classification" && name !== "import_action");

function show(
  { row, decisions, references, reasons, above = {}, unreadable, proposals }: Explanation,
  ledger: readonly LedgerLine[],
  all: boolean,
): string[] {
  const shown = all ? reasons : reasons.filter(({ holds, decides }) => holds || decides);
  const others = reasons.length - shown.length;
  const text = (name: string): string | null => {
    const value = row[name];
    return value === null || value === undefined ? null : brief(value);
  };
  const noted = Array.isArray(row.findings) ? (row.findings as readonly string[]) : [];
  return [
    ...facts([
      ["Row", `${text("id")}, from ${text("source_table")}:${text("legacy_id")}`],
      ["Validation", text("validation_status")],
      ["Classification", text("classification")],
      ...otherDecisions(decisions).map((name): [string, string | null] => [
        label(name),
        text(name),
      ]),
      ["Import action", text("import_action")],
      [
        "Planned",
        [text("planned"), text("planned_action"), text("planned_reason")]
          .filter(Boolean)
          .join(" · ") || null,
      ],
      [
        "Stands",
        [text("import_state"), text("state_reason"), text("state_detail")]
          .filter(Boolean)
          .join(" · "),
      ],
    ]),
    ...listed(
      "What it would change of the row that is there, masked",
      changesOf(row.there_changes),
    ),
    ...(noted.length === 0 ? [] : ["", "What was noted", ...hanging("  ", noted.join(", "))]),
    ...listed(
      "Rows that it refers to",
      Object.fromEntries(Object.entries(above).map(([name, id]) => [name, String(id)])),
    ),
    ...listed("What cannot be read, a letter as a and a digit as 9", unreadable),
    ...listed("What damaged letters may have been, masked", proposals),
    ...(reasons.length === 0
      ? ["", "The rules that judged it are not kept with this run, which is older than that."]
      : []),
    ...section("Validation: every rule that holds counts, the worst wins", shown, "validation"),
    ...section("Classification: the first that holds decides", shown, "classification"),
    ...listed(
      "Mappings",
      Object.fromEntries(
        Object.entries(references).map(([name, mapping]) => [
          name,
          mapping === null ? "none" : mappingText(mapping),
        ]),
      ),
    ),
    ...showEvidence("Hints against the platform", row.duplicate_evidence),
    ...showEvidence("Hints inside the source", row.source_duplicate_evidence),
    ...section("Import action: the first that holds decides", shown, "import action"),
    ...section("Plan: the first that holds decides", shown, "plan"),
    ...(reasons.length === 0 ? [] : ["", "▸ decided   ✓ holds, and another decided"]),
    ...(others === 0
      ? []
      : [
          `${several(others, "other rule does", "other rules do")} not hold; \`--all\` lists ${others === 1 ? "it" : "them"} too.`,
        ]),
    ...(ledger.length === 0
      ? []
      : [
          "",
          ...table(
            ["wave", "did", "to", "now"],
            ledger.map((line) => [
              line.round > 1 ? `${line.wave} (round ${line.round})` : line.wave,
              line.action,
              line.target_table === null ? null : `${line.target_table} ${line.target_id}`,
              line.spared ? "spared by a rollback" : line.rolled_back ? "rolled back" : "stands",
            ]),
          ),
        ]),
  ];
}

/** What each column holds, and what would be written. */
const changesOf = (found: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries((found ?? {}) as Record<string, readonly unknown[]>).map(([column, sides]) => [
      column,
      sides
        .map((value) =>
          value === null
            ? "nothing"
            : value === false
              ? "a row still to be written"
              : String(value),
        )
        .join(" → "),
    ]),
  );

/** Columns with a value each, or nothing where there are none. */
const listed = (title: string, values: Readonly<Record<string, string>>): string[] =>
  Object.keys(values).length === 0
    ? []
    : [
        "",
        title,
        ...Object.entries(values).flatMap(([column, value]) =>
          hanging("  ", `${column}: ${printable(value)}`),
        ),
      ];

function section(title: string, reasons: readonly Reason[], about: Reason["about"]): string[] {
  const own = reasons.filter((reason) => reason.about === about);
  if (own.length === 0) return [];
  return [
    "",
    title,
    ...own.flatMap(({ rule, outcome, holds, decides, input }) => {
      // That stands above, once and whole.
      const looked = Object.entries(input)
        .filter(([name]) => name !== "findings")
        .map(([name, value]) => `${name} = ${inputText(value)}`)
        .join(", ");
      const mark = decides ? "▸" : holds ? "✓" : " ";
      const line = `${rule} → ${outcome}${looked === "" ? "" : `   [${looked}]`}`;
      return hanging(`  ${mark} `, line);
    }),
  ];
}

const inputText = (value: unknown): string =>
  value === null
    ? "nothing"
    : typeof value === "object" && !Array.isArray(value)
      ? mappingText(value)
      : brief(value);

const mappingText = (mapping: unknown): string =>
  Object.entries(mapping as Record<string, unknown>)
    .filter(([name, value]) => value !== null && !name.startsWith("decided_at"))
    .map(([name, value]) => `${name} ${brief(value)}`)
    .join(", ");
