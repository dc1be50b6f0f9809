import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { named, table } from "../../lib/define/builders.ts";
import type { SourceKey } from "../../lib/define/keys.ts";
import { openSource } from "../../lib/sources/open.ts";
import { translate } from "../../lib/sources/postgres/errors.ts";
import { sourceSettings } from "../../lib/sources/settings.ts";
import type { LegacyRow, Source } from "../../lib/sources/source.ts";
import { type ListedTable, listTables } from "../../lib/sources/tables.ts";
import { withCatalogues } from "../../lib/sources/with-catalogues.ts";
import { type TestDatabase, testDatabase } from "../support/postgres.ts";

let database: TestDatabase;
let admin: pg.Client;
let reader: string;
const opened: Source[] = [];

beforeAll(async () => {
  database = await testDatabase();
  reader = `reader_${database.name}`;
  admin = new pg.Client({ connectionString: database.url });
  await admin.connect();
  await admin.query(`
    create table formations (id bigint primary key, nom text);
    insert into formations values (1, 'Secrétariat'), (2, 'إعلام آلي'), (5, 'Photo 📷');
    create table odd (id integer primary key, born date, at timestamptz, price numeric(10,2),
      ratio double precision, big numeric, yes boolean, note jsonb, words text[]);
    insert into odd values
      (-7, '0044-03-15 BC', '2019-03-04 10:11:12+02', 12.50, 0.1, 18446744073709551615, true, '{"a":1}', '{a,NULL}'),
      (1, 'infinity', null, null, 'NaN', 9007199254740993, null, null, null);
    create table many (id integer primary key, word text);
    insert into many select n * 2, 'word ' || n from generate_series(1, 1000) n;
    create table empty (id integer primary key);
    create table "Übung" ("Id" integer primary key, "Wert" text);
    insert into "Übung" values (1, 'x');
    create schema auth; create table auth.users (id bigint primary key, mail text);
    insert into auth.users values (9007199254740993, 'a@example.com');
    create table twice (id integer, nom text); insert into twice values (1, 'a'), (1, 'b');
    create table holes (id integer, nom text); insert into holes values (1, 'a'), (null, 'b');
    create table textkey (id text primary key);
    create table auth."v1.Sessions" (id integer primary key, secret text);
    create table auth.events (id integer, day date) partition by range (day);
    create table auth.events_1 partition of auth.events for values from ('2024-01-01') to ('2025-01-01');
    insert into auth.events values (1, '2024-05-01');
    create schema hidden; create table hidden.users (id integer);
    create view good_view as select id, nom from formations;
    create view twice_view as select id, nom from twice;
    create domain positive as integer check (value > 0);
    create domain counted as positive not null;
    create table of_domain (id counted primary key);
    revoke create on schema public from public;
    create role ${reader} login password 'right';
    grant usage on schema auth to ${reader};
    grant select on all tables in schema public, auth to ${reader};
    revoke select on auth."v1.Sessions" from ${reader};
    grant select (id) on auth."v1.Sessions" to ${reader};`);
});

afterAll(async () => {
  await Promise.all(opened.map((source) => source.close()));
  await admin?.query(`drop owned by ${reader}; drop role ${reader}`);
  await admin?.end();
  await database?.drop();
});

const settings = (changes: Record<string, string> = {}) => {
  const url = new URL(database.url);
  return sourceSettings("legacy", {
    LEGACY_DB_DRIVER: "pgsql",
    LEGACY_DB_PORT: url.port,
    LEGACY_DB_DATABASE: database.name,
    LEGACY_DB_USERNAME: reader,
    LEGACY_DB_PASSWORD: "right",
    ...changes,
  });
};

async function open(changes: Record<string, string> = {}): Promise<Source> {
  const source = await openSource(settings(changes));
  opened.push(source);
  return source;
}

async function everyRow(
  source: Source,
  table: string,
  columns: readonly string[],
  pageRows = 100,
  key: SourceKey = "id",
) {
  const rows: LegacyRow[] = [];
  const all = { table, after: null, upTo: null };
  for await (const page of source.read(table, key, columns, all, pageRows)) rows.push(...page);
  return rows;
}

