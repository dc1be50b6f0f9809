import { readFile } from "node:fs/promises";
import mysql from "mysql2/promise";
import pg from "pg";
import { ecoin } from "../migrations/ecoin/definition.ts";
import type { Bench } from "./data.ts";
import { query } from "./postgres.ts";

/** How many of the planted resemblances were found, and how many hints were not true. */
export interface Matching {
  /** By kind of resemblance: planted, found. */
  readonly recall: Readonly<Record<string, { planted: number; found: number }>>;
  readonly highHints: number;
  readonly falseHigh: number;
}

/** A result is missing, wrong or there twice: the benchmark's figures would mean nothing. */
export class WrongResult extends Error {
  override readonly name = "WrongResult";
}

/** Holds what was staged against the legacy tables: as many rows, and every value of each the same. */
export async function checkStaged({ mariadb }: Bench, url: string): Promise<void> {
  for (const table of ecoin.entity.from) {
    const columns = ecoin.source[table]?.columns ?? [];
    const legacy = await mysql.createConnection({
      socketPath: mariadb.socket,
      user: "root",
      database: "ecoin_legacy",
      charset: "utf8mb4",
    });
    const texts = columns.map(
      (column) =>
        `coalesce(replace(cast(${column} as char character set utf8mb4), char(0), ''), '\\\\N')`,
    );
    const [[there]] = (await legacy.query(
      `select count(*) as n, cast(sum(cast(conv(left(md5(concat_ws('|', ${texts.join(", ")})), 12), 16, 10) as unsigned)) as char) as digest from ${table}`,
    )) as unknown as [[{ n: number; digest: string }]];
    await legacy.end();
    const staged = columns.map((column) => `coalesce(raw_payload ->> '${column}', '\\N')`);
    const [here] = await query<{ n: string; digest: string }>(
      url,
      `select count(*) as n, sum(('x' || left(md5(concat_ws('|', ${staged.join(", ")})), 12))::bit(48)::bigint)::text as digest
         from (select raw_payload from wavegate.legacy_student_imports where source_table = '${table}' offset 0) s`,
    );
    if (Number(here?.n) !== there.n || there.digest.replace(/\..*/, "") !== here?.digest) {
      throw new WrongResult(
        `${table}: ${there.n} rows with digest ${there.digest}, but staged ${here?.n} with ${here?.digest}.`,
      );
    }
  }
}

/** What has to be found: by the rule or a stronger one, and pointing at the very person. */
const FOUND: Readonly<Record<string, string>> = {
  phone: "high",
  alternate: "high",
  email: "high",
  name_and_birth_date: "medium",
  similar_name: "low",
  one_edit: "low",
};

/** Each planted resemblance: the legacy row, the person on the platform, and how surely it has to be found at least. */
export async function truthOf(file: string) {
  const [, ...lines] = (await readFile(file, "utf8")).trim().split("\n");
  return lines.map((line) => {
    const [table = "", id = "", kind = "", of = "", person = ""] = line.split(",");
    return { row: `${table}:${id}`, kind, person: `${of}:${person}`, level: FOUND[kind] ?? "high" };
  });
}

