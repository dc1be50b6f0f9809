import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { OfTheMoment } from "../lib/data/failures.ts";
import type { Fault as CallFault, Operation } from "../lib/embedded/rds-data/service.ts";
import type { Fault } from "./faults.ts";
import type { Ground } from "./ground.ts";
import { broken, type Outcome, outcomeOf, platformDigest } from "./proofs.ts";
import { lookInto, type Runtime, startRuntime } from "./runtime.ts";
import { begin, nextStep, type Progress, ProofFailed, type Step } from "./workflow.ts";

/** How a schedule ended: what does not hold, and what was seen on the way. */
export interface Ended {
  readonly failures: readonly string[];
  /** Errors that steps ended with, by how often. */
  readonly errors: Readonly<Record<string, number>>;
  readonly calls: ReadonlyMap<string, number>;
  readonly outcome: Outcome | undefined;
  readonly milliseconds: number;
}

/** Steps of a run with everything that is tried again: more means that it does not come to an end. */
const mostSteps = 150;
const stepMs = 100_000;

/** Runs the whole workflow, there and back, with these faults, and proves what must hold. */
export async function runSchedule(
  ground: Ground,
  s3: string,
  faults: readonly Fault[],
  expected: Outcome | undefined,
): Promise<Ended> {
  const started = performance.now();
  const name = `campaign_${randomUUID().replaceAll("-", "")}`;
  const full = faults.some(({ kind }) => kind === "full disk");
  const url = await ground.createDatabase(name, full);
  const look = lookInto(url);
  const machine = new Machine(ground, url, s3, faults, look);
  const failures: string[] = [];
  let outcome: Outcome | undefined;
  try {
    await machine.start();
    const before = await platformDigest(look);
    const progress = begin(randomUUID());
    for (let steps = 0; ; steps++) {
      const step = await nextStep(look, progress);
      if (step === undefined) break;
      if (steps > mostSteps)
        throw new ProofFailed(`it does not come to an end: ${step.name} again`);
      await machine.perform(step, progress);
      if (progress.phase === "back" && outcome === undefined) {
        failures.push(...(await broken(look, progress.run)));
        outcome = await outcomeOf(look, progress.run);
        if (expected !== undefined && JSON.stringify(outcome) !== JSON.stringify(expected)) {
          failures.push(`it came to ${JSON.stringify(outcome)}`);
        }
      }
    }
    failures.push(...(await broken(look, progress.run)));
    const after = await platformDigest(look);
    for (const [table, digest] of Object.entries(after)) {
      if (before[table] !== digest) failures.push(`${table} is not what it was before`);
    }
  } catch (error) {
    failures.push(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
  } finally {
    await machine.end();
    await look.end();
    await ground.dropDatabase(name);
  }
  failures.push(...machine.raw);
  return {
    failures,
    errors: machine.errors,
    calls: machine.calls,
    outcome,
    milliseconds: performance.now() - started,
  };
}

/** Whether an error is in the database's words, where a sentence had to be: one that is sent again names its state, too. */
export const isRaw = (error: unknown): boolean =>
  !(error instanceof OfTheMoment) &&
  /SQLState: (23505|23503|40P01|22|42)/.test((error as Error).message);

class Killed extends Error {
  override readonly name = "Killed";
}

/** The machine that a schedule runs on, and what goes wrong on it. */
class Machine {
  readonly errors: Record<string, number> = {};
  readonly calls = new Map<string, number>();
  /** Errors in the database's words, where a sentence had to be. */
  readonly raw: string[] = [];
  readonly #ground: Ground;
  readonly #url: string;
  readonly #s3: string;
  readonly #faults: readonly Fault[];
  readonly #look: pg.Pool;
  readonly #seen = new Set<string>();
  readonly #ended: Promise<void>[] = [];
  #runtime: Runtime | undefined;
  #step: string | undefined;
  #call = 0;
  #offset = 0;
  #loseRollback: Fault | undefined;
  #kill: (() => void) | undefined;

  constructor(ground: Ground, url: string, s3: string, faults: readonly Fault[], look: pg.Pool) {
    this.#ground = ground;
    this.#url = url;
    this.#s3 = s3;
    this.#faults = faults;
    this.#look = look;
  }

  async start(): Promise<void> {
    this.#runtime = await this.#start();
  }

  async end(): Promise<void> {
    await this.#runtime?.kill();
    await Promise.allSettled(this.#ended);
    await this.#ground.disk?.empty();
  }

  /** Does a step, with what goes wrong in it; afterwards nothing of it is under way any more. */
  async perform(step: Step, progress: Progress): Promise<void> {
    const first = !this.#seen.has(step.name);
    this.#seen.add(step.name);
    const planned = first ? this.#faults.filter((fault) => fault.step === step.name) : [];
    const has = (kind: Fault["kind"]) => {
      const fault = planned.find((each) => each.kind === kind && !each.fired);
      if (fault) fault.fired = true;
      return fault !== undefined;
    };
    this.#step = first ? step.name : undefined;
    this.#call = 0;
    if (has("clock jump")) this.#offset += (this.#offset === 0 ? 1 : -2) * 3 * 3_600_000;
    const runtime = this.#runtime as Runtime;
    const killed = new Promise<never>((_, reject) => {
      this.#kill = () => reject(new Killed());
    });
    killed.catch(() => {});
    // The legacy database is read in few and short sittings: the cut waits for one.
    const cut = planned.find(({ kind }) => kind === "cut connections to MariaDB");
    if (cut) {
      runtime.mariadb.cutAtPiece(cut.call % 8, () => {
        cut.fired = true;
      });
    }
    const works = [() => step.work(runtime.services)];
    if (has("duplicate delivery")) works.push(() => step.work(runtime.services));
    let other: Runtime | undefined;
    if (has("second runtime at once")) {
      other = await this.#start();
      const second = other;
      works.push(() => step.work(second.services));
    }
    const again = has("delivered once more");
    const late = sleep(stepMs, undefined, { ref: false }).then(() => {
      throw new ProofFailed(`${step.name} did not end within ${stepMs / 1000} s`);
    });
    const all = Promise.allSettled(works.map((work) => work()));
    try {
      const ends = await Promise.race([all, killed, late]);
      if (again) ends.push(...(await Promise.allSettled([step.work(runtime.services)])));
      let failed = false;
      for (const end of ends) {
        if (end.status === "fulfilled") continue;
        failed = true;
        this.#note(step.name, end.reason);
      }
      if (failed) forget(progress);
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      forget(progress);
      this.#count("killed");
      const dead = runtime.kill();
      // What was under way finds nobody any more; it ends before anything is looked at.
      await Promise.race([Promise.all([dead, all]), late]);
      this.#runtime = await this.#start();
    } finally {
      if (this.#step !== undefined) this.calls.set(step.name, this.#call);
      this.#step = undefined;
      this.#loseRollback = undefined;
      await other?.kill();
      if (this.#faults.some(({ kind }) => kind === "full disk")) await this.#ground.disk?.empty();
    }
  }

  #note(step: string, error: unknown): void {
    if (error instanceof ProofFailed) throw error;
    const { name, message } = error as Error;
    this.#count(name === "Error" ? message.slice(0, 60) : name);
    if (isRaw(error)) this.raw.push(`${step}: ${message}`);
  }

  #count(what: string): void {
    this.errors[what] = (this.errors[what] ?? 0) + 1;
  }

  #start(): Promise<Runtime> {
    return startRuntime({
      database: this.#url,
      legacy: this.#ground.legacy,
      s3: this.#s3,
      now: () => new Date(Date.now() + this.#offset),
      onCall: (operation, { postgres }) => this.#onCall(operation, postgres),
    });
  }

  #onCall(operation: Operation, postgres: Runtime["postgres"]): CallFault | undefined {
    if (this.#loseRollback && operation === "RollbackTransaction") {
      this.#loseRollback.fired = true;
      this.#loseRollback = undefined;
      return { kind: "throttle" };
    }
    const call = this.#call++;
    const fault = this.#faults.find(
      (each) => !each.fired && each.step === this.#step && each.call === call,
    );
    switch (fault?.kind) {
      case "lost response":
        fault.fired = true;
        return { kind: "lose-response" };
      case "throttled call":
        fault.fired = true;
        return { kind: "throttle" };
      case "database that resumes":
        fault.fired = true;
        return { kind: "resuming" };
      case "statement time-out":
        fault.fired = true;
        return { kind: "timeout" };
      case "lost rollback":
        this.#loseRollback = fault;
        return { kind: "lose-response" };
      case "cut connections to PostgreSQL":
        this.#soon(() => {
          fault.fired = postgres.cut() > 0;
        });
        return undefined;
      case "cancelled backends":
      case "terminated backends":
        this.#soon(() => this.#signal(fault));
        return undefined;
      case "killed runtime":
        fault.fired = true;
        this.#soon(() => this.#kill?.());
        return undefined;
      case "full disk":
        fault.fired = true;
        this.#ended.push(this.#ground.disk?.fill() ?? Promise.resolve());
        return undefined;
      default:
        return undefined;
    }
  }

  /** In the middle of the call that just began. */
  #soon(work: () => unknown): void {
    this.#ended.push(sleep(1).then(async () => void (await work())));
  }

  async #signal(fault: Fault): Promise<void> {
    const how = fault.kind === "cancelled backends" ? "pg_cancel_backend" : "pg_terminate_backend";
    const { rows } = await this.#look.query<{ done: boolean }>(
      `select ${how}(pid) as done from pg_stat_activity
        where datname = current_database() and usename like 'wavegate%' and pid <> pg_backend_pid()
          and (state <> 'idle' or $1 = 'pg_terminate_backend')`,
      [how],
    );
    fault.fired = rows.some(({ done }) => done);
  }
}

/** As a new execution: what comes next is found from what is stored. */
function forget(progress: Progress): void {
  progress.ranges = undefined;
  progress.next = undefined;
  progress.wave = [];
}
