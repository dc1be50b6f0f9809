import { type Command, Option } from "commander";
import { command, group, type Program } from "../command.ts";
import { type Output, performs } from "./shared.ts";

const verbs = () => import("../verbs/local.ts");

/** The one-machine runtime, and what prepares and checks a place. */
export function localCommands(program: Program): Command[] {
  const up = performs(
    command("up", "Start the runtime of this folder, or say that it runs", [
      "wavegate local up",
      "WAVEGATE_DATABASE_URL=postgresql://postgres@localhost/platform wavegate local up",
    ]).addOption(
      new Option(
        "--take-over",
        "also where wavegate was set up in this database from another folder, which is shut out then",
      ),
    ),
    program,
    async (frame, options: Output & { takeOver?: boolean }) =>
      (await verbs()).up(frame, options.takeOver === true),
  );
  const down = performs(
    command("down", "End the runtime in good order; runs continue after the next `up`", [
      "wavegate local down",
    ]),
    program,
    async (frame) => (await verbs()).down(frame),
  );
  const status = performs(
    command("status", "What runs where", ["wavegate local status"]),
    program,
    async (frame) => (await verbs()).status(frame),
  );
  const database = performs(
    command("database", "Print the database's connection string (it holds the password)", [
      'psql "$(wavegate local database)" -f platform-schema.sql',
    ]),
    program,
    async (frame) => (await verbs()).database(frame),
  );
  const env = performs(
    command(
      "env",
      "Print what points the AWS CLI and SDKs at this machine, as commands for a shell",
      ['eval "$(wavegate local env)"', "aws stepfunctions list-state-machines"],
    ),
    program,
    async (frame) => (await verbs()).env(frame),
  );
  const local = group(
    "local",
    "Everything on this machine: database, workflow, storage, mail, sign-off pages",
    ["wavegate local up"],
    up,
    down,
    status,
    database,
    env,
  ).addHelpText(
    "after",
    `
Everything is kept in WAVEGATE_HOME (default: .wavegate in this folder). Commands act as the person
WAVEGATE_PERSON (default: your user name on this machine). On one machine the people share it, so
four eyes are only as strong as the permissions of the files in WAVEGATE_HOME: whoever can read them
can act as anybody. A sign-off therefore asks for the approver's own password.`,
  );
  return [local, theConsole(program), doctor(program), setUp(program)];
}

const theConsole = (program: Program): Command =>
  performs(
    command(
      "console",
      "Print where the console is; on one machine a link that logs you in once, for your own password",
      ["wavegate console", "WAVEGATE_PERSON=karima wavegate console"],
    ),
    program,
    async (frame) => (await import("../verbs/console.ts")).openConsole(frame),
  );

const doctor = (program: Program): Command =>
  performs(
    command(
      "doctor",
      "Check everything a migration needs, and say what to do about what is missing",
      ["wavegate doctor", "wavegate doctor --output json"],
    ),
    program,
    async (frame) => (await import("../verbs/doctor.ts")).doctor(frame),
  );

const setUp = (program: Program): Command =>
  performs(
    command(
      "set-up <migration>",
      "Make the staging tables, database roles and privileges of a migration",
      ["wavegate set-up {migration}"],
    ).addOption(new Option("--check", "only say whether it is needed")),
    program,
    async (frame, options: Output & { check?: boolean }, [migration]) =>
      (await import("../verbs/set-up.ts")).setUp(
        frame,
        migration as string,
        options.check === true,
      ),
  );
