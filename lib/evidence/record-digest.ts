import { canonicalJson } from "../data/runs.ts";
import { sha256 } from "./manifest.ts";

/**
 * SHA-256 of a record, whatever the order of its keys. An audit entry that carries it binds what it
 * tells of: numbers and words that stand in a table may be changed, the entry not.
 */
export const recordDigest = (record: unknown): string => sha256(canonicalJson(record));
