import { SourceAccessDenied, SourceChanged, SourceFailed, SourceLimitReached } from "../errors.ts";
import type { Client } from "./client.ts";

/** What an answer of the API holds, as far as it is looked at. */
export type Json = Readonly<Record<string, unknown>>;

export const perPage = 100;
const pollEveryMs = 3_000;
const mostPolls = 40;

/** How many there are of a resource, by the API's own count. */
export async function countOf(client: Client, resource: string): Promise<number> {
  const { Count } = (await client.get(`${resource}?$count=true`)) as Json;
  if (typeof Count === "number") return Count;
  throw new SourceFailed(client.description, `${resource} gives no count`);
}

/** What the account calls itself; undefined where the key may not ask, as nothing rests on it. */
export async function organizationOf(client: Client): Promise<string | undefined> {
  try {
    const { Name } = (await client.get("")) as Json;
    return typeof Name === "string" && Name.trim() !== "" ? Name.trim() : undefined;
  } catch (error) {
    if (error instanceof SourceAccessDenied || error instanceof SourceFailed) return undefined;
    throw error;
  }
}

/** A page of contacts: asked for, and fetched when it is made. */
export async function contactsPage(client: Client, skip: number): Promise<readonly Json[]> {
  let answer = (await client.get(`/contacts?$async=true&$top=${perPage}&$skip=${skip}`)) as Json;
  for (let polls = 0; answer.State !== "Complete"; polls++) {
    if (answer.State === "Failed")
      throw new SourceFailed(client.description, "the account could not make its list of contacts");
    if (polls === mostPolls)
      throw new SourceLimitReached(
        client.description,
        `contacts from number ${skip} on are not made after ${polls} looks`,
        { next: "Run the same step again: it goes on with the page that is missing." },
      );
    if (polls > 0) await client.time.sleep(pollEveryMs);
    answer = (await client.get(String(answer.ResultUrl))) as Json;
  }
  return listIn(client, answer, "Contacts");
}

export async function eventsPage(client: Client, skip: number): Promise<readonly Json[]> {
  return listIn(client, await client.get(`/events?$top=${perPage}&$skip=${skip}`), "Events");
}

export async function registrationsOf(client: Client, event: string): Promise<readonly Json[]> {
  const found = await client.get(`/eventregistrations?eventId=${encodeURIComponent(event)}`);
  return listIn(client, { found }, "found");
}

function listIn(client: Client, answer: unknown, name: string): readonly Json[] {
  const list = (answer as Json)[name];
  if (Array.isArray(list)) return list as Json[];
  throw new SourceFailed(client.description, `an answer has no list of ${name}`);
}

/** Refuses rows that were read though they were there already, and fewer or more than the account says it has. */
export function requireWhole(
  { description }: Client,
  what: string,
  rows: readonly Json[],
  counts: readonly number[],
): void {
  const ids = new Set(rows.map(({ Id }) => String(Id)));
  const changed = (reason: string) =>
    new SourceChanged(
      `${description} gave ${reason}. Nothing was imported; read it anew when nobody changes ${what}.`,
    );
  if (ids.size !== rows.length)
    throw changed(`${rows.length - ids.size} ${what} twice: a page came again, or pages moved`);
  const other = counts.find((count) => count !== ids.size);
  if (other !== undefined) throw changed(`${ids.size} ${what}, and says that there are ${other}`);
}
