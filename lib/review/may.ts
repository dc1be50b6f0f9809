import { requireSecondPerson } from "./approval-obstacles.ts";
import type { Person } from "./people.ts";
import { requireOpen, type SignOff } from "./sign-off-store.ts";

/** Whether a person may do something here, or the sentence that says why not. */
export type May = { readonly may: true } | { readonly may: false; readonly because: string };

/** Whether a person may judge the samples of a sign-off now. */
export function mayJudge(signOff: SignOff, person: Person, starter: string): May {
  if (!person.permissions.includes("legacy_imports.review")) {
    return { may: false, because: "Judging takes the permission legacy_imports.review." };
  }
  return allowed(() => {
    requireOpen(signOff);
    requireSecondPerson(starter, person, "judges its samples");
  });
}

/** Whether a person may decide about a sign-off now, whatever stands in the way of an approval. */
export function mayDecide(signOff: SignOff, person: Person, starter: string): May {
  if (!person.permissions.includes("legacy_imports.commit")) {
    return { may: false, because: "Deciding takes the permission legacy_imports.commit." };
  }
  return allowed(() => {
    requireOpen(signOff);
    requireSecondPerson(starter, person);
  });
}

function allowed(check: () => void): May {
  try {
    check();
    return { may: true };
  } catch (refusal) {
    return { may: false, because: (refusal as Error).message };
  }
}
