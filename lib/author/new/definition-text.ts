import { isWhole } from "../check/key.ts";
import { liveIn } from "../deleted.ts";
import { fieldName, type Guessed, keyOf, quote } from "../guess.ts";
import type { Referring, TargetTable } from "../target.ts";
import type { Draft } from "./draft.ts";
import { kindOf } from "./status-words.ts";

/** A migration's name as its constant is called: `old-gym` → `oldGym`. */
export const constantOf = (name: string): string =>
  name.replaceAll(/-([a-z0-9])/gu, (_, letter: string) => letter.toUpperCase());

/**
 * The text of a definition: a guess stands above what was guessed. The text is run, and a line that ended in a comment
 * would be run as well: reasons hold nothing that a source calls something, and its names are quoted.
 */
export function textOf(
  name: string,
  connection: string,
  main: Guessed,
  others: readonly Guessed[],
  into: TargetTable | undefined,
  draft: Draft & { readonly referring: readonly Referring[] },
): string {
  const { fields, values, identity, status, gone, words, match, referring } = draft;
  const live = into && liveIn(into);
  const constant = constantOf(name);
  const target = into?.name ?? "TABLE";
  const id = into === undefined ? '"id"' : idOf(into);
  const person = into?.key.length === 1 ? (into.key[0] as string) : "id";
  const idType = into?.columns.find((column) => column.name === person)?.type;
  const nameField = fields.find(({ kind }) => kind === "name");
  const decide = status
    ? `classification: [
        // guess: each word a kind of its own; several words may be one.
        ${words.map((word, place) => `{ is: ${quote(kindOf(word, place))}, when: is(${quote(status.field)}, ${quote(word)}) },`).join("\n        ")}
        { is: "unknown", when: otherwise },
      ],`
    : "";
  const hold = status
    ? `{
        when: field("classification", "unknown"),
        hold: "status_unknown",
        says: "The status is one that nobody listed.",
      },`
    : "";
  const people =
    match.length === 0
      ? ""
      : `
    match: {
      against: [
        { table: ${quote(target)}, id: ${quote(person)}, ${idType === "uuid" || idType === "text" ? `idType: ${quote(idType)}, ` : ""}${match.map(([word, column]) => `${word}: ${quote(column)}`).join(", ")}, ${live ? `\n          // guess: whom the platform took for deleted is nobody that a row may be\n          where: { ${keyOf(live.column)}: ${live.is} }, ` : ""}linkedAs: ${quote(`linked_${fieldName(target)}_id`)} },
      ],
      similarity: 0.5,
      cap: 200,
      onePerPerson: [],
    },`;
  const known =
    match.length === 0
      ? ""
      : `{
        when: field("high_hits", "several"),
        hold: "several_matches",
        says: "Several people of the platform carry this phone or e-mail.",
      },
      ${
        match.some(([word]) => word === "name" || word === "birthDate")
          ? `{
        when: all(field("high_hits", "one"), field("another_person", "yes")),
        hold: "contact_of_another_person",
        says: "Whoever has this phone or e-mail on the platform has another name or birth date.",
      },
      { when: field("high_hits", "one"), link: true, says: "The platform knows this person." },`
          : `// guess: of a family that has one phone nothing else tells who is who: a person looks
      {
        when: field("high_hits", "one"),
        hold: "known_by_contact_alone",
        says: "Somebody on the platform has this phone or e-mail, and nothing else says whether it is this person.",
      },`
      }`;
  const refersTo =
    referring.length === 0
      ? ""
      : `
  // guess: what refers to rows that are written, which a rollback leaves where such a row names them
  refersTo: [
    ${referring.map(({ from, named }) => `refers(${quote(from)}, ${quote(named)}),`).join("\n    ")}
  ],
`;
  const unlisted = `field("classification", "unknown")`;
  const review = `
  // guess: so many rows, drawn from all of them, are looked at by a person before anything is written
  samples: [{ id: "rows", says: "rows of every kind", rows: 20, when: otherwise }],
${
  status
    ? `
  report: {
    counts: [
      count("listed", "Rows of a listed status", not(${unlisted})),
      count("unknown", "Rows whose status nobody listed", ${unlisted}),
    ],
    distributions: [],
    sections: [],
  },

  // guess: beyond a tenth somebody should list the missing statuses first
  stops: [
    stop("unknown_rows", "Too many rows have a status that nobody listed.", share(${unlisted}), 0.1),
  ],`
    : ""
}`;
  const body = `
