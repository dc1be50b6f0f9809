import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compilePin } from "../../lib/compile/pin/pin.ts";
import { aboveJoins } from "../../lib/compile/references/above.ts";
import { stagedTable } from "../../lib/compile/rows.ts";
import { changedThere, findRowsThere } from "../../lib/compile/there/there.ts";
import { undoUpdates } from "../../lib/compile/undo/undo-updates.ts";
import { createConsole } from "../../lib/console/app.ts";
import { findRun } from "../../lib/data/runs.ts";
import { asText, render } from "../../lib/data/sql.ts";
import { partsOf } from "../../lib/define/several.ts";
import { pinOf } from "../../lib/evidence/pinned.ts";
import { reviewColumns, stagedLines } from "../../lib/evidence/staged-rows.ts";
import { explain } from "../../lib/review/rows/explain.ts";
import { holdRow } from "../../lib/review/rows/held-rows.ts";
import { typesThere } from "../../lib/stages/dry-run/rows-there.ts";
import { dryRun } from "../../lib/stages/dry-run.ts";
import { finalVerify } from "../../lib/stages/final-verify.ts";
import { previewRollback } from "../../lib/stages/preview-rollback.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { type CsvServices, csvServices } from "../support/csv-services.ts";
import { reviewedRun, toTheEnd } from "../support/steps.ts";
import { committed, rowsOf, standing, takenBack } from "./whole-life.ts";
import { roster, rosterFiles, rosterPlatform } from "./worlds/roster.ts";

const [first, second, third, reviewed, edited] = [1, 2, 3, 4, 5].map(
  (n) => `7f3a0000-0000-4000-8000-00000000d10${n}`,
) as [string, string, string, string, string];

let test: CsvServices;
beforeAll(async () => {
  test = await csvServices(roster, rosterPlatform, rosterFiles);
});
afterAll(() => test?.close());

/** Every row of the platform; not when it changed last, which a trigger of the platform's own says. */
async function platform() {
  const rows = await rowsOf(test, ["club_grades", "club_members", "club_notes"]);
  return JSON.parse(JSON.stringify(rows, (key, value) => (key === "changed_at" ? null : value)));
}
const states = async (view: string, run: string) =>
  (await standing(test, view, run)).map(
    ({ no, state, why }) => `${no} ${state}${why ? ` ${why}` : ""}`,
  );
const members = () =>
  test.query(
    "select full_name, mobile, fee::text, joined::text, remark, (select code from club_grades g where g.id = grade_id) as grade from club_members order by id",
  );
const memberLines = async () => (await members()).map((row) => Object.values(row).join("|"));

const asItWas = [
  "Benjamin Bello||11.50|2018-01-05|keeps his own remark|full",
  "Cara Jones|447911123003|15.00|2020-02-02||full",
  "Dan Evans|447911123004|5.00|2021-06-30||",
  "Eve Young|||||",
  "Fay Moss|||||",
  "Fay Mosse|||||",
  "Gilbert Hart|447911123008|30.00|2015-05-05||",
  "Ida Lane|447911123010|7.25|||full",
];
const asWritten = [
  "Ben Bello|447911123002|12.00|2018-01-05|keeps his own remark|full",
  "Cara Jones|447911123003|15.00|2020-02-02||full",
  "Dan Evans|447911123004|5.00|2021-06-30||youth",
  "Eve Young|||||",
  "Fay Moss|||||",
  "Fay Mosse|||||",
  "Gil Hart|447911123008|30.00|2015-05-05||full",
  "Ida Lane|447911123010|7.25|2014-04-04||full",
  "Ada Okafor|447911123001|20.50|2019-03-01||full",
];

