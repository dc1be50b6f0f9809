import { csvCell, LINE_END } from "../../evidence/csv.ts";
import { findLookedAt, type LookedAt } from "../../evidence/pinned.ts";
import { explain } from "../../review/rows/explain.ts";
import { findRows, searches } from "../../review/rows/find-rows.ts";
import { heldGroups } from "../../review/rows/held-groups.ts";
import { heldBy } from "../../review/rows/held-rows.ts";
import { rowsNumbered } from "../../review/rows/numbered.ts";
import { ledgerOf, likenesses, partOfRow, wholeRow } from "../../review/rows/row-record.ts";
import { questionsOf } from "../../review/samples/questions.ts";
import { Refusal } from "../../services/errors.ts";
import { heldCount } from "../../stages/wave/held-count.ts";
import { type ListedRow, listedRows, pageBefore, pageOf } from "../../stages/wave/staged-page.ts";
import { at } from "../paths.ts";
import { fieldOf } from "../request.ts";
import { type PageResponse, safeHeaders, seeOther } from "../response.ts";
import type { Route, Visit } from "../route.ts";
import { runHead } from "../run-head.ts";
import { ofRun } from "../said.ts";
import { amongIn } from "./among.ts";
import { filterIn, idIn } from "./filter.ts";
import { heldPage, mostInCsv } from "./held-page.ts";
import { rowsPage, whyOf } from "./list-page.ts";
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
    wrongIn: ({ name }) => (name === "InputInvalid" ? "value" : undefined),
    answer: search,
  },
  {
    verb: "GET",
    path: at.row(":run", ":row"),
    takes: view,
    answer: showRow,
    back: ({ run = "" }) => at.rows(run),
  },
  { verb: "GET", path: at.held(":run"), takes: view, answer: showHeld },
  { verb: "GET", path: `${at.held(":run")}/csv`, takes: view, answer: heldCsv },
];

const runOf = ({ services, params }: Visit): Promise<LookedAt> =>
  findLookedAt(services.sign, params.run ?? "");

async function showRows(visit: Visit): Promise<PageResponse> {
  const { services, request } = visit;
  const { run, look } = await runOf(visit);
  const named = request.query.get("row")?.trim();
  if (named) return openNamed(visit, { run, look }, named);
  const filter = filterIn(request.query, look);
  const before = idIn(request.query, "before");
  const after =
    before === undefined
      ? idIn(request.query, "after")
      : await pageBefore(services.sign, { run, look }, filter, { before });
  const [head, page, all] = await Promise.all([
    runHead(visit, run, "rows"),
    pageOf(services.sign, { run, look }, filter, after === undefined ? {} : { after }),
    heldCount(services.sign, run, filter),
  ]);
  return rowsPage(visit, { head, run, look, filter, after, all, ...page });
}

/**
 * Opens the row that is named by its id, by its number among its kind, or by its legacy table and id; where several kinds
 * of things have a row of that number, they are listed. Errors: `UnknownRow`.
 */
async function openNamed(
  visit: Visit,
  { run, look }: LookedAt,
  named: string,
): Promise<PageResponse> {
  const ids = /^\d{1,15}$/u.test(named)
    ? await rowsNumbered(visit.services.sign, run, look, Number(named))
    : [await legacyRow(visit, { run, look }, named)].flatMap((id) => id ?? []);
  const [id, ...others] = ids;
  if (id === undefined) return noSuchRow(visit, { run, look }, named);
  if (others.length === 0) return seeOther(at.row(run.reference, id));
  return foundRows(visit, { run, look }, ids);
}

/** The list as it is, and beside the field what was looked for, to be mended there. */
async function noSuchRow(
  visit: Visit,
  { run, look }: LookedAt,
  unknown: string,
): Promise<PageResponse> {
  const [head, page] = await Promise.all([
    runHead(visit, run, "rows"),
    pageOf(visit.services.sign, { run, look }, {}, {}),
  ]);
  return rowsPage(visit, { head, run, look, filter: {}, after: undefined, ...page, unknown });
}

/** The row of `table:52`, or of `table 52` as lists show it. */
async function legacyRow(
  { services }: Visit,
  { run, look }: LookedAt,
  named: string,
): Promise<number | undefined> {
  const tables = look.parts.flatMap(({ sources }) => sources);
  const shown = tables.find((table) => named.startsWith(`${table} `));
  const [, table = shown, legacyId = named.slice((shown ?? "").length).trim()] =
    shown === undefined ? (/^([^:]+):(.+)$/su.exec(named) ?? []) : [];
  if (table === undefined || legacyId === "") return undefined;
  const ref = { table, legacyId };
  const found = await explain(services.sign, run, ref, look);
  return found && Number(found.row.id);
}

async function showRow(visit: Visit): Promise<PageResponse> {
  const { services, params, person, request } = visit;
  const db = services.sign;
  const { run, look } = await runOf(visit);
  const id = Number(/^\d{1,15}$/u.exec(params.row ?? "")?.[0] ?? Number.NaN);
  const explained = Number.isNaN(id) ? undefined : await explain(db, run, { id });
  const part = explained && (await partOfRow(db, run, id));
  if (explained === undefined || part === undefined) throw unknownRow(run);
  const whole = person.permissions.includes("legacy_imports.review");
  const among = amongIn(request.query, look);
  const next = among && (await pageOf(db, { run, look }, among.filter, { after: id, rows: 1 }));
  const [head, record, alike, ledger, questions, held] = await Promise.all([
    runHead(visit, run),
    whole ? wholeRow(db, part, run, id) : undefined,
    likenesses(db, part, run, { row: id, whole }),
    ledgerOf(db, run, id),
    questionsOf(db, run.id, { row: id }),
    heldBy(db, run, id),
  ]);
  return rowPage(visit, {
    head,
    run,
    look,
    explained,
    whole: record,
    likenesses: alike,
    ledger,
    questions,
    held,
    ...(among && next && { list: { among, next } }),
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
  return foundRows(visit, { run, look }, ids);
}

/** The rows that were looked for, as a list of which there is no further page. */
async function foundRows(
  visit: Visit,
  { run, look }: LookedAt,
  ids: readonly number[],
): Promise<PageResponse> {
  const [head, rows] = await Promise.all([
    runHead(visit, run, "rows"),
    listedRows(visit.services.sign, run.id, ids),
  ]);
  return rowsPage(visit, {
    head,
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
  const [head, groups] = await Promise.all([
    runHead(visit, run, "held"),
    heldGroups(db, run, look),
  ]);
  return heldPage(visit, { head, run, look, groups });
}

const rowsAtOnce = 200;
const BYTE_ORDER_MARK = "\ufeff";

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
      const reason = whyOf(here, look, row);
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
    // Without the mark some spreadsheets take it for another encoding, and names for gibberish.
    body: BYTE_ORDER_MARK + cells.map((line) => line.map(csvCell).join(",") + LINE_END).join(""),
  };
}
