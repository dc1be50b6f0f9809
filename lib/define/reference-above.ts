/**
 * What a row refers to among the rows of an entity above it, or of its own: what this run wrote, linked or found there,
 * an earlier run wrote, or the dry run plans to write.
 */
export interface EntityReference {
  /** The entity: one above, or the one whose reference it is, as categories have a category above them. */
  readonly to: string;
  /**
   * By which fields of that entity it is found, each with the field of this one that holds the same. Under
   * `legacy_id` stands what names the row in the legacy system.
   */
  readonly by: Readonly<Record<string, string>>;
  /** A row that names nothing is right: what is made of it is null then, and never else. */
  readonly optional?: true;
  /**
   * The field names rows of several entities, as a column that says what a note is about does: what is no row of this one
   * names none of it. A row that names none of any of them is held (`names_nothing_known`), unless the plan says otherwise.
   */
  readonly others?: true;
  /** Rows of other entities above that have to be there beside it: of several rows it is one that has them. */
  readonly beside?: readonly Besides[];
  /** Where only a guess could tell which of several is meant, a person says it, row by row. */
  readonly asks?: Asks;
}

/** What a person is asked about a row of which several rows above could be meant: a mapping like any other. */
export interface Asks {
  /** The mapping's name. */
  readonly as: string;
  /** What is shown of each that could be meant beside its key: a field of a row that it refers to. */
  readonly shows?: { readonly of: string; readonly field: string };
}

/** A row that has to be there for another to be the one that is referred to. */
export interface Besides {
  readonly entity: string;
  /** Its fields, each with the field of this row, or of the one that would be referred to, that holds the same. */
  readonly same: Readonly<Record<string, string | { readonly theirs: string }>>;
  /** Which word a field of it holds. */
  readonly is?: Readonly<Record<string, string>>;
  /**
   * A time of it, with a time of this row: of several rows that could be meant it is rather one beside which that
   * time is not after this row's.
   */
  readonly rather?: readonly [time: string, notAfter: string];
}

/**
 * What the row is that another refers to: `there` (it stands, or a wave before writes it), `waits` (held),
 * `out` (skipped or failed, and not on the platform), `absent` (no such row), `several`, or `none` (nothing is named).
 */
const statesAbove = ["there", "waits", "out", "absent", "several", "none"] as const;
/** What it is besides where rows refer to rows of their own entity: one that comes back to the row itself. */
export const inCircle = "circle";
type StateAbove = (typeof statesAbove)[number] | typeof inCircle;

/** The states of a reference of an entity. */
export const statesOfRef = (to: string, own: string | undefined): readonly StateAbove[] =>
  to === own ? [...statesAbove, inCircle] : statesAbove;

/**
 * A row of an entity above: by the field that holds what names it in the legacy system, or by fields of that
 * entity, each with the one of this that holds the same, `ref("tier", { code: "tier_code" })`.
 */
export const ref = <const To extends string>(
  to: To,
  by: string | Readonly<Record<string, string>>,
  options: Pick<EntityReference, "optional" | "others" | "beside" | "asks"> = {},
): EntityReference & { readonly to: To } => ({
  to,
  by: typeof by === "string" ? { legacy_id: by } : by,
  ...(options.others === undefined ? {} : { optional: true }),
  ...options,
});
/** A field of the row that is referred to, where others are meant that are rows beside it. */
export const theirs = (field: string): { readonly theirs: string } => ({ theirs: field });
/**
 * A row of another entity that has to be there for a row to be the one that is referred to:
 * `beside("card", { branch: theirs("branch"), reader: "reader" })`.
 */
export const beside = (
  entity: string,
  same: Besides["same"],
  options: Pick<Besides, "is" | "rather"> = {},
): Besides => ({ entity, same, ...options });
