import pg from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { unseenFrom } from "../../lib/compile/judge/came-since.ts";
import { partsOf } from "../../lib/define/several.ts";
import { commit } from "../../lib/stages/commit.ts";
import { drill } from "../../lib/stages/drill.ts";
import { gate } from "../../lib/stages/gate.ts";
import { verify } from "../../lib/stages/verify.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import { reviewed, reviewedServices, type TestServices } from "../support/services.ts";
import { approve } from "../support/steps.ts";

let test: TestServices;
const run = reviewed;
const [migration] = partsOf(ecoin);
if (!migration) throw new Error("It has one kind of things.");

/** What matching itself noted. */
let noted: unknown[];

beforeEach(async () => {
  test = await reviewedServices();
  noted = await test.query(
    "select run_id::text as run, m.xmin = m.noted_by::xid as stands from wavegate.match_moments m",
  );
  // Set-up may have granted rights since, by which a table counts as another one.
  await matchedNow();
});
afterEach(() => test.close());

/** As if matching had just begun, behind all that other databases of the server had under way when these tables were changed. */
async function matchedNow(tables: readonly string[] = ["users", "crm_leads"]): Promise<void> {
  await expect
    .poll(
      async () => {
        await test.query("delete from wavegate.match_moments where run_id = $1", [run]);
        await test.query("insert into wavegate.match_moments (run_id) values ($1)", [run]);
        const seen = await unseen();
        return tables.filter((table) => typeof seen[table] !== "string");
      },
      { timeout: 20_000 },
    )
    .toEqual([]);
}

const unseen = async () =>
  (
    await test.services.stage.one<{ unseen: Record<string, string | null> }>(
      unseenFrom(migration, run),
    )
  ).unseen;

const told = { users: expect.stringMatching(/^\d+$/u), crm_leads: expect.stringMatching(/^\d+$/u) };

/** The first row of the first wave that has a phone, and that phone. */
async function someone(): Promise<{ id: string; phone: string }> {
  const [row] = await test.query<{ id: string; phone: string }>(
    `select id::text, phone_normalized as phone from wavegate.legacy_student_imports
      where run_id = $1 and planned = 'commit' and classification = 'completed' and phone_normalized is not null
      order by id limit 1`,
    [run],
  );
  return row as { id: string; phone: string };
}

async function heldByWave(): Promise<string[]> {
  await approve(test, run, "first_wave");
  await commit(test.services, { run, wave: 1 });
  return changedSince();
}

/** Rows that waves held for who is on the platform by now. */
async function changedSince(): Promise<string[]> {
  const held = await test.query<{ id: string }>(
    "select id::text from wavegate.legacy_student_imports where run_id = $1 and state_reason = 'platform_changed_since_review'",
    [run],
  );
  return held.map(({ id }) => id);
}

