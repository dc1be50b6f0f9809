import { findTriggerWrites, type TriggerWrites } from "../../compile/around/trigger-writes.ts";
import type { Pin } from "../../compile/pin/pin.ts";
import { keptColumns } from "../../define/kept-columns.ts";
import { type Problem, warning } from "../problem.ts";
import type { Ask } from "../target.ts";

/**
 * Tables in which triggers write besides the rows of waves, and that nobody named: only a wave would show it, behind a
 * sign-off, and be taken back for it.
 */
export async function checkEffects(
  { targets, effects, guarded }: Pick<Pin, "targets" | "effects" | "guarded">,
  ask: Ask,
): Promise<Problem[]> {
  if (targets.length === 0) return [];
  const kept = keptColumns(effects).map(({ table }) => table);
  const changed = targets.map((each) => ({
    table: each.table,
    changed:
      each.updated !== undefined || each.kept !== undefined || Object.hasOwn(effects, each.table),
  }));
  const found = (await ask(findTriggerWrites(changed))) as unknown as TriggerWrites[];
  const guards = (names: readonly string[]) => names.some((name) => guarded.includes(name));
  const named = (names: readonly string[]) =>
    !guards(names) && names.some((name) => Object.hasOwn(effects, name) || kept.includes(name));
  return found
    .filter(({ writes, whole }) => !named([writes, whole]))
    .map(({ table, trigger, writes, whole }) => {
      const keeping = `${said(`${table}.${trigger}`)}: keeps(${said(`${writes}(COLUMN)`)}, "why")`;
      const remedy = guards([writes, whole])
        ? "It is guarded, which nothing excuses: detach the trigger while waves write."
        : targets.some((each) => each.table === writes)
          ? `Waves write that table, too: say which columns the platform keeps of its rows, effects: { ${keeping} }; what else it does there, mend or detach.`
          : `Name it beside the trigger: effects: { ${said(writes)}: harmless("why") }, or the columns of it that the platform keeps: ${keeping}.`;
      return warning(
        "target_effect_unnamed",
        table,
        `${table} has the trigger ${trigger}, which may write in ${writes} as well, as its function says: the first wave for which it does is taken back whole, unless \`effects\` names that table.`,
        remedy,
      );
    });
}

const said = (name: string): string => JSON.stringify(name);
