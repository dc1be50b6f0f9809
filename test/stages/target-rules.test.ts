import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findRun } from "../../lib/data/runs.ts";
import { type Judge, judgeRange, whatIf } from "../../lib/review/rows/what-if.ts";
import { commit } from "../../lib/stages/commit.ts";
import { dryRun } from "../../lib/stages/dry-run.ts";
import { reviewExport } from "../../lib/stages/export-review.ts";
import { type LegacyFields, legacyFolder, outcomes } from "../support/legacy-folder.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { approve, importAll, judgeAll, reviewedRun } from "../support/steps.ts";

let test: TestServices;
let folder: { remove(): Promise<void> };
const run = "7f3a0000-0000-4000-8000-0000000000b6";

beforeEach(async () => {
  test = await testServices();
});
afterEach(async () => {
  await folder.remove();
  await test.close();
});

const held = async () =>
  Object.fromEntries(
    Object.entries(
      await outcomes(test, run, "s.planned, s.import_state, s.state_reason, s.state_detail"),
    ).flatMap(([id, row]) => (row.state_detail === null ? [] : [[id, row.state_detail]])),
  );
const reviewed = async (
  people: Parameters<typeof legacyFolder>[1],
  platform: string,
): Promise<void> => {
  folder = await legacyFolder(test, people);
  const [first = "", ...later] = platform.split(afterPreflight);
  await test.query(first);
  await importAll(test, run, { wavePlan: [25, 100] });
  // What acts by itself a definition would have to name.
  for (const each of later) await test.query(each);
  await judgeAll(test, run);
};

const afterPreflight = "-- After preflight.";