describe("D28 whom matching has seen is not compared again, and everybody else is", () => {
  it("rows that an earlier transaction wrote are passed over, and those of a later one are not, new or changed", async () => {
    const { id, phone } = await someone();
    await test.query("insert into users (full_name, phone) values ('Was There', $1)", [phone]);
    await matchedNow();
    expect(await unseen()).toEqual(told);
    // Changed to what it was: a later transaction wrote the row.
    await test.query("update users set full_name = full_name where phone = $1", [phone]);
    expect(await heldByWave()).toContain(id);
  });

  it("matching notes when it began, in a row that says that it stands where it was written", () => {
    expect(noted).toContainEqual({ run, stands: true });
  });

  it("who is written while matching begins, and is there behind it, is noticed", async () => {
    const { id, phone } = await someone();
    const begun = new pg.Client({ connectionString: test.url });
    await begun.connect();
    await begun.query("begin");
    await begun.query("insert into users (full_name, phone) values ('On The Way', $1)", [phone]);
    await matchedNow();
    await begun.query("commit");
    await begun.end();
    expect(await unseen()).toEqual(told);
    expect(await heldByWave()).toContain(id);
  });

  it("who comes with a table that is joined to people's is noticed, however long that stood by itself", async () => {
    const { id, phone } = await someone();
    // It has one already: of another one the table itself says nothing.
    await test.query("create table older_users () inherits (users)");
    await test.query("create table former_users (like users including all)");
    await test.query(
      "insert into former_users (id, full_name, phone) overriding system value values (900000001, 'Joined Since', $1)",
      [phone],
    );
    await matchedNow();
    await test.query("alter table former_users inherit users");
    expect(await unseen()).toEqual({ ...told, users: null });
    expect(await heldByWave()).toContain(id);
  });

  it("in a database that was written anew from a dump numbers of transactions say nothing", async () => {
    const { id, phone } = await someone();
    await test.query("insert into users (full_name, phone) values ('Of A Dump', $1)", [phone]);
    await matchedNow();
    // As a dump brings it back: the same values in a row that another transaction wrote.
    await test.query("update wavegate.match_moments set run_id = run_id where run_id = $1", [run]);
    expect(await unseen()).toEqual({});
    expect(await heldByWave()).toContain(id);
  });

  it.each([
    ["a run was matched before moments were noted", "delete from wavegate.match_moments"],
    [
      "the moment lies ahead, in another server's numbers",
      "update wavegate.match_moments set noted_by = pg_current_xact_id(), seen_from = (pg_current_xact_id()::text::numeric + 5)::text::xid8",
    ],
  ])("nobody is passed over where %s", async (_, statement) => {
    await test.query(statement);
    expect(await unseen()).toEqual({});
  });

  it.each([
    ["policies hide some of its rows", "alter table users enable row level security"],
    [
      "it is a view",
      "alter table users rename to users_before; create view users as select * from users_before",
    ],
  ])("nobody of a table is passed over where %s, then as before", async (_, statements) => {
    for (const statement of statements.split("; ")) await test.query(statement);
    expect(await unseen()).toEqual({ ...told, users: null });
    await matchedNow(["crm_leads"]);
    expect(await unseen()).toEqual({ ...told, users: null });
  });

  it("nobody of a table is passed over that was replaced by another of its name since", async () => {
    await test.query("alter table users rename to users_before");
    await test.query("create table users (like users_before including all)");
    expect(await unseen()).toEqual({ ...told, users: null });
    await matchedNow();
    expect(await unseen()).toEqual(told);
  });
});

