import { complete } from "./complete.ts";
import type { Definition, Entity, Field, Migration } from "./definition.ts";
import type { Check } from "./proof.ts";

/** What belongs to one kind of things alone: how its rows are judged, shown and taken by waves. */
type Own = "report" | "stops" | "samples";

/** One kind of things of a migration of several. */
interface NamedEntity extends Pick<Migration, Own> {
  readonly name: string;
  readonly entity: Entity;
  readonly waves: Pick<Migration["waves"], "order" | "first">;
}

/**
 * A migration of several kinds of things, in order: what a row refers to stands above it, and is never
 * written after it. Source, run, review and waves are shared; the rest is said of each.
 */
export interface SeveralEntities
  extends Omit<Migration, Own | "entity" | "waves" | "part" | "above"> {
  readonly entities: readonly NamedEntity[];
  readonly waves: Pick<Migration["waves"], "plan">;
}

/** A definition as it is stored, hashed and signed. */
export type WholeMigration = Migration | SeveralEntities;

/** One kind of things as it is written. */
export type EntityDefinition = Definition["entity"] &
  Partial<Pick<Migration, Own>> & {
    readonly name: string;
    readonly waves?: Partial<NamedEntity["waves"]>;
  };

/** A migration of several kinds of things as it is written. */
export interface SeveralDefinition extends Omit<Definition, Own | "entity" | "waves"> {
  // That a list has a first one is how types see each of them.
  readonly entities:
    | readonly EntityDefinition[]
    | readonly [EntityDefinition, ...EntityDefinition[]];
  readonly waves?: Partial<SeveralEntities["waves"]>;
}

/** Fills in what a definition leaves out, of each entity as of a migration of one. */
export function completeSeveral(definition: SeveralDefinition): SeveralEntities {
  const { entities: written, waves: own, ...shared } = definition;
  const parts = written.map(({ name, waves, report, stops, samples, ...entity }) => {
    const each: Definition = {
      ...shared,
      ...(report === undefined ? {} : { report }),
      ...(stops === undefined ? {} : { stops }),
      ...(samples === undefined ? {} : { samples }),
      waves: { ...own, ...waves },
      entity: {
        ...entity,
        staging: entity.staging ?? { table: `${shared.name.replaceAll("-", "_")}_${name}` },
      },
    };
    return { name, of: complete(each, name) };
  });
  const kinds = [
    ...new Set(
      parts.flatMap(({ of }) => (of.entity.decide.classification ?? []).map(({ is }) => is)),
    ),
  ];
  const [first] = parts;
  if (first === undefined) throw new Error("A migration has at least one entity.");
  const { references, guarded, reads, waves } = first.of;
  return {
    ...shared,
    references,
    guarded,
    reads,
    focus: definition.focus ?? { default: "everything", modes: { everything: kinds } },
    waves: { plan: waves.plan },
    entities: parts.map(({ name, of: { entity, waves, report, stops, samples } }) => ({
      name,
      entity,
      waves: { order: waves.order, first: waves.first },
      report,
      stops,
      samples,
    })),
  };
}

/** Staged ids of an entity begin at its ordinal times this: no two rows of a run have one id. */
export const idsPerEntity = 1_000_000_000_000;

const known = new WeakMap<WholeMigration, readonly Migration[]>();

/** What a migration is to each of its kinds of things, in order: of one kind, the migration itself. */
export function partsOf(whole: WholeMigration): readonly Migration[] {
  if (!("entities" in whole)) return [whole];
  const before = known.get(whole);
  if (before) return before;
  const { entities, waves: shared, ...rest } = whole;
  const parts: Migration[] = [];
  for (const { name, waves, ...own } of entities) {
    const kinds = (own.entity.decide.classification ?? []).map(({ is }) => is);
    parts.push({
      ...rest,
      ...own,
      focus: { ...rest.focus, modes: only(rest.focus.modes, kinds) },
      ...(rest.checks === undefined ? {} : { checks: rest.checks.filter(isAbout(name)) }),
      references: referredTo(whole, own.entity),
      waves: { ...shared, ...waves },
      part: name,
      above: [...parts],
    });
  }
  known.set(whole, parts);
  return parts;
}

/** What a migration is beside its rows: for what is asked of its references, source and platform. */
export function sharedOf(whole: WholeMigration): Migration {
  const [first] = partsOf(whole);
  if (first === undefined) throw new Error("A migration has at least one entity.");
  return { ...first, references: whole.references };
}

/** The part of a name; of a migration of one kind the migration itself, whatever the name is. */
export function partOf(whole: WholeMigration, name: string | undefined): Migration | undefined {
  const parts = partsOf(whole);
  return parts.length === 1 ? parts[0] : parts.find(({ part }) => part === name);
}

/** Of lists of words those that are of a list. */
const only = (
  lists: Readonly<Record<string, readonly string[]>>,
  words: readonly string[],
): Record<string, readonly string[]> =>
  Object.fromEntries(
    Object.entries(lists).map(([name, list]) => [
      name,
      list.filter((word) => words.includes(word)),
    ]),
  );

/** Whether a check is about an entity's rows, or about no rows. */
const isAbout =
  (name: string) =>
  ({ never }: Check): boolean =>
    !("standing" in never) || never.of === name;

/** The references that an entity's fields name. */
function referredTo({ references }: SeveralEntities, { fields }: Entity): Migration["references"] {
  const named = new Set(
    Object.values(fields).flatMap((field: Field) => (field.kind === "reference" ? [field.to] : [])),
  );
  return Object.fromEntries(Object.entries(references).filter(([name]) => named.has(name)));
}