/** What several rules of a platform say of rows of their own. */
const rules: Readonly<Record<string, readonly [string, readonly LegacyFields[], object]>> = {
  "conditions, limits, keys and references": [
    `alter table legacy_completed_trainings add constraint born_late check (birth_date >= '1950-01-02');
     alter table legacy_completed_trainings add constraint not_then check (birth_date <> '1950-01-04') not valid;
     -- Over several columns, with null.
     alter table legacy_completed_trainings add constraint reached check (phone is not null or email is not null and length(full_name) > 3);
     alter table legacy_completed_trainings alter full_name type varchar(20);
     create unique index one_phone on legacy_completed_trainings (phone);
     create unique index one_name on legacy_completed_trainings (lower(full_name), birth_date);
     create unique index one_archived on legacy_completed_trainings (birth_date) where classification = 'archived_training';
     alter table legacy_completed_trainings add constraint one_mail unique (email) deferrable initially deferred;
     create table branches (id bigint primary key); insert into branches select n from generate_series(1, 17) n where n <> 15;
     -- Of several columns, of which null refers to nothing.
     create table mails (id bigint, mail text, primary key (id, mail));
     insert into mails values (1, 'taken@example.com'), (3, 'x@example.com'), (13, 'taken@example.com'), (14, 'free@example.com'), (16, 'a@example.com'), (18, 'b@example.com');
     grant select on branches, mails to public;
     alter table legacy_completed_trainings add constraint of_branch foreign key (legacy_id) references branches (id);
     alter table legacy_completed_trainings add constraint of_mail foreign key (legacy_id, email) references mails (id, mail);
     insert into legacy_completed_trainings (legacy_import_run_id, source_table, legacy_id, full_name, classification, email)
       values (gen_random_uuid(), 'elsewhere', 1, 'Somebody', 'completed', 'taken@example.com')`,
    [
      {},
      {},
      { telephone: null, email: "x@example.com" },
      {},
      { nom: "Benabderrahmane", prenom: "Yasmine" },
      { telephone: "0551000099" },
      { telephone: "0551000099" },
      { nom: "Alpha", prenom: "Beta", date_naissance: "1980-01-01" },
      { nom: "ALPHA", prenom: "Beta", date_naissance: "1980-01-01", telephone: "0661000002" },
      { nom: "Alpha", prenom: "Beta", date_naissance: "1981-01-01" },
      { date_naissance: "1985-05-05" },
      { date_naissance: "1985-05-05" },
      { email: "taken@example.com" },
      { email: "free@example.com" },
      {},
      { email: "a@example.com" },
      { email: "b@example.com" },
    ],
    {
      1: "born_late",
      4: "not_then",
      5: "legacy_completed_trainings.full_name holds 20 characters",
      7: "one_phone",
      9: "one_name",
      13: "one_mail",
      15: "of_branch",
      17: "of_mail",
    },
  ],
  "a column that became required, one that the platform fills, and nulls that are equal": [
    `alter table legacy_completed_trainings alter email set not null;
     alter table legacy_completed_trainings add branch text not null default 'Alger';
     create unique index one_phone on legacy_completed_trainings (phone) nulls not distinct`,
    [
      {},
      { email: "somebody@example.com" },
      { email: "other@example.com" },
      { email: "third@example.com", telephone: null },
      { email: "fourth@example.com", telephone: null },
      { email: "short@example.com", nom: "Ould", prenom: "Ali" },
    ],
    {
      1: "legacy_completed_trainings.email must not be null",
      5: "one_phone",
    },
  ],
  "a domain": [
    "create domain short_name as varchar(12) not null; alter table legacy_completed_trainings alter full_name type short_name",
    [{ nom: "Benabderrahmane", prenom: "Yasmine" }, { nom: "Ould", prenom: "Ali" }, {}],
    { 1: "legacy_completed_trainings.full_name holds 12 characters" },
  ],
  "required columns, and conditions on them, that triggers of the platform fill": [
    `alter table legacy_completed_trainings add slug text, add tag text, add mark int;
     update legacy_completed_trainings set slug = id, tag = id, mark = id;
     alter table legacy_completed_trainings alter slug set not null, alter tag set not null, add check (tag is not null);
     create unique index one_tag on legacy_completed_trainings (tag) nulls not distinct;
     create sequence marks; alter table legacy_completed_trainings alter mark set not null;
     create function names_it() returns trigger language plpgsql as $$ begin NEW.Slug := new.legacy_id; return new; end $$;
     create function makes_all(r legacy_completed_trainings) returns legacy_completed_trainings language plpgsql as $$ begin
       r.tag := r.legacy_id; r.mark := nextval('marks'); return r; end $$;
     create function gives_all() returns trigger language plpgsql as $$ begin new := makes_all(new); return new; end $$;
     ${afterPreflight}
     create trigger names_it before insert on legacy_completed_trainings for each row execute function names_it();
     create trigger gives_all before insert on legacy_completed_trainings for each row execute function gives_all();
     grant usage on sequence marks to public`,
    [{}, {}],
    {},
  ],
  "a required column that nobody fills, beside triggers that do something else": [
    `alter table legacy_completed_trainings add branch text, add seen timestamptz; update legacy_completed_trainings set branch = '';
     alter table legacy_completed_trainings alter branch set not null;
     create function sees() returns trigger language plpgsql as $$ begin new.seen := now(); return new; end $$;
     create function fills() returns trigger language plpgsql as $$ begin new.branch := ''; return new; end $$;
     ${afterPreflight}
     create trigger sees before insert on legacy_completed_trainings for each row execute function sees();
     create trigger behind after insert on legacy_completed_trainings for each row execute function fills();
     create trigger asleep before insert on legacy_completed_trainings for each row execute function fills();
     alter table legacy_completed_trainings disable trigger asleep;
     create trigger changes before update on legacy_completed_trainings for each row execute function fills()`,
    [{}],
    { 1: "legacy_completed_trainings.branch must not be null" },
  ],
  "a required column that nobody fills": [
    "alter table legacy_completed_trainings add branch text; update legacy_completed_trainings set branch = ''; alter table legacy_completed_trainings alter branch set not null",
    [{}],
    { 1: "legacy_completed_trainings.branch must not be null" },
  ],
};

