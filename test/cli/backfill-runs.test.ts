import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { enoughGood } from "../../lib/data/watching.ts";
import { bucketOf } from "../../lib/review/steer/features.ts";
import { everyStep, inFull } from "../support/every-step.ts";
import { type Terminal, terminal } from "./terminal.ts";

const migration = new URL("../../migrations/community/", import.meta.url);
const flag = "community_profile_activity";

let folder: string;
let shell: Terminal;
let karima: Terminal;
/** Karima at a terminal, who answers what she is asked. */
let answering: (says: string) => Terminal;

/** What is waited for is asked many times: over connections that stay. */
let open: pg.Pool;
const sql = async <Row extends pg.QueryResultRow>(text: string): Promise<Row[]> =>
  (await open.query<Row>(text)).rows;

const begin = async (...words: string[]) => {
  const ran = await shell.run(
    ...["backfill", ...words, "--backup", "B7", "--queues-detached", "--output", "json"],
  );
  expect(ran.err).not.toContain("wavegate:");
  return JSON.parse(ran.out);
};

/** Approves whatever is asked, as another person, until the run is at its end; what `watch` says of it. */
async function toTheEnd(run: string): Promise<string> {
  const watching = shell.run("watch", "--run", run);
  let over = false;
  const ended = watching.finally(() => {
    over = true;
  });
  while (!over) {
    const [asked] = await sql(
      `select s.id, gate from wavegate.sign_offs s join wavegate.legacy_import_runs r on r.id = s.run_id
        where s.status = 'pending' and r.reference = '${run}' and r.status = 'waiting'`,
    );
    if (asked !== undefined) {
      await karima.run(
        ...["samples", "judge", "rest", "right", "--run", run, "--question", asked.id],
      );
      await karima.run(
        ...["sign-off", "approve", "--run", run, "--question", asked.id, "--comment", "Looked."],
      );
    }
    await Promise.race([sleep(300), ended]);
  }
  const { exit, out } = await watching;
  expect([run, exit]).toEqual([run, 0]);
  return out;
}

/** What the endpoint of this machine answers somebody. */
async function activity(token?: string): Promise<[number, number]> {
  const { out } = await karima.run("console", "--output", "json");
  const address = new URL("/api/v1/me/profile-activity", JSON.parse(out).address);
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(address, { headers });
  const body = (await response.json()) as { data?: unknown[] };
  return [response.status, body.data?.length ?? 0];
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "wavegate-backfill-"));
  shell = terminal({ cwd: folder });
  await shell.run("local", "up");
  const url = (await shell.run("local", "database")).out.trim();
  open = new pg.Pool({ connectionString: url });
  const file = (name: string) => readFile(new URL(name, migration), "utf8");
  await sql(await file("platform-schema.postgres.sql"));
  await sql(`set sample.size = 'small'; ${await file("sample/platform.sql")}`);
  // A few of each, and what is planted: both parts come to their ends in seconds.
  await sql(`
    delete from enrollments where id between 41 and 19950;
    delete from community_post_comments where id > 2010;
    delete from community_posts p where id > 40 and not exists (select from community_post_comments c where c.post_id = p.id);
    delete from certificates where id > 40`);
  await sql(await file("reader.sql"));
  const { hostname, port, pathname } = new URL(url);
  await writeFile(
    join(folder, ".env"),
    [
      "PLATFORM_DB_DRIVER=pgsql",
      `PLATFORM_DB_HOST=${hostname}`,
      `PLATFORM_DB_PORT=${port}`,
      `PLATFORM_DB_DATABASE=${pathname.slice(1)}`,
      "PLATFORM_DB_USERNAME=platform_reader",
      "PLATFORM_DB_PASSWORD=change-this",
      "",
    ].join("\n"),
  );
  await shell.run("set-up", "community");
  const { out } = await shell.run(
    ...["people", "add", "karima", "--email", "k@example.com"],
    ...["--can", "view,review,commit,rollback", "--output", "json"],
  );
  const WAVEGATE_PASSWORD = JSON.parse(out).password;
  const env = { WAVEGATE_PERSON: "karima", WAVEGATE_PASSWORD };
  karima = terminal({ cwd: folder, env });
  answering = (says) => terminal({ cwd: folder, env, says });
});
afterAll(async () => {
  await open?.end();
  await shell?.run("local", "down");
  await rm(folder, { recursive: true, force: true });
});

it("R1 D42 set-up, and a look whether it can be, say which rows wavegate does not see", async () => {
  const says = "policy_denied: Row-level security hides rows of certificates from wavegate";
  await sql("alter table certificates enable row level security");
  const done = await shell.run("set-up", "community");
  expect([done.exit, done.out.includes(says)]).toEqual([0, true]);
  const looked = await shell.run("set-up", "community", "--check");
  expect([looked.exit, looked.out.includes(says)]).toEqual([1, true]);
  await sql("alter table certificates disable row level security");
  const seen = await shell.run("set-up", "community", "--check");
  expect([seen.exit, seen.out]).toEqual([
    0,
    "The platform has every table that community needs.\n",
  ]);
});

