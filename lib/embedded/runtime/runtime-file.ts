import { rm } from "node:fs/promises";
import * as z from "zod";
import { writeFileDurably } from "../identity/durable.ts";
import { withFileLock } from "../identity/lock.ts";
import { type Home, readIfThere } from "./home.ts";
import { ownMark, type ProcessMark, stillRuns } from "./processes.ts";

const Mark = z.object({ pid: z.number().int(), began: z.string() });

const RuntimeFile = Mark.extend({
  /** ISO 8601. */
  started: z.string(),
  /** Addresses by part: rds-data, s3, mail, pages, states. */
  urls: z.record(z.string(), z.string()),
  /** Where PostgreSQL is; `adminUrl` holds the administrator's password. */
  database: z.object({ own: z.boolean(), address: z.string(), adminUrl: z.string() }),
  /** What the AWS clients of this machine need: endpoints and ARNs, no credentials. */
  environment: z.record(z.string(), z.string()),
  /** Of which wavegate it was started (`code-state.ts`); of an earlier one nothing is said. */
  code: z.string().optional(),
});
export type RuntimeFile = z.infer<typeof RuntimeFile>;

/** Another process holds this folder. */
export class AlreadyRunning extends Error {
  override readonly name = "AlreadyRunning";
  readonly pid: number;

  constructor(home: Home, pid: number) {
    super(
      `A runtime (process ${pid}) holds ${home.folder} already. Nothing was changed. End it with \`wavegate local down\`, or choose another folder with WAVEGATE_HOME.`,
    );
    this.pid = pid;
  }
}

/** Takes the folder for this process; a holder that no longer runs is nobody. Errors: {@link AlreadyRunning}. */
export async function takeHome(home: Home): Promise<ProcessMark> {
  const mark = await ownMark();
  await withFileLock(`${home.processFile}.lock`, async () => {
    const holder = await holderOf(home);
    if (holder !== undefined) throw new AlreadyRunning(home, holder.pid);
    await rm(home.runtimeFile, { force: true });
    await writeFileDurably(home.processFile, JSON.stringify(mark), { mode: 0o600 });
  });
  return mark;
}

/** The process that holds the folder (starting, running or ending), if it is still there. */
export async function holderOf(home: Home): Promise<ProcessMark | undefined> {
  const text = await readIfThere(home.processFile);
  const mark = text === undefined ? undefined : parse(Mark, text);
  return mark !== undefined && (await stillRuns(mark)) ? mark : undefined;
}

export const announce = (home: Home, runtime: RuntimeFile): Promise<void> =>
  writeFileDurably(home.runtimeFile, `${JSON.stringify(runtime, null, 2)}\n`, { mode: 0o600 });

/** What runs, when it is ready; undefined when nothing runs, also after its process was killed. */
export async function readyRuntime(home: Home): Promise<RuntimeFile | undefined> {
  const text = await readIfThere(home.runtimeFile);
  const runtime = text === undefined ? undefined : parse(RuntimeFile, text);
  return runtime !== undefined && (await stillRuns(runtime)) ? runtime : undefined;
}

/** Forgets this process as the holder. */
export async function leaveHome(home: Home): Promise<void> {
  await rm(home.runtimeFile, { force: true });
  await rm(home.processFile, { force: true });
}

function parse<T>(schema: z.ZodType<T>, text: string): T | undefined {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
