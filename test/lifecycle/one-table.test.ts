import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { raw } from "../../lib/data/sql.ts";
import { dryRun } from "../../lib/stages/dry-run.ts";
import { definitionFaults } from "../../lib/stages/preflight/definition-faults.ts";
import { previewRollback } from "../../lib/stages/preview-rollback.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { type CsvServices, csvServices } from "../support/csv-services.ts";
import { approve, reviewedRun, runWave } from "../support/steps.ts";
import { committed, rowsOf, standing, takenBack } from "./whole-life.ts";
import { feed, feedFiles, feedPlatform } from "./worlds/feed.ts";

const [first, edited, second, again, between] = [1, 2, 3, 4, 5].map(
  (n) => `7f3a0000-0000-4000-8000-00000000fe0${n}`,
) as [string, string, string, string, string];

let test: CsvServices;
beforeAll(async () => {
  test = await csvServices(feed, feedPlatform, feedFiles);
});
afterAll(() => test?.close());

const platform = () => rowsOf(test, ["activities"]);
const lines = async () =>
  (
    await test.query<{ line: string }>(
      `select concat_ws('|', a.kind, a.mark, a.says, o.mark) as line from activities a left join activities o on o.id = a.about
        order by a.mark, a.kind`,
    )
  ).map(({ line }) => line);
const states = async (run: string) => {
  const all: string[] = [];
  for (const kind of ["post", "comment", "badge"]) {
    const rows = await standing(test, `feed_${kind}`, run);
    all.push(...rows.map(({ no, state, why }) => `${kind} ${no} ${state}${why ? ` ${why}` : ""}`));
  }
  return all;
};

const asItWas = ["badge|b2|Friendly", "post|p4|Old news"];

