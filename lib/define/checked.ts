import type { Condition } from "./definition.ts";
import type { Undeclared, UndeclaredIn, UndeclaredOf } from "./source-columns.ts";

/** What types see of a definition while it is written. */
export interface Seen {
  readonly source: Readonly<Record<string, unknown>>;
  readonly references?: Readonly<Record<string, unknown>>;
  readonly entity: {
    readonly from: readonly string[];
    readonly fields: Readonly<Record<string, unknown>>;
    readonly decide: Readonly<Record<string, readonly Line[]>>;
    readonly validate?: readonly Line[];
    readonly actions: Readonly<Record<string, unknown>>;
    readonly plan: readonly Line[];
  };
}

export interface Line {
  readonly when: Condition;
}

/**
 * What a definition has to be beside its shape: each part that names something unknown has to be a sentence
 * about that, which it is not, so that the sentence is the compiler's message. What types cannot see
 * (formats, words of lists that are computed, circles) is said by `definitionFaults` (lib/stages).
 */
export type Checked<D extends Seen> = CheckedSource<D> & {
  readonly entity: {
    readonly from: Said<
      Exclude<D["entity"]["from"][number], keyof D["source"]>,
      "is no table of the source"
    >;
    readonly fields: {
      readonly [K in keyof D["entity"]["fields"]]: Sentence<
        Undeclared<D["source"], D["entity"]["from"][number], D["entity"]["fields"][K]>
      >;
    };
    readonly validate?: Lines<D, D["entity"]["validate"], Imported<D>, "a rule of validation">;
    readonly decide: {
      readonly [K in keyof D["entity"]["decide"]]: Decision<D, D["entity"]["decide"][K]>;
    };
    readonly plan: PlanOf<D>;
  };
};

/** Of whatever is migrated: what tables of the source, and references to things of the platform, are made of. */
export type CheckedSource<D extends Pick<Seen, "source" | "references">> = {
  readonly source: {
    readonly [K in keyof D["source"] & string]: Sentence<UndeclaredIn<D["source"], K>>;
  };
  readonly references?: {
    readonly [K in keyof D["references"]]: Sentence<UndeclaredOf<D["source"], D["references"][K]>>;
  };
};

/** Nothing to say, or the sentence; of names that are computed nothing is known. */
type Said<Names, Says extends string> = [Names] extends [never]
  ? unknown
  : string extends Names
    ? unknown
    : Wrong<`“${Names & string}” ${Says}.`>;
type Sentence<Says extends string> = [Says] extends [never] ? unknown : Wrong<Says>;

/** The compiler says that this is missing, and with it what is wrong. */
export interface Wrong<Says extends string> {
  readonly "what is wrong": Says;
}

type Lines<D extends Seen, L, Known, Where extends string> = L extends readonly (infer Each extends
  Line)[]
  ? Said<Exclude<NamesIn<Each["when"]>, Known>, `is nothing that ${Where} can look at`> &
      Said<
        Exclude<ReferencesIn<Each["when"]>, ReferencesOf<D>>,
        "is no reference of the definition"
      >
  : unknown;

type Decision<D extends Seen, L extends readonly Line[]> = Lines<D, L, Decided<D>, "a decision"> &
  EndsOtherwise<L>;

/** A list whose last line is known has to end with `otherwise`. */
type EndsOtherwise<L extends readonly Line[]> = L extends readonly [
  ...Line[],
  infer Last extends Line,
]
  ? Last["when"] extends { readonly all: readonly [] }
    ? unknown
    : Wrong<"The last line of a decision has to be “otherwise”: without it rows are left undecided.">
  : unknown;

type PlanOf<D extends Seen> = Lines<D, D["entity"]["plan"], Planned<D>, "a plan"> &
  Said<
    Exclude<CommitsIn<D["entity"]["plan"][number]>, keyof D["entity"]["actions"]>,
    "is no action of the definition"
  >;

type CommitsIn<L> = L extends { readonly commit: infer Action extends string } ? Action : never;

type FieldNames<D extends Seen> = keyof D["entity"]["fields"] & string;

/** Fields, the columns that are made of them, and what every row has. */
type Imported<D extends Seen> =
  | FieldNames<D>
  | `${FieldNames<D>}_${"raw" | "normalized" | "candidate" | "key" | "folded" | "plus" | "type" | "size" | "sha256"}`
  | "source_table"
  | "legacy_id";
type Decided<D extends Seen> = Imported<D> | (keyof D["entity"]["decide"] & string);
type Planned<D extends Seen> =
  | Decided<D>
  | "validation_status"
  | "duplicate_confidence"
  | "source_duplicate_confidence"
  | "high_hits"
  | "link_table"
  | "later_of_person"
  | "another_person"
  | "moved_before"
  | "there_is";

type ReferencesOf<D extends Seen> =
  D["references"] extends Readonly<Record<string, unknown>> ? keyof D["references"] : never;

/** The columns that a condition names, as far as they are known as literals. */
type NamesIn<C> = [Condition] extends [C]
  ? never
  : C extends { readonly field: infer N }
    ? N
    : C extends { readonly missing: infer N }
      ? N
      : C extends
            | { readonly present: infer N }
            | { readonly time: infer N }
            | { readonly dated: infer N }
            | { readonly number: infer N }
        ? N
        : C extends { readonly passed: infer N } | { readonly other: infer N }
          ? N
          : C extends { readonly before: infer N; readonly than: infer M }
            ? N | M
            : C extends { readonly there: string; readonly before: infer N }
              ? N
              : C extends { readonly all: readonly (infer Each)[] }
                ? NamesIn<Each>
                : C extends { readonly any: readonly (infer Each)[] }
                  ? NamesIn<Each>
                  : C extends { readonly not: infer Inner }
                    ? NamesIn<Inner>
                    : never;

type ReferencesIn<C> = [Condition] extends [C]
  ? never
  : C extends { readonly reference: infer N }
    ? N
    : C extends { readonly all: readonly (infer Each)[] }
      ? ReferencesIn<Each>
      : C extends { readonly any: readonly (infer Each)[] }
        ? ReferencesIn<Each>
        : C extends { readonly not: infer Inner }
          ? ReferencesIn<Inner>
          : never;
