import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findRun } from "../../lib/data/runs.ts";
import type { Permission } from "../../lib/define/permissions.ts";
import { callerOf } from "../../lib/review/people/caller.ts";
import { addPerson } from "../../lib/review/people/people.ts";
import { starterOf } from "../../lib/review/people/starter.ts";
import { handOver, startFor, waveStart } from "../../lib/review/steer/start-execution.ts";
import type { Machine, Services } from "../../lib/services/services.ts";
import { createStamper } from "../../lib/services/stamper.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { refusal } from "../support/steps.ts";

let test: TestServices;
let services: Services;
const run = "7f3a0000-0000-4000-8000-000000000001";
let now = new Date("2026-11-20T10:00:00.000Z");
beforeAll(async () => {
  test = await testServices({ now: () => now });
  const { starters } = test.executions;
  const executions = {
    ...test.services.executions,
    starter: async (executionArn: string) => starters.get(executionArn),
  };
  services = { ...test.services, executions };
  await test.query(
    `insert into wavegate.legacy_import_runs
       (id, reference, migration, definition_digest, definition, connection_name, focus_mode, wave_plan, seed)
     values ($1, 'ecoin-20261120-7f3a', 'ecoin', 'd', '{}', 'legacy', 'historical_completed', '[25]', 's')`,
    [run],
  );
  for (const permission of ["view", "run", "validate", "review", "commit", "rollback"]) {
    await addPerson(test.admin, {
      name: `only-${permission}`,
      email: `${permission}@example.com`,
      permissions: [`legacy_imports.${permission}` as Permission],
    });
  }
});
afterAll(() => test.close());

const arnOf = (machine: Machine, name: string) =>
  `arn:aws:states:us-east-1:000000000000:execution:${machine}:${name}`;
let started = 0;

/** An execution started past the CLI; CloudTrail knows by whom, unless it does not yet. */
function past(who: string | undefined, machine: Machine, input: Record<string, unknown> = {}) {
  const executionArn = arnOf(machine, `past-${++started}`);
  if (who !== undefined) test.executions.starters.set(executionArn, who);
  return callerOf(services, {
    machine,
    executionArn,
    startedAt: now,
    input: { run, ...input },
  });
}

/** What stands in the run and around it, except for the logs. */
async function everything(): Promise<string[]> {
  const hashes: string[] = [];
  for (const table of [
    "legacy_import_runs",
    "sign_offs",
    "waves",
    "samples",
    "audit_log",
    "people",
  ]) {
    const [row] = await test.query<{ hash: string }>(
      `select md5(string_agg(t::text, '' order by t::text)) as hash from wavegate.${table} t`,
    );
    hashes.push(`${table} ${row?.hash}`);
  }
  return hashes;
}

const acts: [string, Machine, Record<string, unknown>, string[]][] = [
  ["a whole run", "migration", {}, ["run"]],
  ["import", "migration", { only: "import" }, ["run"]],
  ["validate", "migration", { only: "validate" }, ["validate"]],
  ["classify", "migration", { only: "classify" }, ["validate"]],
  ["match", "migration", { only: "match" }, ["validate"]],
  ["dry-run", "migration", { only: "dry-run" }, ["validate"]],
  ["verify", "migration", { only: "verify" }, ["validate"]],
  ["final-verify", "migration", { only: "final-verify" }, ["validate"]],
  ["export-review", "migration", { only: "export-review" }, ["run", "review"]],
  ["export-audit", "migration", { only: "export-audit" }, ["run", "review"]],
  ["sign-off", "migration", { only: "sign-off" }, ["run", "commit"]],
  ["drill", "migration", { only: "drill" }, ["commit"]],
  ["a stage that nobody knows", "migration", { only: "nonsense" }, ["run"]],
  ["a stage of a name that every object has", "migration", { only: "constructor" }, ["run"]],
  ["commit", "wave", { wave: 1 }, ["commit"]],
  ["commit of the next wave", "wave", {}, ["commit"]],
  ["rollback", "rollback", {}, ["rollback"]],
  ["rollback of a wave", "rollback", { toWave: 1 }, ["rollback"]],
];

