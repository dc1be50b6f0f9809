import type { Database } from "../../data/database.ts";
import { rowsWhole } from "../../data/records.ts";
import type { Run } from "../../data/runs.ts";
import { raw, type Sql, sql, timestamp, uuid } from "../../data/sql.ts";
import { count } from "../../services/words.ts";
import type { Standing } from "./next-kind.ts";

/** What a wave wrote, as far as a list shows it. */
export interface WaveCounts {
  readonly committed?: number;
  readonly linked?: number;
  /** Rows held at the last moment, as the platform changed since the review. */
  readonly heldBack?: number;
  /** Rows skipped at the last moment, as another run had moved them meanwhile. */
  readonly skipped?: number;
  /** Rows that the platform refused, and that are held, by the name of what refused them. */
  readonly refused?: Readonly<Record<string, number>>;
  /** Created rows by target table. */
  readonly created?: Readonly<Record<string, number>>;
  /** Rows that were there and were changed, by target table. */
  readonly updated?: Readonly<Record<string, number>>;
  /** What became of it when it was taken back, the last time. */
  readonly rolledBack?: {
    readonly undone: number;
    /** Rows that stay, as somebody changed them or refers to them since, or the platform refuses it. */
    readonly spared: number;
    readonly gone: number;
  };
}

/** `25 committed (customers 25), 2 brought up to date (customers 2), 3 linked`. */
export function writtenBy({
  committed = 0,
  linked = 0,
  heldBack = 0,
  skipped = 0,
  refused = {},
  created = {},
  updated = {},
}: WaveCounts): string {
  const byTable = (rows: Readonly<Record<string, number>>) => {
    const tables = Object.entries(rows).filter(([, n]) => n > 0);
    return tables.length === 0
      ? ""
      : ` (${tables.map(([table, n]) => `${table} ${count(n)}`).join(", ")})`;
  };
  const changed = Object.values(updated).reduce((sum, rows) => sum + rows, 0);
  const refusals = Object.entries(refused).map(([by, rows]) => `${by} ${count(rows)}`);
  return [
    `${count(committed)} committed${byTable(created)}`,
    ...(changed > 0 ? [`${count(changed)} brought up to date${byTable(updated)}`] : []),
    ...(linked > 0 ? [`${count(linked)} linked`] : []),
    ...(heldBack > 0 ? [`${count(heldBack)} held at the last moment`] : []),
    ...(skipped > 0
      ? [`${count(skipped)} skipped, as another run moved ${skipped === 1 ? "it" : "them"}`]
      : []),
    ...(refusals.length > 0 ? [`refused by the platform and held: ${refusals.join(", ")}`] : []),
  ].join(", ");
}

/** `21 taken back, 4 spared`, of a wave of which not all was taken back; else nothing. */
export function leftBy({ status, counts }: Pick<WaveLine, "status" | "counts">): string {
  const { undone, spared, gone } = counts.rolledBack ?? { undone: 0, spared: 0, gone: 0 };
  if (status !== "rolled_back" || spared + gone === 0) return "";
  return [
    `${count(undone)} taken back`,
    ...(spared > 0 ? [`${count(spared)} spared`] : []),
    ...(gone > 0 ? [`${count(gone)} gone already`] : []),
  ].join(", ");
}

/** A wave as a list shows it. */
export interface WaveLine {
  readonly wave: number;
  readonly round: number;
  readonly size: number;
  readonly status: string;
  readonly clean: boolean | null;
  readonly counts: WaveCounts;
  /** When it came to its status, ISO 8601. */
  readonly at: string;
}

/** A sign-off as a list shows it: no token, no link. */
export interface SignOffLine {
  readonly id: string;
  readonly gate: string;
  readonly status: string;
  /** Whether it was rejected so that something is changed. */
  readonly changes_asked: boolean;
  readonly digest: string;
  readonly asked_at: string;
  readonly decided_by: string | null;
  readonly decided_at: string | null;
  readonly comment: string | null;
  readonly override_by: string | null;
  readonly override_reason: string | null;
  readonly void_because: string | null;
  /** When it was withdrawn or could no longer be answered, as far as anything tells of it. */
  readonly closed_at: string | null;
}

/** A moment in ISO 8601, to the millisecond. */
const moment = (of: string): Sql =>
  raw(`to_char(${of} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`);

