import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compilePin } from "../../lib/compile/pin/pin.ts";
import { DatabaseErrorException } from "../../lib/data/failures.ts";
import { findRun } from "../../lib/data/runs.ts";
import { raw } from "../../lib/data/sql.ts";
import { balance } from "../../lib/evidence/balance.ts";
import { commit } from "../../lib/stages/commit.ts";
import { drill } from "../../lib/stages/drill.ts";
import { nextWave } from "../../lib/stages/next-wave.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { goNoGo } from "../../lib/stages/wave/go-no-go.ts";
import { gateBefore, refusedFew, type WaveRow } from "../../lib/stages/wave/plan.ts";
import { withTriggers } from "../../lib/stages/wave/platform-speaks.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import {
  platformDigest,
  reviewed,
  reviewedServices,
  roles,
  type TestServices,
} from "../support/services.ts";
import { approve, refusal, runWave } from "../support/steps.ts";

let test: TestServices;
let before: Record<string, string>;
const run = reviewed;

/** What the platform does to the n-th row of wave one, and what is to be told of it. */
const kinds: readonly (readonly [what: string, plpgsql: string, by: string])[] = [
  ["a unique key", "new.user_id := null; new.legacy_session_code := 'taken'", "session_taken_once"],
  ["an exclusion", "new.legacy_session_code := 'excluded'", "nobody_excluded"],
  ["a check", "new.classification := 'lead'", "legacy_completed_trainings_classification_check"],
  ["not null", "new.full_name := null", "legacy_completed_trainings.full_name must not be null"],
  ["a foreign key", "new.owner_id := -1", "legacy_completed_trainings_owner_id_fkey"],
  ["a length", "new.legacy_session_code := repeat('x', 300)", "refuses (22001)"],
  ["an enum", "perform 'none'::mood", "refuses (22P02)"],
  ["a domain", "perform 'bad'::good", "good_only"],
  ["a number", "perform 1 / 0", "refuses (22012)"],
  [
    "a trigger that quotes the row",
    "raise exception '% has %', new.full_name, new.phone",
    "refuses (P0001)",
  ],
  [
    "a trigger with a code of its own",
    "raise exception '%', new.phone using errcode = 'ZZ123'",
    "refuses (ZZ123)",
  ],
  // Codes that else speak of who writes at the same moment, or of the session.
  ...["40001", "40P01", "55P03", "57014"].map(
    (code) =>
      [
        `a trigger under ${code}`,
        `raise exception '%', new.phone using errcode = '${code}'`,
        `refuses (${code})`,
      ] as const,
  ),
  [
    "another key than the one that was drawn",
    "new.id := new.id + 1000000",
    "refuses (changes legacy_completed_trainings.id)",
  ],
  [
    "json that the ledger cannot hold",
    `new.remarks := '{"a": "\\u0000"}'`,
    "legacy_completed_trainings.remarks holds what no ledger takes",
  ],
  ["a deferred constraint", "new.owner_id := 2", "later (P0001)"],
  [
    "what was signed",
    "new.full_name := upper(new.full_name)",
    "refuses (changes legacy_completed_trainings.full_name)",
  ],
];
/** The row of wave one that a kind is about, and how many are left. */
const placeOf = (n: number) => n + 1;
const others = 25 - kinds.length;

beforeAll(async () => {
  test = await reviewedServices();
  const places = kinds.map(([, does], n) => `when ${placeOf(n)} then ${does};`).join("\n");
  await test.query(`
    create type mood as enum ('fine');
    create domain good as text constraint good_only check (value <> 'bad');
    alter table legacy_completed_trainings alter legacy_session_code type varchar(200), add remarks json;
    create table owners (id int primary key);
    insert into owners values (1), (2);
    -- The trigger gives it to each row: nothing else is meant to stand there.
    alter table legacy_completed_trainings add owner_id int not null default 1 references owners;
    alter table legacy_completed_trainings alter owner_id drop default;
    insert into legacy_completed_trainings (legacy_import_run_id, source_table, legacy_id, full_name, classification, legacy_session_code, owner_id)
    values (gen_random_uuid(), 'by hand', 1, 'A', 'completed', 'taken', 1), (gen_random_uuid(), 'by hand', 2, 'B', 'completed', 'excluded', 1);
    create unique index session_taken_once on legacy_completed_trainings (legacy_session_code) where legacy_session_code = 'taken';
    alter table legacy_completed_trainings add constraint nobody_excluded
      exclude using btree (legacy_session_code with =) where (legacy_session_code = 'excluded');
    create table places as
      select source_table, legacy_id, row_number() over (order by id) as place
        from wavegate.legacy_student_imports
       where run_id = '${run}' and planned = 'commit' and classification = 'completed' order by id limit 425;
    grant select on places to public;
    create function refuses() returns trigger language plpgsql as $$
    begin
      new.owner_id := 1;
      case (select p.place from places p where (p.source_table, p.legacy_id) = (new.source_table, new.legacy_id))
        ${places}
        when 30 then new.owner_id := 2;
        when 240 then return null;
        else null;
      end case;
      return new;
    end $$;
    create trigger refuses before insert on legacy_completed_trainings for each row execute function refuses();
    create function later() returns trigger language plpgsql as $$
    begin
      raise exception 'too late for %', new.phone;
    end $$;
    create constraint trigger later after insert on legacy_completed_trainings deferrable initially deferred
      for each row when (new.owner_id = 2) execute function later();`);
  before = await platformDigest(test);
});
afterAll(() => test.close());

