import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeExports } from "../../scripts/club/exports.ts";
import { clubOf, small } from "../../scripts/club/generate.ts";
import { everyStep } from "../support/every-step.ts";
import { type TestMachine, testMachine, until } from "./machine.ts";

let machine: Awaited<ReturnType<typeof testMachine>>;
let run = "";

beforeAll(async () => {
  machine = await testMachine();
});
afterAll(() => machine.close());

const runRow = async (test: TestMachine) =>
  (
    await test.query<{ status: string; stage: string; id: string }>(
      "select * from wavegate.legacy_import_runs",
    )
  )[0];
const count = async (text: string): Promise<number> =>
  Number((await machine.query<{ n: string }>(`select count(*) as n from ${text}`))[0]?.n);
const up = async () => expect((await machine.wavegate(["local", "up"])).code).toBe(0);
const waiting = (gate: string) => async () =>
  (await count(`wavegate.sign_offs where gate = '${gate}' and status = 'pending'`)) === 1;
const platform = async () => {
  const digests: Record<string, unknown> = {};
  for (const table of [
    "users",
    "crm_leads",
    "legacy_completed_trainings",
    "legacy_imported_enrollments",
    "enrollments",
    "payments",
    "attendances",
  ]) {
    const [row] = await machine.query(
      `select md5(coalesce(string_agg(t::text, '|' order by id), '')) as digest from ${table} t`,
    );
    digests[table] = row?.digest;
  }
  return digests;
};
const newest = "select id from wavegate.sign_offs order by asked_order desc limit 1";
const decide = async () => {
  const [asked] = await machine.query<{ id: string }>(newest);
  const which = ["--run", run, "--question", asked?.id ?? ""];
  return machine.wavegate(["sign-off", "approve", ...which, "--comment", "Looked at."], {
    WAVEGATE_PERSON: machine.approver.name,
    WAVEGATE_PASSWORD: machine.approver.password,
  });
};
const approve = async () => {
  await machine.query(
    "update wavegate.samples set verdict = 'right', wrong = '[]', judged_by = 'karima', judged_at = now()",
  );
  let ended = await decide();
  // Killed before the workflow knew that it had asked, it asks again: the newer question is the one that counts.
  while (ended.stderr.includes("because a newer one replaced it")) ended = await decide();
  expect(ended.stderr).not.toContain("wavegate:");
  expect(ended.code).toBe(0);
};

describe("W3 the whole runtime killed with SIGKILL, and started again", () => {
  let before: Record<string, unknown>;

  it("in the middle of an import: the run goes on and stages every row once", async () => {
    before = await platform();
    const started = await machine.json<{ run: string }>([
      "start",
      "ecoin",
      "--backup",
      "b1",
      "--queues-detached",
      "--priority-acknowledged",
      // Four waves; `npm run test:all` takes the twelve of the definition.
      ...(everyStep ? [] : ["--plan", "25,125,625,3125"]),
    ]);
    run = started.run;
    await until("the import begins", async () => (await count("wavegate.import_ranges")) > 0);
    await machine.kill();
    await up();
    expect((await runRow(machine))?.stage).not.toBe("export-review");
    await until("the first sign-off is asked for", waiting("first_wave"), 120);
    expect(await count("wavegate.legacy_student_imports")).toBe(3000);
    expect(
      await count(
        "(select distinct source_table, legacy_id from wavegate.legacy_student_imports) d",
      ),
    ).toBe(3000);
  });

  it("W7 W9 a stage repeated while a question is open withdraws it, and `resume` asks anew", async () => {
    const questions = () =>
      machine.query<{ gate: string; status: string }>(
        "select gate, status from wavegate.sign_offs order by asked_at",
      );
    const validated = await machine.wavegate(["validate", "--run", run]);
    expect(validated.code).toBe(0);
    expect(validated.stdout).toContain("is withdrawn, and nobody is waited for.");
    expect(await questions()).toEqual([{ gate: "first_wave", status: "voided" }]);
    const { status, alive, next } = await machine.json<{
      status: string;
      alive: boolean;
      next: string;
    }>(["status", "--run", run]);
    expect([status, alive]).toEqual(["paused", false]);
    expect(next).toContain(`wavegate resume --run ${run}`);
    const approved = await decide();
    expect(approved.code).toBe(1);
    expect(approved.stderr).toContain("because its rows are judged anew since it was asked");
    await machine.wavegate(["resume", "--run", run]);
    await until("it is asked anew", waiting("first_wave"), 240);
    expect(await questions()).toHaveLength(2);
  });

  it("while it waits for a sign-off: the question still stands and the answer still counts", async () => {
    await machine.kill();
    await up();
    await approve();
    await until("wave one and the drill are done", waiting("scale_up"), 120);
    expect(await count("legacy_completed_trainings")).toBe(25);
  });

  it("in the middle of waves, again and again: nothing is written twice and nothing is lost", async () => {
    await approve();
    for (const gate of everyStep ? ["wave:3", "wave:4"] : ["wave:3"]) {
      await until(gate, waiting(gate), 120);
      await approve();
    }
    for (const at of everyStep ? [5, 7, 9] : [3, 4]) {
      await until(
        `wave ${at}`,
        async () => (await count(`wavegate.waves where wave >= ${at}`)) > 0,
        240,
      );
      await machine.kill();
      await up();
    }
    await until(
      "the run is complete",
      async () => (await runRow(machine))?.status === "completed",
      180,
    );
    const balance = await machine.json<
      { balance?: Record<string, number> } & Record<string, unknown>
    >(["balance", "--run", run]);
    expect(JSON.stringify(balance)).toContain('"holds":true');
    expect(await count("wavegate.legacy_import_commit_logs where rolled_back_at is null")).toBe(
      2381 + 52,
    );
    expect(
      await count(
        "(select distinct staged_id from wavegate.legacy_import_commit_logs where rolled_back_at is null) d",
      ),
    ).toBe(2381 + 52);
    expect(await count("legacy_completed_trainings")).toBe(1761);
    expect(await count("legacy_imported_enrollments")).toBe(102);
    expect(await count(`crm_leads where legacy_import_run_id is not null`)).toBe(518);
  });

  it("in the middle of a rollback: it goes on, and the platform is row for row what it was", async () => {
    const rollback = machine.wavegate(["rollback", "--run", run]);
    await until(
      "a wave is taken back",
      async () => (await count("wavegate.waves where status = 'rolled_back'")) > 0,
    );
    await machine.kill();
    await rollback;
    await up();
    await until(
      "everything is taken back",
      async () =>
        (await count("wavegate.waves where status <> 'rolled_back'")) === 0 &&
        (await runRow(machine))?.status === "rolled_back",
      120,
      async () => ({
        waves: await machine.query("select wave, status from wavegate.waves order by 1"),
        status: (await machine.wavegate(["status", "--run", run])).stdout,
      }),
    );
    expect(await platform()).toEqual(before);
  });
});

