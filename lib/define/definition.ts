/**
 * The vocabulary a migration is written in. A definition is plain data: no functions, no I/O, so
 * that it can be hashed, shown to an approver, compared with an earlier one, and compiled to SQL.
 * `docs/vocabulary.md` and `docs/fields.md` explain each word with an example.
 */

import type { AuditViews } from "./audit-views.ts";
import type { Condition } from "./condition.ts";
import type { Feature } from "./feature.ts";
import type { Field, MainKind } from "./fields.ts";
import type { Same, SameAs, There } from "./identity.ts";
import type { SourceKey } from "./keys.ts";
import type { Made } from "./made-of.ts";
import type { Parted } from "./parted.ts";
import type { Check, GoNoGoWords } from "./proof.ts";
import type { Reconcile } from "./reconcile.ts";
import type { IdType, Reference } from "./reference.ts";
import type { EntityReference } from "./reference-above.ts";
import type { Report, SampleQuota, Stop } from "./report.ts";
import type { Room } from "./room.ts";
import type { Setting } from "./setting.ts";
import type { Value } from "./value.ts";
import type { Watch } from "./watch.ts";

export type { Condition } from "./condition.ts";
export type { Field, MainKind, Moment } from "./fields.ts";
export type { Only, Same, SameAs, There, Update, Updated } from "./identity.ts";
export type {
  CodedReference,
  IdType,
  NamedReference,
  Reference,
  ReferenceTypes,
} from "./reference.ts";
export type { Asks, Besides, EntityReference } from "./reference-above.ts";
export type { Count, Measure, Report, SampleQuota, Section, Stop } from "./report.ts";
export type { Value } from "./value.ts";

/** A table of the legacy system: what tells its rows apart, and the columns that are read, in order. */
export interface SourceTable {
  readonly key: SourceKey;
  readonly columns: readonly string[];
  /**
   * Other names under which a source may have a column: of all of them it has one. A column that stands here with
   * none may be missing, and is null then.
   */
  readonly named?: Readonly<Record<string, readonly string[]>>;
  /** Columns that, where they are empty, hold what another row of the table has that the row names. */
  readonly inherited?: Readonly<Record<string, Inherited>>;
  /** Columns that are parts of others, by what they are parts of. */
  readonly parted?: Readonly<Record<string, Parted>>;
  /** A catalogue: its rows as the definition has them, column by column; nothing is read from the source then. */
  readonly rows?: readonly (readonly (string | null)[])[];
  /** The connection it is read from, where that is another than the migration's. */
  readonly connection?: string;
  /** How its rows are made of staged rows of other tables; nothing is read from the source then. */
  readonly made?: Made;
}

/** Whose value a row takes where its own is missing. */
export interface Inherited {
  /** The column that names the other row. */
  readonly named: string;
  /** The columns of the other row of which one is what is named, whatever the case of its letters. */
  readonly by: readonly string[];
}

/**
 * One line of a decision: what the row is where the condition holds. The first line that applies wins,
 * and the last one always does: its condition is `otherwise`.
 */
export interface DecisionLine {
  readonly is: string;
  readonly when: Condition;
}

/**
 * What is decided about every row, by the staged column that keeps it. A decision may look at others:
 * they are made in the order that follows from that, so the order of writing means nothing.
 */
export type Decisions = Readonly<Record<string, readonly DecisionLine[]>>;

/** A rule about whether a row can be trusted; the worst verdict wins, every rule that fired is listed (D9). */
export interface ValidationRule {
  readonly id: string;
  readonly says: string;
  readonly when: Condition;
  readonly verdict: "failed" | "needs_review" | "note";
}

/** A platform table whose rows may be the same person as a staged row (M7). */
export interface MatchTarget {
  readonly table: string;
  readonly id: string;
  readonly idType?: IdType;
  /** What it has of a person: any of these. */
  readonly name?: string;
  readonly phone?: string;
  readonly email?: string;
  readonly birthDate?: string;
  /**
   * Which of its rows are people that a row may be, by what columns of them hold: `nothing` or a constant. Others, such
   * as those that the platform took for deleted, are no hint, and nobody is linked to them.
   */
  readonly where?: Readonly<Record<string, Value>>;
  /** Column that holds the run which made the row; rows of the run itself are not hints. */
  readonly madeByRun?: string;
  /** Staging column that keeps a link to a row of this table. */
  readonly linkedAs: string;
}

