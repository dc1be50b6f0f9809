import { identifier, literal } from "../../data/sql.ts";
import type { AuditViews } from "../../define/audit-views.ts";
import type { InsertAction, Migration, Value } from "../../define/definition.ts";
import { partsOf, type WholeMigration } from "../../define/several.ts";
import { drawnColumn, givenKey } from "../../define/target-key.ts";
import { rowColumn, writes } from "../above-columns.ts";
import { valueColumn } from "../columns.ts";
import { parentOf, refsOf, standsIn } from "../references/above.ts";
import { namedKey } from "../references/choices.ts";
import { decisionsTable, sourceTable } from "../rows.ts";
import { derivedUuid } from "../target/new-keys.ts";
import { keyColumnsOf } from "../target-key.ts";

/** The audit's columns that say nothing of what a row is called. */
export const auditTells = [
  ...["run_id", "entity", "target_table", "status", "reason", "created_at_utc"],
];

/** The DDL of a migration's views for auditors (`lib/define/audit-views.ts`), safe to run again. */
export function createAuditViews(migration: WholeMigration): readonly string[] {
  const { audit } = migration;
  if (audit === undefined) return [];
  const parts = partsOf(migration).filter(({ part }) => Object.hasOwn(audit.entities, part ?? ""));
  const mappings = [...parts.map((part) => mappingsOf(part, audit)), refusedRuns(migration.name)];
  return [
    `drop view if exists ${view(audit.runs)}, ${view(audit.mappings)}`,
    `create view ${view(audit.runs)} as
  select r.id, coalesce(r.source ->> 'description', r.connection_name) as source, r.created_at as started_at_utc,
         case when r.status in ('completed', 'stopped', 'rolled_back', 'halted') or (r.trial is not null and r.stage in ('dry-run', 'export-review'))
              then r.updated_at end as ended_at_utc,
         concat_ws(': ', case when r.trial is not null then 'dry run' end, r.status, r.halted_because ->> 'message') as notes
    from wavegate.legacy_import_runs r where r.migration = ${literal(migration.name)}`,
    `create view ${view(audit.mappings)} as${mappings.join("\n  union all")}`,
  ];
}

const view = (name: string): string => `wavegate.${identifier(name)}`;

/** A run that ends before anything is judged has one line, for what kept it from that. */
const refusedRuns = (name: string): string => `
  select r.id, 'phase', r.stage, 'system', null, 'error',
         case when r.halted_because ->> 'message' like '%policy\\_denied%' then 'policy_denied' else r.halted_because ->> 'error' end,
         r.updated_at
    from wavegate.legacy_import_runs r
   where r.migration = ${literal(name)} and r.status = 'halted' and r.stage = 'preflight'`;

function mappingsOf(migration: Migration, { entities }: AuditViews): string {
  const { into } = standsIn(migration);
  const open = `d.planned in ${writes(migration)} and d.import_state in ('pending', 'rolled_back')`;
  const kept = "('moved_before', 'there', 'unchanged')";
  return `
  select d.run_id, ${literal(entities[migration.part ?? ""] ?? "")}::text as entity, ${namedKey("s")} as legacy_id,
         ${literal(into)}::text as target_table,
         case when m.status = 'ok' or d.state_reason in ${kept} then ${targetId(migration, "s", "d")} end as target_id,
         m.status,
         case when m.status = 'ok' then d.planned_reason when d.state_reason = 'refused_by_platform' then 'constraint_violation'
              when d.import_state = 'rolled_back' then 'rolled_back' else coalesce(d.state_reason, d.planned_reason) end as reason,
         r.created_at as created_at_utc
    from ${decisionsTable(migration)} d
    join ${sourceTable(migration)} s on s.run_id = d.run_id and s.id = d.staged_id
    join wavegate.legacy_import_runs r on r.id = d.run_id
    cross join lateral (
      select case when d.import_state in ('committed', 'linked') then 'ok'
                  -- What a trial would write is told as if it had; of a run what is not written yet is not told.
                  when ${open} and r.trial is not null then 'ok'
                  when ${open} then case d.import_state when 'rolled_back' then 'skip' end
                  when d.planned = 'conflict' then 'conflict'
                  when d.import_state = 'failed' or d.state_reason = 'refused_by_platform' then 'error'
                  else 'skip' end as status) m
   where m.status is not null and d.planned is not null`;
}

/** The key that a row's record has, or would have, on the platform, over its source and its decisions. */
function targetId(migration: Migration, source: string, decisions: string): string {
  const action = standsIn(migration);
  const keys = keyColumnsOf(action.id).map((column) =>
    keyValue(migration, action, column, source, decisions),
  );
  return keys.length === 1 ? `(${keys[0]})::text` : `concat_ws(':', ${keys.join(", ")})`;
}

/** A column of a row's key: of a row that is there already as the platform has it. */
function keyValue(
  migration: Migration,
  action: InsertAction,
  column: string,
  source: string,
  decisions: string,
): string {
  const made = newKeyValue(migration, action, column, source, decisions);
  return migration.part === undefined && migration.entity.is === undefined
    ? made
    : `coalesce(${decisions}.there_key ->> ${literal(column)}, (${made})::text)`;
}

function newKeyValue(
  migration: Migration,
  { into, id }: InsertAction,
  column: string,
  source: string,
  decisions: string,
): string {
  if (drawnColumn(id) !== undefined) {
    const { importedAs } = standsIn(migration);
    const whole = `${decisions}.${identifier(importedAs)}::text`;
    // Of several columns all are kept in one.
    return keyColumnsOf(id).length === 1 ? whole : `(${whole}::jsonb ->> ${literal(column)})`;
  }
  if (typeof id === "object" && "derived" in id)
    return derivedUuid(migration, into, id.from, source);
  return valueAt(migration, givenKey(id)[column] as Value, source, decisions);
}

/** A value over a row's source and decisions, what a row above is included. */
function valueAt(migration: Migration, value: Value, source: string, decisions: string): string {
  if ("staged" in value) {
    const column = identifier(valueColumn(migration, value.staged));
    return `${Object.hasOwn(migration.entity.decide, value.staged) ? decisions : source}.${column}::text`;
  }
  if ("constant" in value) return literal(value.constant);
  if ("uuid" in value) return derivedUuid(migration, value.uuid, value.from, source);
  if (!("of" in value)) return "null::text";
  const parent = parentOf(migration, value.of);
  const depth = refsOf(migration).length === 0 ? 0 : source.length;
  const [s, d] = [`s${depth}_${value.of}`, `d${depth}_${value.of}`];
  const action = standsIn(parent);
  const [key] = keyColumnsOf(action.id);
  const column = value.column ?? (key as string);
  const inner = keyColumnsOf(action.id).includes(column)
    ? keyValue(parent, action, column, s, d)
    : `coalesce((select t.seen ->> ${literal(column)} from wavegate.rows_there t where t.run_id = ${s}.run_id and t.staged_id = ${s}.id and t.target_key is not null),
                    (${valueAt(parent, action.values[column] ?? { constant: "" }, s, d)})::text)`;
  return `(select ${inner} from ${sourceTable(parent)} ${s} join ${decisionsTable(parent)} ${d} on ${d}.run_id = ${s}.run_id and ${d}.staged_id = ${s}.id
           where ${s}.run_id = ${source}.run_id and ${s}.id = ${decisions}.${identifier(rowColumn(value.of))})`;
}
