import { isOverTrial, type Run } from "../../data/runs.ts";
import type { Permission } from "../../define/permissions.ts";
import { Refusal } from "../../services/errors.ts";
import type { Machine, UnderWay } from "../../services/services.ts";
import { refuseTrial } from "../refuse-trial.ts";

/** What an execution does, as the audit log names it, and which permissions let a person ask for it. */
export interface Act {
  readonly what: string;
  /** Any one of them. */
  readonly takes: readonly [Permission, ...Permission[]];
}

/** One stage alone (`only`), and who may ask for it (M14, D36). */
const stages: Readonly<Record<string, Act["takes"]>> = {
  import: ["legacy_imports.run"],
  validate: ["legacy_imports.validate"],
  classify: ["legacy_imports.validate"],
  match: ["legacy_imports.validate"],
  "dry-run": ["legacy_imports.validate"],
  verify: ["legacy_imports.validate"],
  "final-verify": ["legacy_imports.validate"],
  "export-review": ["legacy_imports.run", "legacy_imports.review"],
  "export-audit": ["legacy_imports.run", "legacy_imports.review"],
  "sign-off": ["legacy_imports.run", "legacy_imports.commit"],
  drill: ["legacy_imports.commit"],
};

/** What an execution does with its run: all that is left of it, taking it back, or a step alone, which nothing follows. */
export type Doing = "run" | "rollback" | "step";

/** By its machine, and by its name, which says behind the run's id what it is for. */
export function doingOf({ machine, name }: Pick<UnderWay, "machine" | "name">, run: string): Doing {
  const about = name.slice(run.length + 1);
  if (machine === "wave") return "step";
  if (machine === "rollback") return about.startsWith("preview-") ? "step" : "rollback";
  // What asks a person waits for the answer, and is told of as that.
  const alone = Object.keys(stages).filter((stage) => stage !== "sign-off");
  return alone.some((stage) => about.startsWith(`${stage}-`)) ? "step" : "run";
}

/** Of what is under way what is at work on a run, and what it does; a step alone only where nothing else is. */
export function atWorkOn(
  underWay: readonly UnderWay[],
  run: string,
): (UnderWay & { readonly doing: Doing }) | undefined {
  const own = underWay
    .filter(({ name }) => name.startsWith(run))
    .map((each) => ({ ...each, doing: doingOf(each, run) }));
  return own.find(({ doing }) => doing !== "step") ?? own[0];
}

/** Steps alone that write nothing which a stage reads. */
const exporting = ["export-review-", "export-audit-"];

/** What a run does not go on beside. */
export type InTheWay = "step" | "rollback";

/**
 * What is under way beside which a run does not go on: a rollback; or a step alone that stages, judges, checks or drills
 * its rows, and that one of the two would overtake. A wave alone holds the run until it is over, and a look at a rollback
 * and an export change nothing that a stage reads.
 */
export function inTheWayOf(underWay: readonly UnderWay[], run: string): InTheWay | undefined {
  const own = underWay.filter(({ name }) => name.startsWith(run));
  if (own.some((each) => doingOf(each, run) === "rollback")) return "rollback";
  const steps = own.filter((each) => each.machine === "migration" && doingOf(each, run) === "step");
  const reading = steps.some(
    ({ name }) => !exporting.some((about) => name.startsWith(about, run.length + 1)),
  );
  return reading ? "step" : undefined;
}

/** For pages, which offer nothing that is refused. */
export const refusesToGoOn = (run: Run, inTheWay: InTheWay | undefined): boolean =>
  isOverTrial(run) || inTheWay === "rollback" || (inTheWay === "step" && run.control === "run");

/**
 * A run is not told to go on while it is taken back, as that would undo what the rollback began with, or count behind its
 * end; nor where it was told nothing else and a step is in its way. One that was paused or stopped is told so, for the
 * step itself, and begins nothing beside it. Nor does a trial go on that is over. Errors: `RunUnderWay`, `RunIsTrial`.
 */
export function requireMayGoOn(run: Run, inTheWay: InTheWay | undefined): void {
  if (isOverTrial(run)) refuseTrial(run, "it is over, and nothing of it goes on");
  if (!refusesToGoOn(run, inTheWay)) return;
  if (inTheWay === "rollback") {
    throw new Refusal(
      "RunUnderWay",
      `Run ${run.reference} is being taken back, and nothing of it goes on beside that. Nothing was changed. Look at the run, and send it again once that is over, if it is still wanted.`,
    );
  }
  throw new Refusal(
    "RunUnderWay",
    `A step of run ${run.reference} is done alone, and the run does not go on beside it: one of the two would overtake the other. Nothing was changed. Look at the run, and send it again when that is over.`,
  );
}

/** The machine of an execution of which the audit log says what it does. */
export const machineOf = (what: string): Machine =>
  what === "commit" ? "wave" : what === "rollback" ? "rollback" : "migration";

/** What an execution of this machine with this input does. */
export function actOf(machine: Machine, input: Readonly<Record<string, unknown>>): Act {
  switch (machine) {
    case "rollback":
      return { what: "rollback", takes: ["legacy_imports.rollback"] };
    case "wave":
      return { what: "commit", takes: ["legacy_imports.commit"] };
    case "migration": {
      const only = typeof input.only === "string" ? input.only : undefined;
      const takes = only !== undefined && Object.hasOwn(stages, only) ? stages[only] : undefined;
      if (only === undefined && "trial" in input) {
        return { what: "trial", takes: ["legacy_imports.run"] };
      }
      // A stage that nobody knows is refused by the machine itself, for those who may run.
      return { what: takes ? (only as string) : "run", takes: takes ?? ["legacy_imports.run"] };
    }
  }
}
