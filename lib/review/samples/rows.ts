import { referenceAlias } from "../../compile/condition.ts";
import { askedFrom, type PinnedLook, type PinnedRows } from "../../compile/pin/look.ts";
import { sourceKeyAsJson } from "../../compile/shown/key.ts";
import type { Database } from "../../data/database.ts";
import type { ExactId } from "../../data/exact.ts";
import { rowsWhole } from "../../data/records.ts";
import { identifier, literal, raw, type Sql, sql, uuid } from "../../data/sql.ts";
import type { MainKind } from "../../define/definition.ts";
import { initials, maskEmail, maskPhone, yearOf } from "../../evidence/masking.ts";
import { wordOrShape } from "../shape.ts";
import type { Aspect } from "./samples.ts";

/** A sampled row as it is shown to the person who judges it. */
export interface SampleRow {
  readonly stagedId: number;
  /** The quotas it was drawn for. */
  readonly buckets: readonly string[];
  /** The kind of things that it is of, where a migration has several. */
  readonly part: string | null;
  readonly sourceTable: string;
  readonly legacyId: ExactId;
  /** Masked (D20) unless it was asked for whole. */
  readonly name: string | null;
  readonly birthDate: string | null;
  readonly phone: string | null;
  readonly email: string | null;
  /** As the legacy system had them; only in a whole row. */
  readonly phoneRaw: string | null;
  readonly emailRaw: string | null;
  readonly legacy: Readonly<Record<string, string | null>> | null;
  readonly status: string | null;
  readonly classification: string | null;
  /** What else the definition decides about it, in order. */
  readonly decisions: readonly { readonly name: string; readonly value: string | null }[];
  readonly action: string | null;
  readonly references: readonly {
    readonly name: string;
    readonly label: string | null;
    readonly status: string | null;
  }[];
  readonly planned: string | null;
  /** What a wave would write of it; what `action` says only advises. */
  readonly plannedAction: string | null;
  readonly state: string;
  readonly reason: string | null;
  readonly issues: readonly string[];
  readonly duplicate: string;
  readonly sourceDuplicate: string;
  readonly verdict: "right" | "wrong" | null;
  readonly wrong: readonly Aspect[];
  readonly judgedBy: string | null;
  /** Of a row without a verdict: the newest in another state of the run, on what the row said then (B10). */
  readonly before: { readonly verdict: "right" | "wrong"; readonly by: string } | null;
}

/** Rows of one statement: a page of long texts stays far below the Data API's 1 MiB. */
const pageSize = 20;
/** Characters of one text that are shown; a legacy remark can be a novel. */
const longestText = 300;

/** What is read of the sampled rows. */
interface Shown {
  readonly unmasked: boolean;
  /** One row alone. */
  readonly only?: number;
}

/** The sampled rows of a reviewed state, in the order of the quotas. Whole only for reviewers (M14, D20). */
export async function sampleRows(
  db: Database,
  { parts }: PinnedLook,
  run: string,
  digest: string,
  options: Shown,
): Promise<readonly SampleRow[]> {
  const rows: SampleRow[] = [];
  for (const part of parts) rows.push(...(await rowsOfPart(db, part, run, digest, options)));
  return rows;
}

async function rowsOfPart(
  db: Database,
  look: PinnedRows,
  run: string,
  digest: string,
  options: Shown,
): Promise<readonly SampleRow[]> {
  const drawn = await rowsWhole<{ staged_id: number; buckets: string[] }>(
    db,
    sql`
    select staged_id, jsonb_agg(bucket order by bucket) as buckets
      from wavegate.samples where run_id = ${uuid(run)} and digest = ${digest}
       and (${options.only ?? null}::bigint is null or staged_id = ${options.only ?? null}::bigint)
     group by staged_id order by staged_id`,
  );
  const rank = (buckets: readonly string[]) =>
    look.samples.findIndex(({ id }) => buckets.includes(id));
  const quotas = look.samples.map(({ id }) => id);
  const order = new Map(
    drawn
      .filter(({ buckets }) => quotas.length === 0 || buckets.some((each) => quotas.includes(each)))
      .map(({ staged_id, buckets }) => [staged_id, { buckets, rank: rank(buckets) }]),
  );
  const ids = [...order.keys()].sort((left, right) => left - right);
  const rows: SampleRow[] = [];
  for (let at = 0; at < ids.length; at += pageSize) {
    const page = ids.slice(at, at + pageSize);
    for (const row of await readPage(db, look, run, digest, page, options.unmasked)) {
      const { buckets = [] } = order.get(row.id) ?? {};
      rows.push({ ...present(row, buckets, options.unmasked), part: look.part });
    }
  }
  const rankOf = (row: SampleRow) => order.get(row.stagedId)?.rank ?? 0;
  return rows.sort((left, right) => rankOf(left) - rankOf(right) || left.stagedId - right.stagedId);
}

interface StoredRow {
  readonly id: number;
  readonly source_table: string;
  readonly legacy_id: ExactId;
  readonly name: string | null;
  readonly birth_date: string | null;
  readonly phone_raw: string | null;
  readonly phone: string | null;
  readonly email_raw: string | null;
  readonly email: string | null;
  readonly status: string | null;
  readonly classification: string | null;
  readonly decisions: SampleRow["decisions"];
  readonly import_action: string | null;
  readonly links: SampleRow["references"];
  readonly planned: string | null;
  readonly planned_action: string | null;
  readonly import_state: string;
  readonly planned_reason: string | null;
  readonly issues: readonly string[];
  readonly duplicate_confidence: string;
  readonly source_duplicate_confidence: string;
  readonly legacy: Record<string, string | null> | null;
  readonly verdict: "right" | "wrong" | null;
  readonly wrong: readonly Aspect[] | null;
  readonly judged_by: string | null;
  readonly before: SampleRow["before"];
}

