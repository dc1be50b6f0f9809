import type { Database } from "../../data/database.ts";
import { raw } from "../../data/sql.ts";

/**
 * What a database's own log would quote of people, as its settings are, each with what mends it (W14): PostgreSQL tells of
 * a row that a constraint refuses with the row, of what cannot be read with the value, and of slow statements with what
 * they were given; so do auto_explain, unless it is told not to, and pgaudit, where it is told to.
 */
export const serverLogQuotes = async (db: Database): Promise<readonly string[]> =>
  (
    await db.rows<{ says: string }>(
      raw(`
    with set (name, value) as (
      select n, current_setting(n, true) from unnest(array['log_error_verbosity', 'log_min_messages', 'log_parameter_max_length',
        'log_parameter_max_length_on_error', 'log_statement', 'log_min_duration_statement', 'log_min_duration_sample',
        'auto_explain.log_min_duration', 'auto_explain.log_parameter_max_length', 'pgaudit.log', 'pgaudit.log_parameter']) n),
    is_set as (select jsonb_object_agg(name, value) as s from set)
    select says from is_set cross join lateral (values
      (0, s ->> 'log_min_messages' not in ('log', 'fatal', 'panic'), 'values that no column takes (log_min_messages = log)'),
      (1, s ->> 'log_min_messages' not in ('log', 'fatal', 'panic') and s ->> 'log_error_verbosity' <> 'terse', 'rows that are refused (log_error_verbosity = terse)'),
      (2, s ->> 'log_parameter_max_length_on_error' <> '0', 'values of statements that fail (log_parameter_max_length_on_error = 0)'),
      (3, s ->> 'log_parameter_max_length' not in ('0', '0B')
          and (s ->> 'log_statement' <> 'none' or s ->> 'log_min_duration_statement' <> '-1' or s ->> 'log_min_duration_sample' <> '-1'),
          'values of statements (log_parameter_max_length = 0)'),
      -- Libraries that a platform may load; null where it does not.
      (4, s ->> 'auto_explain.log_min_duration' <> '-1' and s ->> 'auto_explain.log_parameter_max_length' not in ('0', '0B'),
          'values of statements that take long (auto_explain.log_parameter_max_length = 0)'),
      (5, s ->> 'pgaudit.log' <> 'none' and s ->> 'pgaudit.log_parameter' in ('on', 'true', 'yes', '1'),
          'values of statements (pgaudit.log_parameter = off)')) f (n, quotes, says)
     where quotes order by n`),
    )
  ).map(({ says }) => says);
