import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { commit } from "../../lib/stages/commit.ts";
import { verify } from "../../lib/stages/verify.ts";
import { reviewed, reviewedServices, type TestServices } from "../support/services.ts";
import { approve } from "../support/steps.ts";

let test: TestServices;
const run = reviewed;

beforeEach(async () => {
  test = await reviewedServices();
  await approve(test, run, "first_wave");
});
afterEach(() => test.close());

const failedChecks = async () =>
  (await verify(test.services, run, 1)).checks.filter(({ passed }) => !passed).map(({ id }) => id);

describe("D37 R13 where PostgreSQL was told to keep no counts", () => {
  it("rows are counted, and a delete by the platform's trigger is noticed all the same", async () => {
    await test.query(
      "do $$ begin execute format('alter database %I set track_counts = off', current_database()); end $$",
    );
    const [there] = await test.query("select count(*)::int as n from attendances");
    await test.query(`create function meddle() returns trigger language plpgsql security definer as $$
      begin delete from attendances where id = (select min(id) from attendances); return null; end $$`);
    await test.query(
      "create trigger meddle after insert on legacy_completed_trainings for each statement execute function meddle()",
    );
    await expect(commit(test.services, { run, wave: 1 })).rejects.toMatchObject({
      name: "SideEffects",
      message: expect.stringContaining("attendances (1 deleted)"),
    });
    expect(await test.query("select count(*)::int as n from attendances")).toEqual([there]);
    await test.query("drop function meddle() cascade");
    await commit(test.services, { run, wave: 1 });
    expect(await failedChecks()).toEqual([]);
  });
});

describe("R13 the checks after a wave", () => {
  it("notice a user that the wave's own transaction wrote, whatever the commit measured", async () => {
    await commit(test.services, { run, wave: 1 });
    const [wrote] = await test.query<{ id: string }>(
      "with w as (update users set full_name = full_name where id = (select min(id) from users)) select pg_current_xact_id()::text as id",
    );
    await test.query(
      "update wavegate.waves set counts = jsonb_set(counts, '{transaction}', to_jsonb($1::text)) where run_id = $2",
      [wrote?.id, run],
    );
    expect(await failedChecks()).toEqual(["users_untouched"]);
  });

  it("notice a row of the wave that is no longer marked as written", async () => {
    await commit(test.services, { run, wave: 1 });
    await test.query(
      "update wavegate.legacy_student_imports set import_state = 'pending' where id = (select min(id) from wavegate.legacy_student_imports where run_id = $1 and wave = 1)",
      [run],
    );
    expect(await failedChecks()).toEqual(["summary_changed"]);
  });

  it("notice a row that is marked as written by the wave and is not in its ledger", async () => {
    await commit(test.services, { run, wave: 1 });
    await test.query(
      "update wavegate.legacy_student_imports set import_state = 'committed', wave = 1 where id = (select min(id) from wavegate.legacy_student_imports where run_id = $1 and wave is null)",
      [run],
    );
    expect(await failedChecks()).toEqual(["summary_changed", "logs_written"]);
  });

  it("D28 hold rows back for which somebody came since the review, by phone or by e-mail", async () => {
    const next = await test.query<{ id: number; phone: string | null; email: string | null }>(
      `select id::int, phone_normalized as phone, email_normalized as email from wavegate.legacy_student_imports
        where run_id = $1 and planned = 'commit' and classification = 'completed' order by id limit 25`,
      [run],
    );
    const byPhone = next.find(({ phone }) => phone !== null);
    const byEmail = next.find(({ id, email }) => email !== null && id !== byPhone?.id);
    await test.query(
      "insert into crm_leads (full_name, phone, source) values ('Came Since', $1, 'web')",
      [byPhone?.phone],
    );
    await test.query("insert into users (full_name, email) values ('Came Since', $1)", [
      byEmail?.email,
    ]);
    const { counts } = await commit(test.services, { run, wave: 1 });
    expect(counts.picked).toBe(25);
    const held = await test.query<{ id: number }>(
      "select id::int from wavegate.legacy_student_imports where run_id = $1 and state_reason = 'platform_changed_since_review' order by id",
      [run],
    );
    expect(held.map(({ id }) => id)).toEqual(expect.arrayContaining([byPhone?.id, byEmail?.id]));
    expect(counts.heldBack).toBe(held.length);
    expect(await failedChecks()).toEqual([]);
  });

  it("D28 M7 hold rows back for whom somebody came since as matching reads people, or came to carry the contact: in whatever spelling", async () => {
    const next = await test.query<{
      id: number;
      name: string;
      phone: string | null;
      email: string | null;
      born: string | null;
    }>(
      `select id::int, full_name as name, phone_normalized as phone, email_normalized as email, birth_date::text as born
         from wavegate.legacy_student_imports
        where run_id = $1 and planned = 'commit' and classification = 'completed' order by id limit 25`,
      [run],
    );
    const left = [...next];
    const take = (has: (row: (typeof next)[number]) => unknown) => {
      const [row] = left.splice(
        left.findIndex((each) => has(each)),
        1,
      );
      if (row === undefined) throw new Error("There are such rows.");
      return row;
    };
    const upper = take(({ email }) => email);
    const unseen = take(({ email }) => email);
    const trunk = take(({ phone }) => phone?.startsWith("213"));
    const dialled = take(({ phone }) => phone?.startsWith("213"));
    const moved = take(({ phone }) => phone?.startsWith("213"));
    const named = take(({ born, phone }) => born !== null && phone);
    const national = (phone: string | null) => (phone ?? "").slice(3);
    const came = "insert into users (full_name, email, phone, birth_date) values ($1, $2, $3, $4)";
    await test.query(came, ["Came Since", ` ${upper.email?.toUpperCase()}`, null, null]);
    await test.query(came, ["Came Since", `${unseen.email}\u200b`, null, null]);
    await test.query(came, ["Came Since", null, `+213 (0)${national(trunk.phone)}`, null]);
    await test.query(came, ["Came Since", null, `- / 00213${national(dialled.phone)}`, null]);
    await test.query(came, [
      named.name.split(" ").reverse().join(" ").toUpperCase(),
      null,
      null,
      named.born,
    ]);
    // Whom matching knew, with another number.
    await test.query("update users set phone = $1 where id = (select min(id) from users)", [
      moved.phone,
    ]);
    const { counts } = await commit(test.services, { run, wave: 1 });
    const held = await test.query<{ id: number }>(
      "select id::int from wavegate.legacy_student_imports where run_id = $1 and state_reason = 'platform_changed_since_review' order by id",
      [run],
    );
    const meant = [upper, unseen, trunk, dialled, moved, named].map(({ id }) => id);
    expect(held.map(({ id }) => id)).toEqual(expect.arrayContaining(meant));
    expect(counts.heldBack).toBe(held.length);
    expect(held.length).toBeLessThan(12);
    expect(await failedChecks()).toEqual([]);
  });
});
