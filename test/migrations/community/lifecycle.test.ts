import { createHash } from "node:crypto";
import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findRun } from "../../../lib/data/runs.ts";
import { is, skip, when } from "../../../lib/define/builders.ts";
import type { Migration } from "../../../lib/define/definition.ts";
import type { SeveralEntities, WholeMigration } from "../../../lib/define/several.ts";
import { countsOfRun } from "../../../lib/review/rows/counts-of-run.ts";
import { judgeRange, whatIf } from "../../../lib/review/rows/what-if.ts";
import { finalVerify } from "../../../lib/stages/final-verify.ts";
import { runSettings } from "../../../lib/stages/run/settings.ts";
import { notComparable, reconcile } from "../../../lib/stages/wave/reconcile.ts";
import { counters } from "../../../migrations/community/counters.ts";
import { community } from "../../../migrations/community/definition.ts";
import { faultsOfBundle, rowsOf, standing, takenBack } from "../../lifecycle/whole-life.ts";
import type { TestServices } from "../../support/services.ts";
import { reviewedRun, toTheEnd } from "../../support/steps.ts";
import { communityServices, file } from "./platform.ts";

const [run, again, banned] = [1, 2, 3].map((n) => `7f3a0000-0000-4000-8000-00000000c00${n}`) as [
  string,
  string,
  string,
];
const tables = [
  "community_categories",
  "community_levels",
  "community_points_rules",
  "community_members",
  "community_points_ledger",
  "profile_activities",
];
const sha1 = (text: string) => createHash("sha1").update(text).digest("hex");

interface Outcome {
  readonly table: string;
  readonly id: string;
  readonly outcome: string;
  readonly why: string;
}

let test: TestServices;
let before: Awaited<ReturnType<typeof rowsOf>>;
let faults: readonly unknown[];
let foreign: unknown;
let truth: readonly Outcome[];
beforeAll(async () => {
  truth = parse(await file("sample/outcomes.csv"), { columns: true });
  test = await communityServices();
  before = await rowsOf(test, tables);
  await reviewedRun(test, run, { wavePlan: [25, 125, 625, 3000] });
  await toTheEnd(test, run);
  // An entry of a certificate that nobody has, of each of some people: it is found of those who are drawn.
  await test.query(
    `insert into profile_activities (user_id, activity_type, subject_type, subject_id, idempotency_key, occurred_at)
     select id, 'course.completed', 'certificate', 900000 + id, 'of nothing ' || id, now() from users`,
  );
  foreign = await finalVerify(test.services, run).catch((error: Error) => error.message);
  await test.query("delete from profile_activities where idempotency_key like 'of nothing%'");
  const { checks } = await finalVerify(test.services, run);
  faults = [...checks.filter(({ passed }) => !passed), ...(await faultsOfBundle(test, run))];
});
afterAll(async () => {
  await test?.close();
});

/** How the rows of a kind of things stand: `skipped draft`, by the id of the platform's row that each is of. */
async function states(entity: string, which = run): Promise<ReadonlyMap<string, Set<string>>> {
  const found = new Map<string, Set<string>>();
  for (const { no, state, why } of await standing(test, `community_${entity}`, which)) {
    const id = no.startsWith("[") ? (JSON.parse(no)[0] as string) : no;
    const all = found.get(id) ?? new Set();
    found.set(id, all.add(`${state}${why ? ` ${why}` : ""}`));
  }
  return found;
}
const withChanged = (
  name: string,
  change: (entity: SeveralEntities["entities"][number]) => object,
): WholeMigration => ({
  ...community,
  entities: community.entities.map((each) =>
    each.name === name ? { ...each, ...change(each) } : each,
  ),
});
const planted = (table: string) => truth.filter((each) => each.table === table);