function readPage(
  db: Database,
  look: PinnedRows,
  run: string,
  digest: string,
  ids: readonly number[],
  unmasked: boolean,
): Promise<StoredRow[]> {
  const column = (kind: MainKind, of: "value" | "raw" = "value") => {
    const field = look.main[kind];
    return raw(field === undefined ? "null::text" : `s.${identifier(field[of])}`);
  };
  const decision = (name: string) =>
    raw(look.decisions.includes(name) ? `s.${identifier(name)}` : "null::text");
  const short = (value: ReturnType<typeof raw>) => sql`left(${value}, ${longestText}::int)`;
  // Only these few ids, numbers of our own: `in` over them is an index scan.
  const list = raw(ids.map((id) => String(Math.trunc(id))).join(", "));
  const legacy = unmasked
    ? sql`(select jsonb_object_agg(key, left(value, ${longestText}::int))
             from (select key, value from jsonb_each_text(s.raw_payload)
                   -- What damaged text decodes to stands beside it.
                   union all select key || ' (decoded)', value from jsonb_each_text(s.proposals)
                   ${furtherFields(look)}) texts)`
    : sql`null::jsonb`;
  return rowsWhole<StoredRow>(
    db,
    sql`
    select s.id, s.source_table, ${raw(sourceKeyAsJson("s"))} as legacy_id, ${short(column("name"))} as name,
           ${column("birth_date")}::text as birth_date,
           ${short(column("phone", "raw"))} as phone_raw,
           ${column("phone")} as phone,
           ${short(column("email", "raw"))} as email_raw, ${column("email")} as email,
           ${short(column("status", "raw"))} as status, ${decision("classification")} as classification,
           ${raw(othersOf(look))} as decisions, ${decision("import_action")} as import_action,
           ${raw(linksOf(look))} as links, s.planned, s.planned_action, s.planned_reason, s.import_state,
           s.validation_issues as issues, s.duplicate_confidence, s.source_duplicate_confidence, ${legacy} as legacy,
           t.verdict, t.wrong, t.judged_by,
           case when t.verdict is null then
             (select jsonb_build_object('verdict', p.verdict, 'by', p.judged_by)
                from wavegate.samples p
               where p.run_id = s.run_id and p.staged_id = s.id and p.digest <> ${digest}
                 and p.verdict is not null
               order by p.judged_order desc limit 1) end as before
      from ${raw(askedFrom(look))}
      cross join lateral (select verdict, wrong, judged_by from wavegate.samples
                           where run_id = s.run_id and digest = ${digest} and staged_id = s.id
                           limit 1) t
     where s.run_id = ${uuid(run)} and s.id in (${list}) order by s.id`,
  );
}

/** What was made of the fields that have no place of their own, beside what the legacy system had. */
function furtherFields({ further }: PinnedRows): Sql {
  const values = further.map(
    ([name, column]) => `(${literal(`${name} (staged)`)}, s.${identifier(column)}::text)`,
  );
  if (values.length === 0) return raw("");
  return raw(
    `union all select key, value from (values ${values.join(", ")}) further (key, value) where value is not null`,
  );
}

/** What is decided besides the classification and the action, as JSON. */
function othersOf({ decisions }: PinnedRows): string {
  const others = decisions
    .filter((name) => name !== "classification" && name !== "import_action")
    .map((name) => `jsonb_build_object('name', ${literal(name)}, 'value', s.${identifier(name)})`);
  return `to_jsonb(array[${others.join(", ")}]::jsonb[])`;
}

/** The label and state of each referenced thing, as JSON. */
function linksOf({ references }: PinnedRows): string {
  const links = references.map(({ name, staging }) => {
    const alias = referenceAlias(name);
    return `jsonb_build_object('name', ${literal(name)},
      'label', left(${alias}.${identifier(staging.label)}, ${longestText}), 'status', ${alias}.status)`;
  });
  return `to_jsonb(array[${links.join(", ")}]::jsonb[])`;
}

function present(
  row: StoredRow,
  buckets: readonly string[],
  unmasked: boolean,
): Omit<SampleRow, "part"> {
  const shown = (value: string | null, mask: (value: string) => string) =>
    unmasked || value === null ? value : mask(value);
  return {
    stagedId: row.id,
    buckets,
    sourceTable: row.source_table,
    legacyId: row.legacy_id,
    name: shown(row.name, initials),
    birthDate: shown(row.birth_date, yearOf),
    phone: shown(row.phone, maskPhone),
    email: shown(row.email, maskEmail),
    phoneRaw: unmasked ? row.phone_raw : null,
    emailRaw: unmasked ? row.email_raw : null,
    legacy: unmasked ? row.legacy : null,
    status: shown(row.status, (status) => wordOrShape(status, row.name)),
    classification: row.classification,
    decisions: row.decisions,
    action: row.import_action,
    references: row.links,
    planned: row.planned,
    plannedAction: row.planned_action,
    state: row.import_state,
    reason: row.planned_reason,
    issues: row.issues,
    duplicate: row.duplicate_confidence,
    sourceDuplicate: row.source_duplicate_confidence,
    verdict: row.verdict,
    wrong: row.wrong ?? [],
    judgedBy: row.judged_by,
    before: row.before,
  };
}
