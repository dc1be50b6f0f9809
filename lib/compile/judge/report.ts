import {
  argumentsAtMost,
  identifier,
  literal,
  literals,
  raw,
  type Sql,
  sql,
  uuid,
} from "../../data/sql.ts";
import type { Condition, Migration } from "../../define/definition.ts";
import { comparedWith, lookedAt } from "../../define/looked-at.ts";
import { fieldsOf, mainField, nameForms, valueColumn } from "../columns.ts";
import {
  type AliasOf,
  compileCondition,
  referenceColumn,
  typeColumn,
  typesOf,
} from "../condition.ts";
import { sourceTable } from "../rows.ts";

/** The words of a choice, or of a status those that some decision looks for. */
export function listedStatuses({ entity }: Migration, field: string): readonly string[] {
  const of = entity.fields[field];
  return of?.kind === "choice" ? Object.keys(of.means) : decidedBy(entity, field);
}

/** The words of a field that some decision looks for. */
const decidedBy = ({ decide }: Migration["entity"], field: string): readonly string[] => [
  ...new Set(
    Object.values(decide).flatMap((lines) =>
      lines.flatMap(({ when }) => comparedWith(when, field)),
    ),
  ),
];

/** The columns of choices by which a status's own column is decided as well: a word that one of them lists nobody forgot. */
export const alsoDecidedBy = (migration: Migration, status: string): readonly string[] =>
  fieldsOf(migration, "choice").flatMap(([name, { from }]) =>
    from === fieldsOf(migration, "status").find(([each]) => each === status)?.[1].from &&
    decidedBy(migration.entity, name).length > 0
      ? [valueColumn(migration, name)]
      : [],
  );

/** Characters of a spelling that are told: a longer one is a remark, and a row of an answer ends at 64 KB. */
export const longestTold = 300;
const told = (column: string): Sql => raw(`left(${column}, ${longestTold + 1})`);

/** Of each such list so many are told; behind the last it is said how many more there are. */
const mostListed = 50;
const ofAll = raw(`count(*) over () as "ofAll", sum(count(*)) over ()::bigint as "rowsOfAll"`);

/** What each line of a list says of the whole of it: how many lines and rows there are. */
export interface OfAll {
  readonly ofAll: number;
  readonly rowsOfAll: number;
}

/**
 * Spellings that the definition does not list, of each status that it decides by and of each choice, the
 * commonest first (D2), and whether all rows with one have it from their own name, as where columns have moved.
 */
export function unlistedStatuses(migration: Migration, run: string): readonly Sql[] {
  const name = mainField(migration, "name");
  const named = (column: string): Sql =>
    name === undefined
      ? sql`false`
      : sql`bool_and(string_to_array(${raw(nameForms(migration, name).key)}, ' ')
               && array(select word from unnest(string_to_array(wavegate.fold_name(${raw(column)}), ' ')) word where length(word) > 2))`;
  const choices = fieldsOf(migration, "choice").map(
    ([name]) => sql`
  select ${name}::text as field, ${told(identifier(`${name}_raw`))} as status, count(*) as rows,
         coalesce(${named(identifier(`${name}_raw`))}, false) as named, ${ofAll}
    from ${raw(sourceTable(migration))}
   where run_id = ${uuid(run)} and jsonb_exists(findings, ${`${name}_unlisted`})
   group by 2 order by 3 desc, 2 limit ${mostListed}`,
  );
  const statuses = fieldsOf(migration, "status").flatMap(([name]) => {
    const listed = listedStatuses(migration, name);
    if (listed.length === 0) return [];
    const column = identifier(valueColumn(migration, name));
    const key = raw(column);
    const choices = alsoDecidedBy(migration, name).map(
      (choice) => ` and ${identifier(choice)} is null`,
    );
    return [
      sql`
  select ${name}::text as field, ${told(column)} as status, count(*) as rows, coalesce(${named(column)}, false) as named, ${ofAll}
    from ${raw(sourceTable(migration))}
   where run_id = ${uuid(run)} and (${key} is null or ${key} not in (${raw(literals(listed))}))${raw(choices.join(""))}
   group by 2 order by 3 desc, 2 limit ${mostListed}`,
    ];
  });
  return [...statuses, ...choices];
}

