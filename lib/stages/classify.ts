import { classifyRows } from "../compile/judge/classify.ts";
import { allDecisions } from "../compile/rows.ts";
import { raw, sql, uuid } from "../data/sql.ts";
import { sharedOf } from "../define/several.ts";
import type { Services } from "../services/services.ts";
import { beginStage, endStage, overtaken, whileClaimed } from "./run/claim.ts";
import { openAfter } from "./run/opened-run.ts";
import { noteProgress, overRanges, wholeStage } from "./run/ranges.ts";
import { restsOn } from "./run/rests-on.ts";
import { suggestMappings } from "./run/suggest-mappings.ts";

/** Rows by classification. */
export interface Classified {
  readonly run: string;
  readonly classifications: Record<string, number>;
}

/**
 * Says what each row appears to be (M3–M6); people's decisions on mappings stay as they are. Rows that validation just
 * decided about by what still holds are not judged twice.
 */
export async function classify(services: Services, id: string): Promise<Classified> {
  const { run, migration, parts } = await openAfter(services, id, "validate");
  const db = services.stage;
  const claim = await beginStage(db, run, "validate");
  await noteProgress(db, run.id, "classify", 0);
  await whileClaimed(db, claim, (transaction) =>
    suggestMappings(transaction, sharedOf(migration), run),
  );
  // Validation decided about every row as well: where all of that rests on is the same, nothing else would be found.
  const by = await restsOn(db, migration, run.id);
  if (by !== claim.restsOn)
    await overRanges(
      db,
      parts,
      run.id,
      "classify",
      (part, range) =>
        whileClaimed(db, claim, (transaction) => transaction.execute(classifyRows(part, range))),
      1_800,
      9_200,
    );
  await endStage(db, claim, "classify", async (transaction) => {
    // A decision about a mapping puts back what is classified already, and would be missed beside it.
    if (by !== (await restsOn(transaction, migration, run.id))) throw overtaken(claim);
  });
  const { classifications } = await db.one<Pick<Classified, "classifications">>(sql`
    select coalesce(jsonb_object_agg(classification, n), '{}') as classifications
      from (select classification, count(*) as n from ${raw(allDecisions(parts, "classification"))} d
             where run_id = ${uuid(run.id)} group by 1) counted`);
  await noteProgress(db, run.id, "classify", wholeStage);
  return { run: run.id, classifications };
}
