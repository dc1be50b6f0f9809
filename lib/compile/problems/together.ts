import type { Asks, Besides, InsertAction, Migration, Value } from "../../define/definition.ts";
import { updatesOf } from "../../define/identity.ts";
import type { WholeMigration } from "../../define/several.ts";
import { selvesOf } from "../above-columns.ts";
import { hasContacts, isMatched } from "../match/context.ts";
import { choicesOf } from "../references/choices.ts";
import { keyColumnsOf } from "../target-key.ts";
import { kindOfStaged } from "./personal-keys.ts";
import { updatedAtMost } from "./values.ts";

/** What is asked of all kinds of things at once is one statement, which the Data API takes up to a length. */
const kindsAtMost = 100;

/** What is wrong with several kinds of things beside each other. */
export const togetherProblems = (
  migration: WholeMigration,
  parts: readonly Migration[],
): string[] => [
  ...(parts.length > kindsAtMost
    ? [
        `There are ${parts.length} kinds of things, and ${kindsAtMost} are the most that one migration may have: make it two migrations.`,
      ]
    : []),
  ...twice("entities", (part) => [part.part ?? ""], parts),
  ...twice("staging tables", ({ entity }) => [entity.staging.table], parts),
  ...twice("counts", ({ report }) => report.counts.map(({ id }) => id), parts),
  ...twice("sections", ({ report }) => report.sections.map(({ id }) => id), parts),
  ...twice("stops", ({ stops }) => stops.map(({ id }) => id), parts),
  ...twice("samples", ({ samples }) => samples.map(({ id }) => id), parts),
  ...twice("mappings", (part) => choicesOf(part).map(({ as }) => as), parts),
  ...shared(parts),
  ...updatedByAll(parts),
  ...people(parts),
  ...parts.flatMap(above),
  ...Object.keys(migration.references)
    .filter((name) => !parts.some(({ references }) => Object.hasOwn(references, name)))
    .map((name) => `No field names the reference “${name}”: one has to.`),
  ...(migration.checks ?? []).flatMap(({ id, never }) =>
    "standing" in never && !parts.some(({ part }) => part === never.of)
      ? [`The check “${id}” is about rows of no entity: say \`of\` which.`]
      : [],
  ),
];

/** What is wrong with what rows of a kind of things refer to. */
function above(migration: Migration): string[] {
  const { part, entity, above: known = [], references } = migration;
  const refs = entity.refs ?? {};
  return [
    ...Object.entries(refs).flatMap(([name, { to, by, beside = [], asks }]) => {
      const own = selvesOf(migration).includes(name);
      const parent = own ? migration : known.find((each) => each.part === to);
      const says = (problem: string) => `“${name}” of “${part}” ${problem}`;
      if (parent === undefined) return [says(`refers to “${to}”, which is no entity above it.`)];
      const into = new Set(Object.values(parent.entity.actions).map((action) => action.into));
      return [
        ...(own ? ownKindProblems(migration, name).map(says) : []),
        ...(Object.hasOwn(references, name)
          ? [says("is called as a reference to things of the platform: give it another name.")]
          : []),
        ...(into.size === 1
          ? []
          : [
              says(
                `refers to “${to}”, whose rows stand in ${into.size} tables: they have to be in one.`,
              ),
            ]),
        ...Object.keys(by)
          .filter((field) => field !== "legacy_id" && !Object.hasOwn(parent.entity.fields, field))
          .map((field) => says(`is found by “${field}”, which is no field of “${to}”.`)),
        ...besideProblems(known, parent, entity, beside).map(says),
        ...(asks === undefined ? [] : asksProblems(migration, parent, asks, beside).map(says)),
        ...Object.values(by)
          .filter((field) => field !== "legacy_id" && !Object.hasOwn(entity.fields, field))
          .map((field) => says(`is found by “${field}”, which is no field of its own.`)),
      ];
    }),
  ];
}

