import { afterEach, expect, it } from "vitest";
import { OfTheMoment } from "../../lib/data/failures.ts";
import { findRun } from "../../lib/data/runs.ts";
import { raw as plain } from "../../lib/data/sql.ts";
import { ask } from "../../lib/review/ask.ts";
import { pause, resume, stop } from "../../lib/review/control.ts";
import { decide } from "../../lib/review/decide.ts";
import { eraseSome, eraseWhole } from "../../lib/review/erase.ts";
import { holdRow, releaseRow } from "../../lib/review/held-rows.ts";
import { judgeSamples } from "../../lib/review/judge-samples.ts";
import { decideMappings } from "../../lib/review/mapping-decisions.ts";
import type { Gate } from "../../lib/review/sign-off-store.ts";
import { Refusal } from "../../lib/services/errors.ts";
import { classify } from "../../lib/stages/classify.ts";
import { commit } from "../../lib/stages/commit.ts";
import { drill } from "../../lib/stages/drill.ts";
import { dryRun } from "../../lib/stages/dry-run.ts";
import { auditExport } from "../../lib/stages/export-audit.ts";
import { reviewExport } from "../../lib/stages/export-review.ts";
import { finalVerify } from "../../lib/stages/final-verify.ts";
import { finishImport } from "../../lib/stages/finish-import.ts";
import { importRange } from "../../lib/stages/import-range.ts";
import { match } from "../../lib/stages/match.ts";
import { planImport } from "../../lib/stages/plan-import.ts";
import { preflight } from "../../lib/stages/preflight.ts";
import { previewRollback } from "../../lib/stages/preview-rollback.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { validate } from "../../lib/stages/validate.ts";
import { verify } from "../../lib/stages/verify.ts";
import { everyNth, everyStep } from "../support/every-step.ts";
import { meetingAt } from "../support/overtaken.ts";
import { setUpAgain, type TestServices } from "../support/services.ts";
import { acknowledged, approve, importAll, judgeAll, runWave } from "../support/steps.ts";
import { whatDoesNotHold } from "./holds.ts";
import { run, smallWorlds, type World } from "./worlds.ts";

type Act = (test: TestServices) => Promise<unknown>;

const openQuestion = async (test: TestServices) =>
  (
    await test.query<{ id: string }>(
      "select id from wavegate.sign_offs where run_id = $1 order by asked_at limit 1",
      [run],
    )
  )[0]?.id as string;
/** The first row of the order that waits for a wave. */
const nextRow = async (test: TestServices) =>
  (
    await test.query<{ id: number }>(
      `select id::int from wavegate.legacy_student_imports where run_id = $1 and planned = 'commit'
        and import_state in ('pending', 'rolled_back', 'held') and classification = 'completed' order by id limit 1`,
      [run],
    )
  )[0]?.id ?? 0;
const both =
  (...acts: Act[]): Act =>
  async (test) => {
    for (const act of acts) await act(test);
  };
const decision =
  (verdict: "approve" | "reject", person = "approver"): Act =>
  async (test) =>
    decide(test.services, {
      ref: { id: await openQuestion(test) },
      person,
      decision: verdict,
      comment: "Looked at.",
    });
const says =
  (gate: Gate): Act =>
  (test) =>
    approve(test, run, gate);
const wave =
  (n: number): Act =>
  (test) =>
    runWave(test, run, n);

