import type { Marks } from "./marks.ts";

/** How a staged field is made from legacy columns; the parsing itself is in `lib/normalize`. */
export type Field =
  /** A person's name: `parts` are columns, last name first. Staged as `full_name` with folded keys (D5). */
  | {
      readonly kind: "name";
      readonly parts: readonly string[];
      /** Words and phrases that people enter for want of a name, where `*` is any word: a name of nothing else is none
       * (`name_placeholder`). */
      readonly placeholders?: readonly string[];
      /** Letters that were only typed (`azerty`, `xxxx`) are no name either. */
      readonly typed?: "none";
      /** Characters beyond which a name is not a person's (`name_too_long`). */
      readonly longest?: number;
      /** What becomes of a name whose letters are damaged but decode cleanly: held, or taken as decoded. */
      readonly damaged?: "hold" | "repair";
      /** The columns of the forms that are compared; the field's name with `_folded` and `_key` unless said. */
      readonly as?: { readonly folded: string; readonly key: string };
    }
  /** A phone field that may hold several numbers (D3). Staged raw, as E.164 digits, and with alternates. */
  | {
      readonly kind: "phone";
      readonly from: string;
      readonly region: string;
      /**
       * The column that says whose a number is that does not say it itself, by a region's code or one of the words of
       * `regions`, in any case. Where it is empty the number is of `region`; one of a word that means none is not read.
       */
      readonly country?: string;
      readonly regions?: Readonly<Record<string, string>>;
      /** Staged as well as `…_plus`: with the `+` before it, as many platforms write a number. */
      readonly plus?: true;
      /** A number that more rows carry, of at least so many names, is nobody's: no match rests on it (D31). */
      readonly shared?: { readonly rows: number; readonly names: number };
    }
  /** An e-mail; placeholders and an address shared by more rows than `sharedBy` are no contact (D4, M9). */
  | {
      readonly kind: "email";
      readonly from: string;
      readonly placeholders: readonly string[];
      readonly sharedBy: number;
    }
  /** A birth date: a zero date is a missing one, an impossible one is a finding (D9). */
  | {
      readonly kind: "birth_date";
      readonly from: string;
      /** Dates that are entered for want of one, and the age from which one is believed; such a date is
       * noted (`birth_date_implausible`) and takes no part in matching. */
      readonly implausible?: readonly string[];
      readonly youngest?: number;
      /** Texts that stand there for nothing, as of {@link Else}. */
      readonly none?: readonly string[];
      /** How it is written, `iso` unless said, see {@link Moment}; of instants, in which zone they are a day. */
      readonly format?: string;
      readonly zone?: string;
    }
  /**
   * A value of a closed list, compared after NFC, trimming and collapsed white space (D2). What is
   * compared stands in the column `as`, the field's name with `_key` unless said.
   */
  | { readonly kind: "status"; readonly from: string; readonly as?: string }
  /** When the legacy system made the row; decides which of several rows of one person is the first (D8). */
  | { readonly kind: "created_at"; readonly from: string; readonly format?: string }
  /** The legacy id of a referenced thing. */
  | ({ readonly kind: "reference"; readonly from: string; readonly to: string } & Else)
  /** A text: tidied, never cut; its lines are kept if that is said. */
  | {
      readonly kind: "text";
      readonly from: string;
      /** Characters beyond which it is noted (`text_too_long`). */
      readonly longest?: number;
      readonly lines?: boolean;
      /** In small letters: what refers to something whatever the case of its letters is found by it. */
      readonly lower?: boolean;
      /** In capitals, as codes are written. */
      readonly upper?: boolean;
      /** What is left out wherever it stands: `[" "]` of an account number that is written in groups. */
      readonly without?: readonly string[];
      /** How many digits a number has that lost its leading zeros, as in a column of numbers: `01067`, and not `1067`. */
      readonly digits?: number;
      /** Texts that are entered for want of one (`text_placeholder`). */
      readonly placeholders?: readonly string[];
    }
  | NumberField
  /** Yes or no, by the words that mean it; a definition compares it with "yes" and "no". */
  | ({
      readonly kind: "boolean";
      readonly from: string;
      readonly yes: readonly string[];
      readonly no: readonly string[];
    } & Else)
  /** `derived`: where there is none that can be read, one that is made of the row's key, the same whenever it is made. */
  | ({ readonly kind: "uuid"; readonly from: string; readonly derived?: true } & Else)
  | { readonly kind: "json"; readonly from: string }
  /**
   * The digest of a text that is made of columns, as hex: a key by which the platform tells that a row was written.
   * In the text `{column}` stands for a column, `{column|word}` for the word where it has none; where another column
   * has none there is no digest. `parts` are its columns.
   */
  | {
      readonly kind: "digest";
      readonly by: "sha1" | "sha256";
      readonly of: string;
      readonly parts: readonly string[];
    }
  /**
   * A text that is made of columns: the first of several all of whose columns hold something. `parts` are its columns.
   */
  | { readonly kind: "template"; readonly of: readonly string[]; readonly parts: readonly string[] }
  /**
   * A text composed of columns, without what is missing: in each of `of` what stands before a column goes with it, what
   * stands before the first and behind the last goes with any of them, and one whose columns hold nothing is left out.
   * `parts` are its columns.
   */
  | {
      readonly kind: "composed";
      readonly of: readonly string[];
      readonly parts: readonly string[];
      /** What stands between those of `of` that are there; a space unless said. */
      readonly with?: string;
      /** Characters beyond which it is noted (`composed_too_long`); nothing is cut. */
      readonly longest?: number;
      readonly lines?: boolean;
      /** In small letters, as a text that is compared with it. */
      readonly lower?: boolean;
      readonly upper?: boolean;
      /**
       * As names are compared, without case, accents and punctuation: who is typed again as `GROSS` was `Groß`; with what
       * stands between words then, `"-"` as in an address of a page, if not a space.
       */
      readonly folded?: boolean | string;
      /** Texts of a column that are entered for want of one: left out, and noted (`composed_placeholder`). */
      readonly placeholders?: readonly string[];
    }
  /**
   * The texts of a list, JSON or an array as PostgreSQL writes it, each once, unless `repeated` says so, and without
   * blanks and nulls; of an object `key: value`, and a text alone is one, or several that are parted by `by`. Of several columns the first that has
   * any; beyond `most` none is taken.
   */
  | {
      readonly kind: "list";
      readonly parts: readonly string[];
      readonly by?: Marks;
      readonly most?: number;
      /** What stands there several times is kept as often: numbers of a series, say, and no set of words. */
      readonly repeated?: "kept";
      /** What each text means, compared as a choice's words; one that is not listed is left out (`list_unlisted`). */
      readonly means?: Readonly<Record<string, string>>;
      /** Where there is none, nothing is written, and not a list without elements. */
      readonly empty?: "null";
    }
  /**
   * A file that a column names in the folder or bucket of files: its bytes are read once, on import, and copied when
   * its row is written. Staged with its name are `…_key`, by which the platform has the copy, `…_type`, `…_size` in
   * bytes and `…_sha256`, hex, all of the bytes; without bytes that are right none of them.
   */
  | {
      readonly kind: "file";
      readonly from: string;
      /** What names are below, and what keys of copies begin with. */
      readonly within: string;
      /** Columns that say what the bytes have to be: where one says something else nothing is taken. */
      readonly says?: { readonly size?: string; readonly sha256?: string; readonly type?: string };
      /** Media types that are taken, and how many bytes at most. */
      readonly types: readonly string[];
      readonly most?: number;
    }
  | DateField
  | TimeField
  /**
   * How long something takes, in months, days and a part of a day: as ISO 8601 and databases write it, or a whole number
   * of `unit`. Staged as ISO 8601.
   */
  | ({ readonly kind: "duration"; readonly from: string; readonly unit?: DurationUnit } & Else)
  | TimestampField
  /**
   * From one value to another, as PostgreSQL writes a range: open where one is missing. Of two that are missing, that
   * cannot be read, or between which there is nothing, there is none. `parts` are its columns.
   */
  | {
      readonly kind: "range";
      readonly starts: BoundField;
      readonly ends: BoundField | Lasting;
      readonly parts: readonly string[];
      /** Whether the last value is in it. */
      readonly last: "in" | "out";
      /** One column holds ranges as PostgreSQL writes them, which say themselves what is in them; both bounds are read alike. */
      readonly whole?: true;
      /** Texts that stand for no beginning and no end, such as `9999-12-31`. */
      readonly open?: readonly string[];
    }
  /** A word of a closed list as what it means; what is not listed is reported, with how often. */
  | {
      readonly kind: "choice";
      readonly from: string;
      readonly means: Readonly<Record<string, string>>;
      /** Small and capital letters are one. */
      readonly case?: "ignored";
      /** A list of words, parted by this: the first one is meant. */
      readonly firstOf?: Marks;
      /** What words mean that begin so, in order, where the whole word is not listed. */
      readonly beginnings?: readonly (readonly [word: string, means: string])[];
      /** What texts mean in which something stands, in order, where no other words say it: it takes an `otherwise`. */
      readonly containing?: readonly (readonly [part: string, means: string])[];
      /** What a word means that is not listed, or that is missing: nothing is noted then. */
      readonly otherwise?: string;
    };

