import { createHash } from "node:crypto";
import type { Database } from "../../lib/data/database.ts";
import { sql, timestamp } from "../../lib/data/sql.ts";
import { type FeatureState, isOpen } from "../../lib/review/steer/features.ts";
import { failure, type Response, success } from "./envelope.ts";
import { pageOf, readQuery } from "./page.ts";

/** The feature by which people get the endpoint. */
const profileActivity = "community_profile_activity";

/** Requests of one person a minute. */
const perMinute = 240;

/** A request, as far as it is read. */
export interface Request {
  readonly authorization: string | undefined;
  readonly parameters: Readonly<Record<string, string | undefined>>;
  readonly requestId: string;
}

/**
 * `GET /api/v1/me/profile-activity` (C6): whoever has no valid token is told so, whatever the feature; who does not get
 * the feature finds nothing there; then who asks too often, and what is wrong with the question.
 */
export async function answer(db: Database, request: Request, now: Date): Promise<Response> {
  const asked = { requestId: request.requestId, now };
  const user = await whoAsks(db, request.authorization, now);
  if (user === undefined) {
    const headers = { "www-authenticate": "Bearer" };
    return failure(asked, 401, "Unauthenticated.", [{ detail: "Unauthenticated." }], headers);
  }
  if (!(await getsIt(db, user))) return failure(asked, 404, "Feature not available.");
  if ((await countOf(db, user)) > perMinute) {
    const headers = { "retry-after": `${60 - now.getUTCSeconds()}` };
    return failure(asked, 429, "Too Many Attempts.", [{ detail: "Too Many Attempts." }], headers);
  }
  const read = readQuery(request.parameters);
  if ("wrong" in read) return failure(asked, 422, "The given data was invalid.", read.wrong);
  const { query } = read;
  const { activities, hasMore, next, previous } = await pageOf(db, user.id, query);
  return success(asked, activities, {
    filters: query.communityId === undefined ? {} : { community_id: query.communityId },
    pagination: {
      type: "cursor",
      per_page: query.perPage,
      has_more: hasMore,
      ...(next === undefined ? {} : { next_cursor: next }),
      ...(previous === undefined ? {} : { previous_cursor: previous }),
      count: activities.length,
    },
  });
}

interface User {
  readonly id: number;
  readonly role: string;
}

/** Whose token it is; nobody's where it is unknown or no longer valid. */
async function whoAsks(
  db: Database,
  authorization: string | undefined,
  now: Date,
): Promise<User | undefined> {
  const [, token] = /^Bearer ([\x21-\x7E]{1,500})$/iu.exec(authorization ?? "") ?? [];
  if (token === undefined) return undefined;
  const hash = createHash("sha256").update(token).digest("hex");
  const [user] = await db.rows<User>(sql`
    select u.id, u.role from personal_access_tokens t join users u on u.id = t.tokenable_id
     where t.token = ${hash} and (t.expires_at is null or t.expires_at > ${timestamp(now.toISOString())})`);
  return user;
}

/** Whether the feature is on for somebody: its segments are roles, and `internal`, who is no student. */
async function getsIt(db: Database, { id, role }: User): Promise<boolean> {
  const [state] = await db.rows<FeatureState>(sql`
    select name as feature, percentage, segments from wavegate.features where name = ${profileActivity}`);
  return isOpen(state, {
    id: `${id}`,
    segments: role === "student" ? [role] : [role, "internal"],
  });
}

async function countOf(db: Database, { id }: User): Promise<number> {
  // In a transaction, as one whose response is lost must not be counted twice.
  const { n } = await db.transaction((transaction) =>
    transaction.one<{ n: number }>(
      sql`select wavegate.count_request(${`${profileActivity}:${id}`}) as n`,
    ),
  );
  return n;
}
