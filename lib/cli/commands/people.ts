import { type Command, Option } from "commander";
import { command, group, type Program } from "../command.ts";
import { type Output, performs, runOrLatest, words } from "./shared.ts";

/** Who may do what, and the record of what was done. */
export function peopleCommands(program: Program): Command[] {
  return [people(program), audit(program)];
}

function people(program: Program): Command {
  const verbs = () => import("../verbs/people.ts");
  const list = performs<Output>(
    command("list", "List the people and what they may do", ["wavegate people list"]),
    program,
    async (frame) => (await verbs()).list(frame),
  );
  const add = performs<Output & { email: string; can: string[] }>(
    command("add <name>", "Add a person; prints their password once", [
      "wavegate people add karima --email karima@example.com --can view,review,commit",
      "wavegate people add karima --email karima@example.com --can all",
    ])
      .addOption(new Option("--email <address>", "where links are sent").makeOptionMandatory())
      .addOption(
        new Option(
          "--can <permissions>",
          "all, or some of view, run, validate, review, commit, rollback",
        )
          .argParser(words)
          .makeOptionMandatory(),
      ),
    program,
    async (frame, options, [name]) => (await verbs()).add(frame, name as string, options),
  );
  const remove = performs<Output>(
    command("remove <name>", "Take a person's permissions and credentials away", [
      "wavegate people remove karima",
    ]),
    program,
    async (frame, _, [name]) => (await verbs()).remove(frame, name as string),
  );
  const password = performs<Output>(
    command("password [name]", "Give a person of this machine a new password, shown once", [
      "wavegate people password",
      "wavegate people password karima",
    ]),
    program,
    async (frame, _, [name]) => (await verbs()).password(frame, name),
  );
  return group("people", "Who may do what", ["wavegate people list"], list, add, remove, password);
}

function audit(program: Program): Command {
  const verbs = () => import("../verbs/audit.ts");
  const pull = performs<Output & { run?: string; to?: string }>(
    command("pull", "Fetch the newest audit bundle of a run, and verify it on the way", [
      "wavegate audit pull --run {run} --to bundle",
    ])
      .addOption(runOrLatest())
      .addOption(new Option("--to <folder>", "a new or empty folder (default: REFERENCE-audit)")),
    program,
    async (frame, options) => (await verbs()).pull(frame, options),
  );
  const verify = performs<Output & { digest?: string; publicKey?: string; unanchored?: boolean }>(
    command(
      "verify <path>",
      "Verify the folder of a bundle, or an audit log by itself, without any connection",
      [
        "wavegate audit verify bundle --digest 3f6c…",
        "wavegate audit verify bundle --public-key signing-key.pem",
        "wavegate audit verify bundle/audit-log.jsonl",
      ],
    )
      .addOption(
        new Option("--digest <digest>", "from a mail: the manifest's digest, or the log's head"),
      )
      .addOption(
        new Option("--public-key <file>", "of the key that signs bundles: verifies the signature"),
      )
      .addOption(new Option("--unanchored", "accept that nothing from elsewhere is known")),
    program,
    async (frame, options, [path]) => (await verbs()).verify(frame, path as string, options),
  );
  const key = performs<Output & { to: string }>(
    command("key", "Write the public key that signatures of bundles are verified with", [
      "wavegate audit key --to signing-key.pem",
    ]).addOption(new Option("--to <file>", "a file that is not there yet").makeOptionMandatory()),
    program,
    async (frame, options) => (await import("../verbs/audit-key.ts")).auditKey(frame, options),
  );
  return group(
    "audit",
    "Who did what, when, on which digest: append-only and hash-chained",
    ["wavegate audit pull --run {run}"],
    pull,
    verify,
    key,
  );
}