/** What a reference of a kind of things to rows of its own cannot do. */
function ownKindProblems(migration: Migration, name: string): string[] {
  const { entity } = migration;
  const selves = selvesOf(migration);
  const { refs = {}, actions, is = [] } = entity;
  const { beside, asks } = refs[name] as NonNullable<(typeof refs)[string]>;
  const isOwn = (value: Value) => "of" in value && value.of === name;
  const all = Object.values(actions);
  const kept = all.flatMap(({ id }) =>
    typeof id === "object" && "kept" in id ? Object.values(id.kept) : [],
  );
  const written = all.flatMap(({ values }) => Object.entries(values));
  const ofOwn = written
    .filter(([, value]) => "of" in value && selves.includes(value.of))
    .map(([column]) => column);
  const passedOn = written.flatMap(([, value]) =>
    isOwn(value) && "of" in value && ofOwn.includes(value.column ?? "") ? [value.column] : [],
  );
  return [
    ...(beside === undefined && asks === undefined
      ? []
      : [
          "refers to rows of its own kind: rows beside them, or a person, do not say which is meant.",
        ]),
    ...(is.some((same) => same.some(([, value]) => isOwn(value)))
      ? ["is a row of its own kind, by which no row is told to be there already."]
      : []),
    ...(Object.values(updatesOf(entity)).some(isOwn)
      ? ["is a row of its own kind, which is not written into a row that is there already."]
      : []),
    ...(kept.some(isOwn) ? ["is a row of its own kind, which is no part of a key."] : []),
    ...passedOn.map(
      (column) => `is a row of its own kind, whose “${column}” is what is written by it itself.`,
    ),
  ];
}

/** What several kinds of things that are rows of one table of the platform have to be told apart by. */
function shared(parts: readonly Migration[]): string[] {
  const all = parts.flatMap(({ part, entity }) =>
    Object.values(entity.actions).map((action) => ({ part, ...action })),
  );
  return [...new Set(all.map(({ into }) => into))].flatMap((table) => {
    const actions = all.filter(({ into }) => into === table);
    const [first, ...others] = actions.map(({ id }) => keyOf(id));
    const named = [...new Set(actions.map(({ part }) => `“${part}”`))].join(" and ");
    const byLegacyId = actions.filter(
      ({ identity = {} }) => Object.keys(identity).length > 0 && isLegacyId(identity),
    );
    return [
      ...(others.some((key) => key !== first)
        ? [
            `${named} write into “${table}” under other keys: a table has one key, and is drawn an integer or not.`,
          ]
        : []),
      ...(new Set(byLegacyId.map(({ part }) => part)).size < 2
        ? []
        : [
            `${named} write into “${table}”, and \`identity\` tells their rows by the legacy id alone: rows of two legacy tables that have one id would be taken for each other. Say there what else tells them apart, such as \`source_table\`.`,
          ]),
    ];
  });
}

/** What takes changes back names each column that any kind wrote of a table, and is one statement. */
function updatedByAll(parts: readonly Migration[]): string[] {
  const columns = new Map<string, Set<string>>();
  for (const { entity } of parts) {
    const [into] = Object.values(entity.actions).map((action) => action.into);
    const updated = Object.keys(updatesOf(entity));
    if (into === undefined || updated.length === 0) continue;
    columns.set(into, new Set([...(columns.get(into) ?? []), ...updated]));
  }
  return [...columns].flatMap(([table, { size }]) =>
    size <= updatedAtMost
      ? []
      : [
          `${size} columns of “${table}” are brought up to date by several kinds of things, and ${updatedAtMost} are the most: leave out what need not be.`,
        ],
  );
}

const keyOf = (id: InsertAction["id"]): string =>
  JSON.stringify([typeof id === "string", ...keyColumnsOf(id)]);

const isLegacyId = (identity: Readonly<Record<string, Value>>): boolean =>
  Object.values(identity).every((value) => "staged" in value && value.staged === "legacy_id");