const acts = {
  preflight: (test) =>
    preflight(test.services, {
      migration: "ecoin",
      run,
      executionArn: `arn:${run}`,
      acknowledge: acknowledged,
    }),
  "plan-import": (test) => planImport(test.services, run),
  "import-range": (test) => importRange(test.services, run, 1),
  "whole import": (test) => importAll(test, run),
  "finish-import": (test) => finishImport(test.services, run),
  validate: (test) => validate(test.services, run),
  classify: (test) => classify(test.services, run),
  match: (test) => match(test.services, run),
  "dry-run": (test) => dryRun(test.services, run),
  "export-review": (test) => reviewExport(test.services, run),
  judging: (test) => judgeAll(test, run),
  mapping: async (test) =>
    decideMappings(
      test.services.sign,
      await findRun(test.services.sign, run),
      "course",
      [{ id: 1, reject: true }],
      "approver",
    ),
  hold: async (test) =>
    holdRow(test.services.sign, await findRun(test.services.sign, run), {
      row: await nextRow(test),
      person: "approver",
      reason: "Two people of one name.",
    }),
  release: async (test) =>
    releaseRow(test.services.sign, await findRun(test.services.sign, run), {
      row: await nextRow(test),
      person: "approver",
      reason: "One person.",
    }),
  ask: (test) => ask(test.services, { run, gate: "first_wave" }),
  approve: decision("approve"),
  reject: decision("reject", "second"),
  "judge-samples": async (test) =>
    judgeSamples(test.services, {
      ref: { id: await openQuestion(test) },
      person: "approver",
      verdicts: [{ stagedId: await nextRow(test), wrong: ["name"] }],
    }),
  "permission lost": (test) =>
    test.query("update wavegate.people set permissions = '[]' where name = 'approver'"),
  "commit 1": (test) => commit(test.services, { run, wave: 1 }),
  "commit 2": (test) => commit(test.services, { run, wave: 2 }),
  "verify 1": (test) => verify(test.services, run, 1),
  drill: (test) => drill(test.services, run),
  rollback: (test) => rollback(test.services, run),
  "rollback to 2": (test) => rollback(test.services, run, 2),
  "preview-rollback": (test) => previewRollback(test.services, run),
  "final-verify": (test) => finalVerify(test.services, run),
  "export-audit": (test) => auditExport(test.services, run),
  pause: (test) => pause(test.services.sign, run, "operator"),
  stop: (test) => stop(test.services.sign, run, "operator"),
  resume: (test) => resume(test.services.sign, run, "operator"),
  erase: async (test) => {
    const { sign } = test.services;
    const found = await findRun(sign, run);
    return eraseWhole((behind) => eraseSome(sign, found, "operator", behind));
  },
  "set-up": (test) => setUpAgain(test, test.definition),
} satisfies Record<string, Act>;
type Name = keyof typeof acts;

/** The run as it was relaunched: taken back, and its first wave written anew. */
const relaunched: readonly Name[] = ["rollback", "resume"];

const another: Readonly<Record<string, Act>> = {
  ...acts,
  "judging of other mappings": both(acts.mapping, acts.judging),
  "approval and wave 1": both(says("first_wave"), wave(1)),
  "wave 1": wave(1),
  "wave 2": wave(2),
  "rollback and relaunch": both(
    ...relaunched.map((name) => acts[name]),
    says("first_wave"),
    wave(1),
  ),
  "relaunch up to wave 2, without a drill": both(
    ...relaunched.map((name) => acts[name]),
    says("first_wave"),
    wave(1),
    says("scale_up"),
  ),
  "resume and wave 1": both(acts.resume, says("first_wave"), wave(1)),
  "rollback and erasing": both(acts.rollback, acts.erase),
  "validation and whole import": both(acts["whole import"], acts.judging),
};