/** What the log says of an act, each time. */
const noted = async (action: string) =>
  (
    await test.query<{ details: unknown }>(
      "select details from wavegate.audit_log where run_id = $1 and action = $2 order by seq",
      [run, action],
    )
  ).map(({ details }) => details);

const held = () =>
  test.query<{ place: number; by: string; as: string }>(
    `select p.place::int, s.state_detail as by, concat_ws(' ', s.import_state, s.state_reason) as as
       from wavegate.legacy_student_imports s
       join places p on (p.source_table, p.legacy_id) = (s.source_table, s.legacy_id)
      where s.run_id = $1 and s.state_reason = 'refused_by_platform' order by 1`,
    [run],
  );

describe("D38 rows that the platform refuses", () => {
  it("are held by the name of what refuses them, whatever it is, and the others are written", async () => {
    await approve(test, run, "first_wave");
    const { written, verified } = await runWave(test, run, 1);
    expect(written.counts).toMatchObject({
      picked: others,
      committed: others,
      linked: 0,
      heldBack: 0,
    });
    expect(await held()).toEqual(
      kinds.map(([, , by], n) => ({ place: placeOf(n), by, as: "held refused_by_platform" })),
    );
    expect(written.counts.refused).toEqual(Object.fromEntries(kinds.map(([, , by]) => [by, 1])));
    expect(verified.checks.filter(({ passed }) => !passed)).toEqual([]);
    expect(await balance(test.services.stage, compilePin(test.definition), run)).toMatchObject({
      committed: others,
      holds: true,
    });
  });

  it("W14 and nothing that quotes a row is kept anywhere", async () => {
    const [{ kept }] = (await test.query(
      `select coalesce((select string_agg(details::text, ' ') from wavegate.audit_log), '')
           || coalesce((select string_agg(counts::text, ' ') from wavegate.waves), '')
           || coalesce((select string_agg(state_detail, ' ') from wavegate.legacy_student_imports), '') as kept`,
    )) as [{ kept: string }];
    expect(kept).toContain("refuses (P0001)");
    const people = await test.query<{ full_name: string; phone: string | null }>(
      `select s.full_name, s.phone_normalized as phone from wavegate.legacy_student_imports s
         join places p on (p.source_table, p.legacy_id) = (s.source_table, s.legacy_id)
        where s.run_id = $1 and p.place <= 25`,
      [run],
    );
    for (const { full_name, phone } of people) {
      expect(kept).not.toContain(full_name);
      if (phone !== null) expect(kept).not.toContain(phone);
    }
  });

  it("R14 the drill takes back and writes again just what was written", async () => {
    const { certificate } = await drill(test.services, run);
    expect(certificate).toMatchObject({
      rows_written_first: others,
      rows_taken_back: others,
      rows_differing: 0,
      verified_again: true,
    });
    expect((await goNoGo(test.services.stage, run)).ready).toBe(true);
  });

  it("at the very end of the transaction too, where alone they fail it", async () => {
    await approve(test, run, "scale_up");
    const { written } = await runWave(test, run, 2);
    expect(written.counts).toMatchObject({ picked: 99, refused: { "later (P0001)": 1 } });
    expect(
      await test.query("select clean from wavegate.waves where run_id = $1 and wave = 2", [run]),
    ).toEqual([{ clean: true }]);
  });

  it("all of a wave: they are held, nothing is written, and the run says what it was", async () => {
    await test.query(
      "alter table legacy_completed_trainings add constraint closed check (legacy_id < 0) not valid",
    );
    await approve(test, run, "wave:3");
    const platform = await platformDigest(test);
    expect(await refusal(commit(test.services, { run, wave: 3 }))).toBe("WaveRefused");
    expect(await platformDigest(test)).toEqual(platform);
    expect((await held()).filter(({ by }) => by === "closed")).toHaveLength(100);
    expect(await noted("rows-refused")).toEqual([
      { wave: 3, refused: { closed: 100 }, held_back: 0, skipped: 0 },
    ]);
    await test.query("alter table legacy_completed_trainings drop constraint closed");
    // One of the next hundred a trigger leaves out, and says nothing.
    const { written } = await runWave(test, run, 3);
    const silent = "refuses (leaves it out in silence)";
    expect(written.counts).toMatchObject({ picked: 99, committed: 99, refused: { [silent]: 1 } });
    expect((await held()).filter(({ by }) => by === silent)).toMatchObject([{ place: 240 }]);
  });

  it("is no refusal of a row what is wrong with the whole table: the wave fails, and nothing is held", async () => {
    const role = roles.commit("ecoin");
    await test.query(`revoke insert on legacy_completed_trainings from ${role}`);
    await approve(test, run, "wave:4");
    const rows = await held();
    const message = await commit(test.services, { run, wave: 4 }).catch(({ message }) => message);
    expect(message).toContain("wavegate lacks the privilege INSERT");
    expect(await held()).toEqual(rows);
    await test.query(`grant insert on legacy_completed_trainings to ${role}`);
  });

  it("W13 nor what the platform lacks since the sign-off, or a database that takes no writes: it is told with what to do", async () => {
    const rows = await held();
    const says = () =>
      commit(test.services, { run, wave: 4 }).catch(({ name, message }) => `${name}: ${message}`);
    await test.query("alter table legacy_completed_trainings rename full_name to called");
    expect(await says()).toMatch(
      /^TargetGone: The platform lacks what wave 4 of ecoin-\S+ needs: column "full_name" of relation "legacy_completed_trainings" does not exist\. Nothing was changed; if it was renamed, call it as it was called while the run lasts\. `wavegate resume --run ecoin-\S+` goes on\.$/,
    );
    await test.query("alter table legacy_completed_trainings rename called to full_name");
    expect(await held()).toEqual(rows);
    // What a trigger put together of a row stands where PostgreSQL names what is not there, and is told to nobody.
    await test.query(`create function looks_up() returns trigger language plpgsql as $$ begin
        execute 'select "' || new.full_name || '"'; return new; end $$;
      create trigger looks_up before insert on legacy_completed_trainings for each row execute function looks_up()`);
    const ended = (by: string) =>
      new RegExp(
        `^PlatformRefused: PostgreSQL does not run what wave 4 of ecoin-\\S+ takes: ERROR: ${by}\\. Nothing was written\\. What acts on the rows may be what cannot run \\([^)]*looks_up on legacy_completed_trainings[^)]*\\): mend or detach it\\. \`wavegate resume --run ecoin-\\S+\` goes on\\.$`,
      );
    expect(await says()).toMatch(ended("the database refused it; SQLState: 42703"));
    await test.query(
      `create or replace function looks_up() returns trigger language plpgsql as $$ begin
        execute 'select ''it''s ' || new.full_name; return new; end $$`,
    );
    expect(await says()).toMatch(ended("syntax error; SQLState: 42601"));
    // A trigger that writes what it is called by calls itself without end.
    await test.query(
      `create or replace function looks_up() returns trigger language plpgsql security definer as $$ begin
        insert into legacy_completed_trainings select new.*; return new; end $$`,
    );
    expect(await says()).toMatch(ended("[^;]+; SQLState: 54001"));
    await test.query("drop function looks_up cascade");
    // As PostgreSQL says it where a role or a whole server only reads.
    const told = await withTriggers(
      new DatabaseErrorException("ERROR: the database refused it; SQLState: 25006"),
      test.services.commitOf("ecoin"),
      compilePin(ecoin),
      { run: await findRun(test.services.stage, run), wave: 4, command: "rollback" },
    );
    expect(String(told)).toMatch(
      /^PlatformRefused: The database takes no writes at this moment \(SQLState 25006\), .* Nothing was written; once it takes them again, `wavegate rollback --run ecoin-\S+` goes on\.$/,
    );
  });

  it("W13 nor a rule that came since, or a default that draws from what nobody gave to wavegate: it is told with what to do", async () => {
    const rows = await held();
    const says = () =>
      commit(test.services, { run, wave: 4 }).catch(({ name, message }) => `${name}: ${message}`);
    await test.query(
      "create rule twice as on insert to legacy_completed_trainings do also insert into courses (name) values (new.full_name)",
    );
    const past = await says();
    // One that writes into its own table, for some rows.
    await test.query(`create or replace rule twice as on insert to legacy_completed_trainings where new.full_name = 'Nobody'
      do instead insert into legacy_completed_trainings (full_name) values (new.full_name)`);
    expect(await says()).toBe(String(past).replace("0A000", "42P17"));
    expect(past).toMatch(
      /^PlatformRefused: PostgreSQL does not take what wave 4 of ecoin-\S+ writes past something that the platform has now, a rule of a table that is written, or a column that it makes by itself \(SQLState 0A000\)\. Nothing was written\. `wavegate doctor` lists rules, triggers and keys: detach what came\. `wavegate resume --run ecoin-\S+` goes on\.$/,
    );
    await test.query("drop rule twice on legacy_completed_trainings");
    // A column that the database makes of others by now.
    await test.query(`alter table legacy_completed_trainings rename legacy_session_code to session_before;
      alter table legacy_completed_trainings add column legacy_session_code text generated always as (lower(session_before)) stored`);
    expect(await says()).toBe(String(past).replace("0A000", "428C9"));
    await test.query(`alter table legacy_completed_trainings drop column legacy_session_code;
      alter table legacy_completed_trainings rename session_before to legacy_session_code`);
    const triggers = (act: string) =>
      `alter table legacy_completed_trainings ${act} trigger later, ${act} trigger refuses;`;
    await test.query(`${triggers("disable")} create sequence counts;
      alter table legacy_completed_trainings alter created_at set default now() + nextval('counts') * interval '0'`);
    expect(await says()).toMatch(
      /^PlatformRefused: The platform refused wave 4 of ecoin-\S+: ERROR: permission denied for sequence counts; SQLState: 42501\. Nothing was written\. A column's default, a constraint or a policy of the platform does that with the rights of \S+: grant it to \S+\. `wavegate resume --run ecoin-\S+` goes on\.$/,
    );
    await test.query(
      `${triggers("enable")} alter table legacy_completed_trainings alter created_at set default now(); drop sequence counts`,
    );
    expect(await held()).toEqual(rows);
  });

  it("W13 W14 nor what a trigger does without the right to it: it is told which object refuses whom, and what to do", async () => {
    await test.query(`create table visits (who text);
      create function notes() returns trigger language plpgsql as $$ begin insert into visits values (new.full_name); return null; end $$;
      create trigger notes after insert on legacy_completed_trainings for each row execute function notes()`);
    const rows = await held();
    const denied = await commit(test.services, { run, wave: 4 }).catch((error) => error);
    expect(denied.name).toBe("PlatformRefused");
    expect(denied.message).toMatch(
      /^The platform refused wave 4 of ecoin-\S+: ERROR: permission denied for table visits; SQLState: 42501\. Nothing was written\. .* the rights of wavegate_\S+_commit_ecoin \(.*notes on legacy_completed_trainings.*\), which lacks this one: grant it to \S+, or make the trigger's function `security definer`\. `wavegate resume --run ecoin-\S+` goes on\.$/,
    );
    expect(await held()).toEqual(rows);
    await test.query("drop function notes() cascade; drop table visits");
  });

  it("W13 nor what waits for somebody else: the trigger that may do it is named", async () => {
    await test.query(`create table desk (n int); grant insert, update on desk to public;
      create function waits() returns trigger language plpgsql as $$ begin lock table desk in row exclusive mode nowait; return null; end $$;
      create trigger waits after insert on legacy_completed_trainings for each row execute function waits()`);
    const rows = await held();
    await test.admin.transaction(async (other) => {
      await other.execute(raw("lock table desk in exclusive mode"));
      await expect(commit(test.services, { run, wave: 4 })).rejects.toMatchObject({
        name: "WaveContended",
        message: expect.stringMatching(/waits on legacy_completed_trainings\)\. .*goes on\.$/),
      });
    });
    expect(await held()).toEqual(rows);
    await test.query("drop function waits() cascade; drop table desk");
  });

  it("M12 a rollback leaves the platform row for row as it was", async () => {
    expect((await rollback(test.services, run)).outcome).toBe("rolled_back");
    expect(await platformDigest(test)).toEqual(before);
    expect((await nextWave(test.services, run)).next).toBe("stop");
  });
});

