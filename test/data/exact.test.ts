import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ExactId, exactJson } from "../../lib/data/exact.ts";
import { bigint, raw, sql } from "../../lib/data/sql.ts";
import { appendAudit, verifyChain } from "../../lib/evidence/audit-log.ts";
import { idOfType } from "../../lib/review/mappings/decisions.ts";
import { roles, type TestServices, testServices } from "../support/services.ts";

let test: TestServices;
beforeAll(async () => {
  test = await testServices({ overHttp: true });
  await test.query("create table public.ids (id bigint primary key, small int, counted bigserial)");
  await test.query(
    `grant all on public.ids to ${roles.stage}; grant all on public.ids_counted_seq to ${roles.stage}`,
  );
});
afterAll(() => test.close());

it("D33 W13 what no 64 bits hold is no id of a mapping: it is refused by name, before the database is asked", () => {
  const read = idOfType("bigint");
  expect(["9223372036854775807", "-9223372036854775808", "7"].map(read)).toEqual([
    "9223372036854775807",
    "-9223372036854775808",
    7,
  ]);
  expect(["9223372036854775808", "-9223372036854775809", "1e3", ""].map(read)).toEqual([
    ...[undefined, undefined, undefined, undefined],
  ]);
});

/** On both sides of what a JavaScript number keeps, and at both ends of 64 bits. */
const edges: [string, ExactId][] = [
  ["0", 0],
  ["-1", -1],
  ["9007199254740991", 9007199254740991],
  ["-9007199254740991", -9007199254740991],
  ["9007199254740992", "9007199254740992"],
  ["9007199254740993", "9007199254740993"],
  ["-9007199254740993", "-9007199254740993"],
  ["1823749283746529281", "1823749283746529281"],
  ["9223372036854775807", "9223372036854775807"],
  ["-9223372036854775808", "-9223372036854775808"],
];

describe("W13 64-bit integers are exact from end to end", () => {
  it.each(edges)("%s is read as it is, and bound as it is", async (digits, value) => {
    const db = test.services.stage;
    expect(await db.one(raw(`select '${digits}'::bigint as id`))).toEqual({ id: value });
    expect(await db.one(sql`select (${bigint(value)})::text as id`)).toEqual({ id: digits });
    await db.execute(sql`insert into ids (id) values (${bigint(value)})`);
    expect(await db.rows(sql`select id from ids where id = ${bigint(value)}`)).toEqual([
      { id: value },
    ]);
    expect(await db.one(sql`select count(*) as n from ids where id = ${digits}::bigint`)).toEqual({
      n: 1,
    });
  });

  it.each(edges)("%s stays what it is inside JSON, there and back", async (digits, value) => {
    const db = test.services.stage;
    const { held } = await db.one<{ held: unknown }>(
      raw(
        `select jsonb_build_object('id', ${digits}, 'list', jsonb_build_array(${digits})) as held`,
      ),
    );
    expect(held).toEqual({ id: value, list: [value] });
  });

  it("columns with a sequence of their own, and small ones, are numbers as before", async () => {
    await test.services.stage.execute(sql`insert into ids (id, small) values (77, 7)`);
    const row = await test.services.stage.one<{ small: number; counted: number }>(
      sql`select small, counted, 3::smallint as tiny, 0.5::float8 as half, 1.50::numeric as decimal
            from ids where id = 77`,
    );
    expect(row).toEqual({
      small: 7,
      counted: expect.any(Number),
      tiny: 3,
      half: 0.5,
      decimal: "1.50",
    });
  });

  it("a number that was rounded before it came here is refused, not written", () => {
    const rounded = Number("9007199254740993");
    const refused = expect.objectContaining({ name: "InexactInteger" });
    expect(() => sql`select ${rounded}`).toThrow(refused);
    expect(() => bigint(rounded)).toThrow(refused);
  });

  it("JSON without long numbers, and with long texts, is parsed as ever", () => {
    expect(exactJson('{"a":1.5,"b":[1e20,"12345678901234567890"],"c":null}')).toEqual({
      a: 1.5,
      b: [1e20, "12345678901234567890"],
      c: null,
    });
    expect(exactJson("12345678901234567.5")).toBe(Number("12345678901234567.5"));
  });

  it("W12 an audit entry about such an id holds when it is read again", async () => {
    const run = test.services.newId();
    await test.query(
      `insert into wavegate.legacy_import_runs (id, reference, migration, definition_digest, definition,
         connection_name, focus_mode, wave_plan, gates, seed)
       values ($1, 'exact-1', 'ecoin', 'd', '{}', 'legacy', 'all', '[25]', 'every-wave', 's')`,
      [run],
    );
    const details = { targets: ["9007199254740993", 7], table: "users" };
    await test.services.stage.transaction((db) =>
      appendAudit(db, run, { actor: "wavegate", action: "looked", details }, new Date(0)),
    );
    const entries = await test.services.stage.rows<never>(sql`
      select run_id, seq, at, actor, action, digest, details, previous, hash
        from wavegate.audit_log where run_id = ${run}::uuid order by seq`);
    expect(entries).toMatchObject([{ details }]);
    expect(verifyChain(entries)).toMatchObject({ ok: true, entries: 1 });
    const line = JSON.stringify(entries[0]);
    expect(verifyChain([exactJson(line) as never])).toMatchObject({ ok: true });
  });
});
