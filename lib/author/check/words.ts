import { linkColumns, stagedColumns } from "../../compile/columns.ts";
import { notedOfRows } from "../../compile/keys.ts";
import type { Condition, Migration } from "../../define/definition.ts";
import { findingsOf } from "../../define/findings.ts";
import { always, decisionColumns, lookedAt } from "../../define/looked-at.ts";
import { error, names, type Problem, warning } from "../problem.ts";
import { checkPeople } from "./people.ts";

/** What is wrong with a definition by itself: names that nothing has, lines that nothing reaches. */
export function checkWords(migration: Migration): Problem[] {
  return [
    ...unknownNames(migration),
    ...decisions(migration),
    ...plan(migration),
    ...checkPeople(migration),
    ...actions(migration),
    ...waves(migration),
    ...quotas(migration),
  ];
}

/** Every condition of a definition, with what it stands in. */
export function conditionsOf(
  migration: Migration,
): { readonly in: string; readonly when: Condition }[] {
  const { entity, report, stops, samples, checks = [] } = migration;
  return [
    ...entity.validate.map(({ id, when }) => ({ in: id, when })),
    ...Object.entries(entity.decide).flatMap(([column, lines]) =>
      lines.map(({ when }) => ({ in: column, when })),
    ),
    ...entity.plan.map((line) => ({ in: line.says, when: line.when })),
    ...[
      ...report.counts,
      ...report.sections.flatMap(({ lines }) => lines),
      ...(report.mappings ?? []),
      ...samples,
    ].map(({ id, when }) => ({ in: id, when })),
    ...stops.flatMap(({ id, measure }) => {
      if ("share" in measure) {
        return [measure.share, ...(measure.of ? [measure.of] : [])].map((when) => ({
          in: id,
          when,
        }));
      }
      return [{ in: id, when: "rows" in measure ? measure.rows : measure.where }];
    }),
    ...checks.flatMap(({ id, never }) => {
      return "standing" in never ? [{ in: id, when: never.standing }] : [];
    }),
  ];
}

function unknownNames(migration: Migration): Problem[] {
  const { entity, references } = migration;
  const known = new Set([
    ...Object.keys(entity.fields),
    ...Object.keys(entity.decide),
    ...Object.keys(references),
    ...Object.keys(entity.refs ?? {}),
    ...stagedColumns(migration).map(([name]) => name),
  ]);
  const fields = Object.entries(entity.fields).flatMap(([name, field]) =>
    field.kind === "reference" && !(field.to in references)
      ? [
          error(
            "unknown_reference",
            name,
            `The field “${name}” refers to “${field.to}”, which no reference is called.`,
            `Name one of ${names(Object.keys(references)) || "the references"}, or declare “${field.to}” under references.`,
          ),
        ]
      : [],
  );
  const conditions = conditionsOf(migration).flatMap(({ in: where, when }) =>
    [...new Set(lookedAt(when))]
      .filter((name) => !known.has(name))
      .map((name) =>
        error(
          "unknown_name",
          name,
          `“${where}” looks at “${name}”, which is no field, no decision and no reference.`,
          `Correct the name; there are ${names([...Object.keys(entity.fields), ...Object.keys(entity.decide), ...Object.keys(references), ...Object.keys(entity.refs ?? {})], 12)}.`,
        ),
      ),
  );
  const unnamed = Object.keys(references).filter(
    (name) =>
      !Object.values(entity.fields).some(
        (field) => field.kind === "reference" && field.to === name,
      ),
  );
  return [
    ...fields,
    ...conditions,
    ...unnamed.map((name) =>
      error(
        "reference_without_field",
        name,
        `No field refers to “${name}”, so no row can be joined to it.`,
        `Add a field such as ${name}_id: reference("COLUMN", "${name}"), or remove the reference.`,
      ),
    ),
    ...impossibleFindings(migration),
  ];
}

/** Findings that a rule asks for and that no field can give: such a rule never fires. */
function impossibleFindings(migration: Migration): Problem[] {
  const { fields } = migration.entity;
  const given = new Set<string>([
    ...findingsOf.row,
    ...Object.values(fields).flatMap(({ kind }) => findingsOf[kind] as readonly string[]),
    ...notedOfRows(migration),
  ]);
  const noted = (when: Condition): string[] => {
    if ("all" in when) return when.all.flatMap(noted);
    if ("any" in when) return when.any.flatMap(noted);
    if ("not" in when) return noted(when.not);
    return "noted" in when ? [when.noted] : [];
  };
  return conditionsOf(migration).flatMap(({ in: where, when }) =>
    noted(when)
      .filter((finding) => !given.has(finding))
      .filter((finding) => !Object.keys(fields).some((name) => finding.startsWith(`${name}_`)))
      .map((finding) =>
        warning(
          "never_noted",
          finding,
          `“${where}” waits for “${finding}”, which no field of this definition can note.`,
          "Remove the rule, or add the field that it is about.",
        ),
      ),
  );
}

function decisions(migration: Migration): Problem[] {
  const { decide } = migration.entity;
  const open = Object.entries(decide).flatMap(([column, lines]) => {
    const last = lines.at(-1);
    return last && always(last.when)
      ? unreached(column, lines)
      : [
          error(
            "undecided",
            column,
            `The decision “${column}” leaves rows undecided: its last line is not “otherwise”.`,
            'Add a last line { is: "…", when: otherwise }: what nobody thought of needs a word, too.',
          ),
        ];
  });
  try {
    decisionColumns(migration);
  } catch (circle) {
    const says = circle instanceof Error ? circle.message : String(circle);
    return [...open, error("decisions_in_a_circle", Object.keys(decide)[0] ?? "", says, "")];
  }
  return [...open, ...impossibleValues(migration)];
}