/** Which acts meet which others, in which world: `npm run test:all` meets them all, at every step. */
const all: readonly [World, Name, readonly string[]][] = [
  ["begun", "preflight", ["preflight", "plan-import"]],
  ["begun", "plan-import", ["plan-import", "validation and whole import"]],
  ["planned", "import-range", ["import-range", "validation and whole import"]],
  ["planned", "whole import", ["whole import"]],
  ["imported", "finish-import", ["finish-import", "judging"]],
  ["imported", "validate", ["validate", "judging"]],
  ...(["validate", "classify", "match", "dry-run"] as const).map(
    (stage): [World, Name, readonly string[]] => [
      "reviewed",
      stage,
      [
        stage,
        "validate",
        "judging",
        "judging of other mappings",
        "mapping",
        "hold",
        "approval and wave 1",
        "rollback and erasing",
      ],
    ],
  ),
  ["reviewed", "mapping", ["mapping", "judging", "approval and wave 1"]],
  [
    "reviewed",
    "ask",
    [
      "ask",
      "validate",
      "judging of other mappings",
      "stop",
      "rollback",
      "rollback and erasing",
      "approval and wave 1",
    ],
  ],
  [
    "asked",
    "approve",
    [
      "approve",
      "reject",
      "validate",
      "mapping",
      "rollback",
      "ask",
      "permission lost",
      "judge-samples",
    ],
  ],
  ["asked", "judge-samples", ["approve", "validate"]],
  [
    "approved",
    "commit 1",
    [
      "commit 1",
      "wave 1",
      "rollback",
      "stop",
      "pause",
      "validate",
      "judging of other mappings",
      "hold",
      "rollback and erasing",
      "set-up",
    ],
  ],
  ["approved", "hold", ["hold", "commit 1", "dry-run"]],
  [
    "committed",
    "verify 1",
    ["verify 1", "rollback", "rollback and relaunch", "rollback and erasing"],
  ],
  [
    "verified",
    "drill",
    [
      ...["drill", "rollback", "stop", "pause", "rollback and relaunch", "rollback and erasing"],
      "set-up",
    ],
  ],
  ["verified", "rollback", ["rollback", "drill", "resume and wave 1", "preview-rollback"]],
  [
    "scaled up",
    "commit 2",
    ["commit 2", "wave 2", "rollback", "relaunch up to wave 2, without a drill", "hold"],
  ],
  ["scaled up", "rollback", ["wave 2", "rollback to 2", "resume and wave 1"]],
  [
    "last",
    "final-verify",
    ["final-verify", "rollback", "rollback to 2", "stop", "validate", "mapping"],
  ],
  ["last", "rollback", ["final-verify"]],
  ["completed", "verify 1", ["erase", "rollback"]],
  ["completed", "rollback", ["erase", "rollback to 2", "set-up"]],
  // A machine that comes up sets itself up while its runs go on.
  ["completed", "set-up", ["rollback", "set-up"]],
  ["reviewed", "set-up", ["approval and wave 1", "judging"]],
  ["completed", "erase", ["erase", "rollback", "verify 1", "export-audit"]],
  ["completed", "export-audit", ["erase", "rollback", "export-audit", "set-up"]],
  ["completed", "preview-rollback", ["erase", "rollback"]],
];

/** What may be done of a run of which something is written: each of these meets each. */
const behindWaves: readonly (readonly [World, readonly Name[]])[] = [
  [
    "verified",
    [
      ...(["verify 1", "drill", "rollback", "preview-rollback", "export-audit"] as const),
      ...(["hold", "pause", "stop", "resume", "erase"] as const),
    ],
  ],
  [
    "scaled up",
    [
      ...(["commit 2", "rollback", "rollback to 2", "preview-rollback", "export-audit"] as const),
      ...(["hold", "pause", "stop"] as const),
    ],
  ],
  [
    "completed",
    [
      ...(["final-verify", "verify 1", "rollback", "rollback to 2", "preview-rollback"] as const),
      ...(["export-audit", "erase", "stop"] as const),
    ],
  ],
];
const pairs = behindWaves.flatMap(([world, names]) =>
  names.flatMap((act) => {
    const met = all.flatMap(([in_, first, others]) =>
      in_ === world && first === act ? others : [],
    );
    return names
      .filter((other) => !met.includes(other))
      .map((other) => [world, act, other] as const);
  }),
);

/** Those that `npm test` meets. */
const some: readonly [World, Name, readonly string[]][] = [
  ["begun", "preflight", ["preflight", "plan-import"]],
  ["begun", "plan-import", ["plan-import", "validation and whole import"]],
  ["planned", "import-range", ["import-range", "validation and whole import"]],
  ["planned", "whole import", ["whole import"]],
  ["imported", "finish-import", ["finish-import", "judging"]],
  ["imported", "validate", ["validate", "judging"]],
  ...(["validate", "classify", "match"] as const).map((stage): [World, Name, readonly string[]] => [
    "reviewed",
    stage,
    [stage, "judging of other mappings", "hold", "rollback and erasing"],
  ]),
  ["reviewed", "dry-run", ["dry-run", "validate", "judging"]],
  ["approved", "commit 1", ["commit 1", "rollback", "validate"]],
  ["completed", "rollback", ["set-up"]],
  ["completed", "export-audit", ["set-up"]],
];