describe("a backfill of one part, to its end", () => {
  const runs: Record<string, string> = {};

  it("C4 C5 C8 activity: written in waves that wait for a busy platform, and compared with what it is of", async () => {
    // Small waves are each decided about: `npm run test:all` takes those.
    const planned = await begin("activity", `--chunk=${everyStep ? 60 : 300}`);
    runs.activity = planned.run;
    // The replica falls behind as soon as a wave is written, and recovers once that is noticed.
    const lag = (seconds: number) =>
      sql(
        `insert into replica_lag (replica, seconds) values ('eu', ${seconds}) on conflict (replica) do update set seconds = excluded.seconds`,
      );
    const busy = (async () => {
      for (;;) {
        const [wave] = await sql("select from wavegate.waves where status = 'verified'");
        if (wave !== undefined) break;
        await sleep(100);
      }
      await lag(3.5);
      for (;;) {
        const [waits] = await sql<{ because: string }>(
          "select watching -> 'because' -> 0 ->> 'id' as because from wavegate.legacy_import_runs where (watching ->> 'waiting')::boolean",
        );
        if (waits?.because !== undefined) break;
        await sleep(100);
      }
      const { out } = await shell.run("status", "--run", planned.run);
      await lag(0);
      // Of the readings that have to be good, one is left: how many, `stages/watch-platform.test.ts` counts.
      await sql(
        `update wavegate.legacy_import_runs set watching = jsonb_set(watching, '{good}', '${enoughGood - 1}') where (watching ->> 'waiting')::boolean`,
      );
      return out;
    })();
    await toTheEnd(planned.run);
    expect(await busy).toContain(
      "waiting because replica_lag is 3.5, above 2 (seconds that the slowest replica is behind)",
    );
    const [final] = await sql<{ checks: { id: string; passed: boolean; expected: string }[] }>(
      `select checks from wavegate.verifications v join wavegate.legacy_import_runs r on r.id = v.run_id
        where kind = 'final' and r.reference = '${planned.run}'`,
    );
    const compared = final?.checks.filter(({ id }) => id.endsWith("_reconciled")) ?? [];
    expect(compared.map(({ id, passed }) => [id, passed])).toEqual([
      ["posts_reconciled", true],
      ["comments_reconciled", true],
      ["completions_reconciled", true],
    ]);
    for (const { expected } of compared) expect(expected).toMatch(/^[1-9]\d* of /u);
  });

  it("C6 C10 the endpoint of this machine answers whoever gets the feature, and nobody once it is taken back", async () => {
    const people = (
      await sql<{ id: number }>(
        "select distinct user_id::int as id from profile_activities where user_id <= 200 and user_id <> 5 order by 1",
      )
    ).map(({ id }) => id);
    const inside = people.find((id) => bucketOf(flag, `${id}`) < 50);
    const outside = people.find((id) => bucketOf(flag, `${id}`) >= 50);
    expect([inside, outside]).not.toContain(undefined);
    expect(await activity()).toEqual([401, 0]);
    expect(await activity(`token-${inside}`)).toEqual([404, 0]);
    const on = await karima.run("feature", "enable", "--flag", flag, "--percentage", "50");
    expect(on.exit).toBe(0);
    expect((await activity(`token-${inside}`))[0]).toBe(200);
    expect((await activity(`token-${inside}`))[1]).toBeGreaterThan(0);
    expect(await activity(`token-${outside}`)).toEqual([404, 0]);
    // Who sits at a terminal sees what stands and is asked; whoever leaves the question has not agreed.
    const wrote = /^110 entries of \S+ stand, in 2 waves: profile_activities 110\.$/mu;
    for (const says of ["no", ""]) {
      const asked = await answering(says).run("rollback", "--run", runs.activity ?? "");
      expect([asked.exit, asked.out]).toEqual([1, expect.stringContaining("Nothing was changed.")]);
      expect(asked.err).toMatch(wrote);
    }
    expect(await activity(`token-${inside}`)).not.toEqual([404, 0]);
    const back = await answering("yes").run("rollback", "--run", runs.activity ?? "");
    expect(back.err).toMatch(/^Type yes to take it back: /mu);
    expect([back.exit, back.err.includes("wavegate:")]).toEqual([0, false]);
    expect(await sql("select percentage::int from wavegate.features")).toEqual([{ percentage: 0 }]);
    expect(await activity(`token-${inside}`)).toEqual([404, 0]);
    const { out } = await shell.run("mail", "show");
    expect(out).toContain(`the evidence of ${runs.activity}`);
    expect(out).toContain("incident.md of the bundle is the incident note");
  });
});

