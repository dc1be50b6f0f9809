import type { PinnedLook } from "../../compile/pin/look.ts";
import type { Pin } from "../../compile/pin/pin.ts";
import { decisionsOf } from "../../compile/rows.ts";
import type { Database } from "../../data/database.ts";
import { rowsWhole } from "../../data/records.ts";
import { raw, sql, uuid } from "../../data/sql.ts";

/** A sampled row without what it holds: where it stands among the others, and its verdict. */
export interface SamplePlace {
  readonly stagedId: number;
  /** The samples that it was drawn for. */
  readonly buckets: readonly string[];
  readonly classification: string | null;
  readonly verdict: "right" | "wrong" | null;
  readonly judgedBy: string | null;
  readonly judgedAt: string | null;
}

/** The sampled rows of a reviewed state in the order in which they are judged: quota by quota, each row once. */
export async function sampleList(
  db: Database,
  { look, pin }: { readonly look: PinnedLook; readonly pin: Pin },
  run: string,
  digest: string,
): Promise<readonly SamplePlace[]> {
  const quotas = look.parts.flatMap(({ samples }) => samples.map(({ id }) => id));
  const found = await rowsWhole<SamplePlace>(
    db,
    sql`
    select t.staged_id as "stagedId", d.classification, t.buckets, t.verdict, t.judged_by as "judgedBy",
           t.judged_at::text as "judgedAt"
      from (select staged_id, jsonb_agg(bucket) as buckets, min(verdict) as verdict,
                   min(judged_by) as judged_by, max(judged_at) as judged_at
              from wavegate.samples where run_id = ${uuid(run)} and digest = ${digest}
             group by staged_id) t
      left join ${raw(decisionsOf(pin.entities, "run_id", "staged_id", "classification"))} d
        on d.run_id = ${uuid(run)} and d.staged_id = t.staged_id
     order by t.staged_id`,
  );
  const rank = (buckets: readonly string[]) => quotas.findIndex((id) => buckets.includes(id));
  return (
    found
      .map((place) => ({ place, rank: rank(place.buckets) }))
      // Of a run whose quotas are not known any more every row is shown.
      .filter((each) => quotas.length === 0 || each.rank >= 0)
      .sort((one, other) => one.rank - other.rank || one.place.stagedId - other.place.stagedId)
      .map(({ place }) => place)
  );
}
