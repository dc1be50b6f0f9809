import { createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSource } from "../../lib/sources/open.ts";
import { sourceSettings } from "../../lib/sources/settings.ts";
import type { Source } from "../../lib/sources/source.ts";
import { startMariaDb, type TestMariaDb } from "../support/mariadb.ts";

let server: TestMariaDb;
const opened: Source[] = [];

beforeAll(async () => {
  server = await startMariaDb();
  await server.query(`
    CREATE TABLE many (id INT PRIMARY KEY, word VARCHAR(20));
    INSERT INTO many SELECT seq, CONCAT('word ', seq) FROM seq_1_to_1000;
    CREATE DATABASE shop;
    CREATE ROLE writers; GRANT INSERT ON ecoin_legacy.* TO writers;
    CREATE ROLE deputies; GRANT writers TO deputies;
    CREATE ROLE readers; GRANT SELECT ON ecoin_legacy.* TO readers;
  `);
});

afterAll(async () => {
  await Promise.all(opened.map((source) => source.close()));
  await server?.stop();
});

async function open(changes: Record<string, string> = {}): Promise<Source> {
  const source = await openSource(sourceSettings("legacy", { ...server.settings, ...changes }));
  opened.push(source);
  return source;
}

async function openAs(user: string, grants: string): Promise<Source> {
  await server.query(`CREATE OR REPLACE USER '${user}'@'%' IDENTIFIED BY 'right'; ${grants}`);
  return open({ LEGACY_DB_USERNAME: user, LEGACY_DB_PASSWORD: "right" });
}

describe("R1 the privileges of the source's user", () => {
  it("are SELECT alone for the reader, and the connection is not encrypted", async () => {
    expect(await (await open()).identify()).toMatchObject({
      kind: "mysql",
      privileges: ["SELECT"],
      readOnly: true,
      encrypted: false,
    });
  });

  it.each([
    ["global", "GRANT SELECT, INSERT ON *.* TO u1@'%'", ["INSERT", "SELECT"]],
    ["all", "GRANT ALL ON *.* TO u1@'%' WITH GRANT OPTION", ["ALL PRIVILEGES", "GRANT OPTION"]],
    ["of the database", "GRANT SELECT, UPDATE ON ecoin_legacy.* TO u1@'%'", ["SELECT", "UPDATE"]],
    ["of a pattern", "GRANT SELECT, DELETE ON `ecoin%`.* TO u1@'%'", ["DELETE", "SELECT"]],
    [
      "of a table",
      "GRANT SELECT ON ecoin_legacy.* TO u1@'%'; GRANT DROP ON ecoin_legacy.archives TO u1@'%'",
      ["DROP", "SELECT"],
    ],
    [
      "of a column",
      "GRANT SELECT ON ecoin_legacy.* TO u1@'%'; GRANT UPDATE (nom) ON ecoin_legacy.archives TO u1@'%'",
      ["SELECT", "UPDATE"],
    ],
    [
      "of a role that is not active",
      "GRANT SELECT ON ecoin_legacy.* TO u1@'%'; GRANT writers TO u1@'%'",
      ["INSERT", "SELECT"],
    ],
    [
      "of a role of a role",
      "GRANT SELECT ON ecoin_legacy.* TO u1@'%'; GRANT deputies TO u1@'%'",
      ["INSERT", "SELECT"],
    ],
    [
      "to pass on",
      "GRANT SELECT ON ecoin_legacy.* TO u1@'%' WITH GRANT OPTION",
      ["GRANT OPTION", "SELECT"],
    ],
  ])("beyond SELECT are seen: %s", async (_, grants, privileges) => {
    const identity = await (await openAs("u1", grants)).identify();
    expect(identity).toMatchObject({ privileges, readOnly: false });
  });

  it("on other databases do not matter, and a role that only reads is fine", async () => {
    const source = await openAs(
      "u2",
      "GRANT SELECT ON ecoin_legacy.* TO u2@'%'; GRANT ALL ON shop.* TO u2@'%'; GRANT readers TO u2@'%'; SET DEFAULT ROLE readers FOR u2@'%'",
    );
    expect(await source.identify()).toMatchObject({ privileges: ["SELECT"], readOnly: true });
  });

  it("of everybody count too", async () => {
    await server.query("GRANT TRIGGER ON ecoin_legacy.* TO PUBLIC");
    try {
      const identity = await (await open()).identify();
      expect(identity).toMatchObject({ privileges: ["SELECT", "TRIGGER"], readOnly: false });
    } finally {
      await server.query("REVOKE TRIGGER ON ecoin_legacy.* FROM PUBLIC");
    }
  });
});

