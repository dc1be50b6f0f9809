import { type Sql, sql } from "../../data/sql.ts";
import type { DatabaseRoles } from "../../define/database-roles.ts";
import { commitMarks } from "../staging/staging.ts";
import type { Privilege } from "./privilege.ts";

/** What taking back a run of an earlier definition needs: it lives by its pin (D35). */
export interface StandingRun {
  /** Tables that its waves wrote into, where they are found, and the columns that were changed of rows that were there. */
  readonly targets: readonly {
    readonly table: string;
    readonly schema: string;
    readonly updated: readonly {
      /** Its name when it was written, and as it is now, with the catalogue's number. */
      readonly written: string;
      readonly now: string;
      readonly number: number;
    }[];
  }[];
  /** The tables of decisions about its rows, and the columns that keep ids of the platform. */
  readonly staging: readonly { readonly decisions: string; readonly ids: readonly string[] }[];
}

/** The runs of a migration of which something stands on the platform; tables and columns that are gone are left out. */
export const findStandingRuns = (migration: string): Sql => sql`
  select (select coalesce(jsonb_agg(jsonb_build_object('table', c.relname, 'schema', n.nspname, 'updated',
                   (select coalesce(jsonb_agg(jsonb_build_object('written', k.name, 'now', a.attname, 'number', a.attnum) order by a.attnum), '[]')
                      from jsonb_array_elements_text(coalesce(t -> 'updated', '[]')) k (name)
                      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
                       -- By the number that it had when it was written: the platform may have renamed it.
                       and a.attnum = coalesce(
                         (select (s ->> 'number')::int from wavegate.waves w, jsonb_array_elements(to_jsonb(w) -> 'shape' -> (t ->> 'table')) s
                           where w.run_id = r.id and s ->> 'name' = k.name and coalesce((s ->> 'of')::oid, c.oid) = c.oid
                           order by w.wave desc limit 1),
                         (select b.attnum from pg_attribute b where b.attrelid = c.oid and b.attname = k.name and not b.attisdropped))))), '[]')
            from jsonb_array_elements(p.pin -> 'targets') t
            join pg_class c on c.oid = to_regclass(quote_ident(t ->> 'table')) and c.relkind in ('r', 'p')
            join pg_namespace n on n.oid = c.relnamespace) as targets,
         (select coalesce(jsonb_agg(jsonb_build_object('decisions', e #>> '{staging,decisions}', 'ids', e #> '{staging,ids}')), '[]')
            from jsonb_array_elements(coalesce(p.pin -> 'entities', jsonb_build_array(p.pin))) e) as staging
    from wavegate.legacy_import_runs r
    -- A schema of before there were pins has no such column yet.
    cross join lateral (select to_jsonb(r) -> 'pin' as pin) p
   where r.migration = ${migration} and p.pin ->> 'format' in ('1', '2', '3')
     and exists (select from wavegate.legacy_import_commit_logs l where l.run_id = r.id and l.rolled_back_at is null)
   order by r.created_at`;

/** What the commit role keeps on the staging of runs that stand: their rollback clears what waves marked. */
export const standingStaging = (
  runs: readonly StandingRun[],
  commit: string,
): readonly Privilege[] =>
  runs.flatMap(({ staging }) =>
    staging.flatMap(({ decisions, ids }): Privilege[] => {
      const on = { role: commit, kind: "table", schema: "wavegate", name: decisions } as const;
      return [
        { ...on, may: "select" },
        { ...on, may: "update", columns: [...commitMarks, ...ids] },
      ];
    }),
  );

/** What it keeps on the platform: to delete what they created, and to give back what they changed. */
export const standingOnPlatform = (
  runs: readonly StandingRun[],
  { owner, stage, sign, commit }: DatabaseRoles,
  migration: string,
): readonly Privilege[] =>
  runs.flatMap(({ targets }) =>
    targets.flatMap(({ table, schema, updated }): Privilege[] => {
      const on = { kind: "table", schema, name: table } as const;
      const role = commit(migration);
      return [
        ...[owner, stage, sign, role].map(
          (reads): Privilege => ({ ...on, role: reads, may: "select" }),
        ),
        { ...on, role, may: "insert" },
        { ...on, role, may: "delete" },
        ...(updated.length === 0
          ? []
          : [{ ...on, role, may: "update" as const, columns: updated.map(({ now }) => now) }]),
      ];
    }),
  );
