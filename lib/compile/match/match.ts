import { raw, type Sql, sql, uuid } from "../../data/sql.ts";
import type { MatchTarget, Migration } from "../../define/definition.ts";
import { oncesOf } from "../../define/identity.ts";
import { mainField } from "../columns.ts";
import { gatherStatistics } from "../statistics.ts";
import { sameContacts } from "./contacts.ts";
import { type ContactKind, contactKinds, type MatchContext, type Numbering } from "./context.ts";
import { sameNames } from "./names.ts";
import { namesOfUndatedPeople, namesOfUndatedRows, tooLongNames } from "./one-edit.ts";
import { similarNames } from "./similar.ts";
import { copyPeople } from "./snapshots.ts";
import { laterOfOnce, laterOfPerson } from "./source.ts";

/** One step of matching: what it does in a word, and its statements, which belong together. */
export interface MatchStep {
  readonly name: string;
  /** The step of its round that ends before this one begins; it stands before it. */
  readonly behind?: string;
  readonly statements: readonly Sql[];
  /** The same where they may have been executed already, as only the answer was lost: what is there stays. */
  readonly again: readonly Sql[];
  /** Its share of the time, measured at a million rows: for the time left (W11). */
  readonly weight: number;
}

/** How much is compared, by which the work is done in parts. */
export interface Compared {
  /** Staged rows or people of the platform, whichever are more. */
  readonly rows: number;
  /** Pairs of one birth date, in the source and with the platform: some tenth of them have names that begin alike. */
  readonly pairs: number;
  /**
   * Rows without a birth date, whose names are compared by their edits in every order, and a twentieth of the platform's
   * people, with whose names they are: one of those costs that much less.
   */
  readonly undated: number;
  /** Rows of a birth date that so many have that it is compared by other, rarer blocks. */
  readonly common: number;
}

/** What one statement may compare: some seconds' work, far from the Data API's 45 s on a machine that has other work. */
const perPart: Omit<Compared, "common"> = {
  rows: 500_000,
  pairs: 20_000_000,
  undated: 150_000,
};

/** Pairs of one birth date a row from which on names are signed: that costs a row what trigrams among fifteen such pairs do. */
const signedFrom = 16;

/** Of pairs of a common date only those are counted whose names begin alike: where all are alike, they cost so many times as much. */
const commonlySimilar = 4;

/** What finding contacts of a kind weighs, in seconds of a million rows: nearly all have a phone, some two. */
const weightOfContacts = { phone: 4.2, email: 1.2 };
const weightOf = (kinds: readonly ContactKind[]): number =>
  kinds.reduce((sum, kind) => sum + weightOfContacts[kind], 0);

/**
 * Matching in rounds: what was found before is forgotten, then the platform's people are copied in
 * the form that is compared, then everything is found anew, the steps of a round in any
 * order: the longest first, so that none is left alone at the end. Pairs are never formed from junk: only validated contacts match (high), groups are joined by
 * `(row, first of the group, size)`, similar names by blocks, and what is too common is capped (D7).
 *
 * @param numbering of the definition's region, by which the platform's phone fields are read
 * @param compared how much there is: beyond {@link perPart} the work is done in parts
 * @param kinds all kinds of things, of which the one with contacts is matched
 */
