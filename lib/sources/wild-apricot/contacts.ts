import { SourceAccessDenied, SourceChanged, SourceFailed, SourceLimitReached } from "../errors.ts";
import { type Client, type Json, objectsIn } from "./client.ts";

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
  return listIn(client, answer.Contacts, "contacts");
}

export async function eventsPage(client: Client, skip: number): Promise<readonly Json[]> {
  const { Events } = (await client.get(`/events?$top=${perPage}&$skip=${skip}`)) as Json;
  return listIn(client, Events, "events");
}

/** An event with what lists of events leave out. */
export async function eventOf(client: Client, id: string): Promise<Json> {
  const event = (await client.get(`/events/${id}`)) as Json;
  if (String(event.Id) === id) return event;
  throw new SourceFailed(client.description, `/events/${id} gives another event`);
}

export async function registrationsOf(client: Client, event: string): Promise<readonly Json[]> {
  const found = await client.get(`/eventregistrations?eventId=${event}`);
  return listIn(client, found, "registrations");
}

/** What has a number of its own: that is a part of addresses, and of names of files. */
const isNumbered = ({ Id }: Json): boolean => /^\d{1,20}$/u.test(String(Id));

function listIn({ description }: Client, list: unknown, of: string): readonly Json[] {
  if (!Array.isArray(list)) throw new SourceFailed(description, `an answer has no list of ${of}`);
  const found = objectsIn(list).filter(isNumbered);
  if (found.length === list.length) return found;
  throw new SourceFailed(description, `an answer has one of its ${of} without a number`);
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
