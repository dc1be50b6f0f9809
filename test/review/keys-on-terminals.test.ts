import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Aws } from "../../lib/cli/aws.ts";
import { rowNamed } from "../../lib/cli/verbs/why.ts";
import { findRun } from "../../lib/data/runs.ts";
import { identifier, raw, sql, uuid } from "../../lib/data/sql.ts";
import {
  commit,
  defineMigration,
  field,
  insert,
  kept,
  link,
  linked,
  match,
  people,
  phone,
  table,
  text,
  when,
} from "../../lib/define/builders.ts";
import { databaseRoles } from "../../lib/define/database-roles.ts";
import { explain } from "../../lib/review/rows/explain.ts";
import { ledgerOf } from "../../lib/review/rows/row-record.ts";
import { look } from "../../lib/review/steer/look.ts";
import { previewRollback } from "../../lib/stages/preview-rollback.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { setUpAgain, type TestServices, testServices } from "../support/services.ts";
import { folderOf } from "../support/small.ts";
import { approve, reviewedRun, runWave } from "../support/steps.ts";

/** Rows and people are called by addresses on both sides, though nothing in the definition says so. */
const definition = defineMigration({
  name: "called",
  title: "Called by addresses",
  connection: "legacy",
  source: { members: table("no", "mobile") },
  entity: {
    from: ["members"],
    fields: { mobile: phone("mobile", { region: "DZ" }), note: text("mobile") },
    decide: {},
    match: match([people({ in: "users", phone: "phone", idType: "text" })]),
    actions: {
      member: insert(
        "members",
        { no: "legacy_id", user_id: linked("users") },
        { id: kept({ no: "legacy_id" }) },
      ),
    },
    plan: [
      when(field("high_hits", "one"), link()),
      when(field("high_hits", "none"), commit("member")),
    ],
  },
});
const names = databaseRoles("draft_called");
const run = "7f3a0000-0000-4000-8000-0000000000f9";
const own = "sara@example.com";
const theirs = "karim@example.com";
let test: TestServices;
let folder: { remove(): Promise<void> };

beforeAll(async () => {
  test = await testServices({
    world: {
      migration: definition,
      platform: [
        `create table users (id text primary key, phone text);
         create table members (no text primary key, user_id text references users, word text);
         insert into users values ('${theirs}', '213551000000')`,
      ],
      legacy: "",
    },
  });
  folder = await folderOf(test, {
    members: [
      ["no", "mobile"],
      [own, "0551000009"],
      ["linked@example.com", "0551000000"],
    ],
  });
  await reviewedRun(test, run);
  await approve(test, run, "first_wave");
  await runWave(test, run, 1);
  await test.query("update members set word = 'edited'");
  await previewRollback(test.services, run);
  await rollback(test.services, run);
});
afterAll(async () => {
  await test?.close();
  await folder?.remove();
});

const keptIds = async () =>
  (
    await test.query<{ id: string }>(
      "select c ->> 'id' as id from wavegate.rollback_previews, jsonb_array_elements(found -> 'conflicts') c",
    )
  ).map(({ id }) => id);

const staged = () =>
  test.query<{ id: number }>("select id::int from wavegate.called_rows where run_id = $1", [run]);