export function matchRounds(
  migration: Migration,
  run: string,
  compared: Compared,
  numbering: Numbering,
  most = perPart,
  kinds: readonly Migration[] = [migration],
): readonly (readonly MatchStep[])[] {
  const ofRows = Math.max(1, Math.ceil(compared.rows / most.rows));
  const ofPairs = Math.max(ofRows, Math.ceil(compared.pairs / most.pairs));
  const ofUndated = Math.max(1, Math.ceil(compared.undated / most.undated));
  const areSigned = compared.pairs > signedFrom * compared.rows || compared.common > 0;
  const id = sql`${uuid(run)}`;
  const stepsOf =
    (of: number) =>
    (name: string, weight: number, statement: (part: MatchContext) => Sql): readonly MatchStep[] =>
      Array.from({ length: of }, (_, at) => ({
        name: of === 1 ? name : `${name}, part ${at + 1} of ${of}`,
        weight: weight / of,
        ...onceOrAgain((again) => [
          statement({ migration, run: id, part: { at, of }, numbering, again }),
        ]),
      }));
  const step = stepsOf(ofRows);
  const ofHalf = Math.ceil(ofRows / 2);
  const ofFew = Math.ceil(ofRows / 4);
  const emptied = (table: string) => sql`delete from wavegate.${raw(table)} where run_id = ${id}`;
  const found = [
    "duplicate_hints",
    "source_hints",
    "capped_groups",
    "match_people",
    "match_moments",
  ];
  const begun = sql`insert into wavegate.match_moments (run_id) values (${id})`;
  const { against, onePerPerson } = migration.entity.match;
  const kindsOfContact = contactKinds(migration);
  // Of many rows each kind by itself, in half as many parts: each reads all rows once for every field.
  const contactSteps = (
    ofRows === 1 ? [kindsOfContact] : kindsOfContact.map((kind) => [kind])
  ).filter((kinds) => kinds.length > 0);
  const named = mainField(migration, "name") !== undefined;
  const born = mainField(migration, "birth_date") !== undefined;
  const phones = mainField(migration, "phone") !== undefined;
  // What neither side can have in common is not looked for.
  const met = (has: (target: MatchTarget) => unknown) => against.some((target) => has(target));
  const given = (holds: boolean, steps: () => readonly MatchStep[]) => (holds ? steps() : []);
  return [
    [{ name: "forget", weight: 0.2, ...onceOrAgain(() => [...found.map(emptied), begun]) }],
    [
      ...kinds.flatMap((kind) => {
        const onces = oncesOf(kind.entity);
        if (onces.length === 0) return [];
        return [
          {
            name: `once each, ${kind.entity.staging.table}`,
            weight: onces.length,
            // Of one row that is a later one behind the same first by several of them the first says how many there are.
            ...onceOrAgain((again) =>
              onces.map((once, nth) => laterOfOnce(kind, run, once, again || nth > 0)),
            ),
          },
        ];
      }),
      ...against.flatMap((target) =>
        step(`look at ${target.table}`, 5.3 / against.length, (part) => copyPeople(target, part)),
      ),
    ],
    [
      {
        name: "statistics",
        weight: 0.1,
        ...onceOrAgain(() => [gatherStatistics("match_people")]),
      },
    ],
    [
      ...given(named && born, () =>
        stepsOf(ofPairs)("similar names", 12.7, (part) =>
          similarNames(part, most.pairs / commonlySimilar, areSigned),
        ),
      ),
      ...contactSteps.flatMap((these, nth) =>
        stepsOf(ofHalf)(`same ${these.join(" or ")}`, weightOf(these), (part) =>
          sameContacts(part, these, {
            people: these.filter((kind) => met((target) => target[kind])),
            first: nth === 0,
          }),
        ).map((each) =>
          nth > 0 && ofHalf === 1 ? { ...each, behind: `same ${contactSteps[0]}` } : each,
        ),
      ),
      ...given(named && met(({ name }) => name), () =>
        stepsOf(ofUndated)("name within one edit", 4.6, namesOfUndatedRows),
      ),
      ...given(named && (born || phones), () =>
        stepsOf(ofHalf)("same name", 4.1, (part) =>
          sameNames(part, {
            birthDate: born && met(({ name, birthDate }) => name && birthDate),
            phone: phones && met(({ name, phone }) => name && phone),
          }),
        ),
      ),
      ...given(named && born && met(({ name }) => name), () =>
        stepsOf(ofHalf)("name within one edit, people", 2.1, namesOfUndatedPeople),
      ),
      // Nothing is compared: each part would only read all rows once more.
      ...given(named, () => stepsOf(ofFew)("too long names", 0.5, tooLongNames)),
    ],
    ["source_hints", "duplicate_hints"].map((table) => ({
      name: `statistics of ${table}`,
      weight: 0,
      ...onceOrAgain(() => [gatherStatistics(table)]),
    })),
    given(kindsOfContact.length > 0 && onePerPerson.length > 0, () =>
      step("later rows of one person", 0.7, laterOfPerson),
    ),
  ]
    .filter((steps) => steps.length > 0)
    .map((steps) => steps.toSorted((one, other) => other.weight - one.weight));
}

/** What a step does, and does where it may have been done. */
const onceOrAgain = (
  statements: (again: boolean) => readonly Sql[],
): Pick<MatchStep, "statements" | "again"> => ({
  statements: statements(false),
  again: statements(true),
});
