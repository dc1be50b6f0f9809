import { longestStatement } from "../../data/database.ts";
import { signsBeside } from "../../data/row-set.ts";
import { render, type Sql, text } from "../../data/sql.ts";
import type { Migration } from "../../define/definition.ts";
import { updatesOf } from "../../define/identity.ts";
import { classifyRows } from "../judge/classify.ts";
import { decideRows } from "../judge/decide.ts";
import { judgedAnew } from "../judge/judged-anew.ts";
import { planRows } from "../judge/plan.ts";
import { nobodyCame, settleWhatChanged } from "../judge/settle.ts";
import { validateRows } from "../judge/validate.ts";
import { noteHints } from "../match/hints.ts";
import type { RowRange } from "../rows.ts";
import { insertStaged } from "../staging/import.ts";
import { defaultedColumns, keyedActions } from "../target/new-keys.ts";
import { findRowsThere, identityColumns, seenOf } from "../there/there.ts";
import { toldParents } from "../there/told-otherwise.ts";
import type { ColumnTypes } from "../there/value.ts";
import { holdRefused } from "../wave/refused.ts";
import { writeWave } from "../wave/wave.ts";

const run = "00000000-0000-4000-8000-000000000000";
const range: RowRange = { run, after: 0, upTo: 1 };

/** What is asked of rows of a kind, and the statements that ask it. Of the platform nothing is known here. */
const asked: Readonly<Record<string, (migration: Migration) => readonly Sql[]>> = {
  stages: (migration) =>
    migration.entity.from.map((table) =>
      insertStaged(migration, { run, table, rows: text(""), signs: signsBeside(), repeated: true }),
    ),
  judges: (migration) => [
    decideRows(migration, range, true),
    validateRows(migration, range),
    classifyRows(migration, range),
    judgedAnew(migration, migration, range, true),
    noteHints(migration, range, true),
  ],
  plans: (migration) => [
    ...(migration.entity.is === undefined ? [] : findRowsThere(migration, run, typesOf(migration))),
    planRows(migration, range, { rules: new Map() }),
  ],
  writes: (migration) => {
    if (Object.keys(migration.entity.actions).length === 0) return [];
    const order = { run, wave: 1, round: 1, size: 1, kinds: migration.waves.order };
    const drawn = {
      keys: Object.fromEntries(
        keyedActions(migration).map(([, { into }]) => [into, "gen_random_uuid()"]),
      ),
      missing: Object.fromEntries(
        Object.values(migration.entity.actions).map((action) => [
          action.into,
          Object.fromEntries(
            defaultedColumns(action).map((column) => [
              column,
              { expression: "date_trunc('day', now())", type: longestType },
            ]),
          ),
        ]),
      ),
    };
    const types = typesOf(migration);
    const above = new Map(toldParents(migration).map((parent) => [parent, typesOf(parent)]));
    return [
      settleWhatChanged(migration, order, types, {}, { ...nobodyCame, above }),
      writeWave(migration, order, drawn, types),
      holdRefused(migration, order, drawn, types),
    ];
  },
};

const longestType = "timestamp without time zone";
/** Types as long as any that a platform's columns may have. */
const typesOf = (migration: Migration): ColumnTypes =>
  Object.fromEntries(
    [
      ...identityColumns(migration),
      ...seenOf(migration),
      ...Object.keys(updatesOf(migration.entity)),
    ].map((column) => [
      column,
      { type: longestType, base: longestType, required: false, collation: '"default"' },
    ]),
  );

/** The lists that make statements long, each with how many there are, and the kind of things with as good as none. */
const lists: readonly ((migration: Migration) => readonly [says: string, without: Migration])[] = [
  (migration) => [
    `the ${migration.entity.plan.length} lines of its plan`,
    withEntity(migration, { plan: migration.entity.plan.slice(-1) }),
  ],
  (migration) => [
    `the ${count(migration.entity.decide)} lines of its decisions`,
    // Waves look for rows of each kind by itself.
    {
      ...withEntity(migration, {
        decide: Object.fromEntries(
          Object.entries(migration.entity.decide).map(([name, lines]) => [name, lines.slice(-1)]),
        ),
      }),
      waves: { ...migration.waves, order: migration.waves.order.slice(-1) },
    },
  ],
  (migration) => [
    `its ${migration.entity.validate.length} rules of \`validate\``,
    withEntity(migration, { validate: [] }),
  ],
  (migration) => [
    "what its report and its stops count",
    { ...migration, report: { ...migration.report, counts: [], sections: [] }, stops: [] },
  ],
  (migration) => [
    `the ${count(mapped(migration, ({ values }) => Object.keys(values)))} columns that its actions write`,
    withEntity(migration, {
      actions: mapped(migration, (action) => ({ ...action, values: {} })),
    }),
  ],
];

const withEntity = (migration: Migration, changed: Partial<Migration["entity"]>): Migration => ({
  ...migration,
  entity: { ...migration.entity, ...changed },
});
const mapped = <Made>(
  { entity }: Migration,
  make: (action: Migration["entity"]["actions"][string]) => Made,
): Record<string, Made> =>
  Object.fromEntries(Object.entries(entity.actions).map(([name, action]) => [name, make(action)]));
const count = (lists: Readonly<Record<string, readonly unknown[]>>): number =>
  Object.values(lists).reduce((sum, list) => sum + list.length, 0);

/** What of a kind of things would be longer, as SQL, than a statement may be: which list that is, and what would do. */
export function sizeProblems(migration: Migration): string[] {
  for (const [verb, statements] of Object.entries(asked)) {
    const longest = measure(statements, migration);
    if (longest <= longestStatement) continue;
    const parts = lists
      .map((list) => list(migration))
      .map(([says, without]) => ({ says, takes: longest - measure(statements, without) }))
      .sort((one, other) => other.takes - one.takes);
    const most = parts[0] && parts[0].takes > longest / 4 ? parts[0] : undefined;
    const fields = `its ${Object.keys(migration.entity.fields).length} fields`;
    return [
      `What ${verb} its rows is ${longest.toLocaleString("en")} characters long as SQL, and a statement has ${longestStatement.toLocaleString("en")} at most: ${most === undefined ? `it names ${fields}` : `${most.says} take ${most.takes.toLocaleString("en")} of them`}. Say it in fewer or shorter words, put words that mean one thing into one \`choice\`, or make it two kinds of things that are read from one table.`,
    ];
  }
  return [];
}

/** The characters of the longest of some statements. */
const measure = (statements: (migration: Migration) => readonly Sql[], migration: Migration) =>
  Math.max(0, ...statements(migration).map((statement) => render(statement).sql.length));