describe("R4 a failing connection says what to check, and never the password", () => {
  it("with a wrong password", async () => {
    await expect(open({ LEGACY_DB_PASSWORD: "wrong-secret" })).rejects.toMatchObject({
      name: "SourceAccessDenied",
      retriable: false,
      message: `mysql ecoin_legacy at 127.0.0.1:${server.port} refuses access (wrong user or password, ER_ACCESS_DENIED_ERROR); nothing was read. Check user name and password, from which hosts the user may connect, and that it has SELECT on the database.`,
    });
  });

  it("without a privilege on the database", async () => {
    await expect(openAs("u3", "GRANT SELECT ON shop.* TO u3@'%'")).rejects.toMatchObject({
      name: "SourceAccessDenied",
      message: expect.stringContaining("no privilege on the database"),
    });
  });

  it("without SELECT on a table", async () => {
    const source = await openAs("u4", "GRANT SELECT ON ecoin_legacy.formations TO u4@'%'");
    const all = { table: "many", after: null, upTo: null };
    const pages = source.read("many", "id", ["id"], all, 10)[Symbol.asyncIterator]();
    await expect(pages.next()).rejects.toMatchObject({
      name: "SourceAccessDenied",
      message: expect.stringContaining("no SELECT on a table"),
    });
  });

  it("with nobody at the port", async () => {
    const port = await unusedPort();
    await expect(open({ LEGACY_DB_PORT: String(port) })).rejects.toMatchObject({
      name: "SourceUnreachable",
      message: `mysql ecoin_legacy at 127.0.0.1:${port} does not answer (connection refused, ECONNREFUSED); nothing was read. Check host, port, socket and TLS settings, the firewall between here and there, and that the server runs.`,
    });
  });

  it("with a name that no host has, and with a socket that is none", async () => {
    await expect(open({ LEGACY_DB_HOST: "nowhere.invalid" })).rejects.toMatchObject({
      name: "SourceUnreachable",
    });
    await expect(open({ LEGACY_DB_SOCKET: "/nowhere/old.sock" })).rejects.toMatchObject({
      name: "SourceUnreachable",
      message: expect.stringContaining("no such socket"),
    });
  });

  it("with a database, a table or a character set that is not there", async () => {
    const admin = { LEGACY_DB_USERNAME: "u5", LEGACY_DB_PASSWORD: "right" };
    await openAs("u5", "GRANT SELECT ON *.* TO u5@'%'");
    await expect(open({ ...admin, LEGACY_DB_DATABASE: "nowhere" })).rejects.toMatchObject({
      name: "SourceSchemaMismatch",
      message: expect.stringContaining("there is no such database"),
    });
    await expect((await open()).ranges("nowhere", "id", 10)).rejects.toMatchObject({
      name: "SourceSchemaMismatch",
    });
    await expect(open({ LEGACY_DB_CHARSET: "klingon" })).rejects.toMatchObject({
      name: "SourceSettingsInvalid",
    });
  });

  it("with a CA whose file is not there", async () => {
    await expect(open({ LEGACY_MYSQL_ATTR_SSL_CA: "/nowhere/ca.pem" })).rejects.toMatchObject({
      name: "SourceSettingsInvalid",
      message: expect.stringContaining("LEGACY_MYSQL_ATTR_SSL_CA"),
    });
  });
});

