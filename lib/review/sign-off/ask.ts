import type { Database } from "../../data/database.ts";
import { findRun, lockRun, type Run, requirePeople } from "../../data/runs.ts";
import { json, sql, text, timestamp, uuid } from "../../data/sql.ts";
import { appendAudit, headOf } from "../../evidence/audit-log.ts";
import { recordDigest } from "../../evidence/record-digest.ts";
import { digestOfParts, type SignedParts, signedDigest } from "../../evidence/review-digest.ts";
import { wasEver } from "../../evidence/same-person.ts";
import { Refusal } from "../../services/errors.ts";
import type { Services } from "../../services/services.ts";
import { partsNow } from "../digest/digest.ts";
import { rowsOfDryRun } from "../digest/unchanged.ts";
import { reportOf } from "../kept-report.ts";
import { listPeople, type Person } from "../people/people.ts";
import { starterOf } from "../people/starter.ts";
import { refuseTrial } from "../refuse-trial.ts";
import type { DryRunReport, StopCondition } from "../report.ts";
import { noteAsAsked } from "../samples/as-asked.ts";
import { carryVerdicts } from "../samples/carry-verdicts.ts";
import { drawSamples } from "../samples/samples.ts";
import { type Gate, hashOfSecret, type SignOff } from "../sign-off-store.ts";
import { signOffMail } from "./mail.ts";
import { definitionOf } from "./open.ts";
import { countSamplesJudgedWrong, withSamplesNow } from "./stop-conditions.ts";
import { type TaskOutput, type Told, tell } from "./tell.ts";
import { validApproval } from "./valid-approval.ts";

/** What is asked, and which waiting task hears the answer. */
export interface AskInput {
  /** Id or reference of the run. */
  readonly run: string;
  readonly gate: Gate;
  readonly executionArn?: string;
  readonly token?: string;
}

/** Asked anew, or answered at once by an approval of this very state. */
export type Asked =
  | {
      readonly kind: "asked";
      readonly signOff: string;
      readonly digest: string;
      readonly expiresAt: string;
      /** How many people were written to, and how many mails could not be sent. */
      readonly mailed: number;
      readonly failed: number;
    }
  | { readonly kind: "approved_already"; readonly signOff: string; readonly told: Told };

/**
 * Asks everybody who may decide about a run's gate, except its starter (W8). An older question of
 * the same gate is voided and its link is dead; a task that waited for it hears the answer to the
 * newest one. As long as nothing was noted since the dry run its rows are not read again for this: the wave that rests on
 * the answer reads every row itself. Errors: `StarterUnknown`, `DryRunMissing`, `ReportChanged`,
 * `ExportMissing`, `ReviewOvertaken`, `NoApprover`, `MailFailed`; all may be tried again.
 */
export async function ask(services: Services, input: AskInput): Promise<Asked> {
  const found = await findRun(services.sign, input.run);
  requirePeople(found, "A question");
  refuseTrial(found, "nobody is asked about it");
  const migration = definitionOf(services, found);
  const starter = await starterOf(services.sign, services, found);
  const run = { ...found, started_by: starter };
  const rows = await rowsOfDryRun(services.sign, run.id, migration);
  const parts = await partsNow(services.sign, migration, run, { rows });
  const report = await reviewed(services.sign, run, parts);
  await drawSamples(services.sign, migration, run, digestOfParts(parts));

  const valid = await validApproval(services.sign, run.id, input.gate, async () => parts);
  if (valid.ok) return answerAtOnce(services, run.id, input, valid.signOff);

  const approvers = (await listPeople(services.sign)).filter(
    (person) => person.permissions.includes("legacy_imports.commit") && !wasEver(starter, person),
  );
  if (approvers.length === 0) {
    throw new Refusal(
      "NoApprover",
      `Nobody but the starter of ${run.reference} may decide about commits. Nothing was written; give somebody else the permission legacy_imports.commit with \`wavegate people add\`.`,
    );
  }
  const question = {
    id: services.newId(),
    secret: services.newSecret(),
    parts,
    report,
    expires: new Date(services.clock().getTime() + services.settings.linkDays * 86_400_000),
  };
  const stops = await services.sign.transaction((db) => store(services, db, run, input, question));
  const shown = { ...report, stops };
  const mailed = await tellApprovers(services, run, input.gate, shown, question, approvers);
  return {
    kind: "asked",
    signOff: question.id,
    digest: signedDigest(parts, parts.export),
    expiresAt: question.expires.toISOString(),
    mailed,
    failed: approvers.length - mailed,
  };
}

interface Question {
  readonly id: string;
  readonly secret: string;
  readonly parts: SignedParts;
  readonly report: DryRunReport;
  readonly expires: Date;
}

async function reviewed(db: Database, run: Run, parts: SignedParts): Promise<DryRunReport> {
  const report = await reportOf(db, run.id, digestOfParts(parts));
  if (!report) {
    throw new Refusal(
      "DryRunMissing",
      `${run.reference} has no dry run of its present state. Nothing was written; run \`wavegate dry-run --run ${run.reference}\` first.`,
    );
  }
  if (parts.export === null) {
    throw new Refusal(
      "ExportMissing",
      `${run.reference} has no review export of its present state. Nothing was written; run \`wavegate export review --run ${run.reference}\` first.`,
    );
  }
  return report;
}

