import type { Migration } from "../../define/definition.ts";
import {
  type Finding,
  findingsOf,
  type KeyFinding,
  namedFinding,
  saysOf,
} from "../../define/findings.ts";
import { keyText } from "../../define/keys.ts";
import { notedIn } from "../../define/looked-at.ts";
import { notedWithoutRule } from "../../define/reasons.ts";
import { isSpoiltKey, normalizeKey } from "../../normalize/key.ts";
import { names, type Problem, warning } from "../problem.ts";

/** What is told elsewhere or not known, of each field or of the table, with what to do about it. */
const told: ReadonlySet<string> = new Set<Finding>([
  "text_damaged",
  "text_cut",
  "phone_invalid",
  "email_malformed",
  "birth_date_impossible",
  "created_at_unreadable",
  // No file is opened here: of each that a row names it would be said.
  "file_absent",
]);
const toldOfField = /_(unreadable|unlisted|out_of_bounds|gap)$/u;

/**
 * What is noted on rows that are held for it, as neither a rule nor a line of the plan is about it: by the field where
 * that is noted, else by those that can give it.
 *
 * @param rowsWith how many rows have a finding
 */
export function heldFindings(
  { entity }: Migration,
  rowsWith: (finding: string) => number,
): Problem[] {
  const line = entity.plan.find((each) => "hold" in each && each.hold === notedWithoutRule);
  const unruled = new Set<string>(line === undefined ? [] : notedIn(line.when));
  const fields = Object.entries(entity.fields).flatMap(([field, { kind }]) =>
    findingsOf[kind].map((finding: Finding) => {
      const own = namedFinding(field, entity.fields, finding);
      return { finding, noted: own ?? finding, field, isTold: toldOfField.test(own ?? "") };
    }),
  );
  const ofRow = findingsOf.row.map((finding) => ({ finding, noted: finding, isTold: false }));
  const held = [...ofRow, ...fields].filter(
    ({ finding, noted, isTold }) =>
      !isTold && !told.has(finding) && (unruled.has(finding) || unruled.has(noted)),
  );
  return [...Map.groupBy(held, ({ noted }) => noted)]
    .filter(([noted]) => rowsWith(noted) > 0)
    .map(([noted, given]) => {
      const of = given.flatMap((each) => ("field" in each ? [each.field] : []));
      const about = of.length === 0 ? entity.from : of;
      const [{ finding }] = given as [(typeof given)[number]];
      return warning(
        "value_noted",
        about[0] ?? "",
        `${names(about)}, in some rows: ${saysOf[finding]} Whatever has it is held.`,
        `Let them go by a rule, { id: "${noted}", says: "…", when: noted("${noted}"), verdict: "note" }, or correct them in a copy of the source.`,
        rowsWith(noted),
      );
    });
}

/** What is wrong with keys that are texts, of rows that come by their keys. */
export class Keys {
  readonly #table: string;
  #before: string | null | undefined;
  #isAgain = false;
  #repeated = 0;
  #absent = 0;
  #unfit = 0;

  constructor(table: string) {
    this.#table = table;
  }

  note(parts: readonly (string | null | undefined)[]): void {
    const key = keyText(parts);
    const { reason } = normalizeKey(key);
    if (reason === "absent") {
      this.#absent += 1;
      return;
    }
    if (reason === "unfit" || isSpoiltKey(parts)) this.#unfit += 1;
    const again = key === this.#before;
    this.#repeated += again ? (this.#isAgain ? 1 : 2) : 0;
    this.#before = key;
    this.#isAgain = again;
  }

  problems(): Problem[] {
    const problem = (finding: KeyFinding, rows: number) =>
      rows === 0
        ? []
        : [
            warning(
              finding,
              this.#table,
              `“${this.#table}”, in some rows: ${saysOf[finding]} Whatever has it is held.`,
              finding === "key_unfit"
                ? "Correct them in a copy of the source, or export the column as text."
                : "Name a key that tells them apart, or several columns as one; or correct them in a copy of the source.",
              rows,
            ),
          ];
    return [
      ...problem("key_repeated", this.#repeated),
      ...problem("key_absent", this.#absent),
      ...problem("key_unfit", this.#unfit),
    ];
  }
}
