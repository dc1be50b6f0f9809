/** Something about a definition that does not hold, or that somebody should look at. */
export interface Problem {
  /** `error`: a run would fail, or write what nobody meant. `warning`: a person should look. */
  readonly level: "error" | "warning";
  readonly id: string;
  readonly says: string;
  /** What to do about it. */
  readonly remedy: string;
  /** A text that stands in the definition where this is about, to find its line by. */
  readonly about: string;
  /** Of a migration of several kinds of things: the one that it is about. */
  readonly of?: string;
  /** How many rows of the source it is about. */
  readonly rows?: number;
}

export const error = (id: string, about: string, says: string, remedy: string): Problem => ({
  level: "error",
  id,
  about,
  says,
  remedy,
});

export const warning = (
  id: string,
  about: string,
  says: string,
  remedy: string,
  rows?: number,
): Problem => ({
  level: "warning",
  id,
  about,
  says,
  remedy,
  ...(rows === undefined ? {} : { rows }),
});

/** Names in a sentence: `“a”, “b” and 3 more`. */
export function names(all: readonly string[], most = 5): string {
  const shown = all.slice(0, most).map((name) => `“${name}”`);
  const more = all.length - shown.length;
  return more > 0 ? `${shown.join(", ")} and ${more} more` : shown.join(", ");
}

/** Problems of a kind of things. */
export const about = (of: string | undefined, problems: readonly Problem[]): Problem[] =>
  problems.map((problem) => (of === undefined ? problem : { ...problem, of }));
