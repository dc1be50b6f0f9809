import { normalizeStatus } from "./status.ts";
import { absent, type Normalized } from "./value.ts";

/**
 * Makes the function that reads a word of a closed list as what the definition says it means. Words are
 * compared as statuses are (D2): white space and composition aside, a spelling that nobody listed is
 * unlisted, so that a person decides about it.
 */
export function wordReader(meanings: Readonly<Record<string, string>>) {
  const means = new Map(
    Object.entries(meanings).map(([word, meaning]) => [normalizeStatus(word) ?? "", meaning]),
  );
  return (raw: string | null): Normalized<"unlisted"> => {
    const word = normalizeStatus(raw);
    const value = means.get(word ?? "");
    if (value !== undefined) return { value, reason: null };
    return word === null ? absent : { value: null, reason: "unlisted" };
  };
}
