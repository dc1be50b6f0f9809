import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { AppendLog, readLog } from "./append-log.ts";
import { ServiceError } from "./errors.ts";
import type { Place } from "./names.ts";
import { optionalNumber, pageOf, type Request } from "./request.ts";

/** An API call that changed something, as recorded. `at` in milliseconds since 1970. */
interface TrailEntry {
  id: string;
  name: "StartExecution" | "StopExecution" | "RedriveExecution";
  at: number;
  username: string;
  executionArn: string;
  machineArn: string;
  request: Record<string, unknown>;
}

const LARGEST_PAGE = 50;

/** What no documentation says, or what differs from day to day, for tests to say. */
export interface TrailHabits {
  /** Whether a start lists its execution among its resources; it does by default. */
  readonly listsExecutions?: boolean;
  /** How long an event takes to be told, in ms (up to 15 minutes on AWS); 0 by default. */
  readonly lateMs?: number;
}

/** CloudTrail's management events of Step Functions: who did what, kept in an append-only file. */
export class Trail {
  readonly #place: Place;
  readonly #habits: TrailHabits;
  readonly #log: AppendLog;
  readonly #now: () => number;
  readonly #entries: TrailEntry[];

  constructor(
    place: Place,
    log: AppendLog,
    entries: TrailEntry[],
    now: () => number,
    habits: TrailHabits,
  ) {
    this.#place = place;
    this.#habits = habits;
    this.#log = log;
    this.#entries = entries;
    this.#now = now;
  }

  /** Opens the trail of a folder. */
  static async open(
    place: Place,
    directory: string,
    now: () => number,
    habits: TrailHabits = {},
  ): Promise<Trail> {
    const path = join(directory, "cloudtrail.jsonl");
    const entries = await readLog<TrailEntry>(path);
    return new Trail(place, new AppendLog(path), entries, now, habits);
  }

  /** Adds an entry; resolves when it is on the disk. */
  async record(entry: Omit<TrailEntry, "id" | "at">): Promise<void> {
    const whole = { ...entry, id: randomUUID(), at: this.#now() };
    await this.#log.append(whole);
    this.#entries.push(whole);
  }

  /** `LookupEvents`: the latest first, at most 50 a page, one attribute at most, as on AWS. */
  lookup(request: Request): Record<string, unknown> {
    const wanted = filterOf(request, (entry) => this.#resourcesOf(entry));
    const told = this.#now() - (this.#habits.lateMs ?? 0);
    const from = optionalNumber(request, "StartTime") ?? Number.NEGATIVE_INFINITY;
    const to = optionalNumber(request, "EndTime") ?? Number.POSITIVE_INFINITY;
    if (from > to) {
      const message = "The start time must be before the end time.";
      throw new ServiceError("InvalidTimeRangeException", message);
    }
    const category = request.EventCategory ?? "insight";
    if (category !== "insight") {
      const message = `There is no event category ${category}.`;
      throw new ServiceError("InvalidEventCategoryException", message);
    }
    const size = optionalNumber(request, "MaxResults") ?? LARGEST_PAGE;
    if (size < 1 || size > LARGEST_PAGE) {
      const message = `The number of results must be from 1 to ${LARGEST_PAGE}.`;
      throw new ServiceError("InvalidMaxResultsException", message);
    }
    const found = this.#entries
      // Of insight events there are none.
      .filter((entry) => !request.EventCategory && entry.at <= told && wanted(entry))
      .filter((entry) => entry.at / 1000 >= from && entry.at / 1000 <= to)
      .reverse();
    const { items, next } = pageOf(found, (entry) => entry.id, {
      size,
      largest: LARGEST_PAGE,
      token: request.NextToken,
      refusal: "InvalidNextTokenException",
    });
    return { Events: items.map((entry) => this.#shown(entry)), NextToken: next };
  }

  close(): Promise<void> {
    return this.#log.close();
  }

  #shown(entry: TrailEntry): Record<string, unknown> {
    return {
      EventId: entry.id,
      EventName: entry.name,
      ReadOnly: "false",
      EventTime: entry.at / 1000,
      EventSource: "states.amazonaws.com",
      Username: entry.username,
      Resources: this.#resourcesOf(entry).map(([ResourceType, ResourceName]) => ({
        ResourceType,
        ResourceName,
      })),
      CloudTrailEvent: JSON.stringify(this.#document(entry)),
    };
  }

  #resourcesOf(entry: TrailEntry): [string, string][] {
    const machine: [string, string] = ["AWS::StepFunctions::StateMachine", entry.machineArn];
    if (this.#habits.listsExecutions === false) return [machine];
    return [["AWS::StepFunctions::Execution", entry.executionArn], machine];
  }

  #document(entry: TrailEntry): Record<string, unknown> {
    const { account, region } = this.#place;
    return {
      eventVersion: "1.08",
      userIdentity: {
        type: "IAMUser",
        arn: `arn:aws:iam::${account}:user/${entry.username}`,
        accountId: account,
        userName: entry.username,
      },
      eventTime: new Date(entry.at).toISOString(),
      eventSource: "states.amazonaws.com",
      eventName: entry.name,
      awsRegion: region,
      requestParameters: entry.request,
      responseElements:
        entry.name === "StartExecution" ? { executionArn: entry.executionArn } : null,
      eventID: entry.id,
      readOnly: false,
      eventType: "AwsApiCall",
      managementEvent: true,
      recipientAccountId: account,
    };
  }
}

const LOOKUP_KEYS: ReadonlySet<string> = new Set([
  "AccessKeyId",
  "EventId",
  "EventName",
  "EventSource",
  "ReadOnly",
  "ResourceName",
  "ResourceType",
  "Username",
]);

function filterOf(
  request: Request,
  resourcesOf: (entry: TrailEntry) => [string, string][],
): (entry: TrailEntry) => boolean {
  const attributes = (request.LookupAttributes ?? []) as {
    AttributeKey: string;
    AttributeValue: string;
  }[];
  if (attributes.length > 1) {
    const message = "LookupEvents takes one lookup attribute at most.";
    throw new ServiceError("InvalidLookupAttributesException", message);
  }
  const attribute = attributes[0];
  if (!attribute) return () => true;
  const { AttributeKey: key, AttributeValue: value } = attribute;
  const values = (entry: TrailEntry): string[] => {
    switch (key) {
      case "EventId":
        return [entry.id];
      case "EventName":
        return [entry.name];
      case "EventSource":
        return ["states.amazonaws.com"];
      case "ReadOnly":
        return ["false"];
      case "Username":
        return [entry.username];
      case "ResourceName":
        return resourcesOf(entry).map(([, name]) => name);
      case "ResourceType":
        return resourcesOf(entry).map(([type]) => type);
      // Nobody's access keys are recorded here.
      default:
        return [];
    }
  };
  const isKnown = LOOKUP_KEYS.has(key);
  if (!isKnown) {
    const message = `LookupEvents has no attribute ${key}.`;
    throw new ServiceError("InvalidLookupAttributesException", message);
  }
  return (entry) => values(entry).includes(value);
}
