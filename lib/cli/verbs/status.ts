import { migrations } from "../../../migrations/index.ts";
import { balance as balanceOf } from "../../evidence/balance.ts";
import type { Services } from "../../services/services.ts";
import { type GoNoGo, goNoGo } from "../../stages/go-no-go.ts";
import type { Aws } from "../aws.ts";
import type { Answer, Frame } from "../command.ts";
import { describeProgress } from "../progress.ts";
import { progressOf } from "../progress-of.ts";
import { runOrLatest } from "../runs.ts";
import { nextStep } from "../show/next-step.ts";
import {
  executionOf,
  type SignOffLine,
  signOffsOf,
  type WaveLine,
  wavesOf,
  writtenBy,
} from "../standing.ts";
import { facts, table } from "../table.ts";
import { withAws } from "./with-aws.ts";

/** `wavegate status`: where a run stands, and what it needs next. */
export const status = (frame: Frame, runName: string | undefined): Promise<Answer> =>
  withAws(frame, async (aws) => {
    const run = await runOrLatest(aws.db, runName);
    const [{ alive }, waves, signOffs, progress, balance, goNoGo] = await Promise.all([
      executionOf(aws, run),
      wavesOf(aws, run),
      signOffsOf(aws, run),
      progressOf(aws.db, run.id),
      balanceOf(aws.db, run.definition, run.id),
      readiness(aws, run.id),
    ]);
    const pendingGate = signOffs.find((signOff) => signOff.status === "pending")?.gate ?? null;
    const next = nextStep({ ...run, alive, pendingGate });
    const underWay = progress !== undefined && progress.done < progress.total;
    return {
      json: {
        run: run.reference,
        id: run.id,
        migration: run.migration,
        status: run.status,
        stage: run.stage,
        control: run.control,
        alive,
        started_by: run.started_by,
        connection: run.connection_name,
        focus: run.focus_mode,
        halted_because: run.halted_because,
        progress: progress ?? null,
        waves,
        sign_offs: signOffs,
        balance,
        go_no_go: goNoGo,
        next,
      },
      text: [
        ...facts([
          ["Run", run.reference],
          ["Migration", run.migration],
          ["Status", run.status],
          ["Last stage", run.stage],
          ["Started by", run.started_by],
          ["Legacy connection", run.connection_name],
          ["Focus", run.focus_mode],
          ["Staged rows", balance.staged],
          ["Balance", balance.holds ? "holds" : "DOES NOT HOLD: see `wavegate balance`"],
        ]),
        ...(run.halted_because === null || run.status !== "halted"
          ? []
          : ["", `Halted because: ${run.halted_because.message}`]),
        ...(underWay && alive ? ["", describeProgress(progress)] : []),
        ...showWaves(waves),
        ...showSignOffs(signOffs),
        ...showGoNoGo(goNoGo),
        "",
        next,
      ],
    };
  });

/** The go/no-go items reach nothing but the staging database and the list of migrations. */
const readiness = ({ db }: Aws, run: string): Promise<GoNoGo> =>
  goNoGo({ stage: db, migrations } as unknown as Services, run);

/** R18: eight items, each from evidence. */
export function showGoNoGo({ ready, items }: GoNoGo): string[] {
  return [
    "",
    `Go or no-go: ${ready ? "ready to scale up" : "NOT ready to scale up"}`,
    ...items.map(({ holds, says }) => `  ${holds ? "✓" : "✗"} ${says}`),
  ];
}

export function showWaves(waves: readonly WaveLine[]): string[] {
  if (waves.length === 0) return [];
  return [
    "",
    ...table(
      ["wave", "at most", "status", "clean", "written"],
      waves.map(({ wave, size, status, clean, counts }) => [
        wave,
        size,
        status,
        clean === null ? null : clean ? "yes" : "NO",
        writtenBy(counts),
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
        signOff.status,
        signOff.asked_at,
        signOff.decided_by,
        signOff.void_because ?? signOff.override_reason ?? signOff.comment ?? "",
      ]),
    ),
  ];
}
