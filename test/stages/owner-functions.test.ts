import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { findRun } from "../../lib/data/runs.ts";
import { json, raw, sql, uuid } from "../../lib/data/sql.ts";
import { verifyChain } from "../../lib/evidence/audit-log.ts";
import { auditLog } from "../../lib/evidence/records.ts";
import { pause, resume, stop } from "../../lib/review/steer/control.ts";
import {
  reviewedServices,
  roles,
  reviewed as run,
  type TestServices,
} from "../support/services.ts";
import { refusal } from "../support/steps.ts";

/**
 * Whoever has a role's password calls the owner's functions with whatever there is. What a page or a terminal looks at
 * before is not looked at here: the database itself does nothing by halves, and nothing for somebody it was not told of.
 */

let test: TestServices;
const names = { ...roles, commit: roles.commit("ecoin") };
const everybody = ["stage", "sign", "operator", "commit"] as const;
const clients = new Map<string, pg.Client>();
const as = (who: string) => clients.get(who) as pg.Client;

beforeAll(async () => {
  test = await reviewedServices();
  for (const who of everybody) {
    const url = new URL(test.url);
    Object.assign(url, { username: names[who], password: `${who}-in-tests` });
    const client = new pg.Client({ connectionString: url.href });
    await client.connect();
    clients.set(who, client);
  }
});
afterAll(async () => {
  for (const client of clients.values()) await client.end();
  await test.close();
});

