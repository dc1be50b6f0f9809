import { spawnSync } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { mayShowHelp, wavegate } from "../../lib/cli/program.ts";
import { terminal } from "./terminal.ts";

const shell = terminal({ cwd: tmpdir() });
const io = { out: () => {}, err: () => {}, terminal: false, columns: 100, env: {}, cwd: tmpdir() };
const root = wavegate({
  io: {
    ...io,
    askSecret: async () => undefined,
    ask: async () => undefined,
    onInterrupt: () => () => {},
  },
  exit: 0,
});

/** Every command with the words that lead to it. */
function commandsUnder(command: Command, path: string[]): [string, Command][] {
  return command.commands.flatMap((inner) => {
    const words = [...path, inner.name()];
    return [[words.join(" "), inner] as [string, Command], ...commandsUnder(inner, words)];
  });
}

const all = commandsUnder(root, []);

const tooLarge = "99999999999999999999";

it("W13 no option takes a number that would be another one, and none calls it no whole number", () => {
  const taken = all.flatMap(([path, command]) =>
    command.options.flatMap(({ long, parseArg }): [string, unknown][] => {
      if (parseArg === undefined) return [];
      try {
        return [[`${path} ${long}`, parseArg(tooLarge, undefined as never)]];
      } catch (error) {
        return [[`${path} ${long}`, (error as Error).message]];
      }
    }),
  );
  const said = taken.map(([option, is]) => (Array.isArray(is) ? [option, is[0]] : [option, is]));
  expect(said.filter(([, is]) => is === "It is too large: 2147483647 is the most.").length).toBe(
    13,
  );
  expect(said.filter(([, is]) => typeof is === "number" || `${is}`.includes("whole"))).toEqual([]);
});

describe("help", () => {
  it("knows every verb of a run, of looking, of deciding and of this machine", () => {
    expect(all.map(([path]) => path)).toEqual([
      "backup",
      "start",
      "import",
      "validate",
      "classify",
      "match",
      "dry-run",
      "commit",
      "verify",
      "verify-bundle",
      "rollback",
      "drill",
      "export",
      "export-review",
      "export-audit",
      "backfill",
      "backfill seed-baseline",
      "backfill membership",
      "backfill activity",
      "backfill counters",
      "runs",
      "status",
      "watch",
      "health",
      "balance",
      "report",
      "held",
      "why",
      "mail",
      "mail list",
      "mail show",
      "mappings",
      "hold",
      "release",
      "questions",
      "sign-in",
      "sign-out",
      "samples",
      "samples list",
      "samples judge",
      "sign-off",
      "sign-off show",
      "sign-off ask",
      "sign-off approve",
      "sign-off reject",
      "sign-off changes",
      "sign-off override",
      "pause",
      "resume",
      "stop",
      "feature",
      "feature list",
      "feature enable",
      "feature disable",
      "erase",
      "people",
      "people list",
      "people add",
      "people remove",
      "people password",
      "audit",
      "audit pull",
      "audit verify",
      "audit key",
      "new",
      "check",
      "try",
      "what-if",
      "local",
      "local up",
      "local down",
      "local status",
      "local database",
      "local env",
      "console",
      "doctor",
      "set-up",
      "completion",
      "version",
    ]);
  });

  it.each(all)("%s says what it does and shows an example that calls it", async (path) => {
    const { exit, out, err } = await shell.run(...path.split(" "), "--help");
    expect(exit).toBe(0);
    expect(err).toBe("");
    expect(out).toContain(`Usage: wavegate ${path}`);
    expect(out).toMatch(new RegExp(`Examples?:\\n(.*\\n)*?  \\$ .*wavegate ${path}\\b`));
  });

  it.each(all.filter(([, command]) => command.commands.length === 0))(
    "%s takes --output json",
    (_, command) => {
      expect(command.options.map((option) => option.long)).toContain("--output");
    },
  );

  it("is known from the command line: all definitions are loaded for one, and for nothing else", () => {
    const may = (...words: string[]) => mayShowHelp(root, words);
    for (const [path, { commands }] of [["", root], ...all] as const) {
      const words = path.split(" ").filter(Boolean);
      expect([path, may(...words, "--help"), may("help", ...words), may(...words, "-h")]).toEqual([
        ...[path, true, true, true],
      ]);
      expect([path, may(...words, "--output", "json")]).toEqual([path, commands.length > 0]);
    }
    expect(may("--stack", "status")).toBe(true);
    expect(may("--stack", "status", "runs")).toBe(false);
  });

  it("W13 of the program, and of a command that shows its help of itself, names a migration", () => {
    const program = join(import.meta.dirname, "../../bin/wavegate.ts");
    for (const words of [["mappings"], []]) {
      const { stderr } = spawnSync(process.execPath, [program, ...words], { encoding: "utf8" });
      expect(stderr).toMatch(/\$ wavegate (?:start|mappings) [a-z]/u);
      expect(stderr).not.toMatch(/NAME|TABLE/u);
    }
  });

  it("tells how strong four eyes are on one machine", async () => {
    const { out } = await shell.run("local", "--help");
    expect(out).toContain("only as strong as the permissions of the files");
  });
});

describe("W13 what is said to a disk that is full", () => {
  const program = join(import.meta.dirname, "..", "..", "bin", "wavegate.ts");
  const saidTo = (stdout: number | "pipe", stderr: number | "pipe", ...words: string[]) =>
    spawnSync(process.execPath, [program, ...words], {
      encoding: "utf8",
      stdio: ["ignore", stdout, stderr],
    });

  it("is no answer: a script sees that it lacks, and a person why", () => {
    const full = openSync("/dev/full", "w");
    const { status, stderr } = saidTo(full, "pipe", "completion", "bash");
    closeSync(full);
    expect(stderr).toBe(
      "wavegate: The answer could not be written whole where it was sent to (ENOSPC). What the command did stands; make room, and look again.\n",
    );
    expect(status).toBe(2);
  });

  it("W3 ends no command on its way: what it tells meanwhile is lost, and the rest is done", () => {
    const full = openSync("/dev/full", "w");
    const answered = saidTo("pipe", full, "--no-such-option");
    const both = saidTo(full, full, "completion", "bash");
    closeSync(full);
    expect([answered.status, both.status]).toEqual([2, 2]);
  });
});