// As long as the other one: `npm run test:all` takes both.
describe.each(everyStep ? ["wild-apricot"] : [])(
  "W3 V10 the runtime killed in the waves and in the rollback of %s, which brings rows up to date",
  () => {
    it("writes nothing twice, loses nothing, and leaves the platform row for row as it was", async () => {
      const folder = await mkdtemp(join(tmpdir(), "wavegate-club-"));
      await writeExports(clubOf(small), folder);
      const club = await testMachine(
        {
          WILD_APRICOT_DB_DRIVER: "csv",
          WILD_APRICOT_DB_PATH: folder,
          WILD_APRICOT_DB_ORGANIZATION: "The Bridge Club",
        },
        "wild-apricot",
      );
      try {
        const rows = async (text: string) =>
          Number((await club.query<{ n: string }>(`select count(*) as n from ${text}`))[0]?.n);
        const standing = async () => {
          const tables: Record<string, unknown> = {};
          for (const table of [
            "MembershipStatus",
            "MembershipTier",
            "Member",
            "Event",
            "EventRegistration",
          ])
            tables[table] = await club.query(
              `select to_jsonb(t) as row from "${table}" t order by 1`,
            );
          return tables;
        };
        const before = await standing();
        const { run: id } = await club.json<{ run: string }>([
          ...["start", "wild-apricot", "--backup", "b1", "--queues-detached"],
          ...["--priority-acknowledged", "--plan", "25,125,625"],
        ]);
        const status = async () =>
          (
            await club.query<{ status: string }>("select status from wavegate.legacy_import_runs")
          )[0]?.status;
        const pending = () => rows("wavegate.sign_offs where status = 'pending'");
        const as = {
          WAVEGATE_PERSON: club.approver.name,
          WAVEGATE_PASSWORD: club.approver.password,
        };
        const killedAt = [1, 2, 3];
        while ((await status()) !== "completed") {
          const [wave = 1_000] = killedAt;
          await until(
            `wave ${wave}, a question or the end`,
            async () =>
              (await pending()) > 0 ||
              (await status()) === "completed" ||
              (await rows(`wavegate.waves where wave >= ${wave}`)) > 0,
            240,
          );
          if ((await rows(`wavegate.waves where wave >= ${wave}`)) > 0) {
            killedAt.shift();
            await club.kill();
            expect((await club.wavegate(["local", "up"])).code).toBe(0);
          } else if ((await pending()) > 0) {
            await club.query(
              "update wavegate.samples set verdict = 'right', wrong = '[]', judged_by = 'karima', judged_at = now()",
            );
            const [asked] = await club.query<{ id: string }>(newest);
            const which = ["--run", id, "--question", asked?.id ?? ""];
            await club.wavegate(["sign-off", "approve", ...which, "--comment", "Looked at."], as);
          }
        }
        expect(killedAt).toEqual([]);
        expect(JSON.stringify(await club.json(["balance", "--run", id]))).toContain('"holds":true');
        const open = "wavegate.legacy_import_commit_logs where rolled_back_at is null";
        expect(await rows(`${open} and action = 'update'`)).toBeGreaterThan(0);
        expect(await rows(`(select distinct staged_id from ${open}) d`)).toBe(await rows(open));
        const rollback = club.wavegate(["rollback", "--run", id]);
        await until(
          "a wave is taken back",
          async () => (await rows("wavegate.waves where status = 'rolled_back'")) > 0,
        );
        await club.kill();
        await rollback;
        expect((await club.wavegate(["local", "up"])).code).toBe(0);
        await until(
          "everything is taken back",
          async () => (await status()) === "rolled_back",
          240,
        );
        expect(await standing()).toEqual(before);
      } finally {
        await club.close();
        await rm(folder, { recursive: true, force: true });
      }
    });
  },
);