/** Written by \`wavegate new\`: every guess is marked, look at each. */
export const ${constant} = defineMigration({
  name: ${quote(name)},
  title: ${quote(`${name}: ${main.table}`)},
  connection: ${quote(connection)},

  source: {
    // guess: ${main.keyed.because}
    ${tableOf(main)}
    ${others.map((each) => `// not read: ${tableOf(each)}`).join("\n    ")}
  },

  entity: {
    from: [${quote(main.table)}],

    fields: {
      ${fields.map((field) => `// guess: ${field.because}\n      ${field.field}: ${field.code},`).join("\n      ")}
    },

    ${nameField ? `validate: [\n      { id: "name_missing", says: "There is no usable name.", when: missing(${quote(nameField.field)}), verdict: "failed" },\n    ],` : ""}

    decide: {
      ${decide}
    },
${people}
    actions: {
      create: {
        // guess: the platform's table with most of these columns
        into: ${quote(target)},
        id: ${id},
        values: {
          ${values.map(({ column, code, because: why }) => `// guess: ${why}\n          ${keyOf(column)}: ${code},`).join("\n          ")}
        },
        ${identity ? `identity: { ${keyOf(identity)}: staged("legacy_id") },` : ""}
        importedAs: ${quote(`imported_${fieldName(target)}_id`)},
        inverse: "delete_created",
      },
    },

    // Read from the top: the first line that applies decides what a wave does with a row.
    plan: [
      ${gone ? `// guess: what the legacy system took for deleted stays where it is\n      { when: ${gone.kind === "boolean" ? `field(${quote(gone.field)}, "yes")` : `present(${quote(gone.field)})`}, skip: "deleted", says: "The legacy system took it for deleted." },` : ""}
      ${nameField ? `{ when: field("validation_status", "failed"), fail: "name_missing", says: "No usable name." },` : ""}
      { when: field("moved_before", "yes"), skip: "moved_before", says: "An earlier run moved this row." },
      ${hold}
      ${known}
      ${status ? `{ when: not(field("classification", "unknown")), commit: "create", says: "A row of a known kind." },` : `{ when: field("moved_before", "no"), commit: "create", says: "A row that was not moved before." },`}
      { when: otherwise, hold: "nothing_applies", says: "No line of the plan fits this row." },
    ],
  },
${refersTo}${review}
});
`;
  // What was left out leaves empty lines behind.
  const tidy = body
    .replaceAll(/[ \t]+$/gmu, "")
    .replaceAll(/\n{3,}/gu, "\n\n")
    .replaceAll(/([{[,])\n\n(\s*[}\]])/gu, "$1\n$2")
    .replaceAll(/([{[])\n\n/gu, "$1\n");
  return `${importsOf(tidy.replaceAll(/^\s*\/\/.*$/gmu, ""))}${tidy}`;
}

/** A table of the source, as a definition has it. */
function tableOf({ table, columns, keyed: { columns: key, integer } }: Guessed): string {
  const keyCode = integer
    ? `integerKey(${quote(key[0] ?? "")})`
    : key.length === 1
      ? quote(key[0] ?? "")
      : `[${key.map(quote).join(", ")}]`;
  const rest = columns.filter((column) => !key.includes(column)).map(quote);
  return `${keyOf(table)}: table(${[keyCode, ...rest].join(", ")}),`;
}

/** What names a new row, as the action has it: the table's key, drawn or given. */
function idOf({ key, columns }: TargetTable): string {
  const [first = "id"] = key;
  const column = columns.find(({ name }) => name === first);
  const own = key.find((name) => columns.some((each) => each.name === name && each.drawn));
  if (key.length > 1 && own !== undefined)
    return `{ drawn: ${quote(own)}, beside: { ${key
      .filter((name) => name !== own)
      .map((name) => `${keyOf(name)}: staged("legacy_id")`)
      .join(", ")} } }`;
  if (key.length > 1)
    return `{ kept: { ${key.map((name) => `${keyOf(name)}: staged("legacy_id")`).join(", ")} } }`;
  if (column === undefined || (column.drawn && isWhole(column.type))) return quote(first);
  return column.filled
    ? `{ drawn: ${quote(first)} }`
    : `{ kept: { ${keyOf(first)}: staged("legacy_id") } }`;
}

const builders = [
  ...[
    "all",
    "birthDate",
    "boolean",
    "choice",
    "composed",
    "constant",
    "count",
    "createdAt",
    "date",
    "decimal",
    "defineMigration",
    "duration",
    "email",
  ],
  ...[
    "field",
    "integer",
    "integerKey",
    "is",
    "json",
    "lasting",
    "list",
    "missing",
    "name",
    "not",
    "nothing",
    "otherwise",
    "phone",
    "present",
  ],
  ...[
    "range",
    "refers",
    "run",
    "share",
    "staged",
    "status",
    "stop",
    "table",
    "text",
    "time",
    "timestamp",
    "uuid",
  ],
];

/** The builders that a text calls. */
function importsOf(body: string): string {
  const used = builders.filter((word) =>
    ["nothing", "otherwise", "run"].includes(word)
      ? new RegExp(`: ${word}\\b`, "u").test(body)
      : new RegExp(`(?<![\\w."])${word}\\(`, "u").test(body),
  );
  return `import {\n${used.map((word) => `  ${word},`).join("\n")}\n} from "../../lib/define/builders.ts";\n`;
}