/**
 * Codes of real things that are nearly a placeholder's, the most used first: listed for a person (M5).
 *
 * @param uses `id`, as text, and `rows`: how many rows name each thing of a reference, where that was counted already
 */
export function nearPlaceholders(
  migration: Migration,
  run: string,
  uses: (reference: string) => Sql | undefined,
): readonly Sql[] {
  return Object.entries(migration.references).flatMap(([name, reference]) => {
    if (reference.kind !== "by_code" || reference.placeholder === undefined) return [];
    const { staging, placeholder } = reference;
    const near = [
      // A code that says nothing, and one of zeros: nobody's name of a session.
      "spelled ~ '^[0 ]*$'",
      ...suggests(placeholder.codeSuggests ?? []),
      ...placeholder.codeContains.map((part) => isLike(`wavegate.fold_name(${literal(part)})`)),
    ];
    const column = raw(identifier(referenceColumn(migration, name)));
    const used = uses(name);
    const named =
      used === undefined
        ? sql`
    select s.${column} as id, count(*) as rows from ${raw(sourceTable(migration))} s
     where s.run_id = ${uuid(run)} and s.${column} in (select id from near) group by 1`
        : sql`select near.id, used.rows from near join (${used}) used on used.id = near.id::text`;
    return [
      sql`
  with near as materialized (
    select m.${raw(identifier(staging.id))} as id, left(coalesce(m.${raw(identifier(staging.code))}, ''), ${longestTold}::int) as code
      from wavegate.${raw(identifier(staging.table))} m
      -- A code of more letters is none: how much of it is nearly a placeholder's would take minutes.
      cross join lateral (select ${raw(asRead(`left(m.${identifier(staging.code)}, 1000)`))} as read offset 0) latin
      cross join lateral (select wavegate.fold_name(latin.read) as spelled offset 0) folded
      -- Most codes are a few letters and numbers, and are no long word whichever way they are read.
      cross join lateral (
        select letters,
               case when letters >= ${fewestLetters(placeholder.codeSuggests ?? [])} then ${raw(squeezed("spelled"))} end as squeezed,
               case when letters >= ${fewestLetters(placeholder.codeSuggests ?? [])} then replace(spelled, ' ', '') end as together
          from (select length(translate(spelled, '0123456789 ', '')) as letters) counted offset 0) forms
     where m.run_id = ${uuid(run)} and m.${raw(typeColumn(reference))} = ${typesOf(reference).real} and (${raw(near.join(" or "))})),
  named as (${named})
  select ${name}::text as reference, code, count(*) as ids, coalesce(sum(rows), 0)::bigint as rows,
         count(*) over () as "ofAll", coalesce(sum(sum(rows)) over (), 0)::bigint as "rowsOfAll"
    from near left join named using (id)
   group by 2 order by 4 desc, 2 limit ${mostListed}`,
    ];
  });
}

/**
 * Whether a folded code holds a word that suggests a placeholder, also with a letter twice or once, one that is
 * another, two that changed places, or spaced out; one so short that it stands in many others only as a word of its own, with its number
 * or without (`WL-1`, `wl2`); with `=` before it only as the whole code. All stand in one pattern of a kind: of
 * several dozens PostgreSQL would keep only some, and read the others again for each row.
 */