/** Lines behind one that always applies, and lines that stand above already, word for word. */
function unreached(
  about: string,
  lines: readonly { readonly when: Condition; readonly says?: string }[],
): Problem[] {
  const first = lines.findIndex(({ when }) => always(when));
  const seen = new Set<string>();
  return lines.flatMap(({ when, says }, index) => {
    const text = JSON.stringify(when);
    const again = seen.has(text);
    seen.add(text);
    if (!again && (first < 0 || index <= first)) return [];
    return [
      error(
        "never_reached",
        says ?? about,
        `Line ${index + 1} of “${about}” is never reached: ${again ? "a line above it has the same condition" : `line ${first + 1} applies to every row`}.`,
        "Move it up, or remove it.",
      ),
    ];
  });
}

/** Words that a condition compares a decision with though no line of it ever says them. */
function impossibleValues(migration: Migration): Problem[] {
  const { decide } = migration.entity;
  const compared = (when: Condition): { column: string; word: string }[] => {
    if ("all" in when) return when.all.flatMap(compared);
    if ("any" in when) return when.any.flatMap(compared);
    if ("not" in when) return compared(when.not);
    return "field" in when && Object.hasOwn(decide, when.field)
      ? when.is.map((word) => ({ column: when.field, word }))
      : [];
  };
  return conditionsOf(migration).flatMap(({ in: where, when }) =>
    compared(when)
      .filter(({ column, word }) => !decide[column]?.some(({ is }) => is === word))
      .map(({ column, word }) =>
        error(
          "never_decided",
          word,
          `“${where}” looks for “${word}” in “${column}”, which no line of that decision says.`,
          `Correct the word: “${column}” is one of ${names([...new Set(decide[column]?.map(({ is }) => is))], 12)}.`,
        ),
      ),
  );
}

function plan(migration: Migration): Problem[] {
  const { plan: lines, actions } = migration.entity;
  const last = lines.at(-1);
  const open =
    last && always(last.when)
      ? []
      : [
          error(
            "plan_open",
            "plan",
            "The plan’s last line is not “otherwise … hold”: what nobody thought of would go to nobody.",
            'Add { when: otherwise, hold: "nothing_applies", says: "…" } at its end.',
          ),
        ];
  const unknown = lines.flatMap((line) =>
    "commit" in line && !(line.commit in actions)
      ? [
          error(
            "unknown_action",
            line.commit,
            `The plan commits “${line.commit}”, which is no action.`,
            `Name one of ${names(Object.keys(actions))}.`,
          ),
        ]
      : [],
  );
  return [...open, ...unreached("plan", lines), ...unknown];
}

function actions(migration: Migration): Problem[] {
  const { entity, references } = migration;
  const { plan: lines, match } = entity;
  const columns = new Set([
    ...stagedColumns(migration).map(([name]) => name),
    ...Object.keys(entity.fields),
  ]);
  const link = new Set(linkColumns(migration));
  const used = new Set(lines.flatMap((line) => ("commit" in line ? [line.commit] : [])));
  return Object.entries(entity.actions).flatMap(([name, { values }]) => [
    ...(used.has(name)
      ? []
      : [
          warning(
            "action_unused",
            name,
            `No line of the plan commits “${name}”.`,
            "Add such a line, or remove the action.",
          ),
        ]),
    ...Object.entries(values).flatMap(([column, value]) => {
      const from =
        ("staged" in value &&
          !(columns.has(value.staged) && !link.has(value.staged)) &&
          value.staged) ||
        ("mapped" in value && !(value.mapped in references) && value.mapped) ||
        ("label" in value && !(value.label in references) && value.label) ||
        ("of" in value && !Object.hasOwn(entity.refs ?? {}, value.of) && value.of) ||
        ("linked" in value &&
          !match.against.some(({ table }) => table === value.linked) &&
          value.linked);
      return from
        ? [
            error(
              "unknown_value",
              from,
              `“${name}” writes ${column} from “${from}”, which is not there.`,
              "Correct the name: staged(…) takes a field or a decision, mapped(…) and label(…) a reference, of(…) one of refs, linked(…) a table of match.",
            ),
          ]
        : [];
    }),
  ]);
}

function waves(migration: Migration): Problem[] {
  const { waves, focus, entity } = migration;
  const kinds = new Set((entity.decide.classification ?? []).map(({ is }) => is));
  const unknown = (where: string, words: readonly string[]) =>
    words
      .filter((word) => !kinds.has(word))
      .map((word) =>
        error(
          "unknown_kind",
          word,
          `${where} names “${word}”, which no line of the classification says.`,
          `Name one of ${names([...kinds], 12)}.`,
        ),
      );
  return [
    ...unknown("waves.order", waves.order),
    ...unknown("waves.first", waves.first),
    ...Object.entries(focus.modes).flatMap(([mode, words]) =>
      unknown(`The focus “${mode}”`, words),
    ),
    ...(focus.default in focus.modes
      ? []
      : [
          error(
            "unknown_focus",
            focus.default,
            `The focus “${focus.default}” is the usual one and is not among the modes.`,
            `Name one of ${names(Object.keys(focus.modes))}.`,
          ),
        ]),
  ];
}

function quotas({ samples, goNoGo = [] }: Migration): Problem[] {
  const ids = samples.map(({ id }) => id);
  return goNoGo.flatMap(({ of }) =>
    of === undefined || ids.includes(of)
      ? []
      : [
          error(
            "unknown_sample",
            of,
            `The go/no-go list asks for the sample “${of}”, which is not drawn.`,
            `Name one of ${names(ids)}.`,
          ),
        ],
  );
}