inFull(
  "C3 W14 memberships of one community, by its slug: nobody else's are planned, and the log says whose were asked for",
  async () => {
    const planned = await begin("membership", "--community=Community 5", "--dry-run");
    expect(planned).toMatchObject({ dry_run: true, communities_processed: 1 });
    const by = await sql(
      `select m.community::int, count(*)::int as n from wavegate.community_member m join wavegate.legacy_import_runs r on r.id = m.run_id
      where r.reference = '${planned.run}' and m.planned_reason is distinct from 'not_asked_for' group by 1`,
    );
    expect(by).toEqual([{ community: 5, n: planned.members_created + planned.records_unchanged }]);
    expect(
      await sql(
        `select details -> 'settings' as said from wavegate.audit_log l join wavegate.legacy_import_runs r on r.id = l.run_id
        where r.reference = '${planned.run}' and action = 'preflight'`,
      ),
    ).toEqual([{ said: ["only=membership", "community=5"] }]);
    // It goes on with that, and may be told so in the words that it was begun with.
    const again = (...set: string[]) =>
      shell.run(
        ...["start", "community", "--resume", planned.run],
        ...set.flatMap((each) => ["--set", each]),
      );
    for (const community of ["6", "Community 6"]) {
      const other = await again(`community=${community}`);
      expect([other.exit, other.err]).toEqual([
        2,
        expect.stringContaining(
          `${planned.run} was begun with community 5, and goes on with that, not with ${community}. Nothing was written;`,
        ),
      ]);
    }
    // So it is: what stands in its way is that it was a dry run, which is over.
    const same = await again("community=Community 5", "only=membership");
    expect([same.exit, same.err]).toEqual([
      1,
      expect.stringContaining(`${planned.run} is a trial`),
    ]);
    const { out } = await shell.run("stop", "--run", planned.run, "--now");
    expect(out).toMatch(/or not at all\. Nothing of it is committed so far\.$/mu);
  },
);

// Each takes a run of its own.
describe.runIf(everyStep)("the other parts, each to its end", () => {
  it("C3 C9 memberships: planned, signed off, written, and counted", async () => {
    const planned = await begin("membership", "--source=classrooms", "--batch=30");
    expect(planned).toMatchObject({ dry_run: false, waits_for: "first_wave" });
    const before = await sql("select count(*)::int as n from community_members");
    await toTheEnd(planned.run);
    const counted = JSON.parse(
      (await shell.run("backfill", "counters", "--run", planned.run, "--output", "json")).out,
    );
    expect(Object.keys(counted)).toEqual(["run", "membership"]);
    expect(counted.membership.done).toEqual(counted.membership.planned);
    const { members_created: created } = counted.membership.done;
    expect(await sql("select count(*)::int as n from community_members")).toEqual([
      { n: (before[0] as { n: number }).n + created },
    ]);
    expect(
      await sql(
        "select count(*)::int as n from profile_activities where created_at > now() - interval '1 hour'",
      ),
    ).toEqual([{ n: 0 }]);
  });

  it("C2 the baseline over what somebody edited by hand: shown before and after, written when asked for, and put back", async () => {
    const general = () =>
      sql("select name, color_hex, sort_order from community_categories where slug = 'general'");
    const edited = [{ name: "Everything else", color_hex: "#123456", sort_order: 9 }];
    expect(await general()).toEqual(edited);
    const held = await begin("seed-baseline", "--dry-run");
    expect(held).toMatchObject({ records_created: 12, records_updated: 0, records_held: 3 });
    const planned = await begin("seed-baseline", "--force", "--overwrite-edited");
    expect(planned).toMatchObject({ records_created: 12, records_updated: 3, records_held: 0 });
    expect(await general()).toEqual(edited);
    const { out } = await shell.run("why", planned.run, "categories:general");
    expect(out).toContain("What it would change of the row that is there, masked");
    expect(out).toContain("sort_order: ••• → •••");
    expect(
      await sql(
        `select t.before ->> 'name' as before, t.after ->> 'name' as after
           from wavegate.rows_there t join wavegate.community_category c on c.run_id = t.run_id and c.id = t.staged_id
           join wavegate.legacy_import_runs r on r.id = t.run_id
          where r.reference = '${planned.run}' and c.legacy_id = 'general'`,
      ),
    ).toEqual([{ before: "Everything else", after: "General" }]);
    await toTheEnd(planned.run);
    expect(await general()).toEqual([{ name: "General", color_hex: "#2563eb", sort_order: 1 }]);
    const back = await karima.run("rollback", "--run", planned.run);
    expect([back.exit, back.err.includes("wavegate:")]).toEqual([0, false]);
    expect(await general()).toEqual(edited);
  });
});
