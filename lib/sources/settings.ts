import { resolve } from "node:path";
import * as z from "zod";
import { SourceSettingsInvalid } from "./errors.ts";
import type { WildApricotSettings } from "./wild-apricot/settings.ts";

/** How to reach a MySQL or MariaDB server. Holds the password: never log it whole. */
export interface MysqlSettings {
  readonly driver: "mysql";
  readonly connection: string;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly username: string;
  readonly password: string;
  /** Path of a Unix socket; wins over host and port. */
  readonly socket: string | null;
  readonly charset: string;
  readonly collation: string | null;
  readonly strict: boolean;
  /** Path of a CA certificate; with it the connection must be TLS and the server's certificate valid. */
  readonly ca: string | null;
  /** Whether the certificate must also name the host (when the host is a name). */
  readonly verifyName: boolean;
}

/** A folder with one file for each table: `<table>.csv`, or objects of JSON in `<table>.jsonl`, `.ndjson` or `.json`. */
export interface CsvSettings {
  readonly driver: "csv";
  readonly connection: string;
  readonly path: string;
  /** The organization's name, as the platform's policies have it. */
  readonly organization?: string | null;
}

/** How to reach a PostgreSQL server. Holds the password: never log it whole. */
export interface PostgresSettings {
  readonly driver: "pgsql";
  readonly connection: string;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly username: string;
  readonly password: string;
  /** Folder of the server's Unix socket, or the socket itself; wins over the host. */
  readonly socket: string | null;
  /** Path of a CA certificate; with it the connection must be TLS and the server's certificate valid. */
  readonly ca: string | null;
  /** Whether the certificate must also name the host (when the host is a name). */
  readonly verifyName: boolean;
}

export type SourceSettings = MysqlSettings | PostgresSettings | CsvSettings | WildApricotSettings;

type Environment = Readonly<Record<string, string | undefined>>;

const word = /^[A-Za-z0-9_]+$/;
const yes = new Set(["true", "1", "yes", "on", "(true)"]);
const no = new Set(["false", "0", "no", "off", "(false)"]);

const setting = z.string().trim();
const needed = setting.min(1);
const flag = setting
  .toLowerCase()
  .refine((value) => yes.has(value) || no.has(value))
  .transform((value) => yes.has(value));

const withoutSlash = (url: string) => url.replace(/\/+$/, "");

/** Each setting: what it must be, what it is when absent, and an example for the message. */
const SETTINGS = {
  DB_DRIVER: {
    schema: z.enum([
      "mysql",
      "mariadb",
      "pgsql",
      "postgres",
      "postgresql",
      "csv",
      "json",
      "wild-apricot",
    ]),
    example: "mysql",
  },
  DB_HOST: { schema: needed, absent: "127.0.0.1", example: "127.0.0.1" },
  DB_PORT: { schema: z.coerce.number().int().min(1).max(65_535), absent: null, example: "3306" },
  DB_DATABASE: { schema: needed, example: "legacy" },
  DB_USERNAME: { schema: needed, example: "legacy_reader" },
  // As it stands: a password may begin or end with a space.
  DB_PASSWORD: { schema: z.string(), absent: "", example: "strong-password" },
  DB_SOCKET: { schema: needed, absent: null, example: "/run/mysqld/mysqld.sock" },
  DB_CHARSET: { schema: setting.regex(word), absent: "utf8mb4", example: "utf8mb4" },
  DB_COLLATION: { schema: setting.regex(word), absent: null, example: "utf8mb4_unicode_ci" },
  DB_STRICT: { schema: flag, absent: true, example: "true" },
  DB_SSL_CA: { schema: needed, absent: null, example: "/path/to/ca.pem" },
  DB_SSL_VERIFY_SERVER_CERT: { schema: flag, absent: true, example: "true" },
  DB_PATH: { schema: needed, example: "./legacy" },
  DB_ORGANIZATION: { schema: needed, absent: null, example: "The Bridge Club" },
  // Of an account that is read by its API; the key lies in the secret, or in `.env` on one machine.
  DB_ACCOUNT: { schema: setting.regex(/^\d{1,12}$/), example: "123456" },
  DB_API_KEY: { schema: needed, example: "the-key-of-an-authorized-application" },
  DB_PACE: { schema: z.coerce.number().positive().max(1_000), absent: 3, example: "3" },
  DB_API_URL: {
    schema: z.url().transform(withoutSlash),
    absent: "https://api.wildapricot.org/v2.2",
    example: "https://api.wildapricot.org/v2.2",
  },
  DB_TOKEN_URL: {
    schema: z.url(),
    absent: "https://oauth.wildapricot.org/auth/token",
    example: "https://oauth.wildapricot.org/auth/token",
  },
  MYSQL_ATTR_SSL_CA: { schema: needed, absent: null, example: "/path/to/ca.pem" },
  MYSQL_ATTR_SSL_VERIFY_SERVER_CERT: { schema: flag, absent: true, example: "true" },
} as const;

