import { checkAround } from "../../author/check/around.ts";
import { checkLabels } from "../../author/check/labels.ts";
import { checkSource, type Looked } from "../../author/check/source.ts";
import { checkTarget } from "../../author/check/target.ts";
import { checkWords } from "../../author/check/words.ts";
import { type Located, locate } from "../../author/lines.ts";
import { about, error, names, type Problem, warning } from "../../author/problem.ts";
import type { Ask } from "../../author/target.ts";
import { saidOnPages, untold } from "../../compile/problems/translations.ts";
import type { Database } from "../../data/database.ts";
import { rowsWhole } from "../../data/records.ts";
import { raw } from "../../data/sql.ts";
import { partsOf, type WholeMigration } from "../../define/several.ts";
import { count, several } from "../../services/words.ts";
import { openLegacy } from "../../sources/legacy.ts";
import { openSource } from "../../sources/open.ts";
import { sourceSettings } from "../../sources/settings.ts";
import { languages } from "../../speech/language.ts";
import { speech } from "../../speech/speech.ts";
import { definitionFaults } from "../../stages/preflight/definition-faults.ts";
import { takenNames } from "../../stages/set-up/own-names.ts";
import { pathOfAnybody } from "../../stages/set-up/platform.ts";
import type { Answer, Frame } from "../command.ts";
import { CannotRun } from "../failure.ts";
import { migrationNamed, projectFolder } from "../migrations.ts";
import { printable } from "../table.ts";
import { askingUrl } from "./ask-url.ts";
import { withAws } from "./with-aws.ts";

/** `wavegate check NAME`: holds a definition against both sides, and writes nothing. */
export async function check(
  frame: Frame,
  name: string,
  options: { target?: string },
): Promise<Answer> {
  const migration = migrationNamed(name);
  const itself = await ofItself(migration);
  try {
    const { problems: source, looked } = await ofSource(frame, migration);
    const target = await ofTarget(frame, migration, options.target);
    return answer(
      name,
      [...itself, ...untranslated(migration), ...source, ...target, ...unspoken(migration)],
      looked,
    );
  } catch (failed) {
    // What is wrong by itself may have no question to ask of a side.
    if (failed instanceof CannotRun || !itself.some(({ level }) => level === "error")) throw failed;
    return answer(name, itself, []);
  }
}

/** What set-up and preflight would refuse about a definition without looking at a side, each once. */
export async function ofItself(migration: WholeMigration): Promise<Problem[]> {
  const words = partsOf(migration).flatMap((part) =>
    about(part.part, [...checkWords(part), ...checkLabels(part)]),
  );
  const said = words.filter(({ level }) => level === "error").map((each) => `“${each.about}”`);
  const all = definitionFaults(migration);
  // Only what is sound could be made under any name.
  const faults = (all.length === 0 ? await takenNames(migration) : all).filter(
    (fault) => !said.some((name) => fault.includes(name)),
  );
  return [...words, ...faults.map(ofFault)];
}

/** A fault stands where what it names stands. */
function ofFault(fault: string): Problem {
  const [, of] = /^Of “([^”]+)”: /u.exec(fault) ?? [];
  const says = of === undefined ? fault : fault.slice(`Of “${of}”: `.length);
  const [, named = ""] = /“([^”]+)”/u.exec(says) ?? [];
  const [found] = about(of, [error("definition", named, says, "")]);
  return found as Problem;
}

async function ofSource(
  { io }: Frame,
  migration: WholeMigration,
): Promise<{ problems: Problem[]; looked: Looked[] }> {
  const open = async (connection: string) => openSource(sourceSettings(connection, io.env));
  await using source = await openLegacy(open, migration.connection, migration.source);
  return await checkSource(migration, source, new Date().toISOString().slice(0, 10));
}

/** The platform by its own address, or as the place has it. */
async function ofTarget(frame: Frame, migration: WholeMigration, url?: string): Promise<Problem[]> {
  if (url !== undefined) return askingUrl(url, (ask) => eachTarget(migration, ask));
  let problems: Problem[] = [];
  await withAws(frame, async ({ db }) => {
    problems = await askingPlace(db, (ask) => eachTarget(migration, ask));
    return { text: [], json: null };
  });
  return problems;
}