describe("W9 W8 what people decide about runs is done by the database, for somebody who may", () => {
  it("pause, resume and stop are done, and told with the person's own name", async () => {
    await pause(test.services.sign, run, " APPROVER ");
    expect((await findRun(test.operator, run)).control).toBe("pause");
    await resume(test.services.sign, run, "approver");
    await stop(test.services.sign, run, "approver");
    expect(await findRun(test.operator, run)).toMatchObject({ control: "stop", status: "stopped" });
    await resume(test.services.sign, run, "approver");
    const entries = await auditLog(test.services.stage, run);
    expect(entries.slice(-4).map(({ actor, action }) => `${actor} ${action}`)).toEqual([
      "approver pause",
      "approver resume",
      "approver stop",
      "approver resume",
    ]);
    expect(verifyChain(entries).ok).toBe(true);
  });

  it("what a person told a run to do stays told, whatever a stage says", async () => {
    const { stage } = test.services;
    const control = (to: string) =>
      stage.execute(
        raw(`update wavegate.legacy_import_runs set control = '${to}' where id = '${run}'`),
      );
    await expect(control("pause")).rejects.toThrow("SQLState: 42501");
    for (const told of [pause, stop]) {
      await told(test.services.sign, run, "approver");
      await expect(control("run")).rejects.toThrow("SQLState: 42501");
    }
    await expect(control("pause")).rejects.toThrow("SQLState: 42501");
    await resume(test.services.sign, run, "approver");
    expect(await control("stop")).toBe(1);
    await resume(test.services.sign, run, "approver");
    expect((await findRun(test.operator, run)).control).toBe("run");
  });

  it("R8 what a person decided about a mapping stays decided, and nobody else decides in a name, whatever a stage says", async () => {
    const { rows } = await as("stage").query<{ id: string; course: string | null }>(
      `select legacy_formation_id as id, course_id as course from wavegate.legacy_course_mappings where run_id = '${run}' and course_id is not null order by 1 limit 2`,
    );
    const [decided, other] = rows as [(typeof rows)[0], (typeof rows)[0]];
    const { refused } = await test.services.sign.one<{ refused: object | null }>(sql`
      select wavegate.decide_legacy_course_mappings(${uuid(run)}, ${json([{ id: decided.id, confirm: true, target: decided.course }])}, 'approver') as refused`);
    expect(refused).toBeNull();
    const says = (set: string, id: string) =>
      as("stage").query(
        `update wavegate.legacy_course_mappings set ${set} where run_id = '${run}' and legacy_formation_id = ${id}`,
      );
    for (const set of [`course_id = ${other.course}`, "status = 'needs_review'", "confidence = 1"])
      await expect(says(set, decided.id)).rejects.toThrow("a person decided about this mapping");
    expect((await says("confidence = 1", other.id)).rowCount).toBe(1);
    await expect(
      as("stage").query(
        `insert into wavegate.legacy_course_mappings (run_id, legacy_formation_id, legacy_name, course_id, status, decided_by, decided_at)
         values ('${run}', 987654, 'Couture', ${other.course}, 'confirmed', 'approver', now())`,
      ),
    ).rejects.toThrow("permission denied");
  });

  it.each([
    `control_run('${run}', 'stop', 'approver')`,
    `control_run('${run}', 'pause', 'approver')`,
    `control_run('${run}', 'resume', 'approver')`,
    `decide_legacy_course_mappings('${run}', '[{"id": 1, "reject": true}]', 'approver')`,
    `decide_legacy_session_mappings('${run}', '[{"id": 1, "reject": true}]', 'approver')`,
    `hold_row('${run}', 1, 'approver', 'because')`,
    `release_row('${run}', 1, 'approver', 'because')`,
    `ask_question('${run}', 1, 'approver', 'why?')`,
    `close_question('${run}', 1, 'approver', 'because')`,
    `erase_run('${run}', 'approver', 0, 1)`,
    `forget_trial('${run}', 'approver')`,
    `note_starter('${run}', 'approver')`,
    `append_security('approver', 'sign-in-failed', '{}', '2026-11-20T10:00:00.000Z')`,
  ])("the role of the terminals, which could name anybody, does not ask for %s", async (call) => {
    for (const role of ["operator", "commit"]) {
      await expect(as(role).query(`select wavegate.${call}`)).rejects.toThrow(/permission denied/);
    }
  });

  it.each(["nobody", "", "approver2"])(
    "for “%s” nothing is done, whatever is asked",
    async (name) => {
      const before = await auditLog(test.services.stage, run);
      expect(await refusal(stop(test.services.sign, run, name))).toBe("PermissionDenied");
      const { refused } = await test.services.sign.one<{ refused: { because: string } }>(sql`
      select wavegate.decide_legacy_course_mappings(${uuid(run)}, '[{"id": 1, "reject": true}]', ${name}) as refused`);
      expect(refused.because).toBe("PermissionDenied");
      expect(await auditLog(test.services.stage, run)).toEqual(before);
    },
  );

  it.each([
    [{ id: 999_999, reject: true }, "UnknownMapping"],
    [{ id: 1, confirm: true, target: 999_999 }, "UnknownTarget"],
  ])("R8 of decisions among which is %j none is kept", async (wrong, because) => {
    const kept = () => test.query("select * from wavegate.legacy_course_mappings order by 1, 2");
    const before = await kept();
    const decisions = [{ id: 2, reject: true }, wrong];
    const { refused } = await test.services.sign.one<{ refused: { because: string } }>(sql`
      select wavegate.decide_legacy_course_mappings(${uuid(run)}, ${json(decisions)}, 'approver') as refused`);
    expect(refused.because).toBe(because);
    expect(await kept()).toEqual(before);
  });

  const none = "7f3a0000-0000-4000-8000-00000000dead";
  const denied = "PermissionDenied";
  const refusedAs = (because: string) => ({ refused: because });

  // Whatever pages and functions look at before: whoever calls the database is asked again there.
  it.each<[string, unknown]>([
    [`control_run('${run}', 'stop', 'nobody')`, denied],
    [`control_run('${run}', 'explode', 'approver')`, "UnknownCommand"],
    [`control_run('${none}', 'stop', 'approver')`, "UnknownRun"],
    [`note_withdrawn('${run}', 'nobody')`, denied],
    [`note_withdrawn('${none}', 'approver')`, "UnknownRun"],
    [`hold_row('${run}', 1, 'nobody', 'because')`, denied],
    [`hold_row('${run}', 1, 'approver', ' ')`, "ReasonMissing"],
    [`hold_row('${run}', 999999, 'approver', 'because')`, "UnknownRow"],
    [`hold_row('${none}', 1, 'approver', 'because')`, "UnknownRow"],
    [`release_row('${run}', 1, 'nobody', 'because')`, denied],
    [`release_row('${run}', 1, 'approver', '')`, "ReasonMissing"],
    [`release_row('${run}', 999999, 'approver', 'because')`, "UnknownRow"],
    [`release_row('${none}', 1, 'approver', 'because')`, "UnknownRow"],
    [`ask_question('${run}', 1, 'nobody', 'why?')`, refusedAs(denied)],
    [`ask_question('${run}', 1, 'approver', ' ')`, refusedAs("QuestionMissing")],
    [`ask_question('${run}', 999999, 'approver', 'why?')`, refusedAs("UnknownRow")],
    [`ask_question('${none}', 1, 'approver', 'why?')`, refusedAs("UnknownRow")],
    [`close_question('${run}', 1, 'nobody', 'because')`, denied],
    [`close_question('${run}', 7, 'approver', 'because')`, "UnknownQuestion"],
    [`erase_run('${run}', 'nobody', 0, 1)`, refusedAs(denied)],
    [`erase_run('${none}', 'approver', 0, 1)`, refusedAs("UnknownRun")],
    [`erase_run('${run}', 'approver', 0, 1)`, refusedAs("RunNotOver")],
    [`erase_due('${run}', 1, 0, 1)`, refusedAs("RunNotDue")],
    [`forget_trial('${run}', 'nobody')`, refusedAs(denied)],
    [`forget_trial('${none}', 'approver')`, refusedAs("UnknownRun")],
    [`forget_trial('${run}', 'approver')`, refusedAs("RunNoTrial")],
    [`turn_feature('${run}', 'any', 5, '[]', 'nobody')`, denied],
    [`turn_feature('${run}', 'any', 0, '[]', 'nobody')`, denied],
    [`turn_feature('${run}', 'any', 101, '[]', 'approver')`, "PercentageInvalid"],
    [`turn_feature('${run}', 'any', null, '[]', 'approver')`, "PercentageInvalid"],
    [`turn_feature('${none}', 'any', 5, '[]', 'approver')`, "UnknownRun"],
    [`turn_feature('${run}', 'any', 5, '[]', 'approver')`, "UnknownFeature"],
    [`begin_restore('${run}', 'nobody', '{}')`, denied],
    [`begin_restore('${none}', 'approver', '{}')`, "UnknownRun"],
    [`end_restore('${run}', 'nobody', 'restored', '{}')`, denied],
    [`end_restore('${run}', 'approver', 'undone', '{}')`, "UnknownCommand"],
    [`end_restore('${run}', 'approver', 'restored', '{}')`, "NotBegun"],
  ])("%s is answered by the database itself", async (call, answer) => {
    const before = await auditLog(test.services.stage, run);
    const found = await test.services.sign.one<{ answer: unknown }>(
      raw(`select to_jsonb(wavegate.${call}) as answer`),
    );
    expect(found.answer).toEqual(answer);
    expect(await auditLog(test.services.stage, run)).toEqual(before);
  });

  it("a question that was not withdrawn is not noted as withdrawn", async () => {
    const before = await auditLog(test.services.stage, run);
    const { refused } = await test.services.sign.one<{ refused: string | null }>(
      sql`select wavegate.note_withdrawn(${uuid(run)}, 'approver') as refused`,
    );
    expect(refused).toBe(null);
    expect(await auditLog(test.services.stage, run)).toEqual(before);
    for (const role of ["stage", "operator", "commit"]) {
      await expect(
        as(role).query(`select wavegate.note_withdrawn('${run}', 'approver')`),
      ).rejects.toThrow(/permission denied/);
    }
  });
});

