import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { z } from "zod";
import { type AuditEntry, verifyChain } from "../../evidence/audit-chain.ts";
import { pullBundle } from "../../evidence/pull.ts";
import { verifyBundle } from "../../evidence/verify-bundle.ts";
import { several } from "../../services/words.ts";
import { evidenceOf } from "../aws.ts";
import type { Answer, Frame } from "../command.ts";
import { CannotRun } from "../failure.ts";
import { runOrLatest } from "../runs.ts";
import { withAws } from "./with-aws.ts";

/** `wavegate audit pull`: the newest audit bundle of a run, each file verified on arrival. */
export const pull = (frame: Frame, options: { run?: string; to?: string }): Promise<Answer> =>
  withAws(frame, async (aws) => {
    const run = await runOrLatest(aws.db, options.run);
    const folder = resolve(frame.io.cwd, options.to ?? `${run.reference}-audit`);
    const pulled = await pullBundle(evidenceOf(aws), `runs/${run.reference}/audit`, folder);
    return {
      json: { run: run.reference, folder, ...pulled },
      text: [
        `${several(pulled.files, "file")} of ${pulled.prefix} in ${folder}`,
        `Manifest ${pulled.manifestDigest}`,
        `Verify it, without any connection: wavegate audit verify ${folder} --manifest ${pulled.manifestDigest}`,
      ],
    };
  });

const Entry = z.object({
  run_id: z.string(),
  seq: z.number().int(),
  at: z.string(),
  actor: z.string(),
  action: z.string(),
  digest: z.string().nullable(),
  details: z.record(z.string(), z.unknown()),
  previous: z.string(),
  hash: z.string(),
});

/**
 * `wavegate audit verify`: a fetched log, or the folder of an exported bundle; offline. Exit 1 when
 * something does not hold.
 */
export async function verify(
  frame: Frame,
  name: string,
  expectedManifest: string | undefined,
): Promise<Answer> {
  const path = resolve(frame.io.cwd, name);
  const found = await stat(path).catch((error) => unreadable(path, error));
  return found.isDirectory() ? verifyFolder(path, expectedManifest) : verifyLog(path);
}

async function verifyFolder(folder: string, expectedManifest?: string): Promise<Answer> {
  const { ok, checks } = await verifyBundle(folder, expectedManifest);
  return {
    exit: ok ? 0 : 1,
    json: { folder, ok, checks },
    text: [
      ...checks.map(
        ({ passed, name, message }) => `${passed ? "PASS" : "FAIL"}  ${name}: ${message}`,
      ),
      "",
      ok ? "The bundle holds." : "The bundle does NOT hold.",
    ],
  };
}

async function verifyLog(file: string): Promise<Answer> {
  const verdict = verifyChain(parse(file, await text(file)));
  return {
    exit: verdict.ok ? 0 : 1,
    json: { file, ...verdict },
    text: verdict.ok
      ? [
          `${several(verdict.entries, "entry", "entries")}; the chain holds.`,
          `Its head is ${verdict.head}: compare it with the manifest of the audit export, which shows entries cut off at the end.`,
        ]
      : [`The chain is BROKEN at entry ${verdict.at}: ${verdict.because}`],
  };
}

const text = (file: string): Promise<string> =>
  readFile(file, "utf8").catch((error) => unreadable(file, error));

function unreadable(path: string, error: NodeJS.ErrnoException): never {
  throw new CannotRun(
    "FileUnreadable",
    `${path} cannot be read (${error.code}). Nothing was verified.`,
  );
}

function parse(file: string, content: string): AuditEntry[] {
  const lines = content.split("\n").filter((line) => line.trim() !== "");
  return lines.map((line, index) => {
    try {
      return Entry.parse(JSON.parse(line));
    } catch {
      throw new CannotRun(
        "NotAnAuditLog",
        `Line ${index + 1} of ${file} is no audit entry. Nothing was verified.`,
      );
    }
  });
}
