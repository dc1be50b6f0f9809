import type { Run } from "../../data/runs.ts";
import { csvCell, LINE_END } from "../../evidence/csv.ts";
import { findLookedAt, type LookedAt, type PinnedLook } from "../../evidence/pinned.ts";
import { explain, type RowRef } from "../../review/rows/explain.ts";
import { findRows, searches } from "../../review/rows/find-rows.ts";
import { heldGroups } from "../../review/rows/held-groups.ts";
import { heldBy } from "../../review/rows/held-rows.ts";
import { ledgerOf, likenesses, partOfRow, wholeRow } from "../../review/rows/row-record.ts";
import { questionsOf } from "../../review/samples/questions.ts";
import { Refusal } from "../../services/errors.ts";
import type { StagedFilter } from "../../stages/wave/page-ids.ts";
import { type ListedRow, listedRows, pageOf } from "../../stages/wave/staged-page.ts";
import { at } from "../paths.ts";
import { fieldOf, type PageRequest } from "../request.ts";
import { type PageResponse, safeHeaders, seeOther } from "../response.ts";
import type { Route, Visit } from "../route.ts";
import { ofRun } from "../said.ts";
import { heldPage, mostInCsv } from "./held-page.ts";
import { choicesOf, decisionChoice, rowsPage, saysOf } from "./list-page.ts";
import { unknownRow } from "./numbered.ts";
import { sentenceOf } from "./outcome.ts";
import { rowPage } from "./row-page.ts";

const view = ["legacy_imports.view"] as const;

/** The rows of a run: the list, one, the search for a person, and what is held. */
export const rowRoutes: readonly Route[] = [
  { verb: "GET", path: at.rows(":run"), takes: view, answer: showRows },
  {
    verb: "POST",
    path: at.rows(":run"),
    takes: ["legacy_imports.review"],
    about: ({ params: { run = "" } }) => at.rows(run),
    asks: ({ params: { run = "" } }) => ({ what: "rows-search", run }),
    answer: search,
  },
  { verb: "GET", path: at.row(":run", ":row"), takes: view, answer: showRow },
  { verb: "GET", path: at.held(":run"), takes: view, answer: showHeld },
  { verb: "GET", path: `${at.held(":run")}/csv`, takes: view, answer: heldCsv },
];

const runOf = ({ services, params }: Visit): Promise<LookedAt> =>
  findLookedAt(services.sign, params.run ?? "");

async function showRows(visit: Visit): Promise<PageResponse> {
  const { services, request } = visit;
  const { run, look } = await runOf(visit);
  const named = request.query.get("row")?.trim();
  if (named) return seeOther(at.row(run.reference, await idOf(visit, run, named)));
  const filter = filterIn(request, look);
  const asked = request.query.get("after") ?? "";
  const after = /^\d{1,15}$/u.test(asked) ? Number(asked) : undefined;
  const page = await pageOf(
    services.sign,
    { run, look },
    filter,
    after === undefined ? {} : { after },
  );
  return rowsPage(visit, { run, look, filter, after, ...page });
}

/** What a reason may be called: rows of an older run may have one that nothing lists any more. */
const aName = /^\P{C}{1,100}$/u;

/** What of a filter an address may say. */
function filterIn({ query }: PageRequest, look: PinnedLook): StagedFilter {
  const chosen = Object.entries(choicesOf(look)).flatMap(([name, values]) => {
    const wanted = query.get(name);
    const known =
      wanted !== null && (values.includes(wanted) || (name === "reason" && aName.test(wanted)));
    return known ? [[name, wanted] as const] : [];
  });
  const isDecision = ([name]: readonly [string, string]) => name.startsWith(decisionChoice);
  const decided = chosen
    .filter(isDecision)
    .map(([name, value]) => [name.slice(decisionChoice.length), value]);
  return {
    ...Object.fromEntries(chosen.filter((each) => !isDecision(each))),
    ...(decided.length === 0 ? {} : { decided: Object.fromEntries(decided) }),
  };
}

