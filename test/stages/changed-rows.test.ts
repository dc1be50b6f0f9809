import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { raw } from "../../lib/data/sql.ts";
import { databaseRoles } from "../../lib/define/database-roles.ts";
import { dryRun } from "../../lib/stages/dry-run.ts";
import { previewRollback } from "../../lib/stages/preview-rollback.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { wrongPrivileges } from "../../lib/stages/set-up-database.ts";
import { roster, rosterFiles, rosterPlatform } from "../lifecycle/worlds/roster.ts";
import { type CsvServices, csvServices } from "../support/csv-services.ts";
import { approve, refusal, reviewedRun, runWave } from "../support/steps.ts";

const run = "7f3a0000-0000-4000-8000-00000000d201";
let test: CsvServices;
beforeAll(async () => {
  test = await csvServices(roster, rosterPlatform, rosterFiles);
  await reviewedRun(test, run);
  await approve(test, run, "first_wave");
  await runWave(test, run, 1);
});
afterAll(() => test?.close());

/** Statements of the role that writes, in one transaction that says which wave it is about. */
const attempt = (...statements: string[]) =>
  test.services.commitOf("roster").transaction(async (db) => {
    await db.rows(
      raw(
        `select set_config('wavegate.run', '${run}', true), set_config('wavegate.wave', '1', true)`,
      ),
    );
    for (const statement of statements) await db.execute(raw(statement));
    throw new Error("nothing refused it");
  });
const locks = `insert into wavegate.commit_locks (migration, run_id) values ('roster', '${run}')
  on conflict (migration) do update set taken_at = now()`;
const change = (set: string, where: string) => `update club_members set ${set} where ${where}`;
/** An entry about row 4, with what it is to have held and holds. */
const entry = (before: string, after: string, more = "null, null") => `
  insert into wavegate.legacy_import_commit_logs
    (run_id, wave, round, staged_id, action, target_table, target_id, before_image, after_image, rolled_back_at, conflict)
  values ('${run}', 1, 77, 1, 'update', 'club_members', 4, '${before}', '${after}', ${more})`;
const commitRole = databaseRoles("draft_roster").commit("roster");
const both = (update: string, insert: string) => `with u as (${update} returning 1) ${insert}`;
const byPlatform = () =>
  test.query("select full_name, mobile, fee::text from club_members where id = 4");

