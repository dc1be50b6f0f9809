/** One thing that was looked at. The message says what was found, without personal data. */
export interface BundleCheck {
  readonly name: string;
  readonly passed: boolean;
  readonly message: string;
}

/**
 * What shows that a bundle is the one that was written, strongest first: the manifest's digest that a
 * person kept elsewhere; the signature of a key that its verifier knows; the head of the audit log at an earlier time, which shows what was before it;
 * or nothing.
 */
export type Anchor = "digest" | "signature" | "chain" | "none";

/** The key that signed a bundle, or is said to have. */
export interface SignedBy {
  readonly fingerprint: string;
  /** False where the verifier brought no key: it is only said to be there. */
  readonly verified: boolean;
  /** Whether the key lay on the machine that wrote the bundle: its owner could sign a forgery. */
  readonly ownMachine: boolean;
}

export interface BundleVerdict {
  /** Whether every check passed; an anchor that is missing is not a check. */
  readonly ok: boolean;
  readonly anchor: Anchor;
  /** Whose signature lies beside the manifest, if one does and nothing speaks against it. */
  readonly signedBy?: SignedBy;
  readonly checks: readonly BundleCheck[];
}

export const passed = (name: string, message: string): BundleCheck => ({
  name,
  passed: true,
  message: printable(message),
});
export const failed = (name: string, message: string): BundleCheck => ({
  name,
  passed: false,
  message: printable(message),
});

/** A forged bundle must not steer the terminal of whoever verifies it. */
const printable = (text: string): string =>
  text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "\ufffd");

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
  signedBy?: SignedBy,
): BundleVerdict => ({
  ok: checks.every((each) => each.passed),
  anchor,
  ...(signedBy ? { signedBy } : {}),
  checks,
});
