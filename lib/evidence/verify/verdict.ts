/** One thing that was looked at. The message says what was found, without personal data. */
export interface BundleCheck {
  readonly name: string;
  readonly passed: boolean;
  readonly message: string;
}

/**
 * What shows that a bundle is the one that was written, strongest first: a digest that a person kept
 * elsewhere, the key of the deployment, the key of one machine (which its owner may use as well), or
 * nothing.
 */
export type Anchor = "digest" | "kms key" | "machine key" | "none";

export interface BundleVerdict {
  /** Whether every check passed; an anchor that is missing is not a check. */
  readonly ok: boolean;
  readonly anchor: Anchor;
  readonly checks: readonly BundleCheck[];
}

export const passed = (name: string, message: string): BundleCheck => ({
  name,
  passed: true,
  message,
});
export const failed = (name: string, message: string): BundleCheck => ({
  name,
  passed: false,
  message,
});

/** Findings that one check names; the rest is counted. */
const shown = 5;

/** Failed with what is wrong (the first few of it), or passed with `right`. */
export function check(name: string, wrong: readonly string[], right: string): BundleCheck {
  if (wrong.length === 0) return passed(name, right);
  const rest = wrong.length > shown ? `; and ${wrong.length - shown} more` : "";
  return failed(name, `${wrong.slice(0, shown).join("; ")}${rest}.`);
}

export const verdict = (
  checks: readonly BundleCheck[],
  anchor: Anchor = "none",
): BundleVerdict => ({
  ok: checks.every((each) => each.passed),
  anchor,
  checks,
});
