import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { warnings } from "../../lib/cli/verbs/start.ts";
import { findRun, readPreflight } from "../../lib/data/runs.ts";
import { detached, harmless, refers } from "../../lib/define/builders.ts";
import type { Migration } from "../../lib/define/definition.ts";
import type { PreflightCheck } from "../../lib/stages/preflight/check.ts";
import { preflight } from "../../lib/stages/preflight.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import { roles, type TestServices, testServices } from "../support/services.ts";
import { acknowledged } from "../support/steps.ts";

let test: TestServices;
let count = 0;

beforeAll(async () => {
  test = await testServices();
});
afterAll(() => test.close());
beforeEach(() => {
  count++;
});

/** What preflight says of the platform, and what it recorded of what acts there by itself. */
async function look(definition: Partial<Migration> = {}) {
  const run = `7f3a0000-0000-4000-8000-0000000001${String(count).padStart(2, "0")}`;
  const services = { ...test.services, migrations: { ecoin: { ...ecoin, ...definition } } };
  const ended = await preflight(services, {
    migration: "ecoin",
    run,
    executionArn: `arn:${run}`,
    acknowledge: acknowledged,
  }).then(
    () => "passed",
    (error: Error) => error.name,
  );
  const [stored] = await test.query<{
    preflight: { checks: PreflightCheck[]; surroundings: { kind: string; says: string }[] };
  }>("select preflight from wavegate.legacy_import_runs where id = $1", [run]);
  const check = stored?.preflight.checks.find(({ id }) => id === "platform");
  return { run, ended, check, found: stored?.preflight.surroundings };
}

/** Does something to the platform, looks, and undoes it. */
async function while_<Result>(doing: string, undoing: string, work: () => Promise<Result>) {
  await test.query(doing);
  try {
    return await work();
  } finally {
    await test.query(undoing);
  }
}

const notify = `create function notify_sales() returns trigger language plpgsql as $$ begin return null; end $$;
  create trigger notify after insert on crm_leads for each row execute function notify_sales()`;
const certificates = `create table certificates (training_id bigint references legacy_completed_trainings on delete cascade); grant select on certificates to ${roles.commit("ecoin")}`;

