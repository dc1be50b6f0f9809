import type { Run } from "../../data/runs.ts";
import { Refusal } from "../../services/errors.ts";
import { runSettings } from "../../stages/run/settings.ts";
import { CannotRun } from "../failure.ts";

/**
 * Looks whether what is said of a run that goes on is what it was begun with: what is pinned, however it is said
 * (`2025-01-31` for `2025-01-31T00:00:00.000Z`), or the words that were said then. A thing of the platform is known by
 * its id and by these, as it is looked up once, when the run begins. Errors: `Usage`.
 *
 * @param begunWith what was said of the run as it was begun
 */
export async function requireAsBegun(
  run: Pick<Run, "reference" | "definition" | "settings" | "created_at">,
  said: Readonly<Record<string, string>>,
  begunWith: () => Promise<Readonly<Record<string, string>>>,
): Promise<void> {
  const begun = new Date(`${run.created_at.replace(" ", "T")}Z`);
  const pinned = await runSettings(run.definition, said, begun).catch((error: unknown) => {
    throw error instanceof Refusal ? new CannotRun("Usage", error.message) : error;
  });
  const others = Object.keys(pinned).filter(
    (each) => pinned[each] !== run.settings[each] && said[each] !== run.settings[each],
  );
  if (others.length === 0) return;
  const words = await begunWith();
  const other = others.find(
    (each) => run.settings[each] === undefined || words[each] !== said[each],
  );
  if (other === undefined) return;
  throw new CannotRun(
    "Usage",
    `${run.reference} was begun with ${other} ${run.settings[other] ?? "left unsaid"}, and goes on with that, not with ${said[other]}. ` +
      "Nothing was written; leave it out, or start a run anew.",
  );
}
