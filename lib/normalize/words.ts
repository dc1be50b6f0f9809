import { normalizeStatus } from "./status.ts";
import { absent, type Normalized } from "./value.ts";

/** How words are compared beside {@link normalizeStatus}, and what those mean that nobody listed. */
interface WordOptions {
  readonly case?: "ignored";
  /** A list of words, parted by this: the first one is meant. */
  readonly firstOf?: string | RegExp | undefined;
  /** What words mean that begin so, in order, where the whole word is not listed. */
  readonly beginnings?: readonly (readonly [word: string, means: string])[];
  /** What texts mean in which something stands, in order, where nothing before says it. */
  readonly containing?: readonly (readonly [part: string, means: string])[];
  /** What any other word means, and none. */
  readonly otherwise?: string;
}

/**
 * Makes the function that reads a word of a closed list as what the definition says it means. Words are
 * compared as statuses are (D2): white space and composition aside, a spelling that nobody listed is
 * unlisted, so that a person decides about it.
 */
export function wordReader(
  meanings: Readonly<Record<string, string>>,
  { firstOf, beginnings = [], containing = [], otherwise, ...options }: WordOptions = {},
) {
  const asCompared = (text: string | null): string | null => {
    const word = normalizeStatus(firstOf === undefined ? text : (text?.split(firstOf)[0] ?? null));
    return options.case === "ignored" ? (word?.toLowerCase() ?? null) : word;
  };
  const means = new Map(
    Object.entries(meanings).map(([word, meaning]) => [asCompared(word) ?? "", meaning]),
  );
  const compared = ([word, meaning]: readonly [string, string]) =>
    [asCompared(word) ?? "", meaning] as const;
  const begins = beginnings.map(compared);
  const within = containing.map(compared);
  return (raw: string | null): Normalized<"unlisted"> => {
    const word = asCompared(raw);
    const value =
      means.get(word ?? "") ??
      begins.find(([beginning]) => word?.startsWith(beginning))?.[1] ??
      within.find(([part]) => word?.includes(part))?.[1] ??
      otherwise;
    if (value !== undefined) return { value, reason: null };
    return word === null ? absent : { value: null, reason: "unlisted" };
  };
}
