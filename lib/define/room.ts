/**
 * How many rows of the platform fit under another one of it: beyond that rows are held, however many the legacy system
 * has. `room({ named: "club_id", by: "club", of: "clubs", most: "capacity", takes: { status: "active" }, first: "joined",
 * hold: "club_full" })`.
 */
export interface Room {
  /** The column of the table that is written which names the other row, and the field that it is written from. */
  readonly named: string;
  readonly by: string;
  /** The table of the other row, its key, and its column that says how many there may be; null is any number. */
  readonly of: string;
  readonly key: string;
  readonly most: string;
  /** What a row that takes a place holds, by column; one that does not takes none. */
  readonly takes: Readonly<Record<string, string | null>>;
  /** Who has the least of this field is first. */
  readonly first: string;
  readonly hold: string;
}

/** {@link Room}; the other row's key is `id` unless said. */
export const room = ({
  key = "id",
  ...rest
}: Omit<Room, "key"> & { readonly key?: string }): Room => ({
  key,
  ...rest,
});
