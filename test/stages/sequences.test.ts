import { afterEach, describe, expect, it } from "vitest";
import { raw } from "../../lib/data/sql.ts";
import { drawn } from "../../lib/define/builders.ts";
import type { InsertAction } from "../../lib/define/definition.ts";
import { commit } from "../../lib/stages/commit.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { someOf } from "../support/every-step.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { folderOf, small } from "../support/small.ts";
import { approve, reviewedRun, runWave } from "../support/steps.ts";

const run = "7f3a0000-0000-4000-8000-0000000000f1";
let test: TestServices;
let folder: { remove(): Promise<void> };
afterEach(async () => {
  await test.close();
  await folder.remove();
});

const rows = Array.from({ length: 12 }, (_, n) => [String(n + 1), `word ${n}`]);

/** A run whose first wave may be written, on a platform as it is. */
async function ready(
  name: string,
  platform: string,
  {
    action = {},
    later = "",
  }: { action?: Partial<InsertAction> | undefined; later?: string | undefined } = {},
) {
  const migration = small(`sequence_${name}`, "no", action);
  test = await testServices({ world: { migration, platform: [platform], legacy: "" } });
  folder = await folderOf(test, { things: [["no", "word"], ...rows] });
  await reviewedRun(test, run);
  await approve(test, run, "first_wave");
  await test.query(later);
}

const standing = async (name: string) => ({
  things: (await test.query<{ n: number }>("select count(*)::int as n from things"))[0]?.n,
  held: await test.query(
    `select import_state as state, state_detail as by, count(*)::int as rows from wavegate.sequence_${name}_rows where run_id = '${run}' group by 1, 2`,
  ),
});

interface Case {
  readonly what: string;
  readonly name: string;
  readonly platform: string;
  readonly action?: Partial<InsertAction>;
  /** What the platform gets once the wave is signed, as no preflight lets a trigger pass. */
  readonly later?: string;
  /** How many rows are there before. */
  readonly there?: number;
  readonly says: RegExp;
  readonly mend: string;
}

const cases: readonly Case[] = [
  {
    what: "its last number given out",
    name: "used_up",
    platform:
      "create table things (id serial primary key, word text); select setval('things_id_seq', 2147483640)",
    says: /^The sequence things_id_seq, which draws things\.id, has given out its last number\. /,
    mend: "alter table things alter id type bigint; alter sequence things_id_seq as bigint",
  },
  {
    what: "an identity's last number given out, counting down",
    name: "used_up_down",
    platform:
      "create table things (id smallint generated always as identity (increment by -1 minvalue -32768 start -32760) primary key, word text)",
    says: /^The sequence things_id_seq, which draws things\.id, has given out its last number\. /,
    mend: "alter table things alter id set increment by 1 set minvalue -32768 set maxvalue 32767 restart with 1",
  },
  {
    what: "numbers beyond its column",
    name: "beyond",
    platform: `create sequence numbers; create table things (id int primary key default nextval('numbers'), word text);
      alter sequence numbers owned by things.id; select setval('numbers', 2147483640)`,
    says: /^What the sequence numbers draws for things\.id fits that column no more \(22003\)\. /,
    mend: "alter table things alter id type bigint",
  },
  {
    what: "texts too long for its column",
    name: "too_long",
    platform: `create sequence numbers; create table things (id varchar(4) primary key default 'T-' || nextval('numbers'), word text);
      alter sequence numbers owned by things.id; select setval('numbers', 95)`,
    action: { id: drawn("id") },
    says: /^What the sequence numbers draws for things\.id fits that column no more \(22001\)\. /,
    mend: "alter table things alter id type text",
  },
  {
    what: "numbers that rows have, as of a platform that was loaded",
    name: "behind",
    platform:
      "create table things (id serial primary key, word text); insert into things (id, word) select n, 'there' from generate_series(1, 60) n",
    there: 60,
    says: /^The sequence things_id_seq draws values for things\.id that rows there have already\. /,
    mend: "select setval('things_id_seq', (select max(id) from things))",
  },
  {
    what: "numbers that rows have here and there",
    name: "behind_some",
    platform:
      "create table things (id serial primary key, word text); insert into things (id, word) select n, 'there' from generate_series(3, 60, 9) n",
    there: 7,
    says: /^The sequence things_id_seq draws values for things\.id that rows there have already\. /,
    mend: "select setval('things_id_seq', (select max(id) from things))",
  },
  {
    what: "texts that rows have",
    name: "behind_texts",
    platform: `create sequence numbers; create table things (id text primary key default 'T-' || nextval('numbers'), word text);
      alter sequence numbers owned by things.id; insert into things (id, word) select 'T-' || n, 'there' from generate_series(1, 60) n`,
    action: { id: drawn("id") },
    there: 60,
    says: /^The sequence numbers draws values for things\.id that rows there have already\. /,
    mend: "select setval('numbers', 60)",
  },
  {
    what: "numbers of another column that rows have",
    name: "beside",
    platform: `create table things (id bigserial primary key, word text, place serial unique);
      grant usage on sequence things_place_seq to public; insert into things (place, word) select n, 'there' from generate_series(1, 60) n`,
    there: 60,
    says: /^The sequence things_place_seq draws values for things\.place that rows there have already\. /,
    mend: "select setval('things_place_seq', 60)",
  },
  {
    what: "the last number of one that a trigger draws from",
    name: "of_a_trigger",
    platform: "create table things (id bigserial primary key, word text, place int)",
    later: `create sequence places maxvalue 5;
      grant usage on sequence places to public;
      create function places() returns trigger language plpgsql as $$ begin new.place := nextval('places'); return new; end $$;
      create trigger places before insert on things for each row execute function places();
      alter table things alter place set not null`,
    says: /^A sequence that the platform draws from beside the row has given out its last number \(public\.places\)\. /,
    mend: "alter sequence places maxvalue 1000",
  },
];

