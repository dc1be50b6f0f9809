import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { takesColour } from "../../lib/cli/colour.ts";

/** Runs `wavegate` commands as a person would, showing each with its output. */
export class Shell {
  readonly #root: string;
  readonly #env: Record<string, string>;
  readonly #started = Date.now();
  readonly #running = new Set<ChildProcess>();
  #over = false;

  constructor(root: string, env: Record<string, string>) {
    this.#root = root;
    this.#env = env;
  }

  /** A heading, with the seconds since the start. */
  title(text: string): void {
    const seconds = ((Date.now() - this.#started) / 1000).toFixed(0).padStart(3);
    this.say(`\n── ${text} ${"─".repeat(Math.max(0, 70 - text.length))} ${seconds} s`);
  }

  say(text: string): void {
    process.stdout.write(`${text}\n`);
  }

  /** Shows a command and what it prints; rejects when it exits with anything but 0, or another code that is right. */
  async run(
    command: string,
    env: Record<string, string> = {},
    exits: readonly number[] = [0],
  ): Promise<void> {
    this.say(`\n$ wavegate ${command}`);
    await this.#spawn(command, env, (text) => process.stdout.write(text), exits);
  }

  /** Runs a command and returns its standard output. */
  quiet(command: string, env: Record<string, string> = {}): Promise<string> {
    return this.#spawn(command, env, () => {});
  }

  /** Shows a command and returns its `--output json` document. */
  async json<Answer>(command: string): Promise<Answer> {
    this.say(`\n$ wavegate ${command}`);
    return JSON.parse(await this.quiet(`${command} --output json`)) as Answer;
  }

  /** Ends the commands that run, and refuses further ones but those that are quiet. */
  end(): void {
    this.#over = true;
    for (const child of this.#running) child.kill("SIGTERM");
  }

  #spawn(
    command: string,
    env: Record<string, string>,
    show: (text: string) => void,
    exits: readonly number[] = [0],
  ): Promise<string> {
    if (this.#over && command !== "local down") return Promise.reject(new Error("Interrupted."));
    return new Promise((done, refuse) => {
      const child = spawn(
        process.execPath,
        [join(this.#root, "bin/wavegate.ts"), ...command.split(" ")],
        {
          cwd: this.#root,
          env: {
            ...process.env,
            // What a command prints is passed on: in colour where this terminal takes it.
            ...(takesColour(process.env, process.stdout.isTTY) ? { FORCE_COLOR: "1" } : {}),
            ...this.#env,
            ...env,
          },
          stdio: ["ignore", "pipe", "pipe"],
          // Ctrl-C reaches the demo, which ends its commands: `local down` must not be ended by it.
          detached: true,
        },
      );
      this.#running.add(child);
      let output = "";
      let errors = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        output += text;
        show(text);
      });
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        errors += text;
        show(text);
      });
      child.once("error", refuse);
      child.once("close", (code) => {
        this.#running.delete(child);
        if (code !== null && exits.includes(code)) done(output);
        else refuse(new Error(`“wavegate ${command}” ended with ${code}.\n${errors}`));
      });
    });
  }
}