/** The prefix of a connection's settings: `legacy` → `LEGACY`, `old-school` → `OLD_SCHOOL`. */
export function settingsPrefix(connection: string): string {
  return connection.toUpperCase().replaceAll("-", "_");
}

/**
 * The settings of a connection (R2): `legacy` reads `LEGACY_DB_DRIVER`, `LEGACY_DB_HOST` and so on,
 * `NAME` reads `NAME_DB_…`. A setting that is missing or wrong is a `SourceSettingsInvalid` that
 * names it with an example; values are never repeated in it.
 */
export function sourceSettings(connection: string, env: Environment): SourceSettings {
  if (!/^[A-Za-z][A-Za-z0-9_-]*$/.test(connection)) {
    throw new SourceSettingsInvalid(
      `A connection name is made of letters, digits, "-" and "_", such as "legacy"; nothing was read.`,
    );
  }
  const read = reader(connection, env);
  const driver = read("DB_DRIVER");
  const name = read("DB_ORGANIZATION");
  const organization = name === null ? {} : { organization: name };
  if (driver === "csv" || driver === "json")
    return {
      driver: "csv",
      connection,
      path: read("DB_PATH"),
      ...organization,
    };
  if (driver === "wild-apricot")
    return {
      driver,
      connection,
      account: read("DB_ACCOUNT"),
      apiKey: read("DB_API_KEY"),
      path: read("DB_PATH"),
      pace: read("DB_PACE"),
      url: read("DB_API_URL"),
      tokenUrl: read("DB_TOKEN_URL"),
      ...organization,
    };
  const server = {
    connection,
    host: read("DB_HOST"),
    database: read("DB_DATABASE"),
    username: read("DB_USERNAME"),
    password: read("DB_PASSWORD"),
    socket: read("DB_SOCKET"),
  };
  const port = read("DB_PORT");
  if (driver !== "mysql" && driver !== "mariadb") {
    return {
      driver: "pgsql",
      ...server,
      port: port ?? 5432,
      ca: read("DB_SSL_CA"),
      verifyName: read("DB_SSL_VERIFY_SERVER_CERT"),
    };
  }
  return {
    driver: "mysql",
    ...server,
    port: port ?? 3306,
    charset: read("DB_CHARSET"),
    collation: read("DB_COLLATION"),
    strict: read("DB_STRICT"),
    ca: read("MYSQL_ATTR_SSL_CA"),
    verifyName: read("MYSQL_ATTR_SSL_VERIFY_SERVER_CERT"),
  };
}

const settingOfPlace = (connection: string): string => `${settingsPrefix(connection)}_DB_FILES`;

/** The place of a connection's files, `ALPHA2_DB_FILES`: a folder, or `s3://BUCKET/PREFIX`; undefined where nothing says it. */
export function filesPlace(connection: string, env: Environment): string | undefined {
  const place = env[settingOfPlace(connection)]?.trim() || undefined;
  return place === undefined || place.startsWith("s3:") ? place : resolve(place);
}

export const noPlaceOfFiles = (connection: string): SourceSettingsInvalid =>
  new SourceSettingsInvalid(
    `Nothing says where the files are that rows of "${connection}" name: give --storage-path, or set ${settingOfPlace(connection)}=/path/to/files, and start a run anew. Nothing was read.`,
  );

type Settings = typeof SETTINGS;
type Setting<K extends keyof Settings> =
  | z.infer<Settings[K]["schema"]>
  | (Settings[K] extends { readonly absent: infer A } ? A : never);

function reader(connection: string, env: Environment) {
  const prefix = settingsPrefix(connection);
  return <K extends keyof Settings>(key: K): Setting<K> => {
    const name = `${prefix}_${key}`;
    const { schema, example, ...rest } = SETTINGS[key];
    const value = env[name];
    if (value === undefined || value.trim() === "") {
      if ("absent" in rest) return rest.absent as Setting<K>;
      throw new SourceSettingsInvalid(
        `The connection "${connection}" needs ${name}, for example ${name}=${example}; nothing was read.`,
      );
    }
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data as Setting<K>;
    const choices = schema instanceof z.ZodEnum ? `, one of ${schema.options.join(", ")}` : "";
    throw new SourceSettingsInvalid(
      `${name} of the connection "${connection}" cannot be used as it is; write for example ${name}=${example}${choices}. Nothing was read.`,
    );
  };
}
