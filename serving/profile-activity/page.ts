import * as z from "zod";
import type { Database } from "../../lib/data/database.ts";
import { raw, type Sql, sql, timestamp } from "../../lib/data/sql.ts";
import type { Wrong } from "./envelope.ts";

/** An activity as the platform shows it. */
export interface Activity {
  readonly id: number;
  readonly activity_type: string;
  readonly subject_type: string;
  readonly subject_id: number;
  /** ISO 8601, UTC. */
  readonly occurred_at: string;
  readonly community: {
    readonly id: number;
    readonly name: string;
    readonly slug: string;
  } | null;
  readonly context: object;
}

/** Where a page begins, and which way it goes: what a cursor is made of. */
const Place = z.strictObject({
  at: z
    .string()
    .regex(/^\d{4,6}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/u)
    .refine(isMoment),
  id: z.number().int().positive(),
  back: z.boolean(),
});
type Place = z.output<typeof Place>;

/** What is asked for. */
export interface Query {
  readonly perPage: number;
  readonly communityId: number | undefined;
  readonly place: Place | undefined;
}

const whole = (text: string, most: number): number | undefined =>
  /^\d{1,15}$/u.test(text) && Number(text) >= 1 && Number(text) <= most ? Number(text) : undefined;

/** Reads the query string; what cannot be so is said of each parameter. */
export function readQuery(
  parameters: Readonly<Record<string, string | undefined>>,
): { readonly query: Query } | { readonly wrong: readonly Wrong[] } {
  const { per_page = "25", community_id: community, cursor } = parameters;
  const perPage = whole(per_page, 100);
  const communityId = community === undefined ? undefined : whole(community, 1e15);
  const place = cursor === undefined ? undefined : placeOf(cursor);
  const wrong: Wrong[] = [
    ...(perPage === undefined
      ? [
          {
            parameter: "per_page",
            detail: "The per page field must be a whole number between 1 and 100.",
          },
        ]
      : []),
    ...(community !== undefined && communityId === undefined
      ? [
          {
            parameter: "community_id",
            detail: "The community id field must be a whole number of at least 1.",
          },
        ]
      : []),
    ...(cursor !== undefined && place === undefined
      ? [
          {
            parameter: "cursor",
            detail: "The cursor is none of this list: begin again without it.",
          },
        ]
      : []),
  ];
  if (wrong.length > 0 || perPage === undefined) return { wrong };
  return { query: { perPage, communityId, place } };
}

/** Whether there is such a moment: a cursor may be written by anybody, and of February 30 the database knows nothing. */
function isMoment(at: string): boolean {
  const [year = "", ...rest] = at.slice(0, -".000000Z".length).split("-");
  const ofYear = ["", ...rest].join("-");
  const moment = new Date(`${year.length > 4 ? `+${year.padStart(6, "0")}` : year}${ofYear}Z`);
  return Number(year) > 0 && JSON.stringify(moment).includes(ofYear);
}

function placeOf(cursor: string): Place | undefined {
  try {
    return Place.parse(JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")));
  } catch {
    return undefined;
  }
}

const cursorOf = (place: Place): string =>
  Buffer.from(JSON.stringify(place), "utf8").toString("base64url");

interface Row {
  readonly id: number;
  readonly activity_type: string;
  readonly subject_type: string;
  readonly subject_id: number;
  readonly at: string;
  readonly context: object | null;
  readonly community_id: number | null;
  readonly name: string | null;
  readonly slug: string | null;
}

/** A page of one person's activities, the newest first, and the cursors of those beside it. */
export async function pageOf(
  db: Database,
  user: number,
  { perPage, communityId, place }: Query,
): Promise<{
  readonly activities: readonly Activity[];
  readonly hasMore: boolean;
  readonly next: string | undefined;
  readonly previous: string | undefined;
}> {
  const back = place?.back === true;
  const beyond: Sql =
    place === undefined
      ? raw("")
      : sql` and (a.occurred_at, a.id) ${raw(back ? ">" : "<")} (${timestamp(place.at)}, ${place.id})`;
  const within: Sql =
    communityId === undefined ? raw("") : sql` and a.community_id = ${communityId}`;
  const order = raw(back ? "a.occurred_at, a.id" : "a.occurred_at desc, a.id desc");
  const found = await db.rows<Row>(sql`
    select a.id, a.activity_type, a.subject_type, a.subject_id, a.context,
           to_char(a.occurred_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at,
           c.id as community_id, c.name, c.slug
      from profile_activities a left join communities c on c.id = a.community_id and c.deleted_at is null
     where a.user_id = ${user}${within}${beyond}
     order by ${order} limit ${perPage + 1}`);
  const further = found.length > perPage;
  const rows = found.slice(0, perPage);
  if (back) rows.reverse();
  const first = rows[0];
  const last = rows.at(-1);
  const cursor = (row: Row | undefined, way: boolean) =>
    row && cursorOf({ at: row.at, id: row.id, back: way });
  // Whoever came back came from a page behind this one.
  const hasMore = back || further;
  return {
    activities: rows.map(shown),
    hasMore,
    next: hasMore ? cursor(last, false) : undefined,
    previous: (back ? further : place !== undefined) ? cursor(first, true) : undefined,
  };
}

const shown = (row: Row): Activity => ({
  id: row.id,
  activity_type: row.activity_type,
  subject_type: row.subject_type,
  subject_id: row.subject_id,
  occurred_at: row.at.replace(/\.\d{6}Z$/u, "+00:00"),
  community:
    row.community_id === null
      ? null
      : { id: row.community_id, name: row.name ?? "", slug: row.slug ?? "" },
  context: row.context ?? {},
});
