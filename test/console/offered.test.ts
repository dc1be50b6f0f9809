import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createConsole } from "../../lib/console/app.ts";
import { acts } from "../../lib/console/runs/acts.ts";
import { formGuard } from "../../lib/console/trust.ts";
import { ask } from "../../lib/review/sign-off/sign-offs.ts";
import type { UnderWay } from "../../lib/services/services.ts";
import { reviewExport } from "../../lib/stages/export-review.ts";
import { previewRollback } from "../../lib/stages/preview-rollback.ts";
import { completed, reference, review, runId, stageRun } from "../review/fixture.ts";
import { startWorld, type World } from "../review/support.ts";
import { everyStep } from "../support/every-step.ts";
import { event } from "./event.ts";

const base = "/admin/legacy-imports";
const run = `${base}/runs/${reference}`;

let world: World;
let pages: ReturnType<typeof createConsole>;
let signOff: string;
/** Its rows' ids. */
let rowIds: readonly number[];
let underWay: UnderWay[] = [];

beforeAll(async () => {
  world = await startWorld();
  await stageRun(world.admin, [...completed(3), { legacyId: 9, course: 6, session: 235 }]);
  await review(world, 40);
  await world.admin.query(
    `update wavegate.legacy_import_runs set stage = 'export-review', status = 'waiting', preflight = '{"passed": true}',
       counts = '{"staged_rows": 4}', started_by = 'karim' where id = '${runId}'`,
  );
  await ask(world.services, { run: runId, gate: "first_wave", token: "task-1" });
  signOff = (
    await world.admin.query(
      `select id::text as id from wavegate.sign_offs where run_id = '${runId}'`,
    )
  ).rows[0].id;
  [rowIds] = (
    await world.admin.query(
      `select array_agg(id::int order by id) as ids from wavegate.legacy_student_imports where run_id = '${runId}'`,
    )
  ).rows.map(({ ids }) => ids);
  await world.admin.query(
    "select wavegate.ask_question($1, $2, 'brahim', 'Who is this?'), wavegate.ask_question($1, $3, 'karim', 'And this?')",
    [runId, rowIds[0], rowIds[1]],
  );
  const workflow = {
    ...world.services.workflow,
    underWay: async () => underWay,
    steps: async () => [],
  };
  pages = createConsole({
    services: {
      ...world.services,
      workflow,
      executions: { ...world.services.executions, stop: async () => {} },
    },
    key: Buffer.alloc(32, 7),
    log: { info: () => {}, error: () => {} },
  });
  await remember();
});
afterAll(() => world.close());

/** Everything that a button may change is kept once, and what was changed since is put back before each. */
async function remember(): Promise<void> {
  await world.admin.query(`
    create schema kept;
    create table kept.changed (name text not null);
    create function kept.note() returns trigger language plpgsql security definer as $$ begin
      insert into kept.changed values (tg_table_name);
      return null;
    end $$;
    do $$ declare t text; begin
      for t in select c.relname from pg_class c where c.relnamespace = 'wavegate'::regnamespace and c.relkind = 'r' loop
        execute format('create table kept.%1$I as table wavegate.%1$I', t);
        execute format('create trigger kept_note after insert or update or delete on wavegate.%I for each statement execute function kept.note()', t);
        -- In whatever mode a session is.
        execute format('alter table wavegate.%I enable always trigger kept_note', t);
      end loop;
    end $$;
    create function kept.put_back() returns void language plpgsql as $$ declare t text; cols text; begin
      set local session_replication_role = replica;
      for t in select distinct name from kept.changed loop
        select string_agg(quote_ident(a.attname), ', ') into cols from pg_attribute a
         where a.attrelid = format('wavegate.%I', t)::regclass and a.attnum > 0 and not a.attisdropped and a.attgenerated = '';
        execute format('delete from wavegate.%1$I', t);
        execute format('insert into wavegate.%1$I (%2$s) overriding system value select %2$s from kept.%1$I', t, cols);
      end loop;
      delete from kept.changed;
    end $$;`);
}

/** How the run stands, until something is changed. */
let standing: { readonly as: string; readonly changed: number } | undefined;
const changed = async () =>
  Number((await world.admin.query("select count(*) as n from kept.changed")).rows[0].n);

/** Brings the run into a state past whatever triggers keep it from; nothing else is as before. */
async function standsAs(state: string): Promise<void> {
  world.execution.started.splice(0);
  if (standing?.as === state && standing.changed === (await changed())) return;
  await world.admin.query("select kept.put_back()");
  await world.admin.query(
    `set session_replication_role = replica; ${state}; reset session_replication_role`,
  );
  standing = { as: state, changed: await changed() };
}

/** What somebody sees of the run as nobody touched it. */
const shown = new Map<string, Awaited<ReturnType<typeof send>>>();
async function look(state: string, way: string, path: string, person: string) {
  const key = [state, way, path, person].join("\n");
  const before = shown.get(key);
  if (before !== undefined) return before;
  await standsAs(state);
  const page = await send("GET", path, person);
  shown.set(key, page);
  return page;
}

const send = async (method: string, path: string, person: string, body?: URLSearchParams) =>
  pages(event(method, path, person, body?.toString()));

/** A button of a page, as a browser sends its form filled in. */
interface Button {
  readonly action: string;
  readonly says: string;
  readonly fields: URLSearchParams;
}

/** What somebody fills in, by the name of the field. */
const filledIn: Readonly<Record<string, string>> = {
  reason: "Looked at.",
  question: "Is it so?",
  comment: "Looked at.",
  target: "11",
  by: "phone",
  value: "0559446168",
  percentage: "100",
};

/** Every button of every form of a page that is sent, but for the one of the language. */
function buttonsOf(body: string): Button[] {
  const forms = [...body.matchAll(/<form method="post" action="([^"]+)"[^>]*>(.*?)<\/form>/gsu)];
  return forms
    .flatMap(([, action = "", inner = ""]) => {
      const attribute = (tag: string, name: string) =>
        new RegExp(`\\b${name}="([^"]*)"`, "u").exec(tag)?.[1];
      const fields = [...inner.matchAll(/<(?:input|textarea|select)\b[^>]*>/gu)].flatMap(
        ([tag]): [string, string][] => {
          const name = attribute(tag, "name");
          // Whoever says that something is wrong ticks what.
          const unticked = attribute(tag, "type") === "checkbox" && !tag.includes('"action"');
          if (name === undefined || unticked) return [];
          return [[name, attribute(tag, "value") ?? filledIn[name] ?? ""]];
        },
      );
      return [...inner.matchAll(/<button\b([^>]*)>(.*?)<\/button>/gsu)].map(
        ([, tag = "", says = ""]) => {
          const name = attribute(tag, "name");
          const own: [string, string][] =
            name === undefined ? [] : [[name, attribute(tag, "value") ?? ""]];
          return {
            action: action.replaceAll("&amp;", "&"),
            says: says.replace(/<kbd.*<\/kbd>|<[^>]*>/gu, "").trim(),
            fields: new URLSearchParams([...fields, ...own]),
          };
        },
      );
    })
    .filter(({ action }) => !action.endsWith("/language"));
}

const ofRun = [run, `${run}/rollback`];
/** What is offered of rows, mappings and questions does not hang on what is under way. */
const ofRows = () => [
  `${run}/rows`,
  ...[0, 1, 3].map((at) => `${run}/rows/${rowIds[at]}`),
  `${run}/mappings/course?all=1`,
  `${run}/mappings/session?all=1`,
  `${run}/questions`,
  `${run}/features`,
];
const decision = (id: string) => [`/sign-off/by-id/${id}`, `${base}/sign-offs/${id}/review`];

const step = (about: string, machine: UnderWay["machine"] = "migration"): UnderWay => ({
  machine,
  name: `${runId}-${about}-1`,
  executionArn: `arn:aws:states:eu-west-3:1:execution:${machine}:${runId}-${about}-1`,
});
const of = (what: string) => `update wavegate.legacy_import_runs set ${what} where id = '${runId}'`;
const wave = (status: string) =>
  `insert into wavegate.waves (run_id, wave, size, status, digest, counts) values ('${runId}', 1, 25, '${status}', 'd', '{}')`;
const approved = `update wavegate.sign_offs set status = 'approved', decided_by = 'amina', decided_at = now() where run_id = '${runId}'`;

/** States of a run, with whether what is offered of its rows is looked at as well. */
const states: readonly {
  readonly name: string;
  readonly state: string;
  readonly rows?: boolean;
  /** Looked at with whatever may be under way, by default as well. */
  readonly every?: true;
}[] = [
  { name: "waits for a sign-off", state: "select 1", rows: true },
  { name: "is approved, and at rest", state: `${approved}; ${of("status = 'running'")}` },
  {
    name: "is approved, and its mappings changed",
    state: `${approved}; update wavegate.legacy_course_mappings set course_id = 12 where course_id = 11`,
  },
  { name: "is halted", state: of("status = 'halted'"), every: true },
  { name: "is halted on its way back", state: of("status = 'halted', control = 'stop'") },
  {
    name: "failed its first checks",
    state: of(`status = 'halted', stage = 'preflight', preflight = '{"passed": false}'`),
  },
  { name: "is paused", state: of("status = 'paused', control = 'pause'") },
  { name: "is stopped", state: of("status = 'stopped', control = 'stop'"), rows: everyStep },
  {
    name: "has a verified wave",
    state: `${approved}; ${wave("verified")}; ${of("status = 'running'")}`,
  },
  {
    name: "is complete",
    state: `${approved}; ${wave("verified")}; ${of("status = 'completed'")}`,
    rows: everyStep,
    every: true,
  },
  { name: "had nothing to commit", state: of("status = 'completed'") },
  {
    name: "is complete, and a rollback of it began",
    state: `${wave("verified")}; ${of("status = 'completed', control = 'stop'")}`,
  },
  {
    name: "is rolled back",
    state: `${wave("rolled_back")}; ${of("status = 'rolled_back', control = 'stop'")}`,
  },
  {
    name: "has no people any more",
    state: `${wave("verified")}; ${of("status = 'completed', erased_at = now(), erased_by = 'karim', erased_rows = 4")}`,
    rows: true,
  },
  {
    name: "is halted, without its people",
    state: of("status = 'halted', erased_at = now(), erased_by = 'karim', erased_rows = 4"),
  },
  {
    name: "is a trial",
    state: of(`trial = '{"rows": 500}', stage = 'dry-run', status = 'completed'`),
  },
];

const ways: readonly (readonly [string, readonly UnderWay[]])[] = [
  ["nothing", []],
  ["the run itself", [step("run")]],
  ["an import alone", [step("import")]],
  ["an export alone", [step("export-audit")]],
];

const waysOf = (every: boolean) => (every || everyStep ? ways : ways.slice(0, 1));

/** What the execution that was started does first is what would refuse it. */
async function carriedOut(): Promise<string> {
  const [begun] = world.execution.started;
  const about = `${begun?.input.only ?? ""}${begun?.input.preview ?? ""}`;
  const { services } = world;
  // Of what was only written into these tables for this test nothing can be exported: the name alone is looked at.
  const refusals = new Set(["RunErased", "RunIsTrial"]);
  const work =
    about === "export-review"
      ? reviewExport(services, runId)
      : about === "true"
        ? previewRollback(services, runId)
        : Promise.resolve();
  return work.then(
    () => "",
    (error: Error) => (refusals.has(error.name) ? error.name : ""),
  );
}

