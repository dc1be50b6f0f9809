/** A target table as the catalogue describes it; `stages/dry-run/target-rules.ts` reads it. */
export interface TargetTable {
  readonly name: string;
  /** The catalogue's number of it. */
  readonly oid: string;
  readonly columns: readonly TargetColumn[];
  readonly checks: readonly TargetCheck[];
  readonly references: readonly TargetReference[];
  readonly keys: readonly TargetKey[];
  readonly exclusions: readonly TargetExclusion[];
}

export interface TargetColumn {
  readonly name: string;
  /** As `format_type` writes it, e.g. `character varying(40)`. */
  readonly type: string;
  /** The type below all of its domains, written in the same way. */
  readonly base: string;
  /** Whether null is refused, by the column or by its domain. */
  readonly required: boolean;
  /** Whether it gets a value where none is given: a default, an identity, a generated value. */
  readonly filled: boolean;
  /** Whether a trigger may give it a value where none is given: only an insert shows. */
  readonly triggered: boolean;
  /** Characters it holds, where that is limited. */
  readonly longest: number | null;
  /** The labels of an enumeration. */
  readonly labels: readonly string[] | null;
  /** Its default, where that is one value for all rows. */
  readonly constant: string | null;
  /** Its collation, quoted, where that takes texts for equal that are not the same to the letter. */
  readonly collation: string | null;
}

/** A condition over a row's own columns. */
interface TargetCheck {
  readonly name: string;
  readonly columns: readonly string[];
  readonly expression: string;
}

/** A foreign key: what is referred to, quoted with its schema. */
export interface TargetReference {
  readonly name: string;
  /** Of one partition's: what a row has to be to go there. */
  readonly where: string | null;
  /** The columns that {@link where} rests on. */
  readonly within: readonly string[];
  readonly columns: readonly string[];
  readonly table: string;
  /** The catalogue's number of that table. */
  readonly to: string;
  readonly others: readonly string[];
}

/** A unique index, with its columns, and its parts and condition as the catalogue writes them. */
export interface TargetKey {
  readonly name: string;
  readonly columns: readonly string[];
  readonly parts: readonly string[];
  readonly where: string | null;
  readonly nullsDistinct: boolean;
}

/**
 * A constraint that excludes rows by operators, one for each part, qualified; what of each is: equality as PostgreSQL groups
 * by it, or whether two ranges of PostgreSQL's own overlap.
 */
export interface TargetExclusion {
  readonly name: string;
  readonly columns: readonly string[];
  readonly parts: readonly string[];
  readonly operators: readonly string[];
  readonly kinds: readonly ("equal" | "overlap" | "other")[];
  readonly where: string | null;
}