describe("D37 R1 preflight knows what the platform does by itself", () => {
  it("passes where nothing acts", async () => {
    expect(await look()).toMatchObject({ ended: "passed", check: { passed: true }, found: [] });
  });

  it("D19 R1 stops where sessions begin so that the platform's triggers and foreign keys are silent", async () => {
    const here = `alter database "${new URL(test.url).pathname.slice(1)}"`;
    // Of sessions that begin anew.
    const anew = `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and usename = '${roles.stage}'`;
    const { ended, check } = await while_(
      `${here} set session_replication_role = replica; ${anew}`,
      `${here} reset session_replication_role; ${anew}`,
      () => look(),
    );
    expect({ ended, passed: check?.passed }).toEqual({ ended: "PreflightFailed", passed: false });
    expect(check?.says).toContain("reset session_replication_role");
  });

  it.each([
    [
      "a trigger on a target",
      notify,
      "drop function notify_sales() cascade",
      "crm_leads has the trigger notify (AFTER INSERT ON public.crm_leads FOR EACH ROW EXECUTE FUNCTION notify_sales()): what it does besides the row is neither planned nor undone. The definition does not name it.",
    ],
    [
      "a rule on a target",
      "create rule keep as on delete to crm_leads do also select 1",
      "drop rule keep on crm_leads",
      "crm_leads has the rule keep (ON DELETE): PostgreSQL does something else, or more, than a wave says.",
    ],
    [
      "a key that deletes by itself",
      certificates,
      "drop table certificates",
      "certificates(training_id) refers to legacy_completed_trainings(id), deletes when the row goes: a rollback spares rows that it names, and locks out others while it looks. The definition does not name it.",
    ],
    [
      "a trigger on what a cascade reaches",
      `${certificates}; create function gone() returns trigger language plpgsql as $$ begin return old; end $$;
       create trigger gone after delete on certificates for each row execute function gone()`,
      "drop table certificates; drop function gone()",
      "certificates has the trigger gone (AFTER DELETE ON public.certificates FOR EACH ROW EXECUTE FUNCTION gone())",
    ],
    [
      "a publication of a table without a primary key, of which no row could be taken back,",
      "alter table crm_leads replica identity nothing; create publication feed for table crm_leads",
      "drop publication feed; alter table crm_leads replica identity default",
      "crm_leads is published (feed) and has no primary key by which others tell its rows: PostgreSQL lets nobody delete or change one, and so none be taken back. Give it a primary key, or `alter table crm_leads replica identity full`; or publish no updates and deletions of it.",
    ],
  ])("stops at %s that the definition does not name", async (_, doing, undoing, says) => {
    const { ended, check } = await while_(doing, undoing, () => look());
    expect(ended).toBe("PreflightFailed");
    expect(check?.says).toContain(says);
  });

  it("passes when each is named, and still lists them with what they would mean", async () => {
    const definition = {
      effects: {
        "crm_leads.notify": detached("the sales queue is stopped during a run"),
      },
      refersTo: [refers("certificates(training_id)", "legacy_completed_trainings(id)")],
    };
    const { ended, found } = await while_(
      `${notify}; ${certificates}`,
      "drop function notify_sales() cascade; drop table certificates",
      () => look(definition),
    );
    expect(ended).toBe("passed");
    expect(found?.map(({ kind }) => kind)).toEqual(["cascade", "trigger"]);
  });

  it("D37 stops at a rule on a table that waves write though the definition names it: PostgreSQL takes no wave past it", async () => {
    const definition = { effects: { "crm_leads.keep": detached("does nothing") } };
    const { ended, check } = await while_(
      "create rule keep as on insert to crm_leads do also select 1",
      "drop rule keep on crm_leads",
      () => look(definition),
    );
    expect(ended).toBe("PreflightFailed");
    expect(check?.says).toContain(
      "Detach it (`alter table crm_leads disable rule keep`): PostgreSQL takes no wave past a rule of a table that is written.",
    );
  });

  const stamp = (on: string, acts = "before update") =>
    `create function stamp_row() returns trigger language plpgsql as $$ begin return new; end $$;
     create trigger stamp ${acts} on ${on} for each row execute function stamp_row()`;
  it.each([
    ["a trigger", stamp("crm_leads"), "drop function stamp_row() cascade"],
    [
      "a rule",
      "create rule keep as on update to crm_leads do also select 1",
      "drop rule keep on crm_leads",
    ],
    [
      "one of a table of which a key clears what no wave takes back",
      `${stamp("crm_leads")}; alter table crm_leads add column friend bigint references users on delete set null`,
      "drop function stamp_row() cascade; alter table crm_leads drop column friend",
    ],
    [
      "one of a part",
      `create table legacy_parts () inherits (crm_leads); ${stamp("crm_leads")}`,
      "drop table legacy_parts; drop function stamp_row() cascade",
    ],
  ])(
    "lists %s that acts on changes of a table in which nothing is changed, and does not stop at it",
    async (_, doing, undoing) => {
      const { ended, found } = await while_(doing, undoing, () => look());
      expect(ended).toBe("passed");
      expect(found?.filter(({ kind }) => kind === "trigger" || kind === "rule")).toMatchObject([
        { named: true },
      ]);
    },
  );

  it.each([
    ["on other rows, too", stamp("crm_leads", "before insert or update"), {}],
    [
      "on what is written besides",
      stamp("crm_leads"),
      { effects: { crm_leads: harmless("marked by others") } },
    ],
    [
      "on what a key clears",
      `${stamp("crm_leads")}; alter table crm_leads add column training bigint references legacy_completed_trainings on delete set null`,
      { refersTo: [refers("crm_leads(training)", "legacy_completed_trainings(id)")] },
    ],
  ])("stops at one that acts %s", async (_, doing, definition) => {
    const { ended, check } = await while_(
      doing,
      "drop function stamp_row() cascade; alter table crm_leads drop column if exists training",
      () => look(definition),
    );
    expect(ended).toBe("PreflightFailed");
    expect(check?.says).toContain("crm_leads has the trigger stamp");
  });

  it("lists partitions, inheritance, generated columns and row-level security without stopping at them", async () => {
    const { ended, found } = await while_(
      `create table more_leads () inherits (crm_leads);
       alter table legacy_completed_trainings add column initial text generated always as (left(full_name, 1)) stored;
       alter table crm_leads enable row level security;
       create policy wavegate on crm_leads to ${roles.stage}, ${roles.commit("ecoin")} using (true) with check (true)`,
      `drop table more_leads; alter table legacy_completed_trainings drop column initial;
       drop policy wavegate on crm_leads; alter table crm_leads disable row level security`,
      () => look(),
    );
    expect(ended).toBe("passed");
    expect(found?.map(({ says }) => says)).toEqual([
      "legacy_completed_trainings makes initial by itself: a wave gives it no value, and it follows what is written.",
      "more_leads inherits crm_leads: what is asked of the one concerns rows of the other as well.",
      "crm_leads has row-level security: wavegate's roles need a policy that shows them every row.",
    ]);
  });

  it("D37 a trigger of a table in parts is told of and named once, and one that a part alone has, or that acts on parts alone, by itself", async () => {
    const parts = (each: string) =>
      while_(
        `create table deleted (lead bigint references crm_leads on delete cascade, n int) partition by list (n);
         create table deleted_1 partition of deleted for values in (1) partition by list (n);
         create table deleted_1_1 partition of deleted_1 for values in (1);
         create table deleted_2 partition of deleted for values in (2);
         create function stamp_deleted() returns trigger language plpgsql as $$ begin return null; end $$;
         create trigger stamp after delete on deleted for each row execute function stamp_deleted();
         ${each}`,
        "drop table deleted; drop function stamp_deleted",
        async () =>
          (await look()).found
            ?.filter(({ kind }) => kind === "trigger")
            .map(({ says }) => says.split(" (")[0]),
      );
    expect(await parts("")).toEqual(["deleted has the trigger stamp"]);
    count++;
    expect(
      await parts(
        "create trigger own after delete on deleted_2 for each row execute function stamp_deleted();",
      ),
    ).toEqual(["deleted has the trigger stamp", "deleted_2 has the trigger own"]);
    count++;
    expect(await parts("alter table only deleted disable trigger stamp;")).toEqual([
      "deleted_1 has the trigger stamp",
      "deleted_2 has the trigger stamp",
    ]);
  });

  it("D42 stops where row-level security hides rows, and where a privilege is missing, with what mends it", async () => {
    const hidden = await while_(
      "alter table users enable row level security",
      "alter table users disable row level security",
      () => look(),
    );
    expect(hidden.check?.says).toBe(
      "policy_denied: Row-level security hides rows of users from wavegate, which would take what it does not see for not there. " +
        `Give wavegate's roles a policy that shows them every row, for each such table \`create policy wavegate on TABLE to ${roles.stage}, ${roles.commit("ecoin")} using (true) with check (true)\`, ` +
        "or lift row-level security for the run; then `wavegate set-up ecoin`.",
    );
    count++;
    const missing = await while_(
      "create table certificates (training_id bigint references legacy_completed_trainings)",
      "drop table certificates",
      () =>
        look({ refersTo: [refers("certificates(training_id)", "legacy_completed_trainings(id)")] }),
    );
    expect(missing.check?.says).toBe(
      "wavegate lacks the privilege SELECT on certificates. `wavegate set-up ecoin` gives it (on AWS: deploy again).",
    );
  });

  it("R13 takes rows of another server for what refers, where the definition says so", async () => {
    const seen = await while_(
      `create extension file_fdw; create server papers foreign data wrapper file_fdw;
       create foreign table certificates (training_id bigint) server papers options (filename '/dev/null');
       grant select on certificates to ${roles.commit("ecoin")}`,
      "drop extension file_fdw cascade",
      () =>
        look({ refersTo: [refers("certificates(training_id)", "legacy_completed_trainings(id)")] }),
    );
    expect(seen).toMatchObject({ ended: "passed", check: { passed: true } });
  });

  it("stops at a reference that is not there, and at an effect on a guarded table", async () => {
    const { check } = await look({
      effects: { payments: harmless("they are only cleaned") },
      // The second names what every table has, and nobody declared.
      refersTo: ["training_id", "xmin"].map((column) =>
        refers(`courses(${column})`, "legacy_completed_trainings(id)"),
      ),
    });
    const none = (column: string) =>
      `The definition says that courses(${column}) to legacy_completed_trainings(id) refers, and there are no such columns. `;
    expect(check?.says).toBe(
      none("training_id") +
        none("xmin") +
        "The definition's `effects` name payments, which is guarded.",
    );
  });
});

