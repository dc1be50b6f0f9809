import type { AuditEntry } from "../../audit-chain.ts";
import type { Manifest } from "../../manifest.ts";
import type { Facts } from "../facts.ts";
import type { Lists } from "../lists.ts";
import type { ReportFacts } from "../report.ts";

/** An audit bundle, read whole: what the rooms of this folder compare with each other. */
export interface Evidence {
  readonly manifest: Manifest;
  readonly facts: Facts;
  /** Where the report is missing, or cannot be read, nothing is compared. */
  readonly lists: Lists & { readonly report: ReportFacts };
  /** Up to which entry the log's order is proved by what the verifier has from elsewhere; none unless said. */
  readonly trustedTo?: number;
}

/** Entries of the audit log with one of these actions, oldest first. */
export const entriesOf = (
  { facts }: Evidence,
  ...actions: readonly string[]
): readonly AuditEntry[] => facts.log.filter(({ action }) => actions.includes(action));

/** The dry run that the rows stand for: the newest. */
export const newestDryRun = ({ facts }: Evidence) => facts.summary.dry_runs.at(-1);

/** Waves that were not taken back. */
export const standingWaves = ({ facts }: Evidence) =>
  facts.waves.filter(({ status }) => status !== "rolled_back");
