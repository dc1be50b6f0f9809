import { type Command, Option } from "commander";
import { command, group, type Program } from "../command.ts";
import {
  type MaybeRun,
  type Output,
  performs,
  type Run,
  runNeeded,
  runOrLatest,
  words,
} from "./shared.ts";

/** Rows that a person judges before a sign-off. */
export function samples(program: Program): Command {
  const verbs = () => import("../verbs/samples.ts");
  const list = performs<MaybeRun>(
    command("list", "List the rows drawn for a person to judge", [
      "wavegate samples list",
    ]).addOption(runOrLatest()),
    program,
    async (frame, { run }) => (await verbs()).list(frame, run),
  );
  const judge = performs<Run & { wrong?: string[]; question?: string }>(
    command("judge <rows> <verdict>", "Judge drawn rows: right or wrong", [
      "wavegate samples judge 4711 right --run {run} --question 154f2a3b",
      "wavegate samples judge 4712,4713 wrong --wrong name,phone --run {run}",
      "wavegate samples judge rest right --run {run} --question 154f2a3b",
    ])
      .addOption(runNeeded())
      .addOption(
        new Option(
          "--question <id>",
          "whose rows were looked at, as `samples list` shows it; what is right needs it",
        ),
      )
      .addOption(
        new Option(
          "--wrong <parts>",
          "which of name, phone, email, classification, action are wrong",
        ).argParser(words),
      ),
    program,
    async (frame, options, [row, verdict]) =>
      (await verbs()).judge(frame, row as string, verdict as string, options),
  );
  return group(
    "samples",
    "Rows drawn by the run's seed for a person to judge",
    ["wavegate samples list --run {run}"],
    list,
    judge,
  );
}

/** Who asks, where a deployment's people sign in. */
export const signIn = (program: Program): Command =>
  performs<Output>(
    command("sign-in", "On AWS: sign in by a browser, for what is decided in this shell", [
      'eval "$(wavegate sign-in)"',
    ]),
    program,
    async (frame) => (await import("../verbs/sign-in.ts")).signIn(frame),
  ).addHelpText(
    "after",
    `
It says an address to open in a browser of this machine, which comes back to port 20137. The token
is for an hour at most, and stands in the shell's environment alone. From another machine, forward
that port: ssh -L 20137:127.0.0.1:20137 HOST.`,
  );

/** Who asked, where a deployment's people sign in, asks no more. */
export const signOut = (program: Program): Command =>
  performs<Output>(
    command("sign-out", "On AWS: end the sign-in of this shell, and every copy of its token", [
      'eval "$(wavegate sign-out)"',
    ]),
    program,
    async (frame) => (await import("../verbs/sign-out.ts")).signOut(frame),
  );

/** What a person says at a gate. */
export function signOff(program: Program): Command {
  const verbs = () => import("../verbs/sign-off.ts");
  const show = performs<MaybeRun>(
    command("show", "Show what waits for a sign-off and what was decided", [
      "wavegate sign-off show --run {run}",
    ]).addOption(runOrLatest()),
    program,
    async (frame, { run }) => (await verbs()).show(frame, run),
  );
  const ask = performs<Run>(
    command("ask", "Ask about the next gate, or ask again: a new link, the older one is void", [
      "wavegate sign-off ask --run {run}",
    ]).addOption(runNeeded()),
    program,
    async (frame, { run }) => (await verbs()).ask(frame, run),
  );
  const decide = (
    verb: "approve" | "reject" | "changes" | "override",
    says: string,
    example: string,
  ) =>
    performs<
      Output & {
        run?: string;
        link?: string;
        question?: string;
        comment?: string;
        reason?: string;
        stops?: string[];
      }
    >(
      command(verb, says, [
        `WAVEGATE_PERSON=karima wavegate sign-off ${verb} --run {run} ${example}`,
      ])
        .addOption(new Option("--run <run>", "the run's reference or id, unless --link is given"))
        .addOption(new Option("--link <url>", "the link of the mail, instead of --run"))
        .addOption(
          new Option(
            "--question <id>",
            "the question that was looked at, as `sign-off show` shows it",
          ),
        )
        .addOption(
          new Option(
            "--stops <ids>",
            "the stop conditions that hold and were looked at; to override, and to approve behind one",
          ).argParser(words),
        )
        .addOption(
          verb === "override"
            ? new Option(
                "--reason <text>",
                "why the stop condition may be passed",
              ).makeOptionMandatory()
            : new Option("--comment <text>", "a word with the decision"),
        ),
      program,
      async (frame, options) => (await verbs()).decide(frame, verb, options),
    );
  return group(
    "sign-off",
    "Decide at a gate, as somebody else than the one who started the run",
    ["wavegate sign-off show"],
    show,
    ask,
    decide(
      "approve",
      "Approve what waits; asks for the approver's password",
      '--question 154f2a3b --comment "Looks right"',
    ),
    decide(
      "reject",
      "Reject what waits; asks for the approver's password",
      '--comment "Too many unknown"',
    ),
    decide(
      "changes",
      "Ask for changes before it is asked anew, and say which; asks for the approver's password",
      '--comment "Too many rows are held"',
    ),
    decide(
      "override",
      "Let a stop condition pass, with a reason, as the second approver",
      '--question 154f2a3b --stops sample_judged_wrong --reason "The oldest rows are gone"',
    ),
  ).addHelpText(
    "after",
    `
The approver is WAVEGATE_PERSON. The password is asked for on the terminal, or taken from
WAVEGATE_PASSWORD; on AWS it is whoever signed in with \`wavegate sign-in\`. Approver and starter are never the same person; the server refuses it.`,
  );
}