describe("B2 V10 rows that are there already are brought up to date", () => {
  it("B2 a dry run shows what each column holds and would hold, and its digest knows", async () => {
    await reviewedRun(test, reviewed, { wavePlan: [3, 10] });
    const plans = await test.query(
      `select legacy_id as no, concat_ws(' ', planned, planned_reason) as plan, there_is as is, there_changes as changes
         from wavegate.roster_member where run_id = $1 order by id`,
      [reviewed],
    );
    expect(plans).toEqual([
      { no: "M-1", plan: "commit", is: "none", changes: null },
      { no: "M-10", plan: "update", is: "differs", changes: { joined: [null, "2014-04-04"] } },
      {
        no: "M-2",
        plan: "update",
        is: "differs",
        changes: {
          full_name: ["Benjamin Bello", "Ben Bello"],
          mobile: [null, "447911123002"],
          fee: ["11.50", "12.00"],
        },
      },
      { no: "M-3", plan: "skip unchanged", is: "same", changes: null },
      // The key of a grade that is still to be written.
      { no: "M-4", plan: "update", is: "differs", changes: { grade_id: [null, false] } },
      { no: "M-5", plan: "hold shared_there", is: "shared", changes: null },
      { no: "M-6", plan: "hold shared_there", is: "shared", changes: null },
      { no: "M-7", plan: "hold several_there", is: "several", changes: null },
      {
        no: "M-8",
        plan: "update",
        is: "differs",
        changes: {
          full_name: ["Gilbert Hart", "Gil Hart"],
          grade_id: [null, "7f3a0000-0000-4000-8000-00000000ad01"],
        },
      },
      { no: "M-9", plan: "hold mail_missing", is: "none", changes: null },
    ]);
    // By their greatest keys a wave knows what came since: of those it looks for texts that are not tidy, and of no others.
    expect(
      await test.query(
        "select types -> '' -> 'keys' ->> 'club_members' as last from wavegate.dry_runs where run_id = $1",
        [reviewed],
      ),
    ).toEqual([{ last: "-9992" }]);
    const [, member] = partsOf(roster);
    if (!member) throw new Error("It has members.");
    const types = await typesThere(test.services.stage, member);
    const came = (seen: Record<string, number>) =>
      changedThere(member, reviewed, types, seen)
        .map((each) => render(each).sql)
        .join();
    expect(came({ club_members: 7 })).toMatch(/from "club_members" t where t\."id" > 7 and \(/u);
    expect(came({})).toMatch(/from "club_members" t where \(/u);
    // Of a join the planner expects one row on each side: each was held against all, counted again for each.
    const [, found] = findRowsThere(member, reviewed, types);
    if (!found) throw new Error("It finds rows.");
    const plan = JSON.stringify(await test.query(`explain ${asText(found)}`));
    expect(plan).toMatch(/hashed SubPlan/u);
    expect(plan).not.toMatch(/Anti Join/u);
    // What the row above is is looked up by its key, however many the planner expects: a join would read all decisions for each.
    const note = partsOf(roster).find(({ part }) => part === "note");
    if (!note) throw new Error("It has notes.");
    const above = JSON.stringify(
      await test.query(
        `explain select from ${stagedTable(note)} s ${aboveJoins(note)} where s.run_id = '${reviewed}'`,
      ),
    );
    expect(above).toMatch(/member_decisions/u);
    expect(above).not.toMatch(/d\.staged_id = a\.id|d_1\.staged_id = a\.id/u);
    // Nor does an undo ask of each entry whether its row was written again since: all that came since would be read for it.
    const { restored } = undoUpdates(compilePin(roster), [], {});
    expect(restored.join()).toContain("not e.id in (select e.id from entries e join");
    expect(restored.join()).not.toContain(
      "exists (\n           select from wavegate.legacy_import_commit_logs",
    );
    const run = await findRun(test.services.stage, reviewed);
    const why = await explain(test.services.sign, run, { table: "members", legacyId: "M-2" });
    expect(why?.row.there_changes).toEqual({
      full_name: ["B. B.", "B. B."],
      mobile: [null, "44••••••••02"],
      fee: ["•••", "•••"],
    });
    // On its page reviewers see both whole, side by side, and only what differs; whoever only looks sees them masked.
    await test.query(
      `insert into wavegate.people values ('looker', 'l@example.org', '["legacy_imports.view"]')`,
    );
    const pages = createConsole({ services: test.services, key: Buffer.alloc(32, 7) });
    const page = async (person: string) =>
      (
        await pages({
          rawPath: `/admin/legacy-imports/runs/${run.reference}/rows/${why?.row.id}`,
          headers: {},
          requestContext: {
            http: { method: "GET" },
            authorizer: { jwt: { claims: { "cognito:username": person } } },
          },
        })
      ).body;
    const changed = (column: string, ...values: string[]) =>
      `<th scope="row"><bdi>${column}</bdi></th>${values.map((each, at) => `<td data-label="${["It holds", "It would hold"][at]}"><bdi>${each}</bdi></td>`).join("")}`;
    const whole = await page("approver");
    expect(whole).toContain(changed("full_name", "Benjamin Bello", "Ben Bello"));
    expect(whole).toContain(changed("mobile", "–", "447911123002"));
    expect(whole).not.toContain(`<th scope="row"><bdi>joined</bdi></th>`);
    const masked = await page("looker");
    expect(masked).toContain(changed("full_name", "B. B.", "B. B."));
    expect(masked).not.toMatch(/Benjamin|447911123002|11\.50/u);
    const before = await dryRun(test.services, reviewed);
    expect(before.report.updates).toEqual({ "member.member": 4 });
    expect(before.report.creates).toEqual({ "grade.grade": 1, "member.member": 1, "note.note": 2 });
    expect((await dryRun(test.services, reviewed)).digest).toBe(before.digest);
    await test.query("update club_members set fee = 11.75 where id = 1");
    expect((await dryRun(test.services, reviewed)).digest).not.toBe(before.digest);
    await test.query("update club_members set fee = 11.5 where id = 1");
    expect((await dryRun(test.services, reviewed)).digest).toBe(before.digest);
  });

  it("R10 W13 what would be changed is exported masked, and looked up once for a row", async () => {
    const pin = pinOf(await findRun(test.services.stage, reviewed));
    const members = pin.entities.find(({ exported }) => exported.sources.includes("members"));
    if (members === undefined) throw new Error("Members are a kind of things.");
    const all = reviewColumns(pin)(members);
    const changes = all.filter(({ name }) => ["legacy_id", "changes"].includes(name));
    const most = Number.MAX_SAFE_INTEGER;
    const every = [0, most, [undefined, { up_to: most }]] as const;
    const lines = stagedLines(members, reviewed, changes).lines(...every);
    const shown = await test.services.stage.rows<{ line: string }>(lines);
    const changed = shown.map(({ line }) => line).filter((line) => !line.endsWith(',""\r\n'));
    expect(changed.sort()).toEqual([
      '"M-10","joined:  > •••"\r\n',
      '"M-2","fee: ••• > •••; full_name: B. B. > B. B.; mobile:  > 44••••••••02"\r\n',
      '"M-4","grade_id:  > •••"\r\n',
      '"M-8","full_name: G. H. > G. H.; grade_id:  > •••"\r\n',
    ]);
    // Where a birth date is to be written a column of the platform may hold any text: no more of it is shown than a year.
    const born = members.exported.reviewed
      .filter(({ name }) => name === "changes")
      .map((each) => ({ ...each, masks: [["full_name", "year"]] as const }));
    const asBorn = { ...members, exported: { ...members.exported, reviewed: born } };
    const years = await test.services.stage.rows<{ line: string }>(
      stagedLines(asBorn, reviewed, reviewColumns(pin)(asBorn)).lines(...every),
    );
    expect(years.map(({ line }) => line).join("")).toContain("full_name:  > ;");
    expect(years.map(({ line }) => line).join("")).not.toMatch(/Bello|Hart/u);
    const whole = asText(stagedLines(members, reviewed, all).lines(...every));
    const plan = JSON.stringify(await test.query(`explain ${whole}`));
    expect(plan.match(/ on rows_there/gu)).toHaveLength(1);
  });

  it("B2 R17 V10 goes all the way, and back", async () => {
    const before = await platform();
    expect(await committed(test, first)).toEqual([]);
    expect(await memberLines()).toEqual(asWritten);
    expect(await states("roster_member", first)).toEqual([
      "M-1 committed",
      "M-10 committed",
      "M-2 committed",
      "M-3 skipped unchanged",
      "M-4 committed",
      "M-5 held shared_there",
      "M-6 held shared_there",
      "M-7 held several_there",
      "M-8 committed",
      "M-9 held mail_missing",
    ]);
    expect(await states("roster_note", first)).toEqual([
      "1 committed",
      "2 skipped unchanged",
      "3 committed",
      "4 held waits_for_member",
    ]);
    expect(
      await test.query(
        `select before_image as before, after_image as after from wavegate.legacy_import_commit_logs
          where run_id = $1 and action = 'update' and target_id = 1 and rolled_back_at is null`,
        [first],
      ),
    ).toEqual([
      {
        before: { full_name: "Benjamin Bello", mobile: null, fee: "11.50" },
        after: { full_name: "Ben Bello", mobile: "447911123002", fee: "12.00" },
      },
    ]);
    expect(await takenBack(test, first)).toEqual([]);
    expect(await memberLines()).toEqual(asItWas);
    expect(await platform()).toEqual(before);
  });

  it("D16 V10 of a row that was edited since, each column that still is as it was written gets back what it held", async () => {
    expect(await committed(test, edited)).toEqual([]);
    await test.query(
      "update club_members set mobile = '447000000000', remark = 'new' where id = 1",
    );
    await test.query("delete from club_members where full_name = 'Ida Lane'");
    const { waves } = await previewRollback(test.services, edited);
    const told = await rollback(test.services, edited);
    expect(told.outcome).toBe("conflicts");
    expect(
      told.waves.flatMap(({ conflicts }) =>
        conflicts.map(({ table, id, conflict }) => ({ table, id, ...conflict })),
      ),
    ).toEqual([
      { table: "club_members", id: 1, edited: true, referenced: false, changed: ["mobile"] },
    ]);
    expect(told.waves.map(({ previewed }) => previewed)).toEqual(told.waves.map(() => null));
    expect(waves.map(({ entries, spared, gone }) => [entries, spared, gone])).toEqual(
      told.waves.map(({ entries, spared, gone }) => [entries, spared, gone]),
    );
    expect((await memberLines())[0]).toBe("Benjamin Bello|447000000000|11.50|2018-01-05|new|full");
    // Once it holds what was written again, the rest can be taken back too.
    await test.query("update club_members set mobile = '447911123002' where id = 1");
    expect((await rollback(test.services, edited)).outcome).toBe("rolled_back");
    await test.query("update club_members set remark = 'keeps his own remark' where id = 1");
    await test.query(
      "insert into club_members (id, email, full_name, mobile, grade_id, fee) values (8, 'ida@example.com', 'Ida Lane', '447911123010', '7f3a0000-0000-4000-8000-00000000ad01', 7.25)",
    );
    expect(await memberLines()).toEqual(asItWas);
  });

  it("B2 what is no longer what was reviewed is held, and what came meanwhile is not written beside", async () => {
    await reviewedRun(test, second, { wavePlan: [3, 10] });
    const run = await findRun(test.services.stage, second);
    const [gil] = await test.query<{ id: number }>(
      "select id::float8 as id from wavegate.roster_member where run_id = $1 and legacy_id = 'M-8'",
      [second],
    );
    // A person holds a row that would be brought up to date.
    await holdRow(test.services.sign, run, {
      row: gil?.id ?? 0,
      person: "approver",
      reason: "asked for",
    });
    await test.query("update club_members set fee = 11.75 where id = 1");
    await test.query("update club_members set remark = 'no matter' where id = 7");
    // Written by another run, of a row that nobody else moves.
    await test.query(`
      with ada as (insert into club_members (email, full_name) values (chr(160) || 'Ada@Example.com ', 'Ada O.') returning id)
      insert into wavegate.legacy_import_commit_logs (run_id, wave, round, staged_id, action, target_table, target_id, after_image)
      select s.run_id, 1, 1, s.id, 'commit', 'club_members', ada.id, '{}'
        from ada, wavegate.roster_member s where s.run_id = '${reviewed}' and s.legacy_id = 'M-9'`);
    await toTheEnd(test, second);
    expect((await states("roster_member", second)).slice(0, 3)).toEqual([
      "M-1 held platform_changed_since_review",
      "M-10 committed",
      "M-2 held platform_changed_since_review",
    ]);
    expect((await states("roster_member", second))[8]).toBe("M-8 held held_by_person");
    expect((await memberLines())[6]).toBe("Gilbert Hart|447911123008|30.00|2015-05-05|no matter|");
    expect(await states("roster_note", second)).toEqual([
      "1 held waits_for_member",
      "2 skipped unchanged",
      // Whom a person holds may be found to be somebody else.
      "3 held waits_for_member",
      "4 held waits_for_member",
    ]);
    expect((await memberLines())[0]).toBe(
      "Benjamin Bello||11.75|2018-01-05|keeps his own remark|full",
    );
    await finalVerify(test.services, second);
    expect(await takenBack(test, second)).toEqual([]);
    await test.query("delete from club_members where full_name = 'Ada O.'");
    await test.query(
      "update wavegate.legacy_import_commit_logs set rolled_back_at = now() where run_id = $1",
      [reviewed],
    );
    await test.query("update club_members set fee = 11.5 where id = 1");
    await test.query("update club_members set remark = null where id = 7");
    expect(await memberLines()).toEqual(asItWas);
  });

  it("D38 B2 of rows that are brought up to date the platform refuses one, and the others are written", async () => {
    const refused = "7f3a0000-0000-4000-8000-00000000d10a";
    const before = await platform();
    await reviewedRun(test, refused, { wavePlan: [10] });
    await test.query(
      "alter table club_members add constraint no_gil check (full_name <> 'Gil Hart') not valid",
    );
    await toTheEnd(test, refused);
    expect(
      (await states("roster_member", refused)).filter((line) => !/shared|several|mail/.test(line)),
    ).toEqual([
      "M-1 committed",
      "M-10 committed",
      "M-2 committed",
      "M-3 skipped unchanged",
      "M-4 committed",
      "M-8 held refused_by_platform",
    ]);
    expect(
      await test.query(
        "select state_detail from wavegate.roster_member where run_id = $1 and legacy_id = 'M-8'",
        [refused],
      ),
    ).toEqual([{ state_detail: "no_gil" }]);
    expect(await takenBack(test, refused)).toEqual([]);
    await test.query("alter table club_members drop constraint no_gil");
    expect(await platform()).toEqual(before);
  });

  it("M11 once more writes nothing", async () => {
    expect(await committed(test, third)).toEqual([]);
    const after = await platform();
    const again = "7f3a0000-0000-4000-8000-00000000d109";
    expect(await committed(test, again)).toEqual([]);
    expect(await platform()).toEqual(after);
    expect(await states("roster_member", again)).toEqual([
      "M-1 skipped moved_before",
      "M-10 skipped moved_before",
      "M-2 skipped moved_before",
      "M-3 skipped unchanged",
      "M-4 skipped moved_before",
      "M-5 held shared_there",
      "M-6 held shared_there",
      "M-7 held several_there",
      "M-8 skipped moved_before",
      "M-9 held mail_missing",
    ]);
  });
});