describe("an execution that was started past the CLI", () => {
  it.each(acts)(
    "D36 M14 %s is done for whoever may, and for nobody else",
    async (_, machine, input, may) => {
      for (const permission of ["view", "run", "validate", "review", "commit", "rollback"]) {
        const who = `only-${permission}`;
        if (may.includes(permission)) {
          expect(await past(who, machine, input)).toEqual({
            person: who,
            permission: `legacy_imports.${permission}`,
          });
          const [entry] = await test.query(
            "select actor, action, details->>'vouchedBy' as by from wavegate.audit_log order by seq desc limit 1",
          );
          expect(entry).toEqual({ actor: who, action: "execution-started", by: "CloudTrail" });
        } else {
          const before = await everything();
          const refused = past(who, machine, input);
          await expect(refused).rejects.toMatchObject({
            name: "PermissionDenied",
            message: expect.stringMatching(
              /^You may not [a-z ]+: that takes the permission legacy_imports\.[a-z]+( or legacy_imports\.[a-z]+)?\. Nothing was changed; ask an administrator for it\.$/,
            ),
          });
          expect(await everything()).toEqual(before);
          const [entry] = await test.query(
            "select actor, action, details->>'run' as run from wavegate.security_log order by seq desc limit 1",
          );
          expect(entry).toEqual({ actor: who, action: "start-refused", run });
        }
      }
    },
  );

  it.each([
    "nobody",
    "wavegate-functions/start-execution",
    "arn:aws:sts::1:assumed-role/x/stranger",
  ])("D36 of %s does nothing", async (who) => {
    const before = await everything();
    for (const [, machine, input] of acts) {
      expect(await refusal(past(who, machine, input))).toBe("PermissionDenied");
    }
    expect(await everything()).toEqual(before);
  });

  it("D36 is known by the ARN of a role's session, whose last part is the person", async () => {
    const session = "arn:aws:sts::111122223333:assumed-role/operators/only-rollback";
    expect(await past(session, "rollback")).toMatchObject({ person: "only-rollback" });
    const mail = "arn:aws:sts::111122223333:assumed-role/sso/rollback@example.com";
    expect(await past(mail, "rollback")).toMatchObject({ person: "only-rollback" });
  });

  it("W8 D36 an address that two people carry names neither of them", async () => {
    const email = "both@example.com";
    for (const name of ["one of two", "the other"])
      await addPerson(test.admin, { name, email, permissions: ["legacy_imports.rollback"] });
    const session = `arn:aws:sts::111122223333:assumed-role/sso/${email}`;
    expect(await refusal(past(session, "rollback"))).toBe("PermissionDenied");
    expect(await refusal(past("BOTH@example.com", "rollback"))).toBe("PermissionDenied");
    expect(await past("one of two", "rollback")).toMatchObject({ person: "one of two" });
  });

  it.each(["0559-44-61-68", "213559446168", "00213559446168_x"])(
    "W14 an execution that is called %s is told of by a digest",
    async (contact) => {
      const executionArn = arnOf("rollback", contact);
      test.executions.starters.set(executionArn, "only-rollback");
      const begun = { machine: "rollback", executionArn, startedAt: now, input: { run } } as const;
      await callerOf(services, begun);
      test.executions.starters.set(executionArn, "only-view");
      expect(await refusal(callerOf(services, begun))).toBe("PermissionDenied");
      const told = await test.query(
        `(select details->>'execution' as name from wavegate.audit_log order by seq desc limit 1)
         union all (select details->>'execution' from wavegate.security_log order by seq desc limit 1)`,
      );
      const digest = expect.stringMatching(/^execution [0-9a-f]{16}$/);
      expect(told).toEqual([{ name: digest }, { name: digest }]);
    },
  );

  it("D36 waits by name while CloudTrail does not say by whom, and changes nothing", async () => {
    const before = await everything();
    const waiting = past(undefined, "rollback");
    await expect(waiting).rejects.toMatchObject({
      name: "StarterUnknown",
      message:
        "This was started past the CLI, and CloudTrail does not say yet by whom. Nothing was written; it waits until CloudTrail does, which takes up to 15 minutes.",
    });
    expect(await everything()).toEqual(before);
  });
});

