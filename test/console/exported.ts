import { appendAudit } from "../../lib/evidence/audit-log.ts";
import { writeBundle } from "../../lib/evidence/bundle.ts";
import { reference, runId } from "../review/fixture.ts";
import type { World } from "../review/support.ts";

/** A small review export of the fixture's run, in the evidence and in its log; the digest of its manifest. */
export async function exportedForReview({ services }: World): Promise<string> {
  const prefix = `runs/${reference}/review/${"e".repeat(64)}`;
  const bundle = writeBundle(services.evidence, prefix, services.signer);
  await bundle.json("summary.json", { rows: 1 });
  await bundle.stream(
    "rows.csv.gz",
    (async function* () {
      yield { text: "id,name\r\n", rows: 0 };
      yield { text: "1,S. B.\r\n", rows: 1 };
    })(),
  );
  const { manifestDigest } = await bundle.finish(
    {
      kind: "review",
      run: runId,
      reference,
      migration: "ecoin",
      definition_digest: "a".repeat(64),
      dry_run_digest: "e".repeat(64),
    },
    { entries: 0, head: "0".repeat(64) },
  );
  await appendAudit(
    services.sign,
    runId,
    { actor: "wavegate", action: "export-review", digest: manifestDigest, details: { prefix } },
    services.clock(),
  );
  return manifestDigest;
}
