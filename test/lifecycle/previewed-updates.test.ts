import { describe, expect, it } from "vitest";
import { leftBehind } from "../../lib/compile/undo/rollback.ts";
import { findRun } from "../../lib/data/runs.ts";
import { raw } from "../../lib/data/sql.ts";
import { pinOf } from "../../lib/evidence/pinned.ts";
import { resume } from "../../lib/review/steer/control.ts";
import { finalVerify } from "../../lib/stages/final-verify.ts";
import { nextWave } from "../../lib/stages/next-wave.ts";
import { previewRollback } from "../../lib/stages/preview-rollback.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { someOf } from "../support/every-step.ts";
import { pinOtherwise } from "../support/pins.ts";
import { toTheEnd } from "../support/steps.ts";
import { agree, run, shown, whole } from "./previewed.ts";
import { roster, rosterFiles, rosterPlatform } from "./worlds/roster.ts";

describe("B1 V10 of rows that were brought up to date a preview says what the act does", () => {
  const club = whole(roster, rosterPlatform, rosterFiles);
  const imagesOfBen = (before: string, after: string) => `
    alter table wavegate.legacy_import_commit_logs disable trigger user;
    update wavegate.legacy_import_commit_logs set before_image = ${before}, after_image = ${after}
     where action = 'update' and target_table = 'club_members' and target_id = 1;
    alter table wavegate.legacy_import_commit_logs enable trigger user`;

  it.each<[string, number, string[], string[]]>(
    someOf<[string, number, string[], string[]]>(4, [
      ["nothing was changed", 0, [], []],
      [
        "columns were edited, one of them to what it held before",
        1,
        [
          "update club_members set mobile = 'x' where full_name = 'Ben Bello'",
          "update club_members set joined = null where full_name = 'Ida Lane'",
        ],
        ["update club_members set mobile = '447911123002' where mobile = 'x'"],
      ],
      [
        "a column that refers to a row of ours was edited: that row goes",
        1,
        [
          "update club_members set grade_id = (select id from club_grades where code = 'full') where full_name = 'Dan Evans'",
        ],
        ["update club_members set grade_id = null where full_name = 'Dan Evans'"],
      ],
      [
        "somebody else came to refer to a row of ours",
        1,
        [
          "update club_members set grade_id = (select id from club_grades where code = 'youth') where full_name = 'Eve Young'",
        ],
        ["update club_members set grade_id = null where full_name = 'Eve Young'"],
      ],
      [
        "a row was edited that refers to a row of ours",
        2,
        ["update club_notes set body = 'Brings two dogs' where body = 'Brings a dog'"],
        ["update club_notes set body = 'Brings a dog' where body = 'Brings two dogs'"],
      ],
      [
        "the platform takes back no more what a column held that refers to a row of ours: that row stays",
        2,
        [
          "alter table club_members add constraint graded check (grade_id is not null or full_name <> 'Dan Evans') not valid",
        ],
        ["alter table club_members drop constraint graded"],
      ],
      [
        "columns were dropped, renamed and made of another type",
        0,
        [
          "alter table club_members rename column mobile to cell",
          "alter table club_members alter column fee type numeric(12,2)",
        ],
        [
          "alter table club_members rename column cell to mobile",
          "alter table club_members alter column fee type numeric(8,2)",
        ],
      ],
      [
        "columns are of types now that write the same values otherwise",
        0,
        [
          "alter table club_members alter column fee type double precision",
          "alter table club_members alter column joined type timestamp",
        ],
        [
          "alter table club_members alter column fee type numeric(8,2)",
          "alter table club_members alter column joined type date",
        ],
      ],
      [
        "a column takes no more what it held: what it is now stays, and is not cut",
        1,
        ["alter table club_members alter column full_name type varchar(13)"],
        ["alter table club_members alter column full_name type text"],
      ],
      [
        "the key is called otherwise",
        0,
        ["alter table club_members rename column id to no"],
        ["alter table club_members rename column no to id"],
      ],
      [
        "an entry lost what it held: nothing of it can be given back",
        1,
        [imagesOfBen("null", "null")],
        [
          imagesOfBen(
            `'{"full_name": "Benjamin Bello", "mobile": null, "fee": "11.50"}'`,
            `'{"full_name": "Ben Bello", "mobile": "447911123002", "fee": "12.00"}'`,
          ),
        ],
      ],
      [
        "a row is gone",
        0,
        ["delete from club_members where full_name = 'Dan Evans'"],
        [
          "insert into club_members (id, email, full_name, mobile, joined, fee) values (3, 'dan@example.com', 'Dan Evans', '447911123004', '2021-06-30', 5)",
        ],
      ],
    ]),
  )("%s", async (_what, spared, disturb, mend) => {
    const test = await club.lend();
    try {
      for (const statement of disturb) await test.query(statement);
      expect(await agree(test)).toBe(spared);
      for (const statement of mend) await test.query(statement);
      expect(await agree(test)).toBe(0);
      expect(shown(await club.standing(test))).toEqual(shown(club.asItWas()));
    } finally {
      await test.close();
    }
  });

  it("B1 and where the platform changed in between the act says what was said before", async () => {
    const test = await club.lend();
    try {
      const { waves } = await previewRollback(test.services, run);
      await test.query("update club_members set fee = 1 where full_name = 'Ben Bello'");
      const act = await rollback(test.services, run);
      const of = (wave: number) => waves.find((each) => each.wave === wave);
      const told = act.waves.filter(({ previewed }) => previewed !== null);
      expect(told.map(({ spared, previewed }) => [spared, previewed?.spared])).toEqual([[1, 0]]);
      for (const { wave, previewed } of told) expect(of(wave)).toMatchObject({ ...previewed });
    } finally {
      await test.close();
    }
  });

  it("V10 D16 what was given back is the platform's own, whatever it writes there later", async () => {
    const test = await club.lend();
    try {
      const ben = async () =>
        (
          await test.query(
            "select full_name as name, mobile, fee::text from club_members where id = 1",
          )
        )[0];
      await test.query("update club_members set mobile = 'x' where id = 1");
      expect(await agree(test)).toBe(1);
      expect(await ben()).toEqual({ name: "Benjamin Bello", mobile: "x", fee: "11.50" });
      // The very value that the wave had written, and another one.
      await test.query("update club_members set fee = 12, full_name = 'Ben B.' where id = 1");
      expect(await agree(test)).toBe(1);
      expect(await ben()).toEqual({ name: "Ben B.", mobile: "x", fee: "12.00" });
      await test.query("update club_members set mobile = '447911123002' where id = 1");
      expect(await agree(test)).toBe(0);
      expect(await ben()).toEqual({ name: "Ben B.", mobile: null, fee: "12.00" });
      expect((await rollback(test.services, run)).outcome).toBe("nothing_to_do");
    } finally {
      await test.close();
    }
  });

  it("V10 D17 a column that another run wrote since is left as long as that run stands; one that it wrote before, or another one, is given back", async () => {
    const test = await club.lend();
    try {
      const other = "7f3a0000-0000-4000-8000-00000000d5ff";
      const entry = (id: string, column: string, round: number) => `
        insert into wavegate.legacy_import_commit_logs (id, run_id, wave, round, staged_id, action, target_table, target_id, before_image, after_image)
        values (${id}, '${other}', 1, ${round}, 1, 'update', 'club_members', 1, '{"${column}": null}', '{"${column}": "447911123002"}')`;
      await test.query(`
        insert into wavegate.legacy_import_runs (id, reference, migration, definition_digest, definition, connection_name, focus_mode, wave_plan, seed)
        select '${other}', 'another', 'another', definition_digest, definition, connection_name, focus_mode, wave_plan, seed
          from wavegate.legacy_import_runs where id = '${run}';
        ${entry("default", "mobile", 1)}; ${entry("-1", "mobile", 2)}; ${entry("default", "remark", 3)}`);
      expect(await agree(test)).toBe(1);
      // Nor when its people are erased since.
      await test.query(`alter table wavegate.legacy_import_commit_logs disable trigger user;
        update wavegate.legacy_import_commit_logs set before_image = null, after_image = null where run_id = '${other}' and round = 1;
        alter table wavegate.legacy_import_commit_logs enable trigger user`);
      expect(await agree(test)).toBe(1);
      await test.query(
        `update wavegate.legacy_import_commit_logs set rolled_back_at = now() where run_id = '${other}' and round = 1`,
      );
      expect(await agree(test)).toBe(0);
      expect(shown(await club.standing(test))).toEqual(shown(club.asItWas()));
    } finally {
      await test.close();
    }
  });

  const acts = (when: string, body: string) => `
    create function meddle() returns trigger language plpgsql security definer as $$ begin ${body} end $$;
    create trigger zz_meddle ${when} on club_members for each row execute function meddle()`;
  it.each([
    [
      "the definition names, and that writes something else than a rollback puts back",
      "PlatformRefused",
      acts("before update", "new.full_name := upper(new.full_name); return new;"),
    ],
    [
      "takes notes away behind it",
      "SideEffects",
      acts("after update", "delete from club_notes where member_id = new.id; return null;"),
    ],
    [
      "writes another row of the same table",
      "SideEffects",
      acts(
        "after update",
        "if pg_trigger_depth() = 1 then update club_members set remark = 'x' where id = 2; end if; return null;",
      ),
    ],
  ])(
    "R13 R14 a trigger that %s takes the wave's rollback back: %s",
    async (_what, name, trigger) => {
      const test = await club.lend();
      try {
        const before = shown(await club.standing(test));
        await test.query(trigger);
        // Of one that it does not name each row is spared by its name.
        const named = '\'{effects,club_members.zz_meddle}\', \'{"kind": "harmless", "says": ""}\'';
        await pinOtherwise(test, run, `jsonb_set(pin, ${named})`);
        await expect(rollback(test.services, run)).rejects.toMatchObject({ name });
        expect(shown(await club.standing(test))).toEqual(before);
        await test.query("drop function meddle() cascade");
        expect(await agree(test)).toBe(0);
        expect(shown(await club.standing(test))).toEqual(shown(club.asItWas()));
      } finally {
        await test.close();
      }
    },
  );

  it("R13 R14 the last look at what was taken back counts a row that was changed and was not given back", async () => {
    const test = await club.lend();
    try {
      const pin = pinOf(await findRun(test.services.stage, run));
      const [ben] = await test.query<{ id: string; wave: number }>(
        "select id, wave from wavegate.legacy_import_commit_logs where action = 'update' and target_table = 'club_members' and target_id = 1",
      );
      const looks: number[] = [];
      const work = test.services.commitOf("roster").transaction(async (transaction) => {
        const look = async () =>
          looks.push(
            Number(
              (await transaction.one<{ n: number }>(leftBehind(pin, run, [ben?.wave ?? 0]))).n,
            ),
          );
        await look();
        await transaction.execute(
          raw(
            `update wavegate.legacy_import_commit_logs set rolled_back_at = now() where id = ${ben?.id}`,
          ),
        );
        await look();
        throw new Error("nothing stays");
      });
      await expect(work).rejects.toThrow("nothing stays");
      expect(looks).toEqual([0, 1]);
    } finally {
      await test.close();
    }
  });

  it("R17 taken back in part it is asked for again, goes to its end, and back whole", async () => {
    const test = await club.lend();
    try {
      const complete = shown(await club.standing(test));
      expect(await agree(test, 2)).toBe(0);
      await resume(test.services.sign, run, "operator");
      expect(await nextWave(test.services, run)).toMatchObject({ next: "ask", gate: "scale_up" });
      await toTheEnd(test, run);
      expect((await finalVerify(test.services, run)).passed).toBe(true);
      // Ids that are drawn are others, and nothing else is.
      const named = (rows: Record<string, Record<string, unknown>[]>) =>
        Object.values(rows).map((of) =>
          of.map((row) => row.full_name ?? row.body ?? row.code).sort(),
        );
      expect(named(shown(await club.standing(test)))).toEqual(named(complete));
      expect(await agree(test)).toBe(0);
      expect(shown(await club.standing(test))).toEqual(shown(club.asItWas()));
    } finally {
      await test.close();
    }
  });
});
