import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { reviewed, reviewedServices, roles, type TestServices } from "../support/services.ts";

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
  await test.query(
    `select wavegate.ask_question('${reviewed}', 1, 'operator', 'why?'), wavegate.hold_row('${reviewed}', 2, 'operator', 'because')`,
  );
});
afterAll(async () => {
  for (const client of clients.values()) await client.end();
  await test.close();
});

/** What each argument is as a rule, by its name. */
const usual: Readonly<Record<string, string>> = {
  run: `'${reviewed}'`,
  ...{ person: "'approver'", who: "'approver'", starter: "'approver'", actor: "'wavegate'" },
  ...{ action: "'looked'", digest: "'d'", details: "'{}'", at: "'2026-11-20T10:00:00.000Z'" },
  ...{
    staged: "2",
    because: "'because'",
    says: "'why?'",
    command: "'stop'",
    outcome: "'restored'",
  },
  ...{ behind: "0", most: "1", days: "1", feature: "'f'", percent: "0", segments: "'[]'" },
  decisions: `'[{"id": 1, "reject": true}]'`,
  ...{ of_wave: "1", tables: "'{crm_leads}'" },
};
/** Arguments that are called the same and are something else. */
const otherwise: Readonly<Record<string, string>> = {
  "void_sign_offs.which": "'all'",
  "close_question.which": "1",
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
  beforeEach(() => test.query(`update wavegate.legacy_import_runs set ${standing}`));

  it("with nothing in the place of one argument the owner's functions do nothing", async () => {
    /** Of what may be left out. */
    const may = [
      ...["append_audit.digest", "void_sign_offs.because"],
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
        ["stage", `append_audit('${reviewed}', 'wavegate', 'rolled-back', null, '{}', '${at}')`],
        ["commit", `append_audit('${reviewed}', 'wavegate', 'rolled-back', null, '{}', '${at}')`],
        ["sign", `append_security('wavegate', 'looked', '{}', '${at}')`],
      ] as const)
        await expect(as(who).query(`select wavegate.${call}`), who).rejects.toMatchObject({
          code: "23514",
        });
    },
  );
});