export interface Matching {
  /** In order of preference: a link goes to the first table that has exactly one high hit (D28). */
  readonly against: readonly MatchTarget[];
  /** Trigram similarity for a low hint with the same birth date (D7). */
  readonly similarity: number;
  /** A block of equal names, or of candidates, larger than this is capped and reported as capped (D7). */
  readonly cap: number;
  /** Classifications of which only the earliest of one person commits (D8). */
  readonly onePerPerson: readonly string[];
}

/**
 * What names a new row. A column alone is an integer that its sequence or identity draws.
 *
 * `drawn`: whatever the column's own default gives, such as a UUID, `beside` what is given of a key of several columns. `kept`: one or several columns with the
 * values that name it. `derived`: a UUID made of staged columns, the same whenever it is made.
 */
export type TargetKey =
  | string
  | { readonly drawn: string; readonly beside?: Readonly<Record<string, Value>> }
  | { readonly kept: Readonly<Record<string, Value>> }
  | { readonly derived: string; readonly from: readonly string[] };

/** What a commit writes for one row. Its inverse is fixed: created rows are deleted, links cleared (M12, D17). */
export interface InsertAction {
  readonly into: string;
  readonly id: TargetKey;
  readonly values: Readonly<Record<string, Value>>;
  /** Platform columns that say "this legacy row was moved already", whichever run did it. */
  readonly identity?: Readonly<Record<string, Value>>;
  /** Staging column that keeps the new row's id; as a text where it is no drawn integer. */
  readonly importedAs: string;
  /** The field whose file is copied before the row is written; without a copy that was verified it is not. */
  readonly copies?: string;
  readonly inverse: "delete_created";
}

/** One line of the plan: the first that applies decides what a wave does with a row (D28). */
export type PlanRule = { readonly when: Condition; readonly says: string } & (
  | { readonly hold: string }
  /** Held, and told where the run ends: its exit code is 1. */
  | { readonly conflict: string }
  | { readonly fail: string }
  | { readonly skip: string }
  /** Link only: nothing is created. */
  | { readonly link: true }
  /** `note`: what is to be known about it, as `planned_reason`. */
  | { readonly commit: string; readonly note?: string }
);

/** A view for auditors: its columns in order, each with the staged column that it shows. */
export interface StagingView {
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly of: string }[];
}

/**
 * Of rows that hold the same in all of these fields the first is as others are, and the others are later ones
 * (`later_of_person`), whatever becomes of the first. A row that lacks one of the fields is neither. Letters may be
 * compared in any case, and one time or number may lie near that of the row before it: such rows follow each other as
 * one chain, of which all but the first are later ones, however far its ends lie apart.
 */
export interface Once {
  readonly fields: readonly (string | SameAs)[];
  /**
   * By what the first is the first: the least of a field, or the most of it. Rows without it come last, and the legacy
   * key decides between equals.
   */
  readonly by: readonly (string | { readonly most: string })[];
  /** Which rows count, by their fields: others are neither the first nor later ones. */
  readonly where?: Condition;
}

/** The kind of thing that is staged and judged row by row. */
export interface Entity {
  readonly from: readonly string[];
  readonly staging: {
    readonly table: string;
    /** Further views over the staged rows of which something is decided. */
    readonly views?: readonly StagingView[];
  };
  readonly fields: Readonly<Record<string, Field>>;
  /** Rows of entities above that a row refers to, by the name the definition gives them. */
  readonly refs?: Readonly<Record<string, EntityReference>>;
  /** Which field of a kind is meant where there are several: the first that was written. */
  readonly main: Readonly<Partial<Record<MainKind, string>>>;
  /** Of several each counts by itself: a later row by one of them is a later one. */
  readonly once?: Once | readonly Once[];
  readonly validate: readonly ValidationRule[];
  /** `classification` says what each row appears to be (M3): waves and focus go by it. */
  readonly decide: Decisions;
  readonly match: Matching;
  readonly actions: Readonly<Record<string, InsertAction>>;
  /** How it is told that a row is there already, in whichever of these ways; and what becomes of it then. */
  readonly is?: readonly Same[];
  readonly there?: There;
  /** How many of it fit under another row of the platform. */
  readonly room?: Room;
  readonly plan: readonly PlanRule[];
}

/**
 * Something the platform does by itself when a row is written or taken back, which somebody looked at:
 * `harmless` to people, or `detached` for the time of the run; or it `keeps` columns of rows that waves write, such as a
 * sum: what those hold is the platform's, and no wave gives them a value. `says` is the reason, in a sentence.
 */
export type Effect =
  | { readonly kind: "harmless" | "detached"; readonly says: string }
  | { readonly kind: "keeps"; readonly says: string; readonly kept: readonly KeptColumns[] };