describe("B5 W6 several kinds of things that are rows of one table", () => {
  it("B5 B7 R17 go all the way, each with its own ledger, and back", async () => {
    const before = await platform();
    expect(await committed(test, first)).toEqual([]);
    expect(await lines()).toEqual([
      "badge|b1|First post",
      "badge|b2|Kind",
      "badge|b5|Rare",
      "comment|c1|Welcome|p1",
      "comment|c3|Long ago|p4",
      "post|p1|Hello",
      "post|p3|News",
      "post|p4|Old news",
    ]);
    expect(await states(first)).toEqual([
      "post 1 committed",
      "post 2 held title_missing",
      "post 3 committed",
      "post 4 skipped there",
      "comment 1 committed",
      "comment 2 held post_missing",
      "comment 3 committed",
      // Known before: the post is there. Not known before: the post was written by the same wave.
      "comment 4 held shared_there",
      "comment 5 held platform_changed_since_review",
      "badge 1 committed",
      "badge 2 committed",
      "badge 3 held shared_there",
      "badge 4 held later_of_one_person",
      "badge 5 committed",
      "badge 6 held later_of_one_person",
    ]);
    expect(
      await test.query(
        `select counts ->> 'created' as created, counts ->> 'updated' as updated from wavegate.waves
          where run_id = $1 order by wave`,
        [first],
      ),
    ).toEqual([
      { created: '{"activities": 3}', updated: null },
      { created: '{"activities": 3}', updated: '{"activities": 1}' },
    ]);
    expect(await takenBack(test, first)).toEqual([]);
    expect(await platform()).toEqual(before);
  });

  it("D16 R17 a row that was edited since stays with what it refers to, of whichever kind", async () => {
    expect(await committed(test, edited)).toEqual([]);
    await test.query("update activities set says = 'Edited' where mark in ('c1', 'b1')");
    const { waves } = await previewRollback(test.services, edited);
    const told = await rollback(test.services, edited);
    expect(told.outcome).toBe("conflicts");
    expect(
      told.waves.flatMap(({ conflicts }) => conflicts.map(({ conflict }) => conflict)),
    ).toEqual([
      { edited: true, referenced: false, changed: ["says"] },
      { edited: true, referenced: false, changed: ["says"] },
      { edited: false, referenced: true, changed: [] },
    ]);
    expect(waves.map(({ entries }) => entries)).toEqual(told.waves.map(({ entries }) => entries));
    expect(await lines()).toEqual([
      "badge|b1|Edited",
      "badge|b2|Friendly",
      "comment|c1|Edited|p1",
      "post|p1|Hello",
      "post|p4|Old news",
    ]);
    await test.query("update activities set says = 'Welcome' where mark = 'c1'");
    await test.query("update activities set says = 'First post' where mark = 'b1'");
    expect((await rollback(test.services, edited)).outcome).toBe("rolled_back");
    expect(await lines()).toEqual(asItWas);
  });

  it("B5 judged anew after a wave, what the run wrote as one kind is no row of another, until it is taken back", async () => {
    await reviewedRun(test, between, { wavePlan: [3, 10] });
    const comment = async (no: string) => {
      await dryRun(test.services, between);
      return test.query(
        `select r.there_is from wavegate.rows_there r join wavegate.feed_comment c on c.run_id = r.run_id and c.id = r.staged_id
          where r.run_id = $1 and c.legacy_id::text = $2`,
        [between, no],
      );
    };
    await approve(test, between, "first_wave");
    await runWave(test, between, 1);
    // The comment that has the mark of a post.
    expect(await comment("5")).toEqual([{ there_is: "shared" }]);

    // A row that is there as a comment, and what gives its key to a post.
    const there = "7f3a0000-0000-4000-8000-00000000ad08";
    await test.query(
      "insert into activities (id, kind, says, mark) values ($1, 'comment', 'Long ago', 'c3')",
      [there],
    );
    const key = `'{"id": "${there}"}'`;
    const past = (statement: string) =>
      test.query(`begin; set local session_replication_role = replica; ${statement}; commit`);
    const entered = (of: string, table: string, back = "null") => `
      insert into wavegate.legacy_import_commit_logs (run_id, wave, round, staged_id, action, target_table, target_key, after_image, rolled_back_at)
      select run_id, 1, 77, min(staged_id), 'commit', '${table}', ${key}, '{}', ${back}
        from wavegate.feed_post_decisions where run_id = '${of}' group by 1`;
    const found = (of: string, table: string) => `
      update wavegate.feed_post_decisions set there_table = '${table}', there_key = ${key}
       where staged_id = (select min(staged_id) from wavegate.feed_post_decisions where run_id = '${of}')`;
    for (const [what, statement, is] of [
      ["another run wrote it", entered(first, "activities"), "one"],
      ["a row of another table", entered(between, "elsewhere"), "one"],
      ["taken back", entered(between, "activities", "now()"), "one"],
      ["written, and stands", entered(between, "activities"), "shared"],
      ["another run found it", found(first, "activities"), "one"],
      ["found in another table", found(between, "elsewhere"), "one"],
      ["found", found(between, "activities"), "shared"],
    ] as const) {
      await past(statement);
      expect([what, await comment("3")]).toEqual([what, [{ there_is: is }]]);
      await past(`
        delete from wavegate.legacy_import_commit_logs where round = 77 and run_id in ('${first}', '${between}');
        update wavegate.feed_post_decisions set there_table = null, there_key = null
         where there_key = ${key} and run_id in ('${first}', '${between}')`);
    }
    await test.query("delete from activities where id = $1", [there]);

    expect((await rollback(test.services, between)).outcome).toBe("rolled_back");
    expect(await lines()).toEqual(asItWas);
  });

  it("M11 once more writes nothing", async () => {
    expect(await committed(test, second)).toEqual([]);
    const after = await platform();
    expect(await committed(test, again)).toEqual([]);
    expect(await platform()).toEqual(after);
    expect((await states(again)).filter((line) => !/skipped moved_before$/.test(line))).toEqual([
      "post 2 held title_missing",
      "post 4 skipped there",
      "comment 2 held post_missing",
      "comment 4 held shared_there",
      "comment 5 held shared_there",
      "badge 3 held shared_there",
      "badge 4 held later_of_one_person",
      "badge 6 held later_of_one_person",
    ]);
  });

  it("D19 M12 a row that was made is entered once, whichever way its key is written", async () => {
    const id = "7f3a0000-0000-4000-8000-00000000ad09";
    const made = `insert into activities (id, kind, says, mark) values ('${id}', 'post', 'Made here', 'made')`;
    const entry = (staged: number, key: string, number = "null") => `
      insert into wavegate.legacy_import_commit_logs (run_id, wave, round, staged_id, action, target_table, target_id, target_key, after_image)
      select '${second}', 1, 77, ${staged}, 'commit', 'activities', ${number}, ${key}, to_jsonb(t) from activities t where t.mark = 'made'`;
    const own = `jsonb_build_object('id', '${id}')`;
    const locks = `insert into wavegate.commit_locks (migration, run_id) values ('feed', '${second}') on conflict (migration) do update set taken_at = now()`;
    await test.query("update wavegate.commit_locks set run_id = $1", [second]);
    const attempt = (...statements: string[]) =>
      test.services.commitOf("feed").transaction(async (db) => {
        for (const statement of statements) await db.execute(raw(statement));
        throw new Error("nothing refused it");
      });
    await expect(attempt(locks, made, entry(1, own))).rejects.toThrow("nothing refused it");
    for (const more of [
      [entry(2, own)],
      [entry(2, `${own} || '{"x": 1}'`)],
      [entry(2, own, "1")],
      [entry(2, "jsonb_build_object('id', upper(t.id::text))")],
    ]) {
      await expect(attempt(locks, made, entry(1, own), ...more)).rejects.toThrow(/SQLState: 23000/);
      await expect(attempt(locks, made, ...more, entry(1, own))).rejects.toThrow(/SQLState: 23000/);
    }
  });

  it("B5 what cannot be told apart is no definition", () => {
    const [post, comment, badge] = feed.entities as [
      (typeof feed.entities)[number],
      (typeof feed.entities)[number],
      (typeof feed.entities)[number],
    ];
    const action = comment.entity.actions.comment as NonNullable<
      typeof comment.entity.actions.comment
    >;
    const withAction = (changed: Partial<typeof action>) => ({
      ...feed,
      entities: [
        post,
        {
          ...comment,
          entity: { ...comment.entity, actions: { comment: { ...action, ...changed } } },
        },
        badge,
      ],
    });
    const says = (changed: Partial<typeof action>) =>
      definitionFaults(withAction(changed)).filter((fault) => /“activities”/.test(fault));
    expect(says({})).toEqual([]);
    expect(says({ id: { drawn: "id" } })).toEqual([]);
    for (const id of [
      "id",
      { drawn: "no" },
      { kept: { id: { staged: "legacy_id" }, no: { staged: "mark" } } },
    ])
      expect(says({ id })).toEqual([
        "“post” and “comment” and “badge” write into “activities” under other keys: a table has one key, and is drawn an integer or not.",
      ]);
    const legacy = { legacy_no: { staged: "legacy_id" } };
    expect(says({ identity: legacy })).toEqual([]);
    const all = {
      ...feed,
      entities: feed.entities.map((each) => ({
        ...each,
        entity: {
          ...each.entity,
          actions: Object.fromEntries(
            Object.entries(each.entity.actions).map(([name, one]) => [
              name,
              { ...one, identity: legacy },
            ]),
          ),
        },
      })),
    };
    expect(definitionFaults(all)).toEqual([
      "“post” and “comment” and “badge” write into “activities”, and `identity` tells their rows by the legacy id alone: rows of two legacy tables that have one id would be taken for each other. Say there what else tells them apart, such as `source_table`.",
    ]);
  });
});