function suggests(parts: readonly string[]): string[] {
  const folded = (part: string) => `wavegate.fold_name(${literal(part)})`;
  const any = (some: readonly string[]) => some.map(folded).join(" || '|' || ");
  const whole = parts.filter((part) => part.startsWith("="));
  const short = parts.filter((part) => !whole.includes(part) && part.length <= longestShort);
  const long = longOf(parts);
  return [
    ...(whole.length === 0 ? [] : [`spelled ~ ('^[0-9 ]*(?:' || ${any(whole)} || ')[0-9 ]*$')`]),
    ...(short.length === 0
      ? []
      : [`' ' || spelled || ' ' ~ (' [0-9]*(?:' || ${any(short)} || ')[0-9]* ')`]),
    ...(long.length === 0
      ? []
      : [
          `together is not null and spelled ~ (${any(long)})`,
          `together ~ replace(${any(long)}, ' ', '')`,
          `' ' || squeezed ~ (' (?:' || ${long.map((part) => squeezed(folded(part))).join(" || '|' || ")} || ')')`,
          `exists (
        select from unnest(string_to_array(squeezed, ' ')) word
         cross join unnest(array[${long.map((part) => squeezed(folded(part))).join(", ")}]) known
         where length(word) between 5 and 60
           and (levenshtein_less_equal(word, known, 1) <= 1
                -- Two neighbours that changed places are one slip, and two edits.
                or (length(word) = length(known) and levenshtein_less_equal(word, known, 2) = 2
                    and exists (select from generate_series(1, length(word) - 1) at
                                 where overlay(word placing reverse(substr(word, at, 2)) from at) = known))))`,
        ]),
  ];
}

/**
 * A code before it is folded: letters that look like Latin ones as those, and `SessAtt` as two words. Most are capitals
 * of ASCII, of which nothing is changed.
 */
const asRead = (code: string): string =>
  `case when octet_length(${code}) = length(${code}) and ${code} = upper(${code} collate "C") then ${code} else regexp_replace(translate(coalesce(${code}, ''), ${literal("АВЕКМНОРСТУХІЈЅаеорсухіјѕΑΒΕΖΗΙΚΜΝΟΡΤΥΧο")},
        ${literal("ABEKMHOPCTYXIJSaeopcyxijsABEZHIKMNOPTYXo")}), '([[:lower:]])([[:upper:]])', '\\1 \\2', 'g') end`;

/** Without letters that are doubled. */
const squeezed = (text: string): string => `regexp_replace(${text}, '(.)\\1+', '\\1', 'g')`;

const longestShort = 5;

const longOf = (parts: readonly string[]): string[] =>
  parts.filter((part) => !part.startsWith("=") && part.length > longestShort);

/** How many letters a code has at least that holds one of the long parts, or one that is a letter apart. */
const fewestLetters = (parts: readonly string[]): number =>
  Math.min(
    ...longOf(parts).map((part) => {
      const letters = part
        .normalize("NFKD")
        .toLowerCase()
        .replace(/[^\p{Ll}\p{Lo}]/gu, "");
      return [...letters.replace(/(.)\1+/gu, "$1")].length - 1;
    }),
    // Where there are none nothing is looked for.
    1_000,
  );

/** Trigram similarity from which two codes are one that was typed differently. */
const likeness = 0.55;

/**
 * Whether a folded code is like a folded part. Of a part without a digit only trigrams of letters are shared, of which a
 * code has two for each of its letters at most: most codes have too few, and are not compared.
 */
const isLike = (part: string): string =>
  `((letters * 2 >= ${likeness} * cardinality(show_trgm(${part})) or ${part} ~ '[0-9]') and similarity(spelled, ${part}) >= ${likeness})`;

/** Every condition that a report or a stop counts by, each once. */
export function countedConditions({ report, stops }: Migration): readonly Condition[] {
  const lines = [...report.counts, ...report.sections.flatMap((section) => section.lines)];
  const measured = stops.flatMap(({ measure }) => {
    if ("share" in measure) return [measure.share, ...(measure.of ? [measure.of] : [])];
    return "rows" in measure ? [measure.rows] : [];
  });
  const all = [...lines.map(({ when }) => when), ...measured];
  return [...new Map(all.map((condition) => [JSON.stringify(condition), condition])).values()];
}

/** What a dry run's counts are called by: what is planned is known to it by its name. */
const planned: readonly string[] = ["planned", "planned_action", "planned_reason"];

/**
 * The columns whose values a report counts, each with the name that counts of a dry run have it under: no field is
 * called as something that they know besides.
 */