describe("B6 what a target refuses is said by the dry run, by its name", () => {
  it.each(Object.entries(rules))("%s", async (_, [platform, people, expected]) => {
    await reviewed(people, platform);
    expect(await held()).toEqual(expected);
    const refused = Object.keys(expected).length;
    const [shown] = await test.query<{ report: { reasons: object; plan: object } }>(
      "select report from wavegate.dry_runs",
    );
    expect(shown?.report.plan).toEqual({
      ...(people.length > refused ? { commit: people.length - refused } : {}),
      ...(refused > 0 ? { hold: refused } : {}),
    });
    expect(shown?.report.reasons).toEqual(refused > 0 ? { refused_by_platform: refused } : {});
    // Again it says the same; mended, the rows go.
    const { digest } = await dryRun(test.services, run);
    expect(await held()).toEqual(expected);
    await reviewExport(test.services, run);
    expect(await test.query("select digest from wavegate.dry_runs")).toEqual([{ digest }]);
    // What a changed definition would change is told with what is refused: the same one changes nothing (B5).
    const { operator, services } = test;
    const pinned = await findRun(operator, run);
    const judge: Judge = (part, range) => judgeRange(services.sign, pinned, part, range);
    expect(await whatIf(operator, pinned, test.definition, judge)).toEqual({
      changes: [],
      standing: 0,
      taken: [],
    });
    if (people.length === refused) return;
    await approve(test, run, "first_wave");
    expect((await commit(test.services, { run, wave: 1 })).counts).toMatchObject({
      picked: people.length - refused,
      refused: {},
    });
  });

  it("and nothing is held by it any more when the target allows it", async () => {
    await reviewed([{}, {}], "alter table legacy_completed_trainings alter email set not null");
    expect(Object.keys(await held())).toEqual(["1", "2"]);
    await test.query("alter table legacy_completed_trainings alter email drop not null");
    await judgeAll(test, run);
    expect(await held()).toEqual({});
    await approve(test, run, "first_wave");
    expect((await commit(test.services, { run, wave: 1 })).counts).toMatchObject({ picked: 2 });
  });

  it("what a reference was mapped to and is gone", async () => {
    folder = await legacyFolder(test, [{}, { telephone: null, email: "x@example.com" }]);
    await reviewedRun(test, run, { wavePlan: [25, 100] });
    expect(await held()).toEqual({});
    // Of a domain that takes no null: what is mapped to nothing is looked up nowhere.
    const [unmapped] = await test.query<{ n: string }>(
      "select count(*)::text as n from wavegate.legacy_course_mappings where course_id is null",
    );
    expect(Number(unmapped?.n)).toBeGreaterThan(0);
    await test.query(`
      create domain course_no as bigint check (value is not null);
      alter table legacy_completed_trainings alter course_id type course_no`);
    await test.query("set session_replication_role = replica; delete from courses");
    await dryRun(test.services, run);
    const by = "legacy_completed_trainings_course_id_fkey";
    expect(await held()).toEqual({ 1: by, 2: by });
    await test.query("alter table legacy_completed_trainings alter course_id type bigint");
    await dryRun(test.services, run);
    expect(await held()).toEqual({ 1: by, 2: by });
  });

  it("what cannot be said beforehand is left to the wave, which holds it by name", async () => {
    const phone = { telephone: "0551000099" };
    folder = await legacyFolder(test, [{}, {}, phone, {}, phone]);
    await importAll(test, run, { wavePlan: [25, 100] });
    await test.query(`
      create function own_key(id bigint) returns bigint language sql immutable as $$ select case id when 4 then 3 else id end $$;
      create unique index one_of_own on legacy_completed_trainings (own_key(legacy_id));
      create unique index one_phone on legacy_completed_trainings (phone);
      create function is_fine(id bigint) returns boolean language sql as $$ select id <> 2 $$;
      alter table legacy_completed_trainings add constraint fine check (is_fine(legacy_id));
      create function no_ones() returns trigger language plpgsql as $$ begin
        if new.legacy_id = 1 then raise exception 'no' using errcode = 'check_violation'; end if; return new; end $$;
      create trigger no_ones before insert on legacy_completed_trainings for each row execute function no_ones()`);
    await judgeAll(test, run);
    // What somebody's function makes of a key is not looked at, and every other key is.
    expect(await held()).toEqual({ 5: "one_phone" });
    await approve(test, run, "first_wave");
    expect((await commit(test.services, { run, wave: 1 })).counts).toMatchObject({ picked: 1 });
    expect(await held()).toEqual({
      1: "no_ones (23514)",
      2: "fine",
      4: "one_of_own",
      5: "one_phone",
    });
  });

  it.each([
    ["a condition", "add constraint odd check (10 / (legacy_id - 2) is not null)"],
    [
      "a condition that casts",
      "add constraint odd check (case when legacy_id = 2 then full_name else '1' end::integer = 1)",
    ],
  ])("%s that fails by itself is left to the wave, and everything else is said", async (_, odd) => {
    folder = await legacyFolder(test, [{}, {}, { email: "x@example.com" }]);
    await importAll(test, run, { wavePlan: [25, 100] });
    await test.query(`
      alter table legacy_completed_trainings ${odd};
      create unique index odd_key on legacy_completed_trainings ((10 / (legacy_id - 2)), full_name);
      alter table legacy_completed_trainings add constraint no_mail check (email is null);
      alter table legacy_completed_trainings alter email type varchar(3)`);
    await judgeAll(test, run);
    expect(await held()).toEqual({ 3: "legacy_completed_trainings.email holds 3 characters" });
    await approve(test, run, "first_wave");
    expect((await commit(test.services, { run, wave: 1 })).counts).toMatchObject({ picked: 1 });
  });
});
