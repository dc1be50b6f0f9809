import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Terminal, terminal } from "./terminal.ts";

let folder: string;
let shell: Terminal;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "wavegate-usage-"));
  shell = terminal({ cwd: folder });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("a command line that cannot be run", () => {
  it.each([
    [["statsu"], "wavegate: unknown command 'statsu' (Did you mean status?)"],
    [["local", "upp"], "wavegate: unknown command 'upp' (Did you mean up?)"],
    [["runs", "--limt", "3"], "wavegate: unknown option '--limt' (Did you mean --limit?)"],
    [["validate"], "wavegate: required option '--run <run>' not specified."],
    [["why", "ecoin-1"], "wavegate: missing required argument 'row'."],
    [["start", "ecion"], "wavegate: There is no migration “ecion”. Did you mean “ecoin”?"],
    [["import"], "wavegate: Give either a migration, to begin a run, or --run, to continue one."],
    [["export", "reveiw", "--run", "x"], "Did you mean “review”?"],
    [
      ["start", "ecoin", "--focus", "historical_complete"],
      "“historical_complete” is no focus mode of ecoin. Did you mean “historical_completed”?",
    ],
    [["start", "ecoin", "--plan", "25,x"], "It has to be a whole number from 1."],
    [
      ["start", "ecoin", "--plan", "25,99999999999999999999"],
      "It is too large: 2147483647 is the most.",
    ],
    [["runs", "--limit", "2147483648"], "It is too large: 2147483647 is the most."],
    [
      ["samples", "judge", "4,99999999999999999999", "right", "--run", "r"],
      "neither a row's number",
    ],
    [["start", "ecoin", "--gates", "never"], "Allowed choices are every-wave, on-anomaly."],
    [
      ["samples", "judge", "4", "rihgt", "--run", "r"],
      "A verdict is right or wrong, not “rihgt”. Did you mean “right”?",
    ],
    [
      ["samples", "judge", "4", "wrong", "--run", "r", "--wrong", "phon"],
      "“phon” is none of name, phone, email, classification, action. Did you mean “phone”?",
    ],
    [
      ["people", "add", "karima", "--email", "k@example.com", "--can", "veiw"],
      "“veiw” is no permission. Did you mean “view”?",
    ],
    [["sign-off", "reject"], "A rejection says what is wrong."],
    [["sign-off", "changes"], "Who asks for changes says which."],
  ])("%j ends with 2 and one line that helps", async (argv, says) => {
    const { exit, out, err } = await shell.run(...argv);
    expect(exit).toBe(2);
    expect(out).toBe("");
    expect(err).toContain(says);
    expect(err.trimEnd().split("\n")).toHaveLength(1);
  });

  it.each([
    ["runs"],
    ["status"],
    ["watch"],
    ["balance"],
    ["people", "list"],
    ["validate", "--run", "x"],
    ["start", "ecoin"],
  ])("says that no runtime runs here, and how to start one: %s %s %s", async (...argv) => {
    const { exit, out, err } = await shell.run(...argv);
    expect(exit).toBe(2);
    expect(out).toBe("");
    expect(err).toBe(
      `wavegate: No runtime runs in ${folder}/.wavegate. Nothing was written. Start it with \`wavegate local up\`.\n`,
    );
  });

  it("shows the help of a group that is asked for nothing, and ends with 2", async () => {
    const { exit, err } = await shell.run("mappings");
    expect(exit).toBe(2);
    expect(err).toContain("Usage: wavegate mappings");
  });

  it("goes where --env and --stack say, wherever they stand", async () => {
    const elsewhere = terminal({ cwd: folder, env: { AWS_REGION: "eu-west-3" } });
    const { exit, err } = await elsewhere.run("runs", "--env", "production");
    expect(exit).toBe(2);
    expect(err).toContain("WAVEGATE_ENV is “production”, and these settings are missing:");
    expect(err).toContain("where it is “aws”, the stack is asked for them.");
    // A place that there is not is none of this machine's, whatever runs here.
    for (const place of ["gcp", "LOCAL", "azure"]) {
      const nowhere = await shell.run("runs", "--env", place);
      expect([nowhere.exit, nowhere.out]).toEqual([2, ""]);
      expect(nowhere.err).toContain(`WAVEGATE_ENV is “${place}”, and these settings are missing:`);
    }
  });

  it("names the settings that a deployment's environment lacks", async () => {
    const aws = terminal({
      cwd: folder,
      env: { WAVEGATE_ENV: "production", AWS_REGION: "eu-west-3" },
    });
    const { exit, err } = await aws.run("runs");
    expect(exit).toBe(2);
    expect(err).toContain(
      "WAVEGATE_ENV is “production”, and these settings are missing: WAVEGATE_CLUSTER_ARN, WAVEGATE_DATABASE,",
    );
  });
});

describe("--output json", () => {
  it.each([
    [["runs", "--output", "json"], "RuntimeNotRunning"],
    [["start", "ecion", "--output=json"], "UnknownMigration"],
    [["validate", "--output", "json"], "Usage"],
    [["statsu", "--output", "json"], "Usage"],
  ])(
    "%j puts exactly one document on standard output and the line on standard error",
    async (argv, name) => {
      const { exit, out, err } = await shell.run(...argv);
      expect(exit).toBe(2);
      expect(JSON.parse(out)).toMatchObject({ error: { name } });
      expect(err).toMatch(/^wavegate: .*\n$/);
    },
  );

  it("refuses a format it does not have", async () => {
    const { exit, err } = await shell.run("runs", "--output", "yaml");
    expect(exit).toBe(2);
    expect(err).toContain("Allowed choices are text, json.");
  });

  it("answers what is asked of this machine when nothing runs", async () => {
    const { exit, out, err } = await shell.run("local", "status", "--output", "json");
    expect(exit).toBe(1);
    expect(JSON.parse(out)).toEqual({
      running: false,
      home: join(folder, ".wavegate"),
      migrations: ["alpha2", "alpha2-staging", "community", "ecoin", "wild-apricot"],
    });
    expect(err).toBe("");
  });
});
