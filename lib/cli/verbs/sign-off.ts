import type { Run } from "../../data/runs.ts";
import { sql, uuid } from "../../data/sql.ts";
import { partsOf } from "../../define/several.ts";
import { newestTold } from "../../review/kept-report.ts";
import type { StopCondition } from "../../review/report.ts";
import type { SignOffView } from "../../review/sign-off/read.ts";
import { type SignOffLine, signOffsOf } from "../../review/steer/standing.ts";
import { Refusal } from "../../services/errors.ts";
import type { Aws } from "../aws.ts";
import type { Answer, Frame } from "../command.ts";
import { follow, startAlone, succeeded } from "../execution.ts";
import { CannotRun } from "../failure.ts";
import { type Pages, signInToPages } from "../pages.ts";
import { runNamed, runOrLatest } from "../runs.ts";
import { showDryRun } from "../show/dry-run.ts";
import { facts } from "../table.ts";
import { unread } from "./start.ts";
import { showSignOffs } from "./status.ts";
import { withAws } from "./with-aws.ts";

/** `wavegate sign-off show`: what waits, what it is about, and what was decided before. */
export const show = (frame: Frame, runName: string | undefined): Promise<Answer> =>
  withAws(frame, async (aws) => {
    const run = await runOrLatest(aws.db, runName);
    const signOffs = await signOffsOf(aws.db, run);
    const open = signOffs.findLast((signOff) => signOff.status === "pending");
    const report = await newestTold(aws.db, run.id);
    const stops = open === undefined ? [] : await stopsOf(aws, open);
    return {
      json: {
        run: run.reference,
        open: open ?? null,
        stops,
        sign_offs: signOffs,
        report: report ?? null,
      },
      text: [
        ...(report === undefined ? ["There is no dry run yet."] : showDryRun(report)),
        ...showSignOffs(signOffs),
        ...unread(run),
        "",
        ...(open === undefined
          ? [
              `Nothing waits for a sign-off. What comes next: \`wavegate status --run ${run.reference}\`.`,
            ]
          : [
              ...facts([
                ["Waits", open.gate],
                ["Question", shortOf(open)],
                ["Since", open.asked_at],
                ["Digest", open.digest],
              ]),
              "",
              ...(asksForSamples(run)
                ? [`Judge the samples first: wavegate samples list --run ${run.reference}`]
                : []),
              `${asksForSamples(run) ? "Then, as" : "As"} somebody else than the starter: wavegate sign-off approve --run ${run.reference} --question ${shortOf(open)}`,
            ]),
      ],
    };
  });

/** How a question is named on a terminal: the beginning of its id. */
export const shortOf = ({ id }: SignOffLine): string => id.slice(0, 8);

const asksForSamples = ({ definition }: Run): boolean =>
  partsOf(definition).some(({ samples }) => samples.length > 0);

async function stopsOf({ db }: Aws, open: SignOffLine): Promise<readonly StopCondition[]> {
  const { stops } = await db.one<{ stops: readonly StopCondition[] }>(
    sql`select stops from wavegate.sign_offs where id = ${uuid(open.id)}`,
  );
  return stops;
}

/** `wavegate sign-off ask`: asks about the next gate once more, e.g. for a mail that was lost. */
export const ask = (frame: Frame, runName: string): Promise<Answer> =>
  withAws(frame, async (aws) => {
    const run = await runNamed(aws.db, runName);
    const executionArn = await startAlone(aws, "migration", run, "sign-off", {
      migration: run.migration,
      run: run.id,
      only: "sign-off",
      acknowledge: {},
    });
    const ending = await follow(aws, frame, executionArn, run.id);
    if (ending.kind !== "sign-off") succeeded(ending);
    const gate = ending.kind === "sign-off" ? ending.gate : null;
    return {
      json: { run: run.reference, gate },
      text: [
        gate === null
          ? `No gate of ${run.reference} needs anybody now.${toldTo(run)} See \`wavegate status --run ${run.reference}\`.`
          : `Asked about ${gate}. Everybody who may decide has a new link; older ones are void.`,
      ],
    };
  });

/** A run that may not go on asks nobody: what lets it. */
const toldTo = ({ control, reference }: Pick<Run, "control" | "reference">): string =>
  control === "run"
    ? ""
    : ` It was told to ${control}: \`wavegate resume --run ${reference}\` lets it go on.`;

/** What a person says at a gate: asking for changes is a rejection that says so. */
type Verb = "approve" | "reject" | "changes" | "override";

/** Whether it lets nothing be written: it is about whatever waits, and takes a comment. */
const refuses = (verb: Verb): verb is "reject" | "changes" =>
  verb === "reject" || verb === "changes";

/**
 * `wavegate sign-off approve|reject|changes|override`: through the sign-off pages, with the person's password. What is approved or
 * overridden is named by who looked at it: another question may have come since.
 */
