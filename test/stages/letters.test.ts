import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addressAsRead } from "../../lib/compile/as-read.ts";
import { isPlaceholder } from "../../lib/compile/placeholder.ts";
import type { Database } from "../../lib/data/database.ts";
import type { Sql } from "../../lib/data/sql.ts";
import type { CodedReference } from "../../lib/define/definition.ts";
import { SERVER_SETTINGS } from "../../lib/embedded/postgres/settings.ts";
import type { RunningPostgres } from "../../lib/embedded/postgres/start.ts";
import { normalizeEmail } from "../../lib/normalize/email.ts";
import { knowsLetters, lettersSay } from "../../lib/stages/preflight/letters.ts";
import { serverLogQuotes } from "../../lib/stages/set-up/server-log.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import { startTestPostgres } from "../support/server.ts";

let directory: string;
let server: RunningPostgres;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "wavegate-letters-"));
  server = await startTestPostgres(directory);
});
afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

async function query(database: string, text: string): Promise<Record<string, unknown>[]> {
  const url = new URL(server.url);
  if (database !== "") url.pathname = `/${database}`;
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

const asked = (database: string) =>
  knowsLetters({
    one: async ({ parts }: Sql) => (await query(database, parts.join("")))[0],
  } as unknown as Database);

describe("W14 what the database's own log would quote of people", () => {
  const said = (settings: string) =>
    serverLogQuotes({
      rows: async ({ parts }: Sql) => {
        const client = new pg.Client({ connectionString: server.url });
        await client.connect();
        try {
          await client.query(settings);
          return (await client.query(parts.join(""))).rows;
        } finally {
          await client.end();
        }
      },
    } as unknown as Database);
  const named = "values that no column takes (log_min_messages = log)";
  const refused = "rows that are refused (log_error_verbosity = terse)";
  const given = "values of statements (log_parameter_max_length = 0)";
  const explained =
    "values of statements that take long (auto_explain.log_parameter_max_length = 0)";
  const audited = "values of statements (pgaudit.log_parameter = off)";
  const all = "set auto_explain.log_parameter_max_length = '-1'";
  const loud = "set log_min_messages = error;";
  const quiet = "set log_error_verbosity = terse; set log_parameter_max_length = 0;";

  it.each([
    [quiet, []],
    ["set log_error_verbosity = terse", []],
    // Where no error is logged there is nothing that quotes in it.
    ["set log_error_verbosity = 'default'", []],
    ["set log_error_verbosity = 'default'; set log_min_messages = fatal", []],
    [`${loud} set log_error_verbosity = terse`, [named]],
    [`${loud} set log_error_verbosity = 'default'`, [named, refused]],
    ["set log_min_messages = warning; set log_error_verbosity = terse", [named]],
    [
      `${loud} set log_error_verbosity = verbose; set log_statement = 'mod'`,
      [named, refused, given],
    ],
    ["set log_error_verbosity = terse; set log_min_duration_statement = '1s'", [given]],
    ["set log_error_verbosity = terse; set log_min_duration_sample = 0", [given]],
    [`${quiet} set log_statement = 'all'; set log_min_duration_statement = 0`, []],
    [
      `${quiet} set log_parameter_max_length_on_error = 10`,
      ["values of statements that fail (log_parameter_max_length_on_error = 0)"],
    ],
    // Of libraries that the platform loads for its own sake.
    [`${quiet} set auto_explain.log_min_duration = '1s'; ${all}`, [explained]],
    [`${quiet} set auto_explain.log_min_duration = '-1'; ${all}`, []],
    [
      `${quiet} set auto_explain.log_min_duration = 0; set auto_explain.log_parameter_max_length = '0'`,
      [],
    ],
    [`${quiet} set pgaudit.log = 'write'; set pgaudit.log_parameter = 'on'`, [audited]],
    [`${quiet} set pgaudit.log = 'none'; set pgaudit.log_parameter = 'on'`, []],
    [`${quiet} set pgaudit.log = 'all'; set pgaudit.log_parameter = 'off'`, []],
  ])("by %s: %j", async (settings, quotes) => {
    expect(await said(settings)).toEqual(quotes);
  });

  it("on one machine is nobody", async () => {
    expect(SERVER_SETTINGS).toMatchObject({
      log_error_verbosity: "terse",
      log_min_messages: "log",
    });
    expect(await said("")).toEqual([]);
  });
});

describe("R1 D7 which letters the platform's database knows", () => {
  it.each([
    ["of_c", "lc_ctype 'C' lc_collate 'C' locale_provider libc", false, "C"],
    ["of_posix", "lc_ctype 'POSIX' lc_collate 'C' locale_provider libc", false, "C"],
    ["of_utf8", "lc_ctype 'C.UTF-8' lc_collate 'C' locale_provider libc", true, "C.UTF-8"],
    ["of_cluster", "", true, "C.UTF-8"],
  ])("is found in a database %s made with %j: %s", async (name, made, knows, ctype) => {
    await query("", `create database ${name} template template0 ${made}`);
    await query(name, "create extension pg_trgm");
    expect(await asked(name)).toEqual({ knows, ctype });
  });

  it.each([
    ["small_c", "lc_ctype 'C' lc_collate 'C' locale_provider libc"],
    ["small_turkish", "locale_provider icu icu_locale 'tr-TR'"],
    ["small_cluster", ""],
  ])(
    "M7 D4 M5 in a database %s made with %j capitals are those that the import knows",
    async (name, made) => {
      await query("", `create database ${name} template template0 ${made}`);
      const small = (what: string, from: string) =>
        query(name, `select ${what} as is from ${from}`).then(([row]) => row?.is);
      for (const address of ["INFO@KIRMIZI.COM", "Iİıi@example.com", " ÉLISE.Ünal@Example.com "]) {
        const { email } = normalizeEmail(address, []);
        const found = await small(
          `lower(${addressAsRead("p.email")})`,
          `(values ('${address}')) p(email)`,
        );
        expect(found).toBe(email);
      }
      const session = ecoin.references.session as CodedReference;
      for (const code of ["SESSION-ATTENTE 7", "Session-Attente"]) {
        const from = `(select 9 as legacy_session_id, '${code}' as code, 1 as parent_id, false as parent_unreadable) m`;
        expect(await small(isPlaceholder(session, "m"), from)).toBe(true);
      }
    },
  );

  it("W13 says what is not found, and what to do", () => {
    expect(lettersSay({ knows: false, ctype: "C" })).toBe(
      "The platform's database knows no letters beyond ASCII (LC_CTYPE C): similar names in Arabic or with accents are not found, nor anything suggested by them; equal ones are. Names that are alike have to be looked for by people, or the database be made anew with LC_CTYPE 'C.UTF-8'.",
    );
    expect(lettersSay({ knows: true, ctype: "C.UTF-8" })).toBe(
      "The platform's database compares names in every script.",
    );
  });
});
