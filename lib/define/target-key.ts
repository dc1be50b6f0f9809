import type { TargetKey, Value } from "./definition.ts";

/** The columns of a key that a new row is given, each with its value; none that the platform draws, or that is derived. */
export const givenKey = (id: TargetKey): Readonly<Record<string, Value>> => {
  if (typeof id === "string") return {};
  return "kept" in id ? id.kept : "drawn" in id ? (id.beside ?? {}) : {};
};

/** The column of a key that the platform draws; undefined where none is. */
export const drawnColumn = (id: TargetKey): string | undefined =>
  typeof id === "string" ? id : "drawn" in id ? id.drawn : undefined;
