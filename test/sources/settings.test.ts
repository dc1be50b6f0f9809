import { describe, expect, it } from "vitest";
import { sourceSettings } from "../../lib/sources/settings.ts";

const legacy = {
  LEGACY_DB_DRIVER: "mysql",
  LEGACY_DB_DATABASE: "ecoin_legacy",
  LEGACY_DB_USERNAME: "ecoin_legacy_reader",
};

describe("the settings of a connection", () => {
  it("R2 reads host, port, database, user, password, socket, charset, collation, strict mode and CA", () => {
    const env = {
      LEGACY_DB_DRIVER: "mariadb",
      LEGACY_DB_HOST: "db.old.example",
      LEGACY_DB_PORT: "3307",
      LEGACY_DB_DATABASE: "ecoin_legacy",
      LEGACY_DB_USERNAME: "reader",
      LEGACY_DB_PASSWORD: " with spaces ",
      LEGACY_DB_SOCKET: "/run/old.sock",
      LEGACY_DB_CHARSET: "latin1",
      LEGACY_DB_COLLATION: "latin1_swedish_ci",
      LEGACY_DB_STRICT: "false",
      LEGACY_MYSQL_ATTR_SSL_CA: "/etc/old-ca.pem",
    };
    expect(sourceSettings("legacy", env)).toEqual({
      driver: "mysql",
      connection: "legacy",
      host: "db.old.example",
      port: 3307,
      database: "ecoin_legacy",
      username: "reader",
      password: " with spaces ",
      socket: "/run/old.sock",
      charset: "latin1",
      collation: "latin1_swedish_ci",
      strict: false,
      ca: "/etc/old-ca.pem",
      verifyName: true,
    });
  });

  it("takes the usual values for what is not set or empty", () => {
    expect(sourceSettings("legacy", { ...legacy, LEGACY_DB_SOCKET: "" })).toEqual({
      driver: "mysql",
      connection: "legacy",
      host: "127.0.0.1",
      port: 3306,
      database: "ecoin_legacy",
      username: "ecoin_legacy_reader",
      password: "",
      socket: null,
      charset: "utf8mb4",
      collation: null,
      strict: true,
      ca: null,
      verifyName: true,
    });
  });

  it.each(["pgsql", "postgres", "postgresql"])("R2 reads those of a PostgreSQL (%s)", (driver) => {
    const needed = {
      LEGACY_DB_DRIVER: driver,
      LEGACY_DB_DATABASE: "alpha1",
      LEGACY_DB_USERNAME: "reader",
    };
    const usual = {
      driver: "pgsql",
      connection: "legacy",
      host: "127.0.0.1",
      port: 5432,
      database: "alpha1",
      username: "reader",
      password: "",
      socket: null,
      ca: null,
      verifyName: true,
    };
    expect(sourceSettings("legacy", needed)).toEqual(usual);
    expect(
      sourceSettings("legacy", {
        ...needed,
        LEGACY_DB_PORT: "5433",
        LEGACY_DB_SOCKET: "/run/postgresql",
        LEGACY_DB_SSL_CA: "/etc/ca.pem",
        LEGACY_DB_SSL_VERIFY_SERVER_CERT: "no",
      }),
    ).toEqual({
      ...usual,
      port: 5433,
      socket: "/run/postgresql",
      ca: "/etc/ca.pem",
      verifyName: false,
    });
  });

  it("M1 reads another connection from the settings of its own name", () => {
    const env = { ...legacy, OLD_SCHOOL_2_DB_DRIVER: "csv", OLD_SCHOOL_2_DB_PATH: "/data/old" };
    expect(sourceSettings("old-school-2", env)).toEqual({
      driver: "csv",
      connection: "old-school-2",
      path: "/data/old",
    });
  });

  it.each([
    [
      { ...legacy, LEGACY_DB_DATABASE: undefined },
      'The connection "legacy" needs LEGACY_DB_DATABASE, for example LEGACY_DB_DATABASE=legacy; nothing was read.',
    ],
    [
      {},
      'The connection "legacy" needs LEGACY_DB_DRIVER, for example LEGACY_DB_DRIVER=mysql; nothing was read.',
    ],
    [
      { LEGACY_DB_DRIVER: "csv" },
      'The connection "legacy" needs LEGACY_DB_PATH, for example LEGACY_DB_PATH=./legacy; nothing was read.',
    ],
    [
      { ...legacy, LEGACY_DB_PORT: "70000" },
      'LEGACY_DB_PORT of the connection "legacy" cannot be used as it is; write for example LEGACY_DB_PORT=3306. Nothing was read.',
    ],
    [
      { ...legacy, LEGACY_DB_DRIVER: "oracle" },
      'LEGACY_DB_DRIVER of the connection "legacy" cannot be used as it is; write for example LEGACY_DB_DRIVER=mysql, one of mysql, mariadb, pgsql, postgres, postgresql, csv, json, wild-apricot. Nothing was read.',
    ],
    [
      { ...legacy, LEGACY_DB_CHARSET: "utf8mb4; DROP TABLE x" },
      'LEGACY_DB_CHARSET of the connection "legacy" cannot be used as it is; write for example LEGACY_DB_CHARSET=utf8mb4. Nothing was read.',
    ],
    [
      { ...legacy, LEGACY_DB_STRICT: "perhaps" },
      'LEGACY_DB_STRICT of the connection "legacy" cannot be used as it is; write for example LEGACY_DB_STRICT=true. Nothing was read.',
    ],
  ])("W13 names a missing or wrong setting in one sentence (%#)", (env, message) => {
    expect(() => sourceSettings("legacy", env)).toThrow(
      expect.objectContaining({ name: "SourceSettingsInvalid", message }),
    );
  });

  it("refuses a name that cannot be one", () => {
    expect(() => sourceSettings("../etc", {})).toThrow(
      expect.objectContaining({ name: "SourceSettingsInvalid" }),
    );
  });
});
