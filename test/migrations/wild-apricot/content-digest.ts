import { createHash } from "node:crypto";
import { stateColumn } from "../../../lib/compile/above-columns.ts";
import { importedColumns } from "../../../lib/compile/columns.ts";
import { stagedTable } from "../../../lib/compile/rows.ts";
import type { Database } from "../../../lib/data/database.ts";
import { identifier, raw, sql, uuid } from "../../../lib/data/sql.ts";
import type { Migration } from "../../../lib/define/definition.ts";
import { decisionColumns } from "../../../lib/define/looked-at.ts";
import { partsOf, type WholeMigration } from "../../../lib/define/several.ts";

/**
 * SHA-256 of what a run's rows say, as they were read, decided and planned: without the source's name and without values
 * as they came. Two sources that hold the same, such as a system's export and its API, have the same one.
 */
export async function contentDigest(
  db: Database,
  migration: WholeMigration,
  run: string,
): Promise<string> {
  const hash = createHash("sha256");
  for (const part of partsOf(migration)) {
    const { digest, rows } = await db.one<{ digest: string; rows: number }>(sql`
      select encode(sha256(convert_to(coalesce(string_agg(line, E'\\n' order by line), ''), 'UTF8')), 'hex') as digest,
             count(*) as rows
        from (select encode(sha256(convert_to(jsonb_build_array(${raw(contentOf(part))})::text, 'UTF8')), 'hex') as line
                from ${raw(stagedTable(part))} s where s.run_id = ${uuid(run)}) lines`);
    hash.update(`${part.part ?? part.name} ${rows} ${digest}\n`);
  }
  return hash.digest("hex");
}

/** The columns of a row that do not depend on how the source writes. */
function contentOf(part: Migration): string {
  const made = importedColumns(part)
    .filter(({ name, from }) => from === undefined && name !== "findings" && name !== "proposals")
    .map(({ name }) => name);
  const above = Object.keys(part.entity.refs ?? {}).map(stateColumn);
  const columns = [
    "legacy_id",
    ...made,
    ...decisionColumns(part),
    ...(part.part === undefined ? [] : above),
    "planned",
    "planned_action",
    "planned_reason",
  ];
  return columns.map((name) => `s.${identifier(name)}::text`).join(", ");
}
