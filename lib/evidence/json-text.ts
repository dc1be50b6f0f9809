import { STEERING } from "./csv.ts";

const steering = new RegExp(`[${STEERING}\\u2028\\u2029]`, "gu");

/**
 * JSON that steers no terminal when it is shown (D20): JSON itself escapes control characters up to U+001F, and
 * neither those behind U+007F nor marks that turn the direction of what is read. In JSON they stand in texts
 * alone, so escaped they mean the same.
 */
export const steerless = (json: string): string =>
  json.replace(
    steering,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );
