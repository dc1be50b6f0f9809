import { beforeEach, expect } from "vitest";
import { createConsole } from "../../lib/console/app.ts";
import { addPerson } from "../../lib/review/people/people.ts";
import { ask } from "../../lib/review/sign-off/sign-offs.ts";
import type { Services, StepEvent, UnderWay } from "../../lib/services/services.ts";
import { completed, reference, review, runId, stageRun } from "../review/fixture.ts";
import { startWorld, type World } from "../review/support.ts";
import { event } from "./event.ts";

export const base = "/admin/legacy-imports";
export const run = `${base}/runs/${reference}`;

/** The console over a run that is reviewed and waits for its first sign-off, with what the workflow says of it. */
export interface RunsConsole {
  readonly world: World;
  pages: ReturnType<typeof createConsole>;
  /** What the workflow says: executions under way, their steps, what was ended. */
  underWay: UnderWay[];
  events: StepEvent[];
  stopped: string[];
  /** The console over another workflow; what it ends is noted. */
  over(
    workflow: Services["workflow"],
    start: Services["executions"]["start"],
  ): ReturnType<typeof createConsole>;
  look(path: string, person?: string): Promise<string>;
  /** The token of the form of a page that goes to an address; empty where it has none. */
  tokenOn(page: string, path: string, person: string): Promise<string>;
  /** Sends the form of this page that goes to an address. */
  press(
    page: string,
    path: string,
    person: string,
    token?: string,
  ): Promise<Awaited<ReturnType<RunsConsole["pages"]>>>;
  /** What the run is told to do. */
  control(): Promise<string>;
}

async function prepare(world: World): Promise<void> {
  await stageRun(world.admin, [...completed(3), { legacyId: 9, name: "<b>Sara</b>" }]);
  await review(world);
  await world.admin.query(
    `update wavegate.legacy_import_runs set stage = 'export-review', status = 'waiting', preflight = '{"passed": true}',
       counts = '{"staged_rows": 4}', started_by = 'karim' where id = '${runId}'`,
  );
  await ask(world.services, { run: runId, gate: "first_wave", token: "task-1" });
  await addPerson(world.administrator, {
    name: "<i>roland</i>",
    email: "roland@example.com",
    permissions: ["legacy_imports.view", "legacy_imports.rollback"],
  });
}

/** Starts it; {@link asBefore} brings it back to its beginning before each test. */
export async function runsConsole(): Promise<RunsConsole> {
  const world = await startWorld({ name: "signers_runs_console", prepare });
  const { workflow, executions } = world.services;
  const at: RunsConsole = {
    ...{ world, underWay: [], events: [], stopped: [] },
    pages: async () => expect.unreachable(),
    over: (workflow, start) =>
      createConsole({
        services: {
          ...world.services,
          workflow,
          executions: {
            ...world.services.executions,
            start,
            stop: async (arn) => void at.stopped.push(arn),
          },
        },
        key: Buffer.alloc(32, 7),
        log: { info: () => {}, error: () => {} },
      }),
    look: async (path, person = "vera") => {
      const answer = await at.pages(event("GET", path, person));
      expect(answer.statusCode).toBe(200);
      return answer.body.slice(0, answer.body.indexOf("<footer>"));
    },
    tokenOn: async (page, path, person) => {
      const [, csrf = ""] =
        new RegExp(`action="${path}"><input type="hidden" name="csrf" value="([^"]+)"`, "u").exec(
          await at.look(page, person),
        ) ?? [];
      return csrf;
    },
    press: async (page, path, person, token) => {
      const csrf = token ?? (await at.tokenOn(page, path, person));
      return at.pages(event("POST", path, person, new URLSearchParams({ csrf }).toString()));
    },
    control: async () =>
      (
        await world.admin.query(
          `select control from wavegate.legacy_import_runs where id = '${runId}'`,
        )
      ).rows[0].control,
  };
  const told = {
    ...workflow,
    underWay: async () => at.underWay,
    steps: async () => at.events,
  };
  at.pages = at.over(told, executions.start);
  return at;
}

/** As before each test: the run's execution is under way, and nothing was begun. */
export const asBefore = (of: () => RunsConsole): void =>
  beforeEach(async () => {
    const at = of();
    at.underWay = [{ machine: "migration", name: `${runId}-run`, executionArn: "arn:execution" }];
    at.events = [];
    at.stopped = [];
    at.world.execution.started.splice(0);
    await at.world.admin.query(
      `update wavegate.legacy_import_runs set control = 'run', status = 'waiting' where id = '${runId}'`,
    );
  });