describe("D19 V10 the role that writes changes only what the ledger says, of rows that were there", () => {
  it("a change with the entry that says what the row held, and holds, goes through", async () => {
    await expect(
      attempt(
        locks,
        both(change("mobile = '447'", "id = 4"), entry('{"mobile": null}', '{"mobile": "447"}')),
      ),
    ).rejects.toThrow("nothing refused it");
  });

  it.each([
    ["a change without an entry", [change("mobile = '447'", "id = 4")]],
    [
      "a change of another row",
      [
        both(
          change("mobile = '447'", "id in (4, 5)"),
          entry('{"mobile": null}', '{"mobile": "447"}'),
        ),
      ],
    ],
    [
      "a change of another column beside",
      [
        both(
          change("mobile = '447', fee = 1", "id = 4"),
          entry('{"mobile": null}', '{"mobile": "447"}'),
        ),
      ],
    ],
    [
      "an entry that tells of something else than the row held",
      [both(change("mobile = '447'", "id = 4"), entry('{"mobile": "448"}', '{"mobile": "447"}'))],
    ],
    [
      "an entry that tells of a column that did not change so",
      [
        both(
          change("mobile = '447'", "id = 4"),
          entry('{"fee": "9", "mobile": null}', '{"fee": null, "mobile": "447"}'),
        ),
      ],
    ],
    [
      "an entry that tells of something else than the row holds",
      [both(change("mobile = '447'", "id = 4"), entry('{"mobile": null}', '{"mobile": "449"}'))],
    ],
    [
      "an entry of other columns before than after",
      [both(change("mobile = '447'", "id = 4"), entry('{"fee": null}', '{"mobile": "447"}'))],
    ],
    // What a transaction says it is about is where its entries are looked for.
    [
      "an entry of a wave that it does not say",
      [
        "set local wavegate.wave = 2",
        both(change("mobile = '447'", "id = 4"), entry('{"mobile": null}', '{"mobile": "447"}')),
      ],
    ],
    [
      "an entry of a run that it does not say",
      [
        "set local wavegate.run = '7f3a0000-0000-4000-8000-0000000000c5'",
        both(change("mobile = '447'", "id = 4"), entry('{"mobile": null}', '{"mobile": "447"}')),
      ],
    ],
    ["an entry without a change", [entry('{"mobile": null}', '{"mobile": null}')]],
    [
      "an entry that is closed from the beginning",
      [
        both(
          change("mobile = '447'", "id = 4"),
          entry('{"mobile": "447"}', '{"mobile": null}', "now(), null"),
        ),
      ],
    ],
    [
      "an entry that is spared from the beginning",
      [
        both(
          change("mobile = '447'", "id = 4"),
          entry('{"mobile": "447"}', '{"mobile": null}', "null, '{\"edited\": true}'"),
        ),
      ],
    ],
    ...["link", "skip", "commit"].map((kind): [string, string[]] => [
      `an entry that calls itself ${kind}`,
      [
        both(
          change("mobile = '447'", "id = 4"),
          entry('{"mobile": null}', '{"mobile": "447"}').replace("'update'", `'${kind}'`),
        ),
      ],
    ]),
    [
      "a second change behind the entry",
      [
        both(change("mobile = '447'", "id = 4"), entry('{"mobile": null}', '{"mobile": "447"}')),
        change("mobile = '448'", "id = 4"),
      ],
    ],
    [
      "a second entry about the same row",
      [
        both(change("mobile = '447'", "id = 4"), entry('{"mobile": null}', '{"mobile": "447"}')),
        entry('{"mobile": "1"}', '{"mobile": "447"}').replace("77, 1", "78, 1"),
      ],
    ],
  ])("%s is refused", async (_what, statements) => {
    const before = await byPlatform();
    await expect(attempt(locks, ...statements)).rejects.toThrow(/SQLState: (?:23000|WGCHG)/);
    expect(await byPlatform()).toEqual(before);
  });

  /** Without the triggers of a table. */
  const unguarded = async (table: string, work: () => Promise<void>) => {
    await test.query(`alter table ${table} disable trigger user`);
    await work().finally(() => test.query(`alter table ${table} enable trigger user`));
  };
  const mobile = change("mobile = '447'", "id = 4");
  const right = entry('{"mobile": null}', '{"mobile": "447"}');

  it.each<[string, () => string | Promise<string>]>([
    ["a value that it does not hold", () => entry('{"mobile": null}', '{"mobile": "449"}')],
    ["a value that it held before", () => entry('{"mobile": null}', '{"mobile": null}')],
    ["nothing", () => entry('{"mobile": null}', "{}")],
    ["another table", () => right.replace("'club_members'", "'club_notes'")],
    [
      "a run of another migration",
      async () => {
        await test.query("update wavegate.legacy_import_runs set migration = 'another'");
        return right;
      },
    ],
  ])("the guard of the table refuses by itself an entry that tells of %s", async (_what, told) => {
    await unguarded("wavegate.legacy_import_commit_logs", async () => {
      const statement = both(mobile, await told());
      await expect(attempt(statement)).rejects.toThrow(/SQLState: WGCHG/);
    }).finally(() => test.query("update wavegate.legacy_import_runs set migration = 'roster'"));
  });

  it("the guard of the table takes a row that came to have another key for none that was there", async () => {
    await test.query(`grant update (id) on club_members to ${commitRole}`);
    const [{ held } = { held: "" }] = await test.query<{ held: string }>(
      "select jsonb_object_agg(key, value)::text as held from club_members t, jsonb_each_text(to_jsonb(t)) where t.id = 4",
    );
    const moved = entry(held, "{}", "now(), null").replace(
      "'club_members', 4",
      "'club_members', 99",
    );
    await unguarded("wavegate.legacy_import_commit_logs", async () => {
      const statement = both(change("id = 99", "id = 4"), moved);
      await expect(attempt(locks, statement)).rejects.toThrow(/SQLState: WGCHG/);
    }).finally(() => test.query(`revoke update (id) on club_members from ${commitRole}`));
  });

  it.each([
    ["that is closed", entry('{"mobile": null}', '{"mobile": "447"}', "now(), null")],
    [
      "that is spared",
      entry('{"mobile": null}', '{"mobile": "447"}', "null, '{\"edited\": true}'"),
    ],
    ["of other columns before", entry('{"fee": null}', '{"mobile": "447"}')],
    ["of a value that it does not hold", entry('{"mobile": null}', '{"mobile": "449"}')],
    ["of nothing", entry("{}", "{}")],
  ])("the ledger refuses by itself an entry %s", async (_what, told) => {
    await unguarded("club_members", async () => {
      await expect(attempt(locks, mobile, told)).rejects.toThrow(/SQLState: 23000/);
    });
  });

  it("an entry of an earlier transaction allows nothing again, be the row as it was then", async () => {
    const as = (full: string, mobile: string, fee: string) =>
      change(`full_name = '${full}', mobile = ${mobile}, fee = ${fee}`, "id = 1");
    const written = as("Ben Bello", "'447911123002'", "12.00");
    await test.query(as("Benjamin Bello", "null", "11.50"));
    await expect(attempt(locks, written)).rejects.toThrow(/SQLState: (?:23000|WGCHG)/);
    await test.query(written);
  });

  it.each(["remark = 'x'", "email = 'x'", "id = 99"])(
    "a column that the definition does not write is refused: %s",
    async (set) => {
      await expect(attempt(locks, change(set, "id = 4"))).rejects.toThrow(/SQLState: 42501/);
    },
  );

  const open = `action = 'update' and run_id = '${run}' and rolled_back_at is null`;
  it.each([
    ["without an entry that is closed", change("full_name = 'Benjamin Bello'", "id = 1")],
    [
      "to something else than it held",
      both(
        change("full_name = 'X'", "id = 1"),
        `update wavegate.legacy_import_commit_logs set rolled_back_at = now() where ${open} and target_id = 1`,
      ),
    ],
    [
      "with the entry of another row",
      both(
        change("full_name = 'Benjamin Bello'", "id = 1"),
        `update wavegate.legacy_import_commit_logs set rolled_back_at = now() where ${open} and target_id = 7`,
      ),
    ],
  ])("a row is not changed back %s", async (_what, statement) => {
    await expect(attempt(locks, statement)).rejects.toThrow(/SQLState: (?:23000|WGCHG)/);
  });

  it("a column that somebody else edited since is not changed back", async () => {
    await test.query("update club_members set mobile = '448' where id = 1");
    for (const close of ["rolled_back_at = now()", `conflict = '{"edited": true}'`]) {
      const closed = `update wavegate.legacy_import_commit_logs set ${close} where ${open} and target_id = 1`;
      await expect(attempt(locks, both(change("mobile = null", "id = 1"), closed))).rejects.toThrow(
        /SQLState: (?:23000|WGCHG)/,
      );
    }
    await test.query("update club_members set mobile = '447911123002' where id = 1");
  });

  it("a row is changed back, also in part, with the entry that says what it held", async () => {
    for (const set of [
      "full_name = 'Benjamin Bello', mobile = null, fee = 11.50",
      "full_name = 'Benjamin Bello'",
    ]) {
      for (const close of ["rolled_back_at = now()", `conflict = '{"edited": true}'`])
        await expect(
          attempt(
            locks,
            both(
              change(set, "id = 1"),
              `update wavegate.legacy_import_commit_logs set ${close} where ${open} and target_id = 1`,
            ),
          ),
        ).rejects.toThrow("nothing refused it");
    }
  });

  it("doctor: a trigger that is gone, and a right too many or too few, are named", async () => {
    const roles = databaseRoles("draft_roster");
    const commit = roles.commit("roster");
    expect(await wrongPrivileges(test.operator, roster, roles)).toEqual([]);
    await test.query(`drop trigger ${commit}_changes on club_members`);
    await test.query(`grant update (remark) on club_members to ${commit}`);
    await test.query(`revoke update (fee) on club_members from ${commit}`);
    expect(await wrongPrivileges(test.operator, roster, roles)).toEqual([
      `${commit} lacks update of fee on club_members`,
      `${commit} has update of remark on club_members and must not`,
      `club_members lacks the trigger that guards changes, so ${commit} may change any row of it`,
    ]);
    await test.query(`revoke update (remark) on club_members from ${commit}`);
  });
});

it("D42 row-level security that hides rows from changes alone refuses to take them back", async () => {
  const policies = ["select", "delete"].map(
    (act) => `create policy ${act}s on club_members for ${act} to ${commitRole} using (true)`,
  );
  await test.query(`alter table club_members enable row level security; ${policies.join("; ")}`);
  expect(await refusal(rollback(test.services, run))).toBe("PolicyDenied");
  await test.query(
    `create policy updates on club_members for update to ${commitRole} using (true)`,
  );
  expect((await previewRollback(test.services, run)).waves).toHaveLength(1);
  await test.query(`drop policy selects on club_members; drop policy deletes on club_members;
    drop policy updates on club_members; alter table club_members disable row level security`);
});

it("B6 a column that is not there, or that the platform makes itself, ends the dry run in a sentence", async () => {
  await test.query("alter table club_members rename column fee to dues");
  await expect(dryRun(test.services, run)).rejects.toThrow(
    expect.objectContaining({
      name: "TargetColumnUnfit",
      message:
        "club_members.fee is not there, and the definition writes it. Nothing was written; call it as the platform does.",
    }),
  );
});