describe("rows of a PostgreSQL", () => {
  it("M1 are text as the server writes it, in UTC, whatever the type", async () => {
    const columns = ["id", "born", "at", "price", "ratio", "big", "yes", "note", "words"];
    expect(await everyRow(await open(), "odd", columns)).toEqual([
      [
        "-7",
        "0044-03-15 BC",
        "2019-03-04 08:11:12+00",
        "12.50",
        "0.1",
        "18446744073709551615",
        "t",
        '{"a": 1}',
        "{a,NULL}",
      ],
      ["1", "infinity", null, null, "NaN", "9007199254740993", null, null, null],
    ]);
  });

  it("come in the columns asked for, of a table in another schema too, with exact keys", async () => {
    expect(await everyRow(await open(), "formations", ["nom", "id"], 1)).toEqual([
      ["Secrétariat", "1"],
      ["إعلام آلي", "2"],
      ["Photo 📷", "5"],
    ]);
    expect(await everyRow(await open(), "auth.users", ["id", "mail"])).toEqual([
      ["9007199254740993", "a@example.com"],
    ]);
  });

  it("B12 tables of every schema that the user may read are listed, by the names under which they are read", async () => {
    const listed = await listTables(settings(), 10);
    expect(listed.map(({ table }) => table).sort()).toEqual(
      [
        ...[
          "Übung",
          "empty",
          "formations",
          "holes",
          "many",
          "odd",
          "of_domain",
          "textkey",
          "twice",
        ],
        ...["auth.events", "auth.users", "auth.v1.Sessions"],
      ].sort(),
    );
    const source = await open();
    for (const { table, columns, sample } of listed) {
      const [facts] = await source.inspect({ [table]: { key: columns[0] as string, columns } });
      expect([table, facts?.exists, facts?.missingColumns]).toEqual([table, true, []]);
      expect(sample.length).toBe(Math.min(10, facts?.rows ?? -1));
    }
    expect(listed.find(({ table }) => table === "auth.v1.Sessions")?.columns).toEqual(["id"]);
  });

  it.each([
    ["users", ["auth.users"]],
    ["Users", ["auth.users"]],
    ["public.users", ["auth.users"]],
    ["auth.odd", ["odd"]],
    ["v1.sessions", ["auth.v1.Sessions"]],
    ["events_1", []],
    ["nothing", []],
  ])(
    "B12 of %s, which is not there, it is told what is called like it",
    async (table, elsewhere) => {
      const source = await open();
      const [facts] = await source.inspect({ [table]: { key: "id", columns: [] } });
      expect([facts?.exists, facts?.elsewhere ?? []]).toEqual([false, elsewhere]);
    },
  );

  it("W3 of a composite key with a null in it are read once, as those without a key are", async () => {
    await admin.query(`create type seat as (row int, place text); create table seats (id seat, nom text);
      insert into seats values ((1, null), 'a'), ((1, 'x'), 'b'), ((null, null), 'c'), (null, 'd');
      grant select on seats to ${reader}`);
    const source = await open();
    const rows: LegacyRow[] = [];
    for (const range of await source.ranges("seats", ["id"], 1))
      for await (const page of source.read("seats", ["id"], ["id", "nom"], range, 10))
        rows.push(...page);
    expect(rows).toEqual([
      [null, "d"],
      ["(,)", "c"],
      ["(1,)", "a"],
      ["(1,x)", "b"],
    ]);
  });

  it("W3 come in ranges that cover the table, and can be read on from any key", async () => {
    const source = await open();
    const ranges = await source.ranges("many", "id", 300);
    expect(ranges).toEqual([
      { table: "many", after: null, upTo: "600" },
      { table: "many", after: "600", upTo: "1200" },
      { table: "many", after: "1200", upTo: "1800" },
      { table: "many", after: "1800", upTo: "2000" },
    ]);
    const keys: (string | null | undefined)[] = [];
    for (const range of ranges) {
      for await (const page of source.read("many", "id", ["id"], range, 70)) {
        keys.push(...page.map(([key]) => key));
      }
    }
    expect(keys).toEqual(Array.from({ length: 1000 }, (_, n) => String((n + 1) * 2)));
    expect(await source.ranges("empty", "id", 10)).toEqual([]);
  });

  it("W3 of one range show one moment, whatever is written between its pages", async () => {
    const source = await open();
    const seen: (string | null | undefined)[] = [];
    try {
      const all = { table: "many", after: null, upTo: null };
      for await (const page of source.read("many", "id", ["word"], all, 400)) {
        if (seen.length === 0) await admin.query("update many set word = 'later'");
        seen.push(...page.map(([word]) => word));
      }
    } finally {
      await admin.query("update many set word = 'word ' || id / 2");
    }
    expect(seen.filter((word) => word === "later")).toEqual([]);
    expect(seen).toHaveLength(1000);
  });

  it.each([
    ["whole numbers", "alter table anew add column drawn uuid default gen_random_uuid()"],
    ["texts", "alter table anew add column drawn uuid default gen_random_uuid()"],
    [
      "whole numbers",
      "create table next as select * from anew; drop table anew; alter table next rename to anew; alter table anew add primary key (no)",
    ],
  ])(
    "R3 W3 of %s as keys are read though somebody writes the table anew while it is waited for",
    async (keys, change) => {
      const type = keys === "texts" ? "text" : "integer";
      await admin.query(`create table anew (no ${type} primary key, word text);
      insert into anew select n::text::${type}, 'word' from generate_series(1, 30) n;
      grant select on anew to ${reader}`);
      try {
        const source = await open();
        const key: SourceKey = keys === "texts" ? ["no"] : "no";
        const [range] = await source.ranges("anew", key, 100);
        await admin.query(`begin; ${change}; grant select on anew to ${reader}`);
        const reading = (async () => {
          const rows: LegacyRow[] = [];
          for await (const page of source.read("anew", key, ["no", "word"], range as never, 10))
            rows.push(...page);
          return rows;
        })();
        reading.catch(() => {});
        const asked = new pg.Client({ connectionString: database.url });
        await asked.connect();
        while ((await asked.query("select from pg_locks where not granted")).rowCount === 0)
          await new Promise((done) => setTimeout(done, 10));
        await asked.end();
        await admin.query("commit");
        expect(await reading).toHaveLength(30);
      } finally {
        await admin.query("rollback; drop table if exists anew");
      }
    },
  );

  it("are counted, and what is missing is named", async () => {
    expect(
      await (await open()).inspect({
        formations: { key: "id", columns: ["id", "nom", "prix"] },
        nowhere: { key: "id", columns: ["id"] },
        Übung: { key: "Id", columns: ["Wert", "wert"] },
      }),
    ).toEqual([
      { table: "formations", exists: true, rows: 3, missingColumns: ["prix"] },
      { table: "nowhere", exists: false, rows: 0, missingColumns: ["id"] },
      { table: "Übung", exists: true, rows: 1, missingColumns: ["wert"] },
    ]);
  });

  it("need a key that is an integer, never null and unique: pages would lose or repeat rows", async () => {
    const source = await open();
    for (const table of ["good_view", "of_domain", "formations"]) {
      await expect(source.ranges(table, "id", 10)).resolves.toBeDefined();
    }
    for (const table of ["twice", "twice_view", "holes", "textkey", "nowhere"]) {
      await expect(source.ranges(table, "id", 10)).rejects.toMatchObject({
        name: "SourceSchemaMismatch",
      });
    }
  });
});

