import type { Value } from "./value.ts";

/** The type of an id of the platform: `bigint`, for every whole number, unless said. */
export type IdType = "bigint" | "uuid" | "text";

/** A legacy thing that must be mapped to a platform thing that exists already; never created (M6). */
export interface NamedReference {
  readonly kind: "by_name";
  readonly from: string;
  readonly id: string;
  readonly label: string;
  readonly platform: {
    readonly table: string;
    readonly id: string;
    readonly idType?: IdType;
    readonly label: string;
    /**
     * Which of its rows a legacy thing may be, by what columns of them hold: `nothing` or a constant. Others, such as those
     * that the platform took for deleted, are suggested for nothing, nobody confirms one, and no row is written that names one.
     */
    readonly where?: Readonly<Record<string, Value>>;
  };
  /** Trigram similarity of the folded names from which a suggestion is made for a person (D25). */
  readonly suggestFrom: number;
  readonly staging: {
    readonly table: string;
    readonly id: string;
    readonly label: string;
    readonly target: string;
  };
}

/**
 * A legacy thing that a code names on the platform, too: real, a placeholder, or unknown; confirmed when
 * the code is the platform's, and what it belongs to agrees (M5, D26).
 */
export interface CodedReference {
  readonly kind: "by_code";
  readonly from: string;
  readonly id: string;
  readonly code: string;
  /** The by_name reference it belongs to, and the column that names it. */
  readonly parent?: { readonly reference: string; readonly column: string };
  /** What stands for want of a real one. */
  readonly placeholder?: {
    /** Ids of the legacy system: numbers, or texts where its key is one. */
    readonly ids: readonly (number | string)[];
    readonly codeContains: readonly string[];
    /** Texts in a code, or after `=` the whole of one, for which a dry run lists it; nothing is decided by them. */
    readonly codeSuggests?: readonly string[];
    /** What it is, for people: “a …, and that is never a …”. */
    readonly says?: string;
  };
  readonly platform: {
    readonly table: string;
    readonly id: string;
    readonly idType?: IdType;
    readonly code: string;
    /** The column that names what it belongs to; with a `parent` only. */
    readonly parent?: string;
    /** Which of its rows a legacy thing may be, as of a {@link NamedReference}. */
    readonly where?: Readonly<Record<string, Value>>;
  };
  readonly staging: {
    readonly table: string;
    readonly id: string;
    readonly code: string;
    readonly target: string;
    /** The column that keeps which of the `types` it is; `type` unless said. */
    readonly type?: string;
  };
  /** The words for real, placeholder and unknown; these unless said. A row that names none is `none`. */
  readonly types?: ReferenceTypes;
}

export interface ReferenceTypes {
  readonly real: string;
  readonly placeholder: string;
  readonly unknown: string;
}

export type Reference = NamedReference | CodedReference;