/** Columns of a target that the platform keeps by itself. */
export interface KeptColumns {
  readonly table: string;
  readonly columns: readonly string[];
}

/** Columns of a platform table that name rows of a target table, with a foreign key or without one. */
export interface Referrer {
  readonly table: string;
  readonly columns: readonly string[];
  readonly target: string;
  /** Columns of the target that the columns stand for, in the same order. */
  readonly targetColumns: readonly string[];
}

/**
 * A migration of one kind of things, or what a migration of several is to one of them (`several.ts`):
 * rows are judged and written by one of these.
 */
export interface Migration {
  readonly name: string;
  /** Of a migration of several kinds of things: which of them this is, and those above it, in order. */
  readonly part?: string;
  readonly above?: readonly Migration[];
  readonly title: string;
  readonly connection: string;
  readonly source: Readonly<Record<string, SourceTable>>;
  /** What is read lies on the platform itself: the source is the target's database, by a role that can only read. */
  readonly inPlace?: true;
  readonly references: Readonly<Record<string, Reference>>;
  readonly entity: Entity;
  readonly focus: {
    readonly default: string;
    readonly modes: Readonly<Record<string, readonly string[]>>;
  };
  readonly waves: {
    /** Rows of each wave; the last size repeats (R15, D14). */
    readonly plan: readonly number[];
    /** Classifications in the order in which they are committed (R16). */
    readonly order: readonly string[];
    /** Classifications wave one may take (R11). */
    readonly first: readonly string[];
  };
  readonly report: Report;
  /** Beside these every migration stops when a sampled row was judged wrong. */
  readonly stops: readonly Stop[];
  readonly samples: readonly SampleQuota[];
  /** What whoever starts a run acknowledges about what comes first (R1): “That … comes first”. */
  readonly priority?: string;
  /** What each wave is checked for (R13), beside its summary, its ledger and the guarded tables. */
  readonly checks?: readonly Check[];
  /** The go/no-go list (R18) in words of its own; what it does not name is in the engine's. */
  readonly goNoGo?: readonly GoNoGoWords[];
  /** Platform tables that no wave may change; their digests are taken before and after (R12, R13). */
  readonly guarded: readonly string[];
  /** Platform tables the engine reads besides targets and guarded ones. */
  readonly reads: readonly string[];
  /**
   * What the platform does by itself and somebody looked at: a trigger or rule as `table.name`, or a
   * table that such a thing writes. One that is not named stops preflight, or takes the wave back; a
   * guarded table is never excused.
   */
  readonly effects?: Readonly<Record<string, Effect>>;
  /** What refers to rows that a wave creates: rollback spares a row that is referred to (D16). */
  readonly refersTo?: readonly Referrer[];
  /** What lies in every audit bundle beside the run's own files, by file name: settings that were agreed on with it. */
  readonly documents?: Readonly<Record<string, unknown>>;
  /** Figures of the platform that keep the next wave waiting while they are too high (C4). */
  readonly watch?: readonly Watch[];
  /** What of the platform people get only after a run was verified (C6). */
  readonly features?: readonly Feature[];
  /** Views in which the platform's auditors find what became of every row. */
  readonly audit?: AuditViews;
  /** Figures of the platform that are read once a run is written, each at most its `above`. */
  readonly figures?: readonly Watch[];
  /** What is compared on both sides of the platform once a run is written, of people who are drawn anew (C8). */
  readonly reconcile?: Reconcile;
  /** What whoever starts a run may say of it, by name. */
  readonly settings?: Readonly<Record<string, Setting>>;
  /**
   * What pages show instead of a sentence or a name of this definition, by language of two letters: of a team that
   * works in French, `{ fr: { "No usable name.": "Aucun nom utilisable." } }`.
   */
  readonly translations?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

type Filled =
  | "references"
  | "focus"
  | "waves"
  | "report"
  | "stops"
  | "samples"
  | "guarded"
  | "reads";
type FilledOfEntity = "staging" | "main" | "validate" | "match";

/** A migration as it is written: what is left out is filled in by `defineMigration`, for all to see. */
export type Definition = Omit<Migration, Filled | "entity" | "part" | "above"> &
  Partial<Pick<Migration, Exclude<Filled, "waves">>> & {
    readonly waves?: Partial<Migration["waves"]>;
    readonly entity: Omit<Entity, FilledOfEntity | "decide"> &
      Partial<Pick<Entity, FilledOfEntity>> & {
        // That a list has a last line is how types see that it is `otherwise`.
        readonly decide: Readonly<
          Record<string, readonly DecisionLine[] | readonly [DecisionLine, ...DecisionLine[]]>
        >;
      };
  };
