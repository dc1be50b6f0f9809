import * as z from "zod";
import { aspects, type Verdict } from "../../review/samples/samples.ts";
import { Refusal } from "../../services/errors.ts";
import type { PageRequest } from "../request.ts";

const RowId = z.coerce.number().int().positive();
const Wrong = z.array(z.enum(aspects));
/** As the terminal sends a verdict. */
const Sent = z.object({
  row: RowId,
  verdict: z.enum(["right", "wrong"]),
  wrong: Wrong.default([]),
});

/**
 * The verdicts of a request: fields `verdict-ROW` and `wrong-ROW` of a form, or the list `verdicts`
 * of JSON. Rows nobody chose a verdict for are left alone. Errors: `VerdictUnclear`.
 */
export function verdictsOf({ form }: PageRequest): readonly Verdict[] {
  const sent = (form.get("verdicts") ?? []).map((each) => Sent.safeParse(parsed(each)));
  const chosen = [...form].flatMap(([name, [verdict]]) =>
    name.startsWith("verdict-")
      ? [Sent.safeParse({ row: name.slice(8), verdict, wrong: form.get(`wrong-${name.slice(8)}`) })]
      : [],
  );
  return [...sent, ...chosen].map((verdict) => {
    if (!verdict.success) throw unclear("A verdict is right or wrong, about a row of the sample");
    const { row, verdict: says, wrong } = verdict.data;
    if (says === "wrong" && wrong.length === 0) {
      throw unclear(`Row ${row} is called wrong without saying what is wrong`);
    }
    // With “right” chosen the page hides what was ticked before: it no longer counts.
    return { stagedId: row, wrong: says === "right" ? [] : [...new Set(wrong)] };
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const unclear = (what: string) =>
  new Refusal(
    "VerdictUnclear",
    `${what}. No verdict was kept; choose among ${aspects.join(", ")}, then save again.`,
  );
