import { suggestions } from "../../compile/references/mappings.ts";
import type { Database } from "../../data/database.ts";
import { countedAs } from "../../data/run-counts.ts";
import type { Run } from "../../data/runs.ts";
import type { Migration } from "../../define/definition.ts";

/**
 * Suggests what each legacy reference is on the platform, of many some at a time; what is suggested already is not written
 * again.
 *
 * @param transaction in which all of it is seen, or none
 * @param run with what preflight counted
 */
export async function suggestMappings(
  transaction: Database,
  migration: Migration,
  { id, counts }: Pick<Run, "id" | "counts">,
): Promise<void> {
  for (const { reference, most, boundBehind, statement } of suggestions(migration, id)) {
    // No more can be staged than were counted, but for what was added since: the last statement takes those too.
    const areMany = (counts[countedAs(reference.from)] ?? 0) > most;
    let after: string | null = null;
    do {
      const found: { id: string }[] = areMany ? await transaction.rows(boundBehind(after)) : [];
      const upTo: string | null = found[0]?.id ?? null;
      await transaction.execute(statement({ after, upTo }));
      after = upTo;
    } while (after !== null);
  }
}
