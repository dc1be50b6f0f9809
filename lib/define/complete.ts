import { withDefaultRules } from "./default-rules.ts";
import type {
  Decisions,
  Definition,
  Entity,
  Field,
  InsertAction,
  MainKind,
  Migration,
} from "./definition.ts";
import { givenKey } from "./target-key.ts";

/** Sizes of waves that begin small (R15). */
const carefulPlan = [25, 100, 100, 250];
const mainKinds: readonly MainKind[] = [
  "name",
  "phone",
  "email",
  "birth_date",
  "status",
  "created_at",
];

/**
 * Fills in what a definition leaves out, as data: hashed, shown and signed like what is written. Where
 * nothing says what kinds of rows there are, all are `row`.
 *
 * @param own the name of the entity, of a migration of several
 */
export function complete(definition: Definition, own?: string): Migration {
  const { entity } = definition;
  const decide: Decisions =
    entity.decide.classification === undefined
      ? { ...entity.decide, classification: [{ is: "row", when: { all: [] } }] }
      : entity.decide;
  const kinds = [...new Set((decide.classification ?? []).map(({ is }) => is))];
  const { plan = carefulPlan, order = kinds, first = order } = definition.waves ?? {};
  return {
    ...definition,
    references: definition.references ?? {},
    entity: completeEntity(definition.name, { ...entity, decide }, own),
    focus: definition.focus ?? { default: "everything", modes: { everything: kinds } },
    waves: { plan, order, first },
    report: definition.report ?? { counts: [], distributions: [], sections: [] },
    stops: definition.stops ?? [],
    samples: definition.samples ?? [],
    guarded: definition.guarded ?? [],
    reads: definition.reads ?? [],
  };
}

function completeEntity(name: string, entity: Definition["entity"], own?: string): Entity {
  const written = {
    ...entity,
    actions: Object.fromEntries(
      Object.entries(entity.actions).map(([called, action]) => [called, withKey(action)]),
    ),
    staging: entity.staging ?? { table: `${name.replaceAll("-", "_")}_rows` },
    main: entity.main ?? mainFields(entity.fields),
    validate: entity.validate ?? [],
    match: entity.match ?? { against: [], similarity: 0.5, cap: 200, onePerPerson: [] },
  };
  return withDefaultRules(written, own);
}

/** Of a row that is its key alone, as one that joins two others, the key is what is written. */
const withKey = (action: InsertAction): InsertAction =>
  Object.keys(action.values).length > 0 ? action : { ...action, values: givenKey(action.id) };

/** The first field of each kind, in the order of writing. */
const mainFields = (fields: Readonly<Record<string, Field>>): Entity["main"] =>
  Object.fromEntries(
    mainKinds.flatMap((kind) => {
      const first = Object.keys(fields).find((name) => fields[name]?.kind === kind);
      return first === undefined ? [] : [[kind, first]];
    }),
  );
