import { isMeant } from "../../compile/people-keys.ts";
import { chooseFunction } from "../../compile/references/choices.ts";
import { decideFunction } from "../../compile/references/decide-mappings.ts";
import { nearestTargets } from "../../compile/references/mappings.ts";
import type { PinnedReference } from "../../compile/shown/references.ts";
import { type Database, onlyReading } from "../../data/database.ts";
import { type ExactId, exactId, isInt64 } from "../../data/exact.ts";
import { findRun, type Run, requirePeople } from "../../data/runs.ts";
import { bigint, identifier, json, raw, type SqlValue, sql, text, uuid } from "../../data/sql.ts";
import type { IdType } from "../../define/definition.ts";
import { lookOf } from "../../evidence/pinned.ts";
import { Refusal } from "../../services/errors.ts";
import { requirePermission } from "../people/permissions.ts";
import { thingsCalled, thingsThere } from "./platform-things.ts";

/** What a person says about one legacy thing that rows refer to. */
export type Decision = (
  | { readonly id: ExactId; readonly confirm: true; readonly target: ExactId | null }
  | { readonly id: ExactId; readonly reject: true }
) & {
  /** How it stood where the person looked ({@link stands}); what somebody else decided since is not undone unseen. */
  readonly seen?: string | undefined;
};

/** How a mapping stands: its status, what it is said to be, and who decided it. */
export const stands = ({
  status,
  target,
  decided_by,
}: {
  readonly status: string;
  readonly target: ExactId | null;
  readonly decided_by: string | null;
}): string => `${status} ${target ?? ""} ${decided_by ?? ""}`;

/** Reads an id of a type; undefined for what is none. */
export const idOfType =
  (type: IdType) =>
  (word: string): ExactId | undefined => {
    if (type === "bigint") return isInt64(word) ? exactId(word) : undefined;
    return (type === "uuid" ? UUID : /./su).test(word) ? word : undefined;
  };

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iu;

/** A decision that the database did not keep, and why. */
interface Refused {
  readonly because: string;
  readonly decision: {
    readonly id: ExactId;
    readonly target?: ExactId | null;
    readonly keys?: Readonly<Record<string, unknown>>;
    readonly status?: string;
    readonly by?: string;
  } | null;
}

/**
 * Keeps decisions about mappings, all or none, with the person and an audit entry (R8). A later
 * suggestion never replaces them; a sign-off that was given before is void by its digest (W7). The
 * database looks whether the person may and whether it can be (see `compile/references/decide-mappings.ts`).
 * Errors: `NoMappings`, `InputInvalid`, `PermissionDenied`, `UnknownMapping`, `NothingSuggested`, `SeveralSuggested`, `UnknownTarget`,
 * `MappingIsPlaceholder`, `MappingDecided`.
 */
export async function decideMappings(
  db: Database,
  run: Run,
  name: string,
  said: readonly Decision[],
  person: string,
): Promise<void> {
  const { parts } = await lookOf(db, run);
  const reference = parts.flatMap((part) => part.references).find((each) => each.name === name);
  if (reference === undefined) {
    throw new Refusal(
      "NoMappings",
      `The migration ${run.migration} maps nothing of this name. Nothing was written.`,
    );
  }
  const meant = await targetsNamed(db, run, reference, said);
  const decisions = said.map((each) => typed(reference, each, meant));
  for (const decision of decisions) {
    if (reference.kind !== "by_name" || !("confirm" in decision) || decision.target !== null)
      continue;
    await requireOneNearest(db, run, reference, decision.id);
  }
  await requireThere(db, run, reference, decisions);
  const kept =
    reference.kind === "chosen" ? chooseFunction(reference.staging) : decideFunction(reference);
  const decide = raw(`wavegate.${identifier(kept)}`);
  // In a transaction, as one whose response is lost must not be told of twice.
  const { refused } = await db.transaction((transaction) =>
    transaction.one<{ refused: Refused | null }>(sql`
      select ${decide}(${uuid(run.id)}, ${json(decisions)}, ${person}) as refused`),
  );
  if (refused === null) return;
  if (refused.because === "RunErased") requirePeople(await findRun(db, run.id), "A mapping");
  await requirePermission(db, person, "legacy_imports.review");
  throw new Refusal(
    refused.because,
    `${why(refused, run, reference)} Nothing was written${hint(refused)}`,
    { who: refused.decision?.by },
  );
}

/**
 * A decision with ids of the types that the legacy system and the platform have; a target may be named by the label that
 * exactly one thing of the platform has. Errors: `InputInvalid`.
 */
function typed(
  reference: PinnedReference,
  decision: Decision,
  meant: ReadonlyMap<string, ExactId>,
): Decision {
  const id = idOfType(reference.legacyType)(String(decision.id));
  if (id === undefined) throw noId(String(decision.id));
  const { seen } = decision;
  if ("reject" in decision) return { id, reject: true, seen };
  if (decision.target === null) return { id, confirm: true, target: null, seen };
  const target = meant.get(String(decision.target));
  if (target === undefined) throw noThing(reference, String(decision.target));
  return { id, confirm: true, target, seen };
}

const noId = (id: string): Refusal =>
  new Refusal("InputInvalid", `“${id.slice(0, 40)}” is no id there. Nothing was decided.`);

/**
 * What of the platform somebody names, by their words: by its id, which goes first where it could be either, or by its label.
 * All of them are looked for at once: a function behind a route has half a minute for a thousand.
 */
