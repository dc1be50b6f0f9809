import { type DatabaseRoles, rolesBeside } from "../define/database-roles.ts";
import { type Database, longestWait } from "./database.ts";
import { raw } from "./sql.ts";

/**
 * What sessions of wavegate's roles begin with, whatever is set for the database, by name as PostgreSQL keeps it. Nobody
 * waits for a lock until the Data API ends the statement, whatever it locks and be it outside of a transaction: behind a
 * long wave it is told that somebody else writes, which is sent again (`DatabaseContended`). No statement is ended before
 * the Data API does: a limit that the platform's people set for their database would end a rollback for ever; nor a transaction between two of them. A statement that waited sees
 * what was written meanwhile, may write, and is read as it was meant; moments, days and names come as texts that say the
 * same in every database, and what has no zone is UTC's.
 */
const ofEveryServer: Readonly<Record<string, string>> = {
  lock_timeout: longestWait,
  statement_timeout: "0",
  idle_in_transaction_session_timeout: "3min",
  row_security: "on",
  default_transaction_isolation: "read committed",
  default_transaction_read_only: "off",
  default_transaction_deferrable: "off",
  standard_conforming_strings: "on",
  transform_null_equals: "off",
  array_nulls: "on",
  TimeZone: "UTC",
  DateStyle: "ISO, MDY",
  IntervalStyle: "postgres",
  extra_float_digits: "1",
  bytea_output: "hex",
  quote_all_identifiers: "off",
  xmloption: "content",
};

/** The same, of settings that not every server knows: what they restrict, or end after some time, are statements of a stage. */
export const ofNewerServers: Readonly<Record<string, string>> = {
  restrict_nonsystem_relation_kind: "",
  transaction_timeout: "0",
  idle_session_timeout: "0",
};

/**
 * Whoever may make functions where the platform's tables are could have one of them called for PostgreSQL's own, as its
 * arguments fit better. Who decides is to call none but in transactions that write nothing.
 */
const pathOfSign = "pg_catalog, pg_temp";

export const settingsOf = (
  role: string,
  { sign }: Pick<DatabaseRoles, "sign">,
): Readonly<Record<string, string>> => ({
  ...ofEveryServer,
  ...ofNewerServers,
  ...(role === sign ? { search_path: pathOfSign } : {}),
});

/**
 * What sessions of wavegate's roles begin with otherwise than the set-up settled it, `ROLE with NAME = VALUE` each: set by
 * whoever has a role's password, or administers the database. Where something was not found it is also where the whole
 * database looks for tables, which may be right.
 *
 * @param db as one of those roles
 */
export async function settledOtherwise(db: Database, absent: boolean): Promise<string[]> {
  // A server keeps settings of the roles of all its databases: more than one answer carries, where there are many.
  const found = await db.rows<{ role: string; whose: string | null; name: string; value: string }>(
    raw(`
    select here.role, r.rolname::text as whose, split_part(c.setting, '=', 1) as name,
           left(substr(c.setting, strpos(c.setting, '=') + 1), 60) as value
      from (select current_user::text as role, substring(current_user from '^(.*)_') as beside) here
     cross join pg_db_role_setting s left join pg_roles r on r.oid = s.setrole cross join unnest(s.setconfig) c (setting)
     where s.setdatabase in (0, (select oid from pg_database where datname = current_database()))
       and (s.setrole = 0 or r.rolname in (here.beside || '_stage', here.beside || '_sign', here.beside || '_operator')
                          or starts_with(r.rolname, here.beside || '_commit_'))
     order by 2, 3, s.setdatabase`),
  );
  const [first] = found;
  const roles = first && rolesBeside(first.role);
  if (roles === undefined) return [];
  return found.flatMap(({ whose, name, value }) => {
    const wrong =
      whose === null ? absent && name === "search_path" : settingsOf(whose, roles)[name] !== value;
    return wrong ? [`${whose ?? "every role"} with ${name} = ${value}`] : [];
  });
}
