import pg from "pg";
import { fromDatabase, ServiceError, secretDenied } from "./errors.ts";

/** A database role, chosen by the secret's ARN. */
export interface Role {
  readonly connectionString: string;
}

/** The role of each secret: all of them, or whoever knows them at the moment of a call. */
export type Roles = Readonly<Record<string, Role>> | ((secretArn: string) => Role | undefined);

/** A connection that one caller has for itself. */
export interface Lease {
  readonly client: pg.PoolClient;
  /** The role and database, for what is cached about them. */
  readonly place: string;
  /** Gives it back; `spoiled` when it must not be used again. */
  release(spoiled?: boolean): void;
}

interface DatabasesOptions {
  readonly roles: Roles;
  readonly maxConnectionsPerRole: number;
  /** How long a caller waits for a connection, milliseconds. */
  readonly patienceMs: number;
}

/**
 * What an Aurora session looks like, whatever the role's own settings. Plans of functions and of foreign keys are kept
 * as PostgreSQL sees fit: a key that is looked up for each of thousands of rows is not planned for each.
 */
const SESSION = [
  "timezone=UTC",
  "datestyle=ISO",
  "bytea_output=hex",
  "extra_float_digits=1",
  "plan_cache_mode=auto",
  // A statement whose caller was cut off ends too, instead of holding its locks.
  "client_connection_check_interval=5s",
];

/** The connections of every role, to every database that it is used with. */
export class Databases {
  readonly #options: DatabasesOptions;
  readonly #pools = new Map<string, pg.Pool>();
  readonly #busy = new Set<pg.PoolClient>();

  constructor(options: DatabasesOptions) {
    this.#options = options;
  }

  /** @throws {ServiceError} AccessDeniedException for a secret that names no role. */
  async lease(secretArn: string, database: string | undefined): Promise<Lease> {
    const role = this.role(secretArn);
    // A secret that was changed is another role: its connections are new ones.
    const place = JSON.stringify([secretArn, role.connectionString, database ?? null]);
    const client = await this.#pool(place, role, database).connect().catch(refuse);
    this.#busy.add(client);
    let given = false;
    const release = (spoiled = false) => {
      if (given) return;
      given = true;
      this.#busy.delete(client);
      client.release(spoiled);
    };
    return { client, place, release };
  }

  role(secretArn: string): Role {
    const { roles } = this.#options;
    const known = typeof roles === "function" ? roles(secretArn) : own(roles, secretArn);
    if (known) return known;
    throw secretDenied(secretArn);
  }

  /** The connections that callers have now. */
  get busy(): Iterable<pg.PoolClient> {
    return this.#busy;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.end()));
    this.#pools.clear();
  }

  #pool(place: string, role: Role, database: string | undefined): pg.Pool {
    const known = this.#pools.get(place);
    if (known) return known;
    const url = new URL(role.connectionString);
    if (database !== undefined) url.pathname = `/${encodeURIComponent(database)}`;
    const pool = new pg.Pool({
      connectionString: url.href,
      options: SESSION.map((setting) => `-c ${setting}`).join(" "),
      max: this.#options.maxConnectionsPerRole,
      connectionTimeoutMillis: this.#options.patienceMs,
      idleTimeoutMillis: 60_000,
      allowExitOnIdle: true,
    });
    // An idle connection that is lost is replaced at the next call; the call that has one is told.
    pool.on("error", () => {});
    pool.on("connect", (client) => void client.on("error", () => {}));
    this.#pools.set(place, pool);
    return pool;
  }
}

const own = (roles: Readonly<Record<string, Role>>, secretArn: string): Role | undefined =>
  Object.hasOwn(roles, secretArn) ? roles[secretArn] : undefined;

function refuse(error: Error & { code?: string }): never {
  if (/timeout exceeded when trying to connect/.test(error.message)) {
    throw new ServiceError("DatabaseUnavailableException", "No database connection is free.");
  }
  throw fromDatabase(error);
}
