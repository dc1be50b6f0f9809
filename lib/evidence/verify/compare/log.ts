import { type AuditEntry, verifyChain } from "../../audit-chain.ts";
import { securityLogDiffers } from "../../security-log.ts";
import { wrongMoments } from "./clock.ts";
import type { Evidence } from "./evidence.ts";
import { permissionsHeld } from "./permissions.ts";

/** The chain holds, is the manifest's, and its moments only go forward, but where a clock is known to have gone back. */
export function auditLog({
  manifest,
  facts,
  trustedTo = 0,
}: Pick<Evidence, "manifest" | "facts" | "trustedTo">): string[] {
  const { log } = facts;
  if (!manifest.audit_log) return ["The manifest does not say what the audit log was"];
  const chain = verifyChain(log);
  if (!chain.ok) return [chain.because.replace(/\.$/, "")];
  const { entries, head } = manifest.audit_log;
  if (chain.entries !== entries || chain.head !== head) {
    return [
      `The log has ${chain.entries} entries ending in ${chain.head}; it had ${entries} ending in ${head}`,
    ];
  }
  if (log.some(({ run_id }) => run_id !== manifest.run)) return ["The log is another run's"];
  const prefixes = log
    .filter(({ action }) => action === "export-audit")
    .map(({ details }) => String(details.prefix));
  // In any order: of two exports at once the later number may be told first.
  const folder = `runs/${manifest.reference}/audit/`;
  const numbered = prefixes.every(
    (prefix) => prefix.startsWith(folder) && /^\d{4,}$/.test(prefix.slice(folder.length)),
  );
  if (!numbered || new Set(prefixes).size < prefixes.length) {
    return ["The log has exports that do not lie each under a number of its own below the run"];
  }
  const strange = [
    ...startedOnce(facts),
    ...byNobody(log),
    ...twice(log),
    ...restored(log),
    ...aboutNothing({ manifest, facts }),
  ];
  if (strange.length > 0) return strange;
  return wrongMoments({ facts, trustedTo });
}

/** The log of what happens around runs: its chain and its head, and who might do what the audit log tells. */
export function securityLog({ manifest, facts, trustedTo = 0 }: Evidence): string[] {
  const differs = securityLogDiffers(facts.security, manifest);
  return differs.length > 0 ? differs : permissionsHeld({ facts, trustedTo });
}

/** What only the engine does; `wavegate` stands for it. */
const OF_THE_ENGINE = [
  ...["dry-run", "export-review", "sign-off-asked", "commit", "verify", "drill"],
  ...["rolled-back", "rows-refused", "final-verify", "sign-offs-voided"],
  ...["sign-off-voided", "export-audit"],
];

/** The engine's own, and rollbacks of persons who asked for none: a drill's is the engine's. */
function byNobody(log: readonly AuditEntry[]): string[] {
  const asked = new Set<string>(["wavegate"]);
  return log.flatMap(({ seq, action, actor, details }) => {
    // “started” in logs of before executions had a word of their own.
    const begun = action === "execution-started" || action === "started";
    if (begun && details.what === "rollback") asked.add(actor);
    if (action === "rollback" && !asked.has(actor)) {
      return [`Entry ${seq} is a rollback by somebody who asked for none`];
    }
    return OF_THE_ENGINE.includes(action) && actor !== "wavegate"
      ? [`Entry ${seq} is the engine's and by somebody else`]
      : [];
  });
}

/** Who started a run is told once, when it became known; in older logs, single acts are told of by this word too (W5, W8). */
function startedOnce({ log, summary }: Evidence["facts"]): string[] {
  const starter = summary.pinned_to.started_by;
  const told = log.filter(({ action, details }) => action === "started" && !("what" in details));
  const right =
    starter === null
      ? told.length === 0
      : told.length === 1 &&
        told[0]?.actor === starter &&
        Object.keys(told[0]?.details ?? {}).length === 0;
  return right ? [] : ["The log does not tell once, and as the summary does, who started the run"];
}

/** Two entries that differ in nothing but their place are one that was copied. */
function twice(log: readonly AuditEntry[]): string[] {
  const seen = new Set<string>();
  return log.flatMap(({ seq, previous: _, hash: __, ...entry }) => {
    const text = JSON.stringify(entry);
    const again = seen.has(text);
    seen.add(text);
    return again ? [`Entry ${seq} stands twice`] : [];
  });
}

/** A restored backup begins before it ends, ends once, and is the same one. */
function restored(log: readonly AuditEntry[]): string[] {
  let begun: unknown;
  return log.flatMap(({ seq, action, details }) => {
    const { backup_sha256: backup } = details;
    if (action === "restore-begun") begun = backup;
    if (action !== "restored" && action !== "restore-failed") return [];
    const right = typeof backup === "string" && backup === begun;
    begun = undefined;
    return right ? [] : [`Entry ${seq} ends a restore that was not begun`];
  });
}

/** A digest is of something that the bundle has; an export's own is of an earlier bundle, which somebody may have taken. */
function aboutNothing({ manifest, facts }: Pick<Evidence, "manifest" | "facts">): string[] {
  const { dry_runs, review_exports } = facts.summary;
  const known = new Set<string | null>([
    null,
    manifest.definition_digest,
    ...dry_runs.map(({ digest }) => digest),
    ...review_exports.map(({ manifest_digest }) => manifest_digest),
    ...facts.signOffs.map(({ digest }) => digest),
  ]);
  return facts.log
    .filter(({ action, digest, details }) => {
      if (action === "export-audit") {
        known.add(digest);
        return digest !== details.manifest;
      }
      // Rules that somebody tried are none of the run's.
      if (action === "rows-judged-anew") return !/^[0-9a-f]{64}$/u.test(digest ?? "");
      return !known.has(digest);
    })
    .map(({ seq }) => `Entry ${seq} is about a digest that nothing in the bundle has`);
}
