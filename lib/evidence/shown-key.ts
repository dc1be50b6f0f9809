import { createHash } from "node:crypto";
import type { ExactId } from "../data/exact.ts";

/**
 * A key of the platform's as exports, lists and terminals show it: one that is a text with an `@` in it may be somebody's
 * address, and is shown by its digest, the same for the same key, as a key of the source is that says who somebody is
 * (D20).
 */
export const shownKey = (key: ExactId): ExactId =>
  typeof key === "string" && key.includes("@")
    ? `sha256:${createHash("sha256").update(key).digest("hex")}`
    : key;

/** {@link shownKey} in SQL, of an expression of type text. */
export const shownKeySql = (key: string): string =>
  `case when strpos(${key}, '@') > 0 then 'sha256:' || encode(sha256(convert_to(${key}, 'UTF8')), 'hex') else ${key} end`;
