import type { Migration } from "../../define/definition.ts";
import { notedIn } from "../../define/looked-at.ts";
import { wordOrShape } from "../../review/shape.ts";
import { count } from "../../services/words.ts";
import { settingsPrefix } from "../../sources/settings.ts";
import type { LegacyRow } from "../../sources/source.ts";
import { longestText } from "../../stages/import/clean-row.ts";
import { valueReader } from "../../stages/import/value-readers.ts";
import { names, type Problem, warning } from "../problem.ts";

/** Spellings of a status that are told one by one, the commonest. */
const mostWords = 200;

/** The spellings of a status that no decision looks for, with how many rows have each; null for none at all. */
export function unlistedWords({
  field,
  unlisted,
}: {
  readonly field: string;
  readonly unlisted: ReadonlyMap<string | null, number>;
}): readonly Problem[] {
  const words = [...unlisted].sort(([, one], [, other]) => other - one);
  const rarer = words.slice(mostWords);
  return [
    ...words
      .slice(0, mostWords)
      .map(([word, rows]) =>
        warning(
          "status_unlisted",
          field,
          word === null
            ? `“${field}” is empty in some rows, and no decision says what becomes of those.`
            : `“${word.slice(0, 60)}” of “${field}” is not looked for by any decision.`,
          "Say in a decision what it means; what nobody lists goes where “otherwise” says.",
          rows,
        ),
      ),
    ...(rarer.length === 0
      ? []
      : [
          warning(
            "status_unlisted",
            field,
            `${count(rarer.length)} rarer spellings of “${field}” are not looked for by any decision either.`,
            "Say of those above what they mean, and check again.",
            rarer.reduce((all, [, rows]) => all + rows, 0),
          ),
        ]),
  ];
}

/** Whether a rule says what becomes of rows of which that is noted. */
const isRuled = ({ entity }: Migration, finding: string): boolean =>
  entity.validate.some(
    ({ verdict, when }) => verdict !== "needs_review" && notedIn(when).includes(finding),
  );

/** That rows have damaged texts, which preflight says of each column, unless a rule lets them go. */
export function damagedTexts(migration: Migration, rows: number): readonly Problem[] {
  const { connection, entity, source } = migration;
  if (rows === 0 || isRuled(migration, "text_damaged")) return [];
  const settings = entity.from.map(
    (table) => `${settingsPrefix(source[table]?.connection ?? connection)}_DB_CHARSET`,
  );
  return [
    warning(
      "text_damaged",
      entity.from[0] ?? "",
      `A text in rows of ${names(entity.from)} is damaged, by a wrong character set or by signs of HTML such as &amp;: such a row is held.`,
      `Where whole columns of a MySQL or MariaDB are like that, name their character set, such as latin1, in ${[...new Set(settings)].join(" or ")}; else correct them in a copy of the source, or say by a rule about “text_damaged” what becomes of such rows.`,
      rows,
    ),
  ];
}

/** That rows have a text that is not kept whole, unless a rule lets them go without the rest. */
export function cutTexts(migration: Migration, rows: number): readonly Problem[] {
  const { entity } = migration;
  if (rows === 0 || isRuled(migration, "text_cut")) return [];
  return [
    warning(
      "text_cut",
      entity.from[0] ?? "",
      `A text in rows of ${names(entity.from)} is longer than what is kept of one, ${count(longestText)} characters: such a row is held.`,
      "Leave a column that nothing is made of out of the table’s columns, cut its texts in a copy of the source, or let such rows go without the rest by a rule about “text_cut”.",
      rows,
    ),
  ];
}

/** The words of choices that nobody listed, the commonest first: as they stand, or by the shape of what is about somebody. */
export class Choices {
  readonly #fields: readonly {
    readonly field: string;
    readonly from: string;
    readonly isUnlisted: (raw: string | null) => boolean;
    readonly words: Map<string, number>;
  }[];

  constructor({ entity }: Migration) {
    this.#fields = Object.entries(entity.fields).flatMap(([field, of]) => {
      if (of.kind !== "choice") return [];
      const read = valueReader(of);
      const isUnlisted = (raw: string | null) => read(raw).reason === "unlisted";
      return [{ field, from: of.from, isUnlisted, words: new Map<string, number>() }];
    });
  }

  note(row: LegacyRow, columns: readonly string[]): void {
    for (const { from, isUnlisted, words } of this.#fields) {
      const raw = row[columns.indexOf(from)] ?? null;
      if (raw === null || !isUnlisted(raw)) continue;
      const shown = wordOrShape(raw.trim(), null);
      words.set(shown, (words.get(shown) ?? 0) + 1);
    }
  }

  /** Problems of values that nobody listed, with what such rows hold. */
  besides(problems: readonly Problem[]): Problem[] {
    return problems.map((problem) => {
      const of = this.#fields.find(({ field }) => field === problem.about);
      if (problem.id !== "value_unlisted" || of === undefined || of.words.size === 0)
        return problem;
      const words = [...of.words].sort(([, one], [, other]) => other - one);
      return {
        ...problem,
        says: `${problem.says} They hold ${names(words.map(([word]) => word))}.`,
      };
    });
  }
}
