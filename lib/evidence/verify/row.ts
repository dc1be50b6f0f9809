/** A record of a CSV, by column. */
export type Row = Readonly<Record<string, string>>;
