import { badRequest, databaseError, invalid } from "./errors.ts";
import type { TypedParameter } from "./parameters.ts";
import { type ScannedSql, scanSql } from "./sql-scanner.ts";

/** A statement as the database gets it. */
export interface BoundStatement {
  readonly text: string;
  readonly values: (string | Buffer | null)[];
}

interface Known {
  readonly scanned: ScannedSql;
  readonly changesSession: boolean;
  /** Texts by the types of the parameters, in order of the parameters' first appearance. */
  readonly compiled: Map<string, string>;
}

const KEPT = 500;

const SESSION_WORDS = new Set(
  "set reset discard listen unlisten load prepare deallocate declare call do".split(" "),
);
const SESSION_CALLS = /\b(set_config|pg_(try_)?advisory_lock(_shared)?)\s*[([]|\btemp(orary)?\b/i;

/** The innermost brackets, with the name of the setting's function where they are its own. */
const BRACKETS = /(\bset_config\s*)?\(([^()]*)\)/gi;

/** What of a text may outlive its transaction: settings that end with it are left out. */
function lastingPart({ bare }: ScannedSql): string {
  // `set transaction` and `set constraints` are about the transaction they stand in alone.
  if (/^\s*set\s+(local|transaction|constraints)\s/i.test(bare)) return "";
  let text = bare;
  for (let before = ""; before !== text; ) {
    before = text;
    text = text.replaceAll(BRACKETS, (_, call: string = "", inside: string) =>
      call !== "" && /,\s*true\s*$/i.test(inside) ? " " : `${call}[${inside}]`,
    );
  }
  return text;
}

/** Scans each SQL text once and keeps what came of it, for as many texts as a product has. */
export class Statements {
  readonly #known = new Map<string, Known>();

  /** @throws {ServiceError} for texts that the service refuses before they reach a database. */
  scan(sql: string): ScannedSql {
    return this.#lookUp(sql).scanned;
  }

  /** Whether the text may leave something behind in its session, for the next caller to stumble on. */
  changesSession(sql: string): boolean {
    return this.#lookUp(sql).changesSession;
  }

  /** @throws {ServiceError} BadRequestException when a parameter of the text has no value. */
  bind(sql: string, parameters: ReadonlyMap<string, TypedParameter>): BoundStatement {
    const { scanned, compiled } = this.#lookUp(sql);
    const names = [...new Set(scanned.names)];
    const typed = names.map((name) => {
      const parameter = parameters.get(name);
      if (!parameter) throw badRequest(`Cannot find parameter: ${name}`);
      return parameter;
    });
    const key = typed.map(({ cast }) => cast).join();
    const text = compiled.get(key) ?? compile(scanned, names, typed);
    compiled.set(key, text);
    return { text, values: typed.map(({ value }) => value) };
  }

  #lookUp(sql: string): Known {
    const known = this.#known.get(sql);
    if (known) return known;
    const scanned = scanSql(sql);
    refuse(scanned, sql);
    const lasting = lastingPart(scanned);
    const changesSession =
      lasting !== "" && (SESSION_WORDS.has(scanned.keyword) || SESSION_CALLS.test(lasting));
    const fresh = { scanned, changesSession, compiled: new Map<string, string>() };
    const [oldest] = this.#known.keys();
    if (this.#known.size >= KEPT && oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(sql, fresh);
    return fresh;
  }
}

/** COPY between the database and its client: a driver's own protocol, which no service speaks. */
const COPIES_TO_CLIENT = /\b(?:from\s+stdin|to\s+stdout)\b/i;

function refuse(scanned: ScannedSql, sql: string): void {
  if (scanned.multiple) throw invalid("Multistatements aren't supported.");
  if (scanned.keyword === "copy" && COPIES_TO_CLIENT.test(sql)) {
    // In the words of the driver that the service's other messages are those of.
    throw databaseError(
      "ERROR: COPY commands are only supported using the CopyManager API.; SQLState: 0A000",
    );
  }
  if (scanned.positional) {
    throw databaseError("ERROR: there is no parameter $1; SQLState: 42P02");
  }
  // As that driver does; functions ask the same (`jsonb_exists`, `jsonb_exists_any`).
  if (scanned.questioned) throw databaseError("No value specified for parameter 1.");
}

/** In brackets, so that `:a[1]` or `:a::uuid` means the cast value. */
function compile(scanned: ScannedSql, names: string[], typed: TypedParameter[]): string {
  const replacement = new Map(
    names.map((name, index) => [name, `($${index + 1}::${typed[index]?.cast})`]),
  );
  const pieces = scanned.names.map((name, i) => `${scanned.texts[i]}${replacement.get(name)}`);
  return pieces.join("") + scanned.texts.at(-1);
}
