import { describe, expect, it } from "vitest";
import { type AuditEntry, CHAIN_START, entryHash } from "../../lib/evidence/audit-chain.ts";
import type { Manifest } from "../../lib/evidence/manifest.ts";
import { auditLog } from "../../lib/evidence/verify/compare/log.ts";
import type { Facts } from "../../lib/evidence/verify/facts.ts";

const run = "7f3a0000-0000-4000-8000-00000000f981";
const rules = "a".repeat(64);
const shown = "b".repeat(64);
const other = "c".repeat(64);

type Told = Partial<Omit<AuditEntry, "seq" | "previous" | "hash">> & { readonly action: string };

/** A log of a run, a minute from entry to entry, whose chain holds. */
function chained(entries: readonly Told[]): readonly AuditEntry[] {
  let previous = CHAIN_START;
  return entries.map((told, index) => {
    const minute = `${index}`.padStart(2, "0");
    const own = { run_id: run, at: `2026-11-20T10:${minute}:00.000Z`, actor: "wavegate" };
    const draft = { ...own, digest: null, details: {}, ...told, seq: index + 1, previous };
    const hash = entryHash(draft);
    previous = hash;
    return { ...draft, hash };
  });
}

const started = { action: "started", actor: "nadia" };

/** What is said of a log that somebody wrote anew, with its manifest. */
function said(entries: readonly Told[], manifest: object = {}, starter: string | null = "nadia") {
  const log = chained(entries);
  const pinned_to = { started_by: starter, started_at: "2026-11-20T10:00:00Z" };
  const summary = {
    pinned_to,
    dry_runs: [{ digest: shown }],
    review_exports: [],
    exported_at: "2026-11-20T11:00:00.000Z",
  };
  return auditLog({
    manifest: {
      run,
      reference: "ecoin-1",
      definition_digest: rules,
      audit_log: { entries: log.length, head: log.at(-1)?.hash ?? CHAIN_START },
      ...manifest,
    } as unknown as Manifest,
    facts: { log, signOffs: [], summary } as unknown as Facts,
    trustedTo: 0,
  });
}

const exported = (prefix: string, digest = other): Told => ({
  action: "export-audit",
  digest,
  details: { prefix, manifest: other },
});
const backup = (action: string, sha: unknown, actor = "omar"): Told => ({
  ...{ action, actor },
  details: { backup_sha256: sha },
});
const begun = { action: "execution-started", actor: "omar", details: { what: "rollback" } };