/** Asks the platform as the place has it. A session that began before it was told where to look has the earlier path. */
export const askingPlace = <Found>(
  db: Database,
  work: (ask: Ask) => Promise<Found>,
): Promise<Found> =>
  db.transaction(async (looking) => {
    await looking.rows(raw(pathOfAnybody));
    // A savepoint, which a question may set that the platform may fail at, is no query that is read in pieces.
    const isSavepoint = /^(?:savepoint|rollback to savepoint|release savepoint) /u;
    return work((text) =>
      isSavepoint.test(text) ? looking.rows(raw(text)) : rowsWhole(looking, raw(text)),
    );
  });

/** What of the platform each kind of things lacks, and what acts around its tables, where all of them are there. */
export async function eachTarget(migration: WholeMigration, ask: Ask): Promise<Problem[]> {
  const found: Problem[] = [];
  for (const part of partsOf(migration)) {
    found.push(...about(part.part, await checkTarget(part, ask)));
  }
  if (!found.some(({ id }) => isNotThere(id))) found.push(...(await checkAround(migration, ask)));
  const known = new Set<string>();
  return found.filter((problem) => {
    const text = JSON.stringify({ ...problem, of: undefined });
    if (known.has(text)) return false;
    known.add(text);
    return true;
  });
}

/** Around tables that are not there nothing is to be seen. */
const isNotThere = (id: string): boolean => /^target_(table_\w+|column_missing)$/u.test(id);

const untranslated = (migration: WholeMigration): Problem[] =>
  untold(migration).map(({ language, text }) =>
    warning(
      "translation_unused",
      text,
      `“${text.slice(0, 80)}” is translated (${language}), and nothing in the definition says it.`,
      "Write it as it stands there, or take it out.",
    ),
  );

/** Languages of pages that a definition, which is written in one, may not speak. */
const otherLanguages = languages.filter((language) => language !== "en");

/** What pages of another language say as it stands, as the definition has no words of it: one warning for a language. */
export const unspoken = (migration: WholeMigration): Problem[] =>
  otherLanguages.flatMap((language) => {
    const { said } = speech(language, migration);
    const own = migration.translations?.[language] ?? {};
    const left = saidOnPages(migration).filter(
      (text) => !Object.hasOwn(own, text) && said(text) === text,
    );
    const [first] = left;
    if (first === undefined) return [];
    return [
      warning(
        "translation_missing",
        first,
        `${several(left.length, "sentence")} of the definition (${names(left, 3)}) ${left.length === 1 ? "has" : "have"} no words in “${language}”: pages in that language show ${left.length === 1 ? "it" : "them"} as ${left.length === 1 ? "it stands" : "they stand"}.`,
        `Give them, each under the sentence itself: translations: { ${language}: { ${JSON.stringify(first)}: "…" } }. Nobody has to.`,
      ),
    ];
  });

function answer(name: string, problems: readonly Problem[], looked: readonly Looked[]): Answer {
  const located = locate(projectFolder, name, problems);
  const errors = located.filter(({ level }) => level === "error");
  const warnings = located.filter(({ level }) => level === "warning");
  return {
    exit: errors.length > 0 ? 1 : 0,
    json: {
      migration: name,
      errors: errors.length,
      warnings: warnings.length,
      looked,
      problems: located,
    },
    text: [
      ...[...errors, ...warnings].flatMap(problemLines),
      ...looked.map(
        ({ table, rows, of }) =>
          `Looked at ${rows < of ? `the first ${count(rows)} of ${count(of)} rows` : several(rows, "row")} of ${table}.`,
      ),
      errors.length === 0
        ? `${name} fits both sides${warnings.length === 0 ? "" : `; ${several(warnings.length, "thing")} to look at`}. Nothing was written.`
        : `${several(errors.length, "error")} and ${several(warnings.length, "warning")}. Nothing was written.`,
    ],
  };
}

/** A problem with its place, and what to do about it. */
export const problemLines = ({ level, file, line, says, remedy, rows }: Located): string[] => [
  `${file}${line === null ? "" : `:${line}`}: ${level}: ${printable(says)}${rows === undefined ? "" : ` (${several(rows, "row")})`}`,
  ...(remedy === "" ? [] : [`  ${printable(remedy)}`]),
];