/** Recall against the planted truth, and precision of high hints against the raw values themselves. */
export async function checkMatching({ truth }: Bench, url: string): Promise<Matching> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(
      "create temp table truth (source_table text, legacy_id bigint, kind text, platform_table text, platform_id bigint)",
    );
    const [, ...lines] = (await readFile(truth, "utf8")).trim().split("\n");
    for (let at = 0; at < lines.length; at += 10_000) {
      const page = lines.slice(at, at + 10_000).map((line) => line.split(","));
      await client.query(
        "insert into truth select e ->> 0, (e ->> 1)::bigint, e ->> 2, e ->> 3, (e ->> 4)::bigint from jsonb_array_elements($1::jsonb) e",
        [JSON.stringify(page)],
      );
    }
    await client.query("analyze truth");
    const levels = Object.entries(FOUND).map(([kind, level]) => `('${kind}', '${level}')`);
    const { rows } = await client.query<{ kind: string; planted: string; found: string }>(`
      select t.kind, count(*) as planted, count(*) filter (where exists (
               select from wavegate.duplicate_hints h
                where h.run_id = s.run_id and h.staged_id = s.id and h.target_table = t.platform_table
                  and (h.target_id = t.platform_id or h.hits > 1)
                  and (h.level = f.level or h.level = 'high' or (f.level = 'low' and h.level = 'medium')))) as found
        from truth t join (values ${levels.join(", ")}) f(kind, level) on f.kind = t.kind
        join wavegate.legacy_student_imports s
          on s.source_table = t.source_table and s.legacy_id = t.legacy_id
       group by 1 order by 1`);
    const [high] = (
      await client.query<{ hints: string; wrong: string }>(`
      select count(*) as hints, count(*) filter (where not (
               strpos(translate(regexp_replace(s.phone_raw, '[^0-9٠-٩۰-۹]', '', 'g'), '٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹', '01234567890123456789'),
                      right(p.phone, 9)) > 0
               or lower(btrim(s.email_raw)) = lower(p.email))) as wrong
        from wavegate.duplicate_hints h
        join wavegate.legacy_student_imports s on s.id = h.staged_id
        join (select 'users' as t, id, coalesce(phone, '-') as phone, coalesce(email, '-') as email from users
              union all select 'crm_leads', id, coalesce(phone, '-'), coalesce(email, '-') from crm_leads) p
          on p.t = h.target_table and p.id = h.target_id
       where h.level = 'high'`)
    ).rows;
    return {
      recall: Object.fromEntries(
        rows.map(({ kind, planted, found }) => [
          kind,
          { planted: Number(planted), found: Number(found) },
        ]),
      ),
      highHints: Number(high?.hints),
      falseHigh: Number(high?.wrong),
    };
  } finally {
    await client.end();
  }
}

/** Fails when matching missed too many or invented one (performance targets). */
export function requireMatching({ recall, falseHigh }: Matching): void {
  const least: Record<string, number> = { low: 0.9, medium: 0.99, high: 0.99 };
  for (const [kind, { planted, found }] of Object.entries(recall)) {
    // Without a birth date there is only the name, and common names are capped: shown, not required.
    if (kind === "one_edit") continue;
    const share = found / Math.max(1, planted);
    if (share < (least[FOUND[kind] ?? "high"] as number)) {
      throw new WrongResult(`Only ${found} of ${planted} planted “${kind}” were found.`);
    }
  }
  if (falseHigh > 0) throw new WrongResult(`${falseHigh} high hints are false.`);
}

/** Fails unless every staged row is accounted for (W6) and no legacy row is on the platform twice. */
export async function checkBalance(url: string, rows: number): Promise<void> {
  const [states] = await query<Record<string, string>>(
    url,
    `select count(*) as staged, count(*) filter (where import_state in
        ('pending', 'committed', 'linked', 'skipped', 'held', 'failed', 'rolled_back')) as accounted,
        count(*) filter (where import_state = 'committed') as committed,
        count(*) filter (where import_state = 'linked') as linked
       from wavegate.legacy_student_imports`,
  );
  const [ledger] = await query<Record<string, string>>(
    url,
    `select count(*) filter (where action = 'commit') as committed, count(*) filter (where action = 'link') as linked,
            count(*) - count(distinct staged_id) as twice
       from wavegate.legacy_import_commit_logs where rolled_back_at is null`,
  );
  const [made] = await query<{ n: string }>(
    url,
    `select (select count(*) from legacy_completed_trainings) + (select count(*) from legacy_imported_enrollments)
          + (select count(*) from crm_leads where legacy_import_run_id is not null) as n`,
  );
  const holds =
    Number(states?.staged) === rows &&
    Number(states?.accounted) === rows &&
    states?.committed === ledger?.committed &&
    states?.linked === ledger?.linked &&
    ledger?.twice === "0" &&
    made?.n === ledger?.committed;
  if (!holds) {
    throw new WrongResult(
      `The balance does not hold: ${JSON.stringify({ rows, states, ledger, made })}.`,
    );
  }
}
