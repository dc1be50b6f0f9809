import { isDeepStrictEqual } from "node:util";
import pg from "pg";
import { expect } from "vitest";
import type { Database } from "../../lib/data/database.ts";
import { addPerson, permissions, removePerson } from "../../lib/review/people/people.ts";
import type { Mail, Services } from "../../lib/services/services.ts";
import { olderMarks, olderRunsOf } from "../support/older-runs.ts";
import {
  aged,
  type LeftServices,
  prepared,
  type TestServices,
  testServices,
} from "../support/services.ts";

/** A waiting execution, as far as sign-offs see one: who started it, and what it was told. */
export interface Waiting {
  starter: string | undefined;
  /** What each token was answered with. */
  readonly told: { token: string; output: unknown }[];
  /** What was asked to be started; a name is used once. */
  readonly started: { machine: string; name: string; input: Record<string, unknown> }[];
  /** While it is true, nobody can be reached. */
  unreachable: boolean;
}

/** A platform with staging over the Data API, people, an outbox and a waiting execution. */
export interface World {
  readonly services: Services;
  readonly admin: pg.Client;
  /** As the administrator, who alone gives permissions. */
  readonly administrator: Database;
  readonly outbox: Mail[];
  readonly execution: Waiting;
  /** The moment it is; tests move it. */
  readonly time: { now: Date };
  close(): Promise<void>;
}

/** What a world begins with beside its people, made once in a test run for each name. */
interface Begun {
  readonly name: string;
  readonly prepare: (world: World) => Promise<void>;
  /** What lies behind it: without that, the older runs of every test. */
  readonly over?: LeftServices;
}

interface Older {
  readonly marks: unknown;
  readonly held: Record<string, string>;
}
const olderBy = new Map<string, Promise<Older>>();

/** What older runs hold in a fresh copy of a template: looked at in the first copy, as all begin alike. */
function olderIn(template: string, test: TestServices): Promise<Older> {
  const look = async () => ({ marks: await olderMarks(test), held: await olderRunsOf(test) });
  const found = olderBy.get(template) ?? look();
  olderBy.set(template, found);
  return found;
}

/** Over older runs, which are as they were when it closes. Karim started the run; Amina, Brahim and Lina may decide; Vera only looks. */
export async function startWorld(begun?: Begun): Promise<World> {
  const time = { now: new Date("2026-11-20T10:00:00.000Z") };
  const prepare = async (test: TestServices) => {
    await addSigners(test);
    if (begun === undefined) return;
    const world = await worldOf(test, time);
    await begun.prepare(world);
    await world.admin.end();
  };
  const from = await prepared(begun?.name ?? "signers", prepare, begun?.over ?? (await aged()));
  const test = await testServices({ now: () => time.now, from });
  const world = await worldOf(test, time);
  if (begun?.over !== undefined) return world;
  const older = await olderIn(from.database, test);
  return {
    ...world,
    close: async () => {
      // Where somebody wrote rows of theirs, what they hold has to be what it was.
      const unwritten = isDeepStrictEqual(await olderMarks(test), older.marks);
      const left = unwritten ? older.held : await olderRunsOf(test);
      await world.close();
      expect(left, "what was behind it").toEqual(older.held);
    },
  };
}

async function worldOf(test: TestServices, time: World["time"]): Promise<World> {
  const execution: Waiting = { starter: "karim", told: [], started: [], unreachable: false };
  const services: Services = {
    ...test.services,
    executions: {
      ...test.services.executions,
      starter: async () => execution.starter,
      start: async (machine, name, input) => {
        if (execution.started.some((each) => each.name === name)) {
          throw Object.assign(new Error("already"), { name: "ExecutionAlreadyExists" });
        }
        execution.started.push({ machine, name, input: input as Record<string, unknown> });
        return { executionArn: `arn:execution:${machine}:${name}` };
      },
      succeed: async (token, output) => {
        if (execution.unreachable) throw new Error("unreachable");
        if (execution.told.some((each) => each.token === token)) return "closed";
        execution.told.push({ token, output });
        return "told";
      },
    },
    settings: { ...test.services.settings, signOffUrl: "https://wavegate.example" },
  };
  const admin = new pg.Client({ connectionString: test.url });
  await admin.connect();
  return {
    services,
    admin,
    administrator: test.admin,
    outbox: test.mails,
    execution,
    time,
    close: async () => {
      await admin.end();
      await test.close();
    },
  };
}

async function addSigners({ admin }: TestServices): Promise<void> {
  for (const name of ["operator", "approver", "second"]) await removePerson(admin, name);
  for (const name of ["karim", "amina", "brahim", "lina"]) {
    await addPerson(admin, { name, email: `${name}@example.com`, permissions });
  }
  await addPerson(admin, {
    name: "vera",
    email: "vera@example.com",
    permissions: ["legacy_imports.view"],
  });
}

/** The secret of the newest link that was mailed. */
export function mailedSecret({ outbox }: World): string {
  const found = /https:\/\/wavegate\.example\/sign-off\/(\S+)/.exec(outbox.at(-1)?.text ?? "");
  if (!found?.[1]) throw new Error("No link was mailed.");
  return found[1];
}
