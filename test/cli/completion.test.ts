import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { terminal } from "./terminal.ts";

const folder = mkdtempSync(join(tmpdir(), "wavegate-completion-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** How a shell is asked what it would propose after these words; the last one is being typed. */
const shells = {
  bash: (script: string, words: readonly string[]) => [
    "-c",
    `source ${script}; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _wavegate; printf '%s\\n' "\${COMPREPLY[@]}"`,
    "bash",
    ...words,
  ],
  // The shell's own functions that show proposals are replaced: they need a terminal.
  zsh: (script: string, words: readonly string[]) => [
    "-f",
    "-c",
    `compdef() { }; source ${script}; _files() { print FILES }; _describe() { print -rl -- \${\${(P)4}%%:*} }
     t() { local -a words; words=("$@"); local CURRENT=$#; _wavegate }; t "$@"`,
    "zsh",
    ...words,
  ],
  fish: (script: string, words: readonly string[]) => [
    "-c",
    `source ${script}; complete -C ${JSON.stringify(words.join(" "))} | string replace -r '\\t.*' ''`,
  ],
};
type Shell = keyof typeof shells;

const installed = (Object.keys(shells) as Shell[]).filter((shell) => {
  try {
    execFileSync(shell, ["-c", "true"]);
    return true;
  } catch {
    return false;
  }
});

async function proposed(shell: Shell, ...words: string[]): Promise<string[]> {
  const { exit, out } = await terminal({ cwd: folder }).run("completion", shell);
  expect(exit).toBe(0);
  const script = join(folder, `completion.${shell}`);
  writeFileSync(script, out);
  const env = { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder };
  const answer = execFileSync(shell, shells[shell](script, words), { encoding: "utf8", env });
  const typed = words.at(-1) ?? "";
  return answer
    .split("\n")
    .filter((word) => word !== "" && word.startsWith(typed))
    .sort();
}

describe.each(installed)("completion in %s, by the shell itself", (shell) => {
  it.each([
    [
      ["wavegate", "sta"],
      ["start", "status"],
    ],
    [
      ["wavegate", "sign-off", "a"],
      ["approve", "ask"],
    ],
    [["wavegate", "mappings", "courses", "--re"], ["--reject"]],
    [
      ["wavegate", "watch", "--until", ""],
      ["end", "person"],
    ],
    [["wavegate", "status", "--output", "j"], ["json"]],
    [["wavegate", "start", "e"], ["ecoin"]],
    [["wavegate", "start", "ecoin", "--gates", "o"], ["on-anomaly"]],
    [
      ["wavegate", "completion", ""],
      ["bash", "fish", "zsh"],
    ],
    [["wavegate", "start", "ecoin", "--wait", "--que"], ["--queues-detached"]],
  ])("proposes after %j", async (words, wanted) => {
    const found = await proposed(shell, ...words);
    expect(wanted.filter((word) => !found.includes(word))).toEqual([]);
    // Nothing of another command: a shell may propose options beside words.
    expect(found.filter((word) => !wanted.includes(word) && !word.startsWith("-"))).toEqual([]);
  });
});

describe("completion", () => {
  it("is never in colour, and of a shell that is known", async () => {
    const shell = terminal({ cwd: folder, env: { FORCE_COLOR: "1" } });
    for (const each of ["bash", "zsh", "fish"]) {
      expect((await shell.run("completion", each)).out).not.toContain("\u001b");
    }
    const { exit, err } = await shell.run("completion", "tcsh");
    expect(exit).toBe(2);
    expect(err).toContain("Allowed choices are bash, zsh, fish.");
  });
});

describe("version", () => {
  it("is shown in both forms, without a runtime", async () => {
    const shell = terminal({ cwd: folder });
    expect((await shell.run("version")).out).toBe(
      `wavegate 0.1.0, Node ${process.versions.node}\n`,
    );
    expect(JSON.parse((await shell.run("version", "--output", "json")).out)).toEqual({
      version: "0.1.0",
      node: process.versions.node,
    });
  });
});