describe("an execution under a stamp", () => {
  type Started = { machine: Machine; name: string; input: Record<string, unknown> };

  /** Starts through the function and returns what Step Functions was asked for. */
  async function ask(identity: string, machine: Machine, input: Record<string, unknown> = {}) {
    let asked: Started | undefined;
    const executions = {
      ...services.executions,
      start: async (which: Machine, name: string, given: unknown) => {
        asked = { machine: which, name, input: given as Record<string, unknown> };
        return { executionArn: arnOf(which, name) };
      },
    };
    await startFor({ ...services, executions }, identity, {
      machine,
      about: "test",
      input: { run, ...input },
    });
    return asked as Started;
  }
  const begin = ({ machine, name, input }: Started) =>
    callerOf(services, { machine, executionArn: arnOf(machine, name), startedAt: now, input });

  it("D36 W12 needs no CloudTrail: it acts for the person, and the audit log says so once", async () => {
    const asked = await ask("arn:aws:iam::000000000000:user/only-rollback", "rollback");
    const caller = { person: "only-rollback", permission: "legacy_imports.rollback" };
    expect(await begin(asked)).toEqual(caller);
    expect(await begin(asked)).toEqual(caller);
    const entries = await test.query(
      "select actor, details from wavegate.audit_log where details->>'execution' = $1",
      [asked.name],
    );
    expect(entries).toEqual([
      {
        actor: "only-rollback",
        details: { what: "rollback", execution: asked.name, vouchedBy: "stamp" },
      },
    ]);
  });

  it("W12 of a name that nobody has, the log of refusals keeps no more than its beginning", async () => {
    const nobody = `arn:aws:iam::000000000000:user/${"n".repeat(300)}`;
    expect(await refusal(ask(nobody, "rollback"))).toBe("PermissionDenied");
    expect(await refusal(past(nobody, "rollback"))).toBe("PermissionDenied");
    const noted = await test.query(
      "select actor from wavegate.security_log order by seq desc limit 2",
    );
    const beginning = `arn:aws:iam::000000000000:user/${"n".repeat(169)}`;
    expect(noted).toEqual([{ actor: beginning }, { actor: beginning }]);
  });

  it("D36 W12 whoever gives an execution the name of another one is told of all the same", async () => {
    const asked = await ask("only-rollback", "rollback");
    await begin(asked);
    const told = () =>
      test.query(
        "select actor, details->>'what' as what from wavegate.audit_log where details->>'execution' = $1 order by seq",
        [asked.name],
      );
    const before = await told();
    for (const [machine, who] of [
      ["migration", "only-run"],
      ["wave", "only-commit"],
    ] as const) {
      test.executions.starters.set(arnOf(machine, asked.name), who);
      const input = { run };
      const same = { machine, executionArn: arnOf(machine, asked.name), startedAt: now, input };
      await callerOf(services, same);
      await callerOf(services, same);
    }
    expect(await told()).toEqual([
      ...before,
      { actor: "only-run", what: "run" },
      { actor: "only-commit", what: "commit" },
    ]);
  });

  it("W5 W8 notes who begins a run before there is one, and nobody who may only do something else with it", async () => {
    const fresh = "7f3a0000-0000-4000-8000-00000000feed";
    for (const [who, machine, more] of [
      ["only-validate", "migration", { only: "validate" }],
      ["only-rollback", "rollback", {}],
      ["only-commit", "wave", { wave: 1 }],
      ["only-run", "migration", {}],
    ] as const) {
      const executionArn = arnOf(machine, `fresh-${who}`);
      test.executions.starters.set(executionArn, who);
      await callerOf(services, {
        machine,
        executionArn,
        startedAt: now,
        input: { run: fresh, ...more },
      });
    }
    expect(
      await test.query(
        "select person, execution_arn from wavegate.run_beginnings where run_id = $1",
        [fresh],
      ),
    ).toEqual([{ person: "only-run", execution_arn: arnOf("migration", "fresh-only-run") }]);
  });

  it("W14 nobody's number or address is given to an execution as a backup or a connection", async () => {
    const fresh = "7f3a0000-0000-4000-8000-00000000fade";
    for (const said of [
      { acknowledge: { backup: "call 0559 44 61 68" } },
      { acknowledge: { backup: "karima@example.com" } },
      { connection: "karima@example.com" },
    ])
      expect(await refusal(ask("only-run", "migration", { run: fresh, ...said }))).toBe(
        "PersonalDataInRemark",
      );
    // A run that was started before that was looked at goes on.
    const old = { acknowledge: { backup: "call 0559 44 61 68" } };
    expect(await ask("only-run", "migration", old)).toMatchObject({ machine: "migration" });
  });

  it("D36 is not even started for somebody who may not", async () => {
    for (const who of ["only-view", "nobody", "wavegate-administrator", ""]) {
      const asked = ask(`arn:aws:iam::000000000000:user/${who}`, "rollback");
      await expect(asked).rejects.toMatchObject({ name: "PermissionDenied" });
    }
  });

  const other = "7f3a0000-0000-4000-8000-00000000beef";
  it.each<[string, (asked: Started) => Started]>([
    ["another run", (asked) => ({ ...asked, input: { ...asked.input, run: other } })],
    ["another input", (asked) => ({ ...asked, input: { ...asked.input, toWave: 3 } })],
    ["another machine", (asked) => ({ ...asked, machine: "wave" })],
    ["another execution", (asked) => ({ ...asked, name: `${asked.name}x` })],
    [
      "another key",
      (asked) => {
        const stamp = services.stamps.read(String(asked.input.stamp));
        const forger = createStamper(Buffer.alloc(32, 1).toString("base64"));
        return stamp ? { ...asked, input: { ...asked.input, stamp: forger.sign(stamp) } } : asked;
      },
    ],
    [
      "a changed person",
      (asked) => {
        const [, mac] = String(asked.input.stamp).split(".");
        const stamp = services.stamps.read(String(asked.input.stamp));
        const payload = Buffer.from(JSON.stringify({ ...stamp, person: "operator" }));
        return {
          ...asked,
          input: { ...asked.input, stamp: `${payload.toString("base64url")}.${mac}` },
        };
      },
    ],
    ["nonsense", (asked) => ({ ...asked, input: { ...asked.input, stamp: "a.b" } })],
  ])("D36 is worth nothing for %s: CloudTrail is asked", async (_what, changed) => {
    const asked = changed(await ask("only-rollback", "rollback", { toWave: 2 }));
    expect(await refusal(begin(asked))).toBe("StarterUnknown");
    test.executions.starters.set(arnOf(asked.machine, asked.name), "only-view");
    expect(await refusal(begin(asked))).toBe("PermissionDenied");
  });

  it("D36 that expired falls back to CloudTrail", async () => {
    const asked = await ask("only-rollback", "rollback");
    now = new Date("2026-11-20T10:14:59.999Z");
    expect(await begin(asked)).toMatchObject({ person: "only-rollback" });
    now = new Date("2026-11-20T10:15:00.000Z");
    expect(await refusal(begin(asked))).toBe("StarterUnknown");
    test.executions.starters.set(arnOf("rollback", asked.name), "only-rollback");
    expect(await begin(asked)).toMatchObject({ person: "only-rollback" });
    now = new Date("2026-11-20T10:00:00.000Z");
  });

  it("D36 of a person whose permission was taken since does nothing", async () => {
    const asked = await ask("only-rollback", "rollback");
    const permissions = ["legacy_imports.rollback"] as const;
    const person = { name: "only-rollback", email: "rollback@example.com" };
    await addPerson(test.admin, { ...person, permissions: [] });
    expect(await refusal(begin(asked))).toBe("PermissionDenied");
    await addPerson(test.admin, { ...person, permissions });
  });

  it("D36 W3 a run goes on in another execution in the name it was checked for, however often that is asked for", async () => {
    const begun: { name: string; input: { run: string; stamp: string } }[] = [];
    const start: Services["executions"]["start"] = async (machine, name, input) => {
      if (begun.some((each) => each.name === name))
        throw Object.assign(new Error("It is there."), { name: "ExecutionAlreadyExists" });
      begun.push({ name, input: input as { run: string; stamp: string } });
      return { executionArn: arnOf(machine, name) };
    };
    const asking = { ...services, executions: { ...services.executions, start } };
    const caller = { person: "only-run", permission: "legacy_imports.run" } as const;
    const onward = (name: string) =>
      handOver(asking, { run, handsOver: arnOf("migration", name) }, caller);
    const first = await onward("full");
    expect(await onward("full")).toEqual(first);
    expect(await onward("also full")).not.toEqual(first);
    const throttled = async () => {
      throw Object.assign(new Error("Later."), { name: "ThrottlingException" });
    };
    const later = { ...services, executions: { ...services.executions, start: throttled } };
    const handsOver = arnOf("migration", "full as well");
    expect(await refusal(handOver(later, { run, handsOver }, caller))).toBe("ThrottlingException");
    expect(begun).toHaveLength(2);
    const [{ name, input } = { name: "", input: { run: "", stamp: "" } }] = begun;
    expect(name).toMatch(new RegExp(`^${run}-onward-[0-9a-f]{20}$`, "u"));
    expect(first).toEqual({ executionArn: arnOf("migration", name) });
    expect(input).toMatchObject({ migration: "ecoin", run });
    const asked = { machine: "migration", name, input } as const;
    expect(await begin(asked)).toEqual(caller);
    const [entry] = await test.query(
      "select actor, action, details->>'execution' as execution from wavegate.audit_log order by seq desc limit 1",
    );
    expect(entry).toEqual({ actor: "only-run", action: "execution-started", execution: name });
    expect(await refusal(begin({ ...asked, input: { ...input, only: "drill" } }))).toBe(
      "StarterUnknown",
    );
    await addPerson(test.admin, { name: "only-run", email: "run@example.com", permissions: [] });
    expect(await refusal(begin(asked))).toBe("PermissionDenied");
    const permissions = ["legacy_imports.run"] as const;
    await addPerson(test.admin, { name: "only-run", email: "run@example.com", permissions });
  });

  it("D36 a wave carries on what its run was checked for, for that wave alone", async () => {
    const caller = { person: "only-run", permission: "legacy_imports.run" } as const;
    const { execution, stamp } = waveStart(services, { run, wave: 2 }, caller);
    const parent = arnOf("migration", "parent");
    const input = { run, wave: 2, stamp, AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: parent };
    const [before] = await test.query("select count(*) as entries from wavegate.audit_log");
    expect(await begin({ machine: "wave", name: execution, input })).toEqual(caller);
    const [after] = await test.query("select count(*) as entries from wavegate.audit_log");
    expect(after).toEqual(before);
    for (const changed of [{ wave: 3 }, { batch: 500 }, { run: other }]) {
      const asked = { machine: "wave", name: execution, input: { ...input, ...changed } } as const;
      expect(await refusal(begin(asked))).toBe("StarterUnknown");
    }
  });
});

describe("W8 D36 of a run whose starter nobody knows", () => {
  const asked: string[] = [];
  const starter = async (executionArn: string) => {
    asked.push(executionArn);
    return undefined;
  };
  const who = async (executionArn: string | null) => {
    const found = { ...(await findRun(services.sign, run)), execution_arn: executionArn };
    return refusal(
      starterOf(services.sign, { executions: { ...services.executions, starter } }, found),
    );
  };

  it("it is said, and nobody is taken for them: of no execution CloudTrail is not even asked", async () => {
    expect(await who(null)).toBe("StarterUnknown");
    expect(asked).toEqual([]);
    expect(await who(arnOf("migration", "unknown"))).toBe("StarterUnknown");
    expect(asked).toEqual([arnOf("migration", "unknown")]);
    expect((await findRun(services.sign, run)).started_by).toBeNull();
  });
});