describe("D38 what is refused of a thousand rows", () => {
  const rows = Array.from({ length: 1_000 }, (_, n) => n + 1);
  const every = (n: number) => rows.filter((row) => row % n === 0);

  // Of rows that are all refused a few tries more than rows, of few that are a few times the steps to each.
  it.each<[string, readonly number[], number]>([
    ["nothing", [], 1],
    ["the first", [1], 22],
    ["the last", [1_000], 12],
    ["one amid them", [437], 22],
    ["ten", every(100), 120],
    ["every tenth", every(10), 760],
    ["every second", every(2), 1_030],
    ["the first half", rows.slice(0, 500), 530],
    ["all", rows, 1_030],
  ])("is found in few tries: %s", async (_, refused, most) => {
    await test.query(
      `create sequence tries; create table tried (id bigint primary key);
       create table closed (id bigint primary key); insert into closed select unnest('{${refused}}'::bigint[]);
       create function is_open() returns trigger language plpgsql as $$ begin
         if exists (select from closed c where c.id = new.id) then raise exception 'closed' using errcode = 'check_violation'; end if;
         return new; end $$;
       create trigger is_open before insert on tried for each row execute function is_open()`,
    );
    const [found] = await test.query<{ found: { id: number; by: string }[]; tries: number }>(
      `select wavegate.refused_rows('with tried as materialized (select nextval(''tries'')) insert into tried select unnest($2::bigint[]) from tried',
         $1, $2) as found, (select last_value::int from tries) as tries`,
      [run, JSON.stringify(rows)],
    );
    const [{ tries }] = (await test.query("select last_value::int as tries from tries")) as [
      { tries: number },
    ];
    await test.query("drop table tried, closed; drop function is_open; drop sequence tries");
    expect(found?.found.map(({ id }) => id)).toEqual(refused);
    expect(tries).toBeLessThanOrEqual(most);
  });
});