/** What each argument is as a rule, by its name. */
const usual: Record<string, string> = {
  run: `'${run}'`,
  ...{ sign_off: "gen_random_uuid()", seen: "''" },
  ...{ person: "'approver'", who: "'approver'", starter: "'approver'", actor: "'wavegate'" },
  ...{ action: "'looked'", digest: "'d'", details: "'{}'", at: "'2026-11-20T10:00:00.000Z'" },
  ...{
    // Of the run's rows, where one is held this.
    staged: "2",
    because: "'because'",
    says: "'why?'",
    command: "'stop'",
    outcome: "'restored'",
  },
  ...{ behind: "0", most: "1", days: "1", feature: "'f'", percent: "0", segments: "'[]'" },
  decisions: `'[{"id": 1, "reject": true}]'`,
  ...{ of_wave: "1", tables: "'{crm_leads}'" },
  ...{ key: "'k@example.com'", digests: "'keyed'", entry: "1" },
};
/** Arguments that are called the same and are something else. */
const otherwise: Readonly<Record<string, string>> = {
  "void_sign_offs.which": "'all'",
  "close_question.which": "1",
  "control_run.seen": "1000000",
};

interface Called {
  readonly name: string;
  readonly args: readonly string[];
  readonly types: readonly string[];
}

/** The functions of the owner's that a role may call, with what each is given as a rule. */
async function callable(who: string): Promise<(Called & { given: readonly string[] })[]> {
  const { rows } = await as(who).query<Called>(`
    select p.proname as name, p.proargnames as args,
           array(select format_type(t, null) from unnest(p.proargtypes) with ordinality u (t, n) order by n) as types
      from pg_proc p
     where p.pronamespace = 'wavegate'::regnamespace and p.prosecdef and p.prorettype <> 'trigger'::regtype
       and cardinality(p.proargtypes::oid[]) > 0 and has_function_privilege(p.oid, 'execute') order by 1`);
  return rows.map((each) => {
    const given = each.args.map((arg) => otherwise[`${each.name}.${arg}`] ?? usual[arg]);
    expect([each.name, given]).toEqual([each.name, given.filter((value) => value !== undefined)]);
    return { ...each, given: given as string[] };
  });
}

