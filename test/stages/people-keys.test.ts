import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cameTo } from "../../lib/compile/judge/came-since.ts";
import { sql } from "../../lib/data/sql.ts";
import {
  all,
  commit,
  defineMigration,
  drawn,
  field,
  insert,
  kept,
  link,
  linked,
  match,
  name,
  people,
  phone,
  table,
  text,
  when,
} from "../../lib/define/builders.ts";
import { partsOf } from "../../lib/define/several.ts";
import { drill } from "../../lib/stages/drill.ts";
import { finalVerify } from "../../lib/stages/final-verify.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { faultsOfBundle } from "../lifecycle/whole-life.ts";
import { type CsvServices, csvServices } from "../support/csv-services.ts";
import { approve, judgeAll, refusal, reviewedRun, runWave, toTheEnd } from "../support/steps.ts";

const run = "7f3a0000-0000-4000-8000-0000000000f7";
const uuid = (n: number) => `0000000${n}-0000-4000-8000-000000000000`;

describe.each([
  {
    idType: "uuid",
    ids: [uuid(1), uuid(2), uuid(3)],
    own: "no text primary key",
    id: { id: kept({ no: "legacy_id" }) },
  },
  // Beside ids that the platform draws, which are numbers; and of letters of any case, in which no pattern can be looked for.
  {
    idType: "text",
    ids: ["U-1", "u-1", 'U, "1"'],
    own: "id bigserial primary key, no text",
    id: {},
    collate: "collate any_case",
  },
] as const)(
  "M7 people of a platform whose ids are of type $idType",
  ({ idType, ids, own, id, ...of }) => {
    const called = `people_${idType}`;
    const definition = defineMigration({
      name: called,
      title: "People",
      connection: "legacy",
      source: { members: table("no", "word", "mobile", "kind") },
      entity: {
        from: ["members"],
        fields: {
          word: text("word"),
          mobile: phone("mobile", { region: "DZ" }),
          kind: text("kind"),
        },
        decide: {},
        match: match([people({ in: "users", phone: "phone", idType })]),
        actions: {
          member: insert(
            "members",
            { no: "legacy_id", word: "word", user_id: linked("users") },
            id,
          ),
        },
        plan: [
          when(all(field("high_hits", "one"), field("kind", "link")), link()),
          when(field("high_hits", "one", "none"), commit("member")),
        ],
      },
    });
    let test: CsvServices;
    let before: unknown;

    beforeAll(async () => {
      test = await csvServices(
        definition,
        `create collation any_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
         create table users (id ${idType} primary key, phone text ${"collate" in of ? of.collate : ""});
         create table members (${own}, word text, user_id ${idType} references users);`,
        {
          members: [
            "no,word,mobile,kind",
            "M-1,a,0551000000,link",
            "M-2,b,0551000001,new",
            "M-3,c,0551000002,link",
            "M-4,d,0551000009,new",
          ],
        },
      );
      for (const [n, id] of ids.entries()) {
        await test.query("insert into users values ($1, $2)", [id, `21355100000${n}`]);
      }
      before = await test.query("select * from users order by phone");
      await reviewedRun(test, run);
    });
    afterAll(() => test?.close());

    it("are hinted at by their own ids", async () => {
      const hints = await test.query<{ no: string; id: unknown }>(
        `select legacy_id as no, duplicate_evidence -> 0 -> 'id' as id from wavegate.${called}_rows where duplicate_evidence <> '[]' order by 1`,
      );
      expect(hints).toEqual(["M-1", "M-2", "M-3"].map((no, n) => ({ no, id: ids[n] })));
    });

    it("D17 B11 are linked, and named by new rows, drilled, in a bundle that verifies, and cleared again", async () => {
      await approve(test, run, "first_wave");
      const { written, verified } = await runWave(test, run, 1);
      expect(written.counts).toMatchObject({ committed: 2, linked: 2 });
      expect(verified.passed).toBe(true);
      expect(await drill(test.services, run)).toMatchObject({ passed: true });
      expect(await test.query("select no, user_id from members order by no")).toEqual([
        { no: "M-2", user_id: ids[1] },
        { no: "M-4", user_id: null },
      ]);
      const marked = await test.query(
        `select legacy_id as no, imported_users_id as of from wavegate.${called}_rows order by 1`,
      );
      expect(marked).toEqual([
        { no: "M-1", of: ids[0] },
        { no: "M-2", of: ids[1] },
        { no: "M-3", of: ids[2] },
        { no: "M-4", of: null },
      ]);
      const links = await test.query(
        `select target_id, target_key from wavegate.legacy_import_commit_logs where action = 'link' and rolled_back_at is null order by staged_id`,
      );
      expect(links).toEqual(
        [ids[0], ids[2]].map((id) => ({ target_id: null, target_key: { id } })),
      );
      expect(await faultsOfBundle(test, run)).toEqual([]);
      expect((await rollback(test.services, run)).outcome).toBe("rolled_back");
      expect(await test.query("select * from members")).toEqual([]);
      expect(await test.query("select * from users order by phone")).toEqual(before);
    });

    it("are missed when they are gone since the review", async () => {
      const other = "7f3a0000-0000-4000-8000-0000000000f8";
      await reviewedRun(test, other);
      await approve(test, other, "first_wave");
      await test.query("delete from users where id = $1", [ids[0]]);
      await test.query("insert into users values ($1, '213551000009')", [
        idType === "uuid" ? uuid(9) : "U-9",
      ]);
      const { written } = await runWave(test, other, 1);
      expect(written.counts).toMatchObject({ heldBack: 2, committed: 1, linked: 1 });
    });
  },
);

