/** What is wrong, in words, as a room collects it. */
export class Findings {
  readonly all: string[] = [];

  /** Notes `says` unless it holds. */
  unless(holds: boolean, says: string): void {
    if (!holds) this.all.push(says);
  }

  /** Notes that two places tell two things. Values are ids, counts, words, never personal data. */
  same(what: string, one: unknown, where: string, other: unknown, elsewhere: string): void {
    if (equal(one, other)) return;
    this.all.push(`${what} is ${short(one)} in ${where} and ${short(other)} in ${elsewhere}`);
  }
}

/** Equal as JSON, whatever the order of keys. */
export const equal = (one: unknown, other: unknown): boolean => sorted(one) === sorted(other);

function sorted(value: unknown): string {
  return JSON.stringify(value ?? null, (_key, inner) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

const longest = 80;

function short(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value ?? null);
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}

/** Milliseconds of a moment, NaN for none; a moment without a zone is UTC. */
export function moment(text: string | null | undefined): number {
  if (!text) return Number.NaN;
  const iso = text.includes("T") ? text : text.replace(" ", "T");
  return Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/.test(iso) ? iso : `${iso}Z`);
}

/** Clocks of two machines may differ by this much; of one machine they do not. */
export const CLOCKS_APART = 60_000;