describe("W14 R1 preflight says that the platform's database publishes what is staged", () => {
  const warned = async ({ run }: { run: string }) => {
    const { stage } = test.services;
    const found = await findRun(stage, run);
    const recorded = await readPreflight(stage, found);
    const check = recorded.checks?.find(({ id }) => id === "platform_published");
    return warnings(found, recorded).filter((says) => says === check?.says);
  };

  it.each([
    ["feed", "for all tables"],
    ["first_copy", "for all tables with (publish = '')"],
    ["feed", "for tables in schema public, wavegate"],
    ['"Copy of all"', "for table users, wavegate.people"],
  ])("by %s %s, and goes on", async (name, what) => {
    const seen = await while_(
      `create publication ${name} ${what}`,
      `drop publication ${name}`,
      () => look(),
    );
    expect(seen.ended).toBe("passed");
    expect(await warned(seen)).toEqual([
      `The platform's database publishes wavegate's own tables (${name}): staged people, with their names and contacts, go to whoever subscribes. ` +
        "Make each publication anew for the platform's own tables only, as by `for tables in schema public`.",
    ]);
  });

  it("and nothing where only the platform's own tables are published", async () => {
    const seen = await while_(
      "create publication feed for tables in schema public; create publication people for table users; create publication none",
      "drop publication feed, people, none",
      () => look(),
    );
    expect({ ended: seen.ended, warned: await warned(seen) }).toEqual({
      ended: "passed",
      warned: [],
    });
  });
});
