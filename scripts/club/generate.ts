import { readFileSync } from "node:fs";
import type { Account } from "./account.ts";
import { eventsOf } from "./events.ts";
import { membersOf } from "./members.ts";
import { registrationsOf } from "./registrations.ts";

const table = new URL("../../migrations/wild-apricot/sample/truth.csv", import.meta.url);

/** What becomes of a row of a kind: written by hand, never by the program that it judges. */
export interface Truth {
  readonly entity: string;
  readonly kind: string;
  readonly state: string;
  readonly reason: string;
}

export const truth: readonly Truth[] = readFileSync(table, "utf8")
  .trim()
  .split("\n")
  .slice(1)
  .map((line) => {
    const [entity = "", kind = "", state = "", reason = ""] = line.split(",");
    return { entity, kind, state, reason };
  });

/** How large an account is made. */
export interface Size {
  /** The share of each kind of dirt: at least one row of it. */
  readonly planted: number;
  readonly members: number;
  readonly events: number;
  readonly registrations: number;
}

/** A real club's: 2,147 contacts, 523 events, 8,603 registrations. */
export const whole: Size = { planted: 1, members: 2147, events: 523, registrations: 8603 };
/** The smallest in which every kind of dirt stands. */
export const small: Size = { planted: 0.2, members: 300, events: 80, registrations: 420 };

/** An account: of one seed and size always the same. */
export function clubOf(size: Size, seed = 20_260_101): Account {
  const planted = {
    members: membersOf(seed, 0, size.planted).length,
    events: eventsOf(seed, 0, size.planted).length,
  };
  const members = membersOf(seed, size.members - planted.members, size.planted);
  const events = eventsOf(seed, size.events - planted.events, size.planted);
  const moves = (entity: string, kind: string) =>
    truth.some(
      (line) => line.entity === entity && line.kind === kind && line.state === "committed",
    );
  const registrations = registrationsOf(seed, size.registrations, { members, events, moves });
  return { members, events, registrations };
}