describe("W14 D20 a key that may be somebody's address", () => {
  it("stands in no column that the role of terminals reads", async () => {
    const columns = await test.query<{ name: string; column: string }>(
      `select c.relname as name, a.attname as column from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
        where c.relnamespace = 'wavegate'::regnamespace and c.relkind in ('r', 'p', 'v') and not a.attisdropped
          and has_column_privilege($1, c.oid, a.attnum, 'select') and a.attname not in ('definition', 'pin')`,
      [names.operator],
    );
    expect(columns.length).toBeGreaterThan(200);
    const found: string[] = [];
    for (const { name, column } of columns) {
      const rows = await test.operator.rows(sql`
        select 1 as yes from wavegate.${raw(identifier(name))} t
         where to_jsonb(t.${raw(identifier(column))})::text like '%@example.com%' limit 1`);
      // The addresses of the team are no one's who is migrated.
      if (rows.length > 0 && name !== "people") found.push(`${name}.${column}`);
    }
    expect(found).toEqual([]);
  });

  it("is not shown by what explains a row either, nor by its ledger", async () => {
    const known = await findRun(test.services.sign, run);
    const shown: unknown[] = [];
    for (const { id } of await staged()) {
      shown.push(await explain(test.services.sign, known, { id }));
      shown.push(await ledgerOf(test.operator, known, id));
    }
    expect(JSON.stringify(shown)).not.toContain("@example.com");
    expect(JSON.stringify(shown)).toMatch(/key:[0-9a-f]{64}/u);
  });

  it("names no row to whoever thinks of one and asks past the terminal", async () => {
    for (const legacyId of [own, "nobody@example.com"]) {
      const row = { table: "members", legacyId };
      expect(await look(test.services, "operator", { look: "row", run, row })).toEqual({
        found: null,
      });
    }
  });

  it("W13 keeps no terminal from saying how rows are named, where none is of the name that was asked for", async () => {
    const known = await findRun(test.services.sign, run);
    const [first] = (await staged()).sort((one, other) => one.id - other.id);
    await expect(rowNamed({ db: test.operator } as Aws, known, "nobody")).rejects.toMatchObject({
      name: "UnknownRow",
      message: `“nobody” names no row. Nothing was written. A row is its staged id, or its legacy table and id, as in ${first?.id}.`,
    });
    const [{ of = "" } = {}] = await test.query<{ of: string }>(
      "select source_table as of from wavegate.called_rows where run_id = $1 limit 1",
      [run],
    );
    await expect(
      rowNamed({ db: test.operator } as Aws, known, `${of}:${own}`),
    ).rejects.toMatchObject({
      name: "UnknownRow",
      message: `“${of}:${own}” names no row. A key with an @ in it names none, as it may be somebody’s address. Nothing was written. A row is its staged id, or its legacy table and id, as in ${first?.id}.`,
    });
  });

  it("cannot be tried against what stands for it by terminals, pages or waves", async () => {
    const { sign, commitOf } = test.services;
    for (const db of [test.operator, sign, commitOf("called")]) {
      for (const name of ["shown_key", "shown_source_key", "keyed_digest", "staged_key"]) {
        const of = name.startsWith("shown") ? sql`${uuid(run)}` : sql`'shown key'`;
        await expect(
          db.rows(sql`select wavegate.${raw(name)}(${of}, ${own}) as shown`),
        ).rejects.toThrow(`permission denied for function ${name}`);
      }
    }
  });

  it("nor once a database of before was set up again", async () => {
    for (const role of [names.operator, names.sign, names.commit("called")])
      await test.query(
        `grant execute on function wavegate.shown_key, wavegate.shown_source_key to ${role}`,
      );
    await test.query(
      `grant select (target_key) on wavegate.legacy_import_commit_logs to ${names.operator}`,
    );
    await test.query(
      `update wavegate.rollback_previews set found = jsonb_set(found, '{conflicts,0,id}', to_jsonb($1::text))`,
      [own],
    );
    await setUpAgain(test, definition);
    const [held] = await test.query(
      `select bool_or(has_function_privilege(r.oid, f.oid, 'execute')) as any
         from pg_roles r, pg_proc f
        where r.rolname = any ($1) and f.pronamespace = 'wavegate'::regnamespace and f.proname in ('shown_key', 'shown_source_key')`,
      [[names.operator, names.sign, names.commit("called")]],
    );
    expect(held).toEqual({ any: false });
    expect(await keptIds()).toEqual([expect.stringMatching(/^key:[0-9a-f]{64}$/u)]);
  });
});