describe.each([
  { idType: "bigint", key: "id bigint generated by default as identity primary key", id: {} },
  { idType: "uuid", key: "id uuid primary key default gen_random_uuid()", id: { id: drawn("id") } },
] as const)(
  "M7 D8 people with ids of type $idType whom the run itself wrote",
  ({ idType, key, id }) => {
    const sisters = (called: string) =>
      defineMigration({
        name: called,
        title: "Sisters",
        connection: "legacy",
        source: { members: table("no", "name", "mobile") },
        entity: {
          from: ["members"],
          fields: { full_name: name("name"), mobile: phone("mobile", { region: "DZ" }) },
          decide: {},
          match: match([people({ in: "guests", name: "name", phone: "phone", idType })]),
          actions: { guest: insert("guests", { name: "full_name", phone: "mobile" }, id) },
          plan: [when(field("high_hits", "one"), link()), commit("guest")],
        },
      });
    const guests = `create table guests (${key}, name text, phone text)`;

    it("are told by one reading of what it wrote: not each of them held against all the others", async () => {
      const many = sisters(`sisters_many_${idType}`);
      const test = await csvServices(many, guests, { members: ["no,name,mobile", "M-1,Lina,"] });
      await reviewedRun(test, run);
      // As if so many had been written by now.
      await test.query(`
        alter table wavegate.legacy_import_commit_logs disable trigger user;
        with made as (insert into guests (name) select 'Somebody' from generate_series(1, 3000) returning id)
        insert into wavegate.legacy_import_commit_logs (run_id, wave, round, staged_id, action, target_table, target_id, target_key)
        select '${run}', 1, 1, row_number() over (), 'commit', 'guests',
               ${idType === "uuid" ? "null, jsonb_build_object('id', id)" : "id, null"} from made;
        analyze guests, wavegate.legacy_import_commit_logs`);
      const [kind] = partsOf(many);
      if (!kind) throw new Error("It has one kind of things.");
      for (const seen of [
        { to: { guests: null }, from: { guests: "3" } },
        { to: { guests: null } },
      ]) {
        const lines = await test.services.stage.rows<{ "QUERY PLAN": string }>(
          sql`explain (analyze, timing off, costs off) ${cameTo(kind, run, seen)}`,
        );
        const plan = lines.map((line) => line["QUERY PLAN"]).join("\n");
        const held = [...plan.matchAll(/Rows Removed by Join Filter: (\d+)/gu)].map(([, n]) =>
          Number(n),
        );
        expect(Math.max(0, ...held)).toBeLessThan(10_000);
      }
      await test.close();
    });

    it("are nobody who came since, and no hint, to a row that has their number", async () => {
      const own = sisters(`sisters_${idType}`);
      const test = await csvServices(own, guests, {
        members: [
          "no,name,mobile",
          "M-1,Lina Haddad,0551000000",
          "M-2,Sara Haddad,0551000000",
          "M-3,Amel Haddad,0551000000",
        ],
      });
      const hints = () =>
        test.query(`select duplicate_confidence from wavegate.${own.entity.staging.table}
                   where state_reason is not null or duplicate_confidence <> 'none'`);
      await reviewedRun(test, run, { wavePlan: [1] });
      await approve(test, run, "first_wave");
      expect((await runWave(test, run, 1)).written.counts).toMatchObject({ committed: 1 });
      expect(await drill(test.services, run)).toMatchObject({ passed: true });
      await approve(test, run, "scale_up");
      expect((await runWave(test, run, 2)).written.counts).toMatchObject({ committed: 1 });
      // Judged once more in the middle they are no hint either; whom somebody else wrote is one who came since.
      await judgeAll(test, run);
      expect(await hints()).toEqual([]);
      await approve(test, run, "wave:3");
      await test.query("insert into guests (name, phone) values ('Came Since', '213551000000')");
      expect(await refusal(runWave(test, run, 3))).toBe("NothingToCommit");
      await test.close();
    });
  },
);

