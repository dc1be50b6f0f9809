import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { resume } from "../../lib/review/steer/control.ts";
import { previewRollback } from "../../lib/stages/preview-rollback.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { verify } from "../../lib/stages/verify.ts";
import { reviewed, roles, type TestServices, waveOneServices } from "../support/services.ts";
import { approve, refusal, runWave } from "../support/steps.ts";

let test: TestServices;
const run = reviewed;
const table = "legacy_completed_trainings";
/** What the run wrote there, whatever others did before. */
const own = `legacy_import_run_id = '${run}'`;

beforeEach(async () => {
  test = await waveOneServices();
});
afterEach(() => test.close());

const firstId = async () =>
  (await test.query<{ id: number }>(`select min(id)::int as id from ${table} where ${own}`))[0]?.id;
const left = async () =>
  (await test.query<{ id: number }>(`select id::int as id from ${table} where ${own}`)).map(
    ({ id }) => id,
  );

describe("D16 R13 a change of the platform's tables makes nothing edited", () => {
  it("columns added with a default, dropped, renamed and of another type, all at once", async () => {
    for (const change of [
      "add column tier text not null default 'bronze'",
      "add column noticed timestamptz default now()",
      "drop column legacy_session_code",
      "rename column full_name to name",
      "alter column legacy_id type text",
      "alter column birth_date type timestamp",
      "alter column phone type varchar(40)",
    ]) {
      await test.query(`alter table ${table} ${change}`);
    }
    // What the platform fills in later was not written by the wave either.
    await test.query(`update ${table} set tier = 'gold'`);
    const reshaped = [
      {
        table,
        added: ["tier", "noticed"],
        dropped: ["legacy_session_code"],
        renamed: [{ from: "full_name", to: "name" }],
        retyped: [
          { column: "legacy_id", from: "bigint", to: "text" },
          { column: "phone", from: "text", to: "character varying(40)" },
          { column: "birth_date", from: "date", to: "timestamp without time zone" },
        ],
      },
    ];
    const verified = await verify(test.services, run, 1);
    expect(verified).toMatchObject({ passed: true, reshaped });
    expect(await rollback(test.services, run)).toMatchObject({
      outcome: "rolled_back",
      waves: [{ wave: 1, entries: 25, undone: 25, spared: 0, reshaped }],
    });
    expect(await left()).toEqual([]);
  });

  it("and what was edited is still found, under the name and the type that it has now", async () => {
    await test.query(`alter table ${table} rename column full_name to name`);
    await test.query(`alter table ${table} alter column legacy_id type text`);
    await test.query(`alter table ${table} add column tier text`);
    const first = await firstId();
    await test.query(`update ${table} set name = 'Corrected By Hand', tier = 'x' where id = $1`, [
      first,
    ]);
    expect((await verify(test.services, run, 1)).passed).toBe(false);
    expect(await rollback(test.services, run)).toMatchObject({
      outcome: "conflicts",
      waves: [
        {
          undone: 24,
          conflicts: [
            { id: first, conflict: { edited: true, referenced: false, changed: ["name"] } },
          ],
        },
      ],
    });
    expect(await left()).toEqual([first]);
  });

  it("a column dropped and made again is not the one that was written", async () => {
    await test.query(`alter table ${table} drop column email`);
    await test.query(`alter table ${table} add column email text default 'none@example.com'`);
    expect(await rollback(test.services, run)).toMatchObject({
      waves: [{ undone: 25, reshaped: [{ added: ["email"], dropped: ["email"] }] }],
    });
  });

  it("a column that the platform makes by itself, and makes otherwise since", async () => {
    await rollback(test.services, run);
    // PostgreSQL changes no virtual column beside a check.
    await test.query(`alter table ${table} drop constraint ${table}_classification_check`);
    for (const [name, how] of [
      ["initial", "stored"],
      ["length", "virtual"],
    ])
      await test.query(
        `alter table ${table} add column ${name} text generated always as (left(full_name, 1)) ${how}`,
      );
    await resume(test.services.sign, run, "operator");
    await approve(test, run, "first_wave");
    await runWave(test, run, 1);
    for (const name of ["initial", "length"])
      await test.query(
        `alter table ${table} alter column ${name} set expression as (length(full_name)::text)`,
      );
    expect((await verify(test.services, run, 1)).passed).toBe(true);
    const first = await firstId();
    await test.query(`update ${table} set full_name = 'Corrected By Hand' where id = $1`, [first]);
    expect(await rollback(test.services, run)).toMatchObject({
      waves: [
        {
          undone: 24,
          reshaped: [],
          conflicts: [{ id: first, conflict: { changed: expect.arrayContaining(["full_name"]) } }],
        },
      ],
    });
    await test.query(
      `update ${table} t set full_name = l.after_image ->> 'full_name' from wavegate.legacy_import_commit_logs l where l.run_id = '${run}' and l.target_id = t.id and l.rolled_back_at is null`,
    );
    expect((await rollback(test.services, run)).outcome).toBe("rolled_back");
  });

  it("a session that writes moments in another zone compares the same", async () => {
    // In this database alone: the role is that of every other test too.
    const here = `alter role ${roles.commit("ecoin")} in database "${new URL(test.url).pathname.slice(1)}"`;
    await test.query(`${here} set timezone = 'Asia/Tokyo'`);
    await test.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and usename = '${roles.commit("ecoin")}'`,
    );
    const taken = await rollback(test.services, run).finally(() =>
      test.query(`${here} reset timezone`),
    );
    expect(taken).toMatchObject({ waves: [{ undone: 25, spared: 0, reshaped: [] }] });
  });

  it("a wave written before shapes were kept is compared by the names in its ledger", async () => {
    await test.query("update wavegate.waves set shape = null where run_id = $1", [run]);
    await test.query(`alter table ${table} add column tier text default 'bronze'`);
    await test.query(`alter table ${table} drop column legacy_session_code`);
    expect(await rollback(test.services, run)).toMatchObject({
      waves: [
        {
          undone: 25,
          reshaped: [{ added: ["tier"], dropped: ["legacy_session_code"], retyped: [] }],
        },
      ],
    });
  });

  it("what no longer fits its column is spared, and never a raw error", async () => {
    await test.query(
      `alter table ${table} alter column phone type bigint using length(coalesce(phone, ''))`,
    );
    const [none] = await test.query<{ n: number }>(
      `select count(*)::int as n from wavegate.legacy_import_commit_logs where run_id = '${run}' and after_image ->> 'phone' is null`,
    );
    expect(none?.n).toBeLessThan(25);
    const { waves } = await rollback(test.services, run);
    expect(waves[0]).toMatchObject({ entries: 25, undone: 0, spared: 25 });
    expect(waves[0]?.conflicts[0]?.conflict.changed).toContain("phone");
  });

  it("a table that became a partition of the one that has its name", async () => {
    await test.query(`alter table ${table} alter column id drop identity`);
    await test.query(`alter table ${table} rename to trainings_old`);
    await test.query(
      `create table ${table} (like trainings_old including defaults) partition by range (id)`,
    );
    await test.query(
      `alter table ${table} attach partition trainings_old for values from (minvalue) to (maxvalue)`,
    );
    await test.query(`grant select, insert, delete on ${table} to ${roles.commit("ecoin")}`);
    await test.query(`grant select on ${table} to ${roles.stage}`);
    expect((await verify(test.services, run, 1)).passed).toBe(true);
    expect(await rollback(test.services, run)).toMatchObject({ waves: [{ undone: 25, gone: 0 }] });
    expect(await left()).toEqual([]);
  });

  it("another table in its place is not the one that was written", async () => {
    const role = roles.commit("ecoin");
    await test.query(`alter table ${table} rename to trainings_old`);
    await test.query(`create table ${table} (like trainings_old including all)`);
    await test.query(`grant select, insert, delete on ${table} to ${role}`);
    await test.query(`grant select on ${table} to ${roles.stage}`);
    const message = await rollback(test.services, run).catch((error) => error.message);
    expect(message).toContain(`wave 1 of ecoin-`);
    expect(message).toContain("wrote is called trainings_old now. Nothing was changed");
    expect(await refusal(previewRollback(test.services, run))).toBe("TargetGone");
    expect(await refusal(verify(test.services, run, 1))).toBe("TargetGone");
    await test.query(`drop table ${table}`);
    await test.query(`alter table trainings_old rename to ${table}`);
    expect(await rollback(test.services, run)).toMatchObject({ outcome: "rolled_back" });
  });

  it("a target that is gone is told in a sentence", async () => {
    await test.query(`alter table ${table} rename to trainings_moved`);
    expect(await refusal(rollback(test.services, run))).toBe("TargetGone");
    await test.query(`alter table trainings_moved rename to ${table}`);
    expect(await rollback(test.services, run)).toMatchObject({ outcome: "rolled_back" });
  });
});
