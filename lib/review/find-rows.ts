import { mainField, nameForms, valueColumn } from "../compile/columns.ts";
import { stagedTable } from "../compile/rows.ts";
import type { Run } from "../data/runs.ts";
import { identifier, raw, sql, uuid } from "../data/sql.ts";
import type { Migration } from "../define/definition.ts";
import { partsOf } from "../define/several.ts";
import { appendAudit } from "../evidence/audit-log.ts";
import { normalizeEmail } from "../normalize/email.ts";
import { personName } from "../normalize/name.ts";
import { normalizePhone } from "../normalize/phone.ts";
import { Refusal } from "../services/errors.ts";
import type { Services } from "../services/services.ts";
import { requirePermission } from "./permissions.ts";

/** What somebody is looked for by. */
export const searches = ["phone", "email", "name"] as const;
export type SearchBy = (typeof searches)[number];

/** A search for one person among a run's rows. */
export interface PersonSearch {
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
  const parts = partsOf(run.definition).map((part) => ({
    part,
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
  for (const { part, wanted } of asked) {
    if (wanted === undefined) continue;
    const rows = await sign.rows<{ id: number }>(sql`
      select s.id from ${raw(stagedTable(part))} s
       where s.run_id = ${uuid(run.id)} and s.${raw(wanted.column)} = ${wanted.value}
       order by s.id limit ${mostFound}`);
    found.push(...rows.map(({ id }) => id));
  }
  return found.slice(0, mostFound);
}

/** The column that is compared, and the value in the form in which it is staged. */
function comparable(
  part: Migration,
  by: SearchBy,
  text: string,
): { column: string; value: string } | undefined {
  const name = mainField(part, by);
  const field = name === undefined ? undefined : part.entity.fields[name];
  if (name === undefined || field === undefined) return undefined;
  const column = identifier(valueColumn(part, name));
  switch (field.kind) {
    case "phone": {
      const { phone } = normalizePhone(text, field.region);
      return phone === null ? undefined : { column, value: phone };
    }
    case "email": {
      const { email } = normalizeEmail(text, []);
      return email === null ? undefined : { column, value: email };
    }
    case "name": {
      const key = personName([text])?.key ?? null;
      return key === null ? undefined : { column: nameForms(part, name).key, value: key };
    }
    default:
      return undefined;
  }
}
