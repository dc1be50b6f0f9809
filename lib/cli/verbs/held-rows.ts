import { heldWho, holdStands } from "../../review/rows/held-rows.ts";
import { askToDecide, type Ended } from "../ask-signed.ts";
import type { Answer, Frame } from "../command.ts";
import { runNamed } from "../runs.ts";
import { saysWithdrawn } from "./stages.ts";
import { rowNamed } from "./why.ts";
import { withAws } from "./with-aws.ts";

/** `wavegate hold|release`: keeps one row from the waves, or lets it go again, with a reason. */
export const heldRow = (
  frame: Frame,
  verb: "hold" | "release",
  options: { run: string; row: string; reason: string; heldBy?: string },
): Promise<Answer> =>
  withAws(frame, async (aws) => {
    const run = await runNamed(aws.db, options.run);
    const { row: found } = await rowNamed(aws, run, options.row);
    const row = Number(found.id);
    const { reason } = options;
    const now = options.heldBy === undefined ? undefined : await heldWho(aws.db, run, row);
    const { held, ended } = await askToDecide<Ended & { held: boolean }>(aws, {
      decide: verb,
      run: run.id,
      row,
      reason,
      ...(now?.by === options.heldBy ? { seen: holdStands(now) } : {}),
    });
    if (verb === "hold") {
      const says = `Row ${row} is held: no wave takes it. What was signed off stays so.`;
      return { json: { run: run.reference, row, held: true }, text: [says] };
    }
    const says = !held
      ? `Row ${row} may go with the next wave. Nobody signed for that: the sign-offs of the waves not yet written are void, and \`wavegate resume --run ${run.reference}\` asks anew.`
      : `Nobody holds row ${row} any more; the plan of the migration does, as \`wavegate why\` says.`;
    const answer = { json: { run: run.reference, row, held }, text: [says] };
    return ended.length === 0 ? answer : saysWithdrawn(run, answer);
  });
