/** Something that whoever starts a run may say of it, and that it is pinned to; conditions compare with it. */
export type Setting =
  /** A moment. */
  | { readonly kind: "moment"; readonly says: string }
  /** The place of files: a folder, or `s3://BUCKET/PREFIX`. */
  | { readonly kind: "files"; readonly says: string }
  /** Said or not: its value is `yes`. */
  | { readonly kind: "flag"; readonly says: string }
  /** One of some words. */
  | { readonly kind: "word"; readonly says: string; readonly words: readonly string[] }
  /**
   * Something of the platform by its id or another name: what one select of one id finds, in which `{said}` stands
   * for what was said.
   */
  | { readonly kind: "named"; readonly says: string; readonly what: string; readonly sql: string };

/** A moment: ISO 8601, or counted from the run's start as in `-90 days`. `settings: { since: moment("Only …") }`. */
export const moment = (says: string): Setting => ({ kind: "moment", says });
/** What is said or not, as `--set overwrite_edited=yes`. */
export const flag = (says: string): Setting => ({ kind: "flag", says });
/** `oneOf("Only this part.", ["members", "posts"])`. */
export const oneOf = (says: string, words: readonly string[]): Setting => ({
  kind: "word",
  says,
  words,
});
/**
 * A thing of the platform by its id or its name: `namedSetting("Only this one.", { what: "Community", sql: "select id
 * from communities where slug = {said}" })`, from tables that the definition names in `reads`.
 */
export const named = (
  says: string,
  { what, sql }: { readonly what: string; readonly sql: string },
): Setting => ({ kind: "named", says, what, sql });
/** Where files lie: `settings: { storage: files("The folder or bucket of files.") }`. */
export const files = (says: string): Setting => ({ kind: "files", says });