describe("R1 the source's user", () => {
  it("may SELECT and nothing else, and is not encrypted", async () => {
    expect(await (await open()).identify()).toEqual({
      kind: "postgresql",
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
      privileges: ["SELECT"],
      readOnly: true,
      encrypted: false,
    });
  });

  it.each([
    ["on a table", "grant insert on formations to WHO", "INSERT"],
    ["on one column", "grant update (nom) on formations to WHO", "UPDATE"],
    ["in another schema", "grant delete on auth.users to WHO", "DELETE"],
    ["to empty a table", "grant truncate on many to WHO", "TRUNCATE"],
    ["to put triggers on a table", "grant trigger on many to WHO", "TRIGGER"],
    ["to refer to a table", "grant references on many to WHO", "REFERENCES"],
    ["to make tables", "grant create on schema auth to WHO", "CREATE"],
    ["to make schemas", "grant create on database DATABASE to WHO", "CREATE"],
    ["to pass on", "grant select on many to WHO with grant option", "GRANT OPTION"],
    ["that everybody has", "grant insert on many to public", "INSERT"],
    ["by a role it can become", "grant pg_write_all_data to WHO", "PG_WRITE_ALL_DATA"],
    ["on the server's files", "grant pg_write_server_files to WHO", "PG_WRITE_SERVER_FILES"],
    ["of a superuser", "alter role WHO superuser", "SUPERUSER"],
    ["to make roles", "alter role WHO createrole", "CREATEROLE"],
    ["of an owner", "alter table many owner to WHO", "OWNER"],
  ])("is seen when it may do more: %s", async (_, grant, privilege) => {
    const role = `writer_${database.name}`;
    const fill = (text: string) =>
      text.replaceAll("WHO", role).replaceAll("DATABASE", database.name);
    await admin.query(`create role ${role} login password 'right'`);
    try {
      await admin.query(`grant select on formations to ${role}`);
      await admin.query(fill(grant));
      const source = await open({ LEGACY_DB_USERNAME: role });
      const identity = await source.identify();
      await source.close();
      expect(identity.readOnly).toBe(false);
      expect(identity.privileges).toContain(privilege);
    } finally {
      await admin.query("alter table many owner to current_user");
      await admin.query("revoke insert on many from public");
      await admin.query(`drop owned by ${role} cascade; drop role ${role}`);
    }
  });

  it("cannot write even where it may: the session is read only", async () => {
    const role = `careless_${database.name}`;
    await admin.query(`create role ${role} login password 'right'`);
    try {
      await admin.query(`
        grant all on formations to ${role};
        create function write_it() returns bigint language sql volatile security definer
          as $$ insert into formations values (99, 'planted') returning id $$;
        create view trap as select write_it() as id;
        grant select on trap to ${role}`);
      const source = await open({ LEGACY_DB_USERNAME: role });
      await expect(everyRow(source, "trap", ["id"])).rejects.toMatchObject({
        name: "SourceFailed",
        message: expect.stringContaining("25006"),
      });
      const { rows } = await admin.query("select 1 from formations where id = 99");
      expect(rows).toEqual([]);
    } finally {
      await admin.query(`drop view if exists trap; drop function if exists write_it();
        drop owned by ${role} cascade; drop role ${role}`);
    }
  });

  it("R3 reads values, and keys, to the letter whatever is set for the role", async () => {
    const own = ["bytea_output = 'escape'", "datestyle = 'German'", "timezone = 'Asia/Tokyo'"];
    own.push("extra_float_digits = -9", "intervalstyle = 'sql_standard'");
    await admin.query(`
      create table settled (id bytea primary key, day date, at timestamptz, share float8, lasts interval);
      insert into settled values ('\\x41ff', '2024-01-02', '2024-01-02 03:04:05+00', 0.1234567890123456, '90 minutes');
      grant select on settled to ${reader}; ${own.map((one) => `alter role ${reader} set ${one};`).join("")}`);
    const source = await open();
    const rows = await everyRow(source, "settled", ["id", "day", "at", "share", "lasts"], 9, [
      "id",
    ]);
    await admin.query(`alter role ${reader} reset all; drop table settled`);
    const [share, lasts] = ["0.1234567890123456", "PT1H30M"];
    expect(rows).toEqual([["\\x41ff", "2024-01-02", "2024-01-02 03:04:05+00", share, lasts]]);
  });

  it("D42 from whom row-level security hides rows reads nothing instead of less", async () => {
    await admin.query(`
      create table secret (id integer primary key); insert into secret values (1), (2);
      alter table secret enable row level security;
      create policy only_one on secret using (id = 1);
      grant select on secret to ${reader}`);
    const source = await open();
    const message = expect.stringMatching(/row-level security of “secret”.*bypassrls/u);
    const denied = { name: "SourceAccessDenied", message };
    // Whoever begins a definition is told the same of that table, and of no other.
    await admin.query(`create table plain (id integer primary key, during daterange, times tstzmultirange);
      insert into plain values (7, '[2024-01-01,2024-02-01)', '{}'); grant select on plain to ${reader}`);
    const listed = await listTables(settings(), 1);
    expect(listed.filter(({ table }) => ["plain", "secret"].includes(table))).toEqual([
      {
        ...{ table: "plain", columns: ["id", "during", "times"], key: ["id"] },
        ...{ sample: [["7", "[2024-01-01,2024-02-01)", "{}"]], ranges: ["during", "times"] },
      },
      { table: "secret", columns: ["id"], key: ["id"], sample: [], unread: message },
    ]);
    // What views hold stands in tables: one is listed where it is asked for.
    await admin.query(
      `create view seen as select id from plain; grant select on seen to ${reader}`,
    );
    const names = (tables: readonly ListedTable[]) => tables.map(({ table }) => table);
    expect(names(listed)).not.toContain("seen");
    expect(names(await listTables(settings(), 1, "seen"))).toContain("seen");
    await admin.query("drop view seen; drop table plain");
    await expect(everyRow(source, "secret", ["id"])).rejects.toMatchObject(denied);
    await expect(source.inspect({ secret: { key: "id", columns: ["id"] } })).rejects.toMatchObject(
      denied,
    );
  });
});

