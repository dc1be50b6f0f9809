import { literal } from "../../data/sql.ts";
import type { InsertAction, Migration } from "../../define/definition.ts";
import { keyToLink } from "../people-keys.ts";

/** The key of the row of the platform that a staged row `s` is: what this run wrote of it, what was there, or whom a wave will link it to. */
export const keyThere = (migration: Migration, id: InsertAction["id"], into: string): string => {
  const own =
    typeof id === "string"
      ? `coalesce(l.target_key, jsonb_build_object(${literal(id)}, l.target_id))`
      : "l.target_key";
  return `coalesce(
                case when s.import_state in ('committed', 'linked') then (
                  select ${own} from wavegate.legacy_import_commit_logs l
                   where l.run_id = s.run_id and l.staged_id = s.id and l.rolled_back_at is null
                     and l.target_table = ${literal(into)} order by l.id desc limit 1) end,
                case when s.there_table = ${literal(into)} then s.there_key end${keyToLink(migration, into)})`;
};