describe("a community's platform in use", () => {
  it("C7 R13 the whole run is verified, and so is its bundle", () => {
    expect(faults).toEqual([]);
  });

  it("C3 of each kind of dirt in enrolments becomes what the table says", async () => {
    const rows = await states("enrolment");
    const outcomes = planted("enrollments").map(({ id, outcome, why }) => {
      const says = { skip: "skipped", hold: "held" }[outcome];
      return [id, says === undefined ? "skipped part_of_member" : `${says} ${why}`];
    });
    expect(
      planted("enrollments").map(({ id }) => [id, [...(rows.get(id) ?? [])].join(", ")]),
    ).toEqual(outcomes);
    const joined = await test.query<{ user: number; community: number; is: string }>(
      `select user_id::int as user, community_id::int as community,
              role || ' ' || status || ' ' || to_char(joined_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as is
         from community_members where user_id between 3901 and 3920 order by 1, 2`,
    );
    expect(joined.map(({ user, community, is }) => `${user} ${community} ${is}`)).toEqual([
      "3903 2 member active 2023-11-15T08:00:00Z",
      "3906 2 member active 2023-11-14T22:13:20Z",
      "3908 3 member active 2023-11-14T22:15:00Z",
      "3909 1 admin active 2023-11-14T22:13:20Z",
      "3910 3 member active 2020-09-13T12:26:40Z",
      "3911 3 member active 2030-03-17T17:46:40Z",
      "3916 5 member active 2023-11-14T22:13:20Z",
      "3917 6 admin active 2023-11-14T22:13:20Z",
      "3918 2 member active 2023-11-14T22:13:20Z",
      "3918 3 member active 2023-11-14T22:13:20Z",
      "3918 4 moderator active 2023-11-14T22:13:20Z",
    ]);
  });

  it("C3 D22 who is a member already changes one way only, and what else they are stays", async () => {
    const rows = await test.query<{ row: string }>(
      `select concat_ws(' ', id, role, status, to_char(joined_at at time zone 'UTC', 'YYYY-MM-DD'), deleted_at is not null,
                        (metadata -> 'backfill' ->> 'note'), (metadata ->> 'theme'),
                        jsonb_array_length(metadata -> 'backfill' -> 'classrooms'), synced_at is not null) as row
         from community_members where id <= 10 order by id`,
    );
    expect(rows.map(({ row }) => row)).toEqual([
      "1 owner active 2022-01-01 f 1 t",
      "2 member banned 2022-01-01 f f",
      "3 member active 2022-01-01 f 1 t",
      "4 member left 2022-01-01 f f",
      "5 member active 2023-11-14 f 1 t",
      "6 moderator active 2023-11-14 f dark 1 t",
      "7 member active 2020-01-01 f ours dark 1 t",
      "8 member active 2023-11-14 f 1 t",
      "9 admin active 2023-11-14 f 1 t",
      "10 admin active 2023-11-14 f 1 t",
    ]);
    const [left, banned] = await test.query<{ why: string }>(
      `select state_reason as why from wavegate.community_member where run_id = $1 and state_reason in ('banned', 'left_since') order by 1 desc`,
      [run],
    );
    expect([left?.why, banned?.why]).toEqual(["left_since", "banned"]);
  });

  it("C5 of each kind of dirt in posts, comments and certificates becomes what the table says", async () => {
    const of = {
      community_posts: "post",
      community_post_comments: "comment",
      certificates: "completion",
    };
    for (const [table, entity] of Object.entries(of)) {
      const rows = await states(entity);
      const says = planted(table).map(({ id, outcome, why }) => {
        if (outcome === "skip") return [id, `skipped ${why}`];
        return [id, outcome === "keep" ? "skipped there" : "committed"];
      });
      expect(planted(table).map(({ id }) => [id, [...(rows.get(id) ?? [])].join(", ")])).toEqual(
        says,
      );
    }
    const completions = await test.query<{ of: string }>(
      `select subject_id || ' ' || coalesce(community_id::text, 'none') as of from profile_activities
        where activity_type = 'course.completed' and subject_id <= 9 order by subject_id, community_id`,
    );
    expect(completions.map(({ of }) => of)).toEqual([
      ...["1 none", "2 none", "3 2", "3 3", "3 4", "7 2", "8 2", "9 7"],
    ]);
    const [live, other, post] = await test.query<{ is: string }>(
      `select activity_type || ' ' || idempotency_key || ' ' || context::text as is from profile_activities
        where idempotency_key in ('live-comment-3', '00108d4d456bb13f1fcbc2e360a1e5a7790887db', $1) order by id`,
      [sha1("profile:community_post:3:2")],
    );
    expect(live?.is).toBe(
      'community_post.published 00108d4d456bb13f1fcbc2e360a1e5a7790887db {"title": "Launch"}',
    );
    expect(other?.is).toBe('community_comment.created live-comment-3 {"excerpt": "Great"}');
    expect(post?.is).toBe(
      `community_post.published ${sha1("profile:community_post:3:2")} {"type": "text", "visibility": "community"}`,
    );
  });

  it("C2 the catalogue is there, and what somebody edited by hand is left to a person", async () => {
    expect(await states("category")).toEqual(
      new Map([
        ["general", new Set(["held hand_edited"])],
        ["alumni", new Set(["held hand_edited"])],
        ["study-groups", new Set(["committed"])],
        ["instructors", new Set(["committed"])],
        ["local-chapters", new Set(["committed"])],
      ]),
    );
    const levels = await test.query<{ level: string }>(
      `select coalesce(community_id::text, 'all') || ' ' || level || ' ' || name || ' ' || points_required as level
         from community_levels order by community_id nulls first, level`,
    );
    expect(levels.map(({ level }) => level)).toEqual([
      "all 1 Newbie 0",
      "all 2 Contributor 100",
      "all 3 Leader 500",
      "all 4 Champion 2000",
      "3 1 Sprout 0",
    ]);
    const rules = await test.query<{ rule: string }>(
      `select coalesce(community_id::text, 'all') || ' ' || action || ' ' || points || ' ' || cooldown_seconds as rule
         from community_points_rules order by community_id nulls first, points desc`,
    );
    expect(rules.map(({ rule }) => rule)).toEqual([
      "all course_complete 50 0",
      "all assignment_submit 15 0",
      "all post 10 0",
      "all comment 4 0",
      "all like_received 2 0",
      "all login_streak 1 86400",
      "3 post 25 0",
    ]);
  });

  it("C4 C5 C9 what a dry run counts is what the run counted", async () => {
    const counted = await countsOfRun(test.services.sign, await findRun(test.services.sign, run));
    expect(counted.filter(({ planned, done }) => planned !== done)).toEqual([]);
    const sum = (names: readonly string[]) =>
      counted.filter(({ id }) => names.includes(id)).reduce((all, { done }) => all + done, 0);
    const of = (part: keyof typeof counters) =>
      Object.fromEntries(Object.entries(counters[part]).map(([name, ids]) => [name, sum(ids)]));
    expect(of("baseline")).toEqual({
      records_created: 12,
      records_updated: 0,
      records_unchanged: 0,
      records_held: 3,
    });
    expect(of("membership")).toEqual({
      communities_processed: 30,
      enrollments_scanned: 618,
      members_created: 543,
      members_reactivated: 3,
      members_updated: 7,
      records_skipped: 5,
      records_unchanged: 0,
      records_held: 59,
    });
    expect(of("activity")).toEqual({
      posts_processed: 199,
      comments_processed: 192,
      completions_processed: 101,
      records_created: 482,
      records_updated: 1,
      records_skipped: 8,
      records_unchanged: 1,
      records_held: 0,
    });
  });

  it("C3 a community that is full takes whoever was first, and the others are held", async () => {
    const of = await test.query(
      `select import_state as state, state_reason as why, count(*)::int as n, max(joined)::date::text as last
         from wavegate.community_member where run_id = $1 and community = 12 group by 1, 2 order by 1`,
      [run],
    );
    expect(of).toEqual([
      { state: "committed", why: null, n: 2, last: "2023-01-03" },
      { state: "held", why: "community_full", n: 34, last: "2023-11-14" },
    ]);
    expect(
      await test.query(
        "select count(*)::int as n from community_members where community_id = 12 and status = 'active' and deleted_at is null",
      ),
    ).toEqual([{ n: 10 }]);
  });

  it("C8 posts, comments and certificates of people who are drawn agree with their entries, and the bundle has it", async () => {
    const { stage } = test.services;
    const of = await findRun(stage, run);
    const now = () => reconcile(stage, community, of);
    const found = await now();
    expect(found.map(({ id, passed, expected }) => [id, passed, expected])).toEqual([
      ["posts_reconciled", true, "28 of 28"],
      ["comments_reconciled", true, "27 of 27"],
      ["completions_reconciled", true, "26 of 26"],
    ]);
    expect(foreign).toBe(
      `The final verification of ${of.reference} failed: Of 71 people who were drawn their certificates and the entries of them agree. (expected 26 of 26, got 26 of 97) Nothing was changed by it; \`wavegate status --run ${of.reference}\` shows the run.`,
    );
    const [kept] = await test.query<{ checks: unknown[] }>(
      "select checks from wavegate.verifications where run_id = $1 and kind = 'final' order by id desc limit 1",
      [run],
    );
    expect(kept?.checks).toEqual(expect.arrayContaining(found));

    const got = async () => (await now()).map((each) => each.got);
    const right = await got();
    for (const [at, type] of [
      "community_post.published",
      "community_comment.posted",
      "course.completed",
    ].entries()) {
      const owner = found[at]?.people.find(({ entries }) => entries === 1)?.person;
      const moved = async (from: string, to: number) =>
        test.query(
          "update profile_activities set user_id = $2 where user_id = $1 and activity_type = $3",
          [from, to, type],
        );
      // Somebody else's entry, of whom nobody has the thing, and who is not drawn.
      await moved(`${owner}`, 4001);
      expect((await got())[at]).toBe(["27 of 28", "26 of 27", "25 of 26"][at]);
      expect((await got())[at]).not.toBe(right[at]);
      await moved("4001", Number(owner));
    }
    expect(await got()).toEqual(right);

    // What cannot be read is named before a run begins, whichever of the two sides it is.
    expect(await notComparable(stage, community, of)).toEqual([]);
    for (const which of ["things", "entries"]) {
      const { people = 0, sides: whole = [] } = community.reconcile ?? {};
      const sides = whole.map((side) =>
        side.id === "comments" ? { ...side, [which]: "select nothing" } : side,
      );
      const broken = { ...community, reconcile: { people, sides } };
      expect(await notComparable(stage, broken, of)).toEqual(["comments"]);
    }
  });

  it("C7 every row that was written carries its key, and each key is there once", async () => {
    const [keys] = await test.query(
      `select (select count(*)::int from community_members m where m.backfill_key is not null
                 and not exists (select from jsonb_array_elements(m.metadata -> 'backfill' -> 'classrooms') c where c ->> 'key' = m.backfill_key)) as foreign_keys,
              (select count(*)::int from wavegate.legacy_import_commit_logs l where l.run_id = $1 and l.rolled_back_at is null
                 and l.after_image ->> 'backfill_key' is null and l.target_table = 'community_members') as members_without,
              (select count(*)::int - count(distinct idempotency_key)::int from profile_activities) as repeated`,
      [run],
    );
    expect(keys).toEqual({ foreign_keys: 0, members_without: 0, repeated: 0 });
    const [member] = await test.query(
      "select backfill_key as key, metadata #>> '{backfill,classrooms,0,key}' as first from community_members where user_id = 3909",
    );
    expect(member).toEqual({
      key: sha1("classrooms:1:3909:101"),
      first: sha1("classrooms:1:3909:101"),
    });
  });

  it("C7 a second run changes nothing and says so", async () => {
    const now = await rowsOf(test, tables);
    await test.query("truncate wavegate.commit_locks cascade");
    await reviewedRun(test, again);
    const planned = await test.query(
      `select entity, planned, planned_reason, count(*)::int as n from (
         ${["category", "level", "rule", "member", "post", "comment", "completion"].map((entity) => `select '${entity}' as entity, run_id, planned, planned_reason from wavegate.community_${entity}`).join(" union all ")}) rows
        where run_id = $1 and planned in ('commit', 'update', 'link') group by 1, 2, 3`,
      [again],
    );
    expect(planned).toEqual([]);
    const unchanged = await states("member", again);
    expect([...new Set([...unchanged.values()].flatMap((each) => [...each]))].sort()).toEqual([
      "held community_full",
      "skipped banned",
      "skipped left_since",
      "skipped unchanged",
    ]);
    expect(await rowsOf(test, tables)).toEqual(now);
  });

  it("B5 C3 a changed definition is told with those for whom there is room, and the same one changes nothing", async () => {
    const { operator, services } = test;
    const pinned = await findRun(operator, again);
    const judged = async (change: (member: Migration["entity"]) => Partial<Migration["entity"]>) =>
      whatIf(
        operator,
        pinned,
        withChanged("member", ({ entity }) => ({
          entity: { ...entity, ...change(entity) },
        })),
        (part, range) => judgeRange(services.sign, pinned, part, range),
      );
    const ofFull = { what: "outcome", was: "hold community_full" };
    const same = await judged(() => ({}));
    expect(same).toEqual({ changes: [], standing: 0, taken: [] });

    const anybody = await judged(() => ({ room: undefined }));
    expect(anybody.changes).toMatchObject([{ ...ofFull, is: "commit member", rows: 34 }]);

    const named = await judged(({ room }) => ({ room: room && { ...room, hold: "no_place" } }));
    expect(named.changes).toMatchObject([{ ...ofFull, is: "hold no_place", rows: 34, rule: null }]);

    // Who is out by the plan wants no place, and the next one has it; nor does one whom a person holds.
    await test.query("update communities set max_members = 13 where id = 12");
    await test.query(
      `insert into wavegate.held_rows (run_id, staged_id, held_by, reason)
       select run_id, id, 'approver', 'asked for' from wavegate.community_member
        where run_id = $1 and planned_reason = 'community_full' and role <> 'moderator' order by id desc limit 1`,
      [again],
    );
    const some = await judged(({ plan }) => ({
      plan: [when(is("role", "moderator"), skip("later")), ...plan],
    }));
    // Rows that lie too far apart to be looked at at once: nobody is given a place, and it is said that none were counted.
    await test.query(
      `insert into wavegate.community_member_source
       select (jsonb_populate_record(s.row, jsonb_build_object('id', s.id + 200000, 'legacy_id', 'far'))).*
         from (select id, m as row from wavegate.community_member_source m where run_id = $1 order by id desc limit 1) s`,
      [again],
    );
    const apart = await judged(() => ({}));
    await test.query(
      "delete from wavegate.community_member_source where run_id = $1 and legacy_id = 'far'",
      [again],
    );
    expect(apart).toEqual({
      changes: [],
      standing: 0,
      taken: ["for whom there is room of “member”"],
    });
    await test.query("update communities set max_members = 10 where id = 12");
    await test.query("delete from wavegate.held_rows where run_id = $1", [again]);
    const changed = (is: string) =>
      some.changes.filter((each) => each.was === ofFull.was && each.is === is);
    expect(changed("commit member")).toMatchObject([{ rows: 3 + 1 }]);
    expect(some.taken).toEqual([]);
  });

  it("D22 who is banned between the review and the wave is held, whatever would be written", async () => {
    const was = await rowsOf(test, tables);
    await test.query("update community_members set role = 'member' where user_id = 3917");
    await test.query("update community_members set joined_at = now() where user_id = 3916");
    // Two more find room when it is reviewed, and one when it is written: somebody joined meanwhile.
    await test.query("update communities set max_members = 12 where id = 12");
    await test.query("truncate wavegate.commit_locks cascade");
    await reviewedRun(test, banned);
    await test.query(
      "insert into community_members (community_id, user_id, joined_at) values (12, 4001, now())",
    );
    const plans = () =>
      test.query(
        `select m.community || ' ' || planned as plan, import_state as state, state_reason as why
           from wavegate.community_member m where run_id = $1 and planned = 'update' order by 1`,
        [banned],
      );
    expect(await plans()).toEqual([
      { plan: "5 update", state: "pending", why: null },
      { plan: "6 update", state: "pending", why: null },
    ]);
    await test.query("update community_members set status = 'banned' where user_id = 3917");
    await toTheEnd(test, banned);
    expect(await plans()).toEqual([
      { plan: "5 update", state: "committed", why: null },
      { plan: "6 update", state: "held", why: "platform_changed_since_review" },
    ]);
    const joining = await test.query(
      "select import_state as state, state_reason as why, count(*)::int as n from wavegate.community_member where run_id = $1 and community = 12 and planned = 'commit' group by 1, 2 order by 1",
      [banned],
    );
    expect(joining).toEqual([
      { state: "committed", why: null, n: 1 },
      { state: "held", why: "platform_changed_since_review", n: 1 },
    ]);
    const now = await test.query("select role, status from community_members where user_id = 3917");
    expect(now).toEqual([{ role: "member", status: "banned" }]);
    expect(await takenBack(test, banned)).toEqual([]);
    await test.query("delete from community_members where user_id = 4001");
    await test.query("update communities set max_members = 10 where id = 12");
    await test.query(
      "update community_members set role = 'admin', status = 'active' where user_id = 3917",
    );
    await test.query(
      "update community_members set joined_at = '2023-11-14 22:13:20Z' where user_id = 3916",
    );
    expect(await rowsOf(test, tables)).toEqual(was);
  });

  it.each([
    ["7", "7"],
    [" community-7 ", "7"],
    ["Community 7", "7"],
  ])("C3 a community is named by its id or slug: %s", async (said, is) => {
    const { stage } = test.services;
    const settings = await runSettings(community, { community: said }, new Date(), stage);
    expect(settings).toEqual({ community: is });
  });

  it("C3 an id comes before a slug that is the same number, and a slug may have capitals", async () => {
    await test.query(
      "update communities set slug = case id when 8 then '7' else 'Growth-Lab' end where id in (8, 9)",
    );
    const { stage } = test.services;
    for (const [said, is] of [
      ["7", "7"],
      ["8", "8"],
      ["Growth-Lab", "9"],
    ])
      expect(
        await runSettings(community, { community: said as string }, new Date(), stage),
      ).toEqual({ community: is });
    await test.query("update communities set slug = 'community-' || id where id in (8, 9)");
  });

  it.each(["nowhere", "", "7'; drop table users; --", "{said}", "-7", "7 or true"])(
    "C3 a community that is none is refused, and nothing of what was typed is SQL: %s",
    async (said) => {
      const { stage } = test.services;
      await expect(
        runSettings(community, { community: said }, new Date(), stage),
      ).rejects.toMatchObject({
        name: "SettingNotFound",
        message: `Community [${said}] was not found. Nothing was written.`,
      });
    },
  );

  it("C10 R17 all of it is taken back, but for a member who got points since", async () => {
    const [member] = await test.query<{ id: number }>(
      "select id::int from community_members where user_id = 3903",
    );
    await test.query(
      "insert into community_points_ledger (community_id, member_id, action, points_delta, balance_after, occurred_at) values (2, $1, 'post', 10, 10, now())",
      [member?.id],
    );
    await test.query(
      "select wavegate.turn_feature($1::uuid, 'community_profile_activity', 50, '[]', 'approver')",
      [run],
    );
    const features = "select percentage::int from wavegate.features";
    expect(await test.query(features)).toEqual([{ percentage: 50 }]);
    expect(await takenBack(test, run)).toEqual([]);
    expect(await test.query(features)).toEqual([{ percentage: 0 }]);
    const after = await rowsOf(test, tables);
    const spared = (rows: unknown[] | undefined) =>
      rows?.filter((row) => (row as { id: number }).id !== member?.id);
    expect({
      ...after,
      community_members: spared(after.community_members),
      community_points_ledger: before.community_points_ledger,
    }).toEqual(before);
    expect(after.community_members).toHaveLength((before.community_members?.length ?? 0) + 1);
    const [conflict] = await test.query(
      "select conflict from wavegate.legacy_import_commit_logs where run_id = $1 and conflict is not null",
      [run],
    );
    expect(conflict).toEqual({ conflict: { changed: [], edited: false, referenced: true } });

    // The incident note, filled in from what happened, and whom it was told.
    const keys = (await test.services.evidence.list("runs/")).map(({ key }) => key);
    const { reference } = await findRun(test.services.stage, run);
    const notes = keys.filter(
      (key) => key.startsWith(`runs/${reference}/`) && key.endsWith("/incident.md"),
    );
    expect(notes).toHaveLength(1);
    const note = (await test.services.evidence.get(notes[0] ?? "")).toString();
    const time = String.raw`\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)`;
    expect(note).toMatch(new RegExp(String.raw`^# Incident INC-${reference}\n`, "u"));
    expect(note).toMatch(
      new RegExp(String.raw`\| Start \(UTC\) \| ${time} \|\n\| End \(UTC\) \| ${time} \|`, "u"),
    );
    expect(note).toContain(
      "| Systems | Communities: members from classrooms, and what people did: community_categories, community_levels, community_members, community_points_rules, profile_activities |",
    );
    expect(note).toContain("| Backup named at the start | backup-2026-11-20 |");
    expect(note).toContain(
      "Waves: 4. Rows taken back: 1045, of which 0 were gone already.\nRows spared, as somebody changed them or something refers to them since: 1; each is a conflict in `commit-log.csv.gz`.",
    );
    expect(note).toContain("feature community_profile_activity turned to 0 % |");
    expect(note).toContain("The last that failed before it: the final verification, ");
    expect(note).not.toMatch(/undefined|NaN|example\.org/u);
    const told = test.mails.filter(({ text }) => text.includes("incident.md of the bundle"));
    expect(told.flatMap(({ to }) => to)).toContain("approver@example.com");
  });
});