describe("D38 W13 a sequence of the platform's that draws nothing stops the wave, and no row is held for it", () => {
  it.each(someOf(2, cases))(
    "$what",
    async ({ name, platform, action, later, there = 0, says, mend }) => {
      await ready(name, platform, { action, later });
      const before = await standing(name);
      const refused = await commit(test.services, { run, wave: 1 }).catch((error) => error);
      expect(await standing(name)).toEqual(before);
      expect(refused).toMatchObject({
        name: "TargetKeyUndrawn",
        message: expect.stringMatching(says),
      });
      expect(refused.message).toMatch(
        /Nothing of wave 1 of sequence_\S+ was written, and no row is held for it\. .*, and `wavegate resume --run sequence_\S+` goes on\.$/,
      );
      await test.query(mend);
      const { written } = await runWave(test, run, 1);
      expect(written.counts).toMatchObject({ picked: 12, committed: 12, heldBack: 0, refused: {} });
      expect((await rollback(test.services, run)).outcome).toBe("rolled_back");
      expect((await standing(name)).things).toBe(there);
    },
  );

  it("what a trigger says under that code is of the row: it is held, and the others are written", async () => {
    await ready("says_so", "create table things (id bigserial primary key, word text)", {
      later: `create function says() returns trigger language plpgsql as $$ begin
         if new.word = 'word 3' then raise exception 'no more' using errcode = '2200H'; end if; return new; end $$;
       create trigger says before insert on things for each row execute function says()`,
    });
    const { written } = await runWave(test, run, 1);
    expect(written.counts).toMatchObject({ committed: 11, refused: { "says (2200H)": 1 } });
  });

  it("a rollback stands still as well, and says so", async () => {
    await ready("back", "create table things (id bigserial primary key, word text)", {
      later: `create sequence gone maxvalue 5; grant usage on sequence gone to public;
       create function goes() returns trigger language plpgsql as $$ begin perform nextval('gone'); return old; end $$;
       create trigger goes before delete on things for each row execute function goes()`,
    });
    await runWave(test, run, 1);
    await expect(rollback(test.services, run)).rejects.toMatchObject({
      name: "TargetKeyUndrawn",
      message: expect.stringMatching(
        / \(public\.gone\)\. Wave 1 of sequence_back-\S+ stands as it did\. .*`wavegate rollback --run /,
      ),
    });
    expect((await standing("back")).things).toBe(12);
    await test.admin.execute(raw("alter sequence gone maxvalue 1000"));
    expect(await rollback(test.services, run)).toMatchObject({
      outcome: "rolled_back",
      waves: [{ undone: 12 }],
    });
  });
});
