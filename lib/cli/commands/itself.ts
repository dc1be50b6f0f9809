import { Argument, type Command } from "commander";
import manifest from "../../../package.json" with { type: "json" };
import { command, type Program } from "../command.ts";
import type { Shell } from "../completion.ts";
import { type Output, performs } from "./shared.ts";

/** Shells whose completion can be written. */
const shells: readonly Shell[] = ["bash", "zsh", "fish"];

/** Commands about the program itself. */
export function itselfCommands(program: Program, root: () => Command): Command[] {
  const completion = command(
    "completion",
    "Write a script that completes commands and options in a shell",
    [
      "source <(wavegate completion bash)",
      "source <(wavegate completion zsh)",
      "wavegate completion fish | source",
    ],
  ).addArgument(new Argument("<shell>", "which shell").choices(shells));
  return [
    performs<Output>(completion, program, async (_, __, [shell]) => {
      const { completionFor } = await import("../completion.ts");
      const script = completionFor(shell as Shell, root());
      return { json: { shell, script }, text: [script.trimEnd()], plain: true };
    }),
    performs<Output>(
      command("version", "Show which version this is, and of Node", ["wavegate version"]),
      program,
      async () => ({
        json: { version: manifest.version, node: process.versions.node },
        text: [`wavegate ${manifest.version}, Node ${process.versions.node}`],
      }),
    ),
  ];
}
