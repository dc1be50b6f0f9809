import * as z from "zod";

const words = z.string().min(1);
const named = z.record(z.string(), z.unknown());
const entity = z.looseObject({
  from: z.array(words).min(1),
  fields: named,
  decide: named,
  actions: named,
  plan: z.array(named),
});
const shared = { name: words, title: words, connection: words, source: named };
const one = z.looseObject({ ...shared, entity });
const several = z.looseObject({
  ...shared,
  entities: z.array(entity.extend({ name: words })).min(1),
});

/**
 * Refuses a definition in which something is left out that nothing stands in for, or is of another shape. Types say so as
 * well, where somebody asks them. Throws an error whose message says what, and of which kind of things.
 */
export function requireWhole(definition: unknown): void {
  const isSeveral =
    typeof definition === "object" && definition !== null && "entities" in definition;
  const { error } = (isSeveral ? several : one).safeParse(definition);
  const [issue] = error?.issues ?? [];
  if (issue === undefined) {
    if (isSeveral) requireOwn(definition);
    return;
  }
  const where = `The definition${called(definition)} is not whole: ${place(definition, issue.path)}`;
  if (at(definition, issue.path) !== undefined) throw new Error(`${where}: ${issue.message}.`);
  const nothing =
    issue.path.at(-1) === "decide" ? " Where nothing is decided, write `decide: {}`." : "";
  throw new Error(`${where} is missing.${nothing}`);
}

/** What stands in a definition at a place; undefined for nothing. */
const at = (definition: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (within, key) => (within as Readonly<Record<PropertyKey, unknown>> | undefined)?.[key],
    definition,
  );

/** Refuses what each kind of things says of its own rows where it stands beside all of them: it would be said of each. */
function requireOwn(definition: object): void {
  const [beside] = ["report", "stops", "samples"].filter((each) => each in definition);
  if (beside === undefined) return;
  throw new Error(
    `The definition${called(definition)} says “${beside}” beside its kinds of things: it is about the rows of one, so write it within that entity.`,
  );
}

/** Where in a definition something stands, entities by their names. */
function place(definition: unknown, path: readonly PropertyKey[]): string {
  const [first, at, ...rest] = path;
  if (first !== "entities" || typeof at !== "number")
    return path.length === 0 ? "all of it" : path.map(String).join(".");
  const each = (definition as { entities: unknown[] }).entities[at];
  return [`entity ${at + 1}${called(each)}`, ...rest.map(String)].join(", ");
}

const called = (what: unknown): string =>
  typeof what === "object" && what !== null && "name" in what && typeof what.name === "string"
    ? ` “${what.name}”`
    : "";