interface Answer {
  readonly said: unknown;
  readonly wrote: number;
  readonly code?: string;
}

/** Calls a function, and undoes it: what it answered, and how many rows of wavegate's it wrote. */
async function called(who: string, { name, types }: Called, given: readonly string[]) {
  const client = as(who);
  const written = async () =>
    Number(
      (
        await client.query(
          "select sum(n_tup_ins + n_tup_upd + n_tup_del) as n from pg_stat_xact_user_tables where schemaname = 'wavegate' and relname <> 'log_turns'",
        )
      ).rows[0].n,
    );
  await client.query("begin");
  try {
    const before = await written();
    const args = given.map((value, n) => `${value}::${types[n]}`).join(", ");
    const { rows } = await client.query(`select to_jsonb(wavegate.${name}(${args})) as said`);
    return { said: rows[0].said, wrote: (await written()) - before } as Answer;
  } catch (error) {
    return { said: null, wrote: 0, code: (error as { code: string }).code } as Answer;
  } finally {
    await client.query("rollback");
  }
}

/** States of a run in which different ones of these functions do something. */
const states = {
  reviewed: "status = 'waiting', stage = 'export-review'",
  over: "status = 'completed', updated_at = now() - interval '9 days'",
};

describe.each(Object.entries(states))("W8 D19 of a run that is %s", (state, standing) => {
  beforeAll(async () => {
    const [first, second] = await test.query<{ id: number }>(
      "select id::int from wavegate.legacy_student_imports where run_id = $1 order by id limit 2",
      [run],
    );
    await test.query(
      `select wavegate.ask_question('${run}', ${first?.id}, 'operator', 'why?'), wavegate.hold_row('${run}', ${second?.id}, 'approver', 'because')`,
    );
    usual.staged = String(second?.id);
  });
  beforeEach(() =>
    test.query(`update wavegate.legacy_import_runs set ${standing} where id = '${run}'`),
  );

  it("with nothing in the place of one argument the owner's functions do nothing", async () => {
    /** Of what may be left out. */
    const may = [
      ...["append_audit.digest", "void_sign_offs.because"],
      // Nothing of somebody else's was seen.
      ...["hold_row.seen", "release_row.seen", "turn_feature.seen", "control_run.seen"],
      // Nothing was decided about nothing, by somebody who may.
      ...["decide_legacy_course_mappings.decisions", "decide_legacy_session_mappings.decisions"],
      // As many rows as there are.
      "erase_run.most",
      "erase_due.most",
    ];
    const did: string[] = [];
    const usually = new Set<string>();
    for (const who of everybody)
      for (const each of await callable(who)) {
        const { wrote } = await called(who, each, each.given);
        if (wrote > 0) usually.add(each.name);
        for (const [n, arg] of each.args.slice(0, each.types.length).entries()) {
          const nothing = each.given.map((value, m) => (m === n ? "null" : value));
          const answer = await called(who, each, nothing);
          const about = `${who}: ${each.name} without ${arg}`;
          if (answer.wrote > 0 && !may.includes(`${each.name}.${arg}`))
            did.push(`${about} wrote ${answer.wrote}`);
          // What is refused is refused by what it is, and by nothing that broke.
          if (answer.code !== undefined && !/^(?:22|23|42501)/u.test(answer.code))
            did.push(`${about}: ${answer.code}`);
        }
      }
    expect(did).toEqual([]);
    // Each does something here with what it is given as a rule.
    expect([...usually]).toEqual(
      expect.arrayContaining(
        state === "over"
          ? ["append_audit", "append_security", "erase_due", "erase_run"]
          : [
              "ask_question",
              "begin_restore",
              "close_question",
              "control_run",
              "hold_row",
              "release_row",
            ],
      ),
    );
  });

  it.each([
    "9999-99-99T99:99:99.999Z",
    "2026-02-30T10:00:00.000Z",
    "0000-01-01T00:00:00.000Z",
    "2026-11-20T24:00:00.000Z",
    "2026-11-20T10:00:60.000Z",
    "infinity",
  ])(
    "W12 B13 %s is no moment of an entry, so that no log holds one that nobody reads",
    async (at) => {
      for (const [who, call] of [
        ["stage", `append_audit('${run}', 'wavegate', 'rolled-back', null, '{}', '${at}')`],
        ["commit", `append_audit('${run}', 'wavegate', 'rolled-back', null, '{}', '${at}')`],
        ["sign", `append_security('wavegate', 'looked', '{}', '${at}')`],
      ] as const)
        await expect(as(who).query(`select wavegate.${call}`), who).rejects.toMatchObject({
          code: "23514",
        });
    },
  );
});