/** What counts where a field's own column is empty, and what is as good as empty. */
export interface Else {
  /** The column, or several in order, of which the first counts that holds something. */
  readonly absent?: string | readonly string[];
  /** Texts that stand there for nothing, such as `-` or `n/a`, in any case: whatever else cannot be read is not taken for it. */
  readonly none?: readonly string[];
}

/** The columns that a field of one column is read from: its own, those that count where it is empty, and of its time of day. */
export const columnsRead = (field: { readonly from: string }): readonly string[] => {
  const { at } = field as { readonly at?: TimeField };
  return [field.from, ...columnsElse(field), ...(at === undefined ? [] : columnsRead(at))];
};

/** The columns that count where a field's own is empty. */
export const columnsElse = (field: object): readonly string[] => {
  const { absent } = field as Else;
  return absent === undefined ? [] : typeof absent === "string" ? [absent] : absent;
};

type GroupMark = "." | "," | " " | "'";

/** A number, to its last digit; without `whole` it may have a fraction. Bounds are inclusive, of what is written. */
interface NumberField extends Else {
  readonly kind: "number";
  readonly from: string;
  readonly whole: boolean;
  /** The decimal mark, `.` unless said, and what separates thousands, if anything does: in each number one of several. */
  readonly decimal?: "." | ",";
  readonly group?: GroupMark | readonly GroupMark[];
  /** What may stand before or behind it, such as a currency: of the number nothing is changed by it. */
  readonly beside?: readonly string[];
  /** Of how many one is made, a power of ten: of cents `per: 100` makes euros, and of euros `times: 100` cents, exactly. */
  readonly per?: number;
  readonly times?: number;
  /** How many digits behind the point are kept: what has more is rounded, half of the last one away from nothing. */
  readonly places?: number;
  readonly least?: number;
  readonly most?: number;
}