/** Tells this task, and all that waited for older questions of the gate, what was approved already. */
async function answerAtOnce(
  services: Services,
  run: string,
  { gate, token }: AskInput,
  signOff: SignOff,
): Promise<Asked> {
  await voidOpen(services.sign, run, gate, "this very state was approved already");
  const others = await tell(services, signOff, "all");
  if (token === undefined) return { kind: "approved_already", signOff: signOff.id, told: others };
  const { id, digest } = signOff;
  const output: TaskOutput = { decision: "approved", signOff: id, digest };
  const told = await services.executions.succeed(token, output);
  return { kind: "approved_already", signOff: id, told };
}

/** Voids what is still asked about a gate. The tokens stay: the tasks hear the decision that comes. */
const voidOpen = (db: Database, run: string, gate: Gate, because: string): Promise<number> =>
  db.execute(sql`
    update wavegate.sign_offs set status = 'voided', void_because = ${because}
     where run_id = ${uuid(run)} and gate = ${gate} and status = 'pending'`);

/**
 * Replaces older questions of the gate by this one, in one transaction with the audit entry. Answers the stop
 * conditions as they are asked about, with the verdicts that still hold.
 */
async function store(
  services: Services,
  db: Database,
  run: Run,
  input: AskInput,
  question: Question,
): Promise<readonly StopCondition[]> {
  const now = services.clock();
  const digest = signedDigest(question.parts, question.parts.export);
  // One question at a time: whoever asks at the same moment waits here and replaces this one.
  await lockRun(db, run.id);
  await requireAsRead(db, run, question.parts);
  // Before the log's turn is taken below: whoever answers the older one holds it, and then wants the turn.
  await voidOpen(db, run.id, input.gate, "a newer one replaced it");
  const reviewed = digestOfParts(question.parts);
  await carryVerdicts(db, run, reviewed, now);
  await noteAsAsked(db, { run, digest: reviewed }, services.newSecret());
  const wrong = await countSamplesJudgedWrong(db, run.id, reviewed);
  const stops = withSamplesNow(question.report.stops, wrong);
  const token = input.token === undefined ? null : services.tokens.seal(input.token);
  await db.execute(sql`
    insert into wavegate.sign_offs
      (id, run_id, gate, digest, parts, stops, link_hash, expires_at, execution_arn, token, asked_at)
    values (${uuid(question.id)}, ${uuid(run.id)}, ${input.gate}, ${digest}, ${json(question.parts)},
      ${json(stops)}, ${hashOfSecret(question.secret)},
      ${timestamp(question.expires.toISOString())},
      ${text(input.executionArn ?? null)}, ${text(token)},
      ${timestamp(now.toISOString())})`);
  await appendAudit(
    db,
    run.id,
    {
      actor: "wavegate",
      action: "sign-off-asked",
      digest,
      details: {
        signOff: question.id,
        gate: input.gate,
        stops: stops.filter(({ stops }) => stops).map(({ id }) => id),
        expiresAt: question.expires.toISOString(),
        record: recordDigest(stops),
      },
    },
    now,
  );
  return stops;
}

/** Refuses a question about what is no more: judged anew, stopped, taken back or erased while it was being asked. */
async function requireAsRead(db: Database, run: Run, parts: SignedParts): Promise<void> {
  const now = await findRun(db, run.id);
  requirePeople(now, "A question");
  const [shown] = await db.rows<{ digest: string }>(sql`
    select digest from wavegate.dry_runs where run_id = ${uuid(run.id)} order by created_at desc limit 1`);
  const same =
    now.stage === run.stage &&
    now.control === run.control &&
    (now.status === "rolled_back") === (run.status === "rolled_back") &&
    shown?.digest === digestOfParts(parts);
  if (same) return;
  throw new Refusal(
    "ReviewOvertaken",
    `${run.reference} was judged anew, stopped or taken back while this was being asked. Nobody was asked; ask again, or \`wavegate resume --run ${run.reference}\`.`,
  );
}

/** Writes to each approver alone, so that one bad address keeps nobody else from hearing. */
async function tellApprovers(
  services: Services,
  run: Run,
  gate: Gate,
  report: DryRunReport,
  question: Question,
  approvers: readonly Person[],
): Promise<number> {
  const mail = signOffMail({
    language: services.settings.language,
    translations: run.definition.translations,
    reference: run.reference,
    gate,
    report,
    link: `${services.settings.signOffUrl}/sign-off/${question.secret}`,
    expires: question.expires,
    announced: {
      manifest: question.parts.export,
      head: await headOf(services.sign, run.id),
    },
  });
  let mailed = 0;
  let failure: unknown;
  for (const { email } of approvers) {
    try {
      await services.mail({ ...mail, to: [email] });
      mailed += 1;
    } catch (error) {
      failure = error;
    }
  }
  if (mailed === 0) {
    throw new Refusal(
      "MailFailed",
      `No approver of ${run.reference} could be written to. The question is kept, but nobody has its link; try again, which makes a new one.`,
      { cause: failure },
    );
  }
  return mailed;
}