describe("W12 what a log says of itself, whoever chained it anew", () => {
  it.each<readonly [string, readonly Told[]]>([
    ["a run that was started, and nothing else", [started]],
    ["the engine's own rollback", [started, { action: "rollback" }]],
    ["a rollback that somebody asked for", [started, begun, { action: "rollback", actor: "omar" }]],
    [
      "one by the word that older logs have",
      [started, { ...begun, action: "started" }, { action: "rollback", actor: "omar" }],
    ],
    [
      "exports under numbers of their own",
      [started, exported("runs/ecoin-1/audit/0002"), exported("runs/ecoin-1/audit/0001")],
    ],
    ["a dry run", [started, { action: "dry-run", digest: shown }]],
    [
      "rows that were judged by other rules",
      [started, { action: "rows-judged-anew", digest: other }],
    ],
    [
      "what is about an export that was told before",
      [
        started,
        exported("runs/ecoin-1/audit/0001"),
        { action: "export-downloaded", digest: other },
      ],
    ],
    [
      "a backup that was put back, and one that was not",
      [
        ...[started, backup("restore-begun", "s"), backup("restored", "s")],
        ...[backup("restore-begun", "t"), backup("restore-failed", "t")],
      ],
    ],
  ])("takes %s", (_, log) => {
    expect(said(log)).toEqual([]);
  });

  const byNobody = [/rollback by somebody who asked for none/u];
  it.each<readonly [string, readonly Told[], readonly RegExp[]]>([
    [
      "a rollback that nobody asked for",
      [started, { action: "rollback", actor: "omar" }],
      byNobody,
    ],
    [
      "one that another asked for",
      [started, begun, { action: "rollback", actor: "lina" }],
      byNobody,
    ],
    [
      "one that is asked for afterwards",
      [started, { action: "rollback", actor: "omar" }, begun],
      byNobody,
    ],
    [
      "one that is only talked of before",
      [started, { ...begun, action: "pause" }, { action: "rollback", actor: "omar" }],
      byNobody,
    ],
    [
      "what the engine alone does, by a person",
      [started, { action: "dry-run", actor: "omar", digest: shown }],
      [/is the engine's and by somebody else/u],
    ],
    ["two who started", [started, { ...started, actor: "omar" }], [/does not tell once/u]],
    ["another who started", [{ ...started, actor: "omar" }], [/does not tell once/u]],
    ["nobody who started", [], [/does not tell once/u]],
    ["more than who started", [{ ...started, details: { by: "page" } }], [/does not tell once/u]],
    ["another run's", [{ ...started, run_id: rules }], [/is another run's/u]],
    [
      "an export below another run",
      [started, exported("runs/ecoin-2/audit/0001")],
      [/exports that do not lie/u],
    ],
    [
      "one under no number",
      [started, exported("runs/ecoin-1/audit/x")],
      [/exports that do not lie/u],
    ],
    [
      "two under one",
      [started, exported("runs/ecoin-1/audit/0001"), exported("runs/ecoin-1/audit/0001")],
      [/exports that do not lie/u],
    ],
    [
      "an export of another digest",
      [started, exported("runs/ecoin-1/audit/0001", shown)],
      [/a digest that nothing in the bundle has/u],
    ],
    [
      "a digest of nothing",
      [started, { action: "dry-run", digest: other }],
      [/a digest that nothing in the bundle has/u],
    ],
    [
      "what is about an export that is told afterwards",
      [
        started,
        { action: "export-downloaded", digest: other },
        exported("runs/ecoin-1/audit/0001"),
      ],
      [/a digest that nothing in the bundle has/u],
    ],
    [
      "rows that were judged by no rules",
      [started, { action: "rows-judged-anew" }],
      [/a digest that nothing in the bundle has/u],
    ],
    [
      "a backup that nobody began to put back",
      [started, backup("restored", "s")],
      [/was not begun/u],
    ],
    [
      "another backup than the one that was begun",
      [started, backup("restore-begun", "s"), backup("restored", "t")],
      [/was not begun/u],
    ],
    [
      "one that was put back twice",
      [
        started,
        backup("restore-begun", "s"),
        backup("restored", "s"),
        backup("restore-failed", "s"),
      ],
      [/was not begun/u],
    ],
    ["one of no name", [started, backup("restored", undefined)], [/was not begun/u]],
  ])("notices %s", (_, log, found) => {
    expect(said(log)).toEqual(found.map((each) => expect.stringMatching(each)));
  });

  it("notices a copied entry, a count that is not the log's, and a starter of whom the summary does not know", () => {
    const pause = { action: "pause", actor: "nadia", at: "2026-11-20T10:05:00.000Z" };
    expect(said([started, pause, pause])).toEqual(["Entry 3 stands twice"]);
    const [first] = chained([started]);
    const more = { audit_log: { entries: 2, head: first?.hash } };
    expect(said([started], more)).toEqual([expect.stringMatching(/^The log has 1 entries/u)]);
    expect(said([started], { audit_log: undefined })).toEqual([
      "The manifest does not say what the audit log was",
    ]);
    expect(said([{ action: "pause", actor: "nadia" }], {}, null)).toEqual([]);
    expect(said([started], {}, null)).toEqual([expect.stringMatching(/does not tell once/u)]);
  });
});
