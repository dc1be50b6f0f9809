import type { Manifest } from "../../manifest.ts";
import { digestOfParts, pinnedDigest } from "../../review-digest.ts";
import type { RowFacts } from "../rows.ts";
import { Findings } from "../say.ts";
import type { ReviewFacts } from "../shapes.ts";
import { countedRows } from "./dry-run.ts";

/** A review export: its summary against its manifest and its rows. */
export function shownForReview(manifest: Manifest, facts: ReviewFacts, rows: RowFacts): string[] {
  const { pinned_to: run, dry_run } = facts;
  const { connection, ...rest } = run;
  const found = new Findings();
  const same = (what: string, one: unknown, other: unknown) =>
    found.same(what, one, "the manifest", other, "summary.json");
  same("the run", manifest.run, run.run);
  same("the reference", manifest.reference, run.reference);
  same("the migration", manifest.migration, run.migration);
  same("the rules", manifest.definition_digest, run.definition_digest);
  same("the rules", manifest.definition_digest, dry_run.parts.definition);
  same("the dry run", manifest.dry_run_digest, dry_run.digest);
  found.unless(
    dry_run.digest === digestOfParts(dry_run.parts),
    "the dry run's digest is not the one of its parts",
  );
  const pin = pinnedDigest({ ...rest, connection_name: connection });
  found.unless(
    dry_run.parts.run === pin,
    "the dry run is about another source, focus, plan, seed or starter",
  );
  return [...found.all, ...countedRows(dry_run.report, rows)];
}
