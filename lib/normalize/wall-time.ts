/** A time as a clock on the wall shows it. */
export interface WallTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** `.5` or nothing: digits of a second, at most six. */
  readonly fraction: string;
  /** Whether digits behind those were left out. */
  readonly cut: boolean;
  /** Minutes east of UTC where the text says so; null where it does not. */
  readonly offset: number | null;
}

/** What was read of a text as a time, or why nothing was. */
export type ReadTime =
  | { readonly time: WallTime; readonly reason: null }
  | { readonly time: null; readonly reason: "missing" | "zero" | "unreadable" };