describe("D28 whoever a row of the wave is found to be by now is noticed, however that is written", () => {
  /** A row of the first wave that is linked to nobody, with all that people are told by. */
  async function row() {
    const [found] = await test.query<Record<"id" | "phone" | "email" | "name" | "born", string>>(
      `select id::text, phone_normalized as phone, email_normalized as email, full_name as name, birth_date::text as born
         from wavegate.legacy_student_imports
        where run_id = $1 and planned = 'commit' and classification = 'completed' and link_id is null
          and phone_normalized is not null and email_normalized is not null and birth_date is not null
        order by id limit 1`,
      [run],
    );
    if (found === undefined) throw new Error("There is such a row.");
    const { phone } = found;
    return { ...found, spaced: `+${phone.slice(0, 3)} ${phone.slice(3, 6)} ${phone.slice(6)}` };
  }

  /** Somebody whom matching saw, and who is nobody's hint. */
  async function known(): Promise<number> {
    const [user] = await test.query<{ id: number }>(
      `select u.id::float8 as id from users u join wavegate.match_people m on m.run_id = $1 and m.target_table = 'users' and m.target_id = u.id
        where not exists (select from wavegate.duplicate_hints h where h.run_id = $1 and h.target_table = 'users' and h.target_id = u.id)
        order by u.id limit 1`,
      [run],
    );
    return user?.id ?? 0;
  }

  const told = {
    "a phone with spaces": ({ spaced }: Found) => ["Nobody Else", spaced, null, null],
    "an e-mail in capitals": ({ email }: Found) => ["Nobody Else", null, email.toUpperCase(), null],
    "a name and a birth date": ({ name, born }: Found) => [name.toUpperCase(), null, null, born],
  };
  type Found = Awaited<ReturnType<typeof row>>;

  it.each(Object.entries(told))("by somebody whom matching knew otherwise: %s", async (_, is) => {
    const found = await row();
    await test.query(
      "update users set full_name = $2, phone = $3, email = $4, birth_date = $5 where id = $1",
      [await known(), ...is(found)],
    );
    expect(await heldByWave()).toEqual([found.id]);
  });

  it.each(Object.entries(told))("by somebody new of a number far below: %s", async (_, is) => {
    const found = await row();
    await test.query(
      "insert into users (id, full_name, phone, email, birth_date) overriding system value values (-20000, $1, $2, $3, $4)",
      is(found),
    );
    expect(await heldByWave()).toEqual([found.id]);
  });

  it("whom rows are linked to, and who is told by something else by now", async () => {
    const linked = await test.query<{ id: string }>(
      `with changed as (
         update users u set phone = '+213 550 00 ' || u.id where id in (
           select link_id from wavegate.legacy_student_imports where run_id = $1 and link_table = 'users') returning id)
       select s.id::text from wavegate.legacy_student_imports s join changed on changed.id = s.link_id
        where s.run_id = $1 and s.planned = 'commit' and s.classification = 'completed' and s.link_table = 'users' order by s.id`,
      [run],
    );
    // None of them is in the first wave.
    expect(await heldByWave()).toEqual([]);
    await verify(test.services, run, 1);
    await gate(test.services, run, 1);
    await drill(test.services, run);
    await approve(test, run, "scale_up");
    await commit(test.services, { run, wave: 2 });
    const held = await changedSince();
    expect(held.length).toBeGreaterThan(0);
    expect(linked.map(({ id }) => id)).toEqual(expect.arrayContaining(held));
  });

  /** The run changes somebody's phone to that of a row, in one transaction with the entry of its ledger. */
  const broughtUpToDate = async (found: Found, id: number, phone: string): Promise<void> => {
    await test.query("set session_replication_role = replica");
    await test.query(
      `with changed as (update users set phone = $4 where id = $3 returning id)
       insert into wavegate.legacy_import_commit_logs (run_id, wave, round, staged_id, action, target_table, target_id)
       select $1, 0, 1, $2, 'update', 'users', id from changed`,
      [run, found.id, id, phone],
    );
    await test.query("set session_replication_role = origin");
  };

  it("but nobody whom the run itself brought up to date, as its ledger says", async () => {
    const found = await row();
    await broughtUpToDate(found, await known(), found.spaced);
    expect(await heldByWave()).toEqual([]);
  });

  it("and somebody whom it brought up to date and another one changed behind that", async () => {
    const found = await row();
    const id = await known();
    await broughtUpToDate(found, id, "+213 550 00 00 02");
    await test.query("update users set phone = $2 where id = $1", [id, found.spaced]);
    expect(await heldByWave()).toEqual([found.id]);
  });

  it("and nobody is held for people of whom nothing changed that is compared", async () => {
    await test.query("update users set updated_at = now() + interval '1 day'");
    await test.query("update users set phone = '+213 550 00 00 01' where id = $1", [await known()]);
    expect(await heldByWave()).toEqual([]);
  });
});

it("M7 D28 a table that the platform writes anew while a wave waits for it is none without people", async () => {
  const { id, phone } = await someone();
  await approve(test, run, "first_wave");
  await test.query("insert into users (full_name, phone) values ('Came Since', $1)", [phone]);
  const platform = new pg.Client({ connectionString: test.url });
  await platform.connect();
  try {
    // A default that is drawn for each row: whoever looked before it was committed, and comes to the table behind it, finds it empty.
    await platform.query(
      "begin; alter table users add column public_id uuid default gen_random_uuid()",
    );
    const wave = commit(test.services, { run, wave: 1 }).catch((error: Error) => error);
    await expect
      .poll(
        () =>
          test.query(
            `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
          ),
        { timeout: 20_000 },
      )
      .toHaveLength(1);
    await platform.query("commit");
    expect(await wave).toMatchObject({
      name: "WaveContended",
      message: expect.stringMatching(
        /: users\. Nothing was written by this one; it may be sent again/u,
      ),
    });
  } finally {
    await platform.end();
  }
  expect(await test.query("select from wavegate.waves where run_id = $1", [run])).toEqual([]);
  await commit(test.services, { run, wave: 1 });
  expect(await changedSince()).toContain(id);
});
