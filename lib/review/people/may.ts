import { requireOpen, type SignOff } from "../sign-off-store.ts";
import type { Person } from "./people.ts";
import { requireSecondPerson } from "./second-person.ts";

/** Whether a person may do something here, or the sentence that says why not. */
export type May =
  | { readonly may: true }
  | {
      readonly may: false;
      readonly because: string;
      /** Of the refusal, and whose act it is about. */
      readonly name: string;
      readonly who?: string | undefined;
    };

/** Whether a person may judge the samples of a sign-off now. */
export function mayJudge(signOff: SignOff, person: Person, starter: string): May {
  if (!person.permissions.includes("legacy_imports.review")) {
    return lacking(
      "Judging takes the permission legacy_imports.review; ask an administrator for it.",
    );
  }
  return allowed(() => {
    requireOpen(signOff);
    requireSecondPerson(starter, person, "judges its samples");
  });
}

/** Whether a person may decide about a sign-off now, whatever stands in the way of an approval. */
export function mayDecide(signOff: SignOff, person: Person, starter: string): May {
  if (!person.permissions.includes("legacy_imports.commit")) {
    return lacking(
      "Deciding takes the permission legacy_imports.commit; ask an administrator for it.",
    );
  }
  return allowed(() => {
    requireOpen(signOff);
    requireSecondPerson(starter, person);
  });
}

const lacking = (because: string): May => ({ may: false, because, name: "PermissionDenied" });

function allowed(check: () => void): May {
  try {
    check();
    return { may: true };
  } catch (refusal) {
    const { name, message: because, who } = refusal as Error & { readonly who?: string };
    return { may: false, because, name, who };
  }
}