describe("R5 R17 M14 what a page offers is what the server takes, in each state of a run", () => {
  it.each(states)("W9 of one that $name", async ({ state, rows = false, every = false }) => {
    const refused: string[] = [];
    const seen = new Set<string>();
    for (const [way, found] of waysOf(every)) {
      underWay = [...found];
      const people = way === "nothing" ? ["karim", "amina"] : ["karim"];
      const paths = [
        ...ofRun,
        ...(rows && way === "nothing" ? [...ofRows(), ...decision(signOff)] : []),
      ];
      for (const person of people) {
        const pressed = new Set<string>();
        for (const path of paths) {
          const page = await look(state, way, path, person);
          expect([path, page.statusCode]).toEqual([path, 200]);
          for (const { action, says, fields } of buttonsOf(page.body)) {
            // The same of two pages is pressed once.
            const button = `${action} ${fields}`;
            if (pressed.has(button)) continue;
            pressed.add(button);
            await standsAs(state);
            const answer = await send("POST", action, person, fields);
            const about = `${way}, ${person}, ${path}: ${says} (${action})`;
            seen.add(says);
            if (answer.statusCode >= 400)
              refused.push(
                `${about}: ${answer.statusCode} ${/<h1>(.*?)<\/h1>/u.exec(answer.body)?.[1]}`,
              );
            else {
              const name = await carriedOut();
              if (name !== "") refused.push(`${about}: begun, and refused as ${name}`);
            }
          }
        }
      }
    }
    expect(refused).toEqual([]);
    if (state === "select 1")
      expect([...seen]).toEqual(expect.arrayContaining(["Stop", "Ask", "Hold this row"]));
    if (state === of("status = 'halted'"))
      expect([...seen]).toEqual(expect.arrayContaining(["Let it go on", "Stop now"]));
  });

  /** Taken, and offered to nobody: it changes nothing there, or the page offers what is meant. */
  const needless: readonly (readonly [
    act: string,
    why: string,
    when: (about: About) => boolean,
  ])[] = [
    [
      "resume",
      "it goes on already",
      ({ alive, control, status }) =>
        alive && control === "run" && status !== "halted" && status !== "paused",
    ],
    [
      "resume",
      "what was taken back begins anew with a new run",
      ({ status }) => status === "rolled_back",
    ],
    ["resume", "its first checks failed: a new run is started", ({ passed }) => !passed],
    [
      "pause",
      "nothing of it is under way, or it waits or ends already",
      ({ alive, control, status }) => !alive || control !== "run" || status === "halted",
    ],
    [
      "stop",
      "it is told so already, or is over",
      ({ control, status }) =>
        control === "stop" || ["completed", "stopped", "rolled_back"].includes(status),
    ],
    ["stop-now", "nothing of it is under way", ({ alive }) => !alive],
    [
      "export-review",
      "the run itself comes to it",
      ({ stage, trial }) => trial || !["dry-run", "export-review"].includes(stage),
    ],
    ["export-review", "its people are erased", ({ erased }) => erased],
    ["export-audit", "nothing is shown of it yet", ({ stage }) => stage !== "export-review"],
    [
      "next-wave",
      "it is told otherwise, or over",
      ({ control, status, erased }) =>
        control !== "run" || erased || ["completed", "stopped", "rolled_back"].includes(status),
    ],
  ];
  interface About {
    readonly alive: boolean;
    readonly control: string;
    readonly status: string;
    readonly stage: string;
    readonly passed: boolean;
    readonly trial: boolean;
    readonly erased: boolean;
  }

  it.each(states)(
    "W9 nothing is kept from who may of one that $name, but for a reason",
    async ({ state, every = false }) => {
      const kept: string[] = [];
      for (const [way, found] of waysOf(every)) {
        underWay = [...found];
        await standsAs(state);
        const { rows } = await world.admin.query(`
        select control, status, stage, (preflight ->> 'passed')::boolean as passed, trial is not null as trial,
               erased_at is not null as erased from wavegate.legacy_import_runs where id = '${runId}'`);
        const about: About = { ...rows[0], alive: found.length > 0 };
        const { body } = await look(state, way, run, "karim");
        for (const { name } of acts) {
          const path = `${run}/${name}`;
          if (body.includes(`action="${path}"`)) continue;
          if (needless.some(([act, , when]) => act === name && when(about))) continue;
          await standsAs(state);
          const csrf = tokenFor(path);
          const { statusCode } = await send("POST", path, "karim", new URLSearchParams({ csrf }));
          if (statusCode < 400) kept.push(`${way}: ${name}`);
        }
      }
      expect(kept).toEqual([]);
    },
  );
});

const tokenFor = (path: string) =>
  formGuard(Buffer.alloc(32, 7), world.services.settings.signOffUrl).tokenFor("karim", path);
