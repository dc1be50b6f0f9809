import { readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { expect, it, vi } from "vitest";
import type { Frame } from "../../lib/cli/command.ts";
import { withAws } from "../../lib/cli/verbs/with-aws.ts";
import { createConsole } from "../../lib/console/app.ts";
import { literal, raw } from "../../lib/data/sql.ts";
import { look } from "../../lib/review/steer/look.ts";
import { withServices } from "../../lib/services/lambda.ts";
import { withSettings } from "../../lib/services/with-settings.ts";
import { classify } from "../../lib/stages/classify.ts";
import { drill } from "../../lib/stages/drill.ts";
import { dryRun } from "../../lib/stages/dry-run.ts";
import { match } from "../../lib/stages/match.ts";
import { previewRollback } from "../../lib/stages/preview-rollback.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { event } from "../console/event.ts";
import {
  platformDigest,
  reviewed,
  reviewedServices,
  roles,
  type TestServices,
} from "../support/services.ts";
import { approve, runWave } from "../support/steps.ts";

/** Sets something for the sessions of a role in this database that begin from now on. */
const settled = (role: string, setting: string): string =>
  `do $$ begin execute format('alter role %I in database %I set %s', ${literal(role)}, current_database(), ${literal(setting)}); end $$`;

// Whoever has a role's password, or administers the database, may settle that between two steps of a run.
it.each([
  "default_transaction_isolation = 'serializable'",
  "default_transaction_isolation = 'repeatable read'",
  "default_transaction_deferrable = on",
])(
  "W7 W8 a run is signed off, written, drilled and taken back whatever its roles' sessions begin with: %s",
  async (setting) => {
    const test = await reviewedServices();
    try {
      const before = await platformDigest(test);
      for (const role of [roles.stage, roles.sign, roles.operator, roles.commit("ecoin")])
        await test.query(settled(role, setting));
      await approve(test, reviewed, "first_wave");
      const { written, verified } = await runWave(test, reviewed, 1);
      expect([written.counts.committed, verified.passed]).toEqual([25, true]);
      expect((await drill(test.services, reviewed)).passed).toBe(true);
      await previewRollback(test.services, reviewed);
      expect((await rollback(test.services, reviewed)).outcome).toBe("rolled_back");
      expect(await platformDigest(test)).toEqual(before);
    } finally {
      await test.close();
    }
  },
  120_000,
);

it("W7 each transaction says what it sees and whether it may write, whatever is set for its role", async () => {
  const test = await reviewedServices();
  try {
    const { stage } = test.services;
    await test.query(settled(roles.stage, "default_transaction_isolation = 'serializable'"));
    await test.query(settled(roles.stage, "default_transaction_read_only = on"));
    const says = raw(
      "select current_setting('transaction_isolation') || ', read ' || case current_setting('transaction_read_only') when 'on' then 'only' else 'write' end as mode",
    );
    for (const mode of [
      "read committed, read write",
      "repeatable read, read write",
      "repeatable read, read only",
    ] as const)
      expect(await stage.transaction((inside) => inside.one(says), mode)).toEqual({ mode });
    expect(await stage.transaction((inside) => inside.one(says))).toEqual({
      mode: "read committed, read write",
    });
  } finally {
    await test.close();
  }
});

/** As a function ends. */
const ended = (
  { services }: Pick<TestServices, "services">,
  work: Promise<unknown>,
): Promise<Error> =>
  withServices(() => work, services).then(
    () => new Error("It ended well."),
    (error: Error) => error,
  );

/** Whoever is connected connects anew, once all those connections are gone. */
const anew = (test: TestServices) =>
  test.query(
    "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
  );

it("W13 a stage that ends by what is set for sessions of a role says so, and what mends it", async () => {
  const test = await reviewedServices();
  const begun = (settings: string) =>
    `Sessions do not begin as the set-up settled it: ${settings}. Whoever set that has the role's password or administers the database, and it may be why: \`wavegate doctor\` says what mends it.`;
  try {
    const { stage } = roles;
    for (const [setting, shown, work, said] of [
      [
        "restrict_nonsystem_relation_kind = 'view'",
        "restrict_nonsystem_relation_kind = view",
        dryRun,
        "ERROR: the database refused it; SQLState: 55000",
      ],
      [
        "standard_conforming_strings = off",
        "standard_conforming_strings = off",
        match,
        "ERROR: a value does not fit; SQLState: 2201B",
      ],
      [
        "search_path = nowhere",
        "search_path = nowhere",
        classify,
        'ERROR: relation "courses" does not exist; SQLState: 42P01',
      ],
    ] as const) {
      await test.query(settled(stage, setting));
      await anew(test);
      expect(await ended(test, work(test.services, reviewed))).toMatchObject({
        name: "SessionsUnsettled",
        message: `The database refused a statement (${said}). ${begun(`${stage} with ${shown}`)} What was done before stands; send it again then.`,
      });
      await test.query(settled(stage, "work_mem = '4MB'").replace("set %s", "reset all"));
      await anew(test);
    }
    // What may be sent again keeps its name, by which it is.
    await test.query(settled(stage, "statement_timeout = 500"));
    await anew(test);
    const long = test.services.stage.execute(raw("select pg_sleep(5)"));
    expect(await ended(test, long)).toMatchObject({
      name: "ConnectionLost",
      message: expect.stringMatching(
        `SQLState: 57014.*${begun(`${stage} with statement_timeout = 500`)}$`,
      ),
    });
  } finally {
    await test.close();
  }
}, 120_000);

it("W13 a decision, a page, a command and a function of any role say so as well", async () => {
  const test = await reviewedServices();
  const { sign, operator } = roles;
  const setting = "restrict_nonsystem_relation_kind = 'view'";
  const says = (role: string) =>
    `Sessions do not begin as the set-up settled it: ${role} with restrict_nonsystem_relation_kind = view`;
  try {
    await test.query(settled(sign, setting));
    await anew(test);
    // A function that has no stage's role asks by the one that it has.
    const refuse = () => Promise.reject(new Error("It was not given."));
    const none = { rows: refuse, one: refuse, execute: refuse, transaction: refuse };
    const services = { ...test.services, stage: none };
    const why = { look: "row", run: reviewed, row: { id: 1 } } as const;
    expect(await ended({ services }, look(services, "approver", why))).toMatchObject({
      name: "SessionsUnsettled",
      message: expect.stringContaining(says(sign)),
    });
    const pages = createConsole({
      services,
      key: Buffer.alloc(32, 7),
      log: { info: () => {}, error: () => {} },
    });
    const page = await pages(
      event("GET", `/admin/legacy-imports/runs/${reviewed}/rows`, "approver"),
    );
    expect([page.statusCode, page.body]).toEqual([409, expect.stringContaining(says(sign))]);

    await test.query(settled(operator, setting));
    await anew(test);
    vi.stubEnv("AWS_ACCESS_KEY_ID", "test");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
    const frame = { io: { env: test.environment, cwd: tmpdir() } } as unknown as Frame;
    const asks = withAws(frame, ({ db }) => db.one(raw("select 1 from no_table")));
    await expect(asks).rejects.toMatchObject({
      name: "SessionsUnsettled",
      message: expect.stringContaining(says(operator)),
    });
  } finally {
    vi.unstubAllEnvs();
    await test.close();
  }
}, 120_000);

it("W13 where nothing is set for a role an error is what it was, and where the database looks for tables is told where one is missing", async () => {
  const test = await reviewedServices();
  const here = new URL(test.url).pathname.slice(1);
  try {
    const error = await ended(test, test.services.stage.execute(raw("select 1 from no_table")));
    expect(error.name).toBe("DatabaseErrorException");
    await test.query(`alter database "${here}" set search_path = nowhere`);
    await test.query(`alter database "${here}" set restrict_nonsystem_relation_kind = 'view'`);
    await anew(test);
    expect((await ended(test, classify(test.services, reviewed))).message).toContain(
      ": every role with search_path = nowhere. ",
    );
    await test.query(`alter database "${here}" reset search_path`);
    await anew(test);
    await classify(test.services, reviewed);
    await match(test.services, reviewed);
    // What the set-up settled for its roles counts before what is set for the database.
    expect((await ended(test, dryRun(test.services, reviewed))).message).toBe("It ended well.");
  } finally {
    await test.close();
  }
}, 120_000);

it("W13 what is set for roles is told on a server that keeps settings of more roles than one answer of the Data API carries", async () => {
  const test = await reviewedServices();
  const others = (work: string) =>
    test.query(
      `do $$ begin for n in 1..150 loop execute format('${work}', 'wavegate_another_' || n || '_stage'); end loop; end $$`,
    );
  try {
    await others("create role %1$I");
    for (const setting of ["a", "b", "c", "d", "e", "f", "g", "h"].flatMap((one) =>
      ["a", "b", "c", "d", "e", "f", "g", "h"].map((two) => `wavegate.${one}${two}`),
    ))
      await others(`alter role %1$I set ${setting} = ''${"long".repeat(20)}''`);
    await test.query(settled(roles.stage, "transform_null_equals = on"));
    const error = Object.assign(new Error("refused"), { name: "DatabaseErrorException" });
    expect(await withSettings(error, test.services)).toMatchObject({
      name: "SessionsUnsettled",
      message: expect.stringContaining(
        `set-up settled it: ${roles.stage} with transform_null_equals = on. `,
      ),
    });
  } finally {
    await others("drop role if exists %1$I");
    await test.close();
  }
});

it("W13 no function does its work past where its errors tell of settings; pages tell of them themselves", async () => {
  const folder = new URL("../../functions/", import.meta.url);
  const past: string[] = [];
  for (const file of await readdir(folder))
    if ((await readFile(new URL(file, folder), "utf8")).includes("sharedServices")) past.push(file);
  expect(past.sort()).toEqual(["console.ts", "front-door.ts"]);
});