type DateField = { readonly kind: "date"; readonly from: string } & Moment & Else;

/** A time of day: `HH:mm`, with seconds or without, unless a `format` of HH H mm ss S is said. */
type TimeField = {
  readonly kind: "time";
  readonly from: string;
  readonly format?: string;
} & Else;

/** With a zone it is an instant, without one what the clock on the wall said. */
export type TimestampField = {
  readonly kind: "timestamp";
  readonly from: string;
  /** The time of day, where its own column has the day alone. */
  readonly at?: TimeField;
} & Moment &
  /** What counts where it is empty is written in ISO. */
  Else;

/** How long a range lasts, from where it begins: a whole number of units. */
export interface Lasting {
  readonly kind: "lasting";
  readonly from: string;
  /** Months and years are the calendar's: of the 31st the month's last day. */
  readonly unit: LastingUnit;
}

export type DurationUnit = "seconds" | LastingUnit;

export type LastingUnit = "minutes" | "hours" | "days" | "weeks" | "months" | "years";

/** What a range begins or ends with. */
export type BoundField = DateField | NumberField | TimestampField;

/** Everything that a choice may mean, each once. */
export const meaningsOf = ({
  means,
  beginnings = [],
  containing = [],
  otherwise,
}: Extract<Field, { kind: "choice" }>): readonly string[] => [
  ...new Set([
    ...Object.values(means),
    ...[...beginnings, ...containing].map(([, meaning]) => meaning),
    ...(otherwise === undefined ? [] : [otherwise]),
  ]),
];

/** How days and times are written, and between which days they are believed. */
export interface Moment {
  /**
   * `iso` unless said; `dd/MM/yyyy` and the like, of yyyy MM M MMM dd d HH H hh h a mm ss S XXX and signs, or of `yy`
   * where the first of the hundred years is said, `dd.MM.yy from 1930`; or `unix`
   * and `unix-ms`, seconds and milliseconds from 1970, which need both bounds, as does `unix or iso`: seconds where
   * it is a whole number, and ISO else. `serial` is a day as spreadsheets count them, 45321 of 2024-01-30, with both
   * bounds as well, also beside others, `dd.MM.yyyy or serial`; a birth date has bounds of its own.
   */
  readonly format?: string;
  /** Where the clock hung, a name of the IANA database; of a day, where an instant is one. */
  readonly zone?: string;
  /** Inclusive, `YYYY-MM-DD`. */
  readonly since?: string;
  readonly until?: string;
}

/** Kinds of which one field may be the one that lists and samples show, and that people are matched by. */
export type MainKind = "name" | "phone" | "email" | "birth_date" | "status" | "created_at";