/** The staged id of a row that is named by it, or by its legacy table and id. Errors: `UnknownRow`. */
async function idOf({ services }: Visit, run: Run, named: string): Promise<number> {
  const [, table = "", legacyId = ""] = /^([^:]+):(.+)$/su.exec(named) ?? [];
  const ref: RowRef | undefined = /^\d{1,15}$/u.test(named)
    ? { id: Number(named) }
    : legacyId === ""
      ? undefined
      : { table, legacyId };
  const found = ref && (await explain(services.sign, run, ref).catch(notAnId));
  if (found === undefined) throw unknownRow(run);
  return Number(found.row.id);
}

/** What is no id of the legacy system's type names no row. */
function notAnId(error: unknown): undefined {
  if (error instanceof Refusal) throw error;
  return undefined;
}

async function showRow(visit: Visit): Promise<PageResponse> {
  const { services, params, person } = visit;
  const db = services.sign;
  const { run, look } = await runOf(visit);
  const id = Number(/^\d{1,15}$/u.exec(params.row ?? "")?.[0] ?? Number.NaN);
  const explained = Number.isNaN(id) ? undefined : await explain(db, run, { id });
  const part = explained && (await partOfRow(db, run, id));
  if (explained === undefined || part === undefined) throw unknownRow(run);
  const whole = person.permissions.includes("legacy_imports.review");
  const [record, alike, ledger, questions, held] = await Promise.all([
    whole ? wholeRow(db, part, run, id) : undefined,
    likenesses(db, part, run, { row: id, whole }),
    ledgerOf(db, run, id),
    questionsOf(db, run.id, { row: id }),
    heldBy(db, run, id),
  ]);
  return rowPage(visit, {
    run,
    look,
    explained,
    whole: record,
    likenesses: alike,
    ledger,
    questions,
    held,
  });
}

async function search(visit: Visit): Promise<PageResponse> {
  const { services, request, person, tokenFor } = visit;
  const { run, look } = await runOf(visit);
  const by = searches.find((each) => each === fieldOf(request, "by"));
  const value = fieldOf(request, "value");
  if (by === undefined || value.trim() === "") {
    throw new Refusal(
      "InputInvalid",
      "A person is looked for by a whole phone number, address or name. Nothing was looked for.",
    );
  }
  const digest = tokenFor(`search ${by} ${value.trim().toLowerCase()}`);
  const ids = await findRows(services, run, { by, value, person: person.name, digest });
  const rows = await listedRows(services.sign, run.id, ids);
  return rowsPage(visit, {
    run,
    look,
    rows,
    filter: {},
    after: undefined,
    next: null,
    found: true,
  });
}

async function showHeld(visit: Visit): Promise<PageResponse> {
  const db = visit.services.sign;
  const { run, look } = await runOf(visit);
  const groups = await heldGroups(db, run, look);
  return heldPage(visit, { run, look, groups });
}

const rowsAtOnce = 200;

/** Held rows, masked, for a spreadsheet that runs none of them (D20). */
async function heldCsv(visit: Visit): Promise<PageResponse> {
  const db = visit.services.sign;
  const { run, look } = await runOf(visit);
  const here = ofRun(visit, look);
  const rows: ListedRow[] = [];
  for (let after: number | null = -1; after !== null && rows.length < mostInCsv; ) {
    const page = await pageOf(
      db,
      { run, look },
      { import_state: "held" },
      { after, rows: rowsAtOnce },
    );
    rows.push(...page.rows);
    after = page.next;
  }
  const { texts } = visit;
  const cells = [
    [
      texts.row,
      texts.origin,
      texts.name,
      texts.contact,
      texts.classification,
      texts.reason,
      texts.wouldHappen,
    ],
    ...rows.map((row) => {
      const reason = saysOf(here, look, row.state_reason ?? row.planned_reason);
      return [
        row.id,
        `${row.source_table} ${row.legacy_id}`,
        row.name,
        row.phone || row.email,
        here.named(row.classification ?? ""),
        row.state_reason ?? row.planned_reason,
        sentenceOf(here, { ...row, reason }),
      ];
    }),
  ];
  return {
    statusCode: 200,
    headers: {
      ...safeHeaders,
      "content-type": "text/csv; charset=utf-8",
      "content-disposition": `attachment; filename="${run.reference}-held.csv"`,
    },
    body: cells.map((line) => line.map(csvCell).join(",") + LINE_END).join(""),
  };
}
