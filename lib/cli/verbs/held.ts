import { type HeldGroup, mostGroups } from "../../review/rows/held-groups.ts";
import { several } from "../../services/words.ts";
import { askToLook } from "../ask-signed.ts";
import type { Answer, Frame } from "../command.ts";
import { runOrLatest } from "../runs.ts";
import { table } from "../table.ts";
import { withAws } from "./with-aws.ts";

/** `wavegate held`: what is held, by reason, with the first rows of each and what the largest part of them shares (B4). */
export const held = (frame: Frame, runName?: string): Promise<Answer> =>
  withAws(frame, async (aws) => {
    const run = await runOrLatest(aws.db, runName);
    const { groups } = await askToLook<{ groups: HeldGroup[] }>(aws, { look: "held", run: run.id });
    const rows = groups.reduce((sum, group) => sum + group.rows, 0);
    return {
      json: { run: run.reference, rows, reasons: groups },
      text:
        groups.length === 0
          ? [`Nothing of ${run.reference} is held.`]
          : [
              `${several(rows, "row")} of ${run.reference} ${rows === 1 ? "is" : "are"} held for a person.`,
              "",
              ...table(
                ["reason", "rows", "the first", "what the largest part shares"],
                groups.map((group) => [
                  group.part === null ? group.says : `${group.part}: ${group.says}`,
                  group.rows,
                  group.samples.join(" "),
                  shared(group),
                ]),
              ),
              ...(groups.length < mostGroups
                ? []
                : [`Listed are the ${mostGroups} reasons with the most rows.`]),
              "",
              `\`wavegate why ${run.reference} ROW\` explains one of them.`,
            ],
    };
  });

function shared({ common }: HeldGroup): string {
  // What names nothing has no mapping that would settle it.
  if (common === null || (common.kind === "mapping" && common.value === null)) return "–";
  const heads: Partial<Record<typeof common.kind, string>> = {
    ruled: "rule",
    noted: "noted:",
    unruled: "no rule about",
    refused: "by",
    beside: "by",
  };
  const name = heads[common.kind] ?? common.name;
  return `${name} ${common.value ?? "none"} (${common.rows})`;
}
