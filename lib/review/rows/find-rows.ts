import type { PinnedLook, PinnedRows } from "../../compile/pin/look.ts";
import { stagingTable } from "../../compile/rows.ts";
import type { Run } from "../../data/runs.ts";
import { identifier, raw, sql, uuid } from "../../data/sql.ts";
import { appendAudit } from "../../evidence/audit-log.ts";
import { lookOf, pinOf } from "../../evidence/pinned.ts";
import { normalizeEmail } from "../../normalize/email.ts";
import { personName } from "../../normalize/name.ts";
import { normalizePhone } from "../../normalize/phone.ts";
import { Refusal } from "../../services/errors.ts";
import type { Services } from "../../services/services.ts";
import { requirePermission } from "../people/permissions.ts";

/** What somebody is looked for by. */
export const searches = ["phone", "email", "name"] as const;
type SearchBy = (typeof searches)[number];

/** By what of these the rows of a run can be compared at all: a platform's catalogue has no phone. */
export const searchesOf = ({ parts }: PinnedLook): readonly SearchBy[] =>
  searches.filter((by) =>
    parts.some(({ main, nameKey }) =>
      by === "name"
        ? nameKey !== null
        : by === "phone"
          ? main.phone?.region !== undefined
          : main.email !== undefined,
    ),
  );

/** A search for one person among a run's rows. */
interface PersonSearch {
  readonly by: SearchBy;
  /** As somebody wrote it; compared whole, as the staged value is (D3, D4, D5), and never by its beginning. */
  readonly value: string;
  readonly person: string;
  /** Of the value, under a key: what the log keeps instead of it. */
  readonly digest: string;
}

/** Rows that one search shows. */
const mostFound = 50;

/**
 * Ids of the rows that carry a phone, an e-mail or a name, whole. Takes `legacy_imports.review`, and every search
 * is an entry of the run's audit log, kept before anything is shown (W12, W14). Errors: `PermissionDenied`,
 * `InputInvalid`.
 */
export async function findRows(
  { sign, clock }: Pick<Services, "sign" | "clock">,
  run: Run,
  { by, value, person, digest }: PersonSearch,
): Promise<number[]> {
  const { name: actor } = await requirePermission(sign, person, "legacy_imports.review");
  const { entities } = pinOf(run);
  const parts = (await lookOf(sign, run)).parts.map((part, at) => ({
    part,
    source: entities[at]?.staging.source,
    wanted: comparable(part, by, value),
  }));
  const asked = parts.filter(({ wanted }) => wanted !== undefined);
  if (asked.length === 0) {
    throw new Refusal(
      "InputInvalid",
      "That is no whole phone number, address or name that rows are compared by. Nothing was looked for.",
    );
  }
  const details = { by, digest };
  await appendAudit(sign, run.id, { actor, action: "rows-searched", details }, clock());
  const found: number[] = [];
  for (const { part, source, wanted } of asked) {
    if (wanted === undefined) continue;
    const those = sql`s.run_id = ${uuid(run.id)} and s.${raw(wanted.column)} = ${wanted.value}`;
    const rows = await sign.rows<{ id: number }>(
      source === undefined || wanted.imported === undefined
        ? sql`
      select s.id from ${raw(stagingTable(part.rows))} s
       where ${those}
       order by s.id limit ${mostFound}`
        : // What the import made is looked through first: what is decided of a row is not read for each of them.
          sql`
      select i.id from ${raw(stagingTable(source))} i
       cross join lateral (
         select from ${raw(stagingTable(part.rows))} s
          where ${those} and s.id = i.id offset 0) s
       where i.run_id = ${uuid(run.id)} and i.${raw(wanted.imported)} = ${wanted.value}
       order by i.id limit ${mostFound}`,
    );
    found.push(...rows.map(({ id }) => id));
  }
  return found.slice(0, mostFound);
}

/** The column that is compared, and the value in the form in which it is staged; undefined where nothing is. */
function comparable(
  { main, nameKey }: PinnedRows,
  by: SearchBy,
  text: string,
): { column: string; value: string; imported?: string | undefined } | undefined {
  if (by === "name") {
    const key = personName([text])?.key ?? null;
    return key === null || nameKey === null ? undefined : { column: nameKey, value: key };
  }
  const field = main[by];
  if (field === undefined) return undefined;
  const value =
    by === "email"
      ? normalizeEmail(text, []).email
      : field.region === undefined
        ? null
        : normalizePhone(text, field.region).phone;
  const imported = field.imported && identifier(field.imported);
  return value === null ? undefined : { column: identifier(field.value), value, imported };
}