const lent = smallWorlds();
const open: TestServices[] = [];
afterEach(async () => {
  for (const test of open.splice(0)) await test.close();
});

const isSentAgain = (error: unknown): boolean =>
  error instanceof OfTheMoment || (error instanceof Refusal && error.name === "WaveContended");

/** How an act ended, once more where it is sent again, as a state machine does; undefined where it was done. */
const sentAgain = async (test: TestServices, act: Act, error: unknown): Promise<unknown> =>
  isSentAgain(error)
    ? act(test).then(
        () => undefined,
        (again: unknown) => again,
      )
    : error;

/** A named refusal is an end, and so is what a state machine sends again; anything else is told. */
const raw = (who: string, error: unknown): string[] =>
  error === undefined || error instanceof Refusal || isSentAgain(error) ? [] : [`${who}: ${error}`];

const every = everyNth(41);
const cases = (everyStep ? all : some)
  .flatMap(([world, act, others]) => others.map((other) => [world, act, other, every] as const))
  // So many that each is met at some of its steps.
  .concat(everyStep ? pairs.map((pair) => [...pair, 13] as const) : []);

// Neighbours begin at other steps.
it.each(cases.map((each, place) => [...each, 1 + ((3 * place) % Math.min(each[3], 7))] as const))(
  "W3 W6 in a run that is %s, %s that %s meets at any step leaves everything whole",
  { timeout: 30 * 60_000 },
  async (world, act, other, stride, from) => {
    const wrong: string[] = [];
    /** Whether the act came as far as that step. */
    const meet = async (nth: number): Promise<boolean> => {
      const test = await lent.lend(world);
      open.push(test);
      const first = await meetingAt(test, nth, acts[act], another[other] as Act);
      const ends = {
        act: await sentAgain(test, acts[act], first.act),
        other: await sentAgain(test, another[other] as Act, first.other),
      };
      const found = [
        ...raw(act, ends.act),
        ...raw(other, ends.other),
        ...(await whatDoesNotHold(test, run)),
      ];
      const how = `step ${nth} (${ends.act ?? "done"} / ${ends.other ?? "done"})`;
      wrong.push(...found.map((line) => `${how}: ${line}`));
      await test.close();
      open.pop();
      return first.met;
    };
    let nth = from;
    while (await meet(nth)) nth += stride;
    // Of few steps the first one, at least.
    if (nth === from) expect(await meet(1)).toBe(true);
    expect(wrong).toEqual([]);
  },
);

it("W3 W11 a set-up that waits for somebody gives way, and says nothing of it: who looks meanwhile is answered, and it is done in the end", async () => {
  const test = await lent.lend("begun");
  open.push(test);
  // As the snapshot of an export does.
  await test.query("begin");
  await test.query(`do $$ declare one record; begin
    for one in select oid::regclass as name from pg_class
                where relkind in ('r', 'p') and relnamespace in ('wavegate'::regnamespace, 'public'::regnamespace) loop
      execute format('lock table %s in access share mode', one.name);
    end loop; end $$`);
  const setUp = setUpAgain(test, test.definition);
  const waitsFor = async () =>
    (
      await test.query<{ name: string }>(
        `select l.relation::regclass::text as name from pg_locks l join pg_stat_activity a using (pid)
          where not l.granted and l.relation is not null and a.datname = current_database()`,
      )
    )[0]?.name;
  let table = await waitsFor();
  while (table === undefined) table = await waitsFor();
  expect(await test.admin.rows(plain(`select 1 as seen from ${table} limit 0`))).toEqual([]);
  await test.query("commit");
  await setUp;
});