describe("M7 D32 somebody who came to the source since an earlier run", () => {
  it("is linked to nobody for a family's phone, and held; without a word of it in the definition", async () => {
    const family = defineMigration({
      name: "family",
      title: "A family",
      connection: "legacy",
      source: { members: table("no", "name", "mobile") },
      entity: {
        from: ["members"],
        fields: { full_name: name("name"), mobile: phone("mobile", { region: "DZ" }) },
        decide: {},
        match: match([people({ in: "guests", name: "name", phone: "phone" })]),
        actions: { guest: insert("guests", { name: "full_name", phone: "mobile" }) },
        plan: [when(field("high_hits", "one"), link()), commit("guest")],
      },
    });
    const lines = ["no,name,mobile", "M-1,Lina Haddad,0551000000", "M-2,Omar Saidi,0551000002"];
    const test = await csvServices(
      family,
      "create table guests (id bigserial primary key, name text, phone text)",
      { members: lines },
    );
    await reviewedRun(test, run);
    await approve(test, run, "first_wave");
    expect((await runWave(test, run, 1)).written.counts).toMatchObject({ committed: 2 });
    expect(await drill(test.services, run)).toMatchObject({ passed: true });
    await toTheEnd(test, run);
    const since = ["M-3,Sara Haddad,0551000000", "M-4,Lina Haddad,0551000000", ""];
    await writeFile(join(test.folder, "members.csv"), [...lines, ...since].join("\n"));
    const later = "7f3a0000-0000-4000-8000-0000000000fa";
    await finalVerify(test.services, run);
    await reviewedRun(test, later);
    const found = await test.query<{ says: string }>(
      `select concat_ws(' ', legacy_id, import_state, planned, coalesce(state_reason, planned_reason)) as says
         from wavegate.family_rows where run_id = $1 order by id`,
      [later],
    );
    expect(found.map(({ says }) => says)).toEqual([
      "M-1 skipped skip moved_before",
      "M-2 skipped skip moved_before",
      "M-3 held hold contact_of_another_person",
      "M-4 pending link",
    ]);
    await test.close();
  });
});
