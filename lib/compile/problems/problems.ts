import type { Migration } from "../../define/definition.ts";
import { decisionColumns } from "../../define/looked-at.ts";
import type { Reconciled } from "../../define/reconcile.ts";
import { partsOf, type WholeMigration } from "../../define/several.ts";
import type { Watch } from "../../define/watch.ts";
import { stagedColumns } from "../columns.ts";
import { fieldProblems } from "./fields.ts";
import { keptProblems } from "./kept.ts";
import { madeProblems } from "./made.ts";
import { partedProblems } from "./parted.ts";
import { personalKeyProblems } from "./personal-keys.ts";
import { ruleProblems } from "./rules.ts";
import { sizeProblems } from "./size.ts";
import { stagedNameProblems } from "./staged-names.ts";
import { togetherProblems } from "./together.ts";
import { translationProblems } from "./translations.ts";

/**
 * What is wrong with a definition by itself, each in a sentence that says where and what would do: names
 * that nothing has, words that nothing is, lists that leave a row undecided. Nothing of it compiles to SQL
 * that could be asked for. Of formats of dates and zones, `definitionFaults` (lib/stages) tells, too.
 */
export function problemsOf(migration: WholeMigration): readonly string[] {
  const parts = partsOf(migration);
  const several = parts.length > 1;
  const said = (part: Migration, problem: string) =>
    several ? `Of “${part.part}”: ${problem}` : problem;
  const each = parts.flatMap((part) => ofPart(part).map((problem) => said(part, problem)));
  const problems = [
    ...new Set([
      ...madeProblems(migration),
      ...Object.entries(migration.source).flatMap(partedProblems),
      ...parts.flatMap(targetNameProblems),
      ...each,
      ...(several ? togetherProblems(migration, parts) : []),
      ...watchProblems(migration.watch ?? []),
      ...reconcileProblems(migration, parts),
      ...keptProblems(migration, parts),
      ...Object.keys(migration.documents ?? {}).flatMap(documentProblems),
      ...translationProblems(migration),
    ]),
  ];
  // Only of what is sound there are statements to look at, and to measure.
  return problems.length > 0
    ? problems
    : [
        ...stagedNameProblems(migration),
        ...parts.flatMap((part) => sizeProblems(part).map((problem) => said(part, problem))),
      ];
}

/** What waves write is kept by the names of tables, among which are those that every object has something under. */
const targetNameProblems = ({ entity }: Migration): string[] =>
  Object.values(entity.actions)
    .filter(({ into }) => into in {})
    .map(
      ({ into }) =>
        `The platform's table “${into}” cannot be written to: it is called as what every object has. Rename it there.`,
    );

/** Documents lie beside the files of a bundle, and replace none. */
const documentProblems = (name: string): string[] =>
  /^[a-z][a-z0-9-]{0,60}\.json$/u.test(name) && !ownFiles.has(name)
    ? []
    : [
        `“${name.slice(0, 60)}” cannot name a document of a bundle: a name is of small letters, digits and “-”, ends with “.json”, and is none of the bundle's own.`,
      ];
const ownFiles = new Set([
  ...["balance.json", "definition.json", "drill.json", "go-no-go.json", "manifest.json"],
  ...["migration-report.json", "questions.json", "samples.json", "sign-offs.json"],
  ...["signature.json", "summary.json", "verifications.json", "waves.json"],
]);

/** What is wrong with the figures that keep waves waiting. */
const watchProblems = (watches: readonly Watch[]): string[] =>
  watches.flatMap(({ id, sql, above, readings }, at) => [
    ...(watches.findIndex((each) => each.id === id) < at
      ? [`Two figures of \`watch\` are called “${id}”.`]
      : []),
    ...(/^\s*(select|with)\b/iu.test(sql) && !sql.includes(";")
      ? []
      : [`The figure “${id}” is read by one select, without a semicolon.`]),
    ...(Number.isFinite(above) ? [] : [`The limit of the figure “${id}” is no number.`]),
    ...(Number.isInteger(readings) && readings >= 1
      ? []
      : [`The figure “${id}” is read a whole number of times, one at least.`]),
  ]);

const select = /^\s*(select|with)\b/iu;

/** What is wrong with what is compared of people at a run's end. */
function reconcileProblems(
  { reconcile, inPlace, settings = {} }: WholeMigration,
  parts: readonly Migration[],
): string[] {
  if (reconcile === undefined) return [];
  const { people, sides } = reconcile;
  const known = new Set(["began", ...Object.keys(settings)]);
  const ofSide = ({ id, of, named, things, entries }: Reconciled, at: number): string[] => {
    const part = parts.find((each) => each.part === of);
    const columns = part && stagedColumns(part).map(([name]) => name);
    const places = [...`${things} ${entries}`.matchAll(/\{([a-z_]+)\}/gu)].map(([, name]) => name);
    return [
      ...(sides.findIndex((each) => each.id === id) < at
        ? [`Two sides of \`reconcile\` are called “${id}”.`]
        : []),
      ...([things, entries].every((sql) => select.test(sql) && !sql.includes(";"))
        ? []
        : [`“${id}” is compared by two selects, without semicolons.`]),
      ...(columns === undefined ? [`“${id}” is of “${of}”, which is no kind of things.`] : []),
      ...named
        .filter((name) => columns?.includes(name) === false)
        .map((name) => `“${id}” is named by “${name}”, which “${of}” does not have.`),
      ...places
        .filter((name) => !known.has(name ?? ""))
        .map((name) => `“${id}” asks for {${name}}, which is neither {began} nor a setting.`),
    ];
  };
  return [
    ...(inPlace
      ? []
      : ["Only what lies on the platform itself is compared by `reconcile`: set `inPlace`."]),
    ...(Number.isInteger(people) && people >= 1 && people <= 1_000
      ? []
      : ["People who are drawn for `reconcile` are a whole number from 1 to 1,000."]),
    ...sides.flatMap(ofSide),
  ];
}

function ofPart(migration: Migration): readonly string[] {
  try {
    decisionColumns(migration);
  } catch (error) {
    // Without an order of decisions there are no columns to speak of.
    return [(error as Error).message];
  }
  const problems = [...fieldProblems(migration), ...ruleProblems(migration)];
  // What is not there is of no kind.
  return problems.length > 0 ? problems : personalKeyProblems(migration);
}
