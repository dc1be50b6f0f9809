import { partsOf } from "../../../define/several.ts";
import { several } from "../../../services/words.ts";
import { balances, IMPORT_STATES } from "../../balance.ts";
import { equal, Findings } from "../say.ts";
import type { Tallies } from "../tally.ts";
import { turnedBack } from "./clock.ts";
import type { Evidence } from "./evidence.ts";

/** Where every staged row stands (W6): the balance against the rows and what was read. */
export function balance({ facts, lists }: Evidence): string[] {
  const { balance: shown, summary } = facts;
  const { states } = lists.rows;
  const found = new Findings();
  for (const state of IMPORT_STATES) {
    const rows = states.of(state);
    found.unless(
      shown[state] === rows,
      `balance.json says ${several(Number(shown[state]), "row is", "rows are")} ${state}, and ${several(rows, "is", "are")}`,
    );
  }
  found.same(
    "the conflicts",
    shown.conflicts ?? 0,
    "balance.json",
    lists.rows.conflicts,
    "rows.csv.gz",
  );
  for (const of of shown.entities ?? []) {
    const rows = Object.fromEntries(
      IMPORT_STATES.map((state) => [state, lists.rows.statesOfPart.of(`${of.entity} ${state}`)]),
    );
    const staged = Object.values(rows).reduce((sum, each) => sum + each, 0);
    found.same(
      `the states of ${of.entity}`,
      of,
      "balance.json",
      { entity: of.entity, staged, ...rows },
      "rows.csv.gz",
    );
  }
  const strange = Object.keys(states.asRecord()).filter(
    (state) => !(IMPORT_STATES as readonly string[]).includes(state),
  );
  found.unless(strange.length === 0, `rows stand in unknown states (${strange.length})`);
  found.unless(balances(shown), `the states do not add up to ${shown.staged} staged rows`);
  found.unless(shown.holds === balances(shown), "balance.json does not say whether it holds");
  found.unless(equal(summary.balance, shown), "summary.json has another balance than balance.json");
  return [
    ...found.all,
    ...imported({ facts, lists }),
    ...said("row", lists.rows.contradictions.asRecord()),
  ];
}

/** What was read and staged, once the import is finished. */
function imported({ facts, lists }: Pick<Evidence, "facts" | "lists">): string[] {
  const { staged_rows, staged } = facts.summary.counts;
  if (staged_rows === undefined) return facts.waves.length > 0 ? ["nothing was imported"] : [];
  const from = partsOf(facts.definition).flatMap(({ entity }) => entity.from);
  const found = new Findings();
  found.same("the staged rows", staged_rows, "summary.json", lists.rows.records, "rows.csv.gz");
  for (const table of from) {
    const rows = IMPORT_STATES.reduce(
      (total, state) => total + lists.rows.statesOfTable.of(`${table} ${state}`),
      0,
    );
    const of = typeof staged === "object" ? staged[table] : undefined;
    found.same(`rows of ${table}`, of, "summary.json", rows, "rows.csv.gz");
  }
  return found.all;
}

/** The ledger has exactly the rows that are committed or linked: by wave, table and id. */
export function commitLog({ facts, lists, trustedTo }: Evidence): string[] {
  const { rows, ledger } = lists;
  const { entries, by } = ledger.backwards;
  const wrong = by > turnedBack({ facts, trustedTo });
  return [
    ...differing(rows.standing, ledger.standing).map(
      ({ name, here, there }) =>
        `of wave ${name} the commit log has ${there} open entries, and ${here} rows, or other ids`,
    ),
    ...said(ofLedger, ledger.contradictions.asRecord()),
    ...(wrong ? said(ofLedger, { "was taken back before it was written": entries }) : []),
  ];
}

/** The common report tells of the same rows. */
export function migrationReport({ facts, lists }: Evidence): string[] {
  const { report, rows } = lists;
  const found = new Findings();
  const all = { totalRecords: 0, created: 0, updated: 0, skipped: 0, errors: 0 };
  for (const [table, says] of Object.entries(report.tables)) {
    const states = Object.fromEntries(
      IMPORT_STATES.map((state) => [state, rows.statesOfTable.of(`${table} ${state}`)]),
    );
    const total = Object.values(states).reduce((sum, each) => sum + each, 0);
    const { committed = 0, failed = 0 } = states;
    const updated = rows.updatedOf.of(table);
    const is = {
      file: table,
      totalRows: total,
      parsed: total,
      created: committed - updated,
      updated,
      skipped: total - committed - failed,
      errors: failed,
      states,
      records: [],
    };
    found.unless(equal(says, is), `the report counts other rows of ${table} than rows.csv.gz has`);
    all.totalRecords += total;
    all.created += committed - updated;
    all.updated += updated;
    all.skipped += total - committed - failed;
    all.errors += failed;
  }
  const { duration_ms: _, ...sums } = report.head.summary;
  found.unless(equal(sums, all), "the report's sums are not those of its tables");
  const { balance: states } = facts;
  found.unless(
    report.head.dryRun === (states.committed + states.linked === 0),
    "the report does not say whether anything was written",
  );
  for (const { name, here, there } of differing(rows.became, report.became)) {
    found.all.push(`the report has ${there} ids of ${name} and rows.csv.gz ${here}, or other ones`);
  }
  for (const { name, here, there } of differing(rows.failed, report.failed)) {
    found.all.push(
      `the report has ${there} errors of ${name} and rows.csv.gz ${here}, or other ones`,
    );
  }
  return found.all;
}

const differing = (one: Tallies, other: Tallies) => one.differences(other);

const ofLedger = "entry of the commit log";

const said = (what: string, contradictions: Readonly<Record<string, number>>): string[] =>
  Object.entries(contradictions).map(([words, times]) =>
    times === 1 ? `one ${what} ${words}` : `${times} times a ${what} ${words}`,
  );
