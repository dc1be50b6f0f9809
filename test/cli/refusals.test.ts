import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Aws } from "../../lib/cli/aws.ts";
import { requireSame } from "../../lib/cli/verbs/platform.ts";
import { reportOf } from "../../lib/cli/verbs/report.ts";
import type { Run } from "../../lib/data/runs.ts";
import { entryHash } from "../../lib/evidence/audit-chain.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import { terminal } from "./terminal.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "wavegate-refusals-"));
  await writeFile(join(folder, "log.jsonl"), "{}\n");
  await mkdir(join(folder, "unreadable", ".env"), { recursive: true });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const dsn = "postgresql://postgres@127.0.0.1:5432/platform";
const withPassword = "postgresql://postgres:secret@127.0.0.1:5432/platform";
const aws = { WAVEGATE_ENV: "production", AWS_REGION: "eu-west-3", WAVEGATE_PERSON: "karima" };

/** Whole settings of a deployment; nothing answers there, and nothing is asked. */
const deployed = {
  ...aws,
  ...Object.fromEntries(
    ["CLUSTER_ARN", "DATABASE", "OPERATOR_SECRET_ARN", "EVIDENCE_BUCKET"]
      .concat(["MIGRATION", "WAVE", "ROLLBACK"].map((machine) => `${machine}_MACHINE_ARN`))
      .map((name) => [`WAVEGATE_${name}`, "arn:aws:none"]),
  ),
};

describe("W13 what cannot be run is named, for scripts and in one line", () => {
  it.each([
    ["UnknownExport", ["export", "reveiw", "--run", "x"], {}, "Nothing was written."],
    ["UnknownFocusMode", ["start", "ecoin", "--focus", "none"], {}, "Nothing was written."],
    ["UnknownMigration", ["set-up", "ecion"], {}, "Nothing was written."],
    ["UnknownMail", ["mail", "show"], {}, "No mail was sent yet."],
    ["UnknownMail", ["mail", "show", "7"], {}, "There is no mail 7."],
    ["NotHere", ["mail", "list"], aws, "On AWS mails go to their addresses"],
    ["NotHere", ["set-up", "ecoin"], aws, "Nothing was written."],
    ["SettingsMissing", ["runs"], aws, "these settings are missing: WAVEGATE_CLUSTER_ARN"],
    ["FileUnreadable", ["audit", "verify", "nowhere"], {}, "Nothing was verified."],
    ["NotAnAuditLog", ["audit", "verify", "log.jsonl"], {}, "Line 1 of "],
    [
      "NotABundle",
      ["audit", "verify", "log.jsonl", "--public-key", "log.jsonl"],
      {},
      "Nothing was verified;",
    ],
    [
      "NotAPublicKey",
      ["audit", "verify", ".", "--public-key", "log.jsonl"],
      {},
      "`wavegate audit key --to FILE` writes it.",
    ],
    ["FileUnreadable", ["audit", "verify", ".", "--public-key", "nowhere"], {}, "Nothing was"],
    ["RuntimeNotRunning", ["audit", "key", "--to", "key.pem"], {}, "Nothing was written."],
    ["CommentMissing", ["sign-off", "reject", "--run", "x"], {}, "Nothing was decided;"],
    ["RuntimeNotRunning", ["balance"], {}, "Start it with `wavegate local up`."],
    ["NotHere", ["start", "alpha2", "--db-dsn", dsn], aws, "--db-dsn is for one machine"],
    ["Usage", ["start", "alpha2", "--db-dsn", withPassword], {}, "--db-dsn takes no password"],
    ["Usage", ["start", "alpha2", "--db-dsn", "mysql://h/d"], {}, "the address of a PostgreSQL"],
    ["RuntimeNotRunning", ["start", "alpha2", "--db-dsn", dsn], {}, "Nothing was written."],
    ["Usage", ["start", "ecoin", "--storage-path", "."], {}, "No row of ecoin names a file"],
    ["Usage", ["start", "alpha2", "--dry-run", "--only", "import"], {}, "cannot be used with"],
    ["Usage", ["start", "alpha2", "--batch-size", "0"], {}, ""],
    ["Usage", ["start", "alpha2", "--resume", "x", "--dry-run"], {}, "cannot be used with"],
    ["Usage", ["start", "alpha2", "--resume", "x", "--plan", "25"], {}, "cannot be used with"],
    ["Usage", ["start", "alpha2", "--resume", "x", "--backup", "B"], {}, "cannot be used with"],
    ["Usage", ["start", "ecoin", "--resume", "x", "--storage-path", "."], {}, "No row of ecoin"],
  ])("W13 %s: %j", async (name, argv, env, says) => {
    const shell = terminal({ cwd: folder, env: env as Record<string, string> });
    const { exit, out, err } = await shell.run(...argv, "--output", "json");
    expect(exit).toBe(2);
    expect(JSON.parse(out)).toMatchObject({ error: { name } });
    expect(err).toContain(says);
    expect(err.trimEnd().split("\n")).toHaveLength(1);
  });

  it("W13 NotOnThisMachine: passwords of a deployment are not wavegate's", async () => {
    const shell = terminal({ cwd: folder, env: deployed });
    const { exit, out } = await shell.run("people", "password", "karima", "--output", "json");
    expect(exit).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      error: {
        name: "NotOnThisMachine",
        message: expect.stringContaining("Cognito or by your directory. Nothing was changed;"),
      },
    });
  });

  it("A2 a run never goes to another platform than is meant", () => {
    const same = (one: string, other: string) => () => requireSame(new URL(one), new URL(other));
    expect(same("postgresql://a@localhost/p", "postgresql://b:c@127.0.0.1:5432/p")).not.toThrow();
    for (const other of [
      "postgresql://h/p",
      "postgresql://localhost:1/p",
      "postgresql://localhost/q",
    ])
      expect(same("postgresql://localhost/p", other)).toThrow(
        expect.objectContaining({ name: "AnotherPlatform" }),
      );
  });

  it("A7 a migration without an audit has no report", async () => {
    const run = { definition: ecoin, migration: "ecoin", reference: "ecoin-1" } as unknown as Run;
    await expect(reportOf({} as Aws, run)).rejects.toMatchObject({ name: "NoAudit" });
  });

  it("W13 SettingsUnreadable: a .env that is none", async () => {
    const shell = terminal({ cwd: join(folder, "unreadable") });
    const { exit, out } = await shell.run("runs", "--output", "json");
    expect(exit).toBe(2);
    expect(JSON.parse(out)).toMatchObject({ error: { name: "SettingsUnreadable" } });
  });
});

it("W12 B11 a log by itself holds nothing beside what its hashes are about, and says nothing twice", async () => {
  const shell = terminal({ cwd: folder });
  const about = { run_id: "7f3a", at: "2026-11-30T10:00:00.000Z", digest: null, details: {} };
  const entry = { ...about, seq: 1, actor: "amina", action: "started", previous: "0".repeat(64) };
  const whole = { ...entry, hash: entryHash(entry) };
  const verified = async (line: string) => {
    await writeFile(join(folder, "own.jsonl"), `${line}\n`);
    return (await shell.run("audit", "verify", "own.jsonl", "--digest", whole.hash)).exit;
  };
  const written = JSON.stringify(whole);
  expect(await verified(written)).toBe(0);
  expect(await verified(written.replace('"actor"', '"actor":"karim","actor"'))).toBe(2);
  expect(await verified(written.replace('"actor"', '"approved_by":"karim","actor"'))).toBe(2);
});
