import * as z from "zod";
import type { PinnedReference } from "../../compile/shown/references.ts";
import type { Database } from "../../data/database.ts";
import { definitionDigest, findRun, type Run, requirePeople } from "../../data/runs.ts";
import { identifier, raw, sql, uuid } from "../../data/sql.ts";
import { partOf, type WholeMigration } from "../../define/several.ts";
import { appendAudit } from "../../evidence/audit-log.ts";
import { lookOf } from "../../evidence/pinned.ts";
import { Refusal } from "../../services/errors.ts";
import { RunId } from "../../services/inputs.ts";
import type { Services } from "../../services/services.ts";
import { mappingLines, referenceFor } from "../mappings/lines.ts";
import { personBehind } from "../people/caller.ts";
import type { Person } from "../people/people.ts";
import { type Permission, requireAny } from "../people/permissions.ts";
import { countsOfRun } from "../rows/counts-of-run.ts";
import { explain } from "../rows/explain.ts";
import { heldGroups } from "../rows/held-groups.ts";
import { judgeRange } from "../rows/what-if.ts";
import { sampleRows } from "../samples/rows.ts";

const run = RunId;
const id = z.number().int().nonnegative();

/** What a terminal asks about rows that its own role may not read. */
export const LookRequest = z.discriminatedUnion("look", [
  /** One row, masked, with every rule's verdict. */
  z.strictObject({
    look: z.literal("row"),
    run,
    row: z.union([
      z.strictObject({ id }),
      z.strictObject({ table: z.string().max(200), legacyId: z.string().max(1_000) }),
    ]),
  }),
  /** The rows that were sampled for a reviewed state, masked. */
  z.strictObject({ look: z.literal("samples"), run, digest: z.string().max(100) }),
  z.strictObject({
    look: z.literal("mappings"),
    run,
    reference: z.string().max(100),
    which: z.enum(["open", "all"]),
    limit: z.number().int().min(1).max(500),
  }),
  /** The first of the legacy things that are mapped by name: what an import shows (R3). */
  z.strictObject({ look: z.literal("labels"), run, reference: z.string().max(100) }),
  /** What is held, by reason: counts, ids, and what most rows of a reason share. */
  z.strictObject({ look: z.literal("held"), run }),
  /** Every count of the run's definition, as planned and as done. */
  z.strictObject({ look: z.literal("counts"), run }),
  /** How the rows of a range would be judged by a changed definition: ids and counts. */
  z.strictObject({
    look: z.literal("what-if"),
    run,
    definition: z.record(z.string(), z.unknown()),
    part: z.string().max(100).optional(),
    after: z.number().int(),
    upTo: z.number().int(),
  }),
]);

type Asked = z.output<typeof LookRequest>;

/**
 * Answers what a terminal asks about rows, for whoever signed the request: a terminal's own role reads no column
 * that may hold anything about a person (W8, M14). Everybody with `view` gets what the console shows them, masked;
 * conditions of one's own over whole values (`what-if`) take `review`, and are told of in the run's audit log.
 * Errors: `PermissionDenied`, `UnknownRun`, and those of each question.
 */
export async function look(
  services: Pick<Services, "sign" | "clock">,
  identity: string,
  asked: Asked,
): Promise<object> {
  const { sign } = services;
  const name = (await personBehind(sign, identity))?.name ?? identity;
  const person = await requireAny(sign, name, takes[asked.look]);
  const found = await findRun(sign, asked.run);
  switch (asked.look) {
    case "row":
      return { found: (await explain(sign, found, asked.row)) ?? null };
    case "samples": {
      const rows = await sampleRows(sign, await lookOf(sign, found), found.id, asked.digest, {
        unmasked: false,
      });
      return { rows };
    }
    case "mappings": {
      const { which, limit } = asked;
      const { uses } = referenceFor(found, await lookOf(sign, found), asked.reference);
      return { lines: await mappingLines(sign, found, uses, { which, limit }) };
    }
    case "labels": {
      const { reference } = referenceFor(found, await lookOf(sign, found), asked.reference);
      return { labels: await firstLabels(sign, found, reference) };
    }
    case "held":
      return { groups: await heldGroups(sign, found, await lookOf(sign, found)) };
    case "counts":
      return { counts: await countsOfRun(sign, found) };
    case "what-if":
      return { judged: await judged(services, found, person, asked) };
  }
}

const view = "legacy_imports.view";

/** What each question takes, any one of them: whoever may start an import is shown what it read. */
const takes: Readonly<Record<Asked["look"], readonly [Permission, ...Permission[]]>> = {
  row: [view],
  samples: [view],
  mappings: [view],
  held: [view],
  labels: [view, "legacy_imports.run"],
  counts: [view, "legacy_imports.run"],
  "what-if": ["legacy_imports.review"],
};

async function firstLabels(db: Database, { id }: Run, { staging }: PinnedReference) {
  const found = await db.rows<{ label: string | null }>(sql`
    select left(${raw(identifier(staging.label))}, 300) as label from wavegate.${raw(identifier(staging.table))}
     where run_id = ${uuid(id)} order by ${raw(identifier(staging.id))} limit 5`);
  return found.flatMap(({ label }) => (label === null ? [] : [label]));
}

async function judged(
  { sign, clock }: Pick<Services, "sign" | "clock">,
  found: Run,
  person: Person,
  asked: Extract<Asked, { look: "what-if" }>,
) {
  requirePeople(found, "Judging the rows");
  const definition = asked.definition as unknown as WholeMigration;
  const part = partOf(definition, asked.part);
  if (part === undefined || part.name !== found.migration) {
    throw new Refusal(
      "InputInvalid",
      `That is no definition of ${found.migration}. Nothing was looked at.`,
    );
  }
  await noteOnce(sign, found, person, definitionDigest(definition), clock());
  const { after, upTo } = asked;
  return judgeRange(sign, found, part, { run: found.id, after, upTo });
}

/** Tells once that somebody judged a run's rows by a definition, though ranges of rows are asked for one by one. */
const noteOnce = (
  sign: Services["sign"],
  { id: runId }: Run,
  { name: actor }: Person,
  digest: string,
  at: Date,
): Promise<void> =>
  sign.transaction(async (db) => {
    const known = await db.rows(sql`
      select 1 as yes from wavegate.audit_log
       where run_id = ${uuid(runId)} and action = 'rows-judged-anew' and actor = ${actor} and digest = ${digest} limit 1`);
    if (known.length === 0) {
      await appendAudit(db, runId, { actor, action: "rows-judged-anew", digest, details: {} }, at);
    }
  });