describe("D38 by what a row is refused", () => {
  it.each<[string, string, string]>([
    ["no partition", "", "no partition of tried takes it (23514)"],
    ["an assertion of a trigger, which is no error like others", "assert false", "says (P0004)"],
    [
      "a constraint that a trigger calls by its name",
      "raise check_violation using constraint = 'too many'",
      "too many",
    ],
    [
      "W14 a constraint that a trigger calls by what is in the row",
      "raise check_violation using constraint = 'Dr. ' || new.word",
      "says (23514)",
    ],
    [
      "W14 a column that a trigger calls by what is in the row",
      "raise not_null_violation using table = 'tried', column = new.word",
      "says (23502)",
    ],
  ])("is told in words of the catalogue: %s", async (_, does, by) => {
    await test.query(
      `create table tried (id bigint, word text default 'Karima') partition by range (id);
       create table tried_some partition of tried for values from (1) to (${does === "" ? 3 : 9});
       create function says() returns trigger language plpgsql as $$ begin if new.id = 3 then ${does || "null"}; end if; return new; end $$;
       create trigger says before insert on tried for each row execute function says()`,
    );
    const [found] = await test.query<{ found: unknown }>(
      "select wavegate.refused_rows('insert into tried select unnest($2::bigint[])', $1, '[1,2,3]') as found",
      [run],
    );
    await test.query("drop table tried; drop function says");
    expect(found?.found).toEqual([{ id: 3, by }]);
  });
});

describe("D38 D12 how many refused rows ask for a person", () => {
  const wave = (n: number, clean: boolean, size = 250): WaveRow => ({
    wave: n,
    size,
    round: 1,
    status: "verified",
    clean,
    counts: {} as WaveRow["counts"],
  });

  it.each([
    [99, 1, true],
    [198, 2, true],
    [98, 1, false],
    [24, 1, false],
    [250, 0, true],
    [0, 3, false],
  ])("%i written and %i refused is clean: %s", (picked, refused, clean) => {
    expect(refusedFew({ picked, refused: refused === 0 ? {} : { some_key: refused } })).toBe(clean);
  });

  it("the next wave stops at a gate, and at none behind a clean one", () => {
    const waves = [wave(1, true, 25), wave(2, true, 100), wave(3, true), wave(4, false)];
    expect(gateBefore(5, "on-anomaly", waves)).toBe("wave:5");
    expect(gateBefore(5, "every-wave", waves)).toBe("wave:5");
    expect(gateBefore(6, "on-anomaly", [...waves, wave(5, true)])).toBe(null);
    expect(gateBefore(6, "every-wave", [...waves, wave(5, true)])).toBe(null);
  });
});
