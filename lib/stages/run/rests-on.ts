import { createHash } from "node:crypto";
import { classifyRows } from "../../compile/judge/classify.ts";
import { decideRows } from "../../compile/judge/decide.ts";
import type { RowRange } from "../../compile/rows.ts";
import type { Database } from "../../data/database.ts";
import { render } from "../../data/sql.ts";
import { partsOf, type WholeMigration } from "../../define/several.ts";
import { mappingTables } from "../../review/digest/digest.ts";
import { digestsOfMappings, hashesOf } from "../../review/digest/digest-sql.ts";

/** No range of any run. */
const nowhere: RowRange = { run: "00000000-0000-0000-0000-000000000000", after: 0, upTo: 0 };

/**
 * A digest of what first decisions about a run's rows rest on beside the rows themselves, which nobody changes: how they
 * are made, and all that is said of mappings, when it was said included. As long as it is the same, deciding again finds
 * the same.
 */
export async function restsOn(
  db: Database,
  migration: WholeMigration,
  run: string,
): Promise<string> {
  const mappings = await digestsOfMappings(db, mappingTables(migration), run, []);
  const said = await hashesOf(
    db,
    mappings.map(([, statement]) => statement),
  );
  const how = partsOf(migration).flatMap((part) =>
    [decideRows(part, nowhere, false), classifyRows(part, nowhere)].map((each) => render(each).sql),
  );
  return createHash("sha256")
    .update(JSON.stringify([how, said]))
    .digest("hex");
}