export async function decide(
  frame: Frame,
  verb: Verb,
  options: Asked & { comment?: string; reason?: string; stops?: readonly string[] },
): Promise<Answer> {
  if (refuses(verb) && !options.comment?.trim()) {
    throw new CannotRun(
      "CommentMissing",
      verb === "changes"
        ? 'Who asks for changes says which. Nothing was decided; add --comment "…".'
        : 'A rejection says what is wrong. Nothing was decided; add --comment "…".',
    );
  }
  if (options.run === undefined && options.link === undefined) {
    throw new CannotRun(
      "Usage",
      "A decision names its run with --run RUN, or its mail with --link URL. Nothing was decided.",
    );
  }
  return withAws(frame, async (aws) => {
    const path = await pathOf(aws, verb, options);
    const pages = await signInToPages(frame, aws.place);
    const seen = refuses(verb) ? "" : await seenStops(pages, path, options.stops ?? [], verb);
    if (verb === "override") {
      const done = await pages.post<{ signOff: string; stops: readonly string[] }>(
        `${path}/override`,
        { reason: options.reason ?? "", seen },
      );
      return {
        json: done,
        text: [
          `The stop conditions ${done.stops.join(", ")} are overridden, at every gate, until what that covers changes. Somebody else now approves: \`wavegate sign-off approve\`.`,
        ],
      };
    }
    const done = await pages.post<{
      reference: string;
      gate: string;
      decision: SignOffLine["status"];
      changes: boolean;
      told: string;
      control: Run["control"];
    }>(path, { decision: verb, comment: options.comment ?? "", seen });
    return {
      json: done,
      text: [
        done.changes
          ? `Changes are asked for before ${done.gate} of ${done.reference}.`
          : `${done.gate} of ${done.reference} is ${done.decision}.`,
        verb === "approve" && done.control !== "run"
          ? toldTo(done).trim()
          : done.told === "later"
            ? "The run could not be told yet. The decision is kept; whoever opens the run's page tells it, or decides once more."
            : `See \`wavegate watch --run ${done.reference}\`.`,
      ],
    };
  });
}

/** What stands, where it is the very stop conditions that were looked at: what holds since then nobody has seen. */
async function seenStops(
  pages: Pages,
  path: string,
  named: readonly string[],
  verb: "approve" | "override",
): Promise<string> {
  const { stops, seen } = await pages.get<Pick<SignOffView, "stops" | "seen">>(path);
  const holding = stops.filter((stop) => stop.stops);
  const ids = holding.map(({ id }) => id).toSorted();
  if (ids.join() === named.toSorted().join()) return seen;
  throw new CannotRun(
    "Usage",
    ids.length === 0
      ? "No stop condition holds, so none is named with --stops. Nothing was decided."
      : `${holding.map(({ says }) => says).join(" ")} Nothing was decided; to ${verb} in spite of that, add --stops ${ids.join(",")}.`,
  );
}

/** Which question is answered, as it was said. */
interface Asked {
  readonly run?: string;
  readonly link?: string;
  /** The beginning of its id, or all of it. */
  readonly question?: string;
}

async function pathOf(aws: Aws, verb: Verb, options: Asked): Promise<string> {
  if (options.link !== undefined) {
    const path = /\/sign-off\/[A-Za-z0-9_-]{20,200}(?=$|[/?#])/u.exec(options.link)?.[0];
    if (path !== undefined) return path;
    throw new CannotRun(
      "LinkUnreadable",
      "That is not a link of a sign-off mail. Nothing was decided; copy it whole, or leave --link out.",
    );
  }
  const run = await runNamed(aws.db, options.run as string);
  if (options.question !== undefined)
    return `/sign-off/by-id/${await idOf(aws, run, options.question)}`;
  const open = await openSignOff(aws, run);
  if (refuses(verb)) return `/sign-off/by-id/${open.id}`;
  throw new CannotRun(
    "Usage",
    `Another question may have come since you looked, so say which one you ${verb}: --question ID, as \`wavegate sign-off show --run ${run.reference}\` shows it. Nothing was decided; ${open.gate} waits.`,
  );
}

/** The id of a run's question that begins so; whether it is still open the pages say. Errors: `NothingToDecide`. */
export async function idOf(aws: Aws, run: Run, question: string): Promise<string> {
  const begins = question.toLowerCase();
  const found = (await signOffsOf(aws.db, run)).filter(({ id }) => id.startsWith(begins));
  const [only] = found;
  if (only !== undefined && found.length === 1 && begins.length >= 8) return only.id;
  throw new Refusal(
    "NothingToDecide",
    `${run.reference} was asked no question of that id. Nothing was decided; see \`wavegate sign-off show --run ${run.reference}\`.`,
  );
}

/** The question of a run that is open. Errors: {@link Refusal} when nothing waits. */
export async function openSignOff(aws: Aws, run: Run): Promise<SignOffLine> {
  const open = (await signOffsOf(aws.db, run)).findLast((signOff) => signOff.status === "pending");
  if (open !== undefined) return open;
  throw new Refusal(
    "NothingToDecide",
    `Nothing of ${run.reference} waits for a sign-off. Nothing was decided; see \`wavegate status --run ${run.reference}\`.`,
  );
}