async function targetsNamed(
  db: Database,
  run: Run,
  reference: PinnedReference,
  said: readonly Decision[],
): Promise<ReadonlyMap<string, ExactId>> {
  const words = said.flatMap((each) =>
    "confirm" in each && each.target !== null ? [String(each.target)] : [],
  );
  const read = idOfType(reference.targetType);
  const ids = new Map(
    words.flatMap((word) => {
      const id = read(word);
      return id === undefined ? [] : [[word, id] as const];
    }),
  );
  const known =
    reference.targetType === "text"
      ? await thingsThere(db, reference, [...new Set([...ids.values()].map(String))])
      : undefined;
  const isKnown = (word: string) =>
    ids.has(word) && (known === undefined || known.has(String(ids.get(word))));
  const others = [...new Set(words.filter((word) => !isKnown(word)))];
  return new Map([...ids, ...(await thingsCalled(db, run, reference, others))]);
}

const noThing = ({ platform, name }: PinnedReference, word: string): Refusal =>
  new Refusal(
    "InputInvalid",
    `“${word.slice(0, 40)}” is no id there, nor what one of the platform's ${platform?.table ?? name} is called. Nothing was decided.`,
  );

/** Of several that are equally near the one with the lowest id is suggested: which is meant is asked. */
export async function requireOneNearest(
  db: Database,
  run: Run,
  reference: PinnedReference,
  id: ExactId,
): Promise<void> {
  const { staging, platform } = reference;
  if (platform === null) return;
  const which = sql`run_id = ${uuid(run.id)} and ${raw(identifier(staging.id))} = ${legacyIdOf(reference, id)}
    and ${raw(identifier(staging.target))} is not null`;
  const nearest = await onlyReading(db, (reading) =>
    reading.rows<{ id: ExactId }>(nearestTargets({ staging, platform }, which)),
  );
  if (nearest.length <= 1) return;
  const ids = nearest.map((each) => each.id);
  throw new Refusal(
    "SeveralSuggested",
    `Legacy ${reference.from} ${id} is equally near to ${ids.length} ${platform.table} of the platform: ${ids.join(", ")}. ` +
      `Nothing was written; say which is meant by its id, in the console beside it, in a terminal as in --confirm ${id}=${ids[0]}.`,
  );
}

/**
 * Whether the platform has what a person says that something is, where that is code of the platform's, such as a view:
 * the function that decides looks at plain tables alone. Errors: `UnknownTarget`.
 */
async function requireThere(
  db: Database,
  run: Run,
  reference: PinnedReference,
  decisions: readonly Decision[],
): Promise<void> {
  const { platform, targetType } = reference;
  const said = decisions.flatMap((each) =>
    "confirm" in each && each.target !== null ? [{ id: each.id, target: String(each.target) }] : [],
  );
  if (platform === null || said.length === 0) return;
  const table = identifier(platform.table);
  const id = identifier(platform.id);
  const missing = await onlyReading(db, async (reading) => {
    const { plain } = await reading.one<{ plain: boolean }>(
      sql`select wavegate.is_plain(${table}, ${platform.id}) as plain`,
    );
    if (plain) return [];
    return reading.rows<{ n: number }>(sql`
      select w.n::int as n from jsonb_array_elements_text(${json(said.map(({ target }) => target))}) with ordinality w (id, n)
       where not exists (select from ${raw(table)} p where p.${raw(id)} = w.id::${raw(targetType)}${raw(isMeant(platform, "p"))}) order by n limit 1`);
  });
  const decision = said[(missing[0]?.n ?? 0) - 1];
  if (decision === undefined) return;
  const because = "UnknownTarget";
  throw new Refusal(because, `${why({ because, decision }, run, reference)} Nothing was written.`);
}

const legacyIdOf = ({ legacyType }: PinnedReference, id: ExactId): SqlValue =>
  legacyType === "bigint" ? bigint(id) : text(String(id));

function why({ because, decision }: Refused, run: Run, reference: PinnedReference): string {
  const id = decision?.id ?? "?";
  switch (because) {
    case "UnknownMapping":
      return reference.kind === "chosen"
        ? `${run.reference} asks nothing about ${reference.from} ${id}.`
        : `${run.reference} has no legacy ${reference.from} ${id}.`;
    case "MappingIsPlaceholder":
      return `Legacy ${reference.name} ${id} is ${reference.placeholder ?? "a placeholder, and that stands for nothing real"}.`;
    case "MappingDecided":
      return `Since you looked, ${reference.from} ${id} was ${decision?.status} by ${decision?.by}.`;
    case "NothingSuggested":
      if (reference.kind === "chosen")
        return `Which ${reference.name} ${reference.from} ${id} means is never suggested.`;
      return `Nothing is suggested for ${reference.from} ${id}.`;
    default:
      if (decision?.keys !== undefined)
        return `${reference.from} ${id} means one of ${Object.keys(decision.keys).join(", ")}, and not ${decision.target ?? "?"}.`;
      return `The platform has no ${reference.platform?.table ?? reference.name} ${decision?.target ?? "?"}.`;
  }
}

const hint = ({ because, decision }: Refused): string =>
  because === "MappingIsPlaceholder"
    ? "; reject it or leave it."
    : because === "MappingDecided"
      ? `; look at it again, and decide then (in a terminal with --instead-of ${decision?.by}).`
      : because === "NothingSuggested"
        ? `; name the platform's id, as in --confirm ${decision?.id}=7.`
        : ".";
