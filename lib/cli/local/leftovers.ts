import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { homeAt } from "../../embedded/runtime/home.ts";
import { ownMark, type ProcessMark, stillRuns } from "../../embedded/runtime/processes.ts";
import { holderOf } from "../../embedded/runtime/runtime-file.ts";

/** Folders of demos begin so, inside the folder of the machine's own runtime. */
export const demoPrefix = "demo-";

const noteOf = (folder: string): string => join(folder, "demo.json");
const Mark = z.object({ pid: z.number().int(), began: z.string() });

/** Notes this process as the demo that a folder belongs to: when it is gone, what runs there is left over. */
export async function noteDemo(folder: string): Promise<void> {
  await writeFile(noteOf(folder), JSON.stringify(await ownMark()), { mode: 0o600 });
}

/** A runtime that a demo started and did not end, as it was killed. */
interface Leftover {
  readonly folder: string;
  readonly runtime: ProcessMark;
}

/**
 * What killed demos left running below a folder. A process is theirs only by the mark it wrote itself:
 * its number and the moment it began, so that one which was given the number later is never meant.
 */
export async function leftoversIn(folder: string): Promise<Leftover[]> {
  const names = await readdir(folder).catch(() => []);
  const left: Leftover[] = [];
  for (const name of names.filter((each) => each.startsWith(demoPrefix))) {
    const home = homeAt({ WAVEGATE_HOME: join(folder, name) }, folder);
    const demo = await markIn(noteOf(home.folder));
    const runtime = await holderOf(home);
    const ownerGone = demo === undefined || !(await stillRuns(demo));
    if (runtime !== undefined && ownerGone) left.push({ folder: home.folder, runtime });
  }
  return left;
}

async function markIn(file: string): Promise<ProcessMark | undefined> {
  const text = await readFile(file, "utf8").catch(() => "");
  try {
    return Mark.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Ends what killed demos left, with their databases; returns what it ended. */
export async function endLeftovers(folder: string): Promise<Leftover[]> {
  const left = await leftoversIn(folder);
  for (const { runtime } of left) process.kill(runtime.pid, "SIGTERM");
  for (const { runtime } of left) {
    for (let waited = 0; waited < 60_000 && (await stillRuns(runtime)); waited += 50) {
      await sleep(50);
    }
  }
  return left;
}
