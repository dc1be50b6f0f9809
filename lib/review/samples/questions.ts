import type { Database } from "../../data/database.ts";
import { findRun, type Run, requirePeople } from "../../data/runs.ts";
import { bigint, sql, uuid } from "../../data/sql.ts";
import { Refusal } from "../../services/errors.ts";
import type { Person } from "../people/people.ts";
import { denied } from "../people/permissions.ts";
import { keepableRemark } from "../remark.ts";

/** Something that somebody asked about a staged row. */
export interface Question {
  /** Within its run, from 1. */
  readonly number: number;
  /** Staged id. */
  readonly row: number;
  readonly by: string;
  /** ISO 8601, as of `closedAt`. */
  readonly at: string;
  readonly says: string;
  /** Null while it is open. */
  readonly closedBy: string | null;
  readonly closedAt: string | null;
  readonly answer: string | null;
}

const longestQuestion = 1_000;

/** Questions of one list that are shown; all of them stand in the audit bundle. */
const most = 50;

/**
 * The questions about a run, or about one of its rows: open ones first, then the latest. Any whose text is kept
 * holds nothing about the people who are migrated.
 */
export const questionsOf = (
  db: Database,
  run: string,
  { row, open = false }: { readonly row?: number; readonly open?: boolean } = {},
): Promise<Question[]> =>
  db.rows<Question>(sql`
    select number, staged_id as row, asked_by as by, question as says, closed_by as "closedBy", answer,
           to_char(asked_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at,
           to_char(closed_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "closedAt"
      from wavegate.row_questions
     where run_id = ${uuid(run)} and (${row ?? null}::bigint is null or staged_id = ${row ?? null}::bigint)
       and (closed_at is null or not ${open})
     order by closed_at is not null, number desc limit ${most}`);

/** Whether somebody may ask about rows: reviewers and approvers. */
export const mayAsk = ({ permissions }: Pick<Person, "permissions">): boolean =>
  permissions.includes("legacy_imports.review") || permissions.includes("legacy_imports.commit");

/**
 * Asks about a row, for reviewers and approvers (B9): until it is closed nothing of the run is approved. What was
 * approved before stays so. Errors: `PermissionDenied`, `QuestionMissing`, `UnknownRow`, `RunErased`,
 * `PersonalDataInRemark`.
 *
 * @returns its number within the run; of the very same question that this person has open already, that one's
 */
export async function askAbout(
  db: Database,
  run: Run,
  { row, person, says }: { readonly row: number; readonly person: string; readonly says: string },
): Promise<number> {
  const kept = (await keepableRemark(db, run, says)).slice(0, longestQuestion).toWellFormed();
  // In a transaction, as one whose response is lost must not be told of twice.
  const { answer } = await db.transaction((transaction) =>
    transaction.one<{ answer: { question?: number; refused?: string } }>(sql`
      select wavegate.ask_question(${uuid(run.id)}, ${bigint(row)}, ${person}, ${kept}) as answer`),
  );
  if (answer.question !== undefined) return answer.question;
  return refuse(answer.refused ?? "", db, run, `row ${row}`);
}

/**
 * Closes a question: who asked it may, and an approver who did not start the run, with a reason. Errors:
 * `PermissionDenied`, `ApproverIsStarter`, `StarterUnknown`, `ReasonMissing`, `UnknownQuestion`, `QuestionClosed`,
 * `PersonalDataInRemark`.
 */
export async function closeQuestion(
  db: Database,
  run: Run,
  asked: { readonly question: number; readonly person: string; readonly reason: string },
): Promise<void> {
  const kept = (await keepableRemark(db, run, asked.reason))
    .slice(0, longestQuestion)
    .toWellFormed();
  const { refused } = await db.transaction((transaction) =>
    transaction.one<{ refused: string | null }>(sql`
      select wavegate.close_question(${uuid(run.id)}, ${asked.question}, ${asked.person}, ${kept}) as refused`),
  );
  if (refused !== null) await refuse(refused, db, run, `question ${asked.question}`);
}

async function refuse(name: string, db: Database, run: Run, what: string): Promise<never> {
  if (name === "RunErased") requirePeople(await findRun(db, run.id), "A question");
  if (name === "PermissionDenied") {
    throw what.startsWith("row")
      ? denied(["legacy_imports.review", "legacy_imports.commit"])
      : denied(["legacy_imports.commit"]);
  }
  throw new Refusal(name, `${refusals[name]?.(what, run.reference) ?? "That was refused."}`);
}

const refusals: Readonly<Record<string, (what: string, run: string) => string>> = {
  QuestionMissing: () =>
    "A question takes some words. Nothing was asked; write what is to be answered.",
  ApproverIsStarter: () =>
    "You started this run, so somebody else closes what others asked. Nothing was changed.",
  StarterUnknown: (_what, run) =>
    `It is not known yet who started ${run}, so nobody but who asked may close it. Nothing was changed; try again once somebody was asked to sign it off.`,
  UnknownRow: (what, run) =>
    `${run} has no ${what} about which anything was decided. Nothing was asked.`,
  UnknownQuestion: (what, run) => `${run} has no ${what}. Nothing was changed.`,
  QuestionClosed: (what, run) => `Somebody closed ${what} of ${run} already. Nothing was changed.`,
  ReasonMissing: (what) =>
    `Whoever closes ${what} for somebody else says why. Nothing was changed; write a reason.`,
};