describe("W13 a server that is there and refuses is not one that does not answer", () => {
  const at = () => `mysql ecoin_legacy at 127.0.0.1:${server.port}`;
  const unlimited = "Have MAX_USER_CONNECTIONS, or MAX_QUERIES_PER_HOUR and the like, raised";

  it.each([
    [
      "a locked account",
      "ALTER USER w@'%' ACCOUNT LOCK",
      "SourceAccessDenied",
      "refuses access (the account is locked, ER_ACCOUNT_HAS_BEEN_LOCKED); nothing was read. Have it unlocked: ALTER USER … ACCOUNT UNLOCK.",
    ],
    [
      "an expired password",
      "ALTER USER w@'%' PASSWORD EXPIRE",
      "SourceAccessDenied",
      "refuses access (the password has expired, ER_MUST_CHANGE_PASSWORD); nothing was read. Give the user a new password",
    ],
    [
      "too many connections of the user",
      "ALTER USER w@'%' WITH MAX_USER_CONNECTIONS 1",
      "SourceLimitReached",
      `answers, but goes no further (a limit of this user is reached, ER_USER_LIMIT_REACHED). Rows that were staged stay staged. ${unlimited}`,
    ],
    [
      "too many queries in an hour",
      "ALTER USER w@'%' WITH MAX_QUERIES_PER_HOUR 8",
      "SourceLimitReached",
      `answers, but goes no further (a limit of this user is reached, ER_USER_LIMIT_REACHED). Rows that were staged stay staged. ${unlimited}`,
    ],
    [
      "a statement that took too long",
      "ALTER USER w@'%' WITH MAX_STATEMENT_TIME 0.000001",
      "SourceLimitReached",
      "answers, but goes no further (a statement took longer than the user may take, ER_STATEMENT_TIMEOUT). Rows that were staged stay staged. Have the limit raised",
    ],
  ])("says what to do about %s", async (_, grants, name, says) => {
    await server.query("DROP USER IF EXISTS w@'%'");
    const attempt = async () => {
      const source = await openAs("w", `GRANT SELECT ON ecoin_legacy.* TO w@'%'; ${grants}`);
      const all = { table: "many", after: null, upTo: null };
      for await (const _ of source.read("many", "id", ["id"], all, 50));
      await open({ LEGACY_DB_USERNAME: "w", LEGACY_DB_PASSWORD: "right" });
    };
    await expect(attempt()).rejects.toMatchObject({
      name,
      message: expect.stringContaining(`${at()} ${says}`),
    });
  });

  it("says that a server has too many connections", async () => {
    await server.query("SET GLOBAL max_connections = 10");
    try {
      const attempt = async () => {
        for (let i = 0; i < 20; i++) await open();
      };
      await expect(attempt()).rejects.toMatchObject({
        name: "SourceLimitReached",
        message: `${at()} answers, but goes no further (too many connections, ER_CON_COUNT_ERROR). Rows that were staged stay staged. Wait until others have ended, or have max_connections raised.`,
      });
    } finally {
      for (const source of opened.splice(0)) await source.close();
      await server.query("SET GLOBAL max_connections = 151");
    }
  });

  it("W3 goes on after a connection that the server ended because it waited", async () => {
    await server.query("SET GLOBAL wait_timeout = 1");
    try {
      const source = await open();
      const all = { table: "many", after: null, upTo: null };
      const pages = source.read("many", "id", ["id"], all, 100)[Symbol.asyncIterator]();
      const read = async () => {
        for (;;) {
          await new Promise((done) => setTimeout(done, 2_000));
          if ((await pages.next()).done) return;
        }
      };
      await expect(read()).rejects.toMatchObject({ name: "SourceLost", retriable: true });
      for await (const page of source.read("many", "id", ["id"], all, 100)) {
        expect(page).toHaveLength(100);
        break;
      }
    } finally {
      await server.query("SET GLOBAL wait_timeout = 28800");
    }
  });
});

describe("a connection", () => {
  it("W3 that is lost in the middle of reading is a SourceLost, and the next call connects anew", async () => {
    const source = await open();
    const all = { table: "many", after: null, upTo: null };
    const pages = source.read("many", "id", ["id"], all, 100)[Symbol.asyncIterator]();
    const first = await pages.next();
    expect(first.value?.at(-1)).toEqual(["100"]);
    await killReaders();
    const rest = (async () => {
      for (;;) if ((await pages.next()).done) return;
    })();
    await expect(rest).rejects.toMatchObject({
      name: "SourceLost",
      retriable: true,
      message: expect.stringContaining("run the same step again and it continues"),
    });
    const again = source.read("many", "id", ["id"], { ...all, after: "100" }, 100);
    for await (const page of again) {
      expect(page[0]).toEqual(["101"]);
      break;
    }
  });

  it("R1 cannot write, even as a user who may", async () => {
    const source = await openAs("u6", "GRANT ALL ON *.* TO u6@'%'");
    // The column list is the only text a definition hands to the server; it is quoted, see above.
    const [row] = await server.query(
      "SELECT COUNT(*) AS n FROM information_schema.PROCESSLIST WHERE USER = 'u6'",
    );
    expect(Number(row?.n)).toBe(1);
    const direct = source as unknown as { query(sql: string): Promise<unknown> };
    await expect(direct.query("DELETE FROM many")).rejects.toMatchObject({ name: "SourceFailed" });
    expect(await server.query("SELECT COUNT(*) AS n FROM many")).toEqual([{ n: 1000 }]);
  });
});

async function killReaders(): Promise<void> {
  const rows = await server.query(
    "SELECT ID FROM information_schema.PROCESSLIST WHERE USER = 'ecoin_legacy_reader'",
  );
  for (const { ID } of rows) await server.query(`KILL CONNECTION ${Number(ID)}`).catch(() => {});
}

async function unusedPort(): Promise<number> {
  const socket = createServer();
  await new Promise<void>((done) => socket.listen(0, "127.0.0.1", done));
  const { port } = socket.address() as { port: number };
  await new Promise((done) => socket.close(done));
  return port;
}
