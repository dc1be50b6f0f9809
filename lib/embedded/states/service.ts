import { randomBytes } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { AslDefinition } from "./asl.ts";
import { Trail, type TrailHabits } from "./cloudtrail.ts";
import { Definitions, writeDurably } from "./definitions.ts";
import { Executions } from "./executions.ts";
import { type Authenticate, serve } from "./http.ts";
import type { Invoke } from "./run.ts";
import { TaskTokens } from "./tokens.ts";
import { refuseInvalid } from "./validate.ts";

/** What the stand-in for Step Functions needs. */
interface StatesOptions {
  /** Folder for everything that outlives the process; one process at a time. */
  directory: string;
  /** Machines by name, substitutions done. */
  machines: Record<string, AslDefinition>;
  /** Calls a Lambda function by its plain name; a thrown error's name is what the state sees. */
  invoke: Invoke;
  /** Returns who calls; throws an error with AWS's name of the refusal. */
  authenticate: Authenticate;
  /** Refuses what a caller may not do, by throwing; without it everybody may do everything. */
  authorize?: (caller: string, operation: string) => void;
  region?: string;
  account?: string;
  /** 0, the default, takes any free port. */
  port?: number;
  clock?: () => Date;
  trail?: TrailHabits;
}

/** A running stand-in. */
export interface StatesService {
  /** Endpoint for `@aws-sdk/client-sfn` and, for what was started by whom, `client-cloudtrail`. */
  url: string;
  /** Stops answering; what is under way rests until the next start with the same folder. */
  close(): Promise<void>;
  executionsUnderWay(): number;
}

/**
 * Starts Step Functions (and the part of CloudTrail that records its calls) on this machine.
 *
 * Everything is on the disk before it counts. After a crash an execution goes on in the outermost
 * state it stood in, with its logged input; what that state had finished (tasks of a Map's or a
 * Parallel's iterations too) is taken from the log, task tokens stay valid, children are found
 * again. Only a function that was being called when the process died is called once more.
 *
 * Differences from AWS: no permissions, no quotas but the size of data and of the history, only
 * the resources in `resource.ts`, and no distributed Map or JSONata (refused at the start).
 */
export async function startStatesService(options: StatesOptions): Promise<StatesService> {
  const { directory, machines, invoke, authenticate, authorize } = options;
  const place = {
    region: options.region ?? "us-east-1",
    account: options.account ?? "000000000000",
  };
  const clock = options.clock ?? (() => new Date());
  const now = () => clock().getTime();

  for (const [name, definition] of Object.entries(machines)) refuseInvalid(name, definition);
  await mkdir(directory, { recursive: true });
  const tokens = new TaskTokens(await secretOf(directory));
  const trail = await Trail.open(place, directory, now, options.trail);
  const definitions = new Definitions(directory);
  await definitions.store(machines);
  const around = { region: place.region, tokens, invoke, now };
  const executions = new Executions(place, directory, definitions, around);
  await executions.load();

  const service = { place, definitions, executions, tokens, trail, since: now() };
  const server = await serve(service, { authenticate, authorize }, options.port ?? 0);
  executions.resume();
  return {
    url: server.url,
    executionsUnderWay: () => executions.all().filter((it) => it.status === "RUNNING").length,
    close: async () => {
      await server.close();
      await executions.close();
      await trail.close();
    },
  };
}

/** The secret that task tokens are made with; made once for each folder. */
async function secretOf(directory: string): Promise<Buffer> {
  const path = join(directory, "token-secret");
  const known = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return undefined;
    throw cause;
  });
  if (known?.length === 32) return known;
  const secret = randomBytes(32);
  await writeDurably(path, secret);
  return secret;
}
