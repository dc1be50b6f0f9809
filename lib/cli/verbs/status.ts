import { setTimeout as sleep } from "node:timers/promises";
import { copiesLeft } from "../../compile/wave/file-copies.ts";
import { erasedSince, type Run } from "../../data/runs.ts";
import { sql, uuid } from "../../data/sql.ts";
import { balance as balanceOf, IMPORT_STATES } from "../../evidence/balance.ts";
import { pinOf } from "../../evidence/pinned.ts";
import { bundleStands } from "../../review/exports/bundle-stands.ts";
import { entriesOf } from "../../review/steer/control.ts";
import { nextStep, nextStepLine } from "../../review/steer/next-step.ts";
import { type Progress, progressOf } from "../../review/steer/progress-of.ts";
import { isRestoring } from "../../review/steer/restore.ts";
import {
  answerOf,
  askedNow,
  leftBy,
  remarkOf,
  type SignOffLine,
  signOffsOf,
  statusWord,
  type WaveLine,
  wavesOf,
  writtenBy,
} from "../../review/steer/standing.ts";
import { machinesAtWork } from "../../services/workflow.ts";
import { sayWhyAsked } from "../../speech/why-asked.ts";
import { type GoNoGo, goNoGo } from "../../stages/wave/go-no-go.ts";
import { whyAsked } from "../../stages/wave/why-asked.ts";
import type { Aws } from "../aws.ts";
import type { Answer, Frame } from "../command.ts";
import { CannotRun } from "../failure.ts";
import type { Io } from "../io.ts";
import { withoutRoom } from "../local/room.ts";
import { pacer } from "../pace.ts";
import { describeProgress } from "../progress.ts";
import { runNamed, runOrLatest } from "../runs.ts";
import { executionOf, failureOf } from "../standing.ts";
import { facts, number, table } from "../table.ts";
import { unread } from "./start.ts";
import { withAws } from "./with-aws.ts";

/** `wavegate status`: what a run waits for, the one next command, and where it stands. */
export const status = (
  frame: Frame,
  runName: string | undefined,
  watch = false,
): Promise<Answer> => {
  if (watch && frame.output === "json") {
    throw new CannotRun(
      "Usage",
      "status --watch is for people; a script takes `wavegate watch --output json`, which ends when somebody is needed.",
    );
  }
  return withAws(frame, async (aws) => {
    const run = await runOrLatest(aws.db, runName);
    return watch ? showAgain(aws, frame, run) : standingOf(aws, frame.io, run);
  });
};

/** Shows the standing anew as it changes, until the run is over or Ctrl-C. */
async function showAgain(aws: Aws, frame: Frame, run: Run): Promise<Answer> {
  const { io } = frame;
  const everyMs = aws.place.name === "local" ? 1_000 : 5_000;
  const left = new AbortController();
  const stopListening = io.onInterrupt(() => left.abort());
  let shown = "";
  try {
    for (;;) {
      const now = await standingOf(aws, io, run);
      const over = left.signal.aborted || (now.json as { alive: boolean }).alive === false;
      if (over) return now.text.join("\n") === shown ? { ...now, text: [] } : now;
      const text = now.text.join("\n");
      if (text !== shown) {
        // On a terminal the new standing takes the old one's place.
        if (io.terminal) (frame.output === "text" ? io.out : io.err)("\u001b[H\u001b[2J\u001b[3J");
        frame.say(`${io.terminal || shown === "" ? "" : "\n"}${text}`);
      }
      shown = text;
      await sleep(everyMs, undefined, { signal: left.signal }).catch(() => {});
    }
  } finally {
    stopListening();
  }
}