it.each(["repeatable read", "serializable"])(
  "W8 B9 nothing is decided on an older picture of what is there, as a transaction has one that is %s",
  async (isolation) => {
    const client = as("sign");
    const said = async (statement: string) => {
      await client.query(`begin isolation level ${isolation}`);
      const code = await client.query(statement).then(
        () => "done",
        (error: { code: string }) => error.code,
      );
      await client.query("rollback");
      return code;
    };
    const acts = (await callable("sign"))
      .filter(({ name, args }) => name !== "known_as" && args.some((arg) => /person|who/.test(arg)))
      .map(({ name, types, given }) => {
        const args = given.map((value, n) => `${value}::${types[n]}`);
        return `select wavegate.${name}(${args.join(", ")})`;
      });
    expect(acts.length).toBeGreaterThan(12);
    const late = "25001";
    for (const [statement, code] of [
      ...[...acts, `select wavegate.erase_due('${run}', 1, 0, 1)`].map((act) => [act, late]),
      [
        `insert into wavegate.sign_offs (id, run_id, gate, digest, link_hash, expires_at) values (gen_random_uuid(), '${run}', 'first_wave', 'd', 'l', now());
         update wavegate.sign_offs set status = 'approved' where run_id = '${run}'`,
        late,
      ],
      // What nobody was asked about nobody decides.
      ...["status", "decided_order", "asked_order"].map((column) => [
        `insert into wavegate.sign_offs (id, run_id, gate, digest, ${column}) values (gen_random_uuid(), '${run}', 'first_wave', 'd', null)`,
        "42501",
      ]),
    ] as const)
      expect([statement, await said(statement ?? "")]).toEqual([statement, code]);
  },
);
