import { expect, it } from "vitest";
import { compilePin } from "../../lib/compile/pin/pin.ts";
import { nothing } from "../../lib/console/html.ts";
import type { Visit } from "../../lib/console/route.ts";
import { rollbackPage } from "../../lib/console/runs/rollback-page.ts";
import { textsIn } from "../../lib/console/texts/texts.ts";
import type { Run } from "../../lib/data/runs.ts";
import { detached, harmless } from "../../lib/define/builders.ts";
import { leftBeside } from "../../lib/evidence/pinned.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";

const effects = {
  outbox: harmless("Mails go out <by it>."),
  "users.mail": detached("It is switched off."),
};
const run = { reference: "ecoin-1", pin: compilePin({ ...ecoin, effects }), erased_at: null };

it("R17 D37 what the platform does by itself is said to stay, with why, before a rollback is begun", () => {
  const beside = leftBeside(run as unknown as Run);
  expect(beside).toEqual(["outbox (Mails go out <by it>)"]);
  const visit = {
    ...{ texts: textsIn("en"), language: "en", tokenFor: () => "t", said: (says: string) => says },
    ...{
      named: (name: string) => name,
      person: { name: "karim", permissions: [] },
      request: { path: "/", query: new URLSearchParams() },
    },
  } as unknown as Visit;
  const page = (others: readonly string[]) => {
    const { body } = rollbackPage(visit, {
      ...{ head: nothing, run: run as never, open: [], waves: [], entries: 1, doing: undefined },
      beside: others,
    });
    return String(body);
  };
  expect(page(beside)).toContain(
    "What the platform does by itself is not taken back: outbox (Mails go out &lt;by it&gt;).",
  );
  expect(page([])).not.toContain("by itself");
});

it("D35 a run whose pin is not understood has its page all the same", () => {
  expect(leftBeside({ ...run, pin: { format: 99 } } as unknown as Run)).toEqual([]);
});