export const wavesOf = (db: Database, run: Pick<Run, "id">): Promise<WaveLine[]> =>
  rowsWhole<WaveLine>(
    db,
    sql`
    select wave, round, size, status, clean, counts - 'parts' as counts,
           ${moment("greatest(committed_at, verified_at, rolled_back_at)")} as at
      from wavegate.waves where run_id = ${uuid(run.id)} order by wave`,
  );

/** A wave as a verification found it, which may be taken back since. */
export interface VerifiedWave extends Pick<WaveLine, "wave" | "round"> {
  readonly passed: boolean;
  /** ISO 8601. */
  readonly at: string;
}

/** What the log tells of a run's verified waves, those that were taken back since too. */
export const verifiedWavesOf = (db: Database, run: Pick<Run, "id">): Promise<VerifiedWave[]> =>
  rowsWhole<VerifiedWave>(
    db,
    sql`
    select (details ->> 'wave')::int as wave, (details ->> 'round')::int as round, (details ->> 'passed')::boolean as passed, at
      from wavegate.audit_log where run_id = ${uuid(run.id)} and action = 'verify' and jsonb_exists(details, 'round') order by seq`,
  );

/** A run's sign-offs; which of them are out of date is told by the clock of whoever asks, as deciding does. */
export const signOffsOf = (
  db: Database,
  run: Pick<Run, "id">,
  now = new Date(),
): Promise<SignOffLine[]> =>
  rowsWhole<SignOffLine>(
    db,
    sql`
    select id, gate, case when status = 'pending' and expires_at <= ${timestamp(now.toISOString())} then 'expired' else status end as status,
           changes_asked, digest, ${moment("asked_at")} as asked_at,
           decided_by, ${moment("decided_at")} as decided_at,
           comment, override_by, override_reason, void_because,
           case when status = 'voided' then least(
                  -- As the log tells of it; else by the question that came in its place.
                  (select min(l.at) from wavegate.audit_log l
                    where l.run_id = s.run_id and l.at >= ${moment("s.asked_at")}
                      and (l.action = 'sign-off-voided' and l.details ->> 'signOff' = s.id::text
                           or l.action = 'sign-offs-voided')),
                  (select min(${moment("n.asked_at")}) from wavegate.sign_offs n
                    where n.run_id = s.run_id and n.gate = s.gate and n.asked_order > s.asked_order))
                when status in ('pending', 'expired') and expires_at <= ${timestamp(now.toISOString())} then ${moment("expires_at")} end as closed_at
      from wavegate.sign_offs s where run_id = ${uuid(run.id)} order by asked_order`,
  );

/** What became of a question, by its own word: who asked for changes did not just reject. */
export const answerOf = ({
  status,
  changes_asked,
}: Pick<SignOffLine, "status" | "changes_asked">): string =>
  changes_asked ? "changes asked for" : status;

/** What a run asks people: the gate of a question that may be answered, whether nobody answered the newest in time, and why that was withdrawn. */
export const askedNow = (
  signOffs: readonly Pick<SignOffLine, "gate" | "status" | "void_because">[],
): Required<Pick<Standing, "pendingGate" | "unanswered" | "withdrawn">> => ({
  pendingGate: signOffs.find(({ status }) => status === "pending")?.gate ?? null,
  unanswered: signOffs.at(-1)?.status === "expired",
  withdrawn: signOffs.at(-1)?.status === "voided" ? (signOffs.at(-1)?.void_because ?? null) : null,
});

/** A sign-off's remark: why it is void, the approver's comment, and whose override of what. */
export function remarkOf(signOff: SignOffLine): string {
  const { void_because, comment, override_by, override_reason } = signOff;
  const override =
    override_by === null ? [] : [`stop overridden by ${override_by}: “${override_reason ?? ""}”`];
  const by = signOff.decided_by === null ? "" : `${signOff.decided_by}: `;
  return [
    ...(void_because === null ? [] : [void_because]),
    ...(comment ? [`${by}“${comment}”`] : []),
    ...override,
  ].join("; ");
}

/** How a run is doing, for people: what is stored as under way says nothing of whether anything runs. */
export const statusWord = (
  { status, trial = null }: Pick<Run, "status"> & Partial<Pick<Run, "trial">>,
  alive: boolean,
): string => {
  const word =
    (status === "running" || status === "waiting") && !alive
      ? "at rest"
      : status.replaceAll("_", " ");
  return trial === null ? word : `trial, ${word}`;
};