/** What is wrong with rows that have to be beside one that is referred to. */
function besideProblems(
  known: readonly Migration[],
  parent: Migration,
  own: Migration["entity"],
  beside: readonly Besides[],
): string[] {
  const has = ({ fields }: Migration["entity"], field: string) =>
    field === "legacy_id" || Object.hasOwn(fields, field);
  return beside.flatMap(({ entity: of, same, is = {}, rather }) => {
    const other = known.find(({ part }) => part === of)?.entity;
    if (other === undefined) return [`asks for “${of}” beside it, which is no entity above it.`];
    const [time, notAfter] = rather ?? [];
    const theirs = [...Object.keys(same), ...Object.keys(is), ...(time ? [time] : [])];
    const ours = Object.values(same).flatMap((each) => (typeof each === "string" ? [each] : []));
    const candidates = Object.values(same).flatMap((each) =>
      typeof each === "string" ? [] : [each.theirs],
    );
    const lacks = (in_: Migration["entity"], fields: readonly string[], what: string) =>
      fields
        .filter((field) => !has(in_, field))
        .map((field) => `asks for “${field}”, which is no field of ${what}.`);
    return [
      ...lacks(other, theirs, `“${of}”`),
      ...lacks(own, [...ours, ...(notAfter ? [notAfter] : [])], "its own"),
      ...lacks(parent.entity, candidates, `“${parent.part}”`),
    ];
  });
}

/** What is wrong with what a person is asked where several rows could be meant. */
function asksProblems(
  { entity, references, above: known = [] }: Migration,
  parent: Migration,
  { as, shows }: Asks,
  beside: readonly Besides[],
): string[] {
  const to = parent.entity.refs?.[shows?.of ?? ""]?.to;
  const shown = known.find(({ part }) => part === to);
  return [
    ...(beside.length > 0
      ? []
      : ["asks which of several is meant, and says nothing that has to be `beside` one."]),
    ...(entity.from.length === 1
      ? []
      : [
          "asks about rows by their legacy id, and they are read from several tables: it has to be one.",
        ]),
    ...(Object.hasOwn(references, as)
      ? [`asks as “${as}”, which is a reference to things of the platform: give it another name.`]
      : []),
    ...(shows === undefined || Object.hasOwn(shown?.entity.fields ?? {}, shows.field)
      ? []
      : [
          `shows “${shows.field}” of “${shows.of}”, which “${parent.part}” does not refer to or has not.`,
        ]),
    // It stands in lists and bundles as it is, and stays when people are erased.
    ...(shown !== undefined && shows !== undefined && kindOfStaged(shown, shows.field) !== undefined
      ? [
          `shows “${shows.field}” of “${shows.of}”, which says who somebody is: show something else.`,
        ]
      : []),
  ];
}

/** Contacts that are shared, and people who are the same, are looked for in one kind of things. */
function people(parts: readonly Migration[]): string[] {
  const some = parts.filter((part) => hasContacts(part) || isMatched(part));
  return some.length < 2
    ? []
    : [
        `${some.map(({ part }) => `“${part}”`).join(" and ")} have phones, e-mails or a \`match\`: people are looked for in one entity. Make of them one entity that is read \`from\` their tables; or leave \`match\` to one, and let the others have such columns as \`text(…)\`, which is written as it stands and compared with nobody; or make of them migrations of their own, of which the later one finds by \`match\` whom the earlier one wrote.`,
      ];
}

const twice = (
  what: string,
  ids: (part: Migration) => readonly string[],
  parts: readonly Migration[],
): string[] => sharedBetween(parts, ids, (id) => `Two ${what} are called “${id}”.`);

function sharedBetween(
  parts: readonly Migration[],
  of: (part: Migration) => readonly string[],
  says: (what: string) => string,
): string[] {
  const all = parts.flatMap((part) => [...new Set(of(part))]);
  return [...new Set(all.filter((each, at) => all.indexOf(each) !== at))].map(says);
}