export const countedValues = ({
  report,
}: Pick<Migration, "report">): readonly { readonly column: string; readonly as: string }[] =>
  [...new Set(report.distributions.map(({ column }) => column))].map((column, place) => ({
    column,
    as: planned.includes(column) ? column : `value_${place}`,
  }));

/** Which of {@link countedConditions} hold for a row: a text of zeros and ones, in their order. */
export const countedMarks = (migration: Migration, at?: AliasOf): string =>
  asText(
    countedConditions(migration).map(
      (condition) => `(${compileCondition(condition, migration, at)})::int`,
    ),
  );

/** Marks one behind the other, however many. */
const asText = (marks: readonly string[]): string =>
  marks.length < argumentsAtMost
    ? `concat(${["''", ...marks].join(", ")})`
    : `array_to_string(array[${marks.join(", ")}], '')`;

/** {@link countedMarks} of rows that are grouped by {@link countedValues} and by what is planned. */
interface MarksOfGroups {
  /** What rows are grouped by besides, selected of a row, each with a comma behind it. */
  readonly selected: string;
  readonly columns: readonly string[];
  /** The marks of a group `c`. */
  readonly text: string;
  /** Whether what is selected of a row looks at what is planned, under the alias `c`. */
  readonly needPlan: boolean;
}

/** Bits of one integer. */
const marksOfNumber = 30;

/**
 * What all rows of a group have in common is looked at once for the group; the other conditions of a row are the
 * bits of a number, as texts cost ten times that.
 *
 * @param at where a column of a row stands
 * @param isPlanned whether a column is what the plan says
 */
export function countedMarksOfGroups(
  migration: Migration,
  at: AliasOf,
  isPlanned: (column: string) => boolean,
): MarksOfGroups {
  const values = new Map(
    countedValues(migration).flatMap(({ column, as }) => {
      const staged = valueColumn(migration, column);
      return isPlanned(column) || at(staged) !== "s" ? [] : [[staged, as] as const];
    }),
  );
  const isKnown = (name: string) => isPlanned(name) || values.has(valueColumn(migration, name));
  const ofGroup = (condition: Condition): boolean => {
    if ("all" in condition) return condition.all.every(ofGroup);
    if ("any" in condition) return condition.any.every(ofGroup);
    if ("not" in condition) return ofGroup(condition.not);
    if ("missing" in condition) return isKnown(condition.missing);
    if ("present" in condition) return isKnown(condition.present);
    return "field" in condition && isKnown(condition.field);
  };
  const conditions = countedConditions(migration);
  const ofRows = conditions.filter((condition) => !ofGroup(condition));
  const needPlan = ofRows.flatMap(lookedAt).some(isPlanned);
  const numbers = Array.from({ length: Math.ceil(ofRows.length / marksOfNumber) }, (_, n) =>
    ofRows.slice(n * marksOfNumber, (n + 1) * marksOfNumber),
  );
  const where: AliasOf = (column) => (isPlanned(column) ? "c" : at(column));
  const selected = numbers.map((some, n) => {
    const bits = some.map(
      (condition, bit) =>
        `case when ${compileCondition(condition, migration, where)} then ${2 ** bit} else 0 end`,
    );
    return `${bits.join(" + ")} as marks_${n}, `;
  });
  const shown = [...values].map(([column, as]) => `c.${as} as ${identifier(column)}`);
  const planned = ["planned", "planned_action", "planned_reason"].map((column) => `c.${column}`);
  const text = conditions.map((condition) => {
    const place = ofRows.indexOf(condition);
    return place < 0
      ? `(${compileCondition(condition, migration, () => "g")})::int`
      : `(c.marks_${Math.floor(place / marksOfNumber)} >> ${place % marksOfNumber} & 1)`;
  });
  return {
    selected: selected.join(""),
    columns: numbers.map((_, n) => `marks_${n}`),
    text: `(select ${asText(text)} from (select ${[...shown, ...planned].join(", ")}) g)`,
    needPlan,
  };
}