async function standingOf(aws: Aws, io: Io, { id }: Pick<Run, "id">): Promise<Answer> {
  // Before anything that is shown, so that what comes meanwhile counts as not seen.
  const seen = await entriesOf(aws.db, id);
  const run = await runNamed(aws.db, id);
  const [{ alive, doing }, waves, signOffs, progress, balance, list, { left }] = await Promise.all([
    executionOf(aws, run, machinesAtWork),
    wavesOf(aws.db, run),
    signOffsOf(aws.db, run),
    pacedProgress(aws, run),
    balanceOf(aws.db, pinOf(run), run.id),
    goNoGo(aws.db, run.id),
    aws.db.one<{ left: number }>(
      sql`select ${copiesLeft} as left from wavegate.legacy_import_runs r where r.id = ${uuid(run.id)}`,
    ),
  ]);
  const full = await withoutRoom(io);
  const failed = alive ? undefined : await failureOf(aws, run);
  const next = nextStep({
    ...{ ...run, alive, doing, ...askedNow(signOffs), written: waves.length > 0, failed },
    copiesLeft: left,
    rowsLeft: balance.committed,
    restoring: await isRestoring(aws.db, run.id),
    seen,
    exported: !alive && run.status === "completed" && (await bundleStands(aws.db, run.id)),
  });
  const pending = signOffs.find(({ status }) => status === "pending");
  const why = pending === undefined ? null : sayWhyAsked.en(whyAsked(pending, signOffs, waves));
  const underWay = progress !== undefined && progress.done < progress.total;
  return {
    json: {
      run: run.reference,
      waits_for: next.waitsFor,
      asked_because: why,
      next: nextStepLine(next),
      next_command: next.command,
      id: run.id,
      migration: run.migration,
      status: run.status,
      trial: run.trial,
      stage: run.stage,
      control: run.control,
      alive,
      started_by: run.started_by,
      connection: run.connection_name,
      focus: run.focus_mode,
      halted_because: run.halted_because,
      failed_because: failed ?? null,
      ...(full === undefined ? {} : { warning: full }),
      erased_at: run.erased_at,
      progress: progress ?? null,
      waves,
      sign_offs: signOffs,
      balance,
      go_no_go: list,
    },
    text: [
      ...(full === undefined ? [] : [full]),
      next.says,
      ...(why === null ? [] : [why]),
      ...(next.command === null ? [] : [`The next step: \`${next.command}\``]),
      ...(run.halted_because === null || run.status !== "halted"
        ? []
        : [`Halted because: ${run.halted_because.message}`]),
      ...(underWay && alive ? [describeProgress(progress)] : []),
      "",
      ...facts([
        ["Run", run.reference],
        ["Migration", run.migration],
        ["Status", statusWord(run, alive)],
        ["Last stage", run.stage],
        ["Started by", run.started_by],
        ["Legacy connection", run.connection_name],
        ["Focus", run.focus_mode],
        ...(run.erased_at === null
          ? []
          : [["Erased", `since ${erasedSince(run)} by ${run.erased_by}`] as [string, string]]),
        ["Staged rows", balance.staged],
        ...(balance.entities ?? []).map((of): [string, string] => [
          `… ${of.entity}`,
          IMPORT_STATES.filter((state) => of[state] > 0)
            .map((state) => `${number(of[state])} ${state.replace("_", " ")}`)
            .join(", "),
        ]),
        ...(balance.conflicts === undefined
          ? []
          : [["Conflicts", balance.conflicts] as [string, number]]),
        ["Balance", balance.holds ? "holds" : "DOES NOT HOLD: see `wavegate balance`"],
      ]),
      ...unread(run),
      ...showWaves(waves),
      ...showSignOffs(signOffs),
      ...showGoNoGo(list),
    ],
  };
}

/**
 * How far the stage under way is. An import is looked at twice: its mean since a slow beginning would
 * tell a time left that is far too long.
 */
async function pacedProgress(aws: Aws, run: Run): Promise<Progress | undefined> {
  const paced = pacer();
  const first = await progressOf(aws.db, run.id);
  if (first?.stage !== "import" || first.done >= first.total) return first;
  paced(first);
  await sleep(1_100);
  const second = await progressOf(aws.db, run.id);
  return second === undefined ? undefined : paced(second);
}

/** R18: eight items, each from evidence; what there is no evidence for yet is no failure. */
export function showGoNoGo({ ready, items }: GoNoGo): string[] {
  const failed = items.some(({ holds, judged }) => judged && !holds);
  return [
    "",
    `Go or no-go: ${ready ? "ready to scale up" : failed ? "NOT ready to scale up" : "not ready to scale up yet"}`,
    ...items.map(({ holds, judged, says }) => `  ${holds ? "✓" : judged ? "✗" : "·"} ${says}`),
    ...(items.some(({ judged }) => !judged) ? ["  (· cannot be told yet)"] : []),
  ];
}

function showWaves(waves: readonly WaveLine[]): string[] {
  if (waves.length === 0) return [];
  return [
    "",
    ...table(
      ["wave", "at most", "status", "clean", "written"],
      waves.map((line) => [
        line.wave,
        line.size,
        line.status,
        line.clean === null ? null : line.clean ? "yes" : "NO",
        [writtenBy(line.counts), leftBy(line)].filter((says) => says !== "").join("; "),
      ]),
    ),
  ];
}

export function showSignOffs(signOffs: readonly SignOffLine[]): string[] {
  if (signOffs.length === 0) return [];
  return [
    "",
    ...table(
      ["gate", "status", "asked", "decided by", "remark"],
      signOffs.map((signOff) => [
        signOff.gate,
        answerOf(signOff),
        signOff.asked_at.slice(0, 16).replace("T", " "),
        signOff.decided_by,
        remarkOf(signOff),
      ]),
    ),
  ];
}