describe("R4 a failing connection says what to check, and never the password", () => {
  it.each([
    [{ LEGACY_DB_PASSWORD: "wrong-secret" }, "SourceAccessDenied", "wrong user or password"],
    [{ LEGACY_DB_USERNAME: "nobody_here" }, "SourceAccessDenied", "wrong user or password"],
    [{ LEGACY_DB_DATABASE: "nowhere_db" }, "SourceSchemaMismatch", "no such database"],
    [{ LEGACY_DB_PORT: "1" }, "SourceUnreachable", "connection refused"],
    [{ LEGACY_DB_SOCKET: "/nowhere" }, "SourceUnreachable", "no such socket"],
    [{ LEGACY_DB_HOST: "no-such-host.invalid" }, "SourceUnreachable", "host"],
    [{ LEGACY_DB_SSL_CA: "/nowhere/ca.pem" }, "SourceSettingsInvalid", "LEGACY_DB_SSL_CA"],
  ])("with %o", async (changes, name, words) => {
    const failure = await open(changes).then(
      () => undefined,
      (error: Error) => error,
    );
    expect(failure?.name).toBe(name);
    expect(failure?.message).toContain(words);
    expect(failure?.message).not.toMatch(/wrong-secret|right/);
  });

  it.each([
    ["53300", "too many connections", "Wait until others have ended"],
    ["53200", "the server is out of memory", "Tell whoever runs the server"],
    ["57014", "the statement was cancelled or took too long", "Have statement_timeout raised"],
    ["57P03", "the server is starting or stopping", "Wait until the server has started."],
    ["55P03", "a lock was not given in time", "Run the same step again when"],
  ])("W13 %s is an answer of a server that is there", (code, why, next) => {
    for (const phase of ["connecting", "reading"] as const) {
      const error = Object.assign(new Error("…"), { code });
      const { name, message } = translate(error, "postgresql old at db:5432", phase);
      expect(name).toBe("SourceLimitReached");
      expect(message).toContain(`answers, but goes no further (${why}, ${code}).`);
      expect(message).toContain(next);
    }
  });

  it("W13 an unknown SQLSTATE is an answer too, a broken connection is none", () => {
    const at = "postgresql old at db:5432";
    const error = (code: string) => Object.assign(new Error("…"), { code });
    expect(translate(error("XX000"), at, "connecting").name).toBe("SourceFailed");
    expect(translate(error("08006"), at, "connecting").name).toBe("SourceUnreachable");
    expect(translate(error("ECONNREFUSED"), at, "connecting").name).toBe("SourceUnreachable");
    expect(translate(error("EPIPE"), at, "connecting").name).toBe("SourceUnreachable");
    expect(translate(error("57P01"), at, "reading").name).toBe("SourceLost");
  });

  it("W13 says that the role has too many connections", async () => {
    await admin.query(`alter role "${reader}" connection limit 0`);
    try {
      await expect(open()).rejects.toMatchObject({
        name: "SourceLimitReached",
        message: expect.stringContaining("too many connections, 53300"),
      });
    } finally {
      await admin.query(`alter role "${reader}" connection limit -1`);
    }
  });

  it("without SELECT on a table, and what is not there", async () => {
    await admin.query("create table kept_back (id integer primary key)");
    const source = await open();
    await expect(everyRow(source, "kept_back", ["id"])).rejects.toMatchObject({
      name: "SourceAccessDenied",
    });
    await expect(everyRow(source, "nowhere", ["id"])).rejects.toMatchObject({
      name: "SourceSchemaMismatch",
    });
    await expect(everyRow(source, "formations", ["prix"])).rejects.toMatchObject({
      name: "SourceSchemaMismatch",
    });
  });

  it("V11 what a table may lack is null, and refused where it is there and may not be read", async () => {
    const events = named(table("id", "mail", "note"), { mail: ["day"], note: [] });
    const sessions = named(table("id", "secret"), { secret: [] });
    const tables = { "auth.events": events, "auth.v1.Sessions": sessions };
    const source = withCatalogues(await open(), tables);
    expect(await everyRow(source, "auth.events", events.columns, 10, ["id"])).toEqual([
      ["1", "2024-05-01", null],
    ]);
    await expect(everyRow(source, "auth.v1.Sessions", sessions.columns)).rejects.toMatchObject({
      name: "SourceAccessDenied",
    });
  });

  it("W3 that breaks while it reads is lost, and the next question connects anew", async () => {
    const source = await open();
    const all = { table: "many", after: null, upTo: null };
    const reading = source.read("many", "id", ["id"], all, 100)[Symbol.asyncIterator]();
    await reading.next();
    await admin.query("select pg_terminate_backend(pid) from pg_stat_activity where usename = $1", [
      reader,
    ]);
    await expect(
      (async () => {
        while (!(await reading.next()).done);
      })(),
    ).rejects.toMatchObject({ name: "SourceLost", retriable: true });
    await source.inspect({ many: { key: "id", columns: ["id"] } }).catch(() => {});
    expect(await everyRow(source, "formations", ["id"])).toHaveLength(3);
    expect(await source.inspect({ many: { key: "id", columns: ["id"] } })).toEqual([
      { table: "many", exists: true, rows: 1000, missingColumns: [] },
    ]);
  });

  it("R2 goes through a Unix socket, named by its folder or itself", async () => {
    const folder = await mkdtemp(join(tmpdir(), "socket-"));
    const port = Number(new URL(database.url).port);
    const path = join(folder, `.s.PGSQL.${port}`);
    const relay = createServer((from) => {
      const to = connect(port, "127.0.0.1");
      from.pipe(to).pipe(from);
      from.on("error", () => to.destroy());
      to.on("error", () => from.destroy());
    });
    await new Promise<void>((ready) => relay.listen(path, ready));
    try {
      for (const socket of [folder, path]) {
        const source = await open({ LEGACY_DB_SOCKET: socket, LEGACY_DB_HOST: "nowhere.invalid" });
        expect(source.description).toBe(`postgresql ${database.name} at ${socket}`);
        expect(await everyRow(source, "formations", ["id"])).toHaveLength(3);
        await source.close();
      }
    } finally {
      relay.close();
      await rm(folder, { recursive: true, force: true });
    }
  });
});
