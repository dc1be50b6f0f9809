import { createHash } from "node:crypto";

/** The names of the database roles of one database (D19); each is at most 63 bytes, PostgreSQL's limit. */
export interface DatabaseRoles {
  /** Owns the schema `wavegate` with all that is in it, and cannot log in. */
  readonly owner: string;
  /** Stages rows and judges them; reads the platform. */
  readonly stage: string;
  /** Keeps sign-offs, verdicts, and what else people decide. */
  readonly sign: string;
  /** The CLI's: looks at everything, and changes nothing. */
  readonly operator: string;
  /** Answers people who have a feature: reads what it shows, and nothing else. */
  readonly serve: string;
  /** Writes the waves of one migration, and may write nothing of another (D43). */
  readonly commit: (migration: string) => string;
}

/**
 * The one place where roles get their names. Roles belong to a whole PostgreSQL server, so they carry
 * the database's name, and two databases on one server do not lock each other out.
 */
export const databaseRoles = (database: string): DatabaseRoles =>
  withPrefix(`wavegate_${nameWithin(database, 24)}`);

/** The roles that were made together with one of them, whatever the database is called by now. */
export function rolesBeside(role: string): DatabaseRoles | undefined {
  const [, prefix] = /^(wavegate_.+)_(?:owner|stage|sign|operator)$/u.exec(role) ?? [];
  return prefix === undefined ? undefined : withPrefix(prefix);
}

function withPrefix(prefix: string): DatabaseRoles {
  return {
    owner: `${prefix}_owner`,
    stage: `${prefix}_stage`,
    sign: `${prefix}_sign`,
    operator: `${prefix}_operator`,
    serve: `${prefix}_serve`,
    commit: (migration) => `${prefix}_commit_${nameWithin(migration, 22)}`,
  };
}

/** Written as it is: lower case, and neither what another name is shortened to nor what parts a role's name. */
const plain = /^(?!.*(?:^|_)commit(?:_|$))(?!.*_[0-9a-f]{10}$)[a-z0-9][a-z0-9_]*$/u;

/** Bytes that PostgreSQL keeps of a name; it drops the others without a word. */
const longestName = 63;

/** A name that is made of others as it is; one that PostgreSQL would cut off as its beginning and a hash of the whole. */
export const wholeName = (name: string): string =>
  Buffer.byteLength(name) <= longestName ? name : nameWithin(name, longestName);

/** A name as part of a role's name: itself, or for odd and long ones its beginning and a hash of the whole. */
export function nameWithin(name: string, longest: number): string {
  if (plain.test(name) && name.length <= longest) return name;
  const hash = createHash("sha256").update(name).digest("hex").slice(0, 10);
  const beginning = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/gu, "_")
    .replaceAll("commit", "c")
    .slice(0, longest - 11)
    .replace(/^_+/u, "");
  return `${beginning || "x"}_${hash}`;
}
