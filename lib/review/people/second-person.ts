import { isSamePerson, wasEver } from "../../evidence/same-person.ts";
import { Refusal } from "../../services/errors.ts";
import type { Person } from "./people.ts";

/** Refuses the person who started the run (W8, D36). Errors: `ApproverIsStarter`. */
export function requireSecondPerson(
  starter: string,
  person: Person,
  does: "decides about it" | "judges its samples" = "decides about it",
): void {
  if (!wasEver(starter, person)) return;
  const how = isSamePerson(starter, person)
    ? "You started this run"
    : "This run was started under another name or address that is, or was, yours";
  throw new Refusal("ApproverIsStarter", `${how}, so somebody else ${does}. Nothing was changed.`);
}
